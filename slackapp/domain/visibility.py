"""Who sees what: one table, and the arithmetic that keeps one person's figure from being worked out.

The app prints TABLE and decides by it. A kind of thing to see is one line more.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import Any, Literal

from slackapp.domain.weeks import WEEK

FLOOR = 5  # active people behind any figure of a team; a workspace may raise it, never lower it

Viewer = Literal[
    "self", "other", "manager", "member", "anyone"
]  # member: of the same team, and not concerned
Sight = Literal["named", "counted", "nothing"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. A cell is what is told to people; `sight` decides by the same words."""

    says: str
    own: str
    other: str
    manager: str
    member: str = "no"
    anyone: str = "no"

    def for_managers(self, *, named: bool) -> str:
        """Their cell; `named`: the workspace's policy is in effect."""
        return BY_NAME if named and self.manager in {COUNTED, COUNTED_PAIR} else self.manager


YES, NO = "yes", "no"
SHARED = "only if they share"
COUNTED = "counted; by name only if they share"
COUNTED_PAIR = "counted; by name only if both share"
BY_NAME = "yes, by name"
NEVER = "never"

TABLE: Mapping[str, Line] = {
    "balance": Line("Your balance and your rhythm", YES, NO, SHARED),
    "notes": Line("Notes that somebody wrote to you, as Home keeps them", YES, YES, NEVER),
    "one_sided_pair": Line("That giving goes mostly one way between two people", YES, YES, COUNTED_PAIR),
    "lost_rhythm_pair": Line("That two people have been quiet for longer than usual", YES, YES, COUNTED_PAIR),
    "over_giver": Line("That somebody gives much more than they receive", YES, NO, COUNTED),
    "unthanked_helper": Line("That somebody’s help is seldom thanked", YES, NO, COUNTED),
    "lost_rhythm_person": Line("That somebody has gone quiet", YES, NO, COUNTED),
    "isolated": Line("That somebody is outside the give and take", YES, NO, COUNTED),
    "mostly_receiving": Line("That somebody mostly receives at the moment", YES, NO, NEVER),
    "concentration": Line("That help rests on a few", YES, YES, YES, YES),
    "split_team": Line("That sub-groups seldom help each other", YES, YES, YES, YES),
    "team": Line("The team’s reciprocity and rhythm", YES, YES, YES, YES),
}


def sight(
    what: str,
    viewer: Viewer,
    *,
    subjects: Collection[str] = (),
    sharing: Collection[str] = (),
    named: bool = False,
) -> Sight:
    """What this viewer gets of something found about `subjects`; `named`: the workspace's policy is in effect.

    Something the table does not know is seen by nobody.
    """
    line = TABLE.get(what)
    if line is None:
        return "nothing"
    cell = {
        "self": line.own,
        "other": line.other,
        "manager": line.for_managers(named=named),
        "member": line.member,
        "anyone": line.anyone,
    }[viewer]
    all_share = bool(subjects) and all(person in sharing for person in subjects)
    if cell in {YES, BY_NAME}:
        return "named"
    if cell == SHARED:
        return "named" if all_share else "nothing"
    if cell in {COUNTED, COUNTED_PAIR}:
        return "named" if all_share else "counted"
    return "nothing"


def in_short(what: str) -> str:
    """What a line of the table is about, as the beginning of a sentence."""
    says = TABLE[what].says.removeprefix("That ")
    return f"{says[0].upper()}{says[1:]}"


# What can be worked out -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """What figures add up: all that passed between two people in one week, or one thing that one person did."""

    people: tuple[str, ...]  # one or two, sorted
    week: date
    holds: tuple[Any, ...]  # with other contents it is another piece


@dataclass(frozen=True, slots=True)
class Stretch:
    """Closed weeks of one part of a team's figures that are told together, and as they were when they were told.

    Figures are sums over whole stretches, so nobody can work out more than each stretch for itself.
    """

    team: str
    part: str
    first_week: date
    weeks: int
    circle: frozenset[str]  # who was on the team
    pieces: frozenset[Piece]

    @property
    def mondays(self) -> tuple[date, ...]:
        return tuple(self.first_week + WEEK * number for number in range(self.weeks))


