"""Who sees what, as the table says it; and that no subtraction shows one person."""

from collections.abc import Collection, Sequence
from datetime import date
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackapp.domain.visibility import (
    FLOOR,
    TABLE,
    Piece,
    Stretch,
    active,
    may_tell,
    rests_on_fewer,
    sight,
    why_hidden,
)
from slackapp.domain.weeks import WEEK

MONDAY = date(2026, 1, 5)

# What | the person | the other | manager, nobody shares | one of two shares | all share | policy `named` | a teammate | anyone
EXPECTED = """
balance            | named   | nothing | nothing | nothing | named   | nothing | nothing | nothing
notes              | named   | named   | nothing | nothing | nothing | nothing | nothing | nothing
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


def told(
    story: str,
    team: str = "lanterns",
    part: str = "exchange",
    first_week: date = MONDAY,
    quiet: Collection[str] = (),
) -> Stretch:
    """Weeks are lines; `ana-ben ben-cy` are pairs between whom something passed, `ana` alone is an ask.

    `quiet`: who was on the team too, and did nothing.
    """
    lines = [line.split() for line in story.strip("\n").split("\n")]
    pieces = frozenset(
        Piece(tuple(sorted(who.rstrip("!").split("-"))), first_week + WEEK * number, (who.count("!"),))
        for number, line in enumerate(lines)
        for who in line
    )
    return Stretch(team, part, first_week, len(lines), frozenset({*active(pieces), *quiet}), pieces)


FIVE = "ana-ben ben-cy cy-dee dee-eli eli-ana"
SIX = f"{FIVE} fay-ana fay-ben"
TEN = f"{FIVE} fay-gus gus-hal hal-ida ida-jon jon-fay"
STAR = "ana-ben ana-cy ana-dee ana-eli ana-fay"
OTHERS = "kim-lea lea-max max-noa noa-oli oli-kim"


@pytest.mark.parametrize(
    ("situation", "now", "before", "allowed"),
    [
        ("four active people are too few", "ana-ben cy-dee", [], False),
        ("five are enough", FIVE, [], True),
        ("nobody at all is nobody in particular", "", [], True),
        ("the same people again, on another team", FIVE, [FIVE], True),
        ("one more", SIX, [FIVE], False),
        ("one fewer", FIVE, [SIX], False),
        ("one fewer, who alone met all the others", FIVE, [f"{FIVE} {STAR} fay-gus"], False),
        ("one more who did nothing", FIVE, [FIVE], True),
        ("five more", TEN, [FIVE], True),
        ("ten more", f"{TEN} {OTHERS}", [FIVE], True),
        ("five more, of whom one did nothing", f"{FIVE} fay-gus gus-hal hal-ida", [FIVE], False),
        ("nobody in common", OTHERS, [FIVE], True),
        ("one swapped for another", f"{FIVE} fay-ana", [f"{FIVE} gus-ana"], False),
        ("something taken back between two", FIVE, [FIVE.replace("ana-ben", "ana-ben!")], False),
        ("close to one, far from the other", f"{TEN} {OTHERS}", [f"{TEN} {OTHERS} pia-kim", FIVE], False),
        ("what two hold together, and one more", f"{TEN} kim-ana", [FIVE, "fay-gus gus-hal hal-ida ida-jon jon-fay"], False),
        ("what two hold together", TEN, [FIVE, "fay-gus gus-hal hal-ida ida-jon jon-fay"], True),
        ("part of what was told, and the other part too", FIVE, [TEN, "fay-gus gus-hal hal-ida ida-jon jon-fay"], True),
        ("two that hold one pair in common, and all of it", f"{FIVE} ana-fay fay-gus gus-hal hal-ben", [FIVE, "ana-ben ana-fay fay-gus gus-hal hal-ben"], False),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value and "-" not in value else "",
)  # fmt: skip
def test_a_stretch_is_told_only_if_no_subtraction_tells_anybody_apart(
    situation: str, now: str, before: list[str], allowed: bool
) -> None:
    earlier = [told(story, f"team {number}") for number, story in enumerate(before)]

    assert may_tell([told(now)], earlier) is allowed, situation


def test_somebody_who_left_is_not_hidden_behind_those_who_exchanged_with_nobody_else() -> None:
    with_ana = told(f"{STAR} {OTHERS}", "lanterns")
    without = told(OTHERS, "beacons", quiet=("ben", "cy", "dee", "eli", "fay"))

    assert not may_tell([without], [with_ana])
    assert may_tell([told(OTHERS, "beacons")], [with_ana])


def test_other_weeks_have_nothing_to_compare() -> None:
    assert may_tell([told(FIVE)], [told(SIX, "beacons", first_week=MONDAY + WEEK)])
    assert may_tell([told(f"{FIVE}\n{FIVE}")], [told("\n" + OTHERS, "beacons")])
    assert not may_tell([told(f"{FIVE}\n{FIVE}")], [told("\n" + SIX, "beacons")])


def test_two_parts_are_told_together_or_not_at_all() -> None:
    whole = told(f"{TEN} ana-fay ben-gus cy-hal dee-ida eli-jon")
    within = told(TEN, part="within")
    assert may_tell([within, told("ana-fay ben-gus cy-hal dee-ida eli-jon", part="across")], [whole])
    assert not may_tell([within, told("ana-fay ben-gus", part="across")], [told(f"{TEN} ana-fay ben-gus")])
    # A connector: all that crosses is theirs, and so is the difference.
    star = told("ana-fay ana-gus ana-hal ana-ida", part="across")
    assert may_tell([within, star], [told(f"{TEN} ana-fay ana-gus ana-hal ana-ida")])
    assert not may_tell([within, star], [told(f"{TEN} ana-fay ana-gus ana-hal ana-ida ana-jon")])


def test_asks_are_about_whoever_asked() -> None:
    assert not may_tell([told("ana ben cy dee", part="asks")], [])
    assert may_tell([told("ana ben cy dee eli", part="asks")], [])
    assert not may_tell(
        [told("ana ben cy dee eli", part="asks")], [told("ana ben cy dee eli fay", "beacons", "asks")]
    )


def test_the_floor_can_be_raised_and_not_lowered() -> None:
    assert not may_tell([told(SIX)], [], floor=7)
    assert not may_tell([told("ana-ben cy-dee")], [], floor=2)


def test_why_figures_are_hidden_is_said() -> None:
    assert why_hidden(3) == (
        "Figures appear once at least 5 people on the team have given or received something in the last 12 closed "
        "weeks. With fewer, they would be about somebody in particular."
    )
    assert why_hidden(9, floor=6) == (
        "Some of these people are on another team whose figures were shown before, or too few were active in these "
        "weeks. Figures would show, by comparing, what fewer than 6 people did; so there are none for now."
    )
    assert "what fewer than 6 people did" in why_hidden(9, floor=6)


# Playing the attacker

PEOPLE = "abcdefghijkl"
pairs = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)).filter(lambda pair: pair[0] < pair[1])


def fewest_to_leave_out(pieces: Collection[Piece]) -> int:
    """By trying everybody, one by one, two by two, and so on."""
    concerned = sorted(active(pieces))
    return next(
        size
        for size in range(len(concerned) + 1)
        for out in combinations(concerned, size)
        if all(set(piece.people) & set(out) for piece in pieces)
    )


@given(st.sets(pairs, max_size=14), st.integers(1, 7))
def test_how_few_somethings_rests_on_is_counted_right(met: set[tuple[str, str]], floor: int) -> None:
    pieces = [Piece(pair, MONDAY, ()) for pair in met]

    assert rests_on_fewer(pieces, floor) == (fewest_to_leave_out(pieces) < floor)


def test_how_few_something_rests_on_is_found_at_once_in_a_crowd() -> None:
    crowd = [Piece((f"{n:03}", f"{n + 1:03}"), MONDAY, ()) for n in range(500)]
    hub = [Piece(("000", f"{n:03}"), MONDAY, ()) for n in range(1, 500)]

    assert [rests_on_fewer(crowd, floor) for floor in (5, 50, 999)] == [False, False, True]
    assert [rests_on_fewer(hub, floor) for floor in (2, 5, 999)] == [True, True, True]


weekly = st.lists(st.sets(pairs, max_size=16), min_size=3, max_size=3)
teams_made = st.lists(st.sets(st.sampled_from(PEOPLE), min_size=5), min_size=1, max_size=4)


@settings(max_examples=150, deadline=None)
@given(weekly, teams_made, st.permutations(range(12)))
def test_whatever_is_told_and_whatever_is_subtracted_nobody_stands_alone(
    passed: list[set[tuple[str, str]]], circles: list[set[str]], turns: list[int]
) -> None:
    """Several teams are looked at in any order, whole weeks at a time; the attacker has every sum and uses up to three."""
    everything: list[Stretch] = []
    reached = [0] * len(circles)
    for turn in turns:
        number = turn % len(circles)
        for last in range(reached[number], 3):
            pieces = frozenset(
                Piece(pair, MONDAY + WEEK * week, ())
                for week in range(reached[number], last + 1)
                for pair in passed[week]
                if set(pair) <= circles[number]
            )
            first = reached[number]
            stretch = Stretch(
                *(str(number), "exchange", MONDAY + WEEK * first, last + 1 - first),
                *(frozenset(circles[number]), pieces),
            )
            if may_tell([stretch], everything):
                everything.append(stretch)
                reached[number] = last + 1
                break

    for stretch in everything:
        assert not 0 < len(active(stretch.pieces)) < FLOOR
    # Sums over the same weeks, of up to three teams, added and subtracted in every way.
    for first, last in combinations(range(4), 2):
        weeks = {MONDAY + WEEK * number for number in range(first, last)}
        each = ((number, _within(everything, str(number), weeks)) for number in range(len(circles)))
        sums = [
            (circles[number], frozenset(piece for one in mine for piece in one.pieces))
            for number, mine in each
            if {week for one in mine for week in one.mondays} == weeks and any(one.pieces for one in mine)
        ]
        for several in (2, 3):
            for chosen in combinations(sums, several):
                for signs in product((1, -1), repeat=several):
                    left = {
                        piece
                        for _, one in chosen
                        for piece in one
                        if sum(sign for sign, (_, held) in zip(signs, chosen, strict=True) if piece in held)
                    }
                    whole = any(one.pieces and one.pieces <= left for one in everything)
                    assert (
                        not left
                        or whole
                        or alone_in_it(left, chosen) >= FLOOR
                        or fewest_to_leave_out(left) >= FLOOR
                    )


def alone_in_it(left: set[Piece], chosen: Sequence[tuple[set[str], frozenset[Piece]]]) -> int:
    """The most people that what is left has of one team and of no other team that was counted in."""
    return max(
        len(active(left & held) & circle.difference(*(other for other, _ in chosen if other is not circle)))
        for circle, held in chosen
    )


def _within(told: list[Stretch], team: str, weeks: set[date]) -> list[Stretch]:
    return [one for one in told if one.team == team and weeks.issuperset(one.mondays)]
