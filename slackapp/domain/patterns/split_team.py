"""Split team: hardly anything passes between the sub-groups a team has declared."""

from collections.abc import Callable

import numpy as np

from slackapp.domain.patterns import words
from slackapp.domain.patterns.balance import FADED
from slackapp.domain.patterns.chance import Floats, Ints, poisson_tail, rate_interval
from slackapp.domain.patterns.evidence import SHORT, Evidence, windowed
from slackapp.domain.patterns.findings import Figures, Finding, Pattern, Reader, Track

RARE = 0.01
ENOUGH = 30  # gesture-days among people of the sub-groups
TOLERABLE = 0.25  # of what would cross if sub-groups made no difference
FAR_BELOW, NEAR = 0.10, 0.25  # of the same: to enter, to leave


def judge(team: Evidence) -> Track:
    names = sorted({member.group for member in team.history.members if member.group})
    total, cross, expected = crossings(team, names)
    ready = (total >= ENOUGH) & (poisson_tail(0, TOLERABLE * expected) <= RARE)
    p = poisson_tail(cross, TOLERABLE * expected)
    ratio = cross / np.maximum(expected, 1e-9)
    enter = ready & (p <= RARE) & (ratio <= FAR_BELOW)

    def figures(week: int, _column: int, _leaves: bool) -> Figures:
        low, high = rate_interval(float(cross[week]), max(float(expected[week]), 1e-9))
        return Figures(
            window=SHORT,
            counts={
                "crossed": int(cross[week]),
                "all": int(total[week]),
                "expected": round(float(expected[week]), 1),
            },
            share=float(ratio[week]),
            low=low,
            high=high,
            p=float(p[week]),
            adjusted_p=float(p[week]),
        )

    return Track(
        subjects=lambda _column, _week: tuple(names),
        enter=enter[:, None],
        even=(ratio > NEAR)[:, None],
        over=(total < FADED)[:, None],
        figures=figures,
        told=ready,
    )


def crossings(team: Evidence, names: list[str]) -> tuple[Ints, Ints, Floats]:
    """Gesture-days among grouped people, those between groups, and how many would be, each [week].

    Expected is given x received over the total, rescaled because nobody gives to themself.
    """
    number = {name: place for place, name in enumerate(names)}
    group = np.array([number.get(member.group or "", -1) for member in team.history.members], np.int64)
    kept = (group[team.giver] >= 0) & (group[team.receiver] >= 0)
    week, giver, receiver = team.week[kept], team.giver[kept], team.receiver[kept]
    crossing = group[giver] != group[receiver]
    given, received = windowed(team.tally(week, giver), SHORT), windowed(team.tally(week, receiver), SHORT)
    total = given.sum(axis=1)
    cross = windowed(np.bincount(week[crossing], minlength=team.weeks), SHORT)
    between = np.zeros(team.weeks)
    for place in range(len(names)):
        inside = group == place
        between += given[:, inside].sum(axis=1) * (total - received[:, inside].sum(axis=1))
    apart = total**2 - (given * received).sum(axis=1)
    return total, cross, total * between / np.maximum(apart, 1)


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
