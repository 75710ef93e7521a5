"""What Mutual says when somebody talks to it: after `/mutual`, or in a direct message."""

from collections.abc import Mapping, Sequence
from typing import cast

from slackapp.blocks import replies
from slackapp.blocks.asks import withdraw_button
from slackapp.blocks.kit import Message, actions, button, context, mention, section
from slackapp.domain.gestures import MOST_RECEIVERS, Teller
from slackapp.domain.people import listed

_BUTTONS = (
    button("Give kudos", "open_kudos", style="primary"),
    button("Ask for help", "open_ask"),
    button("Offer help", "open_offer"),
    button("Settings", "open_settings"),
)


_SENTENCES = {
    "paused": "Paused. No message from me reaches you, and nothing is recorded from your reactions and messages. "
    "Write `resume` whenever you like.",
    "resumed": "Welcome back. I'll tell you again when something is for you.",
    "helped": "Your last act was an offer that helped somebody. They say so, and it stands.",
    "crowd": f"Your message names more than {MOST_RECEIVERS} people, so it is not counted as kudos: "
    "they land better when they are meant for a few.",
    "nobody": "Nobody in your message can receive it, so nothing is counted: apps, people who have left, "
    "people of other organisations and you yourself are left out.",
    "named": "Nothing is recorded: I look for kudos in channels only. "
    "Write `/kudos @name for …` here or anywhere else, and it counts.",
    "nothing": "There is nothing to undo: nothing you gave within the last day stands right now.",
}


def said(word: str, emoji: Mapping[str, str]) -> Message:
    """The answer to a word, as `listeners/mutual.py` names what came of it: ids may follow it, and never words.

    `emoji`: what a reaction means here.
    """
    outcome, _, about = word.partition(":")
    match outcome:
        case "undone":
            by, kind, receivers, key = about.split(":", 3)
            return replies.undone(key, _given(kind, receivers.split(",")), teller=cast("Teller", by))
        case "offer_undone":
            text = f"Undone: your offer to {mention(about)}. It is taken back, and nothing of it is counted."
            return text, [section(text)]
        case "asked":
            ask_id, _, key = about.partition(":")
            return _asked_last(ask_id, key)
        case "privacy":
            return privacy()
    if outcome in _SENTENCES:
        text = _SENTENCES[outcome]
        return text, [section(text)]
    return what_it_can_do(emoji)


def _given(kind: str, receivers: Sequence[str]) -> str:
    what = {"kudos": "your kudos to", "thanks": "your thanks to", "check_in": "your check-in with"}
    return f"{what.get(kind, 'what you gave to')} {listed([mention(user) for user in receivers])}"


def _asked_last(ask_id: str, key: str) -> Message:
    """Asking came last, and what came before it may be what was meant."""
    text = "The last thing you did was to ask for help. Do you want to take it back?"
    buttons = [withdraw_button(ask_id)]
    if key and not key.startswith("offer:"):
        buttons.append(button("Undo what I gave before", "undo", key))
    return text, [section(text), actions(*buttons)]


def what_it_can_do(emoji: Mapping[str, str]) -> Message:
    text = "Mutual keeps the give and take of help and thanks in view."
    return text, [
        section(text),
        section(
            f"{replies.ways(emoji)}\n*Ask for help:* `/ask somebody to read my outline`\n"
            "*Offer help:* `/offer @ben an hour on the export`"
        ),
        actions(*_BUTTONS),
        context(
            "Words I know: `undo`, `pause`, `resume`, `privacy`, `help`. Your balance is on my Home tab."
        ),
    ]


def privacy() -> Message:
    text = "What Mutual keeps, and who sees it"
    return text, [
        section(
            f"*{text}*\n"
            "• Gestures: who gave what kind to whom, when, and the note that was written for it.\n"
            "• Asks and offers with their words, until they are taken back.\n"
            "• What you chose in *Settings*.\n"
            "• Where it is invited it looks for kudos in messages and keeps nothing else of them. "
            "What you write to it here is not kept."
        ),
        section(
            "Your balance and your rhythm are for you alone, unless you share them with a team you are on. Nobody else "
            "can look up your notes. There are no points and no rankings."
        ),
        actions(button("What is stored about me", "open_privacy")),
    ]
