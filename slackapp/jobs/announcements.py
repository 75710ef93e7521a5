"""Telling people what was given to them, and keeping what was posted true.

`announce` compares what stands with what was posted and closes the gap, so it may run any number of times.
"""

from procrastinate import Blueprint, JobContext, RetryStrategy
from slack_sdk.errors import SlackApiError

from slackapp.blocks import replies
from slackapp.jobs.homes import refresh
from slackapp.jobs.posts import CLOSED, Posts
from slackapp.jobs.shell import NotInstalledError, shell_of
from slackapp.store import deliveries, gestures, people

tasks = Blueprint()
KIND = "announcement"


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
    posts = Posts(shell, client, workspace_id, KIND, source_key, posted)
    standing = [gesture for gesture in recorded if gesture.stands]
    quiet = {user for user, person in known.items() if person.preferences.thanked == "private"}
    in_public = [g for g in standing if g.visibility == "channel" and g.receiver not in quiet]
    in_private = [g for g in standing if g not in in_public]
    channel = next((gesture.source.channel_id for gesture in recorded if gesture.source.channel_id), None)
    closed = False
    if channel is not None and channel.startswith(("C", "G")):
        thread = recorded[0].source.message_ts
        paused = {user for user, person in known.items() if person.preferences.paused}
        closed = not await posts.keep(
            channel,
            replies.announcement(in_public, unnotified={user: known[user].name for user in paused})
            if in_public
            else None,
            otherwise=replies.taken_back(),
            thread_ts=thread,
        )
    else:
        closed = True
    if closed:
        in_private = standing
    for receiver in {gesture.receiver for gesture in recorded}:
        mine = [gesture for gesture in in_private if gesture.receiver == receiver]
        fell_back = closed and bool(mine) and mine[0].visibility == "channel" and receiver not in quiet
        if receiver in known and known[receiver].preferences.paused and not posts.has(receiver):
            continue  # it is on their Home; no message reaches them
        await posts.keep(
            receiver,
            replies.private_note(mine[0], fell_back=fell_back) if mine else None,
            otherwise=replies.taken_back(),
        )


@tasks.task(name="answer", pass_context=True, retry=RetryStrategy(max_attempts=4, exponential_wait=3))
async def answer(
    context: JobContext, *, workspace_id: str, source_key: str, user_id: str, channel_id: str | None
) -> None:
    """Told twice after a crash at the wrong moment: harmless, since only the giver sees it."""
    shell = shell_of(context)
    async with shell.database.workspace(workspace_id) as db:
        recorded = await gestures.of_source(db, workspace_id, source_key, user_id)
        receivers = [gesture.receiver for gesture in recorded]
        known = (await people.known(db, workspace_id, [user_id, *receivers])).people
    if user_id in known and known[user_id].preferences.paused:
        return
    try:
        client = await shell.client(workspace_id)
    except NotInstalledError:
        return
    text, blocks = replies.what_counts(recorded, known)
    if channel_id is not None:
        try:
            await client.chat_postEphemeral(channel=channel_id, user=user_id, text=text, blocks=blocks)
        except SlackApiError as refused:
            if refused.response["error"] not in {*CLOSED, "user_not_in_channel"}:
                raise
        else:
            return
    await client.chat_postMessage(channel=user_id, text=text, blocks=blocks)
