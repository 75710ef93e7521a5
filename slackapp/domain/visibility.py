"""Who sees what: one table, and the arithmetic that keeps one person's figure from being worked out.

The app prints TABLE and decides by it. A kind of thing to see is one line more.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

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


YES, NO = "yes", "no"
SHARED = "only if they share"
COUNTED = "counted; by name only if they share"
COUNTED_PAIR = "counted; by name only if both share"
NEVER = "never"

TABLE: Mapping[str, Line] = {
    "balance": Line("Your balance, your rhythm, notes you received", YES, NO, SHARED),
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
        "manager": line.manager,
        "member": line.member,
        "anyone": line.anyone,
    }[viewer]
    all_share = bool(subjects) and all(person in sharing for person in subjects)
    if cell == YES:
        return "named"
    if cell == SHARED:
        return "named" if all_share else "nothing"
    if cell in {COUNTED, COUNTED_PAIR}:
        return "named" if named or all_share else "counted"
    return "nothing"


# What can be worked out -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class View:
    """Whose activity in which weeks stands behind a team's figures."""

    first_week: date
    weeks: int
    active: Mapping[str, int]  # person → one bit a week, the lowest for `first_week`

    @property
    def people(self) -> frozenset[str]:
        """Those who were active at all; who was not has nothing that could be worked out."""
        return frozenset(person for person, mask in self.active.items() if mask)

    @property
    def last_week(self) -> date:
        return self.first_week + WEEK * (self.weeks - 1)


def differing(one: View, other: View) -> int:
    """How many people have something in one of the two views that is not in the other.

    With both in hand, a subtraction shows what those people did.
    """
    start = min(one.first_week, other.first_week)

    def weeks_of(view: View, person: str) -> int:
        return view.active.get(person, 0) << ((view.first_week - start).days // 7)

    return sum(weeks_of(one, person) != weeks_of(other, person) for person in {*one.active, *other.active})


def may_show(view: View, shown: Iterable[View], floor: int = FLOOR) -> bool:
    """Whether the view's figures give away nobody, given everything shown before."""
    floor = max(floor, FLOOR)
    if len(view.people) < floor:
        return False
    return all(count == 0 or count >= floor for count in (differing(view, other) for other in shown))


def choose_view(candidates: Iterable[View], shown: Collection[View], floor: int = FLOOR) -> View | None:
    """The first candidate that may be shown; None: no figures for now."""
    return next((view for view in candidates if may_show(view, shown, floor)), None)


def why_hidden(active: int, floor: int = FLOOR) -> str:
    """The sentence in place of figures."""
    floor = max(floor, FLOOR)
    if active < floor:
        return (
            f"Figures appear once at least {floor} people on the team have given or received something "
            "in the last 12 weeks. With fewer, they would be about somebody in particular."
        )
    return (
        "Somebody joined, left or was the only one active not long ago. Figures stay hidden for a few weeks, "
        "because comparing them with earlier ones would show what that one person did."
    )
