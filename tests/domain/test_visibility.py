"""Who sees what, as the table says it; and that no subtraction shows one person."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackapp.domain.visibility import FLOOR, TABLE, View, choose_view, differing, may_show, sight, why_hidden

MONDAY = date(2026, 1, 5)

# What | the person | the other | manager, nobody shares | one of two shares | all share | policy `named` | a teammate | anyone
EXPECTED = """
balance            | named   | nothing | nothing | nothing | named   | nothing | nothing | nothing
one_sided_pair     | named   | named   | counted | counted | named   | named   | nothing | nothing
lost_rhythm_pair   | named   | named   | counted | counted | named   | named   | nothing | nothing
over_giver         | named   | nothing | counted | counted | named   | named   | nothing | nothing
unthanked_helper   | named   | nothing | counted | counted | named   | named   | nothing | nothing
lost_rhythm_person | named   | nothing | counted | counted | named   | named   | nothing | nothing
isolated           | named   | nothing | counted | counted | named   | named   | nothing | nothing
mostly_receiving   | named   | nothing | nothing | nothing | nothing | nothing | nothing | nothing
concentration      | named   | named   | named   | named   | named   | named   | named   | nothing
split_team         | named   | named   | named   | named   | named   | named   | named   | nothing
team               | named   | named   | named   | named   | named   | named   | named   | nothing
something_new      | nothing | nothing | nothing | nothing | nothing | nothing | nothing | nothing
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in EXPECTED.strip().splitlines()]
PAIR = ("ana", "ben")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_viewer_sees_what_the_table_says(row: list[str]) -> None:
    what, *expected = row

    assert [
        sight(what, "self", subjects=PAIR),
        sight(what, "other", subjects=PAIR),
        sight(what, "manager", subjects=PAIR),
        sight(what, "manager", subjects=PAIR, sharing={"ana"}),
        sight(what, "manager", subjects=PAIR, sharing={"ana", "ben"}),
        sight(what, "manager", subjects=PAIR, named=True),
        sight(what, "member", subjects=PAIR, sharing={"ana", "ben"}, named=True),
        sight(what, "anyone", subjects=PAIR, sharing={"ana", "ben"}, named=True),
    ] == expected


def test_the_table_here_misses_no_line() -> None:
    assert {row[0] for row in ROWS} == {*TABLE, "something_new"}


def test_something_about_nobody_in_particular_is_never_named_by_consent() -> None:
    assert sight("over_giver", "manager", subjects=(), sharing={"ana"}) == "counted"


# What can be worked out


def view(active: dict[str, str], first_week: date = MONDAY) -> View:
    """Weeks written as they are read: `x..x` was active in the first and in the fourth."""
    weeks = max(len(marks) for marks in active.values())
    return View(
        first_week,
        weeks,
        {
            person: sum(1 << n for n, mark in enumerate(marks) if mark == "x")
            for person, marks in active.items()
        },
    )


FIVE = dict.fromkeys(("ana", "ben", "cy", "dee", "eli"), "xx")
SIX = {**FIVE, "fay": "xx"}
TEN = {**SIX, **dict.fromkeys(("gus", "hal", "ida", "jon"), "xx")}


@pytest.mark.parametrize(
    ("situation", "now", "before", "allowed"),
    [
        ("four active people are too few", dict(list(FIVE.items())[:4]), [], False),
        ("five are enough", FIVE, [], True),
        ("a silent sixth does not help", {**dict(list(FIVE.items())[:4]), "fay": ".."}, [], False),
        ("the same again shows nothing new", FIVE, [FIVE], True),
        ("somebody joined", SIX, [FIVE], False),
        ("somebody left", FIVE, [SIX], False),
        ("somebody joined who was not active yet", {**FIVE, "fay": ".."}, [FIVE], True),
        ("five joined", TEN, [FIVE], True),
        ("one joined and one left", {**FIVE, "fay": "xx", "ana": ".."}, [FIVE], False),
        ("a sub-group whose rest would be four", SIX, [TEN], False),
        ("one was active in a week more", {**FIVE, "ana": "xxx"}, [FIVE], False),
        ("all were active in a week more", dict.fromkeys(FIVE, "xxx"), [FIVE], True),
        ("another team without anybody in common", FIVE, [{name + "2": "xx" for name in FIVE}], True),
        ("close to the one before the last", FIVE, [TEN, SIX], False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_view_is_shown_only_if_no_subtraction_shows_anybody(
    situation: str, now: dict[str, str], before: list[dict[str, str]], allowed: bool
) -> None:
    assert may_show(view(now), [view(shown) for shown in before]) is allowed, situation


def test_the_week_before_counts_as_another_view_of_the_same_weeks() -> None:
    earlier = view(dict.fromkeys(FIVE, "xxx"), MONDAY - timedelta(weeks=1))
    a_week_on_with_one_active = view({**dict.fromkeys(FIVE, "xx."), "ana": "xxx"})
    a_week_on_with_all_active = view(dict.fromkeys(FIVE, "xxx"))

    assert differing(a_week_on_with_all_active, earlier) == 5
    assert may_show(a_week_on_with_all_active, [earlier])
    # The week that fell out of the window was everybody's, so a subtraction mixes all five.
    assert may_show(a_week_on_with_one_active, [earlier])
    silent = view({**dict.fromkeys(FIVE, ".xx"), "ana": "xxx"}, MONDAY - timedelta(weeks=1))
    assert not may_show(a_week_on_with_one_active, [silent])


def test_the_floor_can_be_raised_and_not_lowered() -> None:
    assert not may_show(view(SIX), [], floor=7)
    assert not may_show(view(dict(list(FIVE.items())[:3])), [], floor=2)


def test_the_first_view_that_may_be_shown_is_chosen() -> None:
    assert choose_view([view(SIX), view(FIVE)], [view(FIVE)]) == view(FIVE)
    assert choose_view([view(SIX)], [view(FIVE)]) is None


def test_why_figures_are_hidden_is_said() -> None:
    assert why_hidden(3) == (
        "Figures appear once at least 5 people on the team have given or received something in the last 12 weeks. "
        "With fewer, they would be about somebody in particular."
    )
    assert why_hidden(9, floor=5).startswith("Somebody joined, left or was the only one active")


masks = st.dictionaries(st.sampled_from("abcdefghij"), st.integers(0, 15), max_size=10)
views = st.builds(
    lambda back, active: View(MONDAY - timedelta(weeks=back), 4, active), st.integers(0, 5), masks
)


@given(views, st.lists(views, max_size=4))
def test_whatever_is_shown_next_to_anything_shown_tells_nobody_apart(now: View, before: list[View]) -> None:
    """Played as an attacker: walk the weeks one by one and count whose cells differ."""
    if not may_show(now, before):
        return

    def cells(shown: View) -> set[tuple[str, date]]:
        return {
            (person, shown.first_week + timedelta(weeks=n))
            for person, mask in shown.active.items()
            for n in range(4)
            if mask >> n & 1
        }

    assert len({person for person, _ in cells(now)}) >= FLOOR
    for shown in before:
        apart = {person for person, _ in cells(now) ^ cells(shown)}
        assert not 0 < len(apart) < FLOOR
