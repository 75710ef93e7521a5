"""Teams: people who work together, who manages them, and what their give and take looks like in words."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from slackapp.domain.balances import Balance
from slackapp.domain.findings import FindingWords
from slackapp.domain.people import Person
from slackapp.domain.visibility import FLOOR, View, Viewer, sight
from slackapp.domain.weeks import WEEK, monday_of

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


@dataclass(frozen=True, slots=True)
class Look:
    """A manager looked at something of a team."""

    team: str
    manager: str
    at: datetime
    at_whom: str | None = None  # a person whose shared balance was opened


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
    notice: str | None = None  # of the `named` policy
    names: Mapping[str, str] = field(default_factory=dict)  # of managers


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


# The team's give and take -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Flow:
    """Gesture-days of one kind from one member to another in one week, as the store adds them up."""

    giver: str
    receiver: str
    kind: str
    week: date
    days: int


@dataclass(frozen=True, slots=True)
class AskFigures:
    """Asks for help among the team: how many found an offer, and how soon."""

    asked: int
    answered: int
    hours_to_first_offer: float | None  # median


@dataclass(frozen=True, slots=True)
class TeamFigures:
    people: int  # active ones
    weeks: tuple[date, ...]  # Mondays, oldest first, all closed
    rhythm: tuple[int, ...]  # people active, per week
    mutual: int  # pairs with gestures both ways
    one_way: int
    helps: int
    helpers: float | None  # as if so many people did all the helping; None without help
    gestures: int
    asks: AskFigures | None = None

    @property
    def two_way_share(self) -> float | None:
        pairs = self.mutual + self.one_way
        return self.mutual / pairs if pairs else None


def view_of(flows: Iterable[Flow], people: Collection[str], weeks: Sequence[date]) -> View:
    """Who of these people was active with one another, in which of these weeks."""
    active: dict[str, int] = {}
    for flow in flows:
        if flow.giver in people and flow.receiver in people and weeks[0] <= flow.week <= weeks[-1]:
            bit = 1 << ((flow.week - weeks[0]).days // 7)
            active[flow.giver] = active.get(flow.giver, 0) | bit
            active[flow.receiver] = active.get(flow.receiver, 0) | bit
    return View(weeks[0], len(weeks), active)


def candidates(
    flows: Sequence[Flow], members: Collection[str], weeks: Sequence[date], shown: Sequence[View]
) -> list[View]:
    """Views worth trying, best first: everyone; those shown last time, a week on; the last one again.

    `shown` are this team's, latest first. Once somebody has left, no view with them is tried.
    """
    found = [view_of(flows, members, weeks)]
    for view in shown:
        if view.people <= set(members):
            return [*found, view_of(flows, view.people, weeks), view]
    return found


def effective_number(amounts: Iterable[int]) -> float | None:
    """1/HHI: as many equal shares would be as concentrated. None when there is nothing."""
    counted = [amount for amount in amounts if amount]
    total = sum(counted)
    return total**2 / sum(amount**2 for amount in counted) if total else None


def figures(flows: Iterable[Flow], view: View, asks: AskFigures | None = None) -> TeamFigures:
    """Add up what stands behind a view, and nothing else. Every kind weighs the same."""
    people, weeks = view.people, tuple(view.first_week + WEEK * number for number in range(view.weeks))
    within = [
        flow
        for flow in flows
        if flow.giver in people and flow.receiver in people and weeks[0] <= flow.week <= weeks[-1]
    ]
    directed = {(flow.giver, flow.receiver) for flow in within}
    both_ways = sum((receiver, giver) in directed for giver, receiver in directed)
    helped: Counter[str] = Counter()
    for flow in within:
        if flow.kind == "help":
            helped[flow.giver] += flow.days
    return TeamFigures(
        people=len(people),
        weeks=weeks,
        rhythm=tuple(
            sum(mask >> number & 1 for mask in view.active.values()) for number in range(view.weeks)
        ),
        mutual=both_ways // 2,
        one_way=len(directed) - both_ways,
        helps=helped.total(),
        helpers=effective_number(helped.values()),
        gestures=sum(flow.days for flow in within),
        asks=asks,
    )


def closed_weeks(today: date, count: int) -> tuple[date, ...]:
    """The Mondays of the last `count` weeks that are over, oldest first."""
    latest = monday_of(today) - WEEK
    return tuple(latest - WEEK * back for back in range(count - 1, -1, -1))


@dataclass(frozen=True, slots=True)
class Sharing:
    """A member who lets the managers see their balance."""

    person: str
    name: str
    sentence: str  # their balance in words
    gave: tuple[bool, ...]  # their rhythm, per week
    received: tuple[bool, ...]


MOST_NAMED = 11  # nodes with a name in the picture of help


@dataclass(frozen=True, slots=True)
class HelpFlow:
    """Help among the team: between people who share, and everybody else taken together."""

    nodes: tuple[str, ...]
    links: tuple[tuple[int, int, int], ...]  # (from, to, gesture-days), by places in `nodes`


def help_flow(
    flows: Iterable[Flow], view: View, sharing: Mapping[str, str], floor: int = FLOOR
) -> HelpFlow | None:
    """`sharing`: names of those who share. None when nobody does, or when too few would stand together."""
    named = sorted((user for user in view.people if user in sharing), key=lambda user: (sharing[user], user))
    named = named[:MOST_NAMED]
    others = len(view.people) - len(named)
    if not named or 0 < others < max(floor, FLOOR):
        return None
    place = {user: number for number, user in enumerate(named)}
    amounts: Counter[tuple[int, int]] = Counter()
    last = view.last_week
    for flow in flows:
        inside = flow.giver in view.people and flow.receiver in view.people
        if inside and flow.kind == "help" and view.first_week <= flow.week <= last:
            ends = place.get(flow.giver, len(named)), place.get(flow.receiver, len(named))
            amounts[ends] += flow.days
    nodes = [sharing[user] for user in named] + ([f"{others} others"] if others else [])
    return HelpFlow(tuple(nodes), tuple((*ends, days) for ends, days in sorted(amounts.items())))


@dataclass(frozen=True, slots=True)
class TeamPage:
    """What one viewer gets of a team, already cut to what they may see."""

    team: Team
    people: int
    figures: TeamFigures | None
    hidden: str | None  # why there are no figures
    floor: int = FLOOR
    findings: tuple[FindingWords, ...] = ()  # that may be told by name
    counted: Mapping[str, int] = field(default_factory=dict)  # pattern → how many, without names
    sharing: tuple[Sharing, ...] = ()  # one page of them
    more_before: bool = False
    more_after: bool = False
    manages: bool = True  # False: a member reads what concerns everybody
    flow: HelpFlow | None = None


def shared_in_words(found: Balance) -> str:
    """A shared balance as its reader is told it: weeks, and no totals to compare."""
    weeks = len(found.weeks)
    return f"Gave in {sum(found.gave)} and received in {sum(found.received)} of {weeks} weeks."


def told(
    found: Iterable[FindingWords], viewer: Viewer, *, sharing: Collection[str], named: bool
) -> tuple[tuple[FindingWords, ...], dict[str, int]]:
    """Findings that this viewer gets by name, and how many of each other pattern they get counted."""
    by_name: list[FindingWords] = []
    counted: Counter[str] = Counter()
    for finding in found:
        match sight(finding.pattern, viewer, subjects=finding.subjects, sharing=sharing, named=named):
            case "named":
                by_name.append(finding)
            case "counted":
                counted[finding.pattern] += 1
    return tuple(by_name), dict(counted)


# In words ---------------------------------------------------------------------------------------------------------

MOST_PAIRS_FOR_A_FEW = 4


def reciprocity_in_words(found: TeamFigures) -> str:
    share = found.two_way_share
    if share is None:
        return "Nothing was exchanged on this team in these weeks."
    pairs = found.mutual + found.one_way
    if pairs <= MOST_PAIRS_FOR_A_FEW:
        return f"Few people on this team exchange anything yet: {_count(pairs, 'relationship')} in {len(found.weeks)} weeks."
    tone = (
        "Most giving comes back"
        if share >= 0.6
        else "About half of the giving comes back"
        if share >= 0.4
        else "Much of the giving goes one way"
    )
    return f"{tone}: {found.mutual} of {pairs} relationships ({share:.0%}) went both ways."


def helpers_in_words(found: TeamFigures) -> str:
    if found.helpers is None:
        return "No help was recorded in these weeks."
    if found.helps < 10:
        return f"{_count(found.helps, 'time')} somebody helped somebody: too little to say on whom it rests."
    return (
        f"Help was given {found.helps} times, spread as if {found.helpers:.1f} of {found.people} people "
        "did all the helping."
    )


def rhythm_in_words(found: TeamFigures, floor: int = FLOOR) -> str:
    lively = sum(count >= max(floor, found.people / 2) for count in found.rhythm)
    return f"In {lively} of {len(found.weeks)} weeks at least half of the active people, and never fewer than {floor}, took part."


def asks_in_words(found: AskFigures | None) -> str | None:
    if found is None or not found.asked:
        return None
    answered = f"{found.answered} of {_count(found.asked, 'ask')} for help found an offer"
    if found.hours_to_first_offer is None:
        return f"{answered}."
    hours = found.hours_to_first_offer
    soon = (
        "within the hour"
        if hours < 1
        else f"after {_count(round(hours), 'hour')}"
        if hours < 48
        else f"after {round(hours / 24)} days"
    )
    return f"{answered}, typically {soon}."


def rhythm_described(found: TeamFigures, floor: int = FLOOR) -> str:
    """What the picture of the rhythm says, for whoever does not see it."""
    said = ", ".join(
        "nobody" if not n else str(n) if n >= floor else f"fewer than {floor}" for n in found.rhythm
    )
    return (
        f"Bars: how many people took part in each of the last {len(found.weeks)} weeks, oldest first: {said}."
    )


def flow_described(found: HelpFlow) -> str:
    """What the picture of help says, the largest first."""
    if not found.links:
        return "A circle of people without arrows: no help was recorded among them."
    largest = sorted(found.links, key=lambda link: -link[2])[:12]
    said = "; ".join(
        f"{found.nodes[giver]} among themselves {_count(days, 'time')}"
        if giver == receiver
        else f"{found.nodes[giver]} to {found.nodes[receiver]} {_count(days, 'time')}"
        for giver, receiver, days in largest
    )
    more = len(found.links) - len(largest)
    return f"Arrows of help: {said}{f'; and {more} thinner ones' if more else ''}."


#: What to do about a pattern that was counted or named on the team.
ADVICE = {
    "concentration": "Help rests on few people: ask who would like to take a question off their plate.",
    "over_giver": "Somebody gives much more than they receive: make asking for help a normal part of the week.",
    "unthanked_helper": "Some help goes unthanked: begin a meeting with one thank-you each.",
    "one_sided_pair": "Some giving goes one way: mix who works with whom for a while.",
    "lost_rhythm_pair": "Some have been quiet with one another: give them a small thing to do together.",
    "lost_rhythm_person": "Somebody has gone quiet: a friendly question costs nothing.",
    "isolated": "Somebody is outside the give and take: invite people in by name, one at a time.",
    "split_team": "Sub-groups seldom help each other: share one task between them.",
}


def suggestions(found: TeamFigures, noticed: Collection[str] = ()) -> list[str]:
    """What to do about it, one sentence each; the first concerns most. `noticed`: patterns the page tells of."""
    said: list[str] = []
    if found.helpers is not None and found.helps >= 10 and found.helpers < max(2.5, found.people / 4):
        said.append(
            "Help rests on few people: ask in the next meeting who would like to take a question off their plate."
        )
    if found.two_way_share is not None and found.two_way_share < 0.4 and found.one_way >= 5:
        said.append(
            "Much goes one way: begin a meeting with one thank-you each, to somebody who has not heard one lately."
        )
    if found.asks is not None and found.asks.asked >= 4 and found.asks.answered * 2 < found.asks.asked:
        said.append("Half of the asks stay open: agree on a time of day when somebody looks at them.")
    if found.rhythm and sum(count == 0 for count in found.rhythm) * 3 > len(found.rhythm):
        said.append(
            "Many weeks were silent: one small fixed moment a week is easier to keep than a big one a quarter."
        )
    said += [advice for pattern, advice in ADVICE.items() if pattern in noticed and advice not in said]
    return said[:5] or [
        "Nothing stands out. Telling the team that you noticed is a fine thing to do with this page."
    ]


def squares(found: TeamFigures, floor: int = FLOOR) -> str:
    """A square a week. A week with fewer people than the floor looks like any other week with few."""
    return "".join(
        ":white_large_square:"
        if not count
        else ":large_green_square:"
        if count >= floor
        else ":small_orange_diamond:"
        for count in found.rhythm
    )


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"
