"""Teams as their members and those who look after them read them."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from slackapp.blocks import team as screens
from slackapp.domain.policies import Policy
from slackapp.domain.teampages import Sharing, TeamFigures, TeamPage
from slackapp.domain.teams import Membership, Origin, OwnTeam, Team, TeamsOnHome
from slackapp.domain.visibility import TABLE
from slackapp.domain.weeks import WEEK
from tests.world import words

MONDAY = date(2026, 1, 5)
WEEKS = tuple(MONDAY + WEEK * n for n in range(4))
LANTERNS = Team(UUID(int=1), "Lanterns", Origin(), ("U0MIA",))
FIGURES = TeamFigures(
    people=8, weeks=WEEKS, rhythm=(6, 8, 0, 3), mutual=6, one_way=4, helps=40, helpers=4.0, gestures=60
)


def read(view: Any) -> list[str]:
    return words(view.to_dict()["blocks"]).splitlines()


def page(**changed: Any) -> list[str]:
    about: dict[str, Any] = {"team": LANTERNS, "people": 8, "figures": FIGURES, "hidden": None, **changed}
    return read(screens.team_page(TeamPage(**about)))


def test_a_manager_reads_the_whole_page() -> None:
    assert page(waiting=1) == [
        "Lanterns",
        "8 people · 5 January to 1 February · every kind of gesture weighs the same · "
        "the newest week waits until enough people were active for a figure",
        "*Does giving come back?*",
        "Most giving comes back: 6 of 10 relationships (60%) went both ways.",
        "*Is there a rhythm?*",
        "In 2 of 4 weeks at least half of the active people, 5 or more, took part.",
        ":large_green_square::large_green_square::white_large_square::small_orange_diamond:",
        ":large_green_square: at least 5 people took part · :small_orange_diamond: a few · "
        ":white_large_square: nobody",
        "*On how many does help rest?*",
        "Help was given 40 times, spread as if 4.0 of 8 people did all the helping.",
        "*What to do about it*",
        "• Nothing on this page stands out. Telling the team that you noticed is a fine thing to do with it.",
        "*Balances shared with you*",
        "Nobody shares theirs at the moment. It is theirs to offer.",
        "Members read on their Home that you looked. Nobody sees who mostly receives, and nobody’s notes are here.",
        "Change this team",
    ]


def test_a_member_reads_who_else_sees_the_page() -> None:
    assert page(manages=False)[-1] == (
        "Managers see this too, the balance of those who share it, and what else *Who sees what* on your Home says. "
        "Each look of theirs is told on your Home."
    )


def test_what_is_not_counted_is_said_with_the_workspaces_own_number() -> None:
    assert (
        "What was noticed about members is not counted here at the moment. It is once a number can point at nobody: a "
        "few weeks after somebody came or left, and where at least 8 people could be meant, also when this team is "
        "compared with another."
    ) in page(counts=False, floor=8)


@pytest.mark.parametrize(
    ("origin", "count", "said"),
    [
        (Origin("channel", "C0TEAM"), 12, "12 people: whoever is in <#C0TEAM>."),
        (Origin("group", "S0TEAM"), 1, "1 person: whoever is in <!subteam^S0TEAM>."),
        (
            Origin(),
            101,
            "101 people, which is more than this form can hold. To change who is on it, close this team and make one "
            "from a channel: that one keeps itself in step.",
        ),
    ],
)
def test_who_is_on_a_team_that_is_not_chosen_by_hand_is_said(origin: Origin, count: int, said: str) -> None:
    team = Team(LANTERNS.team_id, "Lanterns", origin, ("U0MIA",))
    shown = read(screens.change_team(team, [Membership(f"U{n}", MONDAY) for n in range(count)]))
    assert said in shown
    assert "No sub-groups yet." in shown


@pytest.mark.parametrize(
    ("origin", "where"),
    [(Origin("channel", "C0TEAM"), "<#C0TEAM>"), (Origin("group", "S0"), "its user group")],
)
def test_managers_read_that_a_team_has_outgrown_itself(origin: Origin, where: str) -> None:
    text, blocks = screens.too_large(Team(LANTERNS.team_id, "Lanterns", origin, ("U0MIA",)))
    assert text == "Lanterns has become too large a team"
    assert words(
        [block if isinstance(block, dict) else block.to_dict() for block in blocks]
    ).splitlines() == [
        f"More than 500 people are in {where} now, and that is the most for a team. So *Lanterns* stays as it was, and "
        "follows again once they are fewer.",
        "Teams work best when they are the people who really work together: you can close this one, and make one of a "
        "smaller channel or of chosen people.",
        "Change this team",
    ]


def test_the_weeks_of_whoever_shares_stand_in_two_rows_that_line_up() -> None:
    shared = Sharing("U0ANA", "Ana", "Gave in 1 of 2 weeks.", (True, False), (False, False))
    shown = page(sharing=(shared,))
    first = shown.index("*Ana*")
    assert shown[first + 1 : first + 6] == [
        "Gave in 1 of 2 weeks.",
        "Gave:",
        ":large_green_square::white_large_square:",
        "Received:",
        ":white_large_square::white_large_square:",
    ]


def test_a_member_whose_team_nobody_looks_after_reads_that_only_members_see_its_page() -> None:
    alone = OwnTeam(Team(LANTERNS.team_id, "Lanterns", Origin(), ()), shares=False)
    shown = screens.on_home(TeamsOnHome(mine=(alone,)))
    assert words([block if isinstance(block, dict) else block.to_dict() for block in shown]).splitlines()[
        :3
    ] == [
        "*Teams you are on*",
        "*Lanterns*, looked after by nobody at the moment",
        "Its members can open its page, and nobody sees anything of yours.",
    ]


def test_whoever_is_on_no_team_and_whoever_may_change_any_read_so() -> None:
    assert read(screens.team_list(TeamsOnHome(), managed=False, number=0)) == ["You are on no team."]
    assert read(screens.all_teams([], {}, number=0))[0] == (
        "You can change any team. Figures of one are there only for those who look after it."
    )
    assert read(screens.look_list([], {}, me="U0ANA", number=0, more=False)) == [
        "Each look of a manager at a team you are on, while you were on it, and at your own balance.",
        "Nobody has looked.",
    ]


NAMED = Policy(naming="named", named_from=date(2026, 3, 9))
BEFORE, SINCE = date(2026, 3, 8), date(2026, 3, 9)


@pytest.mark.parametrize(
    ("policy", "today", "says"),
    [
        (Policy(), SINCE, "counted; by name only if they share"),
        (NAMED, BEFORE, "counted; by name only if they share; from 9 March on yes, by name"),
        (NAMED, SINCE, "yes, by name"),
    ],
    ids=["by consent", "announced", "named"],
)
def test_who_sees_what_tells_of_the_policy_in_force(policy: Policy, today: date, says: str) -> None:
    shown = words(screens.who_sees_what(policy, today).to_dict()["blocks"])
    assert (
        "*That somebody gives much more than they receive*\nThe person: yes · The other of a pair: no · "
        f"Managers: {says} · Teammates: no · Anyone else: no"
    ) in shown
    assert shown.count("Managers: never ") == 2, "notes, and who mostly receives"


SOME = "by name some of what is noticed about you: *Who sees what* says which."


@pytest.mark.parametrize(
    ("policy", "today", "shares", "says"),
    [
        (Policy(), SINCE, False, "figures of the whole team, and nothing of yours."),
        (
            NAMED,
            BEFORE,
            False,
            f"figures of the whole team, and nothing of yours. From 9 March on, they see {SOME}",
        ),
        (
            NAMED,
            SINCE,
            False,
            f"figures of the whole team, and {SOME} They cannot see your balance and rhythm.",
        ),
        (Policy(), SINCE, True, f"your balance and rhythm, and {SOME}"),
        (NAMED, SINCE, True, f"your balance and rhythm, and {SOME}"),
    ],
)
def test_a_member_reads_on_home_what_managers_see_under_the_policy_in_force(
    policy: Policy, today: date, shares: bool, says: str
) -> None:
    found = TeamsOnHome(
        mine=(OwnTeam(LANTERNS, shares=shares),),
        policy=policy,
        today=today,
        names=dict.fromkeys(LANTERNS.managers, "Mia"),
    )
    shown = [block if isinstance(block, dict) else block.to_dict() for block in screens.on_home(found)]
    assert f"*Lanterns*, looked after by Mia\nMia can see {says}\n" in words(shown)


def test_the_notice_names_everything_that_the_policy_lets_managers_read() -> None:
    changed = [
        line.says
        for line in TABLE.values()
        if line.for_managers(named=True) != line.for_managers(named=False)
    ]
    for today in (BEFORE, SINCE):
        notice = NAMED.notice(today)
        assert notice is not None
        for says in changed:
            assert says.removeprefix("T") in notice
    assert Policy().notice(SINCE) is None


@pytest.mark.parametrize(
    ("today", "says"),
    [
        (
            BEFORE,
            "They see figures of the whole team. What concerns one person they see only where that person shares it. "
            "From 9 March on they also see by name some of what is noticed about one person: "
            "*Who sees what* on Home says which.",
        ),
        (
            SINCE,
            "They see figures of the whole team, and by name some of what is noticed about one person: "
            "*Who sees what* on Home says which. A balance they see only where that person shares it.",
        ),
    ],
)
def test_the_form_for_a_new_team_tells_of_the_policy_in_force(today: date, says: str) -> None:
    assert says in read(screens.make_team("U0MIA", NAMED, today))


def test_who_sees_what_ends_with_what_is_never_shown() -> None:
    assert read(screens.who_sees_what(Policy(floor=7), MONDAY))[-1] == (
        "Figures of a team need at least 7 active people, and are hidden where comparing two of them would show "
        "what one person did. No manager is shown notes, whatever you share; what was given in a channel can be read in "
        "that channel."
    )


def test_the_form_for_a_new_team_says_who_will_see_what() -> None:
    shown = read(screens.make_team("U0MIA", Policy(), MONDAY, [("S0", "Crew")]))
    for said in (
        "Who is on it? Fill in *one* of these. A channel or a user group keeps the team in step with itself.",
        "Everyone in a user group",
        "Choose a user group",
        "Who looks after it?",
        "They see figures of the whole team. What concerns one person they see only where that person shares it.",
    ):
        assert said in shown


def test_the_form_that_changes_a_team_says_what_sub_groups_and_its_end_do() -> None:
    shown = read(screens.change_team(LANTERNS, [Membership("U0ANA", MONDAY, group="Billing")]))
    for said in (
        "Who is on it?",
        "Sub-groups: Billing: 1 person.",
        "Name of a sub-group",
        "Sub-groups only tell whether help crosses between them. Without a name, the people below leave theirs.",
        "Who is in it?",
        "Close this team",
        "Nobody is on it or sees it any more.",
    ):
        assert said in shown
