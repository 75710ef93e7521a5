import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from slackapp.domain.patterns import GestureDays
from slackapp.domain.patterns.history import HELP, KIND_NUMBERS, THANKS
from tests.domain.patterns import naive

KINDS = {number: name for name, number in KIND_NUMBERS.items()}
ROWS = st.lists(
    st.tuples(
        st.integers(0, 30), st.integers(0, 2), st.integers(0, 2), st.sampled_from(sorted(KINDS))
    ).filter(lambda row: row[1] != row[2]),
    max_size=40,
)


def days_of(rows: list[tuple[int, int, int, int]]) -> GestureDays:
    day, giver, receiver, kind = np.array(rows, int).reshape(-1, 4).T
    return GestureDays.of(day=day, giver=giver, receiver=receiver, kind=kind)


def table(days: GestureDays) -> list[tuple[int, ...]]:
    return list(
        zip(days.day.tolist(), days.giver.tolist(), days.receiver.tolist(), days.kind.tolist(), strict=True)
    )


def test_thirty_thanks_in_one_day_weigh_as_one() -> None:
    assert table(days_of([(3, 0, 1, THANKS)] * 30)) == [(3, 0, 1, THANKS)]


def test_another_kind_another_day_and_the_way_back_weigh_by_themselves() -> None:
    rows = [(3, 0, 1, THANKS), (3, 0, 1, 0), (4, 0, 1, 0), (3, 1, 0, 0)]
    assert table(days_of(rows)) == [(3, 0, 1, 0), (3, 0, 1, THANKS), (3, 1, 0, 0), (4, 0, 1, 0)]


def test_help_that_was_seen_is_not_implied() -> None:
    days = GestureDays.of(day=[3, 3], giver=[0, 0], receiver=[1, 1], kind=[HELP, HELP], implied=[True, False])
    assert days.implied.tolist() == [False]


def test_thanks_are_evidence_of_help_the_other_way() -> None:
    days = days_of([(10, 1, 0, THANKS)]).with_implied_help()
    assert table(days) == [(10, 0, 1, HELP), (10, 1, 0, THANKS)]
    assert days.implied.tolist() == [True, False]


def test_thanks_within_a_week_of_the_help_imply_no_other() -> None:
    for later, helps in ((0, 1), (7, 1), (8, 2)):
        days = days_of([(10, 0, 1, HELP), (10 + later, 1, 0, THANKS)]).with_implied_help()
        assert (days.kind == HELP).sum() == helps


def test_help_after_the_thanks_or_the_other_way_does_not_explain_them() -> None:
    assert days_of([(11, 0, 1, HELP), (10, 1, 0, THANKS)]).with_implied_help().implied.sum() == 1
    assert days_of([(9, 1, 0, HELP), (10, 1, 0, THANKS)]).with_implied_help().implied.sum() == 1


@given(ROWS)
def test_implied_help_is_that_of_the_loops(rows: list[tuple[int, int, int, int]]) -> None:
    acts = [(day, str(giver), str(receiver), KINDS[kind]) for day, giver, receiver, kind in rows]
    found = {(d, str(g), str(r), KINDS[k]) for d, g, r, k in table(days_of(rows).with_implied_help())}
    assert found == naive.gesture_days(acts, weeks=10)


@given(ROWS)
def test_implying_help_twice_adds_nothing(rows: list[tuple[int, int, int, int]]) -> None:
    once = days_of(rows).with_implied_help()
    assert table(once.with_implied_help()) == table(once)
    assert once.with_implied_help().implied.tolist() == once.implied.tolist()


@given(ROWS)
def test_help_is_thanked_when_a_thank_you_follows_within_a_week(
    rows: list[tuple[int, int, int, int]],
) -> None:
    days = days_of(rows)
    helps = days.kind == HELP
    expected = [
        any((day + later, receiver, giver, THANKS) in rows for later in range(8))
        for day, giver, receiver, kind in table(days)
        if kind == HELP
    ]
    assert days.thanked(helps).tolist() == expected
