"""The weekly digest. To add a section, write a function that reads the facts and append it to SECTIONS.

A section answers None when it has nothing to say. Names arrive ready for print.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from slackapp.domain.balances import Balance, Tally, in_squares, in_words
from slackapp.domain.findings import FindingWords
from slackapp.domain.homes import Note
from slackapp.domain.people import Person, listed
from slackapp.domain.weeks import WEEK, monday_of

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PAUSE = timedelta(weeks=4)
MOST_NOTES = 3
LATE_AFTER = timedelta(days=3)  # a thank-you is not late before
LATE_UNTIL = timedelta(weeks=5)  # nor worth a reminder after


@dataclass(frozen=True, slots=True)
class OpenAsk:
    """Somebody's request, for which no help is on its way."""

    ask_id: str
    asker: str
    asked_on: date = date.min


@dataclass(frozen=True, slots=True)
class Celebrated:
    """What one person gave in public at one place."""

    giver: str
    receivers: tuple[str, ...]
    kind: str
    note: str | None  # mrkdwn, already escaped


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a small gesture is about: it is suggested once, and then never again."""

    what: str  # thanks, ask, check_in
    about: str  # a person's id, or an ask's
    day: date  # of the help, of the ask, of the last that passed between the two

    def covers(self, other: "Suggestion") -> bool:
        """Whoever was reminded of the latest help need not be reminded of what came before it."""
        return (self.what, self.about) == (other.what, other.about) and other.day <= self.day


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """One person's week, and nothing of anyone else's."""

    person: Person
    today: date
    balance: Balance  # of closed weeks
    tallies: tuple[Tally, ...] = ()
    notes: tuple[Note, ...] = ()  # received since the last digest day, latest first
    names: Mapping[str, str] = field(default_factory=dict)
    asks: tuple[OpenAsk, ...] = ()
    findings: tuple[FindingWords, ...] = ()
    suggested: tuple[Suggestion, ...] = ()  # in earlier digests
    preview: bool = False  # only looked at, perhaps by somebody who gets no digest
    here: frozenset[str] = frozenset()  # of those named, who may be suggested to be thanked
    with_room: frozenset[str] = frozenset()  # of those named, who may be suggested to be written to

    def name(self, user: str) -> str:
        return self.names.get(user, "somebody")

    def told_of(self, user: str) -> bool:
        """Whether something that was noticed is about this person and somebody."""
        return any(user in found.subjects for found in self.findings)


@dataclass(frozen=True, slots=True)
class Press:
    """A button in a digest."""

    text: str
    action: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    title: str
    text: str  # mrkdwn
    quotes: tuple[str, ...] = ()
    buttons: tuple[Press, ...] = ()
    suggests: Suggestion | None = None


@dataclass(frozen=True, slots=True)
class Section:
    read: Callable[[DigestFacts], Passage | None]
    worth: bool = False  # alone reason enough to write to somebody


@dataclass(frozen=True, slots=True)
class Digest:
    summary: str  # the notification, and what a screen reader hears
    passages: tuple[Passage, ...]


# When -----------------------------------------------------------------------------------------------------------


def period_of(day: date) -> str:
    """The ISO week a digest belongs to. Moving house or choosing another day gives no second one."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def zone_of(name: str, otherwise: ZoneInfo) -> ZoneInfo:
    """A person's time zone; the workspace's where Slack gives one that nobody knows."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return otherwise


def due(person: Person, now: datetime, otherwise: ZoneInfo) -> str | None:
    """The period for which a digest is due, or None.

    Due from the chosen hour until the chosen day is over where the person is: what was missed is caught up
    that day, and never later. Where clocks skip the hour, the next one counts.
    """
    chosen, local = person.preferences, now.astimezone(zone_of(person.timezone, otherwise))
    today = local.date()
    if not (chosen.digest and person.takes_part) or chosen.paused:
        return None
    if today.weekday() != chosen.digest_day or local.hour < chosen.digest_hour:
        return None
    if person.on_vacation or chosen.away(today) or chosen.digest_paused(today):
        return None
    return period_of(today)


# What ------------------------------------------------------------------------------------------------------------


def thanks_received(facts: DigestFacts) -> Passage | None:
    since = facts.today - WEEK
    lately = [tally for tally in facts.tallies if not tally.given and tally.day >= since]
    givers = list(dict.fromkeys(tally.other for tally in lately if tally.kind != "help"))
    helpers = list(dict.fromkeys(tally.other for tally in lately if tally.kind == "help"))
    if not givers and not helpers:
        return None
    said = []
    if givers:
        said.append(f"{_some(givers, facts)} thanked you or thought of you this week.")
    if helpers:
        said.append(f"{_some(helpers, facts)} helped you.")
    return Passage(
        "What came your way",
        " ".join(said),
        quotes=tuple(f"{note.text}\n— {facts.name(note.giver)}" for note in facts.notes[:MOST_NOTES]),
    )


def rhythm(facts: DigestFacts) -> Passage | None:
    found = facts.balance
    if found.is_empty:
        return None
    return Passage(
        "Your rhythm",
        f"{in_words(found)}\n{in_squares(found.gave, found.received)}\n"
        "Each square is a week, last week on the right.",
    )


def kind_words(facts: DigestFacts) -> Passage | None:
    if not facts.findings:
        return None
    found = facts.findings[0]
    return Passage("Something Mutual noticed", f"{found.sentence}\n{found.among}")


def small_gesture(facts: DigestFacts) -> Passage | None:
    """One concrete thing, never more than one, and nothing that an earlier digest suggested."""

    def is_new(passage: Passage) -> bool:
        about = passage.suggests
        return about is None or not any(earlier.covers(about) for earlier in facts.suggested)

    return next(filter(is_new, _small_gestures(facts)), None)


def _small_gestures(facts: DigestFacts) -> Iterator[Passage]:
    title = "A small gesture, if you like"
    for other, day in unthanked(facts.tallies, facts.today, facts.here):
        yield Passage(
            title,
            f"{facts.name(other)} helped you on {day:%A, %-d %B}. A late thank-you is still a good one.",
            buttons=(Press(f"Thank {facts.name(other)}", "digest_thank", f"{other} {day}"),),
            suggests=Suggestion("thanks", other, day),
        )
    for ask in facts.asks:
        yield Passage(
            title,
            # Not in the asker's words: a message that was sent would go on saying what they change or take back.
            f"{facts.name(ask.asker)} still waits for a hand.",
            buttons=(Press("Read it", "read_ask", ask.ask_id), Press("I can help", "can_help", ask.ask_id)),
            suggests=Suggestion("ask", ask.ask_id, ask.asked_on),
        )
    for other, day in quiet_with(facts.tallies, facts.today, facts.with_room):
        # Beside what was noticed about the two, “how are you doing?” would sound like advice on it.
        if not facts.told_of(other):
            yield Passage(
                title,
                f"You and {facts.name(other)} have been quiet for longer than usual. “How are you doing?” is enough.",
                buttons=(Press("I checked in", "check_in", other),),
                suggests=Suggestion("check_in", other, day),
            )


QUESTIONS = (
    "Am I giving as much as I receive?",
    "Am I open to receiving, or do I say “it’s fine” too soon?",
    "Who made my week easier without my noticing?",
    "What would I ask for if asking cost nothing?",
    "Whom do I always ask first, and who else might like to be asked?",
    "What can I say no to, so that my yes stays glad?",
)


def question(facts: DigestFacts) -> Passage | None:
    return Passage("A question to take along", QUESTIONS[facts.today.isocalendar().week % len(QUESTIONS)])


def how_to_change(facts: DigestFacts) -> Passage | None:
    chosen = facts.person.preferences
    day, hour = DAYS[chosen.digest_day], f"{chosen.digest_hour}:00"
    if not chosen.digest:
        text = f"You have not asked for it. Tick *Weekly digest* in Settings, and it comes each {day} after {hour}."
        return Passage("", f"{text} Only you see it.")
    if not facts.preview:
        text = f"You get this on {day}s after {hour}, because you asked for it."
    elif chosen.digest_paused(facts.today):
        text = f"You paused it. It comes again after {chosen.digest_paused_until:%-d %B}."
    else:
        text = f"You asked for it, so it comes next {day} after {hour}, as it stands then."
    return Passage(
        "",
        f"{text} Only you see it.",
        buttons=(
            Press("Change", "open_settings"),
            Press("Pause for 4 weeks", "digest_pause"),
            Press("Stop", "digest_stop"),
        ),
    )


SECTIONS: tuple[Section, ...] = (
    Section(thanks_received, worth=True),
    Section(kind_words, worth=True),
    Section(rhythm),
    Section(small_gesture, worth=True),
    Section(question),
    Section(how_to_change),
)


def compose(facts: DigestFacts, sections: Sequence[Section] = SECTIONS) -> Digest | None:
    """None when there is nothing worth a message."""
    read = [(section, passage) for section in sections if (passage := section.read(facts))]
    worthy = [passage for section, passage in read if section.worth]
    if not worthy:
        return None
    return Digest("Your week with Mutual. " + worthy[0].text, tuple(passage for _, passage in read))


def unthanked(tallies: Iterable[Tally], today: date, known: Container[str]) -> list[tuple[str, date]]:
    """Whose help this person received and has not thanked for since, and on which day; the latest first."""
    helped: dict[str, date] = {}
    thanked: dict[str, date] = {}
    for tally in tallies:
        if tally.kind == "help" and not tally.given:
            helped[tally.other] = max(tally.day, helped.get(tally.other, tally.day))
        if tally.kind in {"thanks", "kudos"} and tally.given:
            thanked[tally.other] = max(tally.day, thanked.get(tally.other, tally.day))
    late = [
        (day, other)
        for other, day in helped.items()
        if other in known
        and today - LATE_UNTIL <= day <= today - LATE_AFTER
        and thanked.get(other, date.min) < day
    ]
    return [(other, day) for day, other in sorted(late, reverse=True)]


def quiet_with(tallies: Iterable[Tally], today: date, known: Container[str]) -> list[tuple[str, date]]:
    """With whom there was something in at least 5 of 9 weeks, and nothing in the 3 weeks since: who, and since when.

    Those with whom there used to be most come first.
    """
    monday = monday_of(today)
    weeks: dict[str, set[int]] = {}
    latest: dict[str, date] = {}
    for tally in tallies:
        weeks.setdefault(tally.other, set()).add((monday - monday_of(tally.day)).days // 7)
        latest[tally.other] = max(tally.day, latest.get(tally.other, tally.day))
    quiet = [
        (len(active), other)
        for other, active in weeks.items()
        if other in known and min(active) >= 3 and len(active & set(range(3, 12))) >= 5
    ]
    return [(other, latest[other]) for _, other in sorted(quiet, reverse=True)]


def _some(people: Sequence[str], facts: DigestFacts) -> str:
    named = [facts.name(user) for user in people if user in facts.names][:4]
    more = len(people) - len(named)
    if not named:
        return "Somebody" if more == 1 else f"{more} people"
    if more:
        named.append("1 other" if more == 1 else f"{more} others")
    return listed(named)
