"""What Mutual says when somebody talks to it: after `/mutual`, or in a direct message."""

from slackapp.blocks import replies
from slackapp.blocks.kit import Block, actions, button, context, section

Message = tuple[str, list[Block]]

_BUTTONS = (
    button("Give kudos", "open_kudos", style="primary"),
    button("Ask for help", "open_ask"),
    button("Offer help", "open_offer"),
    button("Settings", "open_settings"),
)


_SENTENCES = {
    "paused": "Paused. No message from me reaches you, and nothing you react or write is recorded. "
    "Write `resume` whenever you like.",
    "resumed": "Welcome back. I'll tell you again when something is for you.",
    "offer_undone": "Undone. Your last act was an offer, and it is taken back.",
    "helped": "Your last act was an offer that helped somebody. They say so, and it stands.",
    "nothing": "There is nothing to undo: nothing you gave within the last day stands right now.",
}


def said(word: str) -> Message:
    """The answer to a word, as `listeners/mutual.py` names what came of it."""
    outcome, _, about = word.partition(":")
    if outcome in _SENTENCES:
        text = _SENTENCES[outcome]
        return text, [section(text)]
    if outcome == "undone":
        return replies.undone(about)
    return privacy() if outcome == "privacy" else what_it_can_do()


def what_it_can_do() -> Message:
    text = "Mutual keeps the give and take of help and thanks in view."
    return text, [
        section(text),
        section(
            f"{replies.USAGE}\n*Ask for help:* `/ask somebody to read my outline`\n"
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
            "Your balance, your rhythm and your notes are for you alone. There are no points and no rankings."
        ),
        actions(button("What is stored about me", "open_privacy")),
    ]
