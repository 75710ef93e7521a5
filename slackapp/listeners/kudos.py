"""Giving kudos and thanks: by command, by form, from a message; and taking it back."""

import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.blocks import replies
from slackapp.blocks.kit import Message, View, escape
from slackapp.blocks.kudos import kind_of, kudos_form
from slackapp.domain.gestures import (
    MOST_RECEIVERS,
    Gesture,
    Mark,
    NotAGesture,
    Receivers,
    Recorded,
    Source,
    checked_note,
    choose_receivers,
    gestures_to,
    message_source,
    read_kudos,
    teller,
)
from slackapp.domain.people import Person
from slackapp.listeners.directory import acquainted, members_of
from slackapp.listeners.forms import filled, readable_channel
from slackapp.store import gestures, people, queue

NO_CHANNEL = "Choose the channel where everyone may see it, or “Only them” above."


def register(bolt: AsyncApp) -> None:
    bolt.command("/kudos")(give_kudos)
    bolt.shortcut("give_kudos")(open_form)
    bolt.action("open_kudos")(open_form)
    bolt.shortcut("thank_for_message")(open_form_for_message)
    bolt.action({"block_id": "people", "action_id": "people"})(people_chosen)
    bolt.view("give_kudos")(form_sent)
    bolt.action("undo")(undo)
    bolt.action("put_back")(put_back)
    bolt.action("not_for_help")(not_for_help)
    bolt.action("for_help")(for_help)


