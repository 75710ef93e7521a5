"""What the patterns would have said about a file of gestures: no database, no Slack.

gestures | gesture-days by team | a history for each team | its weeks | lines of text or JSON
"""

import json
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import rich.progress
from rich.console import Console

from slackapp.domain.patterns import (
    BY_NAME,
    NOT_ENOUGH,
    PATTERNS,
    Away,
    Finding,
    GestureDays,
    Member,
    Rest,
    TeamHistory,
    Week,
    replay,
    sentence,
)
from slackapp.domain.patterns.chance import Ints
from slackapp.domain.patterns.history import KIND_NUMBERS
from slackapp.domain.weeks import WEEK, monday_of
from slackapp.transfer.csv import (
    EXPECTED_ROLES,
    MemberRow,
    Refused,
    UnusableFileError,
    lines_of,
    read_away,
    read_gestures,
    read_members,
)

EVERYONE = "everyone"  # the team of those whose team nobody named
RESTING = ("one_sided_pair", "over_giver", "unthanked_helper")  # what such a role makes a person do
REFUSED, NOTHING_USABLE = 1, 2  # exit codes
Value = TypeVar("Value")
Refuse = Callable[[Path, Refused], None]
Progress = Callable[[float], None]  # told the share that is done


class Numbers(dict[str, int]):
    """A number for each name, in the order they are first met."""

    def __missing__(self, name: str) -> int:
        number = self[name] = len(self)
        return number


@dataclass(slots=True)
class Columns:
    """All usable rows of a file of gestures, one column each; days are ordinals in the time zone."""

    people: Numbers = field(default_factory=Numbers)
    teams: Numbers = field(default_factory=Numbers)
    day: "array[int]" = field(default_factory=lambda: array("i"))
    giver: "array[int]" = field(default_factory=lambda: array("i"))
    receiver: "array[int]" = field(default_factory=lambda: array("i"))
    kind: "array[int]" = field(default_factory=lambda: array("b"))
    team: "array[int]" = field(default_factory=lambda: array("i"))


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is on which team, where a file says so."""

    members: dict[str, dict[str, Member]]  # team, person
    rests: dict[str, tuple[Rest, ...]]  # team


def columns_of(path: Path, tz: ZoneInfo, refuse: Refuse, progress: Progress = lambda share: None) -> Columns:
    columns = Columns()
    people, teams = columns.people, columns.teams
    days, givers, receivers = columns.day.append, columns.giver.append, columns.receiver.append
    kinds, at = columns.kind.append, columns.team.append
    for row in read_gestures(lines_of(path, progress), tz):
        if isinstance(row, Refused):
            refuse(path, row)
            continue
        moment = row.moment
        days((moment if moment.tzinfo is tz else moment.astimezone(tz)).toordinal())
        givers(people[row.giver])
        receivers(people[row.receiver])
        kinds(KIND_NUMBERS[row.kind])
        at(teams[row.team])
    return columns


def roster_of(path: Path, tz: ZoneInfo, refuse: Refuse) -> Roster:
    members: dict[str, dict[str, Member]] = {}
    rests: dict[str, list[Rest]] = {}
    for row in _usable(path, read_members(lines_of(path), tz), refuse):
        team = row.team or EVERYONE
        members.setdefault(team, {})[row.person] = Member(
            row.person, row.joined, row.left, group=row.group or None
        )
        rests.setdefault(team, []).extend(expected_of(row))
    return Roster(members, {team: tuple(found) for team, found in rests.items()})


def expected_of(row: MemberRow) -> list[Rest]:
    """A role whose work is giving makes giving expected, for as long as the role lasts."""
    if row.role not in EXPECTED_ROLES:
        return []
    return [Rest(pattern, (row.person,), date.min, date.max) for pattern in RESTING]


def away_of(path: Path, tz: ZoneInfo, refuse: Refuse) -> tuple[Away, ...]:
    return tuple(
        Away(row.person, row.start, row.end) for row in _usable(path, read_away(lines_of(path), tz), refuse)
    )


def _usable(path: Path, rows: Iterable[Value | Refused], refuse: Refuse) -> Iterator[Value]:
    for row in rows:
        if isinstance(row, Refused):
            refuse(path, row)
        else:
            yield row


def last_week(columns: Columns, until: date | None, today: date) -> date:
    """The Monday of the last week that is over: by the end of `until`, or else with the file's last row.

    A file that ends in the week now open is still growing, so that week is left out.
    """
    if until is not None:
        return monday_of(until + timedelta(days=1)) - WEEK
    last = monday_of(date.fromordinal(max(columns.day)))
    return last - WEEK if last == monday_of(today) else last


def histories(
    columns: Columns, roster: Roster | None, away: tuple[Away, ...], last: date
) -> Iterator[TeamHistory]:
    """One history for each team with gestures, in the order of the teams' names."""
    day, giver, receiver, kind, team = (
        np.frombuffer(column, dtype=column.typecode).astype(np.int64)
        for column in (columns.day, columns.giver, columns.receiver, columns.kind, columns.team)
    )
    if roster is not None:
        row, team = _on_shared_teams(columns, roster, giver, receiver, team)
        day, giver, receiver, kind = day[row], giver[row], receiver[row], kind[row]
    order = np.argsort(team, kind="stable")
    ends = np.searchsorted(team[order], np.arange(len(columns.teams) + 1))
    names = np.array(list(columns.people), dtype=object)
    absent: dict[str, list[Away]] = {}
    for interval in away:
        absent.setdefault(interval.person, []).append(interval)
    for name in sorted(columns.teams):
        number = columns.teams[name]
        rows = order[ends[number] : ends[number + 1]]
        if not rows.size:
            continue
        first = monday_of(date.fromordinal(int(day[rows].min())))
        label = name or EVERYONE
        if roster is None:
            seen = np.unique(np.concatenate([giver[rows], receiver[rows]]))
            members = [Member(names[person], listed=False) for person in seen.tolist()]
        else:
            members = list(roster.members[label].values())
        members.sort(key=lambda member: member.person)
        place = np.zeros(len(names), np.int64)
        place[[columns.people[member.person] for member in members if member.person in columns.people]] = [
            spot for spot, member in enumerate(members) if member.person in columns.people
        ]
        yield TeamHistory(
            team=label,
            first_week=first,
            weeks=(last - first).days // 7 + 1,
            members=tuple(members),
            gestures=GestureDays.of(
                day=day[rows] - first.toordinal(),
                giver=place[giver[rows]],
                receiver=place[receiver[rows]],
                kind=kind[rows],
            ).with_implied_help(),
            away=tuple(interval for member in members for interval in absent.get(member.person, ())),
            rests=roster.rests[label] if roster else (),
        )


