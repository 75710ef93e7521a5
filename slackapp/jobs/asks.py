"""Asks and offers: the card is true, both sides know how it stands, and what waited too long is over.

Each job compares what stands with what was posted and closes the gap, so it may run any number of times.
"""

from uuid import UUID

from procrastinate import Blueprint, JobContext, RetryStrategy
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks import asks as screens
from slackapp.domain.asks import Ask
from slackapp.jobs.posts import Posts
from slackapp.jobs.shell import NotInstalledError, shell_of
from slackapp.store import asks, deliveries, people, queue

tasks = Blueprint()
_RETRY = RetryStrategy(max_attempts=5, exponential_wait=4)


@tasks.task(name="keep_ask", pass_context=True, retry=_RETRY)
async def keep_ask(context: JobContext, *, workspace_id: str, ask_id: str) -> None:
    """The card in the channel, a card for each person asked, and a note to the asker where no card could go."""
    shell, number = shell_of(context), UUID(ask_id)
    async with shell.database.workspace(workspace_id) as db:
        ask = await asks.find(db, workspace_id, number)
        if ask is None:
            return
        offers = await asks.offers_to(db, workspace_id, number)
        posted = await deliveries.about(db, workspace_id, "ask", ask_id)
        noted = await deliveries.about(db, workspace_id, "ask_not_posted", ask_id)
        listed = ask.channel_id and await deliveries.about(db, workspace_id, "open_asks", ask.channel_id)
        known = (await people.known(db, workspace_id, [ask.asker, *ask.people])).people
    try:
        client = await shell.client(workspace_id)
    except NotInstalledError:
        return
    cards = Posts(shell, client, workspace_id, "ask", ask_id, posted)
    message = screens.card(ask, offers)
    if ask.channel_id is not None:
        fresh = message if ask.is_open else None
        stands = await cards.keep(ask.channel_id, fresh, otherwise=message)
        if not stands and not known[ask.asker].preferences.paused:
            notes = Posts(shell, client, workspace_id, "ask_not_posted", ask_id, noted)
            await notes.keep(
                ask.asker, screens.not_posted(ask) if ask.text else None, otherwise=screens.card(ask, offers)
            )
        elif not ask.is_public and await _is_public(client, ask):
            async with shell.database.workspace(workspace_id) as db:
                await asks.seen_by_all(db, workspace_id, number)
    for person in ask.people:
        if person in known and known[person].takes_part and not known[person].preferences.paused:
            await cards.keep(person, message if ask.is_open else None, otherwise=message)
    if listed:
        async with shell.database.workspace(workspace_id) as db:
            await queue.defer(db, queue.keep_open_asks(workspace_id, str(ask.channel_id)))


async def _is_public(client: AsyncWebClient, ask: Ask) -> bool:
    """Only what everybody here may read is shown to everybody. When Slack does not say, it is not."""
    try:
        found = await client.conversations_info(channel=str(ask.channel_id))
    except SlackApiError:
        return False
    channel = found["channel"]
    return not (channel.get("is_private") or channel.get("is_ext_shared") or channel.get("is_im"))


@tasks.task(name="keep_offer", pass_context=True, retry=_RETRY)
async def keep_offer(context: JobContext, *, workspace_id: str, offer_id: str) -> None:
    shell, number = shell_of(context), UUID(offer_id)
    async with shell.database.workspace(workspace_id) as db:
        offer = await asks.find_offer(db, workspace_id, number)
        if offer is None:
            return
        ask = await asks.find(db, workspace_id, offer.ask_id) if offer.ask_id else None
        told = {
            kind: await deliveries.about(db, workspace_id, kind, offer_id)
            for kind in ("offer", "offer_done", "offer_answer")
        }
        known = (await people.known(db, workspace_id, [offer.helper, offer.receiver])).people
    try:
        client = await shell.client(workspace_id)
    except NotInstalledError:
        return

    def posts(kind: str) -> Posts:
        return Posts(shell, client, workspace_id, kind, offer_id, told[kind])

    def listens(user: str) -> bool:
        return known[user].takes_part and not known[user].preferences.paused

    if listens(offer.receiver):
        now = screens.for_receiver(offer, ask)
        first = offer.stage not in {"withdrawn", "expired", "declined"} and not (
            offer.ask_id is not None and offer.stage == "helped" and offer.thanked
        )
        await posts("offer").keep(offer.receiver, now if first else None, otherwise=now)
        question = screens.done_question(offer, ask)
        asking = offer.claimed and not offer.helped and offer.stage != "withdrawn"
        # Where the first message is new and asks already, a second would ask twice.
        if told["offer"] or told["offer_done"]:
            await posts("offer_done").keep(offer.receiver, question if asking else None, otherwise=question)
    if listens(offer.helper):
        await posts("offer_answer").keep(
            offer.helper, screens.for_helper(offer, ask), otherwise=screens.helper_quiet(offer)
        )
    if offer.ask_id is not None:
        async with shell.database.workspace(workspace_id) as db:
            await queue.defer(db, queue.keep_ask(workspace_id, offer.ask_id))


@tasks.task(name="suggest_helper", pass_context=True, retry=_RETRY)
async def suggest_helper(
    context: JobContext, *, workspace_id: str, ask_id: str, suggested_by: str, suggested: str
) -> None:
    """One person is suggested once, however many think of them."""
    shell = shell_of(context)
    about = f"{ask_id}:{suggested}"
    async with shell.database.workspace(workspace_id) as db:
        ask = await asks.find(db, workspace_id, UUID(ask_id))
        posted = await deliveries.about(db, workspace_id, "suggestion", about)
        known = (await people.known(db, workspace_id, [ask.asker] if ask else [])).people
    if ask is None or not ask.is_open or known[ask.asker].preferences.paused:
        return
    try:
        client = await shell.client(workspace_id)
    except NotInstalledError:
        return
    await Posts(shell, client, workspace_id, "suggestion", about, posted).keep(
        ask.asker, screens.suggestion(ask, suggested_by, suggested)
    )


@tasks.task(name="keep_open_asks", pass_context=True, retry=_RETRY)
async def keep_open_asks(context: JobContext, *, workspace_id: str, channel_id: str) -> None:
    shell = shell_of(context)
    async with shell.database.workspace(workspace_id) as db:
        found = await asks.in_channel(db, workspace_id, channel_id, now=shell.now())
        posted = await deliveries.about(db, workspace_id, "open_asks", channel_id)
    try:
        client = await shell.client(workspace_id)
    except NotInstalledError:
        return
    await Posts(shell, client, workspace_id, "open_asks", channel_id, posted).keep(
        channel_id, screens.open_asks(found)
    )


@tasks.task(name="expire_offers", pass_context=True, retry=_RETRY)
async def expire_offers(context: JobContext, *, workspace_id: str) -> None:
    """Silently: what was posted is edited, and nobody is told anew."""
    shell = shell_of(context)
    async with shell.database.workspace(workspace_id) as db:
        expired = await asks.expire(db, workspace_id, shell.now())
        await queue.defer(db, *(queue.keep_offer(workspace_id, offer) for offer in expired))
