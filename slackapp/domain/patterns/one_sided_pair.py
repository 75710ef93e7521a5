"""One-sided pair: one of two people does nearly everything, and it is not how each is with everyone."""

from collections.abc import Callable

import numpy as np

from slackapp.domain.patterns import words
from slackapp.domain.patterns.balance import (
    ADJUSTED,
    EVEN,
    FADED,
    RARE,
    REACH,
    Balance,
    even_again,
    evened_out,
    figures_of,
    lately,
    odds,
)
from slackapp.domain.patterns.chance import Bools, Floats, Ints
from slackapp.domain.patterns.evidence import LONG, RECENT, SHORT, Evidence, anybody, windowed
from slackapp.domain.patterns.findings import Figures, Finding, Pattern, Reader, Track

FLOORS = ((SHORT, 8, 4), (LONG, 10, 6))  # weeks in the window, gesture-days, weeks with any
LOPSIDED = 0.75
EXCESS = np.log(3)  # how far the pair must lean beyond what each does elsewhere, in log-odds
ELSEWHERE = 4  # gesture-days added to what each gave and received elsewhere, so that little says little


def judge(team: Evidence) -> Track:
    pairs = team.pairs
    often = np.flatnonzero((pairs.up + pairs.down).sum(axis=0) >= REACH)
    low, high = pairs.low[often], pairs.high[often]
    up, down = pairs.up[:, often], pairs.down[:, often]
    here = team.on_team[:, low] & team.on_team[:, high]

    # A pair is one test, of its heavier direction.
    downward, heavier, tests, leaning = {}, {}, {}, {}
    told = np.zeros(team.weeks, np.bool_)
    for window, enough, _ in FLOORS:
        both = Balance.over(up, down, window)
        downward[window] = both.took > both.gave
        heavier[window] = both.turned(downward[window])
        family = here & (both.acts >= max(enough, REACH))
        tests[window] = heavier[window].tests(family)
        leaning[window] = family & heavier[window].leans(LOPSIDED)
        told |= anybody(family)

    # Few pairs ever lean that much; only they are looked at any closer, once for each direction.
    few = np.flatnonzero(sum(plane.any(axis=0) for plane in leaning.values()))
    recent = Balance.over(up[:, few], down[:, few], RECENT)
    met = (up[:, few] + down[:, few] > 0).astype(np.int64)
    enter = np.zeros((team.weeks, 2, few.size), np.bool_)
    for window, _, weeks in FLOORS:
        way = downward[window][:, few]
        hopeful = leaning[window]
        hopeful[:, few] &= lately(recent.turned(way), EVEN) & (windowed(met, window) >= weeks)
        lopsided = tests[window].rare(hopeful, alone=RARE, together=ADJUSTED)[:, few]
        week, pair = np.nonzero(lopsided)
        turned = way[week, pair].astype(np.int64)
        ends = np.stack([low[few], high[few]])
        lopsided[week, pair] = (
            excess(
                team, heavier[window].of(few), window, (ends[turned, pair], ends[1 - turned, pair]), lopsided
            )
            >= EXCESS
        )
        enter[:, 0] |= lopsided & ~way
        enter[:, 1] |= lopsided & way

    direction, found = np.nonzero(enter.any(axis=0))
    column, turned = few[found], direction == 1
    giver, receiver = (
        np.where(turned, high[column], low[column]),
        np.where(turned, low[column], high[column]),
    )
    windows = {
        window: Balance.over(up[:, column], down[:, column], window).turned(turned)
        for window in (SHORT, LONG, RECENT)
    }

    def figures(week: int, number: int, leaves: bool) -> Figures:
        def adjusted_p(window: int) -> float:
            lighter = downward[window][week, column[number]] != turned[number]
            return 1.0 if lighter else tests[window].of(week, int(column[number]))[1]

        return figures_of(windows, adjusted_p, (week, number), leaves)

    return Track(
        subjects=lambda number, _: team.names(giver[number], receiver[number]),
        enter=enter[:, direction, found],
        even=even_again(windows[RECENT]),
        over=(windows[LONG].acts < FADED) | ~here[:, column],
        figures=figures,
        told=told,
    )


def excess(team: Evidence, balance: Balance, window: int, people: tuple[Ints, Ints], cells: Bools) -> Floats:
    """How much more a pair leans than its two people do with everybody else, in log-odds [true cell].

    `people` are the giver and the receiver of each true cell. The plug-in form of a quasi-symmetric model
    (Holland & Leinhardt 1981), the pair itself left out.
    """
    week, _ = np.nonzero(cells)
    giver, receiver = people
    given, received = team.over[window]
    x, y = balance.gave[cells], balance.took[cells]

    def habit(person: Ints, there: Ints, back: Ints) -> Floats:
        """How much this person gives for what they receive, away from the pair."""
        return np.log((given[week, person] - there + ELSEWHERE) / (received[week, person] - back + ELSEWHERE))

    return np.log((x + 0.5) / (y + 0.5)) - (habit(giver, x, y) - habit(receiver, y, x))


def say(finding: Finding, reader: Reader, name: Callable[[str], str]) -> str:
    giver, receiver = finding.subjects
    window, counts = finding.figures.window, finding.figures.counts
    one, other = counts["given"], counts["received"]
    match reader:
        case "giver":
            who = f"you and {name(receiver)}"
            both = f"you did {words.things(one)} for {name(receiver)} and {name(receiver)} did {words.some(other)} for you"
        case "receiver":
            who = f"you and {name(giver)}"
            both = f"{name(giver)} did {words.things(one)} for you and you did {words.some(other)} for {name(giver)}"
        case _:
            who = f"{name(giver)} and {name(receiver)}"
            both = (
                f"{name(giver)} did {words.things(one)} for {name(receiver)}"
                f" and {name(receiver)} did {words.some(other)} for {name(giver)}"
            )
    if finding.state != "left":
        return f"In the last {window} weeks {both}. {odds(finding)}"
    if not evened_out(finding):
        return words.rests(who)
    return f"In the last {window} weeks {both}. It is no longer one-sided."


ONE_SIDED_PAIR = Pattern("one_sided_pair", ("giver", "receiver", "manager"), judge, say)
