"""Telling people what was given to them, and keeping what was posted true.

`announce` compares what stands with what was posted and closes the gap, so it may run any number of times.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from procrastinate import Blueprint, JobContext, RetryStrategy
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks import replies
from slackapp.domain.deliveries import ANNOUNCEMENT, CHANNEL_CLOSED, GATHERED, UNREACHED
from slackapp.domain.gestures import Recorded, telling, told_by
from slackapp.domain.people import Person
from slackapp.domain.policies import posting_place
from slackapp.jobs.channels import look_at, may_write, outside
from slackapp.jobs.delivery import AsSlackSays
from slackapp.jobs.homes import refresh
from slackapp.jobs.posts import Kept, Posts
from slackapp.jobs.shell import NotInstalledError, Shell, shell_of, where_installed
from slackapp.store import deliveries, gestures, people, policies, queue
from slackapp.store.deliveries import Delivery

tasks = Blueprint()
STALE, IN_NAME = "announcement_stale", "given_in_name"


@tasks.task(name="announce", pass_context=True, retry=AsSlackSays(max_attempts=5, exponential_wait=4))
async def announce(
    context: JobContext, *, workspace_id: str, source_key: str, giver: str, user_ids: list[str]
) -> None:
    shell = shell_of(context)
    # Side by side: a Home that Slack will not take must not keep kudos from being told, nor the other way round.
    done = await asyncio.gather(
        refresh(shell, workspace_id, user_ids),
        _announce(shell, workspace_id, source_key, giver),
        return_exceptions=True,
    )
    for failed in done:
        if isinstance(failed, BaseException) and not isinstance(failed, NotInstalledError):
            raise failed


async def _announce(shell: Shell, workspace_id: str, source_key: str, giver: str) -> None:
    """Raises NotInstalledError."""
    client = await shell.client(workspace_id)
    about = telling(source_key, giver)
    async with shell.database.workspace(workspace_id) as db:
        recorded = [act for act in await gestures.of_source(db, workspace_id, source_key, giver) if act.told]
        posted = await deliveries.about(db, workspace_id, ANNOUNCEMENT, about)
        everyone = {giver, *(gesture.receiver for gesture in recorded)}
        known = (await people.known(db, workspace_id, everyone)).people
    posts = Posts(shell, client, workspace_id, ANNOUNCEMENT, about, posted)
    standing = [gesture for gesture in recorded if gesture.stands]
    quiet = _quiet(known)
    in_public = _in_public(standing, quiet)
    channel = next((gesture.source.channel_id for gesture in recorded if gesture.source.channel_id), None)
    place = _placed(posted) or await _place(shell, client, workspace_id, channel)
    if place is not None and place == channel and source_key.startswith("view:") and not posted:
        # A command says where it was typed; in a form, a channel is chosen.
        place = place if await may_write(client, giver, place) else None
    thread = recorded[0].source.message_ts if recorded and place == channel else None
    if place is None:
        open_to_us = False
    elif thread is None and (gathered := await _gathered(shell, workspace_id, place, about, posted)):
        open_to_us = gathered not in UNREACHED
    else:
        kept = await posts.keep(
            place,
            replies.announcement(in_public, unnotified=_paused(known)) if in_public else None,
            otherwise=replies.taken_back(),
            thread_ts=thread,
        )
        open_to_us = kept is not Kept.CLOSED
        if posts.has(place):
            stale = kept is Kept.STALE and not in_public
            await _own_up(shell, client, workspace_id, about, place, stale=stale)
    elsewhere: set[str] = set()
    if open_to_us and place is not None:
        receivers = [known[g.receiver] for g in in_public if g.receiver in known]
        elsewhere = await outside(shell, client, workspace_id, receivers, place)
    in_private = [g for g in standing if not open_to_us or g not in in_public or g.receiver in elsewhere]
    alone = len({gesture.receiver for gesture in standing if gesture.visibility == "private"}) == 1
    for receiver in {gesture.receiver for gesture in recorded}:
        mine = [gesture for gesture in in_private if gesture.receiver == receiver]
        if receiver in known and known[receiver].preferences.paused and not posts.has(receiver):
            continue  # it is on their Home; no message reaches them
        why = _why(
            mine, quiet=receiver in quiet, open_to_us=open_to_us, closed=place is not None, alone=alone
        )
        note = replies.private_note(mine, why) if mine else None
        await posts.keep(receiver, note, otherwise=replies.taken_back())


def _why(
    mine: Sequence[Recorded], *, quiet: bool, open_to_us: bool, closed: bool, alone: bool
) -> replies.Why | None:
    """Why one receiver is told in private of what was given to them. `alone`: nobody else was given it."""
    for_all = [gesture.visibility == "channel" for gesture in mine]
    if not any(for_all) or (quiet and not all(for_all)):
        return None if alone else "a few"
    if quiet:
        return "their wish"
    if open_to_us:
        return "outside"
    return "closed" if closed else "not posted"


async def _own_up(
    shell: Shell, client: AsyncWebClient, workspace_id: str, about: str, channel_id: str, *, stale: bool
) -> None:
    """Whoever took something back hears when the channel goes on showing it, and when it no longer does."""
    _, giver = told_by(about)
    async with shell.database.workspace(workspace_id) as db:
        told = await deliveries.about(db, workspace_id, STALE, about)
        known = (await people.known(db, workspace_id, [giver])).people
    if not (stale or told) or giver not in known or known[giver].preferences.paused:
        return
    note = replies.still_there(channel_id) if stale else None
    await Posts(shell, client, workspace_id, STALE, about, told).keep(
        giver, note, otherwise=replies.right_again(channel_id)
    )


def _paused(known: Mapping[str, Person]) -> dict[str, str]:
    return {user: person.called for user, person in known.items() if person.preferences.paused}


def _quiet(known: Mapping[str, Person]) -> set[str]:
    return {user for user, person in known.items() if person.preferences.thanked == "private"}


def _in_public(recorded: Sequence[Recorded], quiet: set[str]) -> list[Recorded]:
    return [g for g in recorded if g.stands and g.visibility == "channel" and g.receiver not in quiet]


# Where ------------------------------------------------------------------------------------------------------------


def _placed(posted: Mapping[str, Delivery]) -> str | None:
    """Where it was posted already: a later change of policy moves nothing."""
    return next((recipient for recipient in posted if recipient.startswith(("C", "G"))), None)


async def _place(
    shell: Shell, client: AsyncWebClient, workspace_id: str, channel_id: str | None
) -> str | None:
    if channel_id is None or not channel_id.startswith(("C", "G")):
        return None
    async with shell.database.workspace(workspace_id) as db:
        policy = await policies.of(db, workspace_id)
        channel = await policies.channel(db, workspace_id, channel_id)
    # It may have become private since we met it, and then nothing said there is carried to another.
    if channel is None or policy.announce == "channel":
        channel = await look_at(shell, client, workspace_id, channel_id)
    return posting_place(policy, channel_id, general=channel.is_general, private=channel.is_private)


# Many at once -----------------------------------------------------------------------------------------------------

AT_ONCE = 3  # announcements a channel reads one by one within MINUTES; what follows is gathered
MINUTES = timedelta(minutes=5)


async def _gathered(
    shell: Shell, workspace_id: str, channel_id: str, told: str, posted: Mapping[str, Delivery]
) -> str | None:
    """Leave it to a message that gathers several, where the channel has just had some. None: post it now.

    Otherwise the outcome: “gathered”, or why the channel would not take the message.
    """
    before, now = posted.get(channel_id), shell.now()
    about = (workspace_id, channel_id, ANNOUNCEMENT, told)
    if before is not None:
        outcome, _, period = (before.outcome or "").partition(":")
        if outcome != GATHERED:
            return None
        async with shell.database.workspace(workspace_id) as db:
            # Until it is posted, the job that waits for its time will see what stands then.
            if channel_id in await deliveries.about(db, workspace_id, GATHERED, period):
                await queue.defer(db, queue.announce_gathered(workspace_id, channel_id, period))
        return GATHERED
    async with shell.database.workspace(workspace_id) as db:
        if await deliveries.lately(db, workspace_id, channel_id, ANNOUNCEMENT, now - MINUTES) < AT_ONCE:
            return None
        if not await deliveries.claim(db, *about, now):
            return GATHERED
        window = int(now.timestamp() // MINUTES.total_seconds())
        await deliveries.finish(db, *about, outcome=f"{GATHERED}:{window}")
        at = _when_over(window, now)
        await queue.defer(db, queue.announce_gathered(workspace_id, channel_id, str(window), at))
    return GATHERED


def _when_over(window: int, now: datetime) -> datetime:
    """The queue keeps real time, whatever the sandbox's clock says."""
    left = (window + 1) * MINUTES.total_seconds() - now.timestamp()
    return datetime.now(UTC) + timedelta(seconds=max(left, 0) + 0.5)


