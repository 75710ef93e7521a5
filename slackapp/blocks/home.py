"""Home: one person's balance, read from top to bottom."""

from collections.abc import Mapping, Sequence
from datetime import date

from slackapp.blocks import asks, findings, offers, privacy
from slackapp.blocks.kit import (
    Block,
    View,
    actions,
    button,
    clipped,
    columns,
    context,
    divider,
    escape,
    header,
    isolated,
    quoted,
    section,
)
from slackapp.blocks.team import on_home
from slackapp.domain.balances import Balance, in_words, squares
from slackapp.domain.emoji import meaning
from slackapp.domain.gestures import GESTURE_KINDS
from slackapp.domain.homes import HomeFacts, Note
from slackapp.domain.people import Person

MOST_PEOPLE = 8
MOST_CHECK_INS = 4  # of today


def home(facts: HomeFacts, contact: str | None = None) -> View:
    """`contact`: who answers questions, by e-mail."""
    return View(
        type="home",
        blocks=[
            *([_more_to_allow(facts.lacks)] if facts.lacks else []),
            header("Your give and take"),
            section(in_words(facts.balance)),
            *_for_a_while(facts.person, facts.today),
            actions(
                button("Give kudos", "open_kudos", style="primary"),
                button("Ask for help", "open_ask"),
                button("Offer help", "open_offer"),
                button("Settings", "open_settings"),
            ),
            *([] if facts.balance.is_empty else _balance(facts)),
            *findings.on_home(facts.findings),
            *(_first_steps(facts.emoji) if facts.balance.is_empty else []),
            *_asking(facts),
            *_check_ins(facts),
            divider(),
            *_notes(facts),
            *on_home(facts.teams),
            divider(),
            *_what_is_known(),
            *privacy.on_home(),
            context(_questions(contact)),
        ],
    )


def _for_a_while(person: Person, today: date) -> list[Block]:
    """What people chose for a while, and might forget."""
    said, lines = person.preferences, []
    if said.paused:
        lines.append(privacy.PAUSED)
    if said.away_until is not None and said.away(today):
        lines.append(f"You are away until {said.away_until:%-d %B}.")
    elif person.on_vacation:
        lines.append("You are away: your status in Slack says so.")
    if said.at_capacity_until is not None and said.at_capacity(today):
        lines.append(f"You are at capacity until {said.at_capacity_until:%-d %B}, and suggested to nobody.")
    return [context(*lines, "You can change it in *Settings*.")] if lines else []


def _questions(contact: str | None) -> str:
    if contact is None:
        return "Questions? Type `/mutual help`, or ask the person who installed Mutual here."
    address = escape(contact)
    return f"Questions? Type `/mutual help`, or write to <mailto:{address}|{address}>."


def _more_to_allow(lacks: Sequence[str]) -> Block:
    return section(
        f"*Mutual needs something more from Slack.* Parts of it do not work until you, or another admin, install it "
        f"again and allow: {', '.join(f'`{scope}`' for scope in lacks)}. Nothing that was recorded is lost."
    )


def _balance(facts: HomeFacts) -> list[Block]:
    found = facts.balance
    return [
        divider(),
        section(f"*Am I giving?*  {_weeks_of(found.gave)}\n{squares(found.gave)}"),
        section(f"*Am I open to receiving?*  {_weeks_of(found.received)}\n{squares(found.received)}"),
        context(
            "Each square is a week, this week on the right. Green means at least one gesture in that week."
        ),
        _kinds(found),
        *_people(facts),
    ]


def _weeks_of(weeks: Sequence[bool]) -> str:
    return f"{sum(weeks)} of {len(weeks)} weeks"


def _kinds(found: Balance) -> Block:
    """Both columns name the same kinds, so that they can be read across."""
    seen = [(name, given, received) for name, given, received in found.by_kind if given or received]
    labels = {kind.name: kind.label for kind in GESTURE_KINDS}
    gave = "\n".join(f"{labels[name]}: {given}" for name, given, _ in seen)
    received = "\n".join(f"{labels[name]}: {count}" for name, _, count in seen)
    return columns(f"*What you gave*\n{gave}", f"*What you received*\n{received}")


