"""What a person told us about themselves, so that others know what giving looks like to them."""

from dataclasses import dataclass
from datetime import date

WISH_LIMIT = 300  # characters of “good ways to help me” and “what I need now”

THANKED = {
    "either": "No preference",
    "public": "In public, so the team can join in",
    "private": "In private, just to me",
}


@dataclass(frozen=True, slots=True)
class Preferences:
    thanked: str = "either"  # a key of THANKED
    help_me: str = ""
    need_now: str = ""
    digest: bool = False
    away_until: date | None = None  # the last day away
    digest_day: int = 0  # 0 is Monday
    digest_hour: int = 9  # in the person's own time zone
    digest_paused_until: date | None = None  # the last day without digests
    at_capacity_until: date | None = None  # the last day; until then nobody is sent to them
    paused: bool = False  # no message reaches them, and what they react or write is not recorded

    @property
    def says_what_suits(self) -> bool:
        """Whether there is something to read before giving to them."""
        return bool(self.help_me or self.need_now) or self.thanked != "either"

    def away(self, today: date) -> bool:
        return self.away_until is not None and today <= self.away_until

    def digest_paused(self, today: date) -> bool:
        return self.digest_paused_until is not None and today <= self.digest_paused_until

    def at_capacity(self, today: date) -> bool:
        return self.at_capacity_until is not None and today <= self.at_capacity_until