@tasks.task(
    name="announce_gathered", pass_context=True, retry=AsSlackSays(max_attempts=5, exponential_wait=4)
)
@where_installed
async def announce_gathered(context: JobContext, *, workspace_id: str, channel_id: str, period: str) -> None:
    """One message about several sources, kept true like any other. An undo before its time only makes it shorter."""
    shell = shell_of(context)
    now = shell.now()
    client = await shell.client(workspace_id)
    async with shell.database.workspace(workspace_id) as db:
        tellings = await deliveries.ended(db, workspace_id, channel_id, ANNOUNCEMENT, f"{GATHERED}:{period}")
        posted = await deliveries.about(db, workspace_id, GATHERED, period)
        recorded = [await gestures.of_source(db, workspace_id, *told_by(told)) for told in tellings]
        receivers = {gesture.receiver for acts in recorded for gesture in acts}
        known = (await people.known(db, workspace_id, receivers)).people
        quiet = _quiet(known)
    if channel_id not in posted and now.timestamp() // MINUTES.total_seconds() <= int(period):
        # Its time has not come: more may follow.
        async with shell.database.workspace(workspace_id) as db:
            at = _when_over(int(period), now)
            await queue.defer(db, queue.announce_gathered(workspace_id, channel_id, period, at))
        return
    standing = [acts for acts in (_in_public(found, quiet) for found in recorded) if acts]
    posts = Posts(shell, client, workspace_id, GATHERED, period, posted)
    message = replies.announcements(standing, unnotified=_paused(known)) if standing else None
    kept = await posts.keep(channel_id, message, otherwise=replies.taken_back())
    if kept is not Kept.CLOSED:
        for told, acts in zip(tellings, recorded, strict=True) if posts.has(channel_id) else ():
            stale = kept is Kept.STALE and not _in_public(acts, quiet)
            await _own_up(shell, client, workspace_id, told, channel_id, stale=stale)
        return
    async with shell.database.workspace(workspace_id) as db:
        why = (await deliveries.about(db, workspace_id, GATHERED, period))[channel_id].outcome
        assert why is not None
        for told, acts in zip(tellings, recorded, strict=True):
            await deliveries.finish(db, workspace_id, channel_id, ANNOUNCEMENT, told, outcome=why)
            concerned = sorted({user for act in acts for user in (act.giver, act.receiver)})
            await queue.defer(db, queue.announce(workspace_id, *told_by(told), concerned))


