"""Offers: the form, what both sides are told from the offer to the thanks, and what Home says of them."""

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import InputBlock, UserSelectElement

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
    isolated,
    mention,
    modal,
    quoted,
    radio,
    section,
    text_input,
)
from slackapp.domain.asks import ASK_LIMIT, THANKS_LIMIT, Ask, Offer
from slackapp.domain.homes import Asking
from slackapp.domain.people import Person

# Forms --------------------------------------------------------------------------------------------------------


def offer_form(
    *,
    receiver: Person | None,
    words: str = "",
    told: Sequence[str] = (),
) -> View:
    """What the receiver told others comes first, so that the offer fits."""
    wishes: list[str] = list(told)
    if receiver is not None and receiver.preferences.help_me:
        wishes.append(f"{receiver.called} says what helps: {receiver.preferences.help_me}")
    if receiver is not None and receiver.preferences.need_now:
        wishes.append(f"What {receiver.called} needs now: {receiver.preferences.need_now}")
    return modal(
        "offer",
        "Offer help",
        [
            *([section("\n".join(escape(line) for line in wishes))] if wishes else []),
            InputBlock(
                block_id="receiver",
                label="Whom do you offer help?",
                dispatch_action=True,
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


def thanks_form(offer: Offer, helper: Person, *, in_channel: bool) -> View:
    choices = {"channel": "Everyone in the channel of the ask", "private": "Only them"}
    quietly = helper.preferences.thanked == "private"
    return modal(
        "thank_helper",
        "Say thanks",
        [
            section(f"{escape(helper.called)}'s help counts. A line of thanks makes it land."),
            *([context(f"{escape(helper.called)} likes to be thanked in private.")] if quietly else []),
            text_input(
                "note",
                "In a line",
                placeholder="What did it change for you?",
                limit=THANKS_LIMIT,
                multiline=False,
            ),
            *(
                [radio("seen_by", "Who may see it?", choices, "private" if quietly else "channel")]
                if in_channel
                else []
            ),
        ],
        submit="Thank them",
        close="Not now",
        private_metadata=str(offer.offer_id),
    )


# What both sides of an offer are told -------------------------------------------------------------------------


def _about(ask: Ask | None, offer: Offer | None) -> list[Block]:
    words = (ask.text if ask else None) or (offer.text if offer else None)
    return [section(quoted(clipped(words, 600), 900))] if words else []


UNDONE = "This was undone, and nothing is counted."


def for_receiver(offer: Offer, ask: Ask | None, *, helper_left: bool = False) -> Message:
    """The offer as the one who may say yes reads it."""
    who, value = mention(offer.helper), str(offer.offer_id)
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
        case "declined" | "expired" if ask is not None and ask.is_taken_back:
            text = f"You took the ask back, so {who}'s offer is over."
            buttons = []
        case "declined":
            text = f"You are covered, and {who} knows that the offer was welcome."
            buttons = [] if helper_left else [button("Yes please after all", "accept_offer", value)]
        case "expired" if helper_left:
            text = f"{who} offered help, and no longer has an account here."
            buttons = []
        case "expired":
            text = f"{who} offered help a while ago. If you still want it, say yes."
            buttons = [yes]
        case "withdrawn" | "undone":
            text = f"{who} took the offer back." if offer.made else UNDONE
            buttons = []
        case _:
            text = f"{who}'s help counts."
            buttons = [] if offer.thanked else [button("Say thanks", "thank_helper", value)]
            if not offer.thanked:
                buttons.append(button("Undo", "unconfirm_help", value))
            else:
                text = f"{who}'s help counts, and your thanks too."
    text = _begun(text)
    return text, [section(text), *_about(ask, offer), *([actions(*buttons)] if buttons else [])]


def _begun(sentence: str) -> str:
    """It may begin with “someone who left”."""
    return sentence[:1].upper() + sentence[1:]


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
    who, value = mention(offer.receiver), str(offer.offer_id)
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
        case "declined" if ask is not None and ask.is_taken_back:
            text = f"{who} took the ask back. Thank you for offering: it counts all the same."
        case "declined":
            text = f"{who} is covered for now. Thank you for offering: it counts all the same."
        case "helped":
            text = f"{who} says that your help helped. It counts."
        case _:
            return None
    text = _begun(text)
    return text, [section(text), *_about(ask, offer), *([actions(*buttons)] if buttons else [])]


def helper_quiet(offer: Offer) -> Message:
    """What an earlier message to the helper becomes when there is nothing left to do about it."""
    text = {
        "withdrawn": "You took your offer back.",
        "undone": UNDONE,
        "expired": "This offer is over. Thank you for making it: it counts all the same.",
    }.get(offer.stage, "This offer is open again.")
    return text, [context(text)]


def offered(offer: Offer, receiver: Person, *, told: Sequence[str] = ()) -> Message:
    """The answer to the one who offered. `told`: what to know about the receiver, as plain text."""
    name = escape(receiver.called)
    if receiver.preferences.paused:
        text = f"Thank you. {name} has paused Mutual, so your offer waits on their Home tab."
        told = []
    elif offer.ask_id is None:
        text = f"Your offer is on its way to {name}. I'll tell you when they answer."
    else:
        text = f"Thank you. {name} knows that you can help, and I'll tell you when they answer."
    value = str(offer.offer_id)
    return text, [
        section(text),
        *([context(*(escape(line) for line in told))] if told else []),
        actions(button("I helped", "claim_help", value), button("Take it back", "take_back_offer", value)),
    ]


def offer_made(offer: Offer, receiver: Person) -> Message:
    """What a form answers, in a direct message: what can still be done, as long as it waits for an answer."""
    if offer.stage == "pending" and not offer.claimed:
        return offered(offer, receiver)
    if offer.stage == "withdrawn":
        return helper_quiet(offer)
    text = f"You offered {mention(offer.receiver)} help."
    return text, [section(text), *_about(None, offer)]


def done_by_helper(offer: Offer) -> Message:
    """What the helper's own answer becomes after they pressed one of its buttons."""
    if offer.stage == "withdrawn":
        text = "You took your offer back, and nothing is counted."
    else:
        text = f"You said that it is done. It counts when {mention(offer.receiver)} says that it helped."
    return text, [section(text)]


# Home ---------------------------------------------------------------------------------------------------------


MOST_GOING_ON = 8


def on_home(asking: Asking, names: Mapping[str, str], me: str) -> list[Block]:
    blocks: list[Block] = []
    for offer in asking.going_on[:MOST_GOING_ON]:
        who = names.get(offer.receiver if offer.helper == me else offer.helper, "Someone")
        other = f"*{isolated(escape(who))}*"
        text, buttons = _as_helper(offer, other) if offer.helper == me else _as_receiver(offer, other)
        words = asking.about.get(offer.offer_id)
        quote = f"\n{quoted(clipped(words, 150), 400)}" if words else ""
        blocks += [section(f"{text}{quote}"), *([actions(*buttons)] if buttons else [])]
    return [section("*Help on its way*"), *blocks] if blocks else []


def _as_helper(offer: Offer, receiver: str) -> tuple[str, list[InteractiveElement]]:
    value = str(offer.offer_id)
    if offer.claimed:
        return f"You said that it is done. It counts when {receiver} says that it helped.", []
    said = "said yes to your help" if offer.stage == "accepted" else "has your offer"
    return f"{receiver} {said}.", [
        button("I helped", "claim_help", value),
        button("Take it back", "take_back_offer", value),
    ]


def _as_receiver(offer: Offer, helper: str) -> tuple[str, list[InteractiveElement]]:
    value = str(offer.offer_id)
    helped = button("This helped", "confirm_help", value)
    if offer.stage == "helped":
        text = f"{helper} helped you. A word of thanks is still welcome."
        return text, [button("Say thanks", "thank_helper", value)]
    if offer.is_done:
        return _done(helper), [helped, button("Not yet", "not_yet", value)]
    if offer.stage == "pending":
        return f"{helper} can help you." if offer.ask_id else f"{helper} offers you help.", [
            button("Yes please", "accept_offer", value),
            button("Thanks, I'm covered", "decline_offer", value),
        ]
    return f"{helper} helps you. When it is done, say so.", [helped]
