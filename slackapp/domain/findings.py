"""What a pattern says about somebody, already in the words for its reader."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class FindingWords:
    pattern: str  # one of `visibility.TABLE`
    subjects: tuple[str, ...]
    sentence: str  # mrkdwn, with names already escaped
    since: date
