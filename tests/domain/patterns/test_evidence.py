from datetime import timedelta
from statistics import median

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from slackapp.domain.patterns import Away
from slackapp.domain.patterns.evidence import Evidence, median_of_others, windowed, working
from slackapp.domain.patterns.findings import spells
from slackapp.domain.patterns.lost_rhythm import rhythm
from tests.domain.patterns.builders import MONDAY, Story, history_of, monday, random_acts

BOOLS = st.lists(st.booleans(), min_size=1, max_size=40)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(1, 30))
def test_a_window_sums_the_last_weeks(counts: list[int], weeks: int) -> None:
    expected = [sum(counts[max(0, week + 1 - weeks) : week + 1]) for week in range(len(counts))]
    assert windowed(np.array(counts), weeks).tolist() == expected


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=12))
def test_the_median_of_others_leaves_one_out(people: list[tuple[int, bool]]) -> None:
    values = np.array([[float(value) for value, _ in people]])
    counted = np.array([[here for _, here in people]])
    found = median_of_others(values, counted)[0]
    for me in range(len(people)):
        others = [value for other, (value, here) in enumerate(people) if here and other != me]
        assert (np.isnan(found[me]) and not others) or found[me] == median(others)


def test_planes_hold_what_each_gave_each_week_by_week() -> None:
    acts = random_acts(5)
    people = sorted({person for _, *pair, _ in acts for person in pair})
    story = Story(34, acts)
    team = Evidence.of(story.history())
    rows = story.history().gestures
    table = {}
    for day, giver, receiver in zip(rows.day, rows.giver, rows.receiver, strict=True):
        key = int(day) // 7, int(giver), int(receiver)
        table[key] = table.get(key, 0) + 1
    pairs = team.pairs
    for column, (low, high) in enumerate(zip(pairs.low.tolist(), pairs.high.tolist(), strict=True)):
        for week in range(34):
            assert pairs.up[week, column] == table.get((week, low, high), 0)
            assert pairs.down[week, column] == table.get((week, high, low), 0)
    for week in range(34):
        for person in range(len(people)):
            given_by = sum(n for (w, giver, _), n in table.items() if (w, giver) == (week, person))
            received_by = sum(n for (w, _, receiver), n in table.items() if (w, receiver) == (week, person))
            assert (team.given[week, person], team.received[week, person]) == (given_by, received_by)
    gave, took = team.with_others(0)
    assert gave.sum() == team.given[:, 0].sum()
    assert took.sum() == team.received[:, 0].sum()


def presence(story: Story, person: str) -> str:
    history = story.history()
    column = [member.person for member in history.members].index(person)
    return "".join("x" if here else "." for here in Evidence.of(history).present[:, column])


def test_somebody_listed_is_present_from_joining_to_leaving() -> None:
    story = Story(8).often("ana", "ben", range(8)).member("ana", joined=monday(2), left=monday(6))
    assert presence(story, "ana") == "..xxxx.."


def test_somebody_listed_without_dates_is_always_present() -> None:
    assert presence(Story(8).often("ana", "ben", [3]).member("ben").member("ana"), "ana") == "xxxxxxxx"


def test_somebody_seen_only_in_gestures_is_present_from_the_first_one() -> None:
    assert (
        presence(Story(8, listed=False).often("ana", "ben", [0]).often("cy", "ben", [3]), "cy") == "...xxxxx"
    )


def test_somebody_seen_only_in_gestures_is_taken_to_have_left_after_twelve_silent_weeks() -> None:
    story = Story(20, listed=False).often("ana", "ben", range(20)).often("ben", "cy", range(4))
    assert presence(story, "cy") == "x" * 15 + "....."


def test_a_week_counts_with_four_days_there() -> None:
    for days, expected in ((3, "xxxx"), (4, "x.xx")):
        story = Story(4).often("ana", "ben", range(4)).member("ana").member("ben")
        story.away.append(Away("ana", monday(1), monday(1) + timedelta(days=days - 1)))
        assert presence(story, "ana") == expected


def test_a_day_away_twice_is_one_day_away() -> None:
    story = Story(3).often("ana", "ben", range(3)).member("ana").member("ben")
    story.away += [Away("ana", monday(1), monday(1) + timedelta(days=2))] * 2
    assert presence(story, "ana") == "xxx"


def test_time_away_outside_the_history_and_of_strangers_is_harmless() -> None:
    story = Story(3).often("ana", "ben", range(3)).member("ana").member("ben")
    story.away += [
        Away("ana", MONDAY - timedelta(days=90), MONDAY - timedelta(days=60)),
        Away("ana", monday(9), monday(12)),
        Away("zed", monday(0), monday(3)),
    ]
    assert presence(story, "ana") == "xxx"


def test_gestures_after_the_last_closed_week_are_not_looked_at() -> None:
    acts = [(day, "ana", "ben", "kudos") for day in range(21)]
    history = Story(2, acts).history()
    assert Evidence.of(history).total.tolist() == [7, 7]


@given(BOOLS, BOOLS)
def test_a_rhythm_is_that_of_the_loops(active: list[bool], exposed: list[bool]) -> None:
    weeks = min(len(active), len(exposed))
    active, exposed = active[:weeks], exposed[:weeks]
    found = [column[:, 0].tolist() for column in rhythm(np.array([active]).T, np.array([exposed]).T, 12)]
    for week in range(weeks):
        past = [one for one in range(week + 1) if active[one]]
        if not past:
            assert [column[week] for column in found] == [0, 0, 0, -1]
            continue
        before = [one for one in range(past[-1]) if exposed[one]][-12:]
        silent = sum(exposed[past[-1] + 1 : week + 1])
        expected = [len(before), sum(active[one] for one in before), silent, past[-1]]
        assert [column[week] for column in found] == expected


@given(st.lists(st.integers(0, 20), min_size=1, max_size=40))
def test_a_team_works_when_it_does_half_of_what_it_usually_does(total: list[int]) -> None:
    expected = [total[week] >= median(total[max(0, week - 11) : week + 1]) / 2 for week in range(len(total))]
    assert working(np.array(total)).tolist() == expected


def test_a_finding_leaves_after_two_even_weeks_in_a_row() -> None:
    enter = [False, True, True, False, False, False, False, True]
    even_ = [False, False, True, False, True, True, False, False]
    never = [False] * 8
    assert list(spells(enter, even_, never)) == [(1, 5), (7, 8)]


def test_a_finding_leaves_at_once_when_it_is_over() -> None:
    assert list(spells([True] * 4, [False] * 4, [False, False, True, False])) == [(0, 2), (3, 4)]


def test_what_is_over_does_not_enter() -> None:
    assert list(spells([True, False], [False, False], [True, False])) == []


def test_even_weeks_before_entry_do_not_count() -> None:
    assert list(spells([False, True, False], [True, True, True], [False] * 3)) == [(1, 3)]


def test_a_history_without_gestures_says_nothing() -> None:
    history = history_of([], (), 3)
    assert [week.findings for week in Story(3).replay()] == [(), (), ()]
    assert history.through(0).weeks == 0
