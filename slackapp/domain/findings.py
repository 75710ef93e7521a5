"""What a pattern says about somebody, in the words for its reader, and what they may answer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from slackapp.domain.balances import Tally
from slackapp.domain.mrkdwn import escape, isolated
from slackapp.domain.weeks import WEEK, monday_of

RESTS_FOR = WEEK * 12  # how long a finding rests after somebody called it expected

#: Why a finding can be expected, as the person says it.
ROLES = {
    "on_call": "I am on call, or on duty for others",
    "mentor": "I am mentoring, or being mentored",
    "support": "Helping others is my job here",
    "other": "Another reason, and that is fine",
}


@dataclass(frozen=True, slots=True)
class FindingWords:
    pattern: str  # one of `visibility.TABLE`
    subjects: tuple[str, ...]
    sentence: str  # mrkdwn, with names already escaped
    since: date
    state: str = "stays"
    team: str | None = None  # its name; None: it was found among those who are on no team

    @property
    def among(self) -> str:
        """What the sentence counts, which Home beside it counts otherwise: with everybody, and this week too."""
        who = f"members of *{isolated(escape(self.team))}*" if self.team else "people who are on no team"
        return f"Counted between {who}, in weeks that are over."


def read_by(person: str, subjects: Sequence[str], words: Mapping[str, str]) -> str | None:
    """The sentence for this person, of those kept for each kind of reader; None where none is for them."""
    if person not in subjects:
        return None
    if "giver" in words:
        return words["giver" if subjects[0] == person else "receiver"]
    return words.get("person")


def with_names(sentence: str, names: Mapping[str, str]) -> str:
    """Sentences are kept with ids for names, since names change. The answer is mrkdwn."""
    ids = "|".join(re.escape(person) for person in names)
    return (
        re.sub(rf"\b(?:{ids})\b", lambda found: isolated(escape(names[found[0]])), sentence)
        if ids
        else sentence
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """How much was looked at and how sure the counting is; not a number where a pattern has no share."""

    window: int  # closed weeks
    share: float
    low: float  # 90 % interval
    high: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Gestures a week, as the person behind them may see them: only what they gave or received themselves."""

    weeks: tuple[date, ...]
    given: tuple[int, ...]  # per week
    received: tuple[int, ...]
    other: str | None  # None: with everybody


def evidence(tallies: Sequence[Tally], finding: FindingWords, person: str, weeks: Sequence[date]) -> Evidence:
    """Gesture-days a week between the two of a pair, or of one person with everybody."""
    pair = (
        [subject for subject in finding.subjects if subject != person] if len(finding.subjects) == 2 else []
    )
    other = pair[0] if pair else None
    mine = [tally for tally in tallies if other is None or tally.other == other]

    def per_week(given: bool) -> tuple[int, ...]:
        days = {(t.other, t.kind, t.day) for t in mine if t.given is given}
        return tuple(sum(monday_of(day) == week for _, _, day in days) for week in weeks)

    return Evidence(tuple(weeks), per_week(True), per_week(False), other)


def bars(counts: Sequence[int]) -> str:
    """▁ for nothing, taller for more; the tallest is the most of these weeks."""
    most = max(counts, default=0)
    steps = "▁▂▃▄▅▆▇█"
    return "".join(steps[0] if not count else steps[max(1, round(count / most * 7))] for count in counts)


def rests_until(today: date) -> date:
    return today + RESTS_FOR
