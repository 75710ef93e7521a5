"""Balance and rhythm of one person."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackapp.domain.balances import Balance, Exchange, Tally, balance, in_words
from slackapp.domain.gestures import GESTURE_KINDS, KIND_NAMES

WEEKS = tuple(date(2026, 1, 5) + timedelta(weeks=week) for week in range(12))
EMPTY = balance([], WEEKS)


def tally(week: int, *, given: bool, other: str = "U0BEN", kind: str = "kudos", count: int = 1) -> Tally:
    return Tally(other, kind, WEEKS[week] + timedelta(days=week % 7), given=given, count=count)


def lived(gave: list[int], received: list[int]) -> Balance:
    return balance([tally(w, given=True) for w in gave] + [tally(w, given=False) for w in received], WEEKS)


def test_rhythm_says_which_weeks_had_giving_and_which_receiving() -> None:
    found = lived([0, 0, 3], [11])

    assert [week for week, active in enumerate(found.gave) if active] == [0, 3]
    assert [week for week, active in enumerate(found.received) if active] == [11]


def test_all_kinds_are_listed_alike_and_in_order() -> None:
    found = balance([tally(0, given=True, kind="thanks", count=2), tally(1, given=False, kind="help")], WEEKS)

    assert [kind for kind, _, _ in found.by_kind] == [kind.name for kind in GESTURE_KINDS]
    assert ("thanks", 2, 0) in found.by_kind
    assert ("help", 0, 1) in found.by_kind


def test_people_come_by_how_much_was_exchanged_both_ways() -> None:
    found = balance(
        [
            tally(0, given=True, other="U0CY"),
            tally(1, given=False, other="U0BEN", count=2),
            tally(2, given=True, other="U0BEN"),
        ],
        WEEKS,
    )

    assert found.exchanges == (Exchange("U0BEN", given=1, received=2), Exchange("U0CY", given=1, received=0))


def test_days_outside_the_weeks_do_not_count() -> None:
    before = Tally("U0BEN", "kudos", WEEKS[0] - timedelta(days=1), given=True, count=1)
    after = Tally("U0BEN", "kudos", WEEKS[-1] + timedelta(days=7), given=True, count=1)

    assert balance([before, after], WEEKS) == EMPTY


tallies = st.builds(
    Tally,
    other=st.sampled_from(["U0BEN", "U0CY", "U0ZED"]),
    kind=st.sampled_from(sorted(KIND_NAMES)),
    day=st.dates(WEEKS[0], WEEKS[-1] + timedelta(days=6)),
    given=st.booleans(),
    count=st.integers(1, 9),
)


@given(st.lists(tallies, max_size=40))
def test_every_gesture_is_counted_once_in_each_view(drawn: list[Tally]) -> None:
    found = balance(drawn, WEEKS)
    given_, received = (sum(t.count for t in drawn if t.given is side) for side in (True, False))

    assert (found.given_total, found.received_total) == (given_, received)
    assert sum(exchange.given for exchange in found.exchanges) == given_
    assert sum(exchange.received for exchange in found.exchanges) == received
    assert any(found.gave) == (given_ > 0)


@given(st.lists(tallies, max_size=40), st.randoms())
def test_the_order_of_what_happened_changes_nothing(drawn: list[Tally], dice: object) -> None:
    shuffled = sorted(drawn, key=lambda _: dice.random())  # type: ignore[attr-defined]
    assert balance(shuffled, WEEKS) == balance(drawn, WEEKS)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            EMPTY,
            "Nothing is recorded for you yet. A small, honest thank-you to one person is a good way to begin.",
        ),
        (
            lived([0, 1, 2], []),
            "In the last 12 weeks you gave in 3. Nothing for you is recorded yet, "
            "and asking for help is welcome here.",
        ),
        (
            lived([], [4]),
            "In the last 12 weeks people gave to you in one. When something comes to mind, "
            "a word of thanks goes a long way.",
        ),
        (
            lived([0, 1, 2], [4, 5]),
            "In the last 12 weeks you gave in 3 and received in 2: about as much of one as of the other.",
        ),
        (
            lived([0, 1, 2, 3, 4, 5], [5, 6, 7, 8, 9, 10, 11]),
            "In the last 12 weeks you gave in 6 and received in 7: a steady give and take.",
        ),
        (
            lived(list(range(12)), [0, 5]),
            "In the last 12 weeks you gave in every one and received in 2.",
        ),
    ],
)
def test_the_first_sentence_says_it_plainly_and_judges_nobody(found: Balance, sentence: str) -> None:
    assert in_words(found) == sentence
