"""One test read in two directions: a person who gives far more than they receive, or the reverse.

Mirroring every gesture of a team swaps what the two patterns find.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from slackapp.domain.patterns.balance import (
    ADJUSTED,
    EVEN,
    FADED,
    RARE,
    REACH,
    Balance,
    even_again,
    figures_of,
    lately,
)
from slackapp.domain.patterns.chance import Bools, Ints, Tests, fair_tail
from slackapp.domain.patterns.evidence import LONG, RECENT, SHORT, Evidence, anybody, windowed
from slackapp.domain.patterns.findings import Figures, Track
from slackapp.domain.patterns.history import FAR

FLOORS = ((SHORT, 4), (LONG, 6))  # weeks in the window, weeks with any gesture
ENOUGH, COUNTERPARTS, LOPSIDED = 12, 3, 0.70
STILL_RARE = 0.05  # once the counterpart who explains most of it is left out


def judge_people(team: Evidence, *, giving: bool, ready: Callable[[Ints, int], Bools]) -> Track:
    """Find people whose acts lean one way; `ready` says, from what they gave, who may be told at all."""
    windows = {window: Balance(*(both if giving else reversed(both))) for window, both in team.over.items()}
    tests: dict[int, Tests] = {}
    enter = np.zeros(team.given.shape, np.bool_)
    told = np.zeros(team.weeks, np.bool_)
    for window, weeks in FLOORS:
        balance = windows[window]
        family = team.on_team & (balance.acts >= max(ENOUGH, REACH))
        tests[window] = balance.tests(family)
        told |= anybody(family)
        leaning = tests[window].rare(balance.leans(LOPSIDED), alone=RARE, together=ADJUSTED)
        if not leaning.any():
            continue  # on most teams, so what follows is worked out only where it can matter
        met = (team.given + team.received > 0).astype(np.int64)
        leaning &= lately(windows[RECENT], EVEN) & (windowed(met, window) >= weeks)
        leaning &= ready(balance.gave, window)
        for person in np.flatnonzero(leaning.any(axis=0)).tolist():
            leaning[:, person] &= not_one_counterpart(team, person, giving, window)
        enter |= leaning

    found = np.flatnonzero(enter.any(axis=0))

    @cache
    def shared(column: int) -> Ints:
        given, received = team.with_others(int(found[column]))
        return given + received

    def figures(week: int, column: int, leaves: bool) -> Figures:
        cell = week, int(found[column])
        numbers = figures_of(windows, lambda window: tests[window].of(*cell)[1], cell, leaves)
        people = shared(column)[max(week + 1 - numbers.window, 0) : week + 1].any(axis=0)
        more, less = numbers.counts["given"], numbers.counts["received"]
        given, received = (more, less) if giving else (less, more)
        return replace(numbers, counts={"given": given, "received": received, "people": int(people.sum())})

    return Track(
        subjects=lambda column, _: team.names(found[column]),
        enter=enter[:, found],
        even=even_again(windows[RECENT].of(found)),
        over=((windows[LONG].acts < FADED) | ~team.on_team)[:, found],
        figures=figures,
        told=told,
    )


def not_one_counterpart(team: Evidence, person: int, giving: bool, window: int) -> Bools:
    """Whether it holds over at least 3 counterparts, and still without the one it leans to most [week]."""
    given, received = team.with_others(person)
    gave, took = (given, received) if giving else (received, given)
    balance = Balance.over(gave, took, window)
    week = np.arange(team.weeks)
    # Of equal surpluses the one with more acts, so that the answer does not hang on who is listed first.
    most = np.argmax((balance.gave - balance.took) * FAR + balance.acts, axis=1)
    rest = balance.gave.sum(axis=1) - balance.gave[week, most]
    acts = balance.acts.sum(axis=1) - balance.acts[week, most]
    counterparts = (balance.acts > 0).sum(axis=1)
    return np.asarray((counterparts >= COUNTERPARTS) & (fair_tail(rest, acts) <= STILL_RARE), np.bool_)
