"""What is known about one team: who was there when, and its gesture-days.

A gesture-day is a distinct (giver, receiver, kind, local day): thirty thanks in one day weigh as one.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from slackapp.domain.gestures import GESTURE_KINDS
from slackapp.domain.patterns.chance import Bools, Ints
from slackapp.domain.weeks import WEEK

KIND_NUMBERS = {kind.name: number for number, kind in enumerate(GESTURE_KINDS)}
HELP, THANKS = KIND_NUMBERS["help"], KIND_NUMBERS["thanks"]
THANKED_WITHIN = 7  # days in which a thank-you belongs to the help before it
FAR = 1 << 20  # days, more than any history has; keeps one pair's days apart from the next pair's


@dataclass(frozen=True, slots=True)
class Member:
    person: str
    joined: date | None = None  # None: there from the first week, or, when not listed, since first seen
    left: date | None = None  # the first day no longer on the team
    group: str | None = None  # sub-group within the team, for split team
    listed: bool = True  # False: known from gestures alone, so presence is inferred from them


@dataclass(frozen=True, slots=True)
class Away:
    person: str
    start: date
    end: date  # the last day away


@dataclass(frozen=True, slots=True)
class Rest:
    """What somebody called expected: no finding of this pattern is said from `start` until `until`."""

    pattern: str
    subjects: tuple[str, ...]  # or only the first of them: ("ana",) rests every pair in which ana gives
    start: date
    until: date  # the first day it may be said again


@dataclass(frozen=True, slots=True)
class GestureDays:
    """Columns of equal length [gesture-day]; people are places in the team's tuple of members."""

    day: Ints  # days since the history's first Monday
    giver: Ints
    receiver: Ints
    kind: Ints  # places in GESTURE_KINDS
    implied: Bools  # help known only because it was thanked

    @classmethod
    def of(
        cls,
        *,
        day: ArrayLike,
        giver: ArrayLike,
        receiver: ArrayLike,
        kind: ArrayLike,
        implied: ArrayLike | None = None,
    ) -> "GestureDays":
        """Sort the rows and keep one of each giver, receiver, kind and day; help once seen is not implied."""
        columns = np.array([day, giver, receiver, kind], np.int64).reshape(4, -1)
        guess = np.zeros(columns.shape[1], np.bool_) if implied is None else np.asarray(implied, np.bool_)
        order = np.lexsort((guess, columns[3], columns[2], columns[1], columns[0]))
        columns, guess = columns[:, order], guess[order]
        fresh = np.ones(columns.shape[1], np.bool_)
        fresh[1:] = (columns[:, 1:] != columns[:, :-1]).any(axis=0)
        days, givers, receivers, kinds = columns[:, fresh]
        return cls(days, givers, receivers, kinds, guess[fresh])

    def with_implied_help(self) -> "GestureDays":
        """Add the help each thank-you is evidence of, unless help that way stands in the 7 days before it."""
        thanks = self.kind == THANKS
        helps = self.kind == HELP
        alone = thanks.copy()
        alone[thanks] = ~_met(
            _keys(self.day[thanks], self.receiver[thanks], self.giver[thanks]) - THANKED_WITHIN,
            _keys(self.day[helps], self.giver[helps], self.receiver[helps]),
        )
        extra = int(alone.sum())
        return GestureDays.of(
            day=np.concatenate([self.day, self.day[alone]]),
            giver=np.concatenate([self.giver, self.receiver[alone]]),
            receiver=np.concatenate([self.receiver, self.giver[alone]]),
            kind=np.concatenate([self.kind, np.full(extra, HELP)]),
            implied=np.concatenate([self.implied, np.ones(extra, np.bool_)]),
        )

    def thanked(self, helps: Bools) -> Bools:
        """Which of these helps the receiver thanked the giver for within 7 days [help]."""
        thanks = self.kind == THANKS
        return _met(
            _keys(self.day[helps], self.giver[helps], self.receiver[helps]),
            _keys(self.day[thanks], self.receiver[thanks], self.giver[thanks]),
        )


def _keys(day: Ints, one: Ints, other: Ints) -> Ints:
    return (one * FAR + other) * FAR + day


def _met(starts: Ints, keys: Ints) -> Bools:
    """Whether any key lies within THANKED_WITHIN days from each start on [start]."""
    keys = np.sort(keys)
    nearest = np.searchsorted(keys, starts)
    found = nearest < keys.size
    met = np.zeros(starts.size, np.bool_)
    met[found] = keys[nearest[found]] - starts[found] <= THANKED_WITHIN
    return met


@dataclass(frozen=True, slots=True, eq=False)
class TeamHistory:
    """All the engine knows of one team, up to the end of its last closed week."""

    team: str
    first_week: date  # a Monday, day 0
    weeks: int  # closed weeks from first_week on; later gesture-days are not looked at
    members: tuple[Member, ...]
    gestures: GestureDays
    away: tuple[Away, ...] = ()
    rests: tuple[Rest, ...] = ()

    def monday(self, number: int) -> date:
        return self.first_week + WEEK * number

    def through(self, weeks: int) -> "TeamHistory":
        """The same team as it was known after its first `weeks` weeks."""
        return TeamHistory(
            self.team, self.first_week, weeks, self.members, self.gestures, self.away, self.rests
        )
