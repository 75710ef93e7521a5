"""Unthanked helper: somebody whose help is thanked far less than the same people thank other helpers."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from slackapp.domain.patterns import words
from slackapp.domain.patterns.balance import FADED
from slackapp.domain.patterns.chance import Bools, Floats, Ints, Tests, lower_tail, share_interval
from slackapp.domain.patterns.evidence import LONG, SHORT, Evidence, anybody, windowed
from slackapp.domain.patterns.findings import Figures, Finding, Pattern, Reader, Track

WINDOW, LATELY = LONG, SHORT
RARE, ADJUSTED = 0.01, 0.10
ENOUGH, RECEIVERS = 10, 3
HABIT = 0.25  # expected share of thanks below which not thanking is how the team is
FAR_BELOW, NEAR = 0.5, 0.7  # of the expected share: to enter, to leave
SLACK = np.log(1.5)  # log-odds by which anybody's thanks may fall short
PRIOR = 4  # helps at the team's rate added to each receiver's own record


def judge(team: Evidence) -> Track:
    seen = tallies(team, WINDOW)
    ready = seen.ready & team.on_team
    tests = Tests(ready & (lower_tail(0, seen.helps, tolerable(seen.expected)) <= RARE), seen.chance)
    enter = tests.rare(~seen.above(FAR_BELOW), alone=RARE, together=ADJUSTED)
    # Half a year forgets slowly, so enough help of the last 12 weeks may also say that things are better.
    lately = tallies(team, LATELY) if enter.any() else seen
    better = lately.above(NEAR) & (lately.helps >= ENOUGH)
    enter &= ~better
    found = np.flatnonzero(enter.any(axis=0))

    def figures(week: int, column: int, leaves: bool) -> Figures:
        cell = week, int(found[column])
        window, told = (LATELY, lately) if leaves and better[cell] else (WINDOW, seen)
        s, h, usual = int(told.thanked[cell]), int(told.helps[cell]), float(told.expected[cell])
        low, high = share_interval(s, h - s)
        return Figures(
            window=window,
            counts={
                "helps": h,
                "thanked": s,
                "people": int(told.receivers[cell]),
                "expected": round(usual, 4),
            },
            share=s / max(h, 1),
            low=low,
            high=high,
            p=float(lower_tail(s, h, tolerable(told.expected[cell]))),
            adjusted_p=tests.of(*cell)[1],
        )

    return Track(
        subjects=lambda column, _: team.names(int(found[column])),
        enter=enter[:, found],
        even=(seen.above(NEAR) | better)[:, found],
        over=((seen.helps < FADED) | ~team.on_team)[:, found],
        figures=figures,
        told=anybody(ready),
    )


def tolerable(expected: Floats) -> Floats:
    """The share of thanks that is still like everybody's, any shape."""
    return np.asarray(expit(logit(np.clip(expected, 1e-9, 1 - 1e-9)) - SLACK), np.float64)


@dataclass(frozen=True, slots=True)
class Tallies:
    """Each [week, helper]: help given, how much of it was thanked, to how many, and the expected share.

    Expected is how often the same receivers thank their other helpers, so it blames nobody's own habit.
    """

    helps: Ints
    thanked: Ints
    receivers: Ints
    expected: Floats

    @property
    def ready(self) -> Bools:
        return (self.helps >= ENOUGH) & (self.receivers >= RECEIVERS) & (self.expected >= HABIT)

    def above(self, share: float) -> Bools:
        """Whether more than this share of the expected thanks came."""
        return self.thanked > share * self.expected * self.helps

    def chance(self, week: Ints, helper: Ints) -> Floats:
        cells = week, helper
        return lower_tail(self.thanked[cells], self.helps[cells], tolerable(self.expected[cells]))


def tallies(team: Evidence, window: int) -> Tallies:
    week, giver, receiver, thanked = team.helps
    people, weeks = team.people, team.weeks
    code, link = np.unique(giver * people + receiver, return_inverse=True)
    helper, helped = np.divmod(code, max(people, 1))

    def plane(rows: Ints, columns: int, which: Ints) -> Ints:
        cells = week[rows] * columns + which[rows]
        return windowed(np.bincount(cells, minlength=weeks * columns).reshape(weeks, columns), window)

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
    return Tallies(helps, thanks, receivers, np.where(elsewhere > 0, expected, 0.0))


def say(finding: Finding, reader: Reader, name: Callable[[str], str]) -> str:
    window, counts = finding.figures.window, finding.figures.counts
    you = reader == "person"
    who = "you" if you else name(finding.subjects[0])
    text = f"In the last {window} weeks {who} helped {words.times(counts['helps'])}"
    if finding.state == "left":
        if finding.figures.share <= NEAR * counts["expected"]:
            return words.rests(who)
        return f"{text}, and {words.percent(finding.figures.share)} of it was thanked, much like other help here."
    usual = round(counts["expected"] * counts["helps"])
    thanked = f"thanked {words.times(counts['thanked'])}" if counts["thanked"] else "not thanked"
    return (
        f"{text} and {'were' if you else 'was'} {thanked};"
        f" other helpers of the same people would have been thanked about {words.times(usual)}."
        f"{' Your help counts, said or not.' if you else ''}"
    )


UNTHANKED_HELPER = Pattern("unthanked_helper", ("person", "manager"), judge, say)
