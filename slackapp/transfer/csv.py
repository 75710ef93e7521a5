"""Gestures, members and time away as comma-separated files: read row by row, and written back the same.

A row that cannot be used is handed back as Refused, with its line and the reason, and the rest goes on.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from slackapp.domain.gestures import KIND_NAMES

COLUMNS = ("timestamp", "giver", "receiver", "kind", "team", "message", "source_id")
HISTORY_COLUMNS = (
    *COLUMNS,
    *("visibility", "channel", "message_ts", "day", "help_of", "proven", "marks", "retracted_at"),
)
PROVEN = "true"  # in the column `proven`; anything else is no
UNREADABLE = "\ufffd"  # what the decoder leaves where the file is not UTF-8
UNTIL_FURTHER_NOTICE = date(9999, 12, 31)
EARLIEST, LATEST = 1971, 2199  # years
STEP = 20_000  # rows between two words about progress
Row = TypeVar("Row")


class UnusableFileError(Exception):
    """The file as a whole cannot be used; the message says why and what would help."""


class Refused(NamedTuple):
    line: int
    reason: str


class UnusableRowError(Exception):
    """The row cannot be used; the message says why."""


class GestureRow(NamedTuple):
    moment: datetime  # with its offset; without one in the file, in the time zone asked for
    giver: str
    receiver: str
    kind: str = "kudos"
    team: str = ""
    message: str = ""
    source_id: str = ""


class HistoryRow(NamedTuple):
    """A gesture as our own store knows it; docs/history.md says what the cells mean."""

    gesture: GestureRow
    visibility: str = ""
    channel: str = ""
    message_ts: str = ""
    day: date | None = None
    help_of: str = ""
    proven: str = ""
    marks: str = ""
    retracted_at: datetime | None = None


MEMBER_COLUMNS = (
    "person",
    "team",
    "role",
    "joined",
    "left",
    "group",
    "sub_group",
)  # the last is the same as `group`

#: Roles whose work is giving: to `analyze` they make it expected, and to an import they are those of a member.
EXPECTED_ROLES = {"on-call", "on_call", "oncall", "mentor", "support"}


class MemberRow(NamedTuple):
    person: str
    team: str
    role: str
    joined: date | None
    left: date | None
    group: str


class AwayRow(NamedTuple):
    person: str
    start: date
    end: date  # the last day away; an empty cell means until further notice


def lines_of(path: Path, progress: Callable[[float], None] = lambda share: None) -> Iterator[str]:
    """The file's lines; `progress` is told the share that is read."""
    size = max(path.stat().st_size, 1)
    with path.open("rb") as raw, io.TextIOWrapper(raw, "utf-8-sig", errors="replace", newline="") as text:
        for number, line in enumerate(text):
            if number % STEP == 0:
                progress(raw.tell() / size)
            yield line
    progress(1)


def read_gestures(lines: Iterable[str], tz: ZoneInfo) -> Iterator[GestureRow | Refused]:
    """Read gestures in the file's order. A timestamp without offset is taken to be in `tz`."""

    def gesture(cells: list[str]) -> GestureRow | None:
        *base, proven, taken_back = cells
        # What was taken back did not happen, and the thanks that prove a help say it themselves.
        return None if taken_back or proven == PROVEN else _gesture(base, tz)

    return rows(lines, (*COLUMNS, "proven", "retracted_at"), needed=3, read=gesture)


def read_history(lines: Iterable[str], tz: ZoneInfo) -> Iterator[HistoryRow | Refused]:
    """Read gestures with all that `write_history` wrote; what was taken back is among them."""

    def past(cells: list[str]) -> HistoryRow:
        base, (visibility, channel, message_ts, day, help_of, proven, marks, retracted) = cells[:7], cells[7:]
        if visibility not in {"", "channel", "private"}:
            raise UnusableRowError(f"has the visibility “{visibility}”, which is neither channel nor private")
        row = _gesture(base, tz)
        local = _moment(day, tz).date() if day else None
        if local and abs(local - row.moment.astimezone(UTC).date()).days > 1:
            raise UnusableRowError(f"says that {row.moment:%Y-%m-%d} was the day {day}")
        taken_back = _moment(retracted, tz) if retracted else None
        return HistoryRow(row, visibility, channel, message_ts, local, help_of, proven, marks, taken_back)

    return rows(lines, HISTORY_COLUMNS, needed=3, read=past)


def read_people(lines: Iterable[str]) -> Iterator[tuple[str, str] | Refused]:
    """Who is who: an e-mail address or a name, and the Slack id of that person."""

    def person(cells: list[str]) -> tuple[str, str]:
        name, user_id = (cell.strip() for cell in cells)
        if not name or not user_id:
            raise UnusableRowError("has no person" if name else "has no email")
        return name, user_id

    return rows(lines, ("email", "person"), needed=2, read=person)


