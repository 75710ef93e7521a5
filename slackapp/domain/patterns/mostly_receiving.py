"""Mostly receiving: far more comes to somebody than goes out. Only ever said to that person."""

from collections.abc import Callable

import numpy as np

from slackapp.domain.patterns import words
from slackapp.domain.patterns.balance import evened_out, odds
from slackapp.domain.patterns.chance import Bools, Ints
from slackapp.domain.patterns.evidence import Evidence
from slackapp.domain.patterns.findings import Finding, Pattern, Reader, Track
from slackapp.domain.patterns.leaning import judge_people

GRACE = 6  # weeks after joining in which receiving is what newcomers should do


def judge(team: Evidence) -> Track:
    def settled(_gave: Ints, _window: int) -> Bools:
        return np.arange(team.weeks)[:, None] - team.joined >= GRACE

    return judge_people(team, giving=False, ready=settled)


def say(finding: Finding, _reader: Reader, _name: Callable[[str], str]) -> str:
    window, counts = finding.figures.window, finding.figures.counts
    given, received, people = counts["given"], counts["received"], words.people(counts["people"])
    if finding.state == "left" and not evened_out(finding):
        return words.rests("you")
    text = f"In the last {window} weeks others did {words.things(received)} for you and you did {words.some(given)} for them"
    if finding.state == "left":
        return f"{text}. It is no longer one-sided."
    return f"{text}, {people} in all. {odds(finding)} A small thank-you is a good way to start."


MOSTLY_RECEIVING = Pattern("mostly_receiving", ("person",), judge, say)
