"""Offers: both sides know how it stands, and what waited too long is over.

Each job compares what stands with what was posted and closes the gap, so it may run any number of times.
"""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from slackapp.blocks import offers as screens
from slackapp.jobs.delivery import AsSlackSays
from slackapp.jobs.posts import Posts
from slackapp.jobs.shell import shell_of, where_installed
from slackapp.store import asks, deliveries, offers, people, queue

tasks = Blueprint()
_RETRY = AsSlackSays(max_attempts=5, exponential_wait=4)


@tasks.task(name="keep_offer", pass_context=True, retry=_RETRY)
@where_installed
async def keep_offer(
    context: JobContext,
    *,
    workspace_id: str,
    offer_id: str,
    by_form: bool = False,
    made_again: bool = False,
) -> None:
    shell, number = shell_of(context), UUID(offer_id)
    async with shell.database.workspace(workspace_id) as db:
        offer = await offers.find(db, workspace_id, number)
        if offer is None:
            return
        ask = await asks.find(db, workspace_id, offer.ask_id) if offer.ask_id else None
        told = {
            kind: await deliveries.about(db, workspace_id, kind, offer_id)
            for kind in ("offer", "offer_done", "offer_answer", "offer_made")
        }
        again = await deliveries.begun_with(db, workspace_id, offer.receiver, "offer_again", f"{offer_id} ")
        known = (await people.known(db, workspace_id, [offer.helper, offer.receiver])).people
    client = await shell.client(workspace_id)

    def posts(kind: str) -> Posts:
        return Posts(shell, client, workspace_id, kind, offer_id, told[kind])

    def listens(user: str) -> bool:
        return known[user].takes_part and not known[user].preferences.paused

    if listens(offer.receiver):
        now = screens.for_receiver(offer, ask, helper_left=known[offer.helper].is_deactivated)
        first = offer.stage not in {"withdrawn", "expired", "declined", "undone"} and not (
            offer.ask_id is not None and offer.stage == "helped" and offer.thanked
        )
        before = told["offer"].get(offer.receiver)
        await posts("offer").keep(offer.receiver, now if first else None, otherwise=now)
        about = f"{offer_id} {offer.offered_at.timestamp():.0f}"
        if made_again and before is not None and about not in again:
            # A message of its own, since an edited one rings no bell.
            await Posts(shell, client, workspace_id, "offer_again", about, {}).keep(offer.receiver, now)
        for earlier, sent in again.items():
            posted = {offer.receiver: sent}
            await Posts(shell, client, workspace_id, "offer_again", earlier, posted).keep(
                offer.receiver, None, otherwise=now
            )
        question = screens.done_question(offer, ask)
        asking = offer.claimed and not offer.helped and offer.stage != "withdrawn"
        # Where the first message is new and asks already, a second would ask twice.
        if told["offer"] or told["offer_done"]:
            await posts("offer_done").keep(offer.receiver, question if asking else None, otherwise=question)
    if listens(offer.helper):
        if by_form or told["offer_made"]:
            made = screens.offer_made(offer, known[offer.receiver])
            await posts("offer_made").keep(offer.helper, made if by_form else None, otherwise=made)
        await posts("offer_answer").keep(
            offer.helper, screens.for_helper(offer, ask), otherwise=screens.helper_quiet(offer)
        )
    if offer.ask_id is not None:
        async with shell.database.workspace(workspace_id) as db:
            await queue.defer(db, queue.keep_ask(workspace_id, offer.ask_id))


@tasks.task(name="expire_offers", pass_context=True, retry=_RETRY)
async def expire_offers(context: JobContext, *, workspace_id: str) -> None:
    """Silently: what was posted is edited, and nobody is told anew."""
    shell = shell_of(context)
    async with shell.database.workspace(workspace_id) as db:
        expired = await offers.expire(db, workspace_id, shell.now())
        await queue.defer(db, *(queue.keep_offer(workspace_id, offer) for offer in expired))
