"""How often the patterns are right: simulated teams with something planted in them, or nothing.

python -m benchmarks.patterns [--teams 60] [--seed 1] [--workers 2]
"""

import argparse
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product

import numpy as np

from slackapp.domain.patterns import Away, Finding, GestureDays, Member, TeamHistory, replay
from slackapp.domain.patterns.history import HELP, KIND_NUMBERS, THANKS

WEEKS, ONSET, RECOVERY = 52, 26, 26
SIZES = (5, 10, 20, 50)
#: Gestures that a person gives in a week. The goals are for all of them together.
PACES = {"quiet": (1.0, 2.0), "middling": (1.5, 3.0), "busy": (2.5, 4.0)}
MONDAY = date(2025, 1, 6)
BALANCE = ("one_sided_pair", "over_giver", "mostly_receiving")
PLAIN = np.array([KIND_NUMBERS[kind] for kind in ("kudos", "help", "check_in", "offer")])


@dataclass
class Team:
    """Weekly rates [week, giver, receiver] of a team, and what is planted in it."""

    rng: np.random.Generator
    rates: np.ndarray
    planted: dict[tuple[str, tuple[str, ...]], int] = field(default_factory=dict)  # from which week on
    away: list[Away] = field(default_factory=list)
    groups: list[str | None] = field(default_factory=list)
    extra: list[tuple[int, int, int, int]] = field(default_factory=list)  # day, giver, receiver, kind
    kinds: np.ndarray = field(default_factory=lambda: PLAIN)

    @property
    def size(self) -> int:
        return int(self.rates.shape[1])

    def name(self, person: int) -> str:
        return f"p{person:03}"

    def names(self, *people: int) -> tuple[str, ...]:
        return tuple(map(self.name, people))

    def plant(self, pattern: str, *people: int, week: int = 0) -> None:
        self.planted[pattern, self.names(*people)] = week


def ordinary_team(rng: np.random.Generator, size: int, pace: tuple[float, float]) -> Team:
    """People differ in how much and how evenly they give, have a few close colleagues, and take leave."""
    busy = rng.lognormal(0, 0.45, size)
    close = rng.gamma(0.7, 1, (size, size)) * np.where(rng.random((size, size)) < 2.5 / (size - 1), 1, 0.1)
    close = (close + close.T) * np.sqrt(np.outer(busy, busy))
    np.fill_diagonal(close, 0)
    lean = rng.normal(0, 0.10, size)
    log_odds = lean[:, None] - lean[None, :] + _mirrored(rng.normal(0, 0.12, (size, size)))
    rates = 2 * close / (1 + np.exp(-log_odds))
    rates *= size * rng.uniform(*pace) / rates.sum()
    mood = rng.gamma(10, 1 / 10, (WEEKS, size, 1)) * rng.gamma(12, 1 / 12, (WEEKS, 1, 1))
    team = Team(rng, rates * mood, groups=[None] * size)
    for person in range(size):
        for _ in range(rng.poisson(1.2)):
            start, length = int(rng.integers(0, WEEKS)), int(rng.integers(1, 4))
            team.rates[start : start + length, person, :] = 0
            team.rates[start : start + length, :, person] = 0
            first = MONDAY + timedelta(weeks=start)
            team.away.append(Away(team.name(person), first, first + timedelta(days=7 * length - 1)))
    return team


def _mirrored(noise: np.ndarray) -> np.ndarray:
    upper = np.triu(noise, 1)
    return np.asarray(upper - upper.T)


def history_of(team: Team, bursts: bool = False) -> TeamHistory:
    counts = team.rng.poisson(team.rates)
    week, giver, receiver = (np.repeat(axis, counts[counts > 0]) for axis in np.nonzero(counts))
    day = week * 7 + team.rng.choice(7, week.size, p=(0.19, 0.19, 0.19, 0.19, 0.18, 0.03, 0.03))
    kind = team.rng.choice(team.kinds, week.size)
    columns = np.concatenate(
        [np.array([day, giver, receiver, kind]), np.array(team.extra, int).reshape(-1, 4).T], 1
    )
    if bursts:
        columns = np.repeat(columns, team.rng.integers(1, 12, columns.shape[1]), axis=1)
    day, giver, receiver, kind = columns
    return TeamHistory(
        team="team",
        first_week=MONDAY,
        weeks=WEEKS,
        members=tuple(
            Member(team.name(person), joined=MONDAY - timedelta(days=400), group=team.groups[person])
            for person in range(team.size)
        ),
        gestures=GestureDays.of(day=day, giver=giver, receiver=receiver, kind=kind).with_implied_help(),
        away=tuple(team.away),
    )