@tasks.task(name="answer", pass_context=True, retry=RetryStrategy(max_attempts=4, exponential_wait=3))
@where_installed
async def answer(
    context: JobContext,
    *,
    workspace_id: str,
    source_key: str,
    user_id: str,
    channel_id: str | None,
    thread_ts: str | None = None,
) -> None:
    """Told twice after a crash at the wrong moment: harmless, since only the giver sees it."""
    shell = shell_of(context)
    async with shell.database.workspace(workspace_id) as db:
        recorded = await gestures.of_source(db, workspace_id, source_key, user_id)
        everyone = [user_id, *(gesture.receiver for gesture in recorded)]
        known = (await people.known(db, workspace_id, everyone)).people
    if user_id in known and known[user_id].preferences.paused:
        return
    client = await shell.client(workspace_id)
    elsewhere: set[str] = set()
    if channel_id is not None and not any(act.told for act in recorded):
        receivers = [known[act.receiver] for act in recorded if act.stands and act.receiver in known]
        elsewhere = await outside(shell, client, workspace_id, receivers, channel_id)
    text, blocks = replies.what_counts(recorded, known, elsewhere=elsewhere)
    if channel_id is not None:
        try:
            await client.chat_postEphemeral(
                channel=channel_id, user=user_id, text=text, blocks=blocks, thread_ts=thread_ts
            )
        except SlackApiError as refused:
            if refused.response["error"] not in {*CHANNEL_CLOSED, "user_not_in_channel", "thread_not_found"}:
                raise
        else:
            return
    await client.chat_postMessage(channel=user_id, text=text, blocks=blocks)


@tasks.task(name="tell_giver", pass_context=True, retry=AsSlackSays(max_attempts=5, exponential_wait=4))
@where_installed
async def tell_giver(context: JobContext, *, workspace_id: str, source_key: str, giver: str) -> None:
    """In a direct message, which stays: whoever did not press anything may not be there to see an answer."""
    shell, about = shell_of(context), telling(source_key, giver)
    async with shell.database.workspace(workspace_id) as db:
        recorded = await gestures.of_source(db, workspace_id, source_key, giver)
        known = (await people.known(db, workspace_id, [giver, *(act.receiver for act in recorded)])).people
        told = await deliveries.about(db, workspace_id, IN_NAME, about)
    standing = [act for act in recorded if act.stands]
    if giver not in known or known[giver].preferences.paused or not standing:
        return
    client = await shell.client(workspace_id)
    message = replies.what_counts(standing, known, by_workflow=True)
    await Posts(shell, client, workspace_id, IN_NAME, about, told).keep(giver, message)
