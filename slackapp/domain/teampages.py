"""A team's page: its give and take in figures and in words, and which of it is told.

Figures are sums over stretches of closed weeks. Which stretches may be told is decided by `visibility`; once told, they
stay as they were.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from statistics import median
from typing import Any

from slackapp.domain.balances import Balance
from slackapp.domain.findings import FindingWords
from slackapp.domain.teams import Team
from slackapp.domain.visibility import (
    FLOOR,
    TABLE,
    YES,
    Piece,
    Stretch,
    Viewer,
    active,
    in_short,
    may_tell,
    sight,
)
from slackapp.domain.weeks import WEEK, monday_of


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
class GroupFigures:
    """Help among people of sub-groups, and how much of it crossed from one to another."""

    sizes: tuple[tuple[str, int], ...]  # active people by sub-group; REST stands for everybody else
    weeks: tuple[date, ...]
    helps: int
    crossed: int
    by_chance: float  # share that would cross if sub-groups made no difference


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
    groups: GroupFigures | None = None

    @property
    def two_way_share(self) -> float | None:
        pairs = self.mutual + self.one_way
        return self.mutual / pairs if pairs else None


def effective_number(amounts: Iterable[int]) -> float | None:
    """1/HHI: as many equal shares would be as concentrated. None when there is nothing."""
    counted = [amount for amount in amounts if amount]
    total = sum(counted)
    return total**2 / sum(amount**2 for amount in counted) if total else None


def figures(flows: Collection[Flow], weeks: Sequence[date]) -> TeamFigures:
    """Add up what passed in these weeks. Every kind weighs the same."""
    directed = {(flow.giver, flow.receiver) for flow in flows}
    both_ways = sum((receiver, giver) in directed for giver, receiver in directed)
    helped: Counter[str] = Counter()
    lively: dict[date, set[str]] = {week: set() for week in weeks}
    for flow in flows:
        lively[flow.week].update((flow.giver, flow.receiver))
        if flow.kind == "help":
            helped[flow.giver] += flow.days
    return TeamFigures(
        people=len({person for pair in directed for person in pair}),
        weeks=tuple(weeks),
        rhythm=tuple(len(people) for people in lively.values()),
        mutual=both_ways // 2,
        one_way=len(directed) - both_ways,
        helps=helped.total(),
        helpers=effective_number(helped.values()),
        gestures=sum(flow.days for flow in flows),
    )


def ask_figures(hours: Collection[float | None]) -> AskFigures | None:
    """`hours` to the first offer, for each ask; None: there was none."""
    found = [one for one in hours if one is not None]
    return AskFigures(len(hours), len(found), round(median(found), 1) if found else None) if hours else None


# What is told of it -----------------------------------------------------------------------------------------------

EXCHANGE, ASKS, ACROSS, WITHIN = "exchange", "asks", "across", "within"  # the parts of a team's figures
REST = ""  # everybody who is in no sub-group large enough to be told of


def pieces_of(flows: Iterable[Flow]) -> set[Piece]:
    """All that passed between two people in one week is one piece."""
    passed: dict[tuple[tuple[str, ...], date], list[tuple[str, str, int]]] = {}
    for flow in flows:
        pair = tuple(sorted((flow.giver, flow.receiver)))
        passed.setdefault((pair, flow.week), []).append((flow.giver, flow.kind, flow.days))
    return {Piece(pair, week, tuple(sorted(held))) for (pair, week), held in passed.items()}


def piece_of_ask(ask: str, asker: str, week: date, hours: float | None) -> Piece:
    return Piece((asker,), week, (ask, hours))


def flows_of(pieces: Iterable[Piece]) -> list[Flow]:
    return [
        Flow(giver, next(person for person in piece.people if person != giver), kind, piece.week, days)
        for piece in pieces
        for giver, kind, days in piece.holds
        if len(piece.people) == 2  # two ids of one person were a pair until they became one
    ]


def tell(
    team: str,
    circle: Collection[str],
    parts: Mapping[str, Collection[Piece]],
    units: Iterable[Sequence[date]],
    told: Iterable[Stretch],
    floor: int,
) -> list[Stretch]:
    """Stretches that may be told of these parts together, oldest first, each as short as can be.

    They begin and end where units do. What may not be told yet waits for the weeks that follow.
    """
    made: list[Stretch] = []
    known, waiting = list(told), list[date]()
    for unit in units:
        waiting += unit
        new = [
            Stretch(
                team,
                part,
                waiting[0],
                len(waiting),
                frozenset(circle),
                frozenset(piece for piece in pieces if piece.week in waiting),
            )
            for part, pieces in parts.items()
        ]
        if may_tell(new, [*known, *made], floor):
            made += new
            waiting = []
    return made


def newly_told(
    team: str,
    circle: Collection[str],
    exchange: Collection[Piece],
    asks: Collection[Piece],
    groups: Mapping[str, str | None],
    weeks: Sequence[date],
    told: Iterable[Stretch],
    floor: int,
) -> list[Stretch]:
    """What is told from now on of these closed weeks, of who is on the team now.

    What was told stays as it was, whoever joined, left or took something back since. Only where as many people as the
    floor gave or received differently, as after an import, a stretch is told anew. `circle`: who is on the team now.
    `told`: this team's stretches and others'. `groups`: sub-groups by person.
    """
    others, own, made = list[Stretch](), dict[tuple[str, date], Stretch](), list[Stretch]()
    for stretch in told:
        if stretch.team == team:
            own[stretch.part, stretch.first_week] = stretch
        else:
            others.append(stretch)

    def of(part: str) -> list[Stretch]:
        return sorted((one for one in own.values() if one.part == part), key=lambda one: one.first_week)

    def try_to_tell(parts: Mapping[str, Collection[Piece]], units: Iterable[Sequence[date]]) -> None:
        for stretch in tell(team, circle, parts, units, [*others, *own.values()], floor):
            own[stretch.part, stretch.first_week] = stretch
            made.append(stretch)

    def not_yet(part: str, of_these: Sequence[date]) -> list[Sequence[date]]:
        last = max((stretch.mondays[-1] for stretch in of(part)), default=date.min)
        return [[week] for week in of_these if week > last]

    for before in of(EXCHANGE):
        now = frozenset(piece for piece in exchange if piece.week in before.mondays)
        if before.first_week >= weeks[0] and now != before.pieces:
            try_to_tell({EXCHANGE: now}, [before.mondays])
    try_to_tell({EXCHANGE: exchange}, not_yet(EXCHANGE, weeks))
    # An ask of the last days may still find an offer, and what was told does not change.
    try_to_tell({ASKS: asks}, not_yet(ASKS, weeks[:-1]))
    inside = [stretch for stretch in of(EXCHANGE) if stretch.first_week >= weeks[0]]
    if (group_of := told_groups(inside, groups, floor)) is not None:
        held = {piece for stretch in inside for piece in stretch.pieces}
        across = {piece for piece in held if len({group_of[person] for person in piece.people}) > 1}
        fresh = {unit[0] for unit in not_yet(ACROSS, weeks)}
        units = [stretch.mondays for stretch in inside if stretch.first_week in fresh]
        try_to_tell({ACROSS: across, WITHIN: held - across}, units)
    return made


def told_groups(
    inside: Iterable[Stretch], groups: Mapping[str, str | None], floor: int
) -> dict[str, str] | None:
    """By person the sub-group, or REST, that can be told of. None: there is nothing to tell them apart by.

    A sub-group with fewer active people than the floor is part of the rest, and the rest must not be fewer either.
    """
    floor = max(floor, FLOOR)
    people = active(piece for stretch in inside for piece in stretch.pieces)
    sizes = Counter(group for person in people if (group := groups.get(person)))
    found = {
        person: group if (group := groups.get(person)) and sizes[group] >= floor else REST
        for person in people
    }
    counted = Counter(found.values())
    return found if len(counted) > 1 and min(counted.values()) >= floor else None


def told_figures(
    own: Iterable[Stretch],
    members: Collection[str],
    groups: Mapping[str, str | None],
    weeks: Sequence[date],
    floor: int,
) -> tuple[TeamFigures, list[Flow]] | None:
    """What is told of these closed weeks, and what it was added up from.

    None while too few of those who are on the team now were active in them.
    """
    inside: dict[str, list[Stretch]] = {EXCHANGE: [], ASKS: [], ACROSS: [], WITHIN: []}
    for stretch in sorted(own, key=lambda one: one.first_week):
        if weeks[0] <= stretch.first_week and stretch.mondays[-1] <= weeks[-1]:
            inside[stretch.part].append(stretch)

    def told_weeks(part: str) -> list[date]:
        return [week for stretch in inside[part] for week in stretch.mondays]

    def pieces(part: str) -> list[Piece]:
        return [piece for stretch in inside[part] for piece in stretch.pieces]

    if len(active(pieces(EXCHANGE)) & set(members)) < max(floor, FLOOR):
        return None
    flows = flows_of(pieces(EXCHANGE))
    group_of = told_groups(inside[EXCHANGE], groups, floor)
    found = replace(
        figures(flows, told_weeks(EXCHANGE)),
        asks=ask_figures([piece.holds[1] for piece in pieces(ASKS)]),
        groups=_group_figures(
            group_of, told_weeks(ACROSS), flows_of(pieces(ACROSS)), flows_of(pieces(WITHIN))
        )
        if group_of
        else None,
    )
    return found, flows


def _group_figures(
    group_of: Mapping[str, str], weeks: Sequence[date], across: Iterable[Flow], within: Iterable[Flow]
) -> GroupFigures | None:
    if not weeks:
        return None
    sizes = Counter(group_of.values())
    everyone = sizes.total()
    crossed, stayed = (sum(flow.days for flow in flows if flow.kind == "help") for flows in (across, within))
    return GroupFigures(
        sizes=tuple(sorted(sizes.items(), key=lambda item: (item[0] == REST, item[0]))),
        weeks=tuple(weeks),
        helps=crossed + stayed,
        crossed=crossed,
        by_chance=sum(size * (everyone - size) for size in sizes.values()) / (everyone * (everyone - 1)),
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


def help_flow(flows: Iterable[Flow], sharing: Mapping[str, str], floor: int = FLOOR) -> HelpFlow | None:
    """`sharing`: names of those who share. None when nobody does, or when too few would stand together."""
    flows = list(flows)
    people = {person for flow in flows for person in (flow.giver, flow.receiver)}
    named = sorted((user for user in people if user in sharing), key=lambda user: (sharing[user], user))
    named = named[:MOST_NAMED]
    others = len(people) - len(named)
    if not named or 0 < others < max(floor, FLOOR):
        return None
    place = {user: number for number, user in enumerate(named)}
    amounts: Counter[tuple[int, int]] = Counter()
    for flow in flows:
        if flow.kind == "help":
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
    waiting: int = 0  # closed weeks that are not told yet
    grouped: bool = False  # whether somebody named sub-groups
    findings: tuple[FindingWords, ...] = ()  # that may be told by name
    counted: Mapping[str, int] = field(default_factory=dict)  # pattern → how many, without names
    counts: bool = True  # False: nothing is counted now, whether or not there is anything
    sharing: tuple[Sharing, ...] = ()  # one page of them
    number: int = 0  # of that page, from 0
    more_after: bool = False
    manages: bool = True  # False: a member reads what concerns everybody
    flow: HelpFlow | None = None


def pictures_of(page: TeamPage) -> dict[str, dict[str, Any]]:
    """What the pictures of a page show, by the name of each. A week with few people looks like any other with few."""
    if page.figures is None:
        return {}
    counts = [count if count >= page.floor else min(count, 1) for count in page.figures.rhythm]
    rhythm = {"kind": "rhythm", "counts": counts, "floor": page.floor, "waiting": page.waiting}
    if page.flow is None:
        return {"rhythm": rhythm}
    return {
        "rhythm": rhythm,
        "flow": {
            "kind": "flow",
            "nodes": list(page.flow.nodes),
            "links": [list(link) for link in page.flow.links],
        },
    }


def shared_in_words(found: Balance) -> str:
    """A shared balance as its reader is told it: weeks, and no totals to compare."""
    weeks = len(found.weeks)
    return f"Gave in {sum(found.gave)} and received in {sum(found.received)} of {weeks} weeks."


def told(
    found: Iterable[FindingWords],
    viewer: Viewer,
    *,
    sharing: Collection[str],
    named: bool,
    figures: TeamFigures | None,
) -> tuple[tuple[FindingWords, ...], dict[str, int]]:
    """Findings that this viewer gets by name, and how many of each other pattern they get counted."""
    by_name: list[FindingWords] = []
    counted: Counter[str] = Counter()
    for finding in found:
        match sight(finding.pattern, viewer, subjects=finding.subjects, sharing=sharing, named=named):
            case "named" if TABLE[finding.pattern].member == YES:
                if (said := _about_all(finding, figures)) is not None:
                    by_name.append(replace(finding, sentence=said))
            case "named":
                by_name.append(finding)
            case "counted":
                counted[finding.pattern] += 1
    by_name.sort(key=lambda finding: TABLE[finding.pattern].member != YES)  # what concerns all comes first
    return tuple(by_name), dict(counted)


def _about_all(finding: FindingWords, figures: TeamFigures | None) -> str | None:
    """What concerns the whole team, without figures of its own: those on the page are weighed, these are not."""
    groups = {name for name, _ in figures.groups.sizes} if figures and figures.groups else set[str]()
    if figures is None or (finding.pattern == "split_team" and not groups.issuperset(finding.subjects)):
        return None
    return f"{in_short(finding.pattern)}, since the week of {finding.since:%-d %B}."


LATELY = WEEK * 4


def may_count(
    found: TeamFigures | None,
    weeks: Sequence[date],
    *,
    few_moved: bool,
    few_between: bool = False,
    unnamed: Collection[str],
    floor: int = FLOOR,
) -> bool:
    """Whether patterns may be counted: not while a number could be put down to the few who came or went, to the few
    who could be meant, or to the few by whom another team is larger or smaller.

    `few_moved`: within LATELY. `unnamed`: the active ones of whom this viewer would read no name.
    """
    return (
        found is not None
        and found.weeks[-1] == weeks[-1]
        and not few_moved
        and not few_between
        and len(unnamed) >= max(floor, FLOOR)
    )


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
        return f"Help was given {_times(found.helps)}: too little to say on whom it rests."
    return (
        f"Help was given {found.helps} times, spread as if {found.helpers:.1f} of {found.people} people "
        "did all the helping."
    )


def weeks_in_words(weeks: Sequence[date]) -> str:
    """From the first Monday to the last Sunday."""
    return f"{weeks[0]:%-d %B} to {weeks[-1] + WEEK - timedelta(days=1):%-d %B}"


def rhythm_in_words(found: TeamFigures, floor: int = FLOOR) -> str:
    lively = sum(count >= max(floor, found.people / 2) for count in found.rhythm)
    return f"In {lively} of {len(found.weeks)} weeks at least half of the active people, {floor} or more, took part."


def groups_in_words(found: GroupFigures) -> str:
    if found.helps < 10:
        return f"Help was given {_times(found.helps)}: too little to say how much crosses."
    return (
        f"{found.crossed} of {found.helps} times help crossed from one sub-group to another "
        f"({found.crossed / found.helps:.0%}). If sub-groups made no difference, it would be about {found.by_chance:.0%}."
    )


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
    return f"Bars: how many people took part in each of {len(found.weeks)} weeks, oldest first: {said}."


def flow_described(found: HelpFlow) -> str:
    """What the picture of help says, the largest first."""
    if not found.links:
        return "A circle of people without arrows: no help was recorded among them."
    largest = sorted(found.links, key=lambda link: -link[2])[:12]
    said = "; ".join(
        f"{found.nodes[giver]} among themselves {_times(days)}"
        if giver == receiver
        else f"{found.nodes[giver]} to {found.nodes[receiver]} {_times(days)}"
        for giver, receiver, days in largest
    )
    more = len(found.links) - len(largest)
    return f"Arrows of help: {said}{f'; and {more} thinner ones' if more else ''}."


#: What to do about a pattern that was counted or named on the team.
ADVICE = {
    "concentration": "Help rests on few people: ask in the next meeting who would like to take a question off their plate.",
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
    left = [pattern for pattern in ADVICE if pattern in noticed]
    if found.helpers is not None and found.helps >= 10 and found.helpers < max(2.5, found.people / 4):
        said.append(ADVICE["concentration"])
        left = [pattern for pattern in left if pattern != "concentration"]
    if found.two_way_share is not None and found.two_way_share < 0.4 and found.one_way >= 5:
        said.append(
            "Much goes one way: begin a meeting with one thank-you each, to somebody who has not heard one lately."
        )
        # It is the same advice for all, and more of it would not be better.
        left = [pattern for pattern in left if pattern not in {"one_sided_pair", "unthanked_helper"}]
    if found.asks is not None and found.asks.asked >= 4 and found.asks.answered * 2 < found.asks.asked:
        said.append(
            "More than half of the asks found no offer: agree on a time of day when somebody looks at them."
        )
    if found.rhythm and sum(count == 0 for count in found.rhythm) * 3 > len(found.rhythm):
        said.append(
            "Many weeks were silent: one small fixed moment a week is easier to keep than a big one a quarter."
        )
    said += [ADVICE[pattern] for pattern in left]
    return said[:5] or [
        "Nothing on this page stands out. Telling the team that you noticed is a fine thing to do with it."
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


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"
