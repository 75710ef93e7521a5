"""Which method and which event needs which scope. A method not named here needs none."""

from .errors import SlackError

# One of the alternatives is enough. conversations.* depend on the kind of channel, see `channel_scope`.
METHOD_SCOPES: dict[str, tuple[str, ...]] = {
    "chat.postMessage": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.update": ("chat:write",),
    "chat.delete": ("chat:write",),
    "chat.scheduleMessage": ("chat:write",),
    "users.list": ("users:read",),
    "users.info": ("users:read",),
    "users.lookupByEmail": ("users:read.email",),
    "usergroups.list": ("usergroups:read",),
    "usergroups.users.list": ("usergroups:read",),
    "team.info": ("team:read",),
    "bots.info": ("users:read",),
    "reactions.add": ("reactions:write",),
    "reactions.remove": ("reactions:write",),
    "reactions.get": ("reactions:read",),
    "files.getUploadURLExternal": ("files:write",),
    "files.completeUploadExternal": ("files:write",),
    "files.delete": ("files:write",),
    "files.info": ("files:read",),
    "conversations.list": ("channels:read", "groups:read", "im:read", "mpim:read"),
    "conversations.info": ("channels:read", "groups:read", "im:read", "mpim:read"),
    "conversations.members": ("channels:read", "groups:read", "im:read", "mpim:read"),
    "conversations.open": ("im:write", "mpim:write"),
    "conversations.join": ("channels:join",),
    "conversations.history": ("channels:history", "groups:history", "im:history", "mpim:history"),
    "conversations.replies": ("channels:history", "groups:history", "im:history", "mpim:history"),
}

# `{kind}` is channels, groups or im, by where it happened.
EVENT_SCOPES: dict[str, str] = {
    "app_mention": "app_mentions:read",
    "message": "{kind}:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "team_join": "users:read",
    "user_change": "users:read",
    "user_profile_changed": "users:read",
    "user_status_changed": "users:read",
    "member_joined_channel": "{kind}:read",
    "member_left_channel": "{kind}:read",
    "channel_archive": "channels:read",
    "channel_unarchive": "channels:read",
    "channel_created": "channels:read",
    "channel_rename": "channels:read",
    "channel_left": "channels:read",
    "group_archive": "groups:read",
    "group_unarchive": "groups:read",
    "group_rename": "groups:read",
    "group_left": "groups:read",
    "subteam_created": "usergroups:read",
    "subteam_updated": "usergroups:read",
    "subteam_members_changed": "usergroups:read",
}


def kind_of(*, is_private: bool, is_im: bool) -> str:
    if is_im:
        return "im"
    return "groups" if is_private else "channels"


def require(granted: frozenset[str], *alternatives: str) -> None:
    """Refuse as Slack does when none of the alternatives is granted."""
    if alternatives and granted.isdisjoint(alternatives):
        raise SlackError("missing_scope", needed=",".join(alternatives), provided=",".join(sorted(granted)))
