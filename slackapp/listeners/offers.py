"""Offering help, and saying that it helped: by command, by form, and by the buttons under an offer."""

from typing import Any
from uuid import UUID

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks import asks as ask_screens
from slackapp.blocks import offers as screens
from slackapp.blocks import replies
from slackapp.blocks.kit import as_typed, escape, loading
from slackapp.domain.asks import (
    GONE,
    NOT_OURS,
    UNHEARD_ANSWER,
    NotPossible,
    boundaries,
    check_ours,
    check_receiver,
    checked_thanks,
    checked_words,
    offer_id_of,
    read_offer,
    why_no_offer,
    why_no_step,
    why_no_thanks,
)
from slackapp.domain.gestures import Gesture, Mark, Source
from slackapp.domain.weeks import local_day
from slackapp.listeners.answers import tell
from slackapp.listeners.directory import acquainted, person_of
from slackapp.listeners.forms import filled
from slackapp.store import asks, gestures, offers, queue


def register(bolt: AsyncApp) -> None:
    bolt.action("can_help")(can_help)
    bolt.command("/offer")(offer_command)
    bolt.shortcut("offer_help")(open_offer_for_message)
    bolt.action("open_offer")(open_offer)
    bolt.action({"block_id": "receiver", "action_id": "receiver"})(receiver_chosen)
    bolt.view("offer")(offer_sent)
    for action, what in _STEPS.items():
        bolt.action(action)(_step_listener(what))
    bolt.action("confirm_help")(confirm_help)
    bolt.action("thank_helper")(thank_helper)
    bolt.view("thank_helper")(thanks_sent)


#: Buttons under an offer, and the step each takes.
_STEPS = {
    "accept_offer": "accept",
    "decline_offer": "decline",
    "not_yet": "not_yet",
    "unconfirm_help": "unconfirm",
    "claim_help": "claim",
    "take_back_offer": "take_back",
}


# Offering -----------------------------------------------------------------------------------------------------


async def can_help(
    ack: AsyncAck,
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    respond: AsyncRespond,
) -> None:
    helper, workspace_id, now = body["user"]["id"], context["workspace_id"], context["now"]()
    ask_id = UUID(body["actions"][0]["value"])
    async with acquainted(context, client, [helper]) as (db, known):
        ask, step = await asks.find(db, workspace_id, ask_id), None
        before = await offers.find(db, workspace_id, offer_id_of(workspace_id, helper, ask_id))
        asker = await person_of(db, workspace_id, ask.asker if ask else None)
        if ask is not None and helper in known.people and known.people[helper].takes_part:
            day = local_day(now, known.timezone)
            step = await offers.offer(db, workspace_id, ask, helper=helper, now=now, day=day)
        mine = await offers.find(db, workspace_id, offer_id_of(workspace_id, helper, ask_id))
        if step is not None:
            await queue.defer(db, *_after_step(workspace_id, step, made_again=before is not None))
        else:
            ask = await asks.find(db, workspace_id, ask_id)  # as whoever was first has left it
        stranger = helper not in known.people or not known.people[helper].takes_part
    await ack()
    if step is not None:
        told = boundaries([asker], local_day(now, known.timezone), offering=True)
        await tell(body, client, respond, *screens.offered(step.offer, asker, told=told), on_home=False)
    elif stranger:
        await tell(body, client, respond, *replies.plain(NOT_OURS))
    else:
        sentence = why_no_offer(ask, asker.called, helper=helper, mine=mine)
        await tell(body, client, respond, *replies.plain(escape(sentence)))


