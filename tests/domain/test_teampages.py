"""What a team's page shows: figures, which of them are told, their words, and who is named."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackapp.domain.findings import FindingWords
from slackapp.domain.teampages import (
    REST,
    AskFigures,
    Flow,
    GroupFigures,
    HelpFlow,
    TeamFigures,
    asks_in_words,
    closed_weeks,
    effective_number,
    figures,
    flow_described,
    flows_of,
    groups_in_words,
    helpers_in_words,
    may_count,
    newly_told,
    piece_of_ask,
    pieces_of,
    reciprocity_in_words,
    rhythm_described,
    rhythm_in_words,
    suggestions,
    told,
    told_figures,
)
from slackapp.domain.visibility import FLOOR, Piece, Stretch, active, rests_on_fewer
from slackapp.domain.weeks import WEEK

MONDAY = date(2026, 1, 5)
WEEKS = tuple(MONDAY + WEEK * n for n in range(4))

# Figures


def flow(story: str, kind: str = "help", week: int = 0, days: int = 1) -> list[Flow]:
    """`ana>ben ben>ana` → one flow each."""
    return [
        Flow(giver, receiver, kind, WEEKS[week], days)
        for giver, receiver in (pair.split(">") for pair in story.split())
    ]


def of(flows: list[Flow]) -> TeamFigures:
    return figures(flows, WEEKS)


def test_a_relationship_goes_both_ways_or_one_way_whatever_the_kind() -> None:
    found = of([*flow("ana>ben ana>cy", "help"), *flow("ben>ana", "kudos", week=3)])

    assert (found.mutual, found.one_way, found.two_way_share) == (1, 1, 0.5)
    assert found.rhythm == (3, 0, 0, 2)


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
    assert helpers_in_words(made(helps=9)) == "Help was given 9 times: too little to say on whom it rests."
    assert helpers_in_words(made(helps=1)) == "Help was given once: too little to say on whom it rests."
    assert helpers_in_words(made(helps=0, helpers=None)) == "No help was recorded in these weeks."


def test_rhythm_in_words() -> None:
    assert rhythm_in_words(made()) == (
        "In 2 of 4 weeks at least half of the active people, 5 or more, took part."
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
        "Nothing on this page stands out. Telling the team that you noticed is a fine thing to do with it."
    ]


def test_the_same_advice_is_given_once() -> None:
    uneven = made(mutual=1, one_way=9)
    said = suggestions(uneven, {"concentration", "one_sided_pair", "unthanked_helper", "lost_rhythm_pair"})
    assert [sentence.split(":")[0] for sentence in said] == [
        "Help rests on few people",
        "Much goes one way",
        "Some have been quiet with one another",
    ]


def test_weeks_on_the_page_are_over() -> None:
    assert closed_weeks(date(2026, 3, 4), 2) == (date(2026, 2, 16), date(2026, 2, 23))
    assert closed_weeks(date(2026, 3, 2), 1) == (date(2026, 2, 23),)


# What is told


WINDOW = tuple(MONDAY + WEEK * n for n in range(12))
RING = ("ana", "ben", "cy", "dee", "eli")
EIGHT = (*RING, "fay", "gus", "hal")
HARBOUR, CARE = EIGHT[:6], ("ida", "jon", "kim", "lea", "max", "noa")
BOTH = (*HARBOUR, *CARE)


def ring(people: Sequence[str], weeks: Iterable[int], kind: str = "help") -> list[Flow]:
    """Everyone gives to the next one, in each of these weeks."""
    return [
        Flow(giver, receiver, kind, WINDOW[week], 1)
        for week in weeks
        for giver, receiver in zip(people, [*people[1:], people[0]], strict=True)
    ]


def look(
    flows: Iterable[Flow],
    told: list[Stretch],
    *,
    circle: Collection[str] = EIGHT,
    team: str = "lanterns",
    weeks: Sequence[date] = WINDOW,
    groups: Mapping[str, str] = {},
    asks: Collection[Piece] = (),
) -> TeamFigures | None:
    """Somebody looks, and what is told now is kept in `told`."""
    among = [flow for flow in flows if {flow.giver, flow.receiver} <= set(circle) and flow.week in weeks]
    sub_groups = {person: groups.get(person) for person in circle}
    new = newly_told(team, circle, pieces_of(among), asks, sub_groups, weeks, told, FLOOR)
    again = {(one.part, one.first_week) for one in new}
    told[:] = [one for one in told if one.team != team or (one.part, one.first_week) not in again] + new
    found = told_figures([one for one in told if one.team == team], circle, sub_groups, weeks, FLOOR)
    return found[0] if found else None


def seen(*given: Any, **more: Any) -> TeamFigures:
    found = look(*given, **more)
    assert found is not None
    return found


def test_pieces_hold_what_flows_did() -> None:
    flows = [*ring(RING, range(3)), *ring(RING, [1], "kudos"), *ring(RING[::-1], [2])]

    assert sorted(flows_of(pieces_of(flows)), key=repr) == sorted(flows, key=repr)


def test_looking_again_shows_the_same_and_tells_nothing_new() -> None:
    told: list[Stretch] = []
    found = look(ring(RING, range(12)), told)
    before = list(told)

    assert look(ring(RING, range(12)), told) == found
    assert told == before


def test_weeks_with_few_wait_until_enough_people_were_active_in_them() -> None:
    told: list[Stretch] = []
    flows = [*ring(RING, range(8)), *ring(("ana", "ben"), [9, 10])]
    found = seen(flows, told)
    assert found.weeks == WINDOW[:9]  # in the ninth there was nobody, and that is no secret
    assert found.gestures == 40

    later = tuple(week + WEEK * 2 for week in WINDOW)
    flows += [Flow(who, "eli", "help", later[11], 1) for who in ("cy", "dee")]
    found = seen(flows, told, weeks=later)
    assert found.weeks == later
    assert found.rhythm == (5, 5, 5, 5, 5, 5, 0, 2, 2, 0, 0, 3)


def test_somebody_new_counts_only_in_weeks_that_were_not_told_before_they_came() -> None:
    told: list[Stretch] = []
    flows = [*ring(EIGHT, range(12)), *ring(RING, range(12))]
    before = seen(flows, told, circle=RING)
    assert before.people == 5
    assert seen(flows, told, circle=(*RING, "fay")) == before

    later = tuple(week + WEEK for week in WINDOW)
    flows += [replace(flow, week=later[11]) for flow in ring((*RING, "fay"), [0])]
    assert seen(flows, told, circle=(*RING, "fay"), weeks=later).rhythm == (5,) * 11 + (6,)


def test_who_leaves_stays_in_the_weeks_that_were_told_and_in_no_others() -> None:
    told: list[Stretch] = []
    found = seen(ring(EIGHT, range(12)), told)
    left = [who for who in EIGHT if who != "ana"]
    assert look(ring(EIGHT, range(12)), told, circle=left) == found

    later = tuple(week + WEEK for week in WINDOW)
    flows = [*ring(EIGHT, range(12)), *[replace(flow, week=later[11]) for flow in ring(EIGHT, [0])]]
    next_week = seen(flows, told, circle=left, weeks=later)
    assert next_week.rhythm == (8,) * 11 + (7,)


def test_figures_end_when_too_few_of_those_who_are_left_were_active() -> None:
    told: list[Stretch] = []
    assert look(ring(RING, range(12)), told) is not None
    assert look(ring(RING, range(12)), told, circle=RING[1:]) is None


def test_what_is_taken_back_late_changes_nothing_and_an_import_does() -> None:
    told: list[Stretch] = []
    flows = ring(EIGHT, range(12))
    found = seen(flows, told)
    assert seen(flows[1:], told) == found
    assert seen([*flows, Flow("ana", "cy", "help", WINDOW[3], 1)], told) == found

    imported = [*flows, *ring(EIGHT[::-1], range(12), "kudos")]
    assert seen(imported, told).mutual == 8


def test_a_second_team_without_one_person_is_told_nothing() -> None:
    told: list[Stretch] = []
    flows = [*ring(EIGHT, range(12)), *ring(EIGHT[::-1], range(12))]
    assert look(flows, told) is not None
    assert look(flows, told, team="beacons", circle=EIGHT[1:]) is None
    assert look(flows, told, team="sparks", circle=EIGHT) is not None  # the same people: nothing to subtract


def test_of_two_teams_the_one_looked_at_first_is_told() -> None:
    told: list[Stretch] = []
    flows = [*ring(EIGHT, range(12)), *ring(EIGHT[::-1], range(12))]
    assert look(flows, told, team="beacons", circle=EIGHT[1:]) is not None
    assert look(flows, told) is None


def test_asks_wait_a_week_for_an_answer_and_for_five_who_asked() -> None:
    told: list[Stretch] = []
    asks = [piece_of_ask(str(n), who, WINDOW[10], n or None) for n, who in enumerate(RING)]
    late = piece_of_ask("9", "ana", WINDOW[11], None)
    found = seen(ring(RING, range(12)), told, asks=[*asks, late])
    assert found.asks == AskFigures(5, 4, 2.5)
    assert seen(ring(RING, range(12)), [], asks=asks[1:]).asks is None


# Playing a manager who subtracts


people = st.sampled_from(BOTH)
happenings = st.one_of(
    st.tuples(st.just("moves"), st.integers(0, 1), people),  # joins, or leaves
    st.tuples(
        st.just("late"), st.integers(0, 11), st.tuples(people, people)
    ),  # gives after the week was over
    st.tuples(st.just("undone"), st.integers(0, 11), st.tuples(people, people)),
    st.tuples(st.just("week"), st.just(0), st.none()),
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_figures_of_the_same_weeks_differ_by_nobody_or_by_as_many_as_the_floor(data: st.DataObject) -> None:
    """Two teams of one manager, who adds and removes single people, waits, and looks at both after each step."""
    circles = [set(HARBOUR), set(data.draw(st.sampled_from([HARBOUR[1:], CARE, BOTH])))]
    flows = {*ring(BOTH, range(12)), *ring(HARBOUR, range(12)), *ring(CARE, range(12))}
    weeks, told = list(WINDOW), list[Stretch]()
    told_of: dict[tuple[str, str, tuple[date, ...]], frozenset[Piece]] = {}

    for what, number, who in [("week", 0, None), *data.draw(st.lists(happenings, max_size=8))]:
        if what == "moves":
            circles[number] ^= {str(who)}
        elif what == "week":
            weeks.append(weeks[-1] + WEEK)
            flows |= {replace(flow, week=weeks[-1]) for flow in ring(BOTH, [0])}
        elif who is not None and who[0] != who[1]:
            flow = Flow(who[0], who[1], "kudos", weeks[-12:][number], 1)
            flows = (
                flows | {flow}
                if what == "late"
                else {f for f in flows if f.giver != flow.giver or f.week != flow.week}
            )
        for team, circle in enumerate(circles):
            look(flows, told, team=str(team), circle=tuple(circle), weeks=tuple(weeks[-12:]))
        for one in told:
            key = (one.team, one.part, one.mondays)
            before, told_of[key] = told_of.get(key, one.pieces), one.pieces
            for apart in (before - one.pieces, one.pieces - before):
                assert not rests_on_fewer(apart, FLOOR) or not apart

    for one, other in combinations(told, 2):
        if one.mondays == other.mondays and one.pieces & other.pieces:
            for apart, inside, outside in (
                (one.pieces - other.pieces, one, other),
                (other.pieces - one.pieces, other, one),
            ):
                alone = active(apart) & (inside.circle - outside.circle)
                assert not apart or len(alone) >= FLOOR or not rests_on_fewer(apart, FLOOR)


# Sub-groups


GROUPS = {**dict.fromkeys(HARBOUR, "Harbour"), **dict.fromkeys(CARE, "Care")}


def across(weeks: Iterable[int]) -> list[Flow]:
    return [
        Flow(one, other, "help", WINDOW[week], 1)
        for week in weeks
        for one, other in zip(HARBOUR, CARE, strict=True)
    ]


def test_it_is_told_how_much_help_crosses_between_sub_groups() -> None:
    flows = [*ring(HARBOUR, range(12)), *ring(CARE, range(12)), *across([2, 6])]
    found = seen(flows, [], circle=BOTH, groups=GROUPS).groups

    assert found == GroupFigures((("Care", 6), ("Harbour", 6)), WINDOW, 156, 12, pytest.approx(72 / 132))
    assert groups_in_words(found) == (
        "12 of 156 times help crossed from one sub-group to another (8%). If sub-groups made no difference, it would "
        "be about 55%."
    )


def test_a_sub_group_smaller_than_the_floor_is_never_told_apart() -> None:
    flows = [*ring(HARBOUR, range(12)), *ring(CARE, range(12)), *across(range(12))]
    four = {**GROUPS, "max": "Harbour", "noa": "Harbour"}
    assert seen(flows, [], circle=BOTH, groups=four).groups is None

    small = {**GROUPS, "max": "Two", "noa": "Two"}
    found = seen(flows, [], circle=BOTH, groups=small).groups
    assert found is not None
    assert found.sizes == (("Harbour", 6), (REST, 6))  # four and two stand together


def test_one_group_or_none_is_nothing_to_compare() -> None:
    flows = ring(HARBOUR, range(12))
    assert seen(flows, [], circle=HARBOUR, groups=dict.fromkeys(HARBOUR, "Harbour")).groups is None
    assert seen(flows, [], circle=HARBOUR).groups is None


def test_moving_one_person_to_the_other_sub_group_shows_nothing_of_them() -> None:
    told: list[Stretch] = []
    flows = [*ring(HARBOUR, range(12)), *ring(CARE, range(12)), *across(range(12))]
    before = seen(flows, told, circle=BOTH, groups=GROUPS).groups
    after = seen(flows, told, circle=BOTH, groups={**GROUPS, "ana": "Care"}).groups

    assert before is not None
    assert after is not None
    assert (after.helps, after.crossed) == (before.helps, before.crossed)


def test_help_that_rests_on_one_who_connects_is_told_only_of_weeks_with_enough_people() -> None:
    alone = [Flow("ana", other, "help", WINDOW[week], 1) for week, other in enumerate(CARE)]
    flows = [*ring(HARBOUR, range(12)), *ring(CARE, range(12)), *alone]
    found = seen(flows, [], circle=BOTH, groups=GROUPS).groups

    assert found is not None
    assert found.weeks == WINDOW[:4]  # ana and four others
    assert found.crossed == 4


# When patterns may be counted


def test_patterns_are_counted_only_of_what_is_told_and_not_when_a_few_came_or_went() -> None:
    found = seen(ring(RING, range(12)), [])
    assert may_count(found, WINDOW, few_moved=False, unnamed=RING)
    assert not may_count(found, WINDOW, few_moved=True, unnamed=RING)
    assert not may_count(found, tuple(week + WEEK for week in WINDOW), few_moved=False, unnamed=RING)
    assert not may_count(None, WINDOW, few_moved=False, unnamed=RING)


def test_patterns_are_counted_only_while_enough_people_could_be_meant() -> None:
    """Where all but one share, and none of them is named, the number is about the one."""
    found = seen(ring(RING, range(12)), [])
    assert may_count(found, WINDOW, few_moved=False, unnamed=RING[:5])
    assert not may_count(found, WINDOW, few_moved=False, unnamed=RING[:4])
    assert not may_count(found, WINDOW, few_moved=False, unnamed=RING[:5], floor=6)
    assert not may_count(found, WINDOW, few_moved=False, unnamed=RING[:4], floor=3)


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
    by_name, counted = told(FOUND, "manager", sharing={"ana"}, named=False, figures=made())

    assert [words.sentence for words in by_name] == [
        "Help rests on a few, since the week of 5 January.",
        "over_giver of ana",
    ]
    assert counted == {"one_sided_pair": 1, "over_giver": 1}


def test_even_the_named_policy_does_not_say_who_mostly_receives() -> None:
    by_name, counted = told(FOUND, "manager", sharing={"ben"}, named=True, figures=made())

    assert "mostly_receiving" not in {words.pattern for words in by_name} | set(counted)
    assert len(by_name) == 4


def test_a_teammate_reads_only_what_concerns_the_team() -> None:
    by_name, counted = told(FOUND, "member", sharing={"ana", "cy"}, named=True, figures=made())

    assert [words.pattern for words in by_name] == ["concentration"]
    assert counted == {}


def test_what_concerns_the_whole_team_is_said_without_figures_and_only_where_there_are_some() -> None:
    found = [finding("split_team", "Care", "Harbour"), finding("concentration")]
    halves = GroupFigures((("Care", 6), ("Harbour", 6)), WEEKS, 40, 1, 0.5)

    said, _ = told(found, "member", sharing=(), named=False, figures=made(groups=halves))
    assert [words.sentence for words in said] == [
        "Sub-groups seldom help each other, since the week of 5 January.",
        "Help rests on a few, since the week of 5 January.",
    ]
    said, _ = told(found, "member", sharing=(), named=False, figures=made())
    assert [words.pattern for words in said] == ["concentration"]
    assert told(found, "manager", sharing=(), named=False, figures=None) == ((), {})


# What to do about it, and what pictures say


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        (
            "over_giver",
            "Somebody gives much more than they receive: make asking for help a normal part of the week.",
        ),
        ("unthanked_helper", "Some help goes unthanked: begin a meeting with one thank-you each."),
        ("one_sided_pair", "Some giving goes one way: mix who works with whom for a while."),
        (
            "lost_rhythm_pair",
            "Some have been quiet with one another: give them a small thing to do together.",
        ),
        ("lost_rhythm_person", "Somebody has gone quiet: a friendly question costs nothing."),
        ("split_team", "Sub-groups seldom help each other: share one task between them."),
    ],
)
def test_what_was_noticed_comes_with_something_to_do(pattern: str, sentence: str) -> None:
    assert suggestions(made(helpers=6.0, rhythm=(5, 5, 5, 5)), {pattern}) == [sentence]


def test_much_that_goes_one_way_and_asks_without_offers_come_with_something_to_do() -> None:
    uneven = made(helpers=6.0, mutual=1, one_way=9, rhythm=(5, 5, 5, 5), asks=AskFigures(5, 2, 1.0))
    assert suggestions(uneven) == [
        "Much goes one way: begin a meeting with one thank-you each, to somebody who has not heard one lately.",
        "More than half of the asks found no offer: agree on a time of day when somebody looks at them.",
    ]


def test_too_little_help_to_say_how_much_crosses() -> None:
    found = GroupFigures((("Care", 6), ("Harbour", 6)), WEEKS, 1, 0, 0.5)
    assert groups_in_words(found) == "Help was given once: too little to say how much crosses."


def test_pictures_are_told_in_words_to_whoever_does_not_see_them() -> None:
    assert rhythm_described(made()) == (
        "Bars: how many people took part in each of 4 weeks, oldest first: 6, 8, nobody, fewer than 5."
    )
    assert flow_described(HelpFlow(("Ana", "5 others"), ())) == (
        "A circle of people without arrows: no help was recorded among them."
    )
    assert flow_described(HelpFlow(("Ana", "5 others"), ((0, 1, 1), (1, 1, 3)))) == (
        "Arrows of help: 5 others among themselves 3 times; Ana to 5 others once."
    )
