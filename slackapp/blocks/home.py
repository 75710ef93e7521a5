"""Home: one person's balance, read from top to bottom."""

from collections.abc import Sequence

from slackapp.blocks.asks import home_asks
from slackapp.blocks.kit import (
    Block,
    View,
    actions,
    button,
    clipped,
    context,
    divider,
    escape,
    header,
    quoted,
    section,
)
from slackapp.domain.balances import Balance, in_words
from slackapp.domain.gestures import GESTURE_KINDS
from slackapp.domain.homes import HomeFacts, Note

MOST_PEOPLE = 8
MOST_NOTES = 5


def home(facts: HomeFacts) -> View:
    return View(
        type="home",
        blocks=[
            header("Your give and take"),
            section(in_words(facts.balance)),
            actions(
                button("Give kudos", "open_kudos", style="primary"),
                button("Ask for help", "open_ask"),
                button("Offer help", "open_offer"),
                button("Settings", "open_settings"),
            ),
            *([] if facts.balance.is_empty else _balance(facts)),
            *(_first_steps() if facts.balance.is_empty else []),
            *home_asks(facts),
            divider(),
            *_notes(facts),
            divider(),
            *_what_is_known(),
        ],
    )


def _balance(facts: HomeFacts) -> list[Block]:
    found = facts.balance
    return [
        divider(),
        section(f"*Am I giving?*\n{_rhythm(found.gave)}   {_weeks_of(found.gave)}"),
        section(f"*Am I open to receiving?*\n{_rhythm(found.received)}   {_weeks_of(found.received)}"),
        context(
            f"One square a week, the last {len(found.weeks)} weeks, this week on the right. "
            "A filled square is a week with at least one gesture."
        ),
        *_kinds(found),
        *_people(facts),
    ]


def _rhythm(weeks: Sequence[bool]) -> str:
    return "".join("■" if active else "□" for active in weeks)


def _weeks_of(weeks: Sequence[bool]) -> str:
    return f"{sum(weeks)} of {len(weeks)} weeks"


def _kinds(found: Balance) -> list[Block]:
    given = [f"{count} {_kind(name, True)}" for name, count, _ in found.by_kind if count]
    received = [f"{count} {_kind(name, False)}" for name, _, count in found.by_kind if count]
    return [
        section(
            f"*What you gave*\n{' · '.join(given) or 'Nothing recorded in these weeks'}\n"
            f"*What you received*\n{' · '.join(received) or 'Nothing recorded in these weeks'}"
        )
    ]


def _kind(name: str, given: bool) -> str:
    kind = next(kind for kind in GESTURE_KINDS if kind.name == name)
    return kind.given if given else kind.received


def _people(facts: HomeFacts) -> list[Block]:
    exchanges = facts.balance.exchanges
    lines = [
        f"{_direction(exchange.given, exchange.received)}  *{escape(facts.names.get(exchange.other, 'Someone'))}*  "
        f"you gave {exchange.given}, you received {exchange.received}"
        for exchange in exchanges[:MOST_PEOPLE]
    ]
    more = len(exchanges) - MOST_PEOPLE
    return [
        section("*People you exchange with*\n" + "\n".join(lines)),
        *([context(f"And {more} more {'person' if more == 1 else 'people'}.")] if more > 0 else []),
    ]


def _direction(given: int, received: int) -> str:
    if given and received:
        return "⇄"
    return "→" if given else "←"


def _first_steps() -> list[Block]:
    return [
        divider(),
        section(
            "*Three ways to begin*\n"
            "• Type `/kudos @name for …` in any channel.\n"
            "• React to a message with :raised_hands: or :clap: for kudos, :pray: for thanks.\n"
            "• Open *Settings* and say how you like to be thanked and what help is welcome."
        ),
        context(
            "Your first weeks appear here by themselves, as a row of squares: ■ for a week with a gesture."
        ),
    ]


def _notes(facts: HomeFacts) -> list[Block]:
    if not facts.notes:
        return [section("*Words for you*\nNotes that people write to you will be kept here.")]
    return [
        section("*Words for you*"),
        *(_note(note, facts.names.get(note.giver, "Someone")) for note in facts.notes),
    ]


def _note(note: Note, giver: str) -> Block:
    day = f"<!date^{int(note.happened_at.timestamp())}^{{date_short_pretty}}|{note.happened_at:%-d %B}>"
    seen = "only you two" if note.visibility == "private" else "in the channel"
    return section(f"{quoted(clipped(note.text, 400), 900)}\n*{escape(giver)}*, {day}, {seen}")


def _what_is_known() -> list[Block]:
    return [
        section(
            "*What Mutual knows, and who sees it*\n"
            "• It keeps the kudos, thanks and help people record with it: who, to whom, when, and the note. "
            "It does not read your messages.\n"
            "• This page is yours. Nobody can look up your balance, your rhythm or your notes.\n"
            "• There are no points and no rankings, and every kind of gesture weighs the same."
        ),
        context("Questions? Type `/kudos help`, or ask the person who installed Mutual here."),
    ]
