"""Making a team, and what its give and take looks like in words."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackapp.domain.findings import FindingWords
from slackapp.domain.people import Person
from slackapp.domain.policies import Policy
from slackapp.domain.roles import may
from slackapp.domain.teams import (
    AskFigures,
    Flow,
    NotATeam,
    Origin,
    Team,
    TeamFigures,
    asks_in_words,
    candidates,
    checked_name,
    choose_managers,
    choose_members,
    closed_weeks,
    effective_number,
    figures,
    helpers_in_words,
    one_origin,
    reciprocity_in_words,
    rhythm_in_words,
    suggestions,
    told,
    view_of,
)
from slackapp.domain.visibility import View

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
    with pytest.raises(NotATeam, match="Give the team a name that its members will recognise"):
        checked_name("  ")
    with pytest.raises(NotATeam, match="The name has 81 characters; 80 is the most"):
        checked_name("x" * 81)
    with pytest.raises(NotATeam, match="Nobody there can be on a team"):
        choose_members(["U0BOT", "U0NOBODY"], KNOWN)
    with pytest.raises(NotATeam, match="That would be 501 people, and 500 is the most"):
        choose_members([f"U{n}" for n in range(501)], {f"U{n}": Person(f"U{n}", "x") for n in range(501)})
    with pytest.raises(NotATeam, match="Name at least one manager"):
        choose_managers(["U0BOT"], KNOWN)
    with pytest.raises(NotATeam, match="10 managers are the most"):
        choose_managers([f"U{n}" for n in range(11)], {f"U{n}": Person(f"U{n}", "x") for n in range(11)})


def test_apps_and_repeated_names_are_left_out() -> None:
    assert choose_members(["U0ANA", "U0BOT", "U0ANA", "U0BEN"], KNOWN) == ["U0ANA", "U0BEN"]


# Figures


def flow(story: str, kind: str = "help", week: int = 0, days: int = 1) -> list[Flow]:
    """`ana>ben ben>ana` → one flow each."""
    return [
        Flow(giver, receiver, kind, WEEKS[week], days)
        for giver, receiver in (pair.split(">") for pair in story.split())
    ]


def of(flows: list[Flow], people: str = "ana ben cy dee eli") -> TeamFigures:
    return figures(flows, view_of(flows, people.split(), WEEKS))


def test_a_relationship_goes_both_ways_or_one_way_whatever_the_kind() -> None:
    found = of([*flow("ana>ben ana>cy", "help"), *flow("ben>ana", "kudos", week=3)])

    assert (found.mutual, found.one_way, found.two_way_share) == (1, 1, 0.5)
    assert found.rhythm == (3, 0, 0, 2)


def test_only_what_happened_among_the_people_in_the_weeks_counts() -> None:
    outside = [Flow("ana", "ben", "help", MONDAY - timedelta(weeks=1), 3), *flow("ana>zed zed>ana")]

    assert of(outside) == of([])


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([], None),
        ([0], None),
        ([7], 1.0),
        ([5, 5], 2.0),
        ([1, 1, 1, 1], 4.0),
        ([90, 5, 5], 1.227),
    ],
)
def test_unequal_help_counts_as_fewer_helpers(amounts: list[int], expected: float | None) -> None:
    assert effective_number(amounts) == (pytest.approx(expected, abs=1e-3) if expected else None)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=50))
def test_as_if_so_many_is_between_one_and_all(amounts: list[int]) -> None:
    found = effective_number(amounts)
    assert found is not None
    assert 1 - 1e-9 <= found <= len(amounts) + 1e-9


def made(**changed: object) -> TeamFigures:
    plain = {
        "people": 8,
        "weeks": WEEKS,
        "rhythm": (6, 8, 0, 3),
        "mutual": 6,
        "one_way": 4,
        "helps": 40,
        "helpers": 2.1,
        "gestures": 60,
    }
    return TeamFigures(**{**plain, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (made(), "Most giving comes back: 6 of 10 relationships (60%) went both ways."),
        (
            made(mutual=5, one_way=5),
            "About half of the giving comes back: 5 of 10 relationships (50%) went both ways.",
        ),
        (
            made(mutual=1, one_way=9),
            "Much of the giving goes one way: 1 of 10 relationships (10%) went both ways.",
        ),
        (
            made(mutual=1, one_way=0),
            "Few people on this team exchange anything yet: 1 relationship in 4 weeks.",
        ),
        (made(mutual=0, one_way=0), "Nothing was exchanged on this team in these weeks."),
    ],
)
def test_reciprocity_in_words(found: TeamFigures, sentence: str) -> None:
    assert reciprocity_in_words(found) == sentence


def test_help_in_words() -> None:
    assert (
        helpers_in_words(made())
        == "Help was given 40 times, spread as if 2.1 of 8 people did all the helping."
    )
    assert (
        helpers_in_words(made(helps=9))
        == "9 times somebody helped somebody: too little to say on whom it rests."
    )
    assert (
        helpers_in_words(made(helps=1))
        == "1 time somebody helped somebody: too little to say on whom it rests."
    )
    assert helpers_in_words(made(helps=0, helpers=None)) == "No help was recorded in these weeks."


def test_rhythm_in_words() -> None:
    assert rhythm_in_words(made()) == (
        "In 2 of 4 weeks at least half of the active people, and never fewer than 5, took part."
    )


@pytest.mark.parametrize(
    ("asks", "sentence"),
    [
        (None, None),
        (AskFigures(0, 0, None), None),
        (AskFigures(1, 0, None), "0 of 1 ask for help found an offer."),
        (AskFigures(6, 5, 0.4), "5 of 6 asks for help found an offer, typically within the hour."),
        (AskFigures(6, 5, 1.2), "5 of 6 asks for help found an offer, typically after 1 hour."),
        (AskFigures(6, 5, 70), "5 of 6 asks for help found an offer, typically after 3 days."),
    ],
)
def test_asks_in_words(asks: AskFigures | None, sentence: str | None) -> None:
    assert asks_in_words(asks) == sentence


def test_there_is_always_one_thing_to_do_and_no_accusation() -> None:
    assert suggestions(made())[0].startswith("Help rests on few people: ask in the next meeting")
    assert suggestions(made(helpers=6.0, mutual=1, one_way=9))[0].startswith(
        "Much goes one way: begin a meeting"
    )
    assert suggestions(made(helpers=6.0, rhythm=(0, 0, 5, 5))) == [
        "Many weeks were silent: one small fixed moment a week is easier to keep than a big one a quarter."
    ]
    assert suggestions(made(helpers=6.0, rhythm=(5, 5, 5, 5)), {"isolated"}) == [
        "Somebody is outside the give and take: invite people in by name, one at a time."
    ]
    assert suggestions(made(helpers=6.0, rhythm=(5, 5, 5, 5))) == [
        "Nothing stands out. Telling the team that you noticed is a fine thing to do with this page."
    ]


def test_weeks_on_the_page_are_over() -> None:
    assert closed_weeks(date(2026, 3, 4), 2) == (date(2026, 2, 16), date(2026, 2, 23))
    assert closed_weeks(date(2026, 3, 2), 1) == (date(2026, 2, 23),)


# Which views are tried


FIVE = "ana>ben ben>cy cy>dee dee>eli eli>ana"


def test_when_somebody_joins_the_earlier_circle_is_tried_next_and_with_somebody_gone_it_is_not() -> None:
    flows = [*flow(FIVE), *flow("fay>ana", week=1)]
    before = View(WEEKS[0], 4, dict.fromkeys(("ana", "ben", "cy", "dee", "eli"), 1))
    everyone = {*before.people, "fay"}

    tried = candidates(flows, everyone, WEEKS, [before])
    assert [view.people for view in tried] == [everyone, before.people, before.people]
    tried = candidates(flows, everyone - {"ben"}, WEEKS, [before])
    assert len(tried) == 1
    assert "ben" not in tried[0].people


# Who is named


def finding(pattern: str, *subjects: str) -> FindingWords:
    return FindingWords(pattern, subjects, f"{pattern} of {', '.join(subjects)}", MONDAY)


FOUND = [
    finding("one_sided_pair", "ana", "ben"),
    finding("over_giver", "ana"),
    finding("over_giver", "cy"),
    finding("mostly_receiving", "ben"),
    finding("concentration", "ana", "cy"),
]


def test_a_manager_reads_names_of_those_who_share_and_counts_of_the_others() -> None:
    by_name, counted = told(FOUND, "manager", sharing={"ana"}, named=False)

    assert [words.sentence for words in by_name] == ["over_giver of ana", "concentration of ana, cy"]
    assert counted == {"one_sided_pair": 1, "over_giver": 1}


def test_even_the_named_policy_does_not_say_who_mostly_receives() -> None:
    by_name, counted = told(FOUND, "manager", sharing={"ben"}, named=True)

    assert "mostly_receiving" not in {words.pattern for words in by_name} | set(counted)
    assert len(by_name) == 4


def test_a_teammate_reads_only_what_concerns_the_team() -> None:
    by_name, counted = told(FOUND, "member", sharing={"ana", "cy"}, named=True)

    assert [words.pattern for words in by_name] == ["concentration"]
    assert counted == {}