def _on_shared_teams(
    columns: Columns, roster: Roster, giver: Ints, receiver: Ints, team: Ints
) -> tuple[Ints, Ints]:
    """Rows and the teams they count for: the team they name if both are on it, else every team both share."""
    pairs = [
        (columns.people[person], columns.teams["" if name == EVERYONE else name])
        for name, members in roster.members.items()
        for person in members
        if person in columns.people
    ]
    many = max(len(columns.teams), 1)
    person, seat = np.array(sorted(pairs), np.int64).reshape(-1, 2).T
    seats = person * many + seat

    def on(who: Ints, where: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return np.isin(who * many + where, seats)

    named = on(giver, team) & on(receiver, team)
    rest = np.flatnonzero(~named)
    first = np.searchsorted(person, giver[rest], "left")
    many_of = np.searchsorted(person, giver[rest], "right") - first
    row = np.repeat(rest, many_of)
    step = np.arange(row.size) - np.repeat(np.cumsum(many_of) - many_of, many_of)
    where = seat[np.repeat(first, many_of) + step]
    shared = on(receiver[row], where)
    rows = np.concatenate([np.flatnonzero(named), row[shared]])
    teams = np.concatenate([team[named], where[shared]])
    order = np.argsort(rows, kind="stable")
    return rows[order], teams[order]


def weeks_of(history: TeamHistory, weekly: bool) -> tuple[Week, ...]:
    return replay(history, first=0 if weekly else history.weeks - 1)


def as_json(finding: Finding) -> str:
    figures = finding.figures
    return json.dumps(
        {
            "team": finding.team,
            "week": finding.week.isoformat(),
            "pattern": finding.pattern,
            "subjects": list(finding.subjects),
            "state": finding.state,
            "evidence": {
                "since": finding.since.isoformat(),
                "window_weeks": figures.window,
                **figures.counts,
                "share": round(figures.share, 6),
                "low": round(figures.low, 6),
                "high": round(figures.high, 6),
                "p": float(f"{figures.p:.6g}"),
                "adjusted_p": float(f"{figures.adjusted_p:.6g}"),
            },
            "sentence": said(finding),
        },
        ensure_ascii=False,
    )


def said(finding: Finding) -> str:
    """What the first of its readers is told."""
    return sentence(finding, BY_NAME[finding.pattern].readers[0], {}) or ""


STATES = {"entered": "new", "stays": "still", "left": "over"}


def as_text(team: str, week: Week) -> str:
    """One week of one team, as an admin reads it."""
    lines = [f"{team}, week of {week.monday:%Y-%m-%d}"]
    for finding in week.findings:
        title = finding.pattern.replace("_", " ")
        reader = BY_NAME[finding.pattern].readers[0]
        to = "the manager" if reader == "manager" else finding.subjects[0]
        lines += [
            f"  {STATES[finding.state]:<5} {title}: {' → '.join(finding.subjects) or 'the team'}",
            f"        to {to}: {said(finding)}",
        ]
    if not week.findings:
        lines.append("  Nothing one-sided." if week.told else f"  {NOT_ENOUGH}")
    quiet = [pattern.name.replace("_", " ") for pattern in PATTERNS if pattern.name not in week.told]
    if week.told and quiet:
        lines.append(f"  Not enough to say yet: {', '.join(quiet)}.")
    return "\n".join(lines)


def analyze_files(
    gestures: Path,
    *,
    members: Path | None,
    away: Path | None,
    timezone: str,
    until: date | None,
    weekly: bool,
    strict: bool,
    json_lines: bool,
) -> int:
    """Print what the patterns say, and what was refused on stderr; the exit code: 0, 1 (strict) or 2."""
    errors = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    refused = 0

    def refuse(path: Path, row: Refused) -> None:
        nonlocal refused
        refused += 1
        errors.print(f"{path.name}, line {row.line}: {row.reason}")

    try:
        tz = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        errors.print(f"There is no time zone “{timezone}”; one is named like Europe/Paris.")
        return NOTHING_USABLE
    bar = rich.progress.Progress(
        "[progress.description]{task.description}",
        rich.progress.BarColumn(),
        rich.progress.TaskProgressColumn(),
        rich.progress.TimeRemainingColumn(),
        console=errors,
        disable=not sys.stderr.isatty(),
        transient=True,
    )
    with bar:
        path = gestures
        try:
            reading = bar.add_task("Reading", total=1.0)
            columns = columns_of(gestures, tz, refuse, lambda share: bar.update(reading, completed=share))
            rows = len(columns.day)
            roster = None
            if members:
                path = members
                roster = roster_of(members, tz, refuse)
            absences: tuple[Away, ...] = ()
            if away:
                path = away
                absences = away_of(away, tz, refuse)
        except UnusableFileError as reason:
            errors.print(f"{path.name}: {reason}")
            return NOTHING_USABLE
        if not rows:
            errors.print(f"{gestures.name}: no row can be used")
            return NOTHING_USABLE
        last = last_week(columns, until, datetime.now(tz).date())
        looking = bar.add_task("Looking at teams", total=len(columns.teams))
        counted = 0
        for history in histories(columns, roster, absences, last):
            counted += 1
            for week in weeks_of(history, weekly):
                _print_week(history.team, week, json_lines, weekly)
            bar.advance(looking)
    if not counted:
        errors.print(f"{gestures.name}: no row is between two people who share a team in {path.name}")
        return NOTHING_USABLE
    if refused:
        errors.print(
            f"{refused} rows were refused, {rows} were used."
            if refused > 1
            else f"1 row was refused, {rows} were used."
        )
    return REFUSED if refused and strict else 0


def _print_week(team: str, week: Week, json_lines: bool, weekly: bool) -> None:
    if json_lines:
        for finding in week.findings:
            sys.stdout.write(as_json(finding) + "\n")
    elif week.findings or not weekly:
        sys.stdout.write(as_text(team, week) + "\n")
