"""What a workspace decided for everybody: who makes teams, what managers see by name, where kudos are posted."""

from dataclasses import dataclass
from datetime import date, timedelta

from slackapp.domain.people import listed
from slackapp.domain.visibility import FLOOR, TABLE, Line

NOTICE = timedelta(days=7)  # between the announcement of the `named` policy and its effect

TEAM_MAKERS = {
    "admins": "Admins",
    "managers": "Admins, and managers of a team",
    "anyone": "Anyone",
}
NAMING = {
    "consent": "Managers see names only of people who share",
    "named": "Managers see names; everyone is told a week before",
}
ANNOUNCE = {
    "same": "In the channel where they were given",
    "channel": "All in one channel",
    "nowhere": "Nowhere: receivers are told in private",
}


@dataclass(frozen=True, slots=True)
class Policy:
    team_makers: str = "admins"  # a key of TEAM_MAKERS
    naming: str = "consent"  # a key of NAMING
    named_from: date | None = None  # the first day of `named`
    floor: int = FLOOR
    announce: str = "same"  # a key of ANNOUNCE
    kudos_channel: str | None = None
    in_general: bool = False  # whether kudos given in #general may be posted there
    celebrate_channel: str | None = None  # where the week's public kudos are gathered

    def names(self, today: date) -> bool:
        """Whether managers see names without consent today."""
        return self.naming == "named" and self.named_from is not None and today >= self.named_from

    def will_name(self, today: date) -> date | None:
        """The first day of `named`, while it is announced and not yet in effect."""
        announced = self.naming == "named" and self.named_from is not None and today < self.named_from
        return self.named_from if announced else None

    def for_managers(self, line: Line, today: date) -> str:
        """What a line of the table says of managers here, today, and what it will say where that is announced."""
        now, day = line.for_managers(named=self.names(today)), self.will_name(today)
        then = line.for_managers(named=True)
        return now if day is None or now == then else f"{now}; from {day:%-d %B} on {then}"

    def notice(self, today: date) -> str | None:
        """What everyone reads on Home before and while the `named` policy is in effect."""
        if self.naming != "named" or self.named_from is None:
            return None
        found = [
            f"{line.says[0].lower()}{line.says[1:]}"
            for line in TABLE.values()
            if line.for_managers(named=True) != line.manager
        ]
        what = (
            f"managers of a team are told by name {listed(found, most=len(found))}. They never see who mostly receives, "
            "nor notes, and your balance and rhythm stay yours unless you share them."
        )
        if today < self.named_from:
            return f"*Something changes on {self.named_from:%A, %-d %B}.* From then on, {what}"
        return f"*In this workspace* {what}"


def posting_place(policy: Policy, channel: str | None, *, general: bool, private: bool) -> str | None:
    """Where kudos given in this channel are posted for all to see; None: receivers are told in private.

    What was given in a private channel is never carried to another.
    """
    if channel is None or policy.announce == "nowhere":
        return None
    if policy.announce == "channel" and policy.kudos_channel and not private:
        return policy.kudos_channel
    return None if general and not policy.in_general else channel


def named_from(before: Policy, naming: str, today: date) -> date | None:
    """When the policy chosen today takes effect. Choosing it again does not begin the week anew."""
    if naming != "named":
        return None
    return before.named_from if before.naming == "named" and before.named_from else today + NOTICE
