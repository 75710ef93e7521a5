"""Concentration: one or two people of a team give most of the help."""

from collections.abc import Callable

import numpy as np

from slackapp.domain.patterns import words
from slackapp.domain.patterns.balance import FADED
from slackapp.domain.patterns.chance import share_at_least, share_interval, upper_tail
from slackapp.domain.patterns.evidence import SHORT, Evidence, windowed
from slackapp.domain.patterns.findings import Figures, Finding, Pattern, Reader, Track

ENOUGH = 20  # helps
SMALL = 8  # people; below it one person is looked at, from it on two
SEATED = 4  # weeks present of the last 12 that make somebody part of the team
SMALLEST = 3  # people
SURE, CALM = 0.9, 0.85  # of the threshold: the lower bound to enter, the share to leave


def judge(team: Evidence) -> Track:
    helped = windowed(team.help_given, SHORT)
    # A history whose kinds never say help still says who does things for others.
    given = np.where(helped.any(axis=1, keepdims=True), helped, windowed(team.given, SHORT))
    people = (windowed(team.present.astype(np.int64), SHORT) >= SEATED).sum(axis=1)
    top = np.where(people < SMALL, 1, 2)
    seats = np.maximum(people, 1)
    threshold = np.where(people < SMALL, np.maximum(0.45, 2 / seats), np.maximum(0.50, 3.5 / seats))
    total = given.sum(axis=1)
    ranked = np.sort(given, axis=1)[:, ::-1]
    busiest = np.where(top == 1, ranked[:, :1].sum(axis=1), ranked[:, :2].sum(axis=1))
    share = busiest / np.maximum(total, 1)
    ready = (total >= ENOUGH) & (people >= SMALLEST)
    bound = share_at_least(busiest, np.maximum(total, 1))
    enter = ready & (share >= threshold) & (bound > SURE * threshold)
    as_if = total**2 / np.maximum((given.astype(float) ** 2).sum(axis=1), 1)

    def subjects(_column: int, week: int) -> tuple[str, ...]:
        lead = np.lexsort((-windowed(team.given, 2 * SHORT)[week], -given[week]))[: top[week]]
        return team.names(*sorted(lead.tolist()))

    def figures(week: int, _column: int, _leaves: bool) -> Figures:
        x, n = int(busiest[week]), int(total[week])
        low, high = share_interval(x, n - x)
        p = float(upper_tail(x, max(n, 1), SURE * threshold[week]))
        return Figures(
            window=SHORT,
            counts={
                "top": int(top[week]),
                "people": int(people[week]),
                "helps": x,
                "all": n,
                "as_if": round(float(as_if[week]), 1),
            },
            share=float(share[week]),
            low=low,
            high=high,
            p=p,
            adjusted_p=p,
        )

    return Track(
        subjects=subjects,
        enter=enter[:, None],
        even=(share < CALM * threshold)[:, None],
        over=(total < FADED)[:, None],
        figures=figures,
        told=ready,
    )


def say(finding: Finding, _reader: Reader, _name: Callable[[str], str]) -> str:
    counts = finding.figures.counts
    text = (
        f"In the last {finding.figures.window} weeks {words.people(counts['top'])} of {counts['people']:.0f}"
        f" gave {words.percent(finding.figures.share)} of the help"
    )
    if finding.state == "left" and counts["all"] < FADED:
        return words.rests("who gives the help")
    if finding.state == "left":
        return f"{text}. It is spread more evenly now."
    return f"{text}, as if {counts['as_if']:.1f} people did all of it."


CONCENTRATION = Pattern("concentration", ("manager",), judge, say)