def active(pieces: Iterable[Piece]) -> set[str]:
    return {person for piece in pieces for person in piece.people}


def may_tell(new: Sequence[Stretch], told: Collection[Stretch], floor: int = FLOOR) -> bool:
    """Whether these stretches, of the same weeks, tell nobody apart next to each other and to all that was told.

    Each needs as many active people as the floor. Wherever one can be subtracted from another, or two or all from
    one that holds them, what remains is nothing, or told for itself, or comes with as many people who are only there,
    or concerns as many: leaving out fewer would not make it vanish.
    """
    floor = max(floor, FLOOR)
    enough = all(not one.pieces or len(active(one.pieces)) >= floor for one in new)
    return enough and all(_nobody_apart(_in(span, new, told), floor) for span in _spans(new, told))


@dataclass(frozen=True, slots=True)
class _Sum:
    """What is known of one part of one team in some weeks."""

    fresh: bool  # something of it is not told yet
    weeks: frozenset[date]
    circle: frozenset[str]
    pieces: frozenset[Piece]
    active: frozenset[str]

    def within(self, weeks: frozenset[date]) -> "_Sum":
        if self.weeks <= weeks:
            return self
        pieces = frozenset(piece for piece in self.pieces if piece.week in weeks)
        return replace(self, weeks=self.weeks & weeks, pieces=pieces, active=frozenset(active(pieces)))


def _nobody_apart(sums: Sequence[_Sum], floor: int) -> bool:
    wholes = {one.pieces for one in sums}

    def enough(whole: _Sum, less: Sequence[_Sum]) -> bool:
        """Whether what remains of a sum without the others is told of enough people, or is nothing at all."""
        only_there = whole.active.difference(*(one.circle for one in less))
        # Whoever is in none of the others has all their pieces in what remains.
        if len(only_there) >= floor:
            return True
        rest = whole.pieces.difference(*(one.pieces for one in less)) | _common(less)
        return not rest or (rest in wholes and len(active(rest)) >= floor) or not rests_on_fewer(rest, floor)

    def apart(one: _Sum, other: _Sum) -> bool:
        if one.circle.isdisjoint(other.circle):
            return True
        mine, theirs = one.within(other.weeks), other.within(one.weeks)
        return mine.pieces.isdisjoint(theirs.pieces) or (enough(mine, [theirs]) and enough(theirs, [mine]))

    def no_remainder(whole: _Sum, new: _Sum) -> bool:
        within = [other for other in sums if other.pieces and other.pieces < whole.pieces]
        pairs = combinations(within, 2)
        some = [*(pairs if whole is new else (pair for pair in pairs if new in pair)), within]
        return all(enough(whole, less) for less in some if less)

    fresh = [one for one in sums if one.fresh and one.pieces]
    return all(apart(one, other) for one in fresh for other in sums) and all(
        no_remainder(whole, new) for new in fresh for whole in sums if new.pieces <= whole.pieces
    )


def _common(some: Sequence[_Sum]) -> frozenset[Piece]:
    """What two have in common; of more, that is not looked at."""
    return some[0].pieces & some[1].pieces if len(some) == 2 else frozenset()


MOST_COMPARED = 20  # teams of which any two are compared with the new one where their weeks lie askew


def _spans(new: Sequence[Stretch], told: Iterable[Stretch]) -> set[frozenset[date]]:
    """The weeks to compare: the new ones, and where stretches overlap, those for which both have a sum, or all three."""
    weeks = frozenset(new[0].mondays)
    mine, others = list[Stretch](), dict[tuple[str, str], list[Stretch]]()
    parts = {(one.team, one.part) for one in new}
    for stretch in told:
        if (stretch.team, stretch.part) in parts:
            mine.append(stretch)
        else:
            others.setdefault((stretch.team, stretch.part), []).append(stretch)
    near = [each for each in others.values() if any(not weeks.isdisjoint(one.mondays) for one in each)]
    askew = [each for each in near if _closed(weeks, [*mine, *each]) != weeks]
    return {
        weeks,
        _closed(weeks, [*mine, *(one for each in askew for one in each)]),
        *(_closed(weeks, [*mine, *each]) for each in askew),
        *(_closed(weeks, [*mine, *one, *other]) for one, other in combinations(askew[:MOST_COMPARED], 2)),
    }


