"""Asks: the card is true, and so is the list of what is open in a channel.

Each job compares what stands with what was posted and closes the gap, so it may run any number of times.
"""

from uuid import UUID

from procrastinate import Blueprint, JobContext, RetryStrategy
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks import asks as screens
from slackapp.domain.asks import Ask, offer_id_of
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


@tasks.task(name="suggest_helper", pass_context=True, retry=_RETRY)
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
        offered = await asks.find_offer(db, workspace_id, offer_id)
    if ask is None or not ask.is_open or known[ask.asker].preferences.paused:
        return
    if suggested in ask.people or (offered is not None and not offered.is_over):
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
