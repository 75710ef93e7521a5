"""Teams: people who work together, and who manages them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from slackapp.domain.people import NOT_KNOWN, Person
from slackapp.domain.policies import Policy

NAME_LIMIT = 80
MOST_MEMBERS = 500
MOST_MANAGERS = 10


class NotATeam(ValueError):  # noqa: N818 - it names the situation, and its message is read by people
    """No team was made or changed. The message is a sentence for the person who tried."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a team's members come from. A channel or user group keeps the team in step with itself."""

    kind: str = "people"  # people, channel, group
    slack_id: str | None = None


@dataclass(frozen=True, slots=True)
class Team:
    team_id: UUID
    name: str
    origin: Origin
    managers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """One spell of one person on a team."""

    person: str
    joined: date
    left: date | None = None  # the first day no longer on the team
    group: str | None = None  # sub-group within the team
    shares: bool = False  # lets the managers see their balance

    def on(self, day: date) -> bool:
        return self.joined <= day and (self.left is None or day < self.left)


def few_moved(spells: Iterable[Membership], since: date, floor: int) -> bool:
    """Whether on any day after that one somebody joined or left, and fewer did so than the floor."""
    moved: dict[date, set[str]] = {}
    for spell in spells:
        for day in (spell.joined, spell.left):
            if day is not None and day > since:
                moved.setdefault(day, set()).add(spell.person)
    return any(len(people) < floor for people in moved.values())


def few_between(some: Collection[str], others: Iterable[Collection[str]], floor: int) -> bool:
    """Whether these are some of the others or hold them all, and fewer than the floor make the difference: what is
    counted about the ones can be subtracted from what is counted about the others.
    """
    mine = set(some)
    return any(
        0 < len(mine ^ theirs) < floor for theirs in map(set, others) if mine <= theirs or theirs <= mine
    )


@dataclass(frozen=True, slots=True)
class Look:
    """A manager looked at something of a team, once or more on one day."""

    team: str
    manager: str
    at: datetime  # the last time that day
    at_whom: str | None = None  # a person whose shared balance was opened
    times: int = 1


@dataclass(frozen=True, slots=True)
class OwnTeam:
    """A team as one of its members reads of it on Home."""

    team: Team
    shares: bool


@dataclass(frozen=True, slots=True)
class TeamsOnHome:
    mine: tuple[OwnTeam, ...] = ()
    managed: tuple[tuple[Team, int], ...] = ()  # with how many people are on it
    looks: tuple[Look, ...] = ()  # latest first
    may_make: bool = False
    may_change_any: bool = False  # of the teams there are
    policy: Policy = field(default_factory=Policy)
    today: date = date.min
    names: Mapping[str, str] = field(default_factory=dict)  # of managers
    me: str = ""  # whose Home it is


def checked_name(typed: str | None) -> str:
    name = " ".join((typed or "").split())
    if not name:
        raise NotATeam("Give the team a name that its members will recognise.")
    if len(name) > NAME_LIMIT:
        raise NotATeam(f"The name has {len(name)} characters; {NAME_LIMIT} is the most.")
    return name


def checked_sub_group(typed: str | None) -> str | None:
    """None: its people are in no sub-group."""
    return checked_name(typed) if (typed or "").strip() else None


def one_origin(people: Sequence[str], channel: str | None, group: str | None) -> Origin:
    """The one of three ways that was filled in. Raises NotATeam for none, and for several."""
    given = [bool(people), bool(channel), bool(group)]
    if sum(given) != 1:
        raise NotATeam(
            "Choose people, a channel or a user group: exactly one of the three decides who is on the team."
        )
    if channel:
        return Origin("channel", channel)
    return Origin("group", group) if group else Origin()


def check_named(named: Iterable[str], known: Mapping[str, Person], of_what: str) -> None:
    """Raises NotATeam when somebody whom a person chose cannot take part; `of_what` as in `Person.why_left_out`.

    Not for those who have left: Slack offers them to nobody, and a form that was filled in before lets them go.
    """
    for user in named:
        if user not in known:
            raise NotATeam(NOT_KNOWN)
        if not known[user].is_deactivated and (reason := known[user].why_left_out(of_what)):
            raise NotATeam(reason)


def check_sub_group(
    name: str | None, people: Sequence[str], members: Collection[str], known: Mapping[str, Person]
) -> None:
    """Raises NotATeam for a sub-group of nobody, and of somebody who is not on the team."""
    if name and not people:
        raise NotATeam("Choose who is in this sub-group, or leave its name empty.")
    for user in people:
        if user not in members:
            who = known[user].called if user in known else "One of them"
            raise NotATeam(f"{who} is not on this team. Sub-groups are made of its members.")


def choose_members(named: Iterable[str], known: Mapping[str, Person]) -> list[str]:
    """Those who can be on a team. Raises NotATeam for nobody and for too many."""
    chosen = [user for user in dict.fromkeys(named) if user in known and known[user].takes_part]
    if not chosen:
        raise NotATeam(
            "Nobody there can be on a team: apps, guests of other organisations and people who left are not counted."
        )
    if len(chosen) > MOST_MEMBERS:
        raise NotATeam(
            f"That would be {len(chosen):,} people, and {MOST_MEMBERS} is the most. Teams work best when they are "
            "the people who really work together."
        )
    return chosen


def choose_managers(named: Sequence[str], known: Mapping[str, Person]) -> list[str]:
    chosen = [user for user in dict.fromkeys(named) if user in known and known[user].takes_part]
    if not chosen:
        raise NotATeam("Name at least one manager: somebody has to look after the team’s balance.")
    if len(chosen) > MOST_MANAGERS:
        raise NotATeam(f"{MOST_MANAGERS} managers are the most a team can have.")
    return chosen
