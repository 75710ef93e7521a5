"""Steps for Workflow Builder: give kudos, ask for help."""

from datetime import date
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.context.complete.async_complete import AsyncComplete
from slack_bolt.context.fail.async_fail import AsyncFail
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks.kit import escape
from slackapp.domain.asks import Ask, NotPossible, ask_id_of, check_asker, check_day, checked_words
from slackapp.domain.gestures import (
    Mark,
    NotAGesture,
    Source,
    check_giver,
    checked_note,
    choose_receivers,
    counted_sentence,
    gestures_to,
)
from slackapp.domain.weeks import local_day
from slackapp.listeners.directory import acquainted
from slackapp.listeners.forms import readable_channel
from slackapp.store import asks, gestures, queue


def register(bolt: AsyncApp) -> None:
    bolt.function("give_kudos_step")(give_kudos_step)
    bolt.function("ask_for_help_step")(ask_for_help_step)


async def give_kudos_step(
    event: dict[str, Any],
    inputs: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    complete: AsyncComplete,
    fail: AsyncFail,
) -> None:
    workspace_id, now = context["workspace_id"], context["now"]()
    giver, receiver = inputs.get("giver"), inputs.get("receiver")
    source = Source(
        f"step:{event['function_execution_id']}", readable_channel(str(inputs.get("channel") or ""))
    )
    try:
        if not giver or not receiver:
            raise NotAGesture("Give kudos needs a giver and a receiver. Choose both in the step.")
        note = checked_note(inputs.get("note"))
        kind = "thanks" if inputs.get("for_help") else "kudos"
        async with acquainted(context, client, [giver, receiver]) as (db, known):
            check_giver(known.people.get(giver))
            chosen = choose_receivers(giver, [receiver], known.people)
            given = gestures_to(
                chosen.user_ids,
                giver=giver,
                kind=kind,
                source=source,
                at=now,
                tz=known.timezone,
                visibility="channel" if source.channel_id else "private",
                note=escape(note) if note else None,
            )
            then = [
                queue.announce(workspace_id, source.key, giver, [giver, receiver]),
                queue.tell_giver(workspace_id, source.key, giver),
            ]
            await gestures.record(db, workspace_id, given, Mark("step"), now, then=then)
            sentence = counted_sentence(kind, [known.people[receiver].called])
    except NotAGesture as why:
        await _end(fail, error=str(why))
        return
    await _end(complete, outputs={"sentence": sentence})


async def ask_for_help_step(
    event: dict[str, Any],
    inputs: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    complete: AsyncComplete,
    fail: AsyncFail,
) -> None:
    workspace_id, now = context["workspace_id"], context["now"]()
    asker, channel = inputs.get("asker"), readable_channel(str(inputs.get("channel") or ""))
    try:
        if not asker or not channel:
            raise NotPossible("Ask for help needs a person who asks and a channel. Choose both in the step.")
        words, by_when = checked_words(inputs.get("what")), _day(inputs.get("by_when"))
        async with acquainted(context, client, [asker]) as (db, known):
            check_asker(known.people.get(asker))
            check_day(by_when, local_day(now, known.timezone))
            asked = Ask(
                ask_id_of(workspace_id, f"step:{event['function_execution_id']}"),
                asker,
                escape(words),
                "other",
                by_when,
                channel,
                (),
                "open",
                now,
            )
            if await asks.ask(db, workspace_id, asked):
                await queue.defer(
                    db,
                    queue.keep_ask(workspace_id, asked.ask_id, by_workflow=True),
                    queue.refresh_homes(workspace_id, [asker]),
                )
    except NotPossible as why:
        await _end(fail, error=str(why))
        return
    await _end(complete, outputs={"sentence": "The ask is on its way to the channel."})


def _day(typed: Any) -> date | None:
    if not typed:
        return None
    try:
        return date.fromisoformat(str(typed))
    except ValueError:
        raise NotPossible("“By when” must be a day like 2026-03-09, or stay empty.") from None


#: A step that has ended says so in one of these ways: also by its own token, which dies with it.
_ENDED = {
    "execution_not_in_running_state",
    "function_execution_not_found",
    "token_expired",
    "token_revoked",
    "invalid_auth",
}


async def _end(way: Any, **said: Any) -> None:
    """Once: a step that Slack tells of again has ended already, and that is fine."""
    try:
        await way(**said)
    except SlackApiError as refused:
        if refused.response["error"] not in _ENDED:
            raise
