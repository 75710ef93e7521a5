"""Asks and offers: the forms, the card, and what both sides of an offer are told."""

import json
from collections.abc import Mapping, Sequence
from datetime import date

from slack_sdk.models.blocks import (
    ConfirmObject,
    ConversationFilter,
    ConversationSelectElement,
    DatePickerElement,
    InputBlock,
    StaticSelectElement,
    UserMultiSelectElement,
    UserSelectElement,
)

from slackapp.blocks.kit import (
    Block,
    InteractiveElement,
    View,
    actions,
    button,
    clipped,
    context,
    divider,
    escape,
    modal,
    option,
    quoted,
    radio,
    section,
    text_input,
)
from slackapp.domain.asks import ASK_LIMIT, KINDS_OF_HELP, THANKS_LIMIT, WHERE, Ask, Offer
from slackapp.domain.homes import HomeFacts
from slackapp.domain.people import Person

Message = tuple[str, list[Block]]

USAGE = (
    "*Ask for help:* `/ask somebody to read my outline`\n"
    "*See what is open in a channel:* `/ask list`\n"
    "*Offer help:* `/offer @ben an hour on the export`, or choose *Offer help* in the menu of a message"
)


def usage() -> list[Block]:
    return [
        section(
            "Asking is as welcome here as giving. Say what would help, and people who can will tell you."
        ),
        section(USAGE),
        context("You decide where it is posted, and you can edit, close or take back an ask at any time."),
    ]


# Forms --------------------------------------------------------------------------------------------------------


def ask_form(
    *,
    words: str = "",
    kind: str = "eyes",
    by_when: date | None = None,
    where: str = "channel",
    channel_id: str | None = None,
    told: Sequence[str] = (),
) -> View:
    """`told`: what to know about the people chosen so far, as plain text."""
    return modal(
        "ask",
        "Ask for help",
        [
            *_what(words, kind, by_when),
            radio("where", "Whom do you want to ask?", WHERE, where),
            InputBlock(
                block_id="channel",
                label="Channel",
                optional=True,
                element=ConversationSelectElement(
                    action_id="channel",
                    placeholder="Choose a channel",
                    initial_conversation=channel_id,
                    default_to_current_conversation=None if channel_id else True,
                    filter=ConversationFilter(include=["public", "private"], exclude_bot_users=True),
                ),
            ),
            InputBlock(
                block_id="asked",
                label="Or people",
                optional=True,
                dispatch_action=True,
                element=UserMultiSelectElement(action_id="asked", placeholder="Choose one or more people"),
            ),
            *([context(*(escape(line) for line in told[:10]))] if told else []),
        ],
        submit="Ask",
    )


def edit_form(ask: Ask, words: str) -> View:
    """`words`: the ask's text as the asker typed it."""
    return modal(
        "edit_ask",
        "Edit your ask",
        _what(words, ask.kind, ask.by_when),
        submit="Save",
        private_metadata=str(ask.ask_id),
    )


def _what(words: str, kind: str, by_when: date | None) -> list[Block]:
    kinds = [option(label, name) for name, label in KINDS_OF_HELP.items()]
    return [
        text_input(
            "what",
            "What do you need?",
            initial=words,
            placeholder="Somebody to read my outline before Friday",
            limit=ASK_LIMIT,
            optional=False,
        ),
        InputBlock(
            block_id="kind",
            label="Kind of help",
            element=StaticSelectElement(
                action_id="kind",
                options=kinds,
                initial_option=next(choice for choice in kinds if choice.value == kind),
            ),
        ),
        InputBlock(
            block_id="by_when",
            label="By when?",
            optional=True,
            element=DatePickerElement(
                action_id="by_when", initial_date=by_when.isoformat() if by_when else None
            ),
        ),
    ]


def close_form(ask: Ask, helpers: Sequence[str] = ()) -> View:
    """Closing asks who helped, so that everybody who did is counted. `helpers`: who offered, to begin with."""
    return modal(
        "close_ask",
        "Close your ask",
        [
            section("Nobody can offer any more, and everybody who waits for your answer gets a kind one."),
            InputBlock(
                block_id="helped",
                label="Who helped?",
                optional=True,
                hint="Their help counts when you say so. Leave it empty if it is not needed any more.",
                element=UserMultiSelectElement(
                    action_id="helped", placeholder="Choose everybody", initial_users=list(helpers) or None
                ),
            ),
        ],
        submit="Close it",
        private_metadata=str(ask.ask_id),
    )


