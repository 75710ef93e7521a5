"""What `import` and `export` do: open the file and the database, show progress, and say what came in."""

import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import rich.progress
from rich.console import Console
from rich.table import Table

from slackapp.domain.emoji import UnreadableEmojiError, read_emoji
from slackapp.domain.gestures import DEFAULT_EMOJI, KIND_NAMES
from slackapp.domain.history import Past
from slackapp.domain.people import Person
from slackapp.store import history, workspaces
from slackapp.store.database import Database, open_database
from slackapp.store.revisions import pending
from slackapp.transfer import bonusly, slack_export
from slackapp.transfer.csv import (
    Refused,
    UnusableFileError,
    history_writer,
    lines_of,
    read_history,
    read_people,
)
from slackapp.transfer.directory import SLACK_ID, Names
from slackapp.transfer.history import UNUSABLE_ROW, Report, bring_in, past_of, row_of
from slackapp.transfer.skipped import Skipped
from slackapp.transfer.slack_export import Wanted

NOTHING_USABLE = 2  # exit code
MANY = 20  # people and places told one by one


class UnusableImportError(Exception):
    """Nothing was done. The message says why and what would help."""


#: What is wrong with the file itself.
UNUSABLE_FILE = (UnusableFileError, slack_export.UnusableExportError, bonusly.UnusableBonusesError)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where history goes to or comes from, and where that is told."""

    database_url: str
    workspace_id: str | None = None  # None: the only one there is
    timezone: str = "UTC"  # of a workspace that is not there yet
    dry_run: bool = False
    out: Console = field(default_factory=lambda: Console(soft_wrap=True, highlight=False))
    errors: Console = field(
        default_factory=lambda: Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    )


@dataclass(frozen=True, slots=True)
class Place:
    database: Database
    workspace_id: str
    tz: ZoneInfo
    emoji: Mapping[str, str]
    known: frozenset[str]


async def import_slack_export(
    desk: Desk, path: Path, *, emoji: Iterable[str] = (), plusplus: bool = False
) -> Report:
    typed = read_meanings(emoji)
    async with place_of(desk) as place:
        with slack_export.open_files(path) as files, _bar(desk) as bar:
            export = slack_export.read_export(files, workspace_id=place.workspace_id)
            reading = bar.add_task("Reading messages", total=export.size)
            report = Report(messages=0)
            found = slack_export.read_gestures(
                export,
                Wanted({**place.emoji, **typed}, typed, plusplus),
                place.tz,
                count=report.count_messages,
                progress=lambda size: bar.advance(reading, size),
            )
            return await _bring_in(desk, place, found, export.people, report)


async def import_csv(
    desk: Desk, path: Path, *, who_is_who: Path | None = None, as_they_are: bool = False
) -> Report:
    given = read_who_is_who(who_is_who)
    async with place_of(desk) as place:
        names = Names(place.known, given, as_they_are)
        with _bar(desk) as bar:
            reading = bar.add_task("Reading", total=1.0)
            lines = lines_of(path, lambda share: bar.update(reading, completed=share))

            def found() -> Iterator[Past | Skipped]:
                for row in read_history(lines, place.tz):
                    if isinstance(row, Refused):
                        desk.errors.print(f"{path.name}, line {row.line}: {row.reason}")
                        yield Skipped(UNUSABLE_ROW)
                    else:
                        yield past_of(row, names, place.tz)

            return await _bring_in(desk, place, found(), {}, Report())


async def import_bonusly(desk: Desk, path: Path, *, who_is_who: Path | None = None) -> Report:
    given = read_who_is_who(who_is_who)
    bonuses = bonusly.read_bonuses(_text(path))
    async with place_of(desk) as place:
        names = Names(place.known, given)
        with _bar(desk) as bar:
            counted = bar.track(bonuses, description="Reading bonuses")
            found = bonusly.read_gestures(counted, names, place.tz)
            return await _bring_in(desk, place, found, {}, Report())


async def export_gestures(desk: Desk, path: Path | None) -> int:
    """Write to the file, or to stdout when there is none; answer how many rows."""
    async with place_of(desk, may_add=False) as place, place.database.workspace(place.workspace_id) as db:
        with _open(path) as file:
            write, count = history_writer(file), 0
            async for past in history.everything(db, place.workspace_id):
                write(row_of(past))
                count += 1
    return count


def _text(path: Path) -> str:
    return path.read_text("utf-8-sig", errors="replace")


def _open(path: Path | None) -> AbstractContextManager[IO[str]]:
    return path.open("w", encoding="utf-8", newline="") if path else nullcontext(sys.stdout)


async def _bring_in(
    desk: Desk, place: Place, found: Iterable[Past | Skipped], named: Mapping[str, Person], report: Report
) -> Report:
    return await bring_in(
        place.database,
        place.workspace_id,
        found,
        named,
        now=datetime.now(UTC),
        dry_run=desk.dry_run,
        report=report,
    )


@asynccontextmanager
async def place_of(desk: Desk, *, may_add: bool = True) -> AsyncIterator[Place]:
    """The workspace asked for, or the only one there is. One that is named and not there yet is added."""
    database = open_database(desk.database_url)
    try:
        async with database.engine.connect() as db:
            if await db.run_sync(pending):
                raise UnusableImportError("The database needs `slackapp migrate` first.")
        workspace_id = desk.workspace_id or _only(await database.workspace_ids())
        async with database.workspace(workspace_id) as db:
            here = await workspaces.exists(db, workspace_id)
            if not here:
                if not may_add:
                    raise UnusableImportError(f"There is no workspace {workspace_id} here.")
                if not desk.dry_run:
                    await workspaces.add(db, workspace_id, name=workspace_id, timezone=desk.timezone)
                desk.errors.print(f"{workspace_id} is not here yet, so it starts empty.")
            known = await history.taking_part(db, workspace_id)
            found = Place(
                database,
                workspace_id,
                ZoneInfo(await workspaces.timezone(db, workspace_id)),
                await workspaces.emoji(db, workspace_id) if here else DEFAULT_EMOJI,
                frozenset(known),
            )
        yield found
    finally:
        await database.close()


def _only(workspace_ids: Iterable[str]) -> str:
    found = list(workspace_ids)
    if len(found) == 1:
        return found[0]
    if not found:
        raise UnusableImportError("There is no workspace yet. Name yours with --workspace, like T0123ABCD.")
    raise UnusableImportError(
        f"There are {len(found)} workspaces. Name one with --workspace: {', '.join(found[:MANY])}"
    )


def read_meanings(chosen: Iterable[str]) -> dict[str, str]:
    """Read “taco=kudos” and the like. Raises UnusableImportError with what would be understood."""
    meanings: dict[str, str] = {}
    for each in " ".join(chosen).replace(",", " ").split():
        written, _, kind = each.partition("=")
        try:
            names = read_emoji(written)
        except UnreadableEmojiError as why:
            raise UnusableImportError(str(why)) from None
        if kind not in KIND_NAMES or len(names) != 1:
            raise UnusableImportError(
                f"“{each}” does not say what an emoji means. Write it like taco=kudos; "
                f"kinds are {', '.join(sorted(KIND_NAMES))}."
            )
        meanings[names[0]] = kind
    return meanings


def read_who_is_who(path: Path | None) -> dict[str, str]:
    """E-mail addresses and names to Slack ids: from a CSV, from a Slack export, or from its users.json."""
    if path is None:
        return {}
    try:
        if path.is_dir() or path.suffix.lower() == ".zip":
            with slack_export.open_files(path) as files:
                return dict(slack_export.read_export(files, workspace_id="").emails)
        if path.suffix.lower() == ".json":
            alone = slack_export.Files({"users.json": path.stat().st_size}, lambda _: path.read_bytes())
            return dict(slack_export.read_export(alone, workspace_id="").emails)
        return _read_people(path)
    except (UnusableFileError, slack_export.UnusableExportError) as why:
        raise UnusableImportError(f"{path.name}: {why}") from None


def _read_people(path: Path) -> dict[str, str]:
    given = {}
    for row in read_people(lines_of(path)):
        if isinstance(row, Refused):
            raise UnusableImportError(f"{path.name}, line {row.line}: {row.reason}")
        if not SLACK_ID.fullmatch(row[1]):
            raise UnusableImportError(
                f"{path.name}: “{row[1]}” is not a Slack id, which looks like U0123ABCD."
            )
        given[row[0].lower()] = row[1]
    return given


def _bar(desk: Desk) -> rich.progress.Progress:
    return rich.progress.Progress(
        "[progress.description]{task.description}",
        rich.progress.BarColumn(),
        rich.progress.TaskProgressColumn(),
        rich.progress.TimeRemainingColumn(),
        console=desk.errors,
        disable=not desk.errors.is_terminal,
        transient=True,
    )


def tell(desk: Desk, report: Report) -> None:
    """What came in, or would; what did not, and why."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right")
    table.add_column()
    for number, words in _lines(report, dry_run=desk.dry_run):
        table.add_row(f"{number:,}", words)
    if report.skipped:
        table.add_section()
        table.add_row("", "Skipped:")
        for reason, times in sorted(report.skipped.items(), key=lambda each: (-each[1], each[0])):
            table.add_row(f"{times:,}", reason)
    desk.out.print(table)
    for (reason, detail), times in report.details.most_common(MANY):
        desk.errors.print(f"{reason}: {detail}" + (f" ({times:,} times)" if times > 1 else ""))
    if (more := len(report.details) - MANY) > 0:
        desk.errors.print(f"… and {more:,} more like these")
    if report.unnamed:
        desk.errors.print(
            "Say who they are with --people FILE: a CSV with the columns email and person (a Slack id), "
            "or a Slack export."
        )
    if desk.dry_run:
        desk.out.print("This was a dry run: nothing was written.")


def _lines(report: Report, *, dry_run: bool) -> Iterator[tuple[int, str]]:
    would = "would come in" if dry_run else "came in"
    if report.messages is not None:
        yield report.messages, "message read" if report.messages == 1 else "messages read"
    yield report.acts, "act found" if report.acts == 1 else "acts found"
    yield report.new, f"new: {would}"
    if here := report.acts - report.new:
        yield here, "known already"
    if report.helps:
        yield report.helps, f"more: help that thanks prove, which {would}"
    if report.people:
        people = "person" if report.people == 1 else "people"
        yield report.people, f"{people} to be added" if dry_run else f"{people} added"
