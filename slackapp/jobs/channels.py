"""What a channel is, and who may write there: asked each time, since a public channel may become private."""

from collections.abc import Iterable

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.domain.people import Person
from slackapp.jobs.shell import Shell
from slackapp.store import policies
from slackapp.store.policies import Channel

#: Slack says for certain that it shows us no such channel. Anything else it may say differently in a minute.
_HIDDEN = {
    "access_denied",
    "channel_not_found",
    "ekm_access_denied",
    "method_not_supported_for_channel_type",
    "missing_scope",
    "no_permission",
}


async def look_at(shell: Shell, client: AsyncWebClient, workspace_id: str, channel_id: str) -> Channel:
    """A channel that Slack does not show us is taken for a private one, and asked about again next time."""
    try:
        info = (await client.conversations_info(channel=channel_id))["channel"]
    except SlackApiError as refused:
        if refused.response["error"] not in _HIDDEN:
            raise
        async with shell.database.workspace(workspace_id) as db:
            await policies.forget_channel(db, workspace_id, channel_id)
        return Channel(is_general=False, is_private=True)
    found = Channel(bool(info.get("is_general")), bool(info.get("is_private")))
    async with shell.database.workspace(workspace_id) as db:
        await policies.met_channel(db, workspace_id, channel_id, found)
    return found


async def is_public(client: AsyncWebClient, channel_id: str) -> bool:
    """Only what everybody here may read is shown to everybody. A channel that Slack does not show us is not."""
    try:
        found = await client.conversations_info(channel=channel_id)
    except SlackApiError as refused:
        if refused.response["error"] not in _HIDDEN:
            raise
        return False
    channel = found["channel"]
    return not (channel.get("is_private") or channel.get("is_ext_shared") or channel.get("is_im"))


async def may_write(client: AsyncWebClient, user: str, channel_id: str) -> bool:
    """Whether they are in the channel, if it is a private one: what was sent need not come from Slack's menu.

    Where Slack does not tell us, it decides when we post.
    """
    try:
        if not (await client.conversations_info(channel=channel_id))["channel"].get("is_private"):
            return True
    except SlackApiError as refused:
        if refused.response["error"] not in _UNTOLD:
            raise
        return True
    return not await _not_in(client, {user}, channel_id)


async def outside(
    shell: Shell, client: AsyncWebClient, workspace_id: str, people: Iterable[Person], channel_id: str
) -> set[str]:
    """Who of these people is not told by a message in the channel: Slack notifies its members only.

    Where Slack does not tell us who they are, everybody is.
    """
    async with shell.database.workspace(workspace_id) as db:
        channel = await policies.channel(db, workspace_id, channel_id)
    if channel is None:
        channel = await look_at(shell, client, workspace_id, channel_id)
    # Everybody is in the general one but guests.
    asked = {
        person.user_id
        for person in people
        if person.takes_part and (person.is_guest or not channel.is_general)
    }
    return await _not_in(client, asked, channel_id) if asked else set()


async def _not_in(client: AsyncWebClient, users: set[str], channel_id: str) -> set[str]:
    """Who of them is no member. Where Slack does not tell us, nobody."""
    missing, cursor = set(users), ""
    try:
        while missing:
            page = await client.conversations_members(channel=channel_id, limit=1000, cursor=cursor)
            missing -= set(page["members"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
    except SlackApiError as refused:
        if refused.response["error"] not in _UNTOLD:
            raise
        return set()
    return missing


_UNTOLD = {"channel_not_found", "not_in_channel", "fetch_members_failed", "missing_scope"}
