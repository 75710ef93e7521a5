"""Asking for help: by command, by form, and by the buttons of an ask's card."""

import json
from datetime import date
from typing import Any
from uuid import UUID

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.blocks import asks as screens
from slackapp.blocks import replies
from slackapp.blocks.kit import escape, unescape
from slackapp.domain.asks import (
    GONE,
    NOT_AMONG_THEM,
    NOT_OURS,
    UNHEARD_OFFERS,
    Ask,
    NotPossible,
    ask_id_of,
    boundaries,
    check_day,
    check_ours,
    check_receiver,
    check_suggestion,
    checked_words,
    choose_people,
    offer_id_of,
    why_no_change,
    why_no_offer,
    why_not_also,
)
from slackapp.domain.weeks import local_day
from slackapp.listeners.answers import show, tell
from slackapp.listeners.directory import acquainted, person_of
from slackapp.listeners.forms import filled, readable_channel
from slackapp.store import asks, offers, people, queue


def register(bolt: AsyncApp) -> None:
    bolt.command("/ask")(ask_command)
    bolt.shortcut("ask_for_help")(open_ask)
    bolt.action("open_ask")(open_ask)
    bolt.action({"block_id": "asked", "action_id": "asked"})(people_chosen)
    bolt.view("ask")(ask_sent)
    bolt.action("read_ask")(read_ask)
    bolt.action("know_someone")(know_someone)
    bolt.view("know_someone")(someone_sent)
    bolt.action("also_ask")(also_ask)
    bolt.action("edit_ask")(edit_ask)
    bolt.view("edit_ask")(edit_sent)
    bolt.action("close_ask")(close_ask)
    bolt.view("close_ask")(close_sent)
    bolt.action("reopen_ask")(reopen_ask)
    bolt.action("withdraw_ask")(withdraw_ask)
    bolt.action("post_open_asks")(post_open_asks)


# Asking -------------------------------------------------------------------------------------------------------