def _gesture(cells: list[str], tz: ZoneInfo) -> GestureRow:
    written, giver, receiver, kind, team, message, source_id = cells
    giver, receiver = giver.strip(), receiver.strip()
    if not giver or not receiver:
        raise UnusableRowError("has no receiver" if giver else "has no giver")
    if giver == receiver:
        raise UnusableRowError(f"{giver} is both giver and receiver")
    if UNREADABLE in giver or UNREADABLE in receiver:
        raise UnusableRowError("has a name that is not UTF-8")
    if kind not in KIND_NAMES:
        kind = kind.strip().lower().replace("-", "_") or "kudos"
        if kind not in KIND_NAMES:
            raise UnusableRowError(
                f"has the unknown kind “{kind}”; kinds are {', '.join(sorted(KIND_NAMES))}"
            )
    return GestureRow(_moment(written.strip(), tz), giver, receiver, kind, team.strip(), message, source_id)


def read_members(lines: Iterable[str], tz: ZoneInfo) -> Iterator[MemberRow | Refused]:
    return rows(lines, MEMBER_COLUMNS, needed=2, read=partial(member_of, tz=tz))


def member_of(cells: list[str], tz: ZoneInfo) -> MemberRow:
    """Read one row of MEMBER_COLUMNS. Raises UnusableRowError."""
    person, team, role, joined, left, group, sub_group = (cell.strip() for cell in cells)
    if not person:
        raise UnusableRowError("has no person")
    first, last = (_moment(cell, tz).astimezone(tz).date() if cell else None for cell in (joined, left))
    if first and last and last < first:
        raise UnusableRowError(f"says that {person} left on {last}, before joining on {first}")
    return MemberRow(person, team, role.lower(), first, last, group or sub_group)


def read_away(lines: Iterable[str], tz: ZoneInfo) -> Iterator[AwayRow | Refused]:
    def away(cells: list[str]) -> AwayRow:
        person, start, end = (cell.strip() for cell in cells)
        if not person or not start:
            raise UnusableRowError("has no first day away" if person else "has no person")
        first = _moment(start, tz).astimezone(tz).date()
        last = _moment(end, tz).astimezone(tz).date() if end else UNTIL_FURTHER_NOTICE
        if last < first:
            raise UnusableRowError(
                f"says that {person} was away from {first} to {last}, which ends before it starts"
            )
        return AwayRow(person, first, last)

    return rows(lines, ("person", "from", "to"), needed=3, read=away)


def history_writer(file: IO[str]) -> Callable[[HistoryRow], None]:
    """Write the header; answer what writes a row. Reading them again gives the same rows."""
    # Ending rows with \r\n makes the writer quote a lone \r too; in the file, rows end with \n.
    writer = csv.writer(_EndsWithNewline(file), lineterminator="\r\n")
    writer.writerow(HISTORY_COLUMNS)

    def write(row: HistoryRow) -> None:
        gesture, taken_back = row.gesture, row.retracted_at
        writer.writerow(
            (gesture.moment.isoformat(), *gesture[1:], *row[1:-1], taken_back and taken_back.isoformat())
        )

    return write


class _EndsWithNewline:
    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, line: str) -> int:
        return self._file.write(line.removesuffix("\r\n") + "\n")


def rows(
    lines: Iterable[str], columns: tuple[str, ...], *, needed: int, read: Callable[[list[str]], Row | None]
) -> Iterator[Row | Refused]:
    reader = csv.reader(lines)
    header = [name.strip().lower() for name in next(reader, [])]
    missing = [name for name in columns[:needed] if name not in header]
    if missing:
        raise UnusableFileError(_advice(header, missing))
    absent = len(header)
    places = [header.index(name) if name in header else absent for name in columns]
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Refused(line, f"cannot be read: {error}")
            continue
        if not cells:
            continue
        if len(cells) != absent:
            yield Refused(
                line, f"has {len(cells)} cells where the header has {absent}; text with commas needs quotes"
            )
            continue
        cells.append("")
        try:
            row = read([cells[place] for place in places])
        except UnusableRowError as reason:
            yield Refused(line, str(reason))
            continue
        if row is not None:
            yield row


def _advice(header: list[str], missing: list[str]) -> str:
    if not header:
        return "the file is empty"
    if len(header) == 1 and (found := next((mark for mark in ";\t|" if mark in header[0]), None)):
        name = {";": "semicolons", "\t": "tabs", "|": "bars"}[found]
        return f"the cells are separated by {name}; save the file with commas"
    return f"the first line has no column {' and no column '.join(missing)}; it has {', '.join(header)}"


def _moment(written: str, tz: ZoneInfo) -> datetime:
    """Read ISO 8601 or Unix seconds; eight digits are a date, as in 20260304."""
    try:
        moment = datetime.fromisoformat(written)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=tz)
    except ValueError:
        try:
            moment = datetime.fromtimestamp(float(written), UTC)
        except (ValueError, OverflowError, OSError):
            reason = f"has the timestamp “{written}”, which is neither ISO 8601 nor Unix seconds"
            raise UnusableRowError(reason if written else "has no timestamp") from None
    # One stray date would stretch the history over centuries of silence.
    if not EARLIEST <= moment.year <= LATEST:
        raise UnusableRowError(f"has the timestamp “{written}”, which is not between {EARLIEST} and {LATEST}")
    return moment
