"""Who may do what, as one table."""

from uuid import uuid4

import pytest

from slackapp.domain.people import Person
from slackapp.domain.policies import Policy
from slackapp.domain.roles import RULES, Action, may
from slackapp.domain.teams import Origin, Team

ADMIN = Person("U0ADA", "Ada", is_admin=True)
MANAGER = Person("U0MIA", "Mia")
MEMBER = Person("U0ANA", "Ana")
OTHER = Person("U0ORI", "Ori")  # manages another team
GONE = Person("U0MIA", "Mia", is_admin=True, is_deactivated=True)
STRANGER = Person("U0MIA", "Mia", is_admin=True, is_stranger=True)
TEAM = Team(uuid4(), "Harbour", Origin(), ("U0MIA",))

#                              admin  manager  member  manager of another
TABLE: dict[Action, tuple[bool, bool, bool, bool]] = {
    "choose_workspace_settings": (True, False, False, False),
    "grant_scopes": (True, False, False, False),
    "make_team": (True, False, False, False),
    "change_team": (True, True, False, False),
    "see_team_as_manager": (False, True, False, False),
}


def test_every_action_is_decided_for_everybody() -> None:
    assert set(TABLE) == set(RULES)


@pytest.mark.parametrize("action", TABLE)
def test_the_table_of_roles(action: Action) -> None:
    found = tuple(
        may(person, action, team=TEAM, manages=person is OTHER) for person in (ADMIN, MANAGER, MEMBER, OTHER)
    )

    assert found == TABLE[action]


@pytest.mark.parametrize("action", TABLE)
@pytest.mark.parametrize("person", [GONE, STRANGER], ids=["who left", "of another organisation"])
def test_somebody_who_does_not_take_part_may_do_nothing(person: Person, action: Action) -> None:
    assert not may(person, action, team=TEAM, manages=True, policy=Policy(team_makers="anyone"))


def test_a_guest_may_do_what_they_were_given_and_not_what_any_member_may() -> None:
    guest = Person("U0MIA", "Mia", is_guest=True)

    assert not may(guest, "make_team", policy=Policy(team_makers="anyone"))
    assert may(guest, "see_team_as_manager", team=TEAM)


@pytest.mark.parametrize(
    ("makers", "allowed"),
    [
        ("admins", (True, False, False)),
        ("managers", (True, True, False)),
        ("anyone", (True, True, True)),
        ("somebody unheard of", (True, False, False)),
    ],
)
def test_the_workspace_decides_who_makes_teams(makers: str, allowed: tuple[bool, ...]) -> None:
    policy = Policy(team_makers=makers)  # type: ignore[arg-type]

    found = tuple(
        may(person, "make_team", policy=policy, manages=person is MANAGER)
        for person in (ADMIN, MANAGER, MEMBER)
    )

    assert found == allowed
