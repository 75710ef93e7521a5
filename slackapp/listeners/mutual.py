"""Talking to Mutual: `/mutual` and direct messages know the same few words."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.blocks.mutual import said
from slackapp.domain.gestures import NAMED, teller
from slackapp.listeners.directory import acquainted
from slackapp.listeners.privacy import show_privacy
from slackapp.store import asks, deliveries, gestures, offers, preferences, queue, workspaces


def register(bolt: AsyncApp) -> None:
    bolt.command("/mutual")(mutual_command)


async def mutual_command(
    ack: AsyncAck, command: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    if said_word(command.get("text") or "") == "privacy":
        await show_privacy(command["trigger_id"], command["user_id"], context, client)
        await ack()
        return
    async with acquainted(context, client, [command["user_id"]]) as (db, _):
        outcome = await do(db, context, command["user_id"], command.get("text") or "")
        emoji = await workspaces.emoji(db, context["workspace_id"])
    text, blocks = said(outcome, emoji)
    await ack(text=text, blocks=blocks)


async def written(event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
    """A direct message. Its words are not kept: only what came of them is."""
    workspace_id = context["workspace_id"]
    async with acquainted(context, client, [event["user"]]) as (db, _):
        # One answer a message, however often Slack tells of it; and undo, told twice, undoes once.
        if await deliveries.claim(db, workspace_id, event["user"], "heard", event["ts"], context["now"]()):
            outcome = await do(db, context, event["user"], event.get("text") or "")
            await queue.defer(db, queue.say(workspace_id, event["user"], outcome, event["ts"]))
            await deliveries.finish(db, workspace_id, event["user"], "heard", event["ts"], outcome="heard")


def said_word(typed: str) -> str:
    return typed.strip().lower().rstrip(".!?")


async def do(db: AsyncConnection, context: AsyncBoltContext, user: str, typed: str) -> str:
    """Do what the word says and answer what came of it, in a word that blocks/mutual.py puts into sentences."""
    workspace_id, now = context["workspace_id"], context["now"]()
    match said_word(typed):
        case "pause":
            await preferences.pause(db, workspace_id, user, True)
            return "paused"
        case "resume" | "unpause":
            await preferences.pause(db, workspace_id, user, False)
            return "resumed"
        case "privacy":
            return "privacy"
        case "undo":
            return await _undo(db, workspace_id, user, now)
    others = [named for named in NAMED.finditer(typed) if named["person"] != context.bot_user_id]
    return "named" if others else "help"


async def _undo(db: AsyncConnection, workspace_id: str, user: str, now: datetime) -> str:
    since = now - timedelta(days=1)
    latest = await gestures.latest_source(db, workspace_id, user, since)
    asked = next(iter(await asks.own(db, workspace_id, user, now=now, limit=1)), None)
    if asked is not None and asked.asked_at >= (latest[1] if latest else since):
        # Its words would be gone for good, which a single word should not do.
        return f"asked:{asked.ask_id}:{latest[0] if latest else ''}"
    if latest is None:
        return "nothing"
    key = latest[0]
    if key.startswith("offer:"):
        offer_id = UUID(key.removeprefix("offer:"))
        step = await offers.step(db, workspace_id, offer_id, "take_back", by=user, now=now)
        if step is None:
            return "helped"
        await queue.defer(
            db,
            queue.keep_offer(workspace_id, offer_id),
            queue.refresh_homes(workspace_id, [user, step.offer.receiver]),
        )
        return f"offer_undone:{step.offer.receiver}"
    changed = await gestures.retract(db, workspace_id, key, giver=user, now=now)
    touched = sorted({person for act in changed for person in (act.giver, act.receiver)})
    await queue.defer(db, queue.announce(workspace_id, key, user, touched))
    own = [act for act in changed if act.giver == user]
    receivers = ",".join(sorted({act.receiver for act in own}))
    kind = own[0].kind if own else ""
    told = teller(await gestures.of_source(db, workspace_id, key, user))
    return f"undone:{told}:{kind}:{receivers}:{key}"
