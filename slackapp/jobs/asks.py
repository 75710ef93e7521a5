"""Asks: the card is true, and so is the list of what is open in a channel.

Each job compares what stands with what was posted and closes the gap, so it may run any number of times.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from procrastinate import Blueprint, JobContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks import asks as screens
from slackapp.domain.asks import Ask, Offer, offer_id_of
from slackapp.domain.deliveries import CHANNEL_CLOSED, verdict
from slackapp.jobs.channels import is_public, may_write
from slackapp.jobs.delivery import AsSlackSays, TryLater, refusal
from slackapp.jobs.posts import Kept, Posts
from slackapp.jobs.shell import OneByOne, Shell, shell_of, where_installed
from slackapp.store import asks, deliveries, offers, people, queue
from slackapp.store.deliveries import Delivery

tasks = Blueprint()
_RETRY = AsSlackSays(max_attempts=5, exponential_wait=4)


@tasks.task(name="keep_ask", pass_context=True, retry=_RETRY)
@where_installed
async def keep_ask(context: JobContext, *, workspace_id: str, ask_id: str, by_workflow: bool = False) -> None:
    """A card in the channel or for each person asked, and one for the asker where no other shows how it stands."""
    shell, number = shell_of(context), UUID(ask_id)
    async with shell.database.workspace(workspace_id) as db:
        ask = await asks.find(db, workspace_id, number)
        if ask is None:
            return
        answers = await offers.to_ask(db, workspace_id, number)
        told = {kind: await deliveries.about(db, workspace_id, kind, ask_id) for kind in _KINDS}
        listed = ask.channel_id and await deliveries.about(db, workspace_id, "open_asks", ask.channel_id)
        suggested = (
            await deliveries.begun_with(db, workspace_id, ask.asker, "suggestion", f"{ask_id} ")
            if ask.text is None
            else {}
        )
        known = (await people.known(db, workspace_id, [ask.asker, *ask.people])).people
    client = await shell.client(workspace_id)

    def posts(kind: str) -> Posts:
        return Posts(shell, client, workspace_id, kind, ask_id, told[kind])

    def listens(user: str) -> bool:
        return user in known and known[user].takes_part and not known[user].preferences.paused

    cards = posts("ask")
    if ask.channel_id is not None:
        card = screens.card(ask, answers)
        if cards.has(ask.channel_id) or by_workflow or await may_write(client, ask.asker, ask.channel_id):
            kept = await cards.keep(ask.channel_id, card if ask.is_open else None, otherwise=card)
        else:
            kept = Kept.CLOSED
        if listens(ask.asker):
            await _note(posts, ask, answers, kept, by_workflow=by_workflow)
            if told["own_ask"] or (by_workflow and kept is not Kept.CLOSED):
                own = screens.asked_by_workflow(ask, answers)
                await posts("own_ask").keep(ask.asker, own if ask.is_open else None, otherwise=own)
        if kept is Kept.STANDS or ask.is_public:
            await _show_where_it_may_be(shell, client, workspace_id, ask, ask.channel_id)
    elif listens(ask.asker):
        unreached = [known[user] for user in ask.people if user in known and not listens(user)]
        own = screens.own_card(ask, answers, unreached=unreached)
        await posts("own_ask").keep(ask.asker, own if ask.is_open else None, otherwise=own)
    for user in filter(listens, ask.people):
        card = screens.card(ask, answers, reader=user)
        await cards.keep(user, card if ask.is_open else None, otherwise=card)
    for about, told_of in suggested.items():
        posted = {ask.asker: told_of}
        await Posts(shell, client, workspace_id, "suggestion", about, posted).keep(
            ask.asker, None, otherwise=screens.suggestion_over()
        )
    if listed:
        async with shell.database.workspace(workspace_id) as db:
            await queue.defer(db, queue.keep_open_asks(workspace_id, str(ask.channel_id)))


_KINDS = ("ask", "own_ask", "ask_not_posted", "ask_not_kept")


async def _note(
    posts: Callable[[str], Posts], ask: Ask, answers: Sequence[Offer], kept: Kept, *, by_workflow: bool
) -> None:
    """The asker hears once that the channel does not take the card, or no change of it, and what to do."""
    again = screens.kept_again(ask, answers)
    never, stale = screens.not_posted(ask, answers, by_workflow=by_workflow), screens.not_kept(ask, answers)
    closed = kept is Kept.CLOSED
    await posts("ask_not_posted").keep(
        ask.asker, never if closed and ask.is_open else None, otherwise=never if closed else again
    )
    await posts("ask_not_kept").keep(
        ask.asker, stale if kept is Kept.STALE else None, otherwise=stale if kept is Kept.STALE else again
    )


async def _show_where_it_may_be(
    shell: Shell, client: AsyncWebClient, workspace_id: str, ask: Ask, channel_id: str
) -> None:
    public = await is_public(client, channel_id)
    if public != ask.is_public:
        async with shell.database.workspace(workspace_id) as db:
            if public:
                await asks.seen_by_all(db, workspace_id, ask.ask_id)
            else:
                await asks.stay_in(db, workspace_id, channel_id)


@tasks.task(name=queue.TAKE_DOWN_ASKS, pass_context=True, retry=_RETRY)
@where_installed
async def take_down_asks(context: JobContext, *, workspace_id: str, messages: list[tuple[str, str]]) -> None:
    """A message that is gone, or stands where we may not write any more, is let go: nothing here leads to it.

    However many there are: where Slack says to wait, the client waits and goes on.
    """
    client = await shell_of(context).client(workspace_id)
    text, blocks = screens.taken_back()
    for channel, ts in messages:
        try:
            await client.chat_update(channel=channel, ts=ts, text=text, blocks=blocks)
        except SlackApiError as refused:
            status, error, wait = refusal(refused)
            what = verdict(status, error)
            if what == "again":
                raise TryLater(wait) from refused
            if what == "unknown":
                raise


@tasks.task(name="look_after_asks", pass_context=True, retry=_RETRY)
@where_installed
async def look_after_asks(context: JobContext, *, workspace_id: str) -> None:
    """What no press brings about: a channel has become private, and on posted lists a day is over."""
    shell = shell_of(context)
    client = await shell.client(workspace_id)
    async with shell.database.workspace(workspace_id) as db:
        shown = await asks.public_channels(db, workspace_id, now=shell.now())
        listed = await deliveries.posted_to(db, workspace_id, "open_asks")
        await queue.defer(db, *(queue.keep_open_asks(workspace_id, channel) for channel in listed))
    with OneByOne() as channels:
        for channel in shown:
            with channels.each():
                if not await is_public(client, channel):
                    async with shell.database.workspace(workspace_id) as db:
                        await asks.stay_in(db, workspace_id, channel)


@tasks.task(name="suggest_helper", pass_context=True, retry=_RETRY)
@where_installed
async def suggest_helper(
    context: JobContext, *, workspace_id: str, ask_id: str, suggested_by: str, suggested: str
) -> None:
    """One person is suggested once, however many think of them, and not when they have offered meanwhile."""
    shell = shell_of(context)
    about = f"{ask_id} {suggested}"
    async with shell.database.workspace(workspace_id) as db:
        ask = await asks.find(db, workspace_id, UUID(ask_id))
        posted = await deliveries.about(db, workspace_id, "suggestion", about)
        known = (await people.known(db, workspace_id, [ask.asker] if ask else [])).people
        offer_id = offer_id_of(workspace_id, suggested, UUID(ask_id))
        offered = await offers.find(db, workspace_id, offer_id)
    if ask is None or not ask.is_open or known[ask.asker].preferences.paused:
        return
    if suggested in ask.people or (offered is not None and not offered.is_over):
        return
    client = await shell.client(workspace_id)
    await Posts(shell, client, workspace_id, "suggestion", about, posted).keep(
        ask.asker, screens.suggestion(ask, suggested_by, suggested)
    )


@tasks.task(name="keep_open_asks", pass_context=True, retry=_RETRY)
@where_installed
async def keep_open_asks(
    context: JobContext, *, workspace_id: str, channel_id: str, wanted_by: str | None = None
) -> None:
    """Whoever wanted the list hears where it is; told twice after a crash, which only they see."""
    shell, link = shell_of(context), None
    client = await shell.client(workspace_id)
    async with shell.database.workspace(workspace_id) as db:
        posted = await deliveries.about(db, workspace_id, "open_asks", channel_id)
    if wanted_by is not None and not await may_write(client, wanted_by, channel_id):
        return
    if wanted_by is not None and channel_id in posted:
        link = await _link(client, posted[channel_id])
    async with shell.database.workspace(workspace_id) as db:
        if wanted_by is not None and link is None:
            # Refused before it may be welcome now, and what was deleted is wanted again.
            await deliveries.forget(db, workspace_id, channel_id, ["open_asks"], {*CHANNEL_CLOSED, "sent"})
            posted = {}
        found = await asks.in_channel(db, workspace_id, channel_id, now=shell.now())
        known = (await people.known(db, workspace_id, [ask.asker for ask in found])).people
    names = {user: person.name for user, person in known.items()}
    kept = await Posts(shell, client, workspace_id, "open_asks", channel_id, posted).keep(
        channel_id, screens.open_asks(found, names)
    )
    if wanted_by is not None and (link is not None or kept is Kept.CLOSED):
        stands = link if kept is Kept.STANDS else None
        text, blocks = screens.list_is_there(stands) if stands else screens.list_not_posted(channel_id)
        try:
            await client.chat_postMessage(channel=wanted_by, text=text, blocks=blocks)
        except SlackApiError as refused:
            if refused.response["error"] not in CHANNEL_CLOSED:  # nobody is there to hear it
                raise


async def _link(client: AsyncWebClient, there: Delivery) -> str | None:
    """None: it was never posted, or is not there any more."""
    if there.channel_id is None or there.message_ts is None:
        return None
    try:
        found = await client.chat_getPermalink(channel=there.channel_id, message_ts=there.message_ts)
    except SlackApiError as refused:
        if refused.response["error"] not in {*CHANNEL_CLOSED, "message_not_found"}:
            raise
        return None
    return str(found["permalink"])