async def ask_command(
    ack: AsyncAck, command: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    typed, channel = (command.get("text") or "").strip(), command["channel_id"]
    if typed.lower() in {"help", "?"}:
        await ack(text="How to ask for help", blocks=screens.usage())
    elif typed.lower() in {"list", "open"}:
        async with context["database"].workspace(context["workspace_id"]) as db:
            found = await asks.in_channel(db, context["workspace_id"], channel, now=context["now"]())
            known = (await people.known(db, context["workspace_id"], [ask.asker for ask in found])).people
        text, blocks = screens.open_asks(found, {user: person.name for user, person in known.items()})
        await ack(text=text, blocks=[*blocks, *(screens.post_here(channel) if found else [])])
    else:
        try:
            words = checked_words(typed) if typed else ""
        except NotPossible as why:
            text, blocks = replies.refusal(str(why), escape(typed), command="/ask")
            await ack(text=text, blocks=blocks)
            return
        await client.views_open(
            trigger_id=command["trigger_id"],
            view=screens.ask_form(words=words, channel_id=readable_channel(channel)),
        )
        await ack()


async def open_ask(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
    await client.views_open(trigger_id=body["trigger_id"], view=screens.ask_form())
    await ack()


async def people_chosen(
    ack: AsyncAck,
    body: dict[str, Any],
    action: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
) -> None:
    """Show who is away or at capacity before they are asked."""
    chosen, view = action["selected_users"], body["view"]
    async with acquainted(context, client, chosen) as (_, known):
        today = local_day(context["now"](), known.timezone)
        told = boundaries([known.people[user] for user in chosen if user in known.people], today)
    await ack()
    values = filled(view)
    await client.views_update(
        view_id=view["id"],
        hash=view["hash"],
        view=screens.ask_form(
            kind=values["kind"]["selected_option"]["value"],
            channel_id=values["channel"].get("selected_conversation"),
            told=told,
        ),
    )


async def ask_sent(
    ack: AsyncAck,
    body: dict[str, Any],
    view: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
) -> None:
    asker, workspace_id, now = body["user"]["id"], context["workspace_id"], context["now"]()
    values = filled(view)
    named = values["asked"]["selected_users"]
    # What is meant for a few is posted for all by no default further up.
    channel = None if named else values["channel"].get("selected_conversation")
    async with acquainted(context, client, [asker, *named]) as (db, known):
        words, by_when, errors = _read_what(values, local_day(now, known.timezone))
        chosen: tuple[str, ...] = ()
        try:
            check_ours(known.people.get(asker))
        except NotPossible as why:
            errors["what"] = str(why)
        if channel is None and not named:
            errors["channel"] = "Choose the channel in which to ask, or the people to ask instead."
        if named:
            try:
                chosen = choose_people(asker, named, known.people)
            except NotPossible as why:
                errors["asked"] = str(why)
        if not errors:
            asked = Ask(
                ask_id=ask_id_of(workspace_id, f"view:{view['id']}"),
                asker=asker,
                text=escape(words),
                kind=values["kind"]["selected_option"]["value"],
                by_when=by_when,
                channel_id=channel,
                people=chosen,
                state="open",
                asked_at=now,
            )
            if await asks.ask(db, workspace_id, asked):
                await queue.defer(
                    db,
                    queue.keep_ask(workspace_id, asked.ask_id),
                    queue.refresh_homes(workspace_id, [asker, *chosen]),
                )
        hears = asker in known.people and not known.people[asker].preferences.paused
    if errors:
        await ack(response_action="errors", errors=errors)
    elif hears:
        await ack()
    else:
        await ack(response_action="update", view=replies.notice(UNHEARD_OFFERS))


def _read_what(
    values: dict[str, Any], today: date, *, before: date | None = None
) -> tuple[str, date | None, dict[str, str]]:
    """Read the part that asking and editing share: (words, by when, errors by block)."""
    errors: dict[str, str] = {}
    words = ""
    try:
        words = checked_words(values["what"]["value"])
    except NotPossible as why:
        errors["what"] = str(why)
    typed = values["by_when"].get("selected_date")
    by_when = date.fromisoformat(typed) if typed else None
    try:
        check_day(by_when, today, before=before)
    except NotPossible as why:
        errors["by_when"] = str(why)
    return words, by_when, errors


async def read_ask(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    """As it is now: since it was suggested it may have changed, be over, or be meant for others only."""
    reader, workspace_id = body["user"]["id"], context["workspace_id"]
    ask_id = UUID(body["actions"][0]["value"])
    async with context["database"].workspace(workspace_id) as db:
        ask = await asks.readable(db, workspace_id, ask_id, reader)
        if ask is not None:
            view = screens.to_read(ask, await offers.to_ask(db, workspace_id, ask_id), reader)
        else:
            over = await asks.find(db, workspace_id, ask_id)
            asker = await person_of(db, workspace_id, over.asker if over else None)
            mine = await offers.find(db, workspace_id, offer_id_of(workspace_id, reader, ask_id))
            sentence = why_no_offer(over, asker.called, helper=reader, mine=mine)
            view = replies.notice(escape(sentence))
    await show(body, client, view)
    await ack()


async def know_someone(
    ack: AsyncAck,
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    respond: AsyncRespond,
) -> None:
    found = await _find(body, context)
    if found is not None and found.is_open and found.is_known_to(body["user"]["id"]):
        form = screens.know_someone_form(found, own=found.asker == body["user"]["id"])
        await show(body, client, form)
        await ack()
        return
    await ack()
    sentence = "This ask is closed. Thank you for thinking of somebody." if found else GONE
    if found is not None and found.is_open:
        sentence = NOT_AMONG_THEM
    await tell(body, client, respond, *replies.plain(sentence))


async def someone_sent(
    ack: AsyncAck,
    body: dict[str, Any],
    view: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
) -> None:
    """Somebody is suggested to the asker; an asker who thinks of somebody asks them."""
    by, workspace_id, now = body["user"]["id"], context["workspace_id"], context["now"]()
    someone = filled(view)["someone"]["selected_user"]
    ask_id = UUID(view["private_metadata"])
    try:
        async with acquainted(context, client, [by, someone]) as (db, known):
            ask = await asks.find(db, workspace_id, ask_id)
            if by not in known.people or not known.people[by].takes_part:
                raise NotPossible(NOT_OURS)
            check_suggestion(
                ask,
                (await person_of(db, workspace_id, ask.asker if ask else None)).called,
                by=by,
                someone=someone,
                known=known.people,
                theirs=await offers.find(db, workspace_id, offer_id_of(workspace_id, someone, ask_id)),
                today=local_day(now, known.timezone),
            )
            if await asks.also_ask(db, workspace_id, ask_id, asker=by, other=someone, now=now) is None:
                await queue.defer(db, queue.suggest_helper(workspace_id, ask_id, by, someone))
            else:
                await queue.defer(db, *_also_asked(workspace_id, ask_id, someone))
    except NotPossible as why:
        await ack(response_action="errors", errors={"someone": str(why)})
        return
    await ack()


async def also_ask(
    ack: AsyncAck,
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    respond: AsyncRespond,
) -> None:
    by, workspace_id, now = body["user"]["id"], context["workspace_id"], context["now"]()
    named, someone = json.loads(body["actions"][0]["value"])
    ask_id, asked = UUID(named), None
    async with acquainted(context, client, [someone]) as (db, known):
        person = known.people.get(someone)
        if person is not None and person.takes_part and not person.preferences.paused:
            asked = await asks.also_ask(db, workspace_id, ask_id, asker=by, other=someone, now=now)
        if person is not None and asked is not None:
            await queue.defer(db, *_also_asked(workspace_id, ask_id, someone))
            sentence = f"{person.called} has your ask now."
        else:
            sentence = why_not_also(
                await asks.find(db, workspace_id, ask_id),
                by=by,
                someone=someone,
                person=person,
                theirs=await offers.find(db, workspace_id, offer_id_of(workspace_id, someone, ask_id)),
            )
    await ack()
    await tell(body, client, respond, *replies.plain(escape(sentence)))


def _also_asked(workspace_id: str, ask_id: UUID, someone: str) -> list[queue.Job]:
    return [queue.keep_ask(workspace_id, ask_id), queue.refresh_homes(workspace_id, [someone])]


# Changing an ask ----------------------------------------------------------------------------------------------


async def edit_ask(
    ack: AsyncAck,
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    respond: AsyncRespond,
) -> None:
    found = await _find(body, context)
    if found is not None and found.asker == body["user"]["id"] and found.is_open:
        view = screens.edit_form(found, unescape(found.text or ""))
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()
    else:
        await ack()
        await _say_why_not(body, context, client, respond, found)


async def edit_sent(
    ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], context: AsyncBoltContext
) -> None:
    workspace_id, now, values = context["workspace_id"], context["now"](), filled(view)
    async with context["database"].workspace(workspace_id) as db:
        known = await people.known(db, workspace_id, [])
        ask = await asks.find(db, workspace_id, UUID(view["private_metadata"]))
        today = local_day(now, known.timezone)
        words, by_when, errors = _read_what(values, today, before=ask.by_when if ask else None)
        if not errors:
            changed = await asks.edit(
                db,
                workspace_id,
                UUID(view["private_metadata"]),
                asker=body["user"]["id"],
                words=escape(words),
                kind=values["kind"]["selected_option"]["value"],
                by_when=by_when,
                now=now,
            )
            if changed is None:
                errors = {"what": "This ask is closed, so it can't be edited any more."}
            else:
                await _show_anew(db, workspace_id, changed)
    if errors:
        await ack(response_action="errors", errors=errors)
    else:
        await ack()


async def close_ask(
    ack: AsyncAck,
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    respond: AsyncRespond,
) -> None:
    found = await _find(body, context)
    if found is not None and found.asker == body["user"]["id"] and found.is_open:
        async with context["database"].workspace(context["workspace_id"]) as db:
            answers = await offers.to_ask(db, context["workspace_id"], found.ask_id)
        helpers = [offer.helper for offer in answers if offer.helped or offer.claimed]
        await client.views_open(trigger_id=body["trigger_id"], view=screens.close_form(found, helpers))
        await ack()
    else:
        await ack()
        await _say_why_not(body, context, client, respond, found)


async def close_sent(
    ack: AsyncAck,
    body: dict[str, Any],
    view: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
) -> None:
    asker, workspace_id, now = body["user"]["id"], context["workspace_id"], context["now"]()
    named = [user for user in dict.fromkeys(filled(view)["helped"]["selected_users"]) if user != asker]
    async with acquainted(context, client, named) as (db, known):
        try:
            for helper in named:
                person = known.people.get(helper)
                if person is None or not person.is_deactivated:  # help by somebody who left was help
                    check_receiver(asker, helper, known.people)
        except NotPossible as why:
            await ack(response_action="errors", errors={"helped": str(why)})
            return
        ask = await asks.close(
            db, workspace_id, UUID(view["private_metadata"]), asker=asker, now=now, helpers=named
        ) or await asks.find(db, workspace_id, UUID(view["private_metadata"]))
        if ask is not None and ask.asker == asker:
            day = local_day(now, known.timezone)
            touched = {asker}
            for helper in named:
                await offers.name_helper(db, workspace_id, ask, helper=helper, now=now, day=day)
                touched.add(helper)
            await _show_anew(db, workspace_id, ask)
            await queue.defer(db, queue.refresh_homes(workspace_id, sorted(touched)))
    await ack()


async def reopen_ask(
    ack: AsyncAck,
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    respond: AsyncRespond,
) -> None:
    await _change_ask(body, context, client, respond, asks.reopen)
    await ack()


async def withdraw_ask(
    ack: AsyncAck,
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    respond: AsyncRespond,
) -> None:
    await _change_ask(body, context, client, respond, asks.withdraw)
    await ack()


async def _change_ask(
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    respond: AsyncRespond,
    change: Any,
) -> None:
    workspace_id, ask_id = context["workspace_id"], UUID(body["actions"][0]["value"])
    async with context["database"].workspace(workspace_id) as db:
        changed: Ask | None = await change(
            db, workspace_id, ask_id, asker=body["user"]["id"], now=context["now"]()
        )
        found = changed or await asks.find(db, workspace_id, ask_id)
        if changed is not None:
            await _show_anew(db, workspace_id, changed)
    if changed is None:
        await _say_why_not(body, context, client, respond, found)


async def _show_anew(db: AsyncConnection, workspace_id: str, ask: Ask) -> None:
    """The ask has changed: its cards, and whatever was said about its offers."""
    answers = await offers.to_ask(db, workspace_id, ask.ask_id)
    await queue.defer(
        db,
        queue.keep_ask(workspace_id, ask.ask_id),
        *(queue.keep_offer(workspace_id, offer.offer_id) for offer in answers),
        queue.refresh_homes(workspace_id, sorted({ask.asker, *(offer.helper for offer in answers)})),
    )


async def _say_why_not(
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    respond: AsyncRespond,
    ask: Ask | None,
) -> None:
    workspace_id = context["workspace_id"]
    async with context["database"].workspace(workspace_id) as db:
        asker = await person_of(db, workspace_id, ask.asker if ask else None)
    sentence = why_no_change(ask, asker.called, by=body["user"]["id"])
    await tell(body, client, respond, *replies.plain(escape(sentence)))


async def post_open_asks(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    async with context["database"].workspace(context["workspace_id"]) as db:
        channel, wanted_by = readable_channel(str(body["actions"][0]["value"])), body["user"]["id"]
        if channel is not None:
            await queue.defer(db, queue.keep_open_asks(context["workspace_id"], channel, wanted_by))
    await ack()


async def _find(body: dict[str, Any], context: AsyncBoltContext) -> Ask | None:
    workspace_id = context["workspace_id"]
    async with context["database"].workspace(workspace_id) as db:
        return await asks.find(db, workspace_id, UUID(body["actions"][0]["value"]))
