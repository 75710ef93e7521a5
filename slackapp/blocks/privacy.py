"""What is stored about the reader, for how long, and who has looked."""

from slackapp.blocks.kit import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    escape,
    header,
    isolated,
    modal,
    section,
)
from slackapp.domain.privacy import Retention, Stored


def on_home() -> list[Block]:
    return [actions(button("Privacy", "open_privacy"))]


def privacy(found: Stored, kept: Retention) -> View:
    return modal(
        "privacy",
        "Privacy",
        [
            header("What is stored about you"),
            section(
                f"• {_count(found.gave, 'gesture')} you gave and {_count(found.received, 'gesture')} you received\n"
                f"• {_count(found.notes, 'note')} that you wrote or received\n"
                + _asked_and_told(found)
                + ("• What you chose in Settings\n" if found.preferences else "• No settings of your own\n")
                + (
                    f"• You are on {', '.join(isolated(escape(team)) for team in found.teams[:10])}"
                    + (f" and {len(found.teams) - 10} more teams" if len(found.teams) > 10 else "")
                    if found.teams
                    else "• You are on no team"
                )
                + "\n• Your name and time zone, as Slack knows them"
            ),
            header("For how long"),
            section(
                f"• The words of a note, an ask or an offer: {_days(kept.notes)}\n"
                f"• A gesture, an ask, an offer, who looked, what was sent: {_days(kept.gestures)}\n"
                f"• Everything, when the app is uninstalled: {_grace(kept.grace)}"
            ),
            header("Who has looked"),
            section(
                "\n".join(_look(look.by, int(look.at.timestamp()), look.own_balance) for look in found.looks)
            )
            if found.looks
            else section("Nobody has looked at a page of your team, or at a balance you shared."),
            divider(),
            actions(button("Download my data", "download_my_data"), _pause(found.paused), _erase()),
            context("The download comes to you as a message from Mutual, as JSON and as CSV."),
            context(PAUSED if found.paused else _NOT_PAUSED),
        ],
        close="Close",
    )


def _asked_and_told(found: Stored) -> str:
    """A line for each that there is: most people have none yet."""
    asks, offers = f"{_count(found.asks, 'ask')} of yours", f"{_count(found.offers, 'offer')} from or to you"
    kept = " and ".join([*([asks] if found.asks else []), *([offers] if found.offers else [])])
    sent = f"{_count(found.messages, 'message')} that Mutual sent to you: when and what about, not the words"
    return (f"• {kept}, with the words\n" if kept else "") + (f"• {sent}\n" if found.messages else "")


PAUSED = "Mutual is paused for you: no message from it reaches you, and nothing is recorded from your reactions and messages."
_NOT_PAUSED = "While Mutual is paused, no message from it reaches you, and nothing is recorded from your reactions and messages."


def _pause(paused: bool) -> Block:
    return button("Resume", "resume_me", style="primary") if paused else button("Pause", "pause_me")


def _erase() -> dict[str, object]:
    return {
        **button("Erase me", "erase_me", style="danger"),
        "confirm": {
            "title": {"type": "plain_text", "text": "Erase everything about you?"},
            "text": {
                "type": "plain_text",
                "text": "Your notes, the notes people wrote to you, your settings and your name are removed from Mutual. "
                "What others gave and received keeps counting, with “Someone who left” in your place. "
                "This cannot be undone.",
            },
            "confirm": {"type": "plain_text", "text": "Erase me"},
            "deny": {"type": "plain_text", "text": "Keep it"},
            "style": "danger",
        },
    }


def on_its_way() -> View:
    return modal(
        "privacy_sent",
        "Privacy",
        [section("Your data is on its way. It comes as a message from Mutual, usually within a minute.")],
        close="Close",
    )


def erased() -> View:
    return modal("privacy_erased", "Privacy", [section(_ERASED)], close="Close")


def erased_home() -> View:
    return View(type="home", blocks=[header("Your give and take"), section(_ERASED)])


_ERASED = (
    "Everything about you is erased. Mutual no longer knows what you gave, received or wrote.\n"
    "What you asked for is taken back in Slack too. Other messages that were posted there are Slack's, and stay until "
    "they are deleted there. "
    "If you use Mutual again, or somebody thanks you with it, it begins anew."
)


def _look(by: str, at: int, own: bool) -> str:
    what = "your shared balance" if own else "a page of your team"
    return f"• *{isolated(escape(by))}* looked at {what}, <!date^{at}^{{date_short_pretty}} {{time}}|{at}>"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _days(days: int) -> str:
    return f"{days // 365} years" if days % 365 == 0 and days > 365 else _count(days, "day")


def _grace(days: int) -> str:
    return f"removed after {_count(days, 'day')}" if days else "removed at once"
