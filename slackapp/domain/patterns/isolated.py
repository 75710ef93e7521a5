"""Isolated: hardly any gestures to or from somebody, on a team where the others have plenty."""

from collections.abc import Callable

import numpy as np

from slackapp.domain.patterns import words
from slackapp.domain.patterns.chance import adjusted, overdispersed_tail, rate_interval
from slackapp.domain.patterns.evidence import RECENT, Evidence, anybody, median_of_others, windowed
from slackapp.domain.patterns.findings import Figures, Finding, Pattern, Reader, Track

RARE, ADJUSTED = 0.01, 0.10
WEEKS = 4  # weeks present of the last 8
BURSTY = 1.5  # variance of a person's gestures over their mean
TOLERABLE = 1 / 3  # of the others' median pace
FAR_BELOW, NEAR = 0.25, 0.40  # of the median pace: to enter, to leave


def judge(team: Evidence) -> Track:
    gestures = windowed(team.given + team.received, RECENT)
    weeks = windowed(team.present.astype(np.int64), RECENT)
    settled = team.on_team & (weeks >= WEEKS)
    pace = gestures / np.maximum(weeks, 1)
    usual = np.nan_to_num(median_of_others(pace, settled)) * weeks
    family = settled & (overdispersed_tail(0, np.maximum(usual, 1e-9) * TOLERABLE, BURSTY) <= RARE)
    p = np.ones(gestures.shape)
    p[family] = overdispersed_tail(gestures[family], usual[family] * TOLERABLE, BURSTY)
    q = adjusted(p, family)
    enter = family & (p <= RARE) & (q <= ADJUSTED) & (gestures <= FAR_BELOW * usual)
    found = np.flatnonzero(enter.any(axis=0))

    def figures(week: int, column: int, _leaves: bool) -> Figures:
        cell = week, found[column]
        count, expected = int(gestures[cell]), float(usual[cell])
        low, high = rate_interval(count, max(expected, 1e-9))
        return Figures(
            window=RECENT,
            counts={"gestures": count, "usual": round(expected, 1), "weeks": int(weeks[cell])},
            share=count / max(expected, 1e-9),
            low=low,
            high=high,
            p=float(p[cell]),
            adjusted_p=float(q[cell]),
        )

    return Track(
        subjects=lambda column, _: team.names(int(found[column])),
        enter=enter[:, found],
        even=(gestures > NEAR * usual)[:, found],
        over=~(team.on_team & (weeks > 0))[:, found],
        figures=figures,
        told=anybody(family),
    )


def say(finding: Finding, reader: Reader, name: Callable[[str], str]) -> str:
    counts = finding.figures.counts
    you = reader == "person"
    who = "you" if you else name(finding.subjects[0])
    weeks, count = words.weeks(counts["weeks"]), counts["gestures"]
    text = f"In {'your' if you else 'the'} last {weeks} here {words.gestures(count)} to or from {who}"
    if finding.state == "left":
        if count <= NEAR * counts["usual"]:
            return words.rests(who)
        return f"{text}. That is close to what others have."
    text += f"; for others it was about {counts['usual']:.0f}."
    return text + (" Is there somebody you would like to say hello to?" if you else "")


ISOLATED = Pattern("isolated", ("person", "manager"), judge, say)
