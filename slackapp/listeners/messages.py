"""Messages: kudos typed in channels Mutual is invited to, edits and deletions, mentions, and direct messages."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.domain.gestures import (
    Gesture,
    Mark,
    NotAGesture,
    TooManyPeople,
    choose_receivers,
    message_source,
)
from slackapp.domain.typed import MARK, TypedAct, read_addressed, read_typed
from slackapp.domain.weeks import local_day
from slackapp.listeners import mutual
from slackapp.listeners.directory import acquainted, members_of
from slackapp.store import gestures, queue
from slackapp.store.people import Known

#: Messages that people write. Everything else is Slack or an app speaking.
_WRITTEN = {None, "thread_broadcast", "file_share", "me_message"}


def register(bolt: AsyncApp) -> None:
    bolt.event("message")(message_arrived)
    bolt.event("app_mention")(mentioned)


async def message_arrived(event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
    subtype = event.get("subtype")
    if event.get("channel_type") == "im":
        if subtype in _WRITTEN and not event.get("bot_id") and event.get("user"):
            await mutual.written(event, context, client)
        return
    before = event.get("previous_message") or {}
    after = event.get("message") or {} if subtype == "message_changed" else event
    if subtype == "message_deleted" or after.get("subtype") == "tombstone":
        await _typed(before, None, before.get("text") or "", float(event["event_ts"]), event, context, client)
    elif after.get("subtype") in _WRITTEN:
        edited = (after.get("edited") or {}).get("ts") or event.get("event_ts") or after["ts"]
        await _typed(
            after, after.get("text") or "", before.get("text") or "", float(edited), event, context, client
        )


async def mentioned(event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
    """The same act as the message that mentions us, where both arrive."""
    if event.get("bot_id") or not event.get("user"):
        return
    if _read(event.get("text") or "", context) is None:
        async with context["database"].workspace(context["workspace_id"]) as db:
            await queue.defer(db, queue.say(context["workspace_id"], event["user"], "help", event["ts"]))
        return
    await _typed(
        event, event.get("text") or "", "", float(event["ts"]), event, context, client, addressed=True
    )


async def _typed(
    message: dict[str, Any],
    now_says: str | None,
    said: str,
    at: float,
    event: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    *,
    addressed: bool = False,
) -> None:
    """Record the difference between what a message said and what it says now; None: it was deleted.

    `addressed`: it is said to us, so that an answer is due also where nobody can receive.
    """
    giver = message.get("user")
    if not giver or message.get("bot_id") or now_says == said:
        return
    new, old = _read(now_says or "", context), _read(said, context)
    # An emoji that has lost its meaning gives nothing any more, and what it gave stands until it is taken out.
    before = old or _read(said, context, context["former_emoji"])
    if new is None and before is None:
        return
    still = new or _read(now_says or "", context, context["former_emoji"])
    workspace_id, now, channel = context["workspace_id"], context["now"](), event["channel"]
    source, note = message_source(channel, message["ts"]), still.note if still else None
    given, gone = await _named(client, new), await _named(client, old)
    kept = given if new else await _named(client, still)
    async with acquainted(context, client, [giver, *(user for user, _ in given | gone)]) as (db, known):
        person = known.people.get(giver)
        if person is None or not person.takes_part:
            return
        (meant, crowd), (meant_before, _) = _chosen(giver, given, known), _chosen(giver, gone, known)
        shown = await gestures.shown(db, workspace_id, source.key, giver, MARK) if said else set()
        kept = set() if crowd else kept
        shown -= _stays(shown, {user for user, _ in kept}, still, before)

        def acts(named: set[tuple[str, str]]) -> list[Gesture]:
            return [
                Gesture(giver, user, kind, source, now, local_day(now, known.timezone), note=note)
                for user, kind in sorted(named)
            ]

        added = acts(meant - meant_before)
        # Also those who have left meanwhile: they were thanked all the same.
        removed = acts((meant_before | shown) - kept)
        if person.preferences.paused:
            added, crowd = [], False
        if crowd:
            await queue.defer(db, queue.say(workspace_id, giver, "crowd", source.key))
        elif addressed and not meant:
            await queue.defer(db, queue.say(workspace_id, giver, "nobody", source.key))
        if said and note != (before.note if before else None):
            await gestures.reword(db, workspace_id, source.key, giver, note, Mark(MARK, at=at))
        await _record(db, workspace_id, added, Mark(MARK, at=at), message, channel, context)
        await _record(db, workspace_id, removed, Mark(MARK, on=False, at=at), message, channel, context)


def _stays(
    shown: set[tuple[str, str]], named: set[str], still: TypedAct | None, before: TypedAct | None
) -> set[tuple[str, str]]:
    """What an edited message goes on giving, as what it meant when it was written."""
    if still is None or before is None or still.kind != before.kind:
        return set()
    if set(still.groups) & set(before.groups):
        return shown  # who was in a group that is still named was meant then
    return {(user, kind) for user, kind in shown if user in named}


def _chosen(giver: str, named: set[tuple[str, str]], known: Known) -> tuple[set[tuple[str, str]], bool]:
    """Who of the people named is given what, and whether they are too many to be meant: then nobody is."""
    found, crowd = set[tuple[str, str]](), False
    for kind in {kind for _, kind in named}:
        try:
            who = choose_receivers(giver, sorted(user for user, what in named if what == kind), known.people)
        except TooManyPeople:
            crowd = True
        except NotAGesture:
            continue  # nobody asked for an answer here
        else:
            found |= {(person.user_id, kind) for person in who.people}
    return found, crowd


async def _record(
    db: Any,
    workspace_id: str,
    acts: list[Gesture],
    mark: Mark,
    message: dict[str, Any],
    channel: str,
    context: AsyncBoltContext,
) -> None:
    if not acts:
        return
    touched = sorted({person for act in acts for person in (act.giver, act.receiver)})
    then = [queue.refresh_homes(workspace_id, touched)]
    if mark.on:
        # Where it was written: what somebody reads while they are in a thread is the thread.
        thread = message.get("thread_ts") if message.get("thread_ts") != message["ts"] else None
        then.append(queue.answer(workspace_id, acts[0].source.key, acts[0].giver, channel, thread))
    await gestures.record(db, workspace_id, acts, mark, context["now"](), then=then)


def _read(text: str, context: AsyncBoltContext, emoji: Mapping[str, str] | None = None) -> TypedAct | None:
    """The same words are the same act, in whichever event they arrive."""
    bot, meanings = context.bot_user_id or "", context["emoji"] if emoji is None else emoji
    if f"<@{bot}>" in text:
        return read_addressed(text, meanings, bot)
    return read_typed(text, meanings, True)


async def _named(client: AsyncWebClient, act: TypedAct | None) -> set[tuple[str, str]]:
    """Everybody named and what they are given, with user groups as their members."""
    if act is None:
        return set()
    return {(user, act.kind) for user in (*act.people, *await members_of(client, act.groups))}
