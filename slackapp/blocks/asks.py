"""Asks: the forms, the card, and what Home says of them."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

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
    Message,
    View,
    actions,
    button,
    clipped,
    context,
    escape,
    fitted,
    isolated,
    mention,
    modal,
    option,
    quoted,
    section,
    text_input,
)
from slackapp.domain.asks import ASK_LIMIT, KINDS_OF_HELP, MOST_LISTED, Ask, Offer
from slackapp.domain.people import Person, listed, out_of_reach

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
    channel_id: str | None = None,
    told: Sequence[str] = (),
) -> View:
    """`told`: what to know about the people chosen so far, as plain text."""
    return modal(
        "ask",
        "Ask for help",
        [
            *_what(words, kind, None),
            InputBlock(
                block_id="channel",
                label="In which channel?",
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
                label="Or only these people",
                optional=True,
                hint="Then no channel sees it: each of them gets it in a direct message.",
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
                hint="Their help counts when you say so. Leave it empty if nobody did.",
                element=UserMultiSelectElement(
                    action_id="helped", placeholder="Choose everybody", initial_users=list(helpers) or None
                ),
            ),
        ],
        submit="Close it",
        private_metadata=str(ask.ask_id),
    )


def know_someone_form(ask: Ask, *, own: bool) -> View:
    """`own`: it is the asker who thinks of somebody, and asks them."""
    return modal(
        "know_someone",
        "I know someone",
        [
            section(
                "Whom would you like to ask as well? I'll send them your ask."
                if own
                else "Who might be able to help? Only the person who asked hears of it."
            ),
            InputBlock(
                block_id="someone",
                label="Person",
                element=UserSelectElement(action_id="someone", placeholder="Choose a person"),
            ),
        ],
        submit="Ask them" if own else "Suggest",
        private_metadata=str(ask.ask_id),
    )


# The card -----------------------------------------------------------------------------------------------------


def card(ask: Ask, offers: Sequence[Offer], *, reader: str | None = None) -> Message:
    """The ask as everybody in its channel sees it, or as one `reader` who was asked, with what they can use."""
    who = mention(ask.asker)
    if ask.text is None:
        return taken_back()
    if not ask.is_open:
        text = f"{who} asked for help, and this ask is closed."
        reopen = [] if reader else [actions(button("Open it again", "reopen_ask", str(ask.ask_id)))]
        return text, [section(text), section(quoted(ask.text)), context(_thanks_to(offers)), *reopen]
    text = f"{who} asks for help"
    mine = next((offer for offer in offers if offer.helper == reader and not offer.is_over), None)
    return text, [
        section(f":raising_hand: {text}"),
        section(quoted(ask.text)),
        context(_facts(ask, offers)),
        *([context(_MINE[mine.stage].format(who=who))] if mine else []),
        actions(
            *([] if mine else [button("I can help", "can_help", str(ask.ask_id), style="primary")]),
            button("I know someone", "know_someone", str(ask.ask_id)),
            *([] if reader else [_edit(ask), _close(ask)]),
        ),
    ]


def taken_back() -> Message:
    """Without a name: it is also what is left of the asks of somebody who was erased."""
    text = "This ask was taken back by the person who asked."
    return text, [context(text)]


def to_read(ask: Ask, offers: Sequence[Offer], reader: str) -> View:
    return modal("read_ask", "An ask", card(ask, offers, reader=reader)[1], close="Close")


#: How it stands between the asker and the reader of a card, who has offered.
_MINE = {
    "pending": "You have offered. I'll tell you when {who} answers.",
    "accepted": "{who} said yes to your help.",
    "declined": "{who} is covered. Thank you for offering: it counts all the same.",
    "helped": "You helped. Thank you.",
}


def _facts(ask: Ask, offers: Sequence[Offer]) -> str:
    offered = sum(offer.stage in {"pending", "accepted", "declined"} for offer in offers)
    helped = sum(offer.stage == "helped" for offer in offers)
    facts = [KINDS_OF_HELP[ask.kind]]
    if ask.by_when:
        facts.append(f"by {ask.by_when:%-d %B}")
    if offered:
        facts.append(f"{_people(offered)} offered")
    if helped:
        facts.append(f"{_people(helped)} helped")
    return " · ".join(facts)


def _thanks_to(offers: Sequence[Offer]) -> str:
    helped = sum(offer.stage == "helped" for offer in offers)
    return f"{_people(helped)} helped." if helped else "Thank you to everybody who thought of helping."


def own_card(
    ask: Ask, offers: Sequence[Offer], *, saying: str | None = None, unreached: Sequence[Person] = ()
) -> Message:
    """The ask as the asker alone sees it. `saying`: what to say first; `unreached`: who was asked in vain."""
    if ask.text is None:
        text = saying or "You took this ask back, and its words are gone."
        return text, [section(text)]
    if not ask.is_open:
        text = saying or "Your ask is closed."
        return text, [
            section(text),
            section(quoted(ask.text)),
            context(_thanks_to(offers)),
            actions(button("Open it again", "reopen_ask", str(ask.ask_id)), withdraw_button(ask.ask_id)),
        ]
    asked = listed([mention(user) for user in ask.people]) or "nobody yet"
    text = (
        saying or f"Your ask is with {asked}. Nobody else reads it, and I'll tell you when somebody offers."
    )
    return text, [
        section(text),
        section(quoted(ask.text)),
        context(_facts(ask, offers)),
        *([context(*_unreached(unreached))] if unreached else []),
        actions(_edit(ask), _close(ask), withdraw_button(ask.ask_id)),
    ]


def _unreached(people: Sequence[Person]) -> list[str]:
    left = [escape(person.called) for person in people if person.is_deactivated]
    paused = [escape(person.called) for person in people if not person.is_deactivated]
    lines = []
    if left:
        lines.append(out_of_reach(left))
    if paused:
        have = "has" if len(paused) == 1 else "have"
        lines.append(
            f"{listed(paused)} {have} paused Mutual, so it does not reach them. You can write to them yourself."
        )
    return lines


def asked_by_workflow(ask: Ask, offers: Sequence[Offer]) -> Message:
    where = f"<#{ask.channel_id}>"
    saying = (
        f"A workflow asks for help in your name, in {where}. If that is not what you meant, take it back."
    )
    return own_card(ask, offers, saying=saying if ask.is_open else None)


def not_posted(ask: Ask, offers: Sequence[Offer], *, by_workflow: bool = False) -> Message:
    """The channel did not take the card: the asker is told, and what to do."""
    what = (
        f"A workflow asked for help in your name. I could not post that in <#{ask.channel_id}>"
        if by_workflow
        else f"I could not post your ask in <#{ask.channel_id}>"
    )
    return own_card(
        ask,
        offers,
        saying=f"{what}, so nobody has seen it there.\n"
        "Invite me with `/invite @Mutual` and I'll post it. If the channel is archived, ask in one that "
        "people still read."
        if ask.is_open
        else None,
    )


def not_kept(ask: Ask, offers: Sequence[Offer]) -> Message:
    """The channel has the card and takes no change any more: how the ask stands is said here instead."""
    where = f"<#{ask.channel_id}>"
    why = f"I can't change its card in {where} any more: I am no longer in the channel, or it is archived."
    invite = "With `/invite @Mutual` there, I'll put it right."
    if ask.text is None:
        saying = f"You took your ask back. {why} So its words still stand there. {invite}"
    elif not ask.is_open:
        saying = f"Your ask is closed. {why} So it may still look open there. {invite}"
    else:
        saying = (
            f"About your ask: {why} This message shows how it stands, and offers reach you here. {invite}"
        )
    return own_card(ask, offers, saying=saying)


def kept_again(ask: Ask, offers: Sequence[Offer]) -> Message:
    """What those notes become when the channel takes the card after all."""
    return own_card(ask, offers, saying=f"The card of your ask is in <#{ask.channel_id}>, and up to date.")


def _edit(ask: Ask) -> InteractiveElement:
    return button("Edit", "edit_ask", str(ask.ask_id))


def _close(ask: Ask) -> InteractiveElement:
    return button("Close", "close_ask", str(ask.ask_id))


def withdraw_button(ask_id: UUID | str) -> InteractiveElement:
    pressed = button("Take it back", "withdraw_ask", str(ask_id))
    confirm = ConfirmObject(
        title="Take this ask back?",
        text="Its text is removed for good. Help that was given still counts.",
        confirm="Take it back",
        deny="Keep it",
    )
    return {**pressed, "confirm": confirm.to_dict()}


def suggestion(ask: Ask, suggested_by: str, suggested: str) -> Message:
    text = f"{mention(suggested_by)} thinks that {mention(suggested)} might be able to help you."
    return text, [
        section(text),
        section(quoted(clipped(ask.text or "", 600), 900)),
        actions(button("Ask them", "also_ask", json.dumps([str(ask.ask_id), suggested]))),
    ]


def suggestion_over() -> Message:
    text = "Somebody was suggested to you for an ask that you took back."
    return text, [context(text)]


def open_asks(asks: Sequence[Ask], names: Mapping[str, str]) -> Message:
    """A list to pin: what is open in this channel, soonest needed first, whoever asks. More than MOST_LISTED are not shown.

    Names, not mentions that would call everybody who asks.
    """
    if not asks:
        text = "No ask is open in this channel right now. Type `/ask` when something would help you."
        return text, [section(text)]

    def compose(longest: int, most: int) -> Message:
        shown = asks[:most]
        text = f"{len(asks)} open {'ask' if len(asks) == 1 else 'asks'} in this channel"
        if len(asks) > len(shown):
            text = f"The {len(shown)} open asks in this channel that are needed soonest"
        return text, [
            section(f"*{text}*"),
            *(_to_answer(ask, names, min(longest, 300)) for ask in shown),
            context("Soonest needed first. Nobody is asked in particular."),
        ]

    return fitted(compose, MOST_LISTED)


def _to_answer(ask: Ask, names: Mapping[str, str], longest: int = 300) -> Block:
    return section(
        f"*{isolated(escape(names.get(ask.asker, 'Someone')))}*"
        f"{f', by {ask.by_when:%-d %B}' if ask.by_when else ''}\n"
        f"{quoted(clipped(ask.text or '', longest), longest * 2 + 100)}",
        accessory=button("I can help", "can_help", str(ask.ask_id)),
    )


def post_here(channel_id: str) -> list[Block]:
    return [
        context("Only you see this. Posted in the channel, it is kept up to date, and somebody can pin it."),
        actions(button("Post it here", "post_open_asks", channel_id)),
    ]


def list_is_there(link: str) -> Message:
    text = f"The list of open asks is in that channel already, and up to date: <{link}|here it is>."
    return text, [section(text)]


def list_not_posted(channel_id: str) -> Message:
    text = f"I can't post the list of open asks in <#{channel_id}>, because I am not in that channel."
    return text, [section(f"{text}\nInvite me with `/invite @Mutual`, and press *Post it here* again.")]


# Home ---------------------------------------------------------------------------------------------------------


def own_on_home(asks: Sequence[Ask]) -> list[Block]:
    if not asks:
        return []
    blocks: list[Block] = [section("*What you asked for*")]
    for ask in asks[:5]:
        blocks += [
            section(quoted(clipped(ask.text or "", 300), 700)),
            actions(_edit(ask), _close(ask), withdraw_button(ask.ask_id)),
        ]
    return blocks


def answerable_on_home(asks: Sequence[Ask], names: Mapping[str, str]) -> list[Block]:
    if not asks:
        return []
    return [
        section("*Asks you could answer*"),
        *(_to_answer(ask, names) for ask in asks[:5]),
    ]


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
