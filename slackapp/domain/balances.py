"""Balance: what a person gave and received over a window. Rhythm: which weeks had giving and receiving."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from slackapp.domain.gestures import GESTURE_KINDS
from slackapp.domain.weeks import monday_of

WINDOW_WEEKS = 12


@dataclass(frozen=True, slots=True)
class Tally:
    """Gestures between one person and another of one kind on one local day, as the store adds them up."""

    other: str
    kind: str
    day: date
    given: bool
    count: int


@dataclass(frozen=True, slots=True)
class Exchange:
    other: str
    given: int
    received: int

    @property
    def total(self) -> int:
        return self.given + self.received


@dataclass(frozen=True, slots=True)
class Balance:
    weeks: tuple[date, ...]  # Mondays, oldest first; the last one is still open
    gave: tuple[bool, ...]  # per week
    received: tuple[bool, ...]
    by_kind: tuple[tuple[str, int, int], ...]  # (kind, given, received), in the order of GESTURE_KINDS
    exchanges: tuple[Exchange, ...]  # most exchanged first, then by id

    @property
    def given_total(self) -> int:
        return sum(given for _, given, _ in self.by_kind)

    @property
    def received_total(self) -> int:
        return sum(received for _, _, received in self.by_kind)

    @property
    def is_empty(self) -> bool:
        return self.given_total + self.received_total == 0


def balance(tallies: Iterable[Tally], weeks: Sequence[date]) -> Balance:
    """Add up one person's tallies over the weeks. Every kind weighs the same; days outside the weeks do not count."""
    within = set(weeks)
    gave: set[date] = set()
    received: set[date] = set()
    kinds: Counter[tuple[str, bool]] = Counter()
    pairs: Counter[tuple[str, bool]] = Counter()
    for tally in tallies:
        week = monday_of(tally.day)
        if week not in within:
            continue
        (gave if tally.given else received).add(week)
        kinds[tally.kind, tally.given] += tally.count
        pairs[tally.other, tally.given] += tally.count
    exchanges = (Exchange(other, pairs[other, True], pairs[other, False]) for other in {o for o, _ in pairs})
    return Balance(
        weeks=tuple(weeks),
        gave=tuple(week in gave for week in weeks),
        received=tuple(week in received for week in weeks),
        by_kind=tuple((k.name, kinds[k.name, True], kinds[k.name, False]) for k in GESTURE_KINDS),
        exchanges=tuple(sorted(exchanges, key=lambda exchange: (-exchange.total, exchange.other))),
    )


def in_words(found: Balance) -> str:
    """One plain sentence about the last weeks, which never judges."""
    window = f"In the last {len(found.weeks)} weeks"
    gave, received = sum(found.gave), sum(found.received)
    if found.is_empty:
        return (
            "Nothing is recorded for you yet. A small, honest thank-you to one person is a good way to begin."
        )
    if not received:
        return (
            f"{window} you gave in {_weeks(found.gave)}. "
            "Nothing for you is recorded yet, and asking for help is welcome here."
        )
    if not gave:
        return (
            f"{window} people gave to you in {_weeks(found.received)}. "
            "When something comes to mind, a word of thanks goes a long way."
        )
    both = f"{window} you gave in {_weeks(found.gave)} and received in {_weeks(found.received)}"
    if abs(gave - received) > 1:
        return f"{both}."
    steady = min(gave, received) * 2 >= len(found.weeks)
    return f"{both}: {'a steady give and take' if steady else 'about as much of one as of the other'}."


def in_squares(gave: Sequence[bool], received: Sequence[bool]) -> str:
    """Two rows of squares, a square a week. Each begins its line, so that they fit a narrow screen and line up."""
    return f"Gave:\n{squares(gave)}\nReceived:\n{squares(received)}"


def squares(weeks: Sequence[bool]) -> str:
    # Dark on light and light on dark: the two can be told apart without seeing colour.
    return "".join(":large_green_square:" if active else ":white_large_square:" for active in weeks)


def _weeks(active: Sequence[bool]) -> str:
    if all(active):
        return "every one"
    return "one" if sum(active) == 1 else str(sum(active))
