"""What did not come in from a file, and why."""

from typing import NamedTuple


class Skipped(NamedTuple):
    reason: str  # told once, with how many times it happened
    times: int = 1
    detail: str = ""  # where or who, when that helps to mend it
