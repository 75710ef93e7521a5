"""Keeping what was posted true: one message per recipient about one thing, posted once and edited after that."""

from collections.abc import Mapping
from enum import Enum

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks.kit import Block, Message
from slackapp.domain.deliveries import UNREACHED
from slackapp.jobs.delivery import Letter, composed, send
from slackapp.jobs.shell import Shell
from slackapp.store.deliveries import Delivery

#: What was posted is gone, or past changing: somebody wanted it so.
_SETTLED = {"message_not_found", "cant_update_message", "edit_window_closed"}


class Kept(Enum):
    STANDS = "the recipient reads what is true, or nothing needs saying"
    STALE = "the recipient has a message that can no longer be changed"
    CLOSED = "the recipient cannot be reached, and has never read it"


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
    ) -> Kept:
        """Post, edit or leave alone, so that the recipient reads what stands.

        Without a `message`, what was posted becomes `otherwise`, and nothing new is posted.
        """
        before = self._posted.get(recipient)
        if before is not None and before.message_ts and before.channel_id:
            now = message or otherwise
            if now is None or await self._edit(before.channel_id, before.message_ts, *now):
                return Kept.STANDS
            return Kept.STALE
        if before is not None:
            return Kept.CLOSED if before.outcome in UNREACHED else Kept.STANDS
        if message is None:
            return Kept.STANDS
        return await self._send(recipient, message, thread_ts)

    async def _edit(self, channel: str, ts: str, text: str, blocks: list[Block]) -> bool:
        """False: the channel is closed to us now."""
        try:
            await self._client.chat_update(channel=channel, ts=ts, text=text, blocks=blocks)
        except SlackApiError as refused:
            if refused.response["error"] in UNREACHED:
                return False
            if refused.response["error"] not in _SETTLED:
                raise
        return True

    async def _send(self, recipient: str, message: Message, thread_ts: str | None) -> Kept:
        letter = Letter(self._workspace_id, recipient, self._kind, self._about)
        client = await self._shell.client(self._workspace_id, once=True)
        outcome = await send(self._shell, client, letter, composed(message), thread_ts=thread_ts)
        return Kept.CLOSED if outcome in UNREACHED else Kept.STANDS