def know_someone_form(ask: Ask) -> View:
    return modal(
        "know_someone",
        "I know someone",
        [
            section("Who might be able to help? Only the person who asked hears of it."),
            InputBlock(
                block_id="someone",
                label="Person",
                element=UserSelectElement(action_id="someone", placeholder="Choose a person"),
            ),
        ],
        submit="Suggest",
        private_metadata=str(ask.ask_id),
    )


def offer_form(
    *,
    receiver: Person | None,
    words: str = "",
    told: Sequence[str] = (),
) -> View:
    """What the receiver told others comes first, so that the offer fits."""
    wishes: list[str] = list(told)
    if receiver is not None and receiver.preferences.help_me:
        wishes.append(f"{receiver.name} says what helps: {receiver.preferences.help_me}")
    if receiver is not None and receiver.preferences.need_now:
        wishes.append(f"What {receiver.name} needs now: {receiver.preferences.need_now}")
    return modal(
        "offer",
        "Offer help",
        [
            *([section("\n".join(escape(line) for line in wishes))] if wishes else []),
            InputBlock(
                block_id="receiver",
                label="Whom do you offer help?",
                element=UserSelectElement(
                    action_id="receiver",
                    placeholder="Choose a person",
                    initial_user=receiver.user_id if receiver else None,
                ),
            ),
            text_input(
                "what",
                "What do you offer?",
                initial=words,
                placeholder="An hour on the export tomorrow",
                limit=ASK_LIMIT,
                optional=False,
            ),
        ],
        submit="Offer",
    )


def thanks_form(offer: Offer, helper: str, *, in_channel: bool) -> View:
    choices = {"channel": "Everyone in the channel of the ask", "private": "Only them"}
    return modal(
        "thank_helper",
        "Say thanks",
        [
            section(f"{escape(helper)}'s help counts. A line of thanks makes it land."),
            text_input(
                "note",
                "In a line",
                placeholder="What did it change for you?",
                limit=THANKS_LIMIT,
                multiline=False,
            ),
            *([radio("seen_by", "Who may see it?", choices, "channel")] if in_channel else []),
        ],
        submit="Thank them",
        close="Not now",
        private_metadata=str(offer.offer_id),
    )


# The card -----------------------------------------------------------------------------------------------------


def card(ask: Ask, offers: Sequence[Offer], *, mention: bool = True) -> Message:
    """The ask as its readers see it, in a channel or in a direct message."""
    who = f"<@{ask.asker}>"
    if ask.state == "withdrawn" or ask.text is None:
        text = "This ask was taken back by the person who asked."
        return text, [context(text)]
    helped = sum(offer.stage == "helped" for offer in offers)
    if not ask.is_open:
        text = f"{who} asked for help, and this ask is closed."
        return text, [
            section(text),
            section(quoted(ask.text)),
            context(
                f"{_people(helped)} helped." if helped else "Thank you to everybody who thought of helping."
            ),
            actions(button("Open it again", "reopen_ask", str(ask.ask_id))),
        ]
    offered = sum(offer.stage in {"pending", "accepted", "declined"} for offer in offers)
    text = f"{who} asks for help"
    facts = [KINDS_OF_HELP[ask.kind]]
    if ask.by_when:
        facts.append(f"by {ask.by_when:%-d %B}")
    if offered:
        facts.append(f"{_people(offered)} offered")
    if helped:
        facts.append(f"{_people(helped)} helped")
    return text, [
        section(f":raising_hand: {text}"),
        section(quoted(ask.text)),
        context(" · ".join(facts)),
        actions(
            button("I can help", "can_help", str(ask.ask_id), style="primary"),
            button("I know someone", "know_someone", str(ask.ask_id)),
            button("Edit", "edit_ask", str(ask.ask_id)),
            button("Close", "close_ask", str(ask.ask_id)),
        ),
    ]


def not_posted(ask: Ask) -> Message:
    """The channel did not take the card: the asker is told, and what to do."""
    text = f"I could not post your ask in <#{ask.channel_id}>, so nobody has seen it there."
    return text, [
        section(
            f"{text}\nInvite me there with `/invite @Mutual` and ask again, or ask in another channel. "
            "If the channel is archived, choose one that people still read."
        ),
        section(quoted(ask.text or "")),
        actions(withdraw_button(ask)),
    ]


