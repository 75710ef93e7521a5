"""The command line. Each command imports what it needs when it runs, so that `serve` starts fast and stays small."""

import contextlib
import errno
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine

    from starlette.types import ASGIApp

    from slackapp.settings import Settings
    from slackapp.transfer.history import Report
    from slackapp.transfer.imports import Desk

cli = typer.Typer(name="slackapp", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
keys = typer.Typer(no_args_is_help=True, help="Keys that encrypt tokens at rest.")
cli.add_typer(keys, name="keys")
digest = typer.Typer(no_args_is_help=True, help="Weekly digests.")
cli.add_typer(digest, name="digest")
imports = typer.Typer(
    no_args_is_help=True, help="Bring in history from other tools. Doing it again adds nothing."
)
cli.add_typer(imports, name="import")
exports = typer.Typer(no_args_is_help=True, help="Take what is recorded with you.")
cli.add_typer(exports, name="export")


@cli.callback()
def mutual() -> None:
    """Mutual keeps the give and take of help and thanks in a team in balance."""


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the sandbox page is.")] = 8150,
    open_browser: Annotated[bool, typer.Option(help="Open the page where there is a desktop.")] = True,
) -> None:
    """Start a sandbox Slack workspace with Mutual in it, half a year of history, and nothing to set up."""
    from slackapp.demo import run

    run(Path(".local"), port, open_browser=open_browser)


@cli.command()
def serve(
    everything: Annotated[
        bool, typer.Option("--all", help="Also run the worker and the clock here.")
    ] = False,
    socket: Annotated[
        bool, typer.Option("--socket", help="Hear Slack through Socket Mode: needs SLACK_APP_TOKEN.")
    ] = False,
) -> None:
    """Answer Slack."""
    import uvloop

    from slackapp.app import Roles, create_web
    from slackapp.logs import configure_logs

    settings = _settings()
    if socket and settings.slack_app_token is None:
        typer.echo("SLACK_APP_TOKEN is missing: Socket Mode needs the app-level token (xapp-…).", err=True)
        sys.exit(2)
    _require_address(settings)
    _require_database(settings)
    configure_logs(settings.mutual_log_level)
    roles = Roles(web=True, worker=everything, clock=everything, socket=socket)
    if not uvloop.run(_answer(create_web(settings, roles), settings)):
        sys.exit(1)


async def _answer(app: "ASGIApp", settings: "Settings") -> bool:
    """Serve in this very process: granian's own would be a second one, half as large again. False: it ended by itself."""
    import asyncio
    import gc

    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server.embed import Server

    server = Server(
        app,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig={"loggers": {"_granian": {}}},  # with ours
    )
    # What is loaded stays: looking through it for garbage, again and again, cost a capture a twentieth of its time.
    gc.freeze()
    gc.set_threshold(10_000)
    stop = _told_to_stop()
    serving, told = asyncio.create_task(server.serve()), asyncio.create_task(stop.wait())
    await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
    server.stop()  # type: ignore[no-untyped-call]
    # What was accepted is finished; a client that never finishes its request is not waited for.
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(serving, 25)
    return stop.is_set()


def _told_to_stop() -> "asyncio.Event":
    """Set by the signals that end a process."""
    import asyncio
    import signal

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _require_address(settings: "Settings") -> None:
    """Refuse an address that cannot be listened at, in a sentence: granian would end with a trace of its insides."""
    import socket

    try:
        with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as tried:
            # As granian binds: processes of ours may share a port, and somebody else's may not.
            for option in ("SO_REUSEADDR", "SO_REUSEPORT"):
                if hasattr(socket, option):
                    tried.setsockopt(socket.SOL_SOCKET, getattr(socket, option), 1)
            tried.bind((settings.host, settings.port))
    except OSError as why:
        said = (
            "another program listens there; end it, or choose another PORT"
            if why.errno == errno.EADDRINUSE
            else f"{why.strerror}. Look at MUTUAL_HOST and PORT"
        )
        typer.echo(f"Mutual cannot listen on {settings.host} port {settings.port}: {said}.", err=True)
        sys.exit(2)


