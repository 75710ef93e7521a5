"""A team's history told in lines: Ana and Ben are teammates, Cy joins in, Mia manages, Zed stands apart."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from slackapp.domain.patterns import (
    Away,
    Finding,
    GestureDays,
    Member,
    Rest,
    TeamHistory,
    Week,
    replay,
    sentence,
)
from slackapp.domain.patterns.history import KIND_NUMBERS

MONDAY = date(2025, 1, 6)
NAMES = {"ana": "Ana", "ben": "Ben", "cy": "Cy", "mia": "Mia", "zed": "Zed"}
Act = tuple[int, str, str, str]  # day, giver, receiver, kind


def monday(week: int) -> date:
    return MONDAY + timedelta(weeks=week)


@dataclass
class Story:
    weeks: int
    acts: list[Act] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)
    away: list[Away] = field(default_factory=list)
    rests: list[Rest] = field(default_factory=list)
    listed: bool = True

    def often(
        self,
        giver: str,
        receiver: str,
        weeks: Iterable[int],
        times: int = 1,
        kind: str = "kudos",
        first: int = 0,
    ) -> "Story":
        """So many acts in each of these weeks, on different days."""
        self.acts += [
            (week * 7 + first + day, giver, receiver, kind) for week in weeks for day in range(times)
        ]
        return self

    def busy(self, people: Iterable[str], times: int = 1) -> "Story":
        """Everybody gives everybody else something every week."""
        crowd = list(people)
        for giver in crowd:
            for receiver in crowd:
                if giver != receiver:
                    self.often(giver, receiver, range(self.weeks), times)
        return self

    def member(
        self, person: str, joined: date | None = None, left: date | None = None, group: str | None = None
    ) -> "Story":
        self.members[person] = Member(person, joined, left, group)
        return self

    def history(self) -> TeamHistory:
        people = {person for _, *pair, _ in self.acts for person in pair} | set(self.members)
        members = tuple(
            self.members.get(person, Member(person, listed=self.listed)) for person in sorted(people)
        )
        return history_of(self.acts, members, self.weeks, tuple(self.away), tuple(self.rests))

    def replay(self) -> tuple[Week, ...]:
        return replay(self.history())

    def said(self, pattern: str) -> list[tuple[int, str, str]]:
        """Week, state and subjects of what changes: entries and exits of one pattern."""
        return [
            (number, finding.state, " ".join(finding.subjects))
            for number, week in enumerate(self.replay())
            for finding in week.findings
            if finding.pattern == pattern and finding.state != "stays"
        ]

    def finding(self, pattern: str, week: int) -> Finding:
        (finding,) = (found for found in self.replay()[week].findings if found.pattern == pattern)
        return finding


def history_of(
    acts: Iterable[Act],
    members: tuple[Member, ...],
    weeks: int,
    away: tuple[Away, ...] = (),
    rests: tuple[Rest, ...] = (),
    start: date = MONDAY,
) -> TeamHistory:
    place = {member.person: number for number, member in enumerate(members)}
    rows = [(day, place[giver], place[receiver], KIND_NUMBERS[kind]) for day, giver, receiver, kind in acts]
    day, giver, receiver, kind = np.array(rows, int).reshape(-1, 4).T
    gestures = GestureDays.of(day=day, giver=giver, receiver=receiver, kind=kind).with_implied_help()
    return TeamHistory("design", start, weeks, members, gestures, away, rests)


def told(finding: Finding, reader: str) -> str | None:
    return sentence(finding, reader, NAMES)  # type: ignore[arg-type]


def random_acts(seed: int, people: int = 6, weeks: int = 34) -> list[Act]:
    """A small lively team in which some pairs and people lean, fall silent, or forget their thanks."""
    rng = np.random.default_rng(seed)
    names = [f"p{person}" for person in range(people)]
    rates = rng.gamma(0.6, 0.9, (people, people)) * rng.gamma(2, 0.5, (people, 1))
    np.fill_diagonal(rates, 0)
    one, other = rng.choice(people, 2, replace=False)
    rates[one, other], rates[other, one] = rng.uniform(1, 3), 0.05
    rates[rng.integers(people)] *= rng.choice((0.05, 1, 4))
    until = rng.integers(weeks // 2, weeks * 2, (people, people))
    until = np.maximum(until, until.T)
    acts: list[Act] = []
    for week in range(weeks):
        counts = rng.poisson(np.where(week < until, rates, 0))
        for giver, receiver in np.argwhere(counts):
            for _ in range(counts[giver, receiver]):
                kind = str(rng.choice(("kudos", "help", "help", "check_in", "thanks")))
                day = week * 7 + int(rng.integers(7))
                acts.append((day, names[giver], names[receiver], kind))
                if kind == "help" and giver != one and rng.random() < 0.6:
                    acts.append(
                        (
                            min(day + int(rng.integers(8)), weeks * 7 - 1),
                            names[receiver],
                            names[giver],
                            "thanks",
                        )
                    )
    return acts