async def offer_command(
    ack: AsyncAck, command: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    """What the receiver told others is read before the offer is sent: then a form opens instead."""
    typed, helper = (command.get("text") or "").strip(), command["user_id"]
    workspace_id, now = context["workspace_id"], context["now"]()
    if typed.lower() in {"help", "?"}:
        await ack(text="How to offer help", blocks=ask_screens.usage())
        return
    if not typed:
        await client.views_open(trigger_id=command["trigger_id"], view=screens.offer_form(receiver=None))
        await ack()
        return
    try:
        receiver_id, words = read_offer(typed)
        if words:
            checked_words(as_typed(words))
        async with acquainted(context, client, [helper, receiver_id]) as (db, known):
            check_ours(known.people.get(helper))
            receiver = check_receiver(helper, receiver_id, known.people)
            day = local_day(now, known.timezone)
            told = boundaries([receiver], day, offering=True)
            reads_first = bool(told or receiver.preferences.help_me or not words)
            step = None
            if not reads_first:
                step = await offers.offer_unasked(
                    db,
                    workspace_id,
                    f"command:{command['trigger_id']}",
                    helper=helper,
                    receiver=receiver_id,
                    words=words,
                    now=now,
                    day=day,
                )
                if step is not None:
                    await queue.defer(db, *_after_step(workspace_id, step))
    except NotPossible as why:
        text, blocks = replies.refusal(str(why), typed, command="/offer")
        await ack(text=text, blocks=blocks)
        return
    if reads_first:
        await client.views_open(
            trigger_id=command["trigger_id"],
            view=screens.offer_form(receiver=receiver, words=as_typed(words), told=told),
        )
        await ack()
    elif step is not None:
        text, blocks = screens.offered(step.offer, receiver)
        await ack(text=text, blocks=blocks)
    else:
        await ack()


async def open_offer(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
    await client.views_open(trigger_id=body["trigger_id"], view=screens.offer_form(receiver=None))
    await ack()


async def open_offer_for_message(
    ack: AsyncAck, shortcut: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    message, helper = shortcut["message"], shortcut["user"]["id"]
    author = None if message.get("bot_id") else message.get("user")
    if not author or author == helper:
        await client.views_open(trigger_id=shortcut["trigger_id"], view=screens.offer_form(receiver=None))
        await ack()
        return
    # Slack may have to be asked who that is, and the trigger lives three seconds.
    opened = await client.views_open(trigger_id=shortcut["trigger_id"], view=loading("Offer help"))
    await ack()
    async with acquainted(context, client, [author]) as (_, known):
        receiver = known.people.get(author)
        today = local_day(context["now"](), known.timezone)
        told = boundaries([receiver], today, offering=True) if receiver else []
    await client.views_update(
        view_id=opened["view"]["id"],
        hash=opened["view"]["hash"],
        view=screens.offer_form(receiver=receiver, told=told),
    )


async def receiver_chosen(
    ack: AsyncAck,
    body: dict[str, Any],
    action: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
) -> None:
    """Show what the receiver told others, before the offer goes."""
    chosen, view = action["selected_user"], body["view"]
    async with acquainted(context, client, [chosen]) as (_, known):
        receiver = known.people.get(chosen)
        today = local_day(context["now"](), known.timezone)
        told = boundaries([receiver], today, offering=True) if receiver else []
    await ack()
    await client.views_update(
        view_id=view["id"], hash=view["hash"], view=screens.offer_form(receiver=receiver, told=told)
    )


async def offer_sent(
    ack: AsyncAck,
    body: dict[str, Any],
    view: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
) -> None:
    helper, workspace_id, now = body["user"]["id"], context["workspace_id"], context["now"]()
    values = filled(view)
    receiver = values["receiver"]["selected_user"]
    try:
        words = checked_words(values["what"]["value"])
    except NotPossible as why:
        await ack(response_action="errors", errors={"what": str(why)})
        return
    try:
        async with acquainted(context, client, [helper, receiver]) as (db, known):
            check_ours(known.people.get(helper))
            check_receiver(helper, receiver, known.people)
            step = await offers.offer_unasked(
                db,
                workspace_id,
                f"view:{view['id']}",
                helper=helper,
                receiver=receiver,
                words=escape(words),
                now=now,
                day=local_day(now, known.timezone),
            )
            if step is not None:
                # A form leaves no answer behind, as a command does.
                await queue.defer(db, *_after_step(workspace_id, step, by_form=True))
            hears = helper in known.people and not known.people[helper].preferences.paused
    except NotPossible as why:
        await ack(response_action="errors", errors={"receiver": str(why).replace("`", "")})
        return
    if hears:
        await ack()
    else:
        await ack(response_action="update", view=replies.notice(UNHEARD_ANSWER))


# From the answer to thanks ------------------------------------------------------------------------------------


def _step_listener(what: str) -> Any:
    async def stepped(
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        client: AsyncWebClient,
        respond: AsyncRespond,
    ) -> None:
        await _take_step(body, context, client, respond, what)
        await ack()

    return stepped


async def confirm_help(
    ack: AsyncAck,
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    respond: AsyncRespond,
) -> None:
    """This helped: it counts, and a line of thanks is offered."""
    step = await _take_step(body, context, client, respond, "confirm")
    if step is not None and not step.offer.thanked:
        await _open_thanks(body, context, client, respond, step.offer.offer_id)
    await ack()


async def _take_step(
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    respond: AsyncRespond,
    what: str,
) -> offers.Step | None:
    by, workspace_id = body["user"]["id"], context["workspace_id"]
    offer_id = UUID(body["actions"][0]["value"])
    async with context["database"].workspace(workspace_id) as db:
        step = await offers.step(db, workspace_id, offer_id, what, by=by, now=context["now"]())
        if step is not None:
            await queue.defer(db, *_after_step(workspace_id, step))
        else:
            offer = await offers.find(db, workspace_id, offer_id)
            ask = await asks.find(db, workspace_id, offer.ask_id) if offer and offer.ask_id else None
            helper = await person_of(db, workspace_id, offer.helper if offer else None)
            receiver = await person_of(db, workspace_id, offer.receiver if offer else None)
    if step is None:
        sentence = why_no_step(
            offer,
            by=by,
            helper=helper.called,
            receiver=receiver.called,
            ask=ask,
            helper_left=helper.is_deactivated,
            receiver_left=receiver.is_deactivated,
        )
        await tell(body, client, respond, *replies.plain(escape(sentence)))
    elif by == step.offer.helper and _only_they_see_it(body):
        # Nothing else changes what only they see; other messages and Home are kept true by their jobs.
        text, blocks = screens.done_by_helper(step.offer)
        await respond(text=text, blocks=blocks, replace_original=True)
    return step


def _only_they_see_it(body: dict[str, Any]) -> bool:
    pressed_in = body.get("container")
    return bool(isinstance(pressed_in, dict) and pressed_in.get("is_ephemeral") and body.get("response_url"))


async def thank_helper(
    ack: AsyncAck,
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    respond: AsyncRespond,
) -> None:
    await _open_thanks(body, context, client, respond, UUID(body["actions"][0]["value"]))
    await ack()


async def _open_thanks(
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    respond: AsyncRespond,
    offer_id: UUID,
) -> None:
    workspace_id = context["workspace_id"]
    async with context["database"].workspace(workspace_id) as db:
        offer = await offers.find(db, workspace_id, offer_id)
        ask = await asks.find(db, workspace_id, offer.ask_id) if offer and offer.ask_id else None
        helper = await person_of(db, workspace_id, offer.helper if offer else None)
    refused = why_no_thanks(offer, by=body["user"]["id"], helper=helper.called)
    if offer is None or refused:
        await tell(body, client, respond, *replies.plain(escape(refused or GONE)))
        return
    in_channel = ask is not None and ask.channel_id is not None
    await client.views_open(
        trigger_id=body["trigger_id"], view=screens.thanks_form(offer, helper, in_channel=in_channel)
    )


async def thanks_sent(
    ack: AsyncAck,
    body: dict[str, Any],
    view: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
) -> None:
    by, workspace_id, now = body["user"]["id"], context["workspace_id"], context["now"]()
    values, offer_id = filled(view), UUID(view["private_metadata"])
    try:
        typed = checked_thanks(values["note"]["value"])
    except NotPossible as why:
        await ack(response_action="errors", errors={"note": str(why)})
        return
    public = "seen_by" in values and values["seen_by"]["selected_option"]["value"] == "channel"
    async with acquainted(context, client, [by]) as (db, known):
        offer = await offers.find(db, workspace_id, offer_id, hold=True)
        helper = await person_of(db, workspace_id, offer.helper if offer else None)
        refused = why_no_thanks(offer, by=by, helper=helper.called)
        if offer is not None and refused is None:
            ask = await asks.find(db, workspace_id, offer.ask_id) if offer.ask_id else None
            source = Source(
                f"thanks:{offer_id}", ask.channel_id if ask else None, ask.card_ts if ask else None
            )
            thanks = Gesture(
                by,
                offer.helper,
                "thanks",
                source,
                now,
                local_day(now, known.timezone),
                "channel" if public else "private",
                escape(typed) if typed else None,
                offer.help_id,
            )
            mark = Mark("form", at=now.timestamp())  # thanks that were undone may be said again
            then = [
                queue.announce(workspace_id, source.key, by, [by, offer.helper]),
                queue.answer(workspace_id, source.key, by, None),
            ]
            await gestures.record(db, workspace_id, [thanks], mark, now, then=then)
    if refused:
        await ack(response_action="errors", errors={"note": refused.replace("`", "")})
    else:
        await ack()


def _after_step(
    workspace_id: str, step: offers.Step, *, by_form: bool = False, made_again: bool = False
) -> list[queue.Job]:
    both = [step.offer.helper, step.offer.receiver]
    return [
        queue.keep_offer(workspace_id, step.offer.offer_id, by_form=by_form, made_again=made_again),
        queue.refresh_homes(workspace_id, both),
    ]