def _require_database(settings: "Settings") -> None:
    """Refuse to start where nothing would keep workspaces apart, or nothing could tell their days. A database that is
    not there yet, or is not ready for this version yet, may come to it.
    """
    import asyncio

    from sqlalchemy.exc import SQLAlchemyError

    from slackapp.store import workspaces
    from slackapp.store.database import NotIsolatedError, open_database
    from slackapp.store.revisions import pending

    async def ask() -> bool:
        assert settings.database_url is not None
        database = open_database(settings.database_url, connections=1)
        try:
            await database.require_isolation()
            async with database.engine.connect() as db:
                if await db.run_sync(pending):
                    typer.echo("The database needs `slackapp migrate`.", err=True)
                return await workspaces.knows_zone(db, settings.mutual_timezone)
        finally:
            await database.close()

    try:
        knows_zone = asyncio.run(ask())
    except NotIsolatedError as why:
        typer.echo(str(why), err=True)
        sys.exit(2)
    except (SQLAlchemyError, OSError):
        typer.echo("The database does not answer yet.", err=True)
    else:
        if not knows_zone:
            typer.echo("MUTUAL_TIMEZONE: the database does not know this time zone.", err=True)
            sys.exit(2)


@cli.command()
def worker() -> None:
    """Run the jobs in the queue, until told to stop; what has begun is finished first."""
    _run_until_stopped(worker=True)


@cli.command()
def clock() -> None:
    """Say when jobs are due. Two clocks do no harm."""
    _run_until_stopped(clock=True)


def _run_until_stopped(*, worker: bool = False, clock: bool = False) -> None:
    import asyncio

    from slackapp.app import Roles, running
    from slackapp.logs import configure_logs

    settings = _settings()
    _require_database(settings)
    configure_logs(settings.mutual_log_level)

    async def run() -> None:
        stop = _told_to_stop()
        async with running(settings, Roles(web=False, worker=worker, clock=clock)):
            await stop.wait()

    asyncio.run(run())


@cli.command()
def migrate() -> None:
    """Bring the database to the schema this version needs."""
    from slackapp.store.migrations import migrate as upgrade

    url = _settings().database_url
    assert url is not None
    upgrade(url)
    typer.echo("The database is up to date.")


@cli.command()
def analyze(
    *,
    gestures: Annotated[
        Path,
        typer.Argument(
            help="timestamp, giver, receiver; kind, team and more if there are", exists=True, dir_okay=False
        ),
    ],
    members: Annotated[
        Path | None, typer.Option(help="person, team; role, joined, left, group", exists=True, dir_okay=False)
    ] = None,
    away: Annotated[Path | None, typer.Option(help="person, from, to", exists=True, dir_okay=False)] = None,
    timezone: Annotated[str, typer.Option(help="where days begin, as in Europe/Paris")] = "UTC",
    until: Annotated[
        datetime | None, typer.Option(help="the last day that is known", formats=["%Y-%m-%d"])
    ] = None,
    weekly: Annotated[
        bool, typer.Option("--weekly", help="say every closed week, not only the last")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="fail if any row was refused")] = False,
    format: Annotated[Literal["text", "json"], typer.Option(help="json is one object a line")] = "text",
) -> None:
    """Say which patterns a CSV file of gestures shows, with no database and no Slack."""
    from slackapp.transfer.analyze import analyze_files

    code = analyze_files(
        gestures,
        members=members,
        away=away,
        timezone=timezone,
        until=until.date() if until else None,
        weekly=weekly,
        strict=strict,
        json_lines=format == "json",
    )
    raise typer.Exit(code)


@digest.command("preview")
def preview_digest(
    person: Annotated[str, typer.Argument(help="A member's id, like U0123ABCD.")],
    workspace: Annotated[str | None, typer.Option(help="Needed only where there are several.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Block Kit, to paste into Block Kit Builder.")
    ] = False,
) -> None:
    """Show what somebody's digest would say now. Nothing is sent or marked."""
    import asyncio
    import json

    from slackapp.doctor import digest_preview

    found = asyncio.run(digest_preview(_settings(), workspace, person))
    if isinstance(found, str):
        typer.echo(found, err=True)
        sys.exit(1)
    typer.echo(json.dumps({"blocks": found.blocks}, ensure_ascii=False, indent=2) if as_json else found.text)