def withdraw_button(ask: Ask) -> InteractiveElement:
    pressed = button("Take it back", "withdraw_ask", str(ask.ask_id))
    confirm = ConfirmObject(
        title="Take this ask back?",
        text="Its text is removed for good. Help that was given still counts.",
        confirm="Take it back",
        deny="Keep it",
    )
    return {**pressed, "confirm": confirm.to_dict()}


def suggestion(ask: Ask, suggested_by: str, suggested: str) -> Message:
    text = f"<@{suggested_by}> thinks that <@{suggested}> might be able to help you."
    return text, [
        section(text),
        *_about(ask, None),
        actions(button("Ask them", "also_ask", json.dumps([str(ask.ask_id), suggested]))),
    ]


def open_asks(asks: Sequence[Ask]) -> Message:
    """A list to pin: what is open in this channel, soonest needed first, whoever asks."""
    if not asks:
        text = "No ask is open in this channel right now. Type `/ask` when something would help you."
        return text, [section(text)]
    text = f"{len(asks)} open {'ask' if len(asks) == 1 else 'asks'} in this channel"
    return text, [
        section(f"*{text}*"),
        *(
            section(
                f"<@{ask.asker}>{f', by {ask.by_when:%-d %B}' if ask.by_when else ''}\n"
                f"{quoted(clipped(ask.text or '', 300), 700)}",
                accessory=button("I can help", "can_help", str(ask.ask_id)),
            )
            for ask in asks
        ),
        context("Soonest needed first. Nobody is asked in particular."),
    ]


def post_here(channel_id: str) -> list[Block]:
    return [
        context("Only you see this. Posted in the channel, it is kept up to date, and somebody can pin it."),
        actions(button("Post it here", "post_open_asks", channel_id)),
    ]


# What both sides of an offer are told -------------------------------------------------------------------------


def _about(ask: Ask | None, offer: Offer | None) -> list[Block]:
    words = (ask.text if ask else None) or (offer.text if offer else None)
    return [section(quoted(clipped(words, 600), 900))] if words else []


def for_receiver(offer: Offer, ask: Ask | None) -> Message:
    """The offer as the one who may say yes reads it."""
    who, value = f"<@{offer.helper}>", str(offer.offer_id)
    yes = button("Yes please", "accept_offer", value, style="primary")
    covered = button("Thanks, I'm covered", "decline_offer", value)
    helped = button("This helped", "confirm_help", value, style="primary")
    buttons: list[InteractiveElement]
    match offer.stage:
        case "pending":
            text = f"{who} can help you." if ask else f"{who} offers you help."
            buttons = [yes, covered]
            if offer.claimed:
                text, buttons = _done(who), [helped, button("Not yet", "not_yet", value)]
        case "accepted":
            text = f"You said yes to {who}. When it is done, say so, and it counts for both of you."
            buttons = [helped]
            if offer.claimed:
                text, buttons = _done(who), [helped, button("Not yet", "not_yet", value)]
        case "declined":
            text = f"You are covered, and {who} knows that the offer was welcome."
            buttons = [button("Yes please after all", "accept_offer", value)]
        case "expired":
            text = f"{who} offered help a while ago. If you still want it, say yes."
            buttons = [yes]
        case "withdrawn":
            text = f"{who} took the offer back."
            buttons = []
        case _:
            text = f"{who}'s help counts."
            buttons = [] if offer.thanked else [button("Say thanks", "thank_helper", value)]
            if not offer.thanked:
                buttons.append(button("Undo", "unconfirm_help", value))
            else:
                text = f"{who}'s help counts, and your thanks too."
    return text, [section(text), *_about(ask, offer), *([actions(*buttons)] if buttons else [])]


def _done(who: str) -> str:
    return f"{who} says that it is done. Did it help?"


def done_question(offer: Offer, ask: Ask | None) -> Message:
    """A message of its own, since an edited one rings no bell: did it help?"""
    if not offer.claimed or offer.helped or offer.stage == "withdrawn":
        text = "This question is answered."
        return text, [context(text)]
    return for_receiver(offer, ask)


