"""Isolated: hardly any gestures to or from somebody, on a team where the others have plenty.

The last 8 weeks decide. On a team so quiet that 8 weeks without any gesture would still be chance, the last 16 do.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from slackapp.domain.patterns import words
from slackapp.domain.patterns.chance import Bools, Floats, Ints, Tests, overdispersed_tail, rate_interval
from slackapp.domain.patterns.evidence import RECENT, Evidence, anybody, median_of_others, windowed
from slackapp.domain.patterns.findings import Figures, Finding, Pattern, Reader, Track

RARE, ADJUSTED = 0.01, 0.10
QUIET = 2 * RECENT  # weeks looked at where RECENT could never tell
BURSTY = 1.5  # variance of a person's gestures over their mean
TOLERABLE = 1 / 3  # of the others' median pace
FAR_BELOW, NEAR = 0.25, 0.40  # of the median pace: to enter, to leave
#: Gestures at the others' pace from which none at all is no longer chance: P(0) = BURSTY ** (-mean / (BURSTY - 1)).
TELLING = -np.log(RARE) * (BURSTY - 1) / np.log(BURSTY) / TOLERABLE


@dataclass(frozen=True, slots=True)
class Share:
    """Each [week, person]: their gestures over a window, and what they would be at the others' median pace."""

    window: Ints
    gestures: Ints
    weeks: Ints  # present, of the window
    usual: Floats
    testable: Bools  # present for half the window, and no gesture at all would not be chance

    @classmethod
    def over(cls, team: Evidence, window: int) -> "Share":
        gestures = windowed(team.given + team.received, window)
        weeks = windowed(team.present.astype(np.int64), window)
        settled = team.on_team & (weeks >= window // 2)
        usual = np.nan_to_num(median_of_others(gestures / np.maximum(weeks, 1), settled)) * weeks
        return cls(np.full(gestures.shape, window), gestures, weeks, usual, settled & (usual >= TELLING))

    def or_else(self, longer: "Share") -> "Share":
        """The longer window wherever this one can say nothing and that one can."""
        instead = longer.testable & ~self.testable
        return Share(
            *(
                np.where(instead, getattr(longer, name), getattr(self, name))
                for name in ("window", "gestures", "weeks", "usual", "testable")
            )
        )


def judge(team: Evidence) -> Track:
    seen = Share.over(team, RECENT).or_else(Share.over(team, QUIET))
    gestures, usual = seen.gestures, seen.usual
    tests = Tests(
        seen.testable,
        lambda *cells: overdispersed_tail(
            gestures[cells], np.maximum(usual[cells], 1e-9) * TOLERABLE, BURSTY
        ),
    )
    enter = tests.rare(gestures <= FAR_BELOW * usual, alone=RARE, together=ADJUSTED)
    found = np.flatnonzero(enter.any(axis=0))

    def figures(week: int, column: int, _leaves: bool) -> Figures:
        cell = week, int(found[column])
        count, expected = int(gestures[cell]), float(usual[cell])
        low, high = rate_interval(count, max(expected, 1e-9))
        p, adjusted_p = tests.of(*cell)
        return Figures(
            window=int(seen.window[cell]),
            counts={"gestures": count, "usual": round(expected, 1), "weeks": int(seen.weeks[cell])},
            share=count / max(expected, 1e-9),
            low=low,
            high=high,
            p=p,
            adjusted_p=adjusted_p,
        )

    return Track(
        subjects=lambda column, _: team.names(int(found[column])),
        enter=enter[:, found],
        even=(gestures > NEAR * usual)[:, found],
        over=~(team.on_team & (seen.weeks > 0))[:, found],
        figures=figures,
        told=anybody(seen.testable),
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
