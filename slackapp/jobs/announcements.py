"""Telling people what was given to them, and keeping what was posted true.

`announce` compares what stands with what was posted and closes the gap, so it may run any number of times.
"""

from collections.abc import Sequence

from procrastinate import Blueprint, JobContext, RetryStrategy
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks import replies
from slackapp.blocks.kit import Block
from slackapp.domain.gestures import Recorded
from slackapp.jobs.homes import refresh
from slackapp.jobs.shell import NotInstalledError, Shell, shell_of
from slackapp.store import deliveries, gestures, people
from slackapp.store.deliveries import Delivery

tasks = Blueprint()
KIND = "announcement"

#: The channel will not take it: the receivers are told in private instead.
_CLOSED = {
    "not_in_channel",
    "channel_not_found",
    "is_archived",
    "restricted_action",
    "no_permission",
    "ekm_access_denied",
    "messages_tab_disabled",
}


@tasks.task(name="announce", pass_context=True, retry=RetryStrategy(max_attempts=5, exponential_wait=4))
async def announce(context: JobContext, *, workspace_id: str, source_key: str, user_ids: list[str]) -> None:
    shell = shell_of(context)
    try:
        await refresh(shell, workspace_id, user_ids)
        client = await shell.client(workspace_id)
    except NotInstalledError:
        return
    async with shell.database.workspace(workspace_id) as db:
        recorded = await gestures.of_source(db, workspace_id, source_key)
        posted = await deliveries.about(db, workspace_id, KIND, source_key)
        known = (await people.known(db, workspace_id, [gesture.receiver for gesture in recorded])).people
    post = _Post(shell, client, workspace_id, source_key, posted)
    standing = [gesture for gesture in recorded if gesture.stands]
    quiet = {user for user, person in known.items() if person.preferences.thanked == "private"}
    in_public = [g for g in standing if g.visibility == "channel" and g.receiver not in quiet]
    in_private = [g for g in standing if g not in in_public]
    channel = next((gesture.source.channel_id for gesture in recorded if gesture.source.channel_id), None)
    closed = False
    if channel is not None and channel.startswith(("C", "G")):
        thread = recorded[0].source.message_ts
        closed = not await post.keep(
            channel, in_public, replies.announcement(in_public) if in_public else None, thread_ts=thread
        )
    else:
        closed = True
    if closed:
        in_private = standing
    for receiver in {gesture.receiver for gesture in recorded}:
        mine = [gesture for gesture in in_private if gesture.receiver == receiver]
        fell_back = closed and bool(mine) and mine[0].visibility == "channel" and receiver not in quiet
        await post.keep(receiver, mine, replies.private_note(mine[0], fell_back=fell_back) if mine else None)


class _Post:
    """Keeps one message per recipient about one source."""

    def __init__(
        self,
        shell: Shell,
        client: AsyncWebClient,
        workspace_id: str,
        source_key: str,
        posted: dict[str, Delivery],
    ) -> None:
        self._shell, self._client, self._workspace_id = shell, client, workspace_id
        self._source_key, self._posted = source_key, posted

    async def keep(
        self,
        recipient: str,
        gestures_told: Sequence[Recorded],
        message: tuple[str, list[Block]] | None,
        thread_ts: str | None = None,
    ) -> bool:
        """Post, edit or leave alone, so that the recipient reads what stands. False: the channel is closed to us."""
        before = self._posted.get(recipient)
        if before is not None and before.message_ts and before.channel_id:
            text, blocks = message or replies.taken_back()
            await self._edit(before.channel_id, before.message_ts, text, blocks)
            return True
        if before is not None:
            return before.outcome not in _CLOSED
        if message is None:
            return True
        return await self._send(recipient, *message, thread_ts=thread_ts)

    async def _edit(self, channel: str, ts: str, text: str, blocks: list[Block]) -> None:
        try:
            await self._client.chat_update(channel=channel, ts=ts, text=text, blocks=blocks)
        except SlackApiError as refused:
            if refused.response["error"] not in {"message_not_found", "cant_update_message", *_CLOSED}:
                raise

    async def _send(self, recipient: str, text: str, blocks: list[Block], thread_ts: str | None) -> bool:
        about = (self._workspace_id, recipient, KIND, self._source_key)
        async with self._shell.database.workspace(self._workspace_id) as db:
            if not await deliveries.claim(db, *about, self._shell.now()):
                return True
        try:
            sent = await self._client.chat_postMessage(
                channel=recipient, text=text, blocks=blocks, thread_ts=thread_ts
            )
        except SlackApiError as refused:
            outcome = str(refused.response["error"])
            async with self._shell.database.workspace(self._workspace_id) as db:
                if outcome in {"ratelimited", "internal_error", "service_unavailable"}:
                    await deliveries.release(db, *about)
                else:
                    await deliveries.finish(db, *about, outcome=outcome)
            if outcome in _CLOSED:
                return False
            if outcome in {"ratelimited", "internal_error", "service_unavailable"}:
                raise
            return True
        async with self._shell.database.workspace(self._workspace_id) as db:
            await deliveries.finish(
                db, *about, outcome="sent", channel_id=sent["channel"], message_ts=sent["ts"]
            )
        return True


@tasks.task(name="answer", pass_context=True, retry=RetryStrategy(max_attempts=4, exponential_wait=3))
async def answer(
    context: JobContext, *, workspace_id: str, source_key: str, user_id: str, channel_id: str | None
) -> None:
    """Told twice after a crash at the wrong moment: harmless, since only the giver sees it."""
    shell = shell_of(context)
    async with shell.database.workspace(workspace_id) as db:
        recorded = await gestures.of_source(db, workspace_id, source_key, user_id)
        known = (await people.known(db, workspace_id, [gesture.receiver for gesture in recorded])).people
    try:
        client = await shell.client(workspace_id)
    except NotInstalledError:
        return
    text, blocks = replies.what_counts(recorded, known)
    if channel_id is not None:
        try:
            await client.chat_postEphemeral(channel=channel_id, user=user_id, text=text, blocks=blocks)
        except SlackApiError as refused:
            if refused.response["error"] not in {*_CLOSED, "user_not_in_channel"}:
                raise
        else:
            return
    await client.chat_postMessage(channel=user_id, text=text, blocks=blocks)