def _people(facts: HomeFacts) -> list[Block]:
    exchanges = facts.balance.exchanges
    lines = [
        f"{_direction(exchange.given, exchange.received)}  *{isolated(escape(facts.names.get(exchange.other, 'Someone')))}*  "
        f"you gave {exchange.given}, they gave {exchange.received}"
        for exchange in exchanges[:MOST_PEOPLE]
    ]
    more = len(exchanges) - MOST_PEOPLE
    return [
        section("*You and others*\n" + "\n".join(lines)),
        *([context(f"And {more} more {'person' if more == 1 else 'people'}.")] if more > 0 else []),
    ]


def _direction(given: int, received: int) -> str:
    if given and received:
        return "⇄"
    return "→" if given else "←"


def _first_steps(emoji: Mapping[str, str]) -> list[Block]:
    means = [f"{named} for {kind}" for kind in ("kudos", "thanks") if (named := meaning(emoji, kind))]
    return [
        divider(),
        section(
            "\n".join(
                [
                    "*Ways to begin*",
                    "• Type `/kudos @name for …` in any channel.",
                    *([f"• React to a message with {', '.join(means)}."] if means else []),
                    "• Open *Settings* and say how you like to be thanked and what help is welcome.",
                ]
            )
        ),
        context(
            "Your weeks appear here by themselves, as a row of squares: green for a week with a gesture."
        ),
    ]


def _asking(facts: HomeFacts) -> list[Block]:
    found = facts.asking
    blocks = [
        *asks.own_on_home(found.own),
        *offers.on_home(found, facts.names, facts.person.user_id),
        *asks.answerable_on_home(found.answerable, facts.names),
    ]
    return [divider(), *blocks] if blocks else []


def _check_ins(facts: HomeFacts) -> list[Block]:
    """A person to think of, and nothing that anybody must do."""
    found, blocks = facts.check_ins, list[Block]()
    for user in found.today[:MOST_CHECK_INS]:
        name = isolated(escape(facts.names.get(user, "Someone")))
        undo = button("Undo", "undo_check_in", f"{user} {found.day}")
        blocks.append(section(f"You checked in with *{name}* today.", accessory=undo))
    if (more := len(found.today) - MOST_CHECK_INS) > 0:
        blocks.append(context(f"And with {more} more {'person' if more == 1 else 'people'}."))
    if found.suggested is not None:
        name = isolated(escape(facts.names.get(found.suggested, "Someone")))
        blocks.append(
            section(
                f"You and *{name}* have not crossed paths here for a while. How are they doing?",
                accessory=button("I checked in", "check_in", found.suggested),
            )
        )
    return [divider(), section("*Checking in*"), *blocks] if blocks else []


def _notes(facts: HomeFacts) -> list[Block]:
    if not facts.notes:
        return [section("*Words for you*\nNotes that people write to you will be kept here.")]
    return [
        section("*Words for you*"),
        *(_note(note, facts.names.get(note.giver, "Someone")) for note in facts.notes),
    ]


def _note(note: Note, giver: str) -> Block:
    day = f"<!date^{int(note.happened_at.timestamp())}^{{date_short_pretty}}|{note.happened_at:%-d %B}>"
    seen = ", in private" if note.visibility == "private" else ""
    return section(f"{quoted(clipped(note.text, 400), 900)}\n*{isolated(escape(giver))}*, {day}{seen}")


def _what_is_known() -> list[Block]:
    return [
        section(
            "*What Mutual knows, and who sees it*\n"
            "• It keeps the kudos, thanks and help people record with it: who, to whom, when, and the note. "
            "In channels it is invited to it looks for kudos, and keeps nothing else of what is written.\n"
            "• This page is yours. Nobody can look up your balance or your rhythm, unless you share them with a team you "
            "are on, and nobody at all your notes.\n"
            "• There are no points and no rankings, and every kind of gesture weighs the same."
        ),
    ]
