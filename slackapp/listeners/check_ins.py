"""Checking in on somebody: a gesture that needs no words here."""

from datetime import date
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks import replies
from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.domain.weeks import local_day
from slackapp.listeners.answers import tell
from slackapp.listeners.directory import acquainted
from slackapp.store import gestures, queue


def register(bolt: AsyncApp) -> None:
    bolt.action("check_in")(checked_in)
    bolt.action("undo_check_in")(checked_in)


async def checked_in(
    ack: AsyncAck,
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    respond: AsyncRespond,
) -> None:
    """Once a day with one person, however often it is pressed. An undo is of the day that it names."""
    giver, workspace_id, now = body["user"]["id"], context["workspace_id"], context["now"]()
    action = body["actions"][0]
    other, _, named = action["value"].partition(" ")
    async with acquainted(context, client, [giver, other]) as (db, known):
        receiver = known.people.get(other)
        day = date.fromisoformat(named) if named else local_day(now, known.timezone)
        possible = receiver is not None and receiver.takes_part and receiver.user_id != giver
        if receiver is not None and possible:
            source = Source(f"check_in:{receiver.user_id}:{day}")
            given = gestures_to(
                [receiver.user_id],
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
    undone = action["action_id"] == "undo_check_in"
    text, blocks = replies.checked_in(receiver if possible else None, day, undone=undone)
    if undone and body.get("response_url"):
        await respond(text=text, blocks=blocks, replace_original=True)
    else:
        await tell(body, client, respond, text, blocks, on_home=False)  # Home shows by itself what came of it
