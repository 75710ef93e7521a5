"""Making a team, and what its give and take looks like in words."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from slackapp.domain.people import Person
from slackapp.domain.policies import Policy
from slackapp.domain.roles import may
from slackapp.domain.teams import (
    NotATeam,
    Origin,
    Team,
    check_named,
    checked_name,
    choose_managers,
    choose_members,
    few_between,
    one_origin,
)

ANA, BEN = Person("U0ANA", "Ana"), Person("U0BEN", "Ben")
MIA = Person("U0MIA", "Mia", is_admin=True)
BOT = Person("U0BOT", "Deploy Bot", is_bot=True)
KNOWN = {person.user_id: person for person in (ANA, BEN, MIA, BOT)}
TEAM = Team(UUID(int=1), "Lanterns", Origin(), ("U0BEN",))
MONDAY = date(2026, 1, 5)
WEEKS = tuple(MONDAY + timedelta(weeks=n) for n in range(4))


@pytest.mark.parametrize(
    ("makers", "who", "manages", "allowed"),
    [
        ("admins", MIA, False, True),
        ("admins", ANA, True, False),
        ("managers", ANA, True, True),
        ("managers", ANA, False, False),
        ("anyone", ANA, False, True),
        ("anyone", BOT, False, False),
    ],
)
def test_who_may_make_teams_is_the_workspaces_decision(
    makers: str, who: Person, manages: bool, allowed: bool
) -> None:
    assert may(who, "make_team", policy=Policy(team_makers=makers), manages=manages) is allowed


def test_a_team_is_changed_by_its_managers_and_by_admins() -> None:
    assert [may(person, "change_team", team=TEAM) for person in (ANA, BEN, MIA)] == [False, True, True]


@pytest.mark.parametrize("people", [0, 2])
def test_exactly_one_of_three_ways_decides_who_is_on_a_team(people: int) -> None:
    chosen = ["U0ANA"] if people else []
    with pytest.raises(NotATeam, match="exactly one of the three"):
        one_origin(chosen, "C1" if people else None, None)


def test_each_way_is_remembered() -> None:
    assert one_origin(["U0ANA"], None, None) == Origin("people", None)
    assert one_origin([], "C1", None) == Origin("channel", "C1")
    assert one_origin([], None, "S1") == Origin("group", "S1")


def test_refusals_are_sentences() -> None:
    with pytest.raises(NotATeam, match=r"^Give the team a name that its members will recognise\.$"):
        checked_name("  ")
    with pytest.raises(NotATeam, match=r"^The name has 81 characters; 80 is the most\.$"):
        checked_name("x" * 81)
    with pytest.raises(NotATeam, match="Nobody there can be on a team"):
        choose_members(["U0BOT", "U0NOBODY"], KNOWN)
    with pytest.raises(
        NotATeam,
        match=r"^That would be 501 people, and 500 is the most\. Teams work best when they are the people who really work together\.$",
    ):
        choose_members([f"U{n}" for n in range(501)], {f"U{n}": Person(f"U{n}", "x") for n in range(501)})
    with pytest.raises(NotATeam, match="Name at least one manager"):
        choose_managers(["U0BOT"], KNOWN)
    with pytest.raises(NotATeam, match=r"^10 managers are the most a team can have\.$"):
        choose_managers([f"U{n}" for n in range(11)], {f"U{n}": Person(f"U{n}", "x") for n in range(11)})


def test_apps_and_repeated_names_are_left_out() -> None:
    check_named(
        ["U0ANA", "U0GONE"], {**KNOWN, "U0GONE": Person("U0GONE", "Gus", is_deactivated=True)}, "teams are"
    )
    with pytest.raises(NotATeam, match=r"^I don't know one of the people you chose\."):
        check_named(["U0NOBODY"], KNOWN, "teams are")
    assert choose_members(["U0ANA", "U0BOT", "U0ANA", "U0BEN"], KNOWN) == ["U0ANA", "U0BEN"]


@pytest.mark.parametrize(
    ("others", "few"),
    [
        ([], False),
        ([set("abcdef")], False),
        ([set("abcdefg")], True),
        ([set("abcde")], True),
        ([set("abcdefghijk")], False),
        ([set("a")], False),
        ([set("abcdeg")], False),
        ([set("xyz"), set("abcd")], True),
    ],
)
def test_few_are_between_circles_of_which_one_holds_the_other(others: list[set[str]], few: bool) -> None:
    assert few_between("abcdef", others, 5) is few
