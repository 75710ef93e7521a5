"""Checking in on somebody: a gesture that needs no words here."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.domain.weeks import local_day
from slackapp.listeners.directory import acquainted
from slackapp.store import gestures, queue


def register(bolt: AsyncApp) -> None:
    bolt.action("check_in")(checked_in)
    bolt.action("undo_check_in")(checked_in)


async def checked_in(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    """Once a day with one person, however often it is pressed."""
    giver, workspace_id, now = body["user"]["id"], context["workspace_id"], context["now"]()
    action = body["actions"][0]
    async with acquainted(context, client, [giver, action["value"]]) as (db, known):
        receiver = known.people.get(action["value"])
        if receiver is not None and receiver.takes_part and receiver.user_id != giver:
            source = Source(f"check_in:{receiver.user_id}:{local_day(now, known.timezone)}")
            given = gestures_to(
                [receiver],
                giver=giver,
                kind="check_in",
                source=source,
                at=now,
                tz=known.timezone,
                visibility="private",
            )
            mark = Mark("button", on=action["action_id"] == "check_in", at=now.timestamp())
            homes = queue.refresh_homes(workspace_id, [giver, receiver.user_id])
            await gestures.record(db, workspace_id, given, mark, now, then=[homes])
    await ack()
