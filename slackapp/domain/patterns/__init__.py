"""Patterns of one-sidedness. To add one, write a file with a Pattern in it and append it to PATTERNS.

history | evidence | judge, one track a pattern | replay the weeks | findings | sentence
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from slackapp.domain.patterns.concentration import CONCENTRATION
from slackapp.domain.patterns.evidence import Evidence
from slackapp.domain.patterns.findings import Figures, Finding, Pattern, Reader, State, Track, spells
from slackapp.domain.patterns.history import Away, GestureDays, Member, Rest, TeamHistory
from slackapp.domain.patterns.isolated import ISOLATED
from slackapp.domain.patterns.lost_rhythm import LOST_RHYTHM_PAIR, LOST_RHYTHM_PERSON
from slackapp.domain.patterns.mostly_receiving import MOSTLY_RECEIVING
from slackapp.domain.patterns.one_sided_pair import ONE_SIDED_PAIR
from slackapp.domain.patterns.over_giver import OVER_GIVER
from slackapp.domain.patterns.split_team import SPLIT_TEAM
from slackapp.domain.patterns.unthanked_helper import UNTHANKED_HELPER
from slackapp.domain.patterns.words import NOT_ENOUGH

PATTERNS: tuple[Pattern, ...] = (
    ONE_SIDED_PAIR,
    OVER_GIVER,
    MOSTLY_RECEIVING,
    UNTHANKED_HELPER,
    ISOLATED,
    LOST_RHYTHM_PAIR,
    LOST_RHYTHM_PERSON,
    CONCENTRATION,
    SPLIT_TEAM,
)
__all__ = [
    "BY_NAME",
    "NOT_ENOUGH",
    "PATTERNS",
    "Away",
    "Figures",
    "Finding",
    "GestureDays",
    "Member",
    "Pattern",
    "Reader",
    "Rest",
    "State",
    "TeamHistory",
    "Week",
    "evaluate",
    "replay",
    "sentence",
]
BY_NAME = {pattern.name: pattern for pattern in PATTERNS}


@dataclass(frozen=True, slots=True)
class Week:
    """All there is to say of a team for one closed week."""

    monday: date
    findings: tuple[Finding, ...]
    told: frozenset[str]  # names of patterns that had enough on anybody; for the others: NOT_ENOUGH


def replay(
    history: TeamHistory, *, patterns: Sequence[Pattern] = PATTERNS, first: int = 0
) -> tuple[Week, ...]:
    """Every closed week from number `first` on, as it was said then.

    States always start from the history's first week, so `first` changes nothing but how much is returned.
    """
    if history.weeks <= 0:
        return ()
    team = Evidence.of(history)
    findings: list[list[Finding]] = [[] for _ in range(history.weeks)]
    told: list[set[str]] = [set() for _ in range(history.weeks)]
    for pattern in patterns:
        track = pattern.judge(team)
        for number in np.flatnonzero(track.told).tolist():
            told[number].add(pattern.name)
        for number, finding in sorted(_said(history, pattern, track, first), key=_by_subjects):
            findings[number].append(finding)
    return tuple(
        Week(history.monday(number), tuple(findings[number]), frozenset(told[number]))
        for number in range(max(first, 0), history.weeks)
    )


def evaluate(history: TeamHistory, through_week: date | None = None) -> Week | None:
    """The latest closed week, or the one whose Monday is named; None before the history begins."""
    if through_week is not None:
        history = history.through(min((through_week - history.first_week).days // 7 + 1, history.weeks))
    weeks = replay(history, first=history.weeks - 1)
    return weeks[-1] if weeks else None


def sentence(finding: Finding, reader: Reader, names: Mapping[str, str]) -> str | None:
    """What this reader is told; None where the finding is not for them. People without a name keep their id."""
    pattern = BY_NAME[finding.pattern]
    if reader not in pattern.readers:
        return None
    return pattern.say(finding, reader, lambda person: names.get(person, person))


def _said(history: TeamHistory, pattern: Pattern, track: Track, first: int) -> Iterator[tuple[int, Finding]]:
    for column in range(track.enter.shape[1]):
        enter, even, over = (plane[:, column].tolist() for plane in (track.enter, track.even, track.over))
        for spell in spells(enter, even, over):
            subjects = track.subjects(column, spell[0])
            for number, state, since in _states(history, pattern, subjects, spell):
                if number >= first:
                    figures = track.figures(number, column, state == "left")
                    yield (
                        number,
                        Finding(
                            team=history.team,
                            week=history.monday(number),
                            pattern=pattern.name,
                            subjects=subjects,
                            state=state,
                            since=history.monday(since),
                            figures=replace(figures, window=min(figures.window, number + 1)),
                        ),
                    )


def _by_subjects(said: tuple[int, Finding]) -> tuple[str, ...]:
    return said[1].subjects


def _states(
    history: TeamHistory, pattern: Pattern, subjects: tuple[str, ...], spell: tuple[int, int]
) -> Iterator[tuple[int, State, int]]:
    """Week, state and week of entry, without the weeks somebody asked to let it rest."""
    rests = [
        rest
        for rest in history.rests
        if rest.pattern == pattern.name and subjects[: len(rest.subjects)] == rest.subjects
    ]
    first, left = spell
    since: int | None = None
    for number in range(first, left):
        monday = history.monday(number)
        if any(rest.start <= monday < rest.until for rest in rests):
            since = None
            continue
        state: State = "entered" if since is None else "stays"
        since = number if since is None else since
        yield number, state, since
    if since is not None and left < history.weeks:
        yield left, "left", since