def lopsided_pairs(team: Team, week: int = 0, until: int = WEEKS) -> None:
    """One pair for six people, at least one, of those that meet every other week: as many acts as before, 80 to 97 % one way."""
    rng = team.rng
    between = team.rates.mean(axis=0) + team.rates.mean(axis=0).T
    pairs = np.argwhere(np.triu(between * 26 >= 12, 1))
    if not len(pairs):
        return
    for pick in rng.choice(len(pairs), min(max(1, team.size // 6), len(pairs)), replace=False):
        giver, receiver = (int(person) for person in rng.permutation(pairs[pick]))
        share = rng.uniform(0.80, 0.97)
        both = team.rates[week:until, giver, receiver] + team.rates[week:until, receiver, giver]
        team.rates[week:until, giver, receiver] = both * share
        team.rates[week:until, receiver, giver] = both * (1 - share)
        team.plant("one_sided_pair", giver, receiver, week=week)


def leaning_people(team: Team, week: int = 0) -> None:
    """One person in ten, at least one, has 75 to 88 % of their acts with everybody go one way."""
    rng, size = team.rng, team.size
    for place, person in enumerate(rng.choice(size, max(1, size // 10), replace=False)):
        giving = bool(rng.integers(2)) if size < 20 else place % 2 == 0
        odds = rng.uniform(3.0, 7.0)
        given = team.rates[week:, person, :].mean()
        received = team.rates[week:, :, person].mean()
        more = np.sqrt(odds * (received / given) ** (1 if giving else -1))
        team.rates[week:, person, :] *= more if giving else 1 / more
        team.rates[week:, :, person] *= 1 / more if giving else more
        team.plant("over_giver" if giving else "mostly_receiving", int(person), week=week)


def thanks_for_help(team: Team, plant: bool = True) -> None:
    """Help is thanked as each receiver does; from one helper in ten it is mostly not."""
    rng, size = team.rng, team.size
    forgotten = set(rng.choice(size, max(1, size // 10), replace=False).tolist()) if plant else set()
    habit = rng.beta(6, 4, size)
    pace = rng.lognormal(np.log(0.9), 0.4, size)
    for helper in range(size):
        pace[helper] = max(pace[helper], 0.6) if helper in forgotten else pace[helper]
        for day in np.flatnonzero(rng.random(WEEKS * 7) < pace[helper] / 7):
            receiver = int((helper + rng.integers(1, size)) % size)
            team.extra.append((int(day), helper, receiver, HELP))
            if rng.random() < habit[receiver] * (0.15 if helper in forgotten else 1):
                team.extra.append((int(day + rng.integers(0, 6)), receiver, helper, THANKS))
    team.extra = [row for row in team.extra if row[0] < WEEKS * 7]
    team.kinds = np.array([KIND_NUMBERS["kudos"], KIND_NUMBERS["check_in"]])
    for helper in forgotten:
        team.plant("unthanked_helper", helper)


def isolated_people(team: Team) -> None:
    rng, size = team.rng, team.size
    for person in rng.choice(size, max(1, size // 10), replace=False):
        pace = team.rates.sum() / WEEKS / size * 2
        own = team.rates[:, person, :].sum() + team.rates[:, :, person].sum()
        factor = rng.uniform(0.02, 0.15) * pace * WEEKS / own
        team.rates[:, person, :] *= factor
        team.rates[:, :, person] *= factor
        team.plant("isolated", int(person))


def silent_pairs(team: Team) -> None:
    """A few pairs with a weekly rhythm, half of which fall silent."""
    rng, size = team.rng, team.size
    pairs = [(a, b) for a in range(size) for b in range(size) if a < b]
    for place, pick in enumerate(rng.choice(len(pairs), max(2, round(size / 2.5)), replace=False)):
        one, other = pairs[pick]
        there = (team.rates[:, one] + team.rates[:, other]).sum(axis=1) > 0
        away = (team.rates[:, one].sum(axis=1) == 0) | (team.rates[:, other].sum(axis=1) == 0)
        pace = np.where(there & ~away, rng.uniform(1.2, 3.0) / 2, 0)
        team.rates[:, one, other] = team.rates[:, other, one] = pace
        if place % 2 == 0:
            week = int(rng.integers(18, 38))
            team.rates[week:, one, other] = team.rates[week:, other, one] = 0
            team.plant("lost_rhythm_pair", one, other, week=week)


def silent_people(team: Team) -> None:
    rng, size = team.rng, team.size
    for person in rng.choice(size, max(1, size // 10), replace=False):
        week = int(rng.integers(18, 38))
        team.rates[week:, person, :] = 0
        team.plant("lost_rhythm_person", int(person), week=week)


def few_helpers(team: Team) -> None:
    rng, size = team.rng, team.size
    top = 1 if size < 8 else 2
    threshold = max(0.45, 2 / size) if top == 1 else max(0.5, 3.5 / size)
    people = rng.choice(size, top, replace=False)
    share = np.clip(threshold * rng.uniform(1.25, 1.5), 0, 0.92)
    given = team.rates.sum(axis=(0, 2))
    factor = share / (1 - share) * (given.sum() - given[people].sum()) / top / given[people]
    for person, more in zip(people, factor, strict=True):
        team.rates[:, person, :] *= more
    team.plant("concentration", *sorted(people.tolist()))


def two_camps(team: Team) -> None:
    size = team.size
    half = np.arange(size) < max(2, size // 2)
    team.groups = ["red" if left else "blue" for left in half]
    across = half[:, None] != half[None, :]
    team.rates[:, across] *= team.rng.uniform(0.0, 0.06)
    team.planted["split_team", ("blue", "red")] = 0


def grouped(team: Team) -> None:
    team.groups = ["red" if person % 2 else "blue" for person in range(team.size)]
    thanks_for_help(team, plant=False)


def complementary_pairs(team: Team) -> None:
    """One always helps, the other always says thanks: even, in two different coins."""
    rng, size = team.rng, team.size
    one, other = (int(person) for person in rng.choice(size, 2, replace=False))
    team.rates[:, one, other] = team.rates[:, other, one] = 0
    for day in np.flatnonzero(rng.random(WEEKS * 7) < 1.5 / 7):
        team.extra.append((int(day), one, other, HELP))
        if rng.random() < 0.85:
            team.extra.append((min(int(day + rng.integers(0, 4)), WEEKS * 7 - 1), other, one, THANKS))
    team.planted["complementary", team.names(one, other)] = 0


SCENARIOS: dict[str, tuple[Callable[[Team], None], tuple[str, ...]]] = {
    "nothing": (lambda team: None, ()),
    "nothing, with help and thanks": (grouped, ()),
    "pairs, from the start": (lopsided_pairs, ("one_sided_pair",)),
    "pairs, after onset": (lambda team: lopsided_pairs(team, ONSET), ("one_sided_pair",)),
    "pairs, recovering": (lambda team: lopsided_pairs(team, 0, RECOVERY), ("one_sided_pair",)),
    "people, from the start": (leaning_people, ("over_giver", "mostly_receiving")),
    "people, after onset": (lambda team: leaning_people(team, ONSET), ("over_giver", "mostly_receiving")),
    "unthanked": (thanks_for_help, ("unthanked_helper",)),
    "isolated": (isolated_people, ("isolated",)),
    "silent pair": (silent_pairs, ("lost_rhythm_pair",)),
    "silent person": (silent_people, ("lost_rhythm_person",)),
    "concentration": (few_helpers, ("concentration",)),
    "split": (two_camps, ("split_team",)),
    "complementary": (complementary_pairs, ()),
}


@dataclass
class Outcome:
    """What came of one team: entries per (pattern, subjects) and the weeks they began and ended."""

    scenario: str
    size: int
    planted: dict[tuple[str, tuple[str, ...]], int]
    entered: dict[tuple[str, tuple[str, ...]], list[int]]
    uneven: set[tuple[str, tuple[str, ...]]]  # not planted, and yet beyond 3:2 in truth over its window
    left: dict[tuple[str, tuple[str, ...]], list[int]]
    acts: dict[tuple[str, tuple[str, ...]], float]


def run(task: tuple[str, int, int, tuple[float, float]]) -> Outcome:
    scenario, size, seed, pace = task
    rng = np.random.default_rng([seed, size, list(SCENARIOS).index(scenario)])
    team = ordinary_team(rng, size, pace)
    SCENARIOS[scenario][0](team)
    history = history_of(team)
    entered: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    uneven: set[tuple[str, tuple[str, ...]]] = set()
    left: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    for number, week in enumerate(replay(history)):
        for finding in week.findings:
            key = finding.pattern, finding.subjects
            if finding.state == "entered":
                entered[key].append(number)
                if key not in team.planted and _truly_uneven(team, finding, number):
                    uneven.add(key)
            elif finding.state == "left":
                left[key].append(number)
    acts = {}
    for pattern, subjects in team.planted:
        if pattern == "one_sided_pair":
            a, b = (int(name[1:]) for name in subjects)
            acts[pattern, subjects] = float((team.rates[:, a, b] + team.rates[:, b, a]).sum() / WEEKS * 12)
    return Outcome(scenario, size, team.planted, dict(entered), uneven, dict(left), acts)


def _truly_uneven(team: Team, finding: Finding, number: int) -> bool:
    if finding.pattern not in BALANCE:
        return False
    rates = team.rates[max(0, number + 1 - finding.figures.window) : number + 1].sum(axis=0)
    one, *other = (int(name[1:]) for name in finding.subjects)
    gave = rates[one, other[0]] if other else rates[one].sum()
    took = rates[other[0], one] if other else rates[:, one].sum()
    return bool((took if finding.pattern == "mostly_receiving" else gave) > 0.6 * (gave + took))


def _median(values: list[int]) -> str:
    return f"{np.median(values):.0f}" if values else "–"


def rate(part: float, whole: float) -> str:
    return f"{part / whole:.3f}" if whole else "–"


def report(outcomes: list[Outcome]) -> list[tuple[str, str, str]]:
    """Rows of what, goal and measured."""
    by = defaultdict(list)
    for outcome in outcomes:
        by[outcome.scenario].append(outcome)
    rows: list[tuple[str, str, str]] = []

    def found(scenario: str, patterns: tuple[str, ...]) -> tuple[int, int, int, int]:
        """True and false findings of the whole year, those found within half a year, and planted ones."""
        true = false = soon = planted = 0
        for outcome in by[scenario]:
            plants = {key: week for key, week in outcome.planted.items() if key[0] in patterns}
            planted += len(plants)
            for key, weeks in outcome.entered.items():
                if key[0] in patterns:
                    after = (
                        [week - plants[key] for week in weeks if week >= plants[key]] if key in plants else []
                    )
                    true += bool(after)
                    soon += bool(after) and min(after) < 26
                    false += not after and key not in outcome.uneven
        return true, false, soon, planted

    def judge(label: str, scenario: str, patterns: tuple[str, ...], fdr: str, power: str) -> None:
        true, false, soon, planted = found(scenario, patterns)
        rows.append((f"{label}: false among found", f"≤ {fdr}", rate(false, true + false)))
        rows.append((f"{label}: found of planted, within half a year", f"≥ {power}", rate(soon, planted)))
        uneven = sum(key[0] in patterns for outcome in by[scenario] for key in outcome.uneven)
        if uneven:
            share = rate(uneven, true + false + uneven)
            rows.append((f"{label}: not planted, though beyond 3:2 in truth, among found", "", share))

    def per_half_year(scenario: str, patterns: tuple[str, ...]) -> str:
        """Mean over team sizes of false findings per team in 26 weeks."""
        means = []
        for size in SIZES:
            teams = [outcome for outcome in by[scenario] if outcome.size == size]
            false = sum(
                len(weeks)
                for outcome in teams
                for key, weeks in outcome.entered.items()
                if key[0] in patterns and key not in outcome.planted and key not in outcome.uneven
            )
            means.append(false / max(len(teams), 1) / (WEEKS / 26))
        return f"{np.mean(means):.3f}"

    pair, people = ("one_sided_pair",), ("over_giver", "mostly_receiving")
    judge("one-sided pair, from the start", "pairs, from the start", pair, ".08", ".54")
    judge("one-sided pair, after onset", "pairs, after onset", pair, ".08", ".31")
    busy = [
        any(week < 26 for week in outcome.entered.get(key, ()))
        for outcome in by["pairs, from the start"]
        for key, acts in outcome.acts.items()
        if acts >= 25
    ]
    rows.append(("one-sided pair, 25+ acts in 12 weeks: found", "≥ .84", rate(sum(busy), len(busy))))
    for label, scenario, goal in (
        ("start", "pairs, from the start", 14),
        ("onset", "pairs, after onset", 12),
    ):
        waits = [
            min(week for week in outcome.entered[key] if week >= start) + 1 - start
            for outcome in by[scenario]
            for key, start in outcome.planted.items()
            if any(start <= week < start + 26 for week in outcome.entered.get(key, ()))
        ]
        rows.append((f"one-sided pair, weeks from {label} to finding (median)", f"≤ {goal}", _median(waits)))
    clears = [
        min(week for week in outcome.left.get(key, [WEEKS]) if week >= RECOVERY or week == WEEKS)
        + 1
        - RECOVERY
        for outcome in by["pairs, recovering"]
        for key in outcome.planted
        if any(week < RECOVERY for week in outcome.entered.get(key, ()))
        and not any(week < RECOVERY for week in outcome.left.get(key, ()))
    ]
    rows.append(("one-sided pair, weeks from recovery to leaving (median)", "≤ 8", _median(clears)))
    rows.append(
        (
            "one-sided pair, false per team and half-year",
            "≤ .06",
            per_half_year("pairs, from the start", pair),
        )
    )
    rows.append(("the same with nothing planted", "≤ .06", per_half_year("nothing", pair)))
    strange = sum(
        set(key[1]) == set(other)
        for outcome in by["complementary"]
        for key in outcome.entered
        if key[0] == "one_sided_pair"
        for _, other in outcome.planted
    )
    rows.append(("help one way, thanks the other: flagged", "0", str(strange)))
    judge("people, from the start", "people, from the start", people, ".03", ".80")
    judge("people, after onset", "people, after onset", people, ".03", ".70")
    rows.append(
        ("people, false per team and half-year, nothing planted", "≤ .03", per_half_year("nothing", people))
    )
    both = [
        sum(key[0] in people and key not in outcome.uneven for key in outcome.entered)
        for outcome in by["pairs, from the start"]
    ]
    rows.append(
        (
            "people found per team, even in truth, when only pairs are lopsided",
            "≤ .12",
            rate(sum(both), len(both)),
        )
    )
    judge("unthanked helper", "unthanked", ("unthanked_helper",), ".08", ".55")
    judge("isolated", "isolated", ("isolated",), ".04", ".60")
    judge("lost rhythm, pair", "silent pair", ("lost_rhythm_pair",), ".06", ".70")
    judge("lost rhythm, person", "silent person", ("lost_rhythm_person",), ".03", ".80")
    judge("concentration", "concentration", ("concentration",), ".05", ".92")
    judge("split team", "split", ("split_team",), ".02", ".75")
    first = sum(len(outcome.entered) for outcome in outcomes)
    again = sum(len(weeks) - 1 for outcome in outcomes for weeks in outcome.entered.values())
    rows.append(("re-entries per finding, all patterns", "≤ .03", rate(again, first)))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teams", type=int, default=60, help="teams of each size, scenario and pace")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", default="", help="scenarios whose name contains this")
    options = parser.parse_args()
    seeds = range(options.seed * 10_000, options.seed * 10_000 + options.teams)
    scenarios = [name for name in SCENARIOS if options.only in name]
    outcomes: list[list[Outcome]] = []
    with ProcessPoolExecutor(options.workers) as pool:
        for pace in PACES.values():
            tasks = list(product(scenarios, SIZES, seeds, [pace]))
            outcomes.append(list(pool.map(run, tasks, chunksize=20)))
    every = [outcome for some in outcomes for outcome in some]
    print(
        f"{len(every)} teams of {', '.join(map(str, SIZES))}, {len(every) // len(scenarios)} of each scenario, "
        f"{WEEKS} weeks each\n"
    )
    print(f"| what | goal | all | {' | '.join(PACES)} |\n|---|---|---|{'---|' * len(PACES)}")
    columns = [{what: measured for what, _, measured in report(some)} for some in outcomes]
    for what, goal, measured in report(every):
        print(f"| {what} | {goal} | {measured} | {' | '.join(column.get(what, '–') for column in columns)} |")


if __name__ == "__main__":
    main()
