"""Reactions that mean something here. Removing one retracts, adding it again restores."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.gestures import Gesture, Mark, message_source, told_by
from slackapp.domain.people import Person
from slackapp.domain.weeks import local_day
from slackapp.listeners.directory import acquainted
from slackapp.store import deliveries, gestures, queue


def register(bolt: AsyncApp) -> None:
    bolt.event("reaction_added")(reaction_changed)
    bolt.event("reaction_removed")(reaction_changed)


async def reaction_changed(event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
    giver, receiver, item = event["user"], event.get("item_user"), event["item"]
    if not receiver or giver == receiver or item.get("type") != "message":
        return
    workspace_id, now, on = context["workspace_id"], context["now"](), event["type"] == "reaction_added"
    if receiver == context.bot_user_id:
        await _me_too(event, context, client)
        return
    async with acquainted(context, client, [giver, receiver]) as (db, known):
        person, other = known.people.get(giver), known.people.get(receiver)
        if person is None or not person.takes_part or (person.preferences.paused and on):
            return
        # From somebody who has left it can still be taken back.
        if other is None or not (other.takes_part or (other.is_deactivated and not on)):
            return
        given = await _given(event, context, db, [other], known.timezone)
        mark = Mark(event["reaction"], on=on, at=float(event["event_ts"]))
        homes = queue.refresh_homes(workspace_id, [giver, receiver])
        await gestures.record(db, workspace_id, given, mark, now, then=[homes], last=True)


async def _given(
    event: dict[str, Any],
    context: AsyncBoltContext,
    db: AsyncConnection,
    receivers: Sequence[Person],
    tz: ZoneInfo,
) -> list[Gesture]:
    giver, item, now = event["user"], event["item"], context["now"]()
    source, kind = message_source(item["channel"], item["ts"]), context["reaction_kind"]
    acts = {(person.user_id, kind) for person in receivers if kind}
    if event["type"] == "reaction_removed":
        # It may have meant something else when it was added.
        shown = await gestures.shown(db, context["workspace_id"], source.key, giver, event["reaction"])
        acts |= {(user, meant) for user, meant in shown if user in {person.user_id for person in receivers}}
    return [Gesture(giver, user, meant, source, now, local_day(now, tz)) for user, meant in sorted(acts)]


async def _me_too(event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
    """A reaction to kudos that Mutual posted seconds them: the reactor's own gesture, to the same receivers.

    Of those who gave or received it, nothing is recorded: they have had their part. Where one message tells of
    several, all of them are seconded.
    """
    giver, item, workspace_id, now = event["user"], event["item"], context["workspace_id"], context["now"]()
    async with context["database"].workspace(workspace_id) as db:
        told = await deliveries.announced_by(db, workspace_id, item["channel"], item["ts"])
        announced = [await gestures.of_source(db, workspace_id, *told_by(about)) for about in told]
    on = event["type"] == "reaction_added"
    receivers: set[str] = set()
    for acts in announced:
        seconded = {act.receiver for act in acts if act.visibility == "channel" and (act.stands or not on)}
        if giver not in seconded | {act.giver for act in acts}:
            receivers |= seconded
    if not receivers:
        return
    async with acquainted(context, client, [giver, *receivers]) as (db, known):
        person = known.people.get(giver)
        if person is None or not person.takes_part or (person.preferences.paused and on):
            return
        others = [
            known.people[user]
            for user in receivers
            if not on
            or (known.people[user].takes_part and known.people[user].preferences.thanked != "private")
        ]
        given = await _given(event, context, db, others, known.timezone)
        mark = Mark(event["reaction"], on=on, at=float(event["event_ts"]))
        homes = queue.refresh_homes(workspace_id, sorted({giver, *receivers}))
        await gestures.record(db, workspace_id, given, mark, now, then=[homes])
