"""Lost rhythm: a pair, or a person's giving, quiet for longer than their own steady weeks explain."""

from collections.abc import Callable

import numpy as np

from slackapp.domain.patterns import words
from slackapp.domain.patterns.chance import Bools, Ints, Tests, share_interval, silence_tail
from slackapp.domain.patterns.evidence import LONG, SHORT, Evidence, anybody
from slackapp.domain.patterns.findings import Figures, Finding, Pattern, Reader, Track

RARE, ADJUSTED = 0.003, 0.05
RARE_LUCKY = 0.001  # over 26 weeks, where the last 12 were more active than those
KNOWN, ACTIVE, STEADY = 8, 5, 0.5  # exposed weeks, active weeks, and the least share of them
SILENT = 2  # exposed weeks


def judge_pairs(team: Evidence) -> Track:
    pairs = team.pairs
    met = pairs.up + pairs.down > 0
    present = team.present[:, pairs.low] & team.present[:, pairs.high]
    often = ever_steady(met, present & team.at_work[:, None])
    low, high = pairs.low[often], pairs.high[often]
    return judge(
        team,
        active=met[:, often],
        present=present[:, often],
        on_team=team.on_team[:, low] & team.on_team[:, high],
        subjects=lambda column: team.names(int(low[column]), int(high[column])),
    )


def ever_steady(active: Bools, exposed: Bools) -> Ints:
    """Columns that could have a rhythm at all: ACTIVE active weeks within some SHORT exposed ones."""
    rank = np.cumsum(exposed, axis=0, dtype=np.int32)
    column, week = np.nonzero((active & exposed).T)
    at, first = rank[week, column], np.arange(max(column.size - ACTIVE + 1, 0))
    last = first + ACTIVE - 1
    close = (column[first] == column[last]) & (at[last] - at[first] < SHORT)
    return np.unique(column[first[close]])


def judge_people(team: Evidence) -> Track:
    return judge(
        team,
        active=team.given > 0,
        present=team.present,
        on_team=team.on_team,
        subjects=team.names,
    )


def judge(
    team: Evidence,
    *,
    active: Bools,
    present: Bools,
    on_team: Bools,
    subjects: Callable[[int], tuple[str, ...]],
) -> Track:
    exposed = present & team.at_work[:, None]
    known, kept, silent, last = rhythm(active, exposed, SHORT)
    steady = (known >= KNOWN) & (kept >= ACTIVE) & (kept >= STEADY * known)
    fresh = np.arange(team.weeks)[:, None] - last < LONG
    # Every steady rhythm is tried every week, silent or not, so every one counts as a test.
    family = steady & fresh & on_team
    tests = Tests(family, lambda *cells: silence_tail(kept[cells], known[cells], silent[cells]))
    enter = tests.rare(silent >= SILENT, alone=RARE, together=ADJUSTED)
    found = np.flatnonzero(enter.any(axis=0))
    if found.size:
        enter[:, found] &= steady_for_long(active[:, found], exposed[:, found])
        found = np.flatnonzero(enter.any(axis=0))

    def figures(week: int, column: int, leaves: bool) -> Figures:
        # Once it leaves, the rhythm worth telling is the one before the silence.
        cell = week - 1 if leaves else week, int(found[column])
        k, m, g = int(kept[cell]), int(known[cell]), int(silent[cell])
        low, high = share_interval(k, m - k)
        return Figures(
            window=SHORT,
            counts={
                "active": k,
                "weeks": m,
                "silent": g,
                "again": int(leaves and active[week, found[column]]),
            },
            share=k / max(m, 1),
            low=low,
            high=high,
            p=float(silence_tail(k, m, g)),
            adjusted_p=tests.of(*cell)[1],
        )

    return Track(
        subjects=lambda column, _: subjects(int(found[column])),
        enter=enter[:, found],
        even=np.zeros((team.weeks, found.size), np.bool_),
        over=(active | ~on_team | ~fresh)[:, found],
        figures=figures,
        told=anybody(steady & on_team),
    )


def steady_for_long(active: Bools, exposed: Bools) -> Bools:
    """Whether the silence is as surprising after the last 26 exposed weeks as after the last 12.

    Twelve lucky weeks of a pair that meets now and then look like a rhythm; half a year does not.
    """
    known, kept, silent, _ = rhythm(active, exposed, SHORT)
    known_long, kept_long, *_ = rhythm(active, exposed, LONG)
    luckier = kept * known_long > kept_long * known
    tail = silence_tail(kept_long, known_long, silent)
    return np.asarray(tail <= np.where(luckier, RARE_LUCKY, RARE), np.bool_)


def rhythm(active: Bools, exposed: Bools, window: int) -> tuple[Ints, Ints, Ints, Ints]:
    """For each [week, column]: of the up to `window` exposed weeks before the last active one, how many
    are known and how many were active; the exposed silent weeks since; and the last active week.
    """
    weeks, columns = active.shape
    row, every = np.arange(weeks)[:, None], np.arange(columns)
    last = np.maximum.accumulate(np.where(active, row, -1), axis=0)
    through = np.cumsum(exposed, axis=0)
    before: Ints = through - exposed  # also the rank of an exposed week among its column's exposed weeks
    both = np.cumsum(active & exposed, axis=0)
    by_rank = np.zeros((weeks + 1, columns), np.int64)  # active ones among the first `rank` exposed weeks
    week, column = np.nonzero(exposed)
    by_rank[through[week, column], column] = both[week, column]

    spot = np.maximum(last, 0)
    rank = before[spot, every]
    known: Ints = np.minimum(rank, window)
    kept = by_rank[rank, every] - by_rank[rank - known, every]
    silent: Ints = through - through[spot, every]
    never = last < 0
    return np.where(never, 0, known), np.where(never, 0, kept), np.where(never, 0, silent), last


def say_pair(finding: Finding, reader: Reader, name: Callable[[str], str]) -> str:
    one, other = finding.subjects
    them = {"giver": other, "receiver": one}
    both = f"you and {name(them[reader])}" if reader in them else f"{name(one)} and {name(other)}"
    return _say(finding, f"{both} did something for each other", both)


def say_person(finding: Finding, reader: Reader, name: Callable[[str], str]) -> str:
    who = "you" if reader == "person" else name(finding.subjects[0])
    return _say(finding, f"{who} did something for somebody", who)


def _say(finding: Finding, did: str, who: str) -> str:
    counts = finding.figures.counts
    if finding.state == "left":
        if counts["again"]:
            return f"After {words.weeks(counts['silent'])} of quiet {did} again."
        return words.rests(who)
    opening = did[0].upper() + did[1:]
    return (
        f"{opening} in {counts['active']:.0f} of {words.weeks(counts['weeks'])};"
        f" since then {words.weeks(counts['silent'])} were quiet, which is quiet for longer than usual."
    )


LOST_RHYTHM_PAIR = Pattern("lost_rhythm_pair", ("giver", "receiver", "manager"), judge_pairs, say_pair)
LOST_RHYTHM_PERSON = Pattern("lost_rhythm_person", ("person", "manager"), judge_people, say_person)
