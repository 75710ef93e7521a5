"""What a channel is: asked again before anything is carried out of it, since a public one may become private."""

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.jobs.shell import Shell
from slackapp.store import policies
from slackapp.store.policies import Channel


async def look_at(shell: Shell, client: AsyncWebClient, workspace_id: str, channel_id: str) -> Channel:
    """A channel that Slack does not show us is taken for a private one, and asked about again next time."""
    try:
        info = (await client.conversations_info(channel=channel_id))["channel"]
    except SlackApiError as refused:
        if refused.response["error"] not in {"channel_not_found", "missing_scope"}:
            raise
        async with shell.database.workspace(workspace_id) as db:
            await policies.forget_channel(db, workspace_id, channel_id)
        return Channel(is_general=False, is_private=True)
    found = Channel(bool(info.get("is_general")), bool(info.get("is_private")))
    async with shell.database.workspace(workspace_id) as db:
        await policies.met_channel(db, workspace_id, channel_id, found)
    return found