@cli.command()
def doctor() -> None:
    """Say how this installation is, line by line, and end with 1 where something needs a hand."""
    import asyncio

    from slackapp.doctor import examine

    found = asyncio.run(examine(_settings()))
    for check in found:
        typer.echo(f"{'ok  ' if check.ok else 'LOOK'}  {check.name}: {check.says}")
    sys.exit(0 if all(check.ok for check in found) else 1)


_Workspace = Annotated[
    str | None, typer.Option("--workspace", help="The workspace's id, if there are several.", metavar="T…")
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would come in, and write nothing.")]
_People = Annotated[
    Path | None,
    typer.Option("--people", help="Who is who: a CSV with email and person, or a Slack export.", exists=True),
]


@imports.command("slack-export")
def import_slack_export(
    file: Annotated[
        Path, typer.Argument(help="The zip file from Slack, or the folder it was unpacked to.", exists=True)
    ],
    emoji: Annotated[
        list[str] | None,
        typer.Option(
            help="What an emoji means, in reactions and in messages. May be repeated.", metavar="taco=kudos"
        ),
    ] = None,
    plusplus: Annotated[bool, typer.Option("--plusplus", help="Count “@ana ++ for the demo”.")] = False,
    workspace: _Workspace = None,
    dry_run: _DryRun = False,
) -> None:
    """Bring in the reactions and typed kudos of a Slack export."""
    from slackapp.transfer.imports import import_slack_export as run

    _import(workspace, dry_run, file, lambda desk: run(desk, file, emoji=emoji or (), plusplus=plusplus))


@imports.command("bonusly")
def import_bonusly(
    file: Annotated[
        Path, typer.Argument(help="What Bonusly's API answered, as JSON.", exists=True, dir_okay=False)
    ],
    people: _People = None,
    workspace: _Workspace = None,
    dry_run: _DryRun = False,
) -> None:
    """Bring in bonuses from Bonusly. Points stay behind: each bonus is one act."""
    from slackapp.transfer.imports import import_bonusly as run

    _import(workspace, dry_run, file, lambda desk: run(desk, file, who_is_who=people))


@imports.command("csv")
def import_csv(
    file: Annotated[
        Path,
        typer.Argument(
            help="timestamp, giver, receiver; kind, message and more if there are",
            exists=True,
            dir_okay=False,
        ),
    ],
    people: _People = None,
    as_they_are: Annotated[
        bool, typer.Option("--add-people", help="Add people under the names the file has for them.")
    ] = False,
    workspace: _Workspace = None,
    dry_run: _DryRun = False,
) -> None:
    """Bring in gestures from a CSV file, such as the one that `export gestures` writes."""
    from slackapp.transfer.imports import import_csv as run

    _import(
        workspace, dry_run, file, lambda desk: run(desk, file, who_is_who=people, as_they_are=as_they_are)
    )


@imports.command("members")
def import_members(
    file: Annotated[
        Path,
        typer.Argument(
            help="person, team; role (member, manager or both), joined, left, group if there are",
            exists=True,
            dir_okay=False,
        ),
    ],
    people: _People = None,
    workspace: _Workspace = None,
    dry_run: _DryRun = False,
) -> None:
    """Make teams from a CSV file, or bring them into step with it."""
    import asyncio

    from slackapp.transfer.imports import NOTHING_USABLE, UNUSABLE_FILE, UnusableImportError
    from slackapp.transfer.members import import_members as run

    desk = _desk(workspace, dry_run=dry_run)
    try:
        came_in = asyncio.run(run(desk, file, who_is_who=people))
    except (UnusableImportError, *UNUSABLE_FILE) as why:
        about = f"{file.name}: " if isinstance(why, UNUSABLE_FILE) else ""
        desk.errors.print(f"{about}{why}")
        raise typer.Exit(NOTHING_USABLE) from None
    if not came_in:
        raise typer.Exit(NOTHING_USABLE)


@exports.command("gestures")
def export_gestures(
    workspace: _Workspace = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file, not to stdout.", dir_okay=False)
    ] = None,
) -> None:
    """Write every gesture as CSV, so that importing it elsewhere loses nothing."""
    import asyncio

    from slackapp.transfer.imports import NOTHING_USABLE, UnusableImportError, export_gestures

    desk = _desk(workspace)
    try:
        count = asyncio.run(export_gestures(desk, output))
    except UnusableImportError as why:
        desk.errors.print(str(why))
        raise typer.Exit(NOTHING_USABLE) from None
    if output:
        desk.errors.print(f"{count:,} gestures are in {output}.")


