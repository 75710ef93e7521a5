"""Split team: hardly anything passes between the sub-groups a team has declared."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from slackapp.domain.patterns import words
from slackapp.domain.patterns.balance import FADED
from slackapp.domain.patterns.chance import Bools, Floats, Ints, poisson_tail, rate_interval
from slackapp.domain.patterns.evidence import LONG, SHORT, Evidence, windowed
from slackapp.domain.patterns.findings import Figures, Finding, Pattern, Reader, Track

RARE = 0.01
ENOUGH = 30  # gesture-days among people of the sub-groups
TOLERABLE = 0.25  # of what would cross if sub-groups made no difference
FAR_BELOW, NEAR = 0.10, 0.25  # of the same: to enter, to leave


@dataclass(frozen=True, slots=True)
class Crossing:
    """Over one window, among the people of the sub-groups [week]."""

    total: Ints  # gesture-days
    cross: Ints  # of them, between sub-groups
    expected: Floats  # and how many would be, if sub-groups made no difference

    @property
    def ready(self) -> Bools:
        return (self.total >= ENOUGH) & (poisson_tail(0, TOLERABLE * self.expected) <= RARE)

    @property
    def ratio(self) -> Floats:
        return np.asarray(self.cross / np.maximum(self.expected, 1e-9), np.float64)

    @property
    def chance(self) -> Floats:
        return poisson_tail(self.cross, TOLERABLE * self.expected)

    @property
    def split(self) -> Bools:
        return self.ready & (self.chance <= RARE) & (self.ratio <= FAR_BELOW)


def judge(team: Evidence) -> Track:
    names = sorted({member.group for member in team.history.members if member.group})
    windows = {window: crossings(team, names, window) for window in (SHORT, LONG)}
    lately, long = windows[SHORT], windows[LONG]
    # A small or quiet team needs half a year to show it, and the last 12 weeks must not speak against it.
    enter = lately.split | (long.split & ~lately.ready & (lately.ratio <= NEAR))

    def figures(week: int, _column: int, leaves: bool) -> Figures:
        window = SHORT if leaves or lately.ready[week] else LONG
        seen = windows[window]
        expected = max(float(seen.expected[week]), 1e-9)
        low, high = rate_interval(float(seen.cross[week]), expected)
        return Figures(
            window=window,
            counts={
                "crossed": int(seen.cross[week]),
                "all": int(seen.total[week]),
                "expected": round(float(seen.expected[week]), 1),
            },
            share=float(seen.ratio[week]),
            low=low,
            high=high,
            p=float(seen.chance[week]),
            adjusted_p=float(seen.chance[week]),
        )

    return Track(
        subjects=lambda _column, _week: tuple(names),
        enter=enter[:, None],
        even=(lately.ratio > NEAR)[:, None],
        over=(lately.total < FADED)[:, None],
        figures=figures,
        told=lately.ready | long.ready,
    )


def crossings(team: Evidence, names: list[str], window: int) -> Crossing:
    """What passed between groups over the last `window` weeks, against what would.

    Expected is given x received over the total, rescaled because nobody gives to themself.
    """
    number = {name: place for place, name in enumerate(names)}
    group = np.array([number.get(member.group or "", -1) for member in team.history.members], np.int64)
    kept = (group[team.giver] >= 0) & (group[team.receiver] >= 0)
    week, giver, receiver = team.week[kept], team.giver[kept], team.receiver[kept]
    crossing = group[giver] != group[receiver]
    given, received = windowed(team.tally(week, giver), window), windowed(team.tally(week, receiver), window)
    total = given.sum(axis=1)
    cross = windowed(np.bincount(week[crossing], minlength=team.weeks), window)
    between = np.zeros(team.weeks)
    for place in range(len(names)):
        inside = group == place
        between += given[:, inside].sum(axis=1) * (total - received[:, inside].sum(axis=1))
    apart = total**2 - (given * received).sum(axis=1)
    return Crossing(total, cross, total * between / np.maximum(apart, 1))


def say(finding: Finding, _reader: Reader, _name: Callable[[str], str]) -> str:
    counts, groups = finding.figures.counts, words.listed(list(finding.subjects))
    text = (
        f"In the last {finding.figures.window} weeks {words.some(counts['crossed'])} of {counts['all']:.0f} gestures"
        f" passed between {groups}"
    )
    if finding.state == "left" and counts["all"] < FADED:
        return words.rests(groups)
    if finding.state == "left":
        return f"{text}. There is more between them now."
    return f"{text}; if groups made no difference, it would be about {counts['expected']:.0f}."


SPLIT_TEAM = Pattern("split_team", ("manager",), judge, say)
