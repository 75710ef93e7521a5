"""Who may do what with more than their own: decided here and nowhere else, from what we know ourselves and never
from what was sent. What is one's own needs no role, because the sender of a signed request is who they are.

To add an action, write its line in RULES; the table in the tests fails until it is decided for everyone.
"""

from collections.abc import Mapping
from typing import Literal

from slackapp.domain.people import Person
from slackapp.domain.policies import Policy
from slackapp.domain.teams import Team

Role = Literal["admin", "manager", "member"]
Action = Literal[
    "choose_workspace_settings",
    "grant_scopes",
    "make_team",
    "change_team",
    "see_team_as_manager",
]

RULES: Mapping[Action, frozenset[Role]] = {
    "choose_workspace_settings": frozenset({"admin"}),
    "grant_scopes": frozenset({"admin"}),
    "make_team": frozenset({"admin"}),  # and whom the workspace's policy adds
    "change_team": frozenset({"admin", "manager"}),
    "see_team_as_manager": frozenset(
        {"manager"}
    ),  # an admin looks after Slack, which is no reason to look at people
}

_MAKERS: Mapping[str, frozenset[Role]] = {
    "anyone": frozenset({"manager", "member"}),
    "managers": frozenset({"manager"}),
}


def may(
    person: Person,
    action: Action,
    *,
    team: Team | None = None,
    manages: bool = False,
    policy: Policy | None = None,
) -> bool:
    """`team`: the one it is about; `manages`: some team, where it is about none."""
    if not person.takes_part:
        return False
    # A guest may look after a team they were given; what any member may do, they may not.
    roles: set[Role] = set() if person.is_guest else {"member"}
    if person.is_admin:
        roles.add("admin")
    if person.user_id in team.managers if team else manages:
        roles.add("manager")
    allowed = RULES[action]
    if action == "make_team" and policy is not None:
        allowed |= _MAKERS.get(policy.team_makers, frozenset())
    return not allowed.isdisjoint(roles)
