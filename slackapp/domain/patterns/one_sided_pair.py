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
from slackapp.domain.patterns.chance import Bools, Floats, Ints, Tests
from slackapp.domain.patterns.evidence import LONG, RECENT, SHORT, Evidence, anybody, windowed
from slackapp.domain.patterns.findings import Finding, Pattern, Reader, Track

FLOORS = ((SHORT, 8, 4), (LONG, 10, 6))  # weeks in the window, gesture-days, weeks with any
LOPSIDED = 0.75
EXCESS = np.log(3)  # how far the pair must lean beyond what each does elsewhere, in log-odds
ELSEWHERE = 4  # gesture-days added to what each gave and received elsewhere, so that little says little


def judge(team: Evidence) -> Track:
    pairs = team.pairs
    often = (pairs.up + pairs.down).sum(axis=0) >= REACH
    # Every pair stands here twice, once for each direction; only the heavier one is tested.
    giver = np.concatenate([pairs.low[often], pairs.high[often]])
    receiver = np.concatenate([pairs.high[often], pairs.low[often]])
    gave = np.concatenate([pairs.up[:, often], pairs.down[:, often]], axis=1)
    took = np.concatenate([pairs.down[:, often], pairs.up[:, often]], axis=1)
    first_way = np.arange(giver.size) < giver.size // 2
    here = team.on_team[:, giver] & team.on_team[:, receiver]
    met = (gave + took > 0).astype(np.int64)

    windows = {window: Balance.over(gave, took, window) for window in (SHORT, LONG, RECENT)}
    tests: dict[int, Tests] = {}
    enter = np.zeros(gave.shape, np.bool_)
    told = np.zeros(team.weeks, np.bool_)
    for window, enough, weeks in FLOORS:
        balance = windows[window]
        heavier = (balance.gave > balance.took) | ((balance.gave == balance.took) & first_way)
        family = here & heavier & (balance.acts >= max(enough, REACH))
        tests[window] = balance.tests(family)
        hopeful = balance.leans(LOPSIDED) & lately(windows[RECENT], EVEN) & (windowed(met, window) >= weeks)
        lopsided = tests[window].rare(hopeful, alone=RARE, together=ADJUSTED)
        lopsided[lopsided] = excess(team, balance, window, (giver, receiver), lopsided) >= EXCESS
        enter |= lopsided
        told |= anybody(family)

    found = np.flatnonzero(enter.any(axis=0))
    return Track(
        subjects=lambda column, _: team.names(giver[found[column]], receiver[found[column]]),
        enter=enter[:, found],
        even=even_again(windows[RECENT].of(found)),
        over=((windows[LONG].acts < FADED) | ~here)[:, found],
        figures=lambda week, column, leaves: figures_of(windows, tests, (week, int(found[column])), leaves),
        told=told,
    )


def excess(team: Evidence, balance: Balance, window: int, people: tuple[Ints, Ints], cells: Bools) -> Floats:
    """How much more a pair leans than its two people do with everybody else, in log-odds [true cell].

    The plug-in form of a quasi-symmetric model (Holland & Leinhardt 1981), the pair itself left out.
    """
    week, pair = np.nonzero(cells)
    giver, receiver = people[0][pair], people[1][pair]
    given, received = windowed(team.given, window), windowed(team.received, window)
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