def for_helper(offer: Offer, ask: Ask | None) -> Message | None:
    """What the helper hears. None: nothing to tell yet."""
    who, value = f"<@{offer.receiver}>", str(offer.offer_id)
    buttons: list[InteractiveElement] = []
    match offer.stage:
        case "accepted":
            text = f"{who} says yes please to your help."
            if offer.claimed:
                text = f"You said that it is done. It counts when {who} says that it helped."
            else:
                buttons = [
                    button("I helped", "claim_help", value, style="primary"),
                    button("Take it back", "take_back_offer", value),
                ]
        case "declined":
            text = f"{who} is covered for now. Thank you for offering: it counts all the same."
        case "helped":
            text = f"{who} says that your help helped. It counts."
        case _:
            return None
    return text, [section(text), *_about(ask, offer), *([actions(*buttons)] if buttons else [])]


def helper_quiet(offer: Offer) -> Message:
    """What an earlier message to the helper becomes when there is nothing left to do about it."""
    text = "You took your offer back." if offer.stage == "withdrawn" else "This offer is open again."
    return text, [context(text)]


def offered(offer: Offer, receiver: str, *, told: Sequence[str] = ()) -> Message:
    """The answer to the one who offered. `receiver` is a name; `told` is plain text."""
    name = escape(receiver)
    text = f"Thank you. {name} knows that you can help, and I tell you when they answer."
    if offer.ask_id is None:
        text = f"Your offer is on its way to {name}. I tell you when they answer."
    value = str(offer.offer_id)
    return text, [
        section(text),
        *([context(*(escape(line) for line in told))] if told else []),
        actions(button("I helped", "claim_help", value), button("Take it back", "take_back_offer", value)),
    ]


def plain(text: str) -> Message:
    return text, [section(text)]


def notice(text: str) -> View:
    """A sentence where no message can be shown, as on Home."""
    return modal("notice", "Mutual", [section(text)], close="Close")


# Home ---------------------------------------------------------------------------------------------------------


def home_asks(facts: HomeFacts) -> list[Block]:
    """The part of Home about asking and offering."""
    asking = facts.asking
    blocks = [
        *_own_asks(asking.own),
        *_going_on(asking.going_on, facts.names, facts.person.user_id),
        *_answerable(asking.answerable, facts.names),
    ]
    return [divider(), *blocks] if blocks else []


def _own_asks(asks: Sequence[Ask]) -> list[Block]:
    if not asks:
        return []
    blocks: list[Block] = [section("*What you asked for*")]
    for ask in asks[:5]:
        value = str(ask.ask_id)
        blocks += [
            section(quoted(clipped(ask.text or "", 300), 700)),
            actions(
                button("Edit", "edit_ask", value), button("Close", "close_ask", value), withdraw_button(ask)
            ),
        ]
    return blocks


def _going_on(offers: Sequence[Offer], names: Mapping[str, str], me: str) -> list[Block]:
    blocks: list[Block] = []
    for offer in offers[:8]:
        value = str(offer.offer_id)
        other = escape(names.get(offer.receiver if offer.helper == me else offer.helper, "Someone"))
        buttons: list[InteractiveElement] = []
        if offer.helper == me:
            said = "said yes to your help" if offer.stage == "accepted" else "has your offer"
            text = f"*{other}* {said}."
            if not offer.claimed:
                buttons = [
                    button("I helped", "claim_help", value),
                    button("Take it back", "take_back_offer", value),
                ]
        elif offer.stage == "pending" and not offer.claimed:
            text = f"*{other}* can help you."
            buttons = [
                button("Yes please", "accept_offer", value),
                button("Thanks, I'm covered", "decline_offer", value),
            ]
        elif offer.stage == "helped":
            text = f"*{other}* helped you. A word of thanks is still welcome."
            buttons = [button("Say thanks", "thank_helper", value)]
        else:
            text = f"*{other}* helps you. When it is done, say so."
            buttons = [button("This helped", "confirm_help", value)]
        blocks += [section(text), *([actions(*buttons)] if buttons else [])]
    return [section("*Help on its way*"), *blocks] if blocks else []


def _answerable(asks: Sequence[Ask], names: Mapping[str, str]) -> list[Block]:
    if not asks:
        return []
    return [
        section("*Asks you could answer*"),
        *(
            section(
                f"*{escape(names.get(ask.asker, 'Someone'))}*"
                f"{f', by {ask.by_when:%-d %B}' if ask.by_when else ''}\n"
                f"{quoted(clipped(ask.text or '', 300), 700)}",
                accessory=button("I can help", "can_help", str(ask.ask_id)),
            )
            for ask in asks[:5]
        ),
    ]


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