def _import(
    workspace: str | None, dry_run: bool, file: Path, run: "Callable[[Desk], Coroutine[None, None, Report]]"
) -> None:
    import asyncio

    from slackapp.transfer.imports import NOTHING_USABLE, UNUSABLE_FILE, UnusableImportError, tell

    desk = _desk(workspace, dry_run=dry_run)
    try:
        report = asyncio.run(run(desk))
    except (UnusableImportError, *UNUSABLE_FILE) as why:
        about = f"{file.name}: " if isinstance(why, UNUSABLE_FILE) else ""
        desk.errors.print(f"{about}{why}")
        raise typer.Exit(NOTHING_USABLE) from None
    tell(desk, report)
    if report.nothing_usable:
        raise typer.Exit(NOTHING_USABLE)


def _desk(workspace: str | None, *, dry_run: bool = False) -> "Desk":
    from slackapp.transfer.imports import Desk

    settings = _settings()
    assert settings.database_url is not None
    return Desk(settings.database_url, workspace, settings.mutual_timezone, dry_run)


@keys.command("new")
def new_key() -> None:
    """Make a key for MUTUAL_SECRET_KEYS."""
    from cryptography.fernet import Fernet

    typer.echo(Fernet.generate_key().decode())


@keys.command("rotate")
def rotate_keys() -> None:
    """Encrypt every token anew with the first key; then the other keys can be removed."""
    import asyncio

    from slackapp.store import installations
    from slackapp.store.database import open_database

    settings = _settings()

    async def rotate() -> tuple[int, list[str]]:
        assert settings.database_url is not None
        database, count, lost = open_database(settings.database_url, connections=1), 0, []
        try:
            for workspace_id in await database.workspace_ids(organisations=True):
                try:
                    async with database.workspace(workspace_id) as db:
                        count += await installations.rotate(db, workspace_id, settings.cipher)
                except installations.LostKeyError as why:
                    lost.append(str(why))
        finally:
            await database.close()
        return count, lost

    count, lost = asyncio.run(rotate())
    typer.echo(f"Encrypted with the first key: {count}.")
    if lost:
        typer.echo("\n".join(lost), err=True)
        sys.exit(1)
    typer.echo("The other keys can be removed from MUTUAL_SECRET_KEYS.")


@cli.command(hidden=True)
def manifest() -> None:
    """Print the manifest as JSON, for `slack run`."""
    import json

    import yaml

    from slackapp.files import shipped

    typer.echo(json.dumps(yaml.safe_load(shipped("manifest.yml").read_text())))


def _settings() -> "Settings":
    """The environment's settings, with a database: the one named there, or an embedded one."""
    from slackapp.settings import BadSettingsError, read_settings

    try:
        settings = read_settings()
    except BadSettingsError as why:
        typer.echo(str(why), err=True)
        sys.exit(2)
    for name in ("SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        os.environ.pop(name, None)  # Bolt would read it too, and warn that it has no use for it
    if settings.database_url is None:
        from slackapp.store import embedded

        try:
            _, url = embedded.start(settings.mutual_home / "postgres")
        except OSError as why:
            typer.echo(
                "DATABASE_URL is missing, and an embedded PostgreSQL cannot keep its files in MUTUAL_HOME "
                f"({settings.mutual_home}): {why.strerror}.",
                err=True,
            )
            sys.exit(2)
        os.environ["DATABASE_URL"] = url
        settings = settings.model_copy(update={"database_url": url})
    return settings


def main() -> None:
    try:
        cli()
    except Exception as error:
        why = _unanswered(error)
        if why is None:
            raise
        typer.echo(f"The database does not answer: {why}\nLook at DATABASE_URL.", err=True)
        sys.exit(1)


def _unanswered(error: Exception) -> str | None:
    """Why no connection could be had; None for every other error."""
    import psycopg
    from sqlalchemy.exc import OperationalError

    refused = error.orig if isinstance(error, OperationalError) else error
    # What a connected server refuses has a state.
    if isinstance(refused, psycopg.OperationalError) and refused.sqlstate is None:
        return str(refused).partition("\n")[0]
    return None
