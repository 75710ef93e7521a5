"""Who is who: people of a workspace, and who of them can take part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from slackapp.domain.mrkdwn import isolated
from slackapp.domain.preferences import Preferences

#: A status with one of these says that somebody is away, in Slack's own words “Vacationing” and its like.
VACATION_EMOJI = frozenset({"palm_tree", "desert_island", "beach_with_umbrella", "airplane", "camping"})

#: A vacation status without an end, should its end never be told.
LONGEST_VACATION = timedelta(days=60)


#: Of somebody chosen in a form: an id that is not in the directory.
NOT_KNOWN = "I don't know one of the people you chose. Pick names from the list Slack shows."


@dataclass(frozen=True, slots=True)
class Person:
    user_id: str
    name: str
    timezone: str = "UTC"
    is_admin: bool = False
    is_bot: bool = False
    is_stranger: bool = False  # of another organisation, through Slack Connect
    is_deactivated: bool = False
    on_vacation: bool = False  # their status in Slack says so
    is_guest: bool = False  # sees only the channels they are in
    preferences: Preferences = field(default_factory=Preferences)

    @property
    def called(self) -> str:
        """The name as it stands in a sentence."""
        return isolated(self.name)

    @property
    def takes_part(self) -> bool:
        return not (self.is_bot or self.is_stranger or self.is_deactivated)

    def why_left_out(self, of_what: str) -> str | None:
        """Why they take no part, as a sentence; `of_what` is for people, like "kudos are". None: they do."""
        if self.is_bot:
            return f"{self.called} is an app, and {of_what} for people."
        if self.is_stranger:
            return f"{self.called} belongs to another organisation, and Mutual stays within yours."
        if self.is_deactivated:
            return f"{self.called} no longer has an account here, so it would not reach them."
        return None

    def last_day_away(self, today: date) -> date | None:
        """By what settings and the status say today. None: neither says that they are away."""
        said = self.preferences.away_until
        return max(said or today, today + LONGEST_VACATION) if self.on_vacation else said

    def is_here(self, today: date) -> bool:
        """Whether they take part, and neither their settings nor their status say that they are away."""
        return self.takes_part and not self.on_vacation and not self.preferences.away(today)

    def has_room(self, today: date) -> bool:
        """Whether they may be suggested to others: here, and neither at capacity nor paused."""
        told = self.preferences
        return self.is_here(today) and not told.at_capacity(today) and not told.paused


def out_of_reach(names: Sequence[str]) -> str:
    """What is told of those who have left, and to whom something was meant to go. `names` as they stand in a sentence."""
    have = "has" if len(names) == 1 else "have"
    return f"{listed(names)} no longer {have} an account here, so it does not reach them."


def read_person(profile: Mapping[str, Any], *, workspace_id: str) -> Person:
    """Read one member as the directory describes them."""
    names = profile.get("profile") or {}
    name = (
        names.get("display_name") or names.get("real_name") or profile.get("real_name") or profile.get("name")
    )
    home = profile.get("team_id") or names.get("team") or workspace_id
    # On Enterprise Grid one person may be in several workspaces, and the first of them is called theirs.
    at_home = {home, *((profile.get("enterprise_user") or {}).get("teams") or ())}
    return Person(
        user_id=profile["id"],
        name=str(name or profile["id"])[:80],
        timezone=profile.get("tz") or "UTC",
        is_admin=bool(profile.get("is_admin") or profile.get("is_owner")),
        is_bot=bool(profile.get("is_bot") or profile["id"] == "USLACKBOT"),
        is_stranger=bool(profile.get("is_stranger")) or workspace_id not in at_home,
        is_deactivated=bool(profile.get("deleted")),
        is_guest=bool(profile.get("is_restricted") or profile.get("is_ultra_restricted")),
        on_vacation=str(names.get("status_emoji") or "").strip(":") in VACATION_EMOJI,
    )


def listed(names: Sequence[str], most: int = 8) -> str:
    """Ana · Ana and Ben · Ana, Ben and Cy · Ana, Ben and 7 more"""
    if len(names) < 2:
        return "".join(names)
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return f"{', '.join(names[:-1])} and {names[-1]}"
