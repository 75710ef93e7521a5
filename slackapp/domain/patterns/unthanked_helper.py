"""Unthanked helper: somebody whose help is thanked far less than the same people thank other helpers."""

from collections.abc import Callable

import numpy as np
from scipy.special import expit, logit

from slackapp.domain.patterns import words
from slackapp.domain.patterns.balance import FADED
from slackapp.domain.patterns.chance import Floats, Ints, adjusted, lower_tail, share_interval
from slackapp.domain.patterns.evidence import LONG, Evidence, anybody, windowed
from slackapp.domain.patterns.findings import Figures, Finding, Pattern, Reader, Track

WINDOW = LONG
RARE, ADJUSTED = 0.01, 0.10
ENOUGH, RECEIVERS = 10, 3
HABIT = 0.25  # expected share of thanks below which not thanking is how the team is
FAR_BELOW, NEAR = 0.5, 0.7  # of the expected share: to enter, to leave
SLACK = np.log(1.5)  # log-odds by which anybody's thanks may fall short
PRIOR = 4  # helps at the team's rate added to each receiver's own record


def judge(team: Evidence) -> Track:
    helps, thanked, expected, receivers = tallies(team)
    ready = (helps >= ENOUGH) & (receivers >= RECEIVERS) & (expected >= HABIT) & team.on_team
    tolerable = expit(logit(np.clip(expected, 1e-9, 1 - 1e-9)) - SLACK)
    family = ready & (lower_tail(0, helps, tolerable) <= RARE)
    p = np.ones(helps.shape)
    p[family] = lower_tail(thanked[family], helps[family], tolerable[family])
    q = adjusted(p, family)
    share = thanked / np.maximum(helps, 1)
    enter = family & (p <= RARE) & (q <= ADJUSTED) & (share <= FAR_BELOW * expected)
    found = np.flatnonzero(enter.any(axis=0))

    def figures(week: int, column: int, _leaves: bool) -> Figures:
        cell = week, found[column]
        s, h, usual = int(thanked[cell]), int(helps[cell]), float(expected[cell])
        low, high = share_interval(s, h - s)
        return Figures(
            window=WINDOW,
            counts={"helps": h, "thanked": s, "people": int(receivers[cell]), "expected": round(usual, 4)},
            share=s / max(h, 1),
            low=low,
            high=high,
            p=float(lower_tail(s, h, tolerable[cell])),
            adjusted_p=float(q[cell]),
        )

    return Track(
        subjects=lambda column, _: team.names(int(found[column])),
        enter=enter[:, found],
        even=(share > NEAR * expected)[:, found],
        over=((helps < FADED) | ~team.on_team)[:, found],
        figures=figures,
        told=anybody(ready),
    )


def tallies(team: Evidence) -> tuple[Ints, Ints, Floats, Ints]:
    """Helps, thanked helps, expected share of thanks and number of receivers, each [week, helper].

    Expected is how often the same receivers thank their other helpers, so it blames nobody's own habit.
    """
    week, giver, receiver, thanked = team.helps
    people, weeks = team.people, team.weeks
    code, link = np.unique(giver * people + receiver, return_inverse=True)
    helper, helped = np.divmod(code, max(people, 1))

    def plane(rows: Ints, columns: int, which: Ints) -> Ints:
        cells = week[rows] * columns + which[rows]
        return windowed(np.bincount(cells, minlength=weeks * columns).reshape(weeks, columns), WINDOW)

    every, good = np.arange(week.size), np.flatnonzero(thanked)
    helps, thanks = plane(every, people, giver), plane(good, people, giver)
    got, returned = plane(every, people, receiver), plane(good, people, receiver)
    between, between_thanked = plane(every, code.size, link), plane(good, code.size, link)

    elsewhere = helps.sum(axis=1, keepdims=True) - helps
    rate = (thanks.sum(axis=1, keepdims=True) - thanks) / np.maximum(elsewhere, 1)
    own = (returned[:, helped] - between_thanked + PRIOR * rate[:, helper]) / (
        got[:, helped] - between + PRIOR
    )
    cells = np.arange(weeks)[:, None] * people + helper
    shape = (weeks, people)
    hoped = np.bincount(cells.ravel(), weights=(own * between).ravel(), minlength=weeks * people)
    receivers = np.bincount(cells[between > 0], minlength=weeks * people).reshape(shape)
    # Rounded, because the order of people must not decide a comparison in the last bit.
    expected = np.round(hoped.reshape(shape) / np.maximum(helps, 1), 9)
    return helps, thanks, np.where(elsewhere > 0, expected, 0.0), receivers


def say(finding: Finding, reader: Reader, name: Callable[[str], str]) -> str:
    window, counts = finding.figures.window, finding.figures.counts
    you = reader == "person"
    who = "you" if you else name(finding.subjects[0])
    text = f"In the last {window} weeks {who} helped {words.times(counts['helps'])}"
    if finding.state == "left":
        return f"{text}, and {words.percent(finding.figures.share)} of it was thanked, much like other help here."
    usual = round(counts["expected"] * counts["helps"])
    text += (
        f" and was thanked {words.times(counts['thanked'])}"
        if not you
        else (f" and were thanked {words.times(counts['thanked'])}")
    )
    text += f"; other helpers of the same people would have been thanked about {words.times(usual)}."
    return text + (" Your help counts, said or not." if you else "")


UNTHANKED_HELPER = Pattern("unthanked_helper", ("person", "manager"), judge, say)
