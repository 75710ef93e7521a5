"""What Mutual asks of Slack, and why; shown to whoever installs it. `manifest.yml` asks for exactly these.

A new scope is one line here and one in the manifest; tests find out from the code whether it is needed.
"""

from collections.abc import Collection, Mapping

REQUIRED: Mapping[str, str] = {
    "app_mentions:read": "for “@Mutual thanks @ana …”",
    "channels:read": "to keep a team in step with a public channel, and to know where everybody may read",
    "chat:write": "to tell receivers, and to post public kudos where Mutual is a member",
    "commands": "for /kudos and the shortcuts",
    "files:write": "to send people a copy of what is stored about them, and to show a team’s pictures",
    "im:history": "to answer when somebody writes to Mutual",
    "im:write": "to send them that copy where only they see it",
    "reactions:read": "for reactions that mean kudos or thanks",
    "users:read": "to know names, and who is an app or has left",
}

#: Without these, something smaller does not work, and says nothing of itself.
OPTIONAL: Mapping[str, str] = {
    "channels:history": "for kudos typed in public channels Mutual is invited to",
    "groups:history": "for kudos typed in private channels Mutual is invited to",
    "groups:read": "to keep a team in step with a private channel that Mutual is invited to",
    "usergroups:read": "for kudos to a user group, and to keep a team in step with one",
}


def lacking(granted: Collection[str]) -> list[str]:
    """The required scopes that were not granted. Nothing known of the grant means nothing is said."""
    return [scope for scope in REQUIRED if scope not in granted] if granted else []
