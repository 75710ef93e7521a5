"""Who is who: files name people in their own ways, and a workspace knows them by their Slack ids."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from slackapp.transfer.skipped import Skipped

UNNAMED = "by or for someone whom nobody has named"
SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,}")


@dataclass(frozen=True, slots=True)
class Names:
    known: Collection[str]  # Slack ids of the workspace
    given: Mapping[str, str] = field(default_factory=dict)  # e-mail addresses and names, in lower case
    as_they_are: bool = False  # names that nobody gave stand for people of their own

    def of(self, written: str) -> str | None:
        """The Slack id of the person meant. Slack ids mean themselves, also those of people not met yet."""
        if user := self.given.get(written.strip().lower()):
            return user
        if written in self.known or SLACK_ID.fullmatch(written) or self.as_they_are:
            return written
        return None


def unknown(written: str) -> Skipped:
    return Skipped(UNNAMED, 1, written)