async def give_kudos(
    ack: AsyncAck, command: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    typed_text = (command.get("text") or "").strip()
    if not typed_text:
        await client.views_open(
            trigger_id=command["trigger_id"],
            view=kudos_form(channel_id=readable_channel(command["channel_id"])),
        )
        await ack()
        return
    if typed_text.lower() in {"help", "?"}:
        here = await context["arrival"].installed(context["workspace_id"], context.enterprise_id)
        await ack(text="How to use Mutual", blocks=replies.usage(here.emoji if here else {}))
        return
    giver, now = command["user_id"], context["now"]()
    source = Source(f"command:{command['trigger_id']}", command["channel_id"])
    visibility = "channel" if readable_channel(command["channel_id"]) else "private"
    try:
        typed = read_kudos(typed_text)
        named = [*typed.people, *await members_of(client, typed.groups)]

        def acts(receivers: Sequence[str], tz: ZoneInfo) -> list[Gesture]:
            return gestures_to(
                receivers,
                giver=giver,
                kind=typed.kind,
                source=source,
                at=now,
                tz=tz,
                visibility=visibility,
                note=typed.note,
            )

        receivers = await _record(context, client, giver, named, acts, now)
    except NotAGesture as why:
        text, blocks = replies.refusal(str(why), typed_text)
        await ack(text=text, blocks=blocks)
        return
    text, blocks = replies.counted(
        kind=typed.kind,
        receivers=receivers.people,
        source_key=source.key,
        visibility=visibility,
        left_out=receivers.left_out,
    )
    await ack(text=text, blocks=blocks)


async def _record(
    context: AsyncBoltContext,
    client: AsyncWebClient,
    giver: str,
    named: Sequence[str],
    acts: Callable[[Sequence[str], ZoneInfo], list[Gesture]],
    now: datetime,
) -> Receivers:
    """Record what is given to those named who can receive; `acts` makes it. Raises NotAGesture where nobody can."""
    workspace_id, mark = context["workspace_id"], "command"

    def announced(given: Sequence[Gesture]) -> list[queue.Job]:
        return [queue.announce(workspace_id, given[0].source.key, giver, _touched(given))]

    others = [user for user in dict.fromkeys(named) if user != giver]
    here = await context["arrival"].installed(workspace_id, context.enterprise_id)
    if here and 0 < len(others) <= MOST_RECEIVERS:
        # Nearly always all of them can receive. Then to read who they are and to record is one round trip.
        given = acts(others, here.timezone)
        known = await gestures.record_at_once(
            context["database"],
            workspace_id,
            given,
            mark,
            timezone=here.timezone,
            then=announced(given),
        )
        if known is not None:
            return choose_receivers(giver, named, known.people)
    async with acquainted(context, client, [giver, *named]) as (db, known):
        receivers = choose_receivers(giver, named, known.people)
        given = acts(receivers.user_ids, known.timezone)
        await gestures.record(db, workspace_id, given, Mark(mark), now, then=announced(given), last=True)
        return receivers


async def open_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
    # After the shortcut, Slack fills in the channel that somebody looks at; on Home there is none.
    seen_by = "channel" if body["type"] == "shortcut" else "private"
    await client.views_open(trigger_id=body["trigger_id"], view=kudos_form(seen_by=seen_by))
    await ack()


async def open_form_for_message(
    ack: AsyncAck, shortcut: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    message, channel = shortcut["message"], shortcut["channel"]["id"]
    author = None if message.get("bot_id") else message.get("user")
    people = [author] if author and author != shortcut["user"]["id"] else []

    def form(wishes: Sequence[Person] = ()) -> View:
        return kudos_form(
            people=people,
            channel_id=readable_channel(channel),
            message=(channel, message["ts"]),
            wishes=wishes,
        )

    opened = await client.views_open(trigger_id=shortcut["trigger_id"], view=form())
    await ack()
    await show_wishes(people, opened["view"], form, context, client)


async def show_wishes(
    user_ids: Sequence[str],
    opened: dict[str, Any],
    form: Callable[[Sequence[Person]], View],
    context: AsyncBoltContext,
    client: AsyncWebClient,
) -> None:
    """What the people told others with whom a form was opened; it was not to wait for that."""
    async with acquainted(context, client, user_ids) as (_, known):
        wishes = [person for person in known.people.values() if person.preferences.says_what_suits]
    if wishes:
        await client.views_update(view_id=opened["id"], hash=opened["hash"], view=form(wishes))


async def people_chosen(
    ack: AsyncAck,
    body: dict[str, Any],
    action: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
) -> None:
    """Show what the chosen people told others about themselves, before the giver goes on."""
    async with acquainted(context, client, action["selected_users"]) as (_, known):
        wishes = [known.people[user] for user in action["selected_users"] if user in known.people]
    view = body["view"]
    await ack()
    await client.views_update(
        view_id=view["id"],
        hash=view["hash"],
        view=kudos_form(
            message=_message_of(view),
            helped=_helped_of(view),
            wishes=wishes,
            channel_id=_channel_of(view),
            seen_by=_seen_by_of(view),
        ),
    )


async def form_sent(
    ack: AsyncAck,
    body: dict[str, Any],
    view: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
) -> None:
    giver, workspace_id, now = body["user"]["id"], context["workspace_id"], context["now"]()
    values = filled(view)
    channel = values["channel"].get("selected_conversation")
    message = _message_of(view)
    source = message_source(*message) if message else Source(f"view:{view['id']}", channel)
    # The same message may be thanked for again after an undo; a form is sent once, however often it arrives.
    mark = Mark("form", at=now.timestamp()) if message else Mark("form")
    named = values["people"]["selected_users"]
    others_read = channel or (message and readable_channel(message[0]))
    seen_by = values["seen_by"]["selected_option"]["value"]
    if seen_by == "channel" and not (channel or message):
        await ack(response_action="errors", errors={"channel": NO_CHANNEL})
        return
    try:
        note = checked_note(values["note"]["value"])
    except NotAGesture as why:
        await ack(response_action="errors", errors={"note": str(why)})
        return
    try:
        async with acquainted(context, client, [giver, *named]) as (db, known):
            receivers = choose_receivers(
                giver, [user for user in named if user != giver] or named, known.people
            )
            if receivers.left_out:
                raise NotAGesture(receivers.left_out)  # a form can be put right before it counts
            given = gestures_to(
                receivers.user_ids,
                giver=giver,
                kind=kind_of(values["reason"]["selected_option"]["value"]),
                source=source,
                at=now,
                tz=known.timezone,
                visibility=seen_by if others_read else "private",
                note=escape(note) if note else None,
            )
            if helped := _helped_of(view):
                given = await _for_known_help(db, workspace_id, given, *helped)
            after = queue.announce(workspace_id, source.key, giver, _touched(given))
            await gestures.record(db, workspace_id, given, mark, now, then=[after])
            await queue.defer(db, queue.answer(workspace_id, source.key, giver, channel))
    except NotAGesture as why:
        await ack(response_action="errors", errors={"people": str(why)})
        return
    await ack()


async def undo(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond) -> None:
    source_key = body["actions"][0]["value"]
    changed = await _change(body, context, gestures.retract)
    async with context["database"].workspace(context["workspace_id"]) as db:
        left = await gestures.of_source(db, context["workspace_id"], source_key, body["user"]["id"])
    await ack()
    text, blocks = replies.nothing_to_change()
    if changed:
        text, blocks = replies.undone(source_key, teller=teller(left), helped=any(act.helped for act in left))
    await respond(text=text, blocks=blocks, replace_original=True)


async def put_back(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond
) -> None:
    await _change(body, context, gestures.restore)
    await ack()
    await _say_what_counts(body, context, respond, otherwise=replies.nothing_to_put_back())


async def not_for_help(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond
) -> None:
    await _change(body, context, gestures.retract, kind="help")
    await ack()
    await _say_what_counts(body, context, respond)


async def for_help(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond
) -> None:
    await _change(body, context, gestures.restore, kind="help")
    await ack()
    await _say_what_counts(body, context, respond)


async def _change(
    body: dict[str, Any],
    context: AsyncBoltContext,
    turn: Callable[..., Awaitable[list[Recorded]]],
    kind: str | None = None,
) -> list[Recorded]:
    """Only the person who pressed the button is asked about: a forged source key finds nothing of theirs."""
    workspace_id, source_key = context["workspace_id"], body["actions"][0]["value"]
    async with context["database"].workspace(workspace_id) as db:
        changed: list[Recorded] = await turn(
            db, workspace_id, source_key, giver=body["user"]["id"], now=context["now"](), kind=kind
        )
        if changed:
            await queue.defer(
                db, queue.announce(workspace_id, source_key, body["user"]["id"], _touched(changed))
            )
    return changed


async def _say_what_counts(
    body: dict[str, Any],
    context: AsyncBoltContext,
    respond: AsyncRespond,
    *,
    otherwise: Message | None = None,
) -> None:
    """`otherwise`: what to say where nothing stands."""
    workspace_id, source_key = context["workspace_id"], body["actions"][0]["value"]
    async with context["database"].workspace(workspace_id) as db:
        standing = await gestures.of_source(db, workspace_id, source_key, body["user"]["id"])
        known = await people.known(db, workspace_id, [gesture.receiver for gesture in standing])
    text, blocks = replies.what_counts(standing, known.people)
    if otherwise and not any(gesture.stands for gesture in standing):
        text, blocks = otherwise
    await respond(text=text, blocks=blocks, replace_original=True)


def _touched(given: Iterable[Gesture] | Iterable[Recorded]) -> list[str]:
    """Everyone whose balance this concerns."""
    return sorted({person for gesture in given for person in (gesture.giver, gesture.receiver)})


def _message_of(view: dict[str, Any]) -> tuple[str, str] | None:
    about = json.loads(view.get("private_metadata") or "{}")
    return (about["channel"], about["ts"]) if about.get("ts") else None


def _helped_of(view: dict[str, Any]) -> tuple[str, date] | None:
    about = json.loads(view.get("private_metadata") or "{}")
    return (about["helper"], date.fromisoformat(about["helped_on"])) if about.get("helper") else None


async def _for_known_help(
    db: AsyncConnection, workspace_id: str, given: Sequence[Gesture], helper: str, day: date
) -> list[Gesture]:
    """Late thanks are for help that was counted when it was given, and add none."""
    return [
        replace(act, help_id=await gestures.help_on(db, workspace_id, helper, act.giver, day))
        if act.kind == "thanks" and act.receiver == helper
        else act
        for act in given
    ]


def _channel_of(view: dict[str, Any]) -> str | None:
    field = (view["state"]["values"].get("channel") or {}).get("channel") or {}
    chosen: str | None = field.get("selected_conversation")
    return chosen


def _seen_by_of(view: dict[str, Any]) -> str | None:
    field = (view["state"]["values"].get("seen_by") or {}).get("seen_by") or {}
    chosen: str | None = (field.get("selected_option") or {}).get("value")
    return chosen
