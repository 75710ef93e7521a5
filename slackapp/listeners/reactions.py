"""Reactions that mean something here. Removing one retracts, adding it again restores."""

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.domain.gestures import Mark, gestures_to, message_source
from slackapp.listeners.directory import acquainted
from slackapp.store import gestures, queue


def register(bolt: AsyncApp) -> None:
    bolt.event("reaction_added")(reaction_changed)
    bolt.event("reaction_removed")(reaction_changed)


async def reaction_changed(event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
    giver, receiver, item = event["user"], event.get("item_user"), event["item"]
    kind = context["reaction_kind"]
    if not receiver or giver == receiver or item.get("type") != "message":
        return
    workspace_id, now = context["workspace_id"], context["now"]()
    async with acquainted(context, client, [giver, receiver]) as (db, known):
        people = [known.people.get(user) for user in (giver, receiver)]
        if not all(person and person.takes_part for person in people):
            return
        given = gestures_to(
            [known.people[receiver]],
            giver=giver,
            kind=kind,
            source=message_source(item["channel"], item["ts"]),
            at=now,
            tz=known.timezone,
        )
        mark = Mark(event["reaction"], on=event["type"] == "reaction_added", at=float(event["event_ts"]))
        await gestures.record(
            db, workspace_id, given, mark, now, then=[queue.refresh_homes(workspace_id, [giver, receiver])]
        )
