"""Every pattern finds exactly what the loops find, week by week, on small random teams."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackapp.domain.patterns import BY_NAME, Member, TeamHistory
from slackapp.domain.patterns.evidence import Evidence
from tests.domain.patterns import naive
from tests.domain.patterns.builders import Act, history_of, random_acts

WEEKS = 34
SEEDS = st.integers(0, 10_000)
QUIET = st.sampled_from([1, 3, 5])  # one act in so many is kept, so that long windows have to speak too
few = settings(max_examples=15, deadline=None)


def team_of(acts: list[Act], groups: dict[str, str] | None = None) -> tuple[TeamHistory, list[str]]:
    people = sorted({person for _, *pair, _ in acts for person in pair})
    members = tuple(Member(person, group=(groups or {}).get(person)) for person in people)
    return history_of(acts, members, WEEKS), people


def entering(history: TeamHistory, pattern: str) -> list[set[tuple[str, ...]]]:
    track = BY_NAME[pattern].judge(Evidence.of(history))
    return [
        {track.subjects(column, week) for column in range(track.enter.shape[1]) if track.enter[week, column]}
        for week in range(history.weeks)
    ]


@few
@given(SEEDS)
def test_one_sided_pairs_are_those_of_the_loops(seed: int) -> None:
    history, _ = team_of(acts := random_acts(seed))
    days = naive.gesture_days(acts, WEEKS)
    assert entering(history, "one_sided_pair") == [naive.one_sided_pairs(days, week) for week in range(WEEKS)]


@pytest.mark.parametrize("giving", [True, False])
@few
@given(SEEDS)
def test_leaning_people_are_those_of_the_loops(giving: bool, seed: int) -> None:
    history, people = team_of(acts := random_acts(seed))
    days = naive.gesture_days(acts, WEEKS)
    pattern = "over_giver" if giving else "mostly_receiving"
    assert entering(history, pattern) == [naive.leaning(days, people, week, giving) for week in range(WEEKS)]


@few
@given(SEEDS)
def test_unthanked_helpers_are_those_of_the_loops(seed: int) -> None:
    history, people = team_of(acts := random_acts(seed))
    assert entering(history, "unthanked_helper") == [
        naive.unthanked(acts, people, WEEKS, week) for week in range(WEEKS)
    ]


@few
@given(SEEDS, QUIET)
def test_isolated_people_are_those_of_the_loops(seed: int, quiet: int) -> None:
    history, people = team_of(acts := random_acts(seed, people=8)[::quiet])
    days = naive.gesture_days(acts, WEEKS)
    assert entering(history, "isolated") == [naive.isolated(days, people, week) for week in range(WEEKS)]


@few
@given(SEEDS)
def test_lost_rhythms_are_those_of_the_loops(seed: int) -> None:
    history, _ = team_of(acts := random_acts(seed))
    pairs, people, working = naive.rhythms(naive.gesture_days(acts, WEEKS), WEEKS)
    for pattern, active in (("lost_rhythm_pair", pairs), ("lost_rhythm_person", people)):
        assert entering(history, pattern) == [naive.lost(active, working, week) for week in range(WEEKS)]


@few
@given(SEEDS, st.sampled_from([5, 9]))
def test_concentration_is_that_of_the_loops(seed: int, size: int) -> None:
    history, people = team_of(acts := random_acts(seed, people=size))
    days = naive.gesture_days(acts, WEEKS)
    assert [bool(found) for found in entering(history, "concentration")] == [
        naive.concentrated(days, people, week) for week in range(WEEKS)
    ]


@few
@given(SEEDS, QUIET)
def test_split_teams_are_those_of_the_loops(seed: int, quiet: int) -> None:
    group = {f"p{person}": "red" if person < 3 else "blue" for person in range(6)}
    acts = [
        act
        for place, act in enumerate(random_acts(seed)[::quiet])
        if group[act[1]] == group[act[2]] or place % 40 == 0
    ]
    history, people = team_of(acts, group)
    days = naive.gesture_days(acts, WEEKS)
    assert [bool(found) for found in entering(history, "split_team")] == [
        naive.split(days, {person: group[person] for person in people}, week) for week in range(WEEKS)
    ]


def test_the_random_teams_show_every_pattern_somewhere() -> None:
    seen = set()
    for seed in range(120):
        history, _ = team_of(random_acts(seed))
        seen |= {name for name in BY_NAME if any(entering(history, name))}
    assert seen >= set(BY_NAME) - {"split_team"}