def _closed(weeks: frozenset[date], stretches: Sequence[Stretch]) -> frozenset[date]:
    """These weeks and whatever else of the stretches they cannot be had without."""
    while True:
        wider = weeks.union(*(one.mondays for one in stretches if not weeks.isdisjoint(one.mondays)))
        if wider == weeks:
            return weeks
        weeks = wider


def _in(span: frozenset[date], new: Sequence[Stretch], told: Iterable[Stretch]) -> list[_Sum]:
    sums: dict[tuple[str, str, bool], list[Stretch]] = {}
    fresh = {(one.team, one.part): set(one.mondays) for one in new}
    for stretch in [*new, *told]:
        if not span.isdisjoint(stretch.mondays):
            told_anew = fresh.get((stretch.team, stretch.part))
            # What is told anew stands beside what was told before.
            is_new = told_anew is not None and (stretch in new or told_anew.isdisjoint(stretch.mondays))
            sums.setdefault((stretch.team, stretch.part, is_new), []).append(stretch)
    return [
        _Sum(
            fresh=is_new,
            weeks=frozenset(week for one in each for week in one.mondays),
            circle=frozenset[str]().union(*(one.circle for one in each)),
            pieces=(pieces := frozenset[Piece]().union(*(one.pieces for one in each))),
            active=frozenset(active(pieces)),
        ).within(span)
        for (_, _, is_new), each in sums.items()
    ]


MOST_TRIED = 12  # people; beyond that the answer is the cautious one


def rests_on_fewer(pieces: Iterable[Piece], floor: int) -> bool:
    """Whether fewer people than the floor could be left out so that none of this would be left."""
    alone, pairs = set[str](), set[tuple[str, ...]]()
    for piece in pieces:
        if len(piece.people) == 1:
            alone.update(piece.people)
        else:
            pairs.add(piece.people)
    left = [pair for pair in pairs if alone.isdisjoint(pair)]
    most = floor - 1 - len(alone)
    if sum(1 for _ in _apart(left)) > most:
        return False
    return most > MOST_TRIED or _met_by(left, most)


def _apart(pairs: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Pairs of which no two have anybody in common: one person of each must be left out."""
    seen = set[str]()
    for pair in sorted(pairs):
        if seen.isdisjoint(pair):
            seen.update(pair)
            yield pair


def _met_by(pairs: Sequence[tuple[str, ...]], most: int) -> bool:
    """Whether so many people are enough for one of each pair to be among them."""
    if not pairs or most <= 0:
        return not pairs
    met = Counter(person for pair in pairs for person in pair)
    busiest, count = max(met.items(), key=lambda item: (item[1], item[0]))
    if len(pairs) > most * count:
        return False
    # Either the busiest is among them, or everybody the busiest met.
    others = {person for pair in pairs if busiest in pair for person in pair} - {busiest}
    return _met_by([pair for pair in pairs if busiest not in pair], most - 1) or (
        len(others) <= most
        and _met_by([pair for pair in pairs if others.isdisjoint(pair)], most - len(others))
    )


def why_hidden(people: int, floor: int = FLOOR) -> str:
    """The sentence in place of figures. `people`: on the team now, and active in these weeks."""
    floor = max(floor, FLOOR)
    if people < floor:
        return (
            f"Figures appear once at least {floor} people on the team have given or received something "
            "in the last 12 closed weeks. With fewer, they would be about somebody in particular."
        )
    return (
        "Some of these people are on another team whose figures were shown before, or too few were active in these "
        f"weeks. Figures would show, by comparing, what fewer than {floor} people did; so there are none for now."
    )
