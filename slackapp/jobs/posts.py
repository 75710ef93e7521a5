"""Keeping what was posted true: one message per recipient about one thing, posted once and edited after that."""

from collections.abc import Mapping

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks.kit import Block
from slackapp.jobs.delivery import Letter, Message, composed, send
from slackapp.jobs.shell import Shell
from slackapp.store.deliveries import Delivery

#: The channel will not take it: people are told in private instead.
CLOSED = {
    "not_in_channel",
    "channel_not_found",
    "is_archived",
    "restricted_action",
    "no_permission",
    "ekm_access_denied",
    "messages_tab_disabled",
}


class Posts:
    """The messages about one thing, of one kind."""

    def __init__(
        self,
        shell: Shell,
        client: AsyncWebClient,
        workspace_id: str,
        kind: str,
        about: str,
        posted: Mapping[str, Delivery],
    ) -> None:
        self._shell, self._client, self._workspace_id = shell, client, workspace_id
        self._kind, self._about, self._posted = kind, about, posted

    def has(self, recipient: str) -> bool:
        return recipient in self._posted

    async def keep(
        self,
        recipient: str,
        message: Message | None,
        *,
        otherwise: Message | None = None,
        thread_ts: str | None = None,
    ) -> bool:
        """Post, edit or leave alone, so that the recipient reads what stands. False: the channel is closed to us.

        Without a `message`, what was posted becomes `otherwise`, and nothing new is posted.
        """
        before = self._posted.get(recipient)
        if before is not None and before.message_ts and before.channel_id:
            if (now := message or otherwise) is not None:
                await self._edit(before.channel_id, before.message_ts, *now)
            return True
        if before is not None:
            return before.outcome not in CLOSED
        if message is None:
            return True
        return await self._send(recipient, message, thread_ts)

    async def _edit(self, channel: str, ts: str, text: str, blocks: list[Block]) -> None:
        try:
            await self._client.chat_update(channel=channel, ts=ts, text=text, blocks=blocks)
        except SlackApiError as refused:
            if refused.response["error"] not in {"message_not_found", "cant_update_message", *CLOSED}:
                raise

    async def _send(self, recipient: str, message: Message, thread_ts: str | None) -> bool:
        letter = Letter(self._workspace_id, recipient, self._kind, self._about)
        client = await self._shell.client(self._workspace_id, once=True)
        return await send(self._shell, client, letter, composed(message), thread_ts=thread_ts) not in CLOSED
