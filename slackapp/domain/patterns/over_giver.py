"""Over-giver: somebody who gives far more than comes back, from people in general, and gives a lot."""

from collections.abc import Callable

from slackapp.domain.patterns import words
from slackapp.domain.patterns.balance import evened_out, odds
from slackapp.domain.patterns.chance import Bools, Ints
from slackapp.domain.patterns.evidence import Evidence, median_of_others
from slackapp.domain.patterns.findings import Finding, Pattern, Reader, Track
from slackapp.domain.patterns.leaning import judge_people

BUSY = 1.25  # times the median of what the others gave


def judge(team: Evidence) -> Track:
    def busy(gave: Ints, window: int) -> Bools:
        return gave >= BUSY * median_of_others(gave.astype(float), team.present)

    return judge_people(team, giving=True, ready=busy)


def say(finding: Finding, reader: Reader, name: Callable[[str], str]) -> str:
    window, counts = finding.figures.window, finding.figures.counts
    given, received, people = counts["given"], counts["received"], words.people(counts["people"])
    you = reader == "person"
    who = "you" if you else name(finding.subjects[0])
    if finding.state == "left" and not evened_out(finding):
        return words.rests(who)
    text = f"In the last {window} weeks {who} did {words.things(given)} for others and they did {words.some(received)} for {who}"
    if finding.state == "left":
        return f"{text}. It is no longer one-sided."
    return f"{text}, {people} in all. {odds(finding)}" + (" Is there something you need?" if you else "")


OVER_GIVER = Pattern("over_giver", ("person", "manager"), judge, say)
