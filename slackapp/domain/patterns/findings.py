"""Findings: what a pattern says of its subjects in a week, and how a finding enters, stays and leaves.

State is replayed from a team's first week, so it is a pure function of the gestures, and what comes
after a week never changes what was said for it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from slackapp.domain.patterns.chance import Bools
from slackapp.domain.patterns.evidence import Evidence

State = Literal["entered", "stays", "left"]
Reader = Literal["giver", "receiver", "person", "manager"]
Names = Mapping[str, str]
PATIENCE = 2  # weeks in a row things have to look even before a finding leaves


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers behind one finding in one week."""

    window: int  # weeks looked at, no more than there are
    counts: Mapping[str, float]  # in the pattern's own words: given, received, people, ...
    share: float
    low: float  # 90 % interval of the share
    high: float
    p: float
    adjusted_p: float


@dataclass(frozen=True, slots=True)
class Finding:
    team: str
    week: date  # the Monday of the week just closed
    pattern: str
    subjects: tuple[str, ...]
    state: State
    since: date  # the Monday of the week it entered
    figures: Figures


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One pattern on one team over all weeks: planes are [week, subject]."""

    subjects: Callable[[int, int], tuple[str, ...]]  # of column, week of entry
    enter: Bools
    even: Bools  # leaves after PATIENCE such weeks in a row
    over: Bools  # leaves at once
    figures: Callable[[int, int, bool], Figures]  # of week, column, whether it leaves
    told: Bools  # [week]: whether there was enough on anybody to say anything


@dataclass(frozen=True, slots=True)
class Pattern:
    name: str  # stored with every finding, so it never changes
    readers: tuple[Reader, ...]
    judge: Callable[[Evidence], Track]
    say: Callable[[Finding, Reader, Callable[[str], str]], str]


def spells(enter: Sequence[bool], even: Sequence[bool], over: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """The weeks (first, left) a finding lasts; `left` is the number of weeks when it still does."""
    since: int | None = None
    calm = 0
    for week, begins in enumerate(enter):
        if since is None:
            if begins and not over[week]:
                since, calm = week, 0
            continue
        calm = calm + 1 if even[week] else 0
        if over[week] or calm == PATIENCE:
            yield since, week
            since = None
    if since is not None:
        yield since, len(enter)
