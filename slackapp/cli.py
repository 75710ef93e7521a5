"""The command line. Each command imports what it needs when it runs, so that `serve` starts fast and stays small."""

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from slackapp.settings import Settings

cli = typer.Typer(name="slackapp", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
keys = typer.Typer(no_args_is_help=True, help="Keys that encrypt tokens at rest.")
cli.add_typer(keys, name="keys")


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
) -> None:
    """Answer Slack."""
    from granian.constants import Interfaces, Loops
    from granian.log import LogLevels
    from granian.server import Server

    settings = _settings()
    os.environ["MUTUAL_ROLES"] = "all" if everything else "web"
    Server(
        "slackapp.cli:_web",
        factory=True,
        interface=Interfaces.ASGI,
        address=settings.host,
        port=settings.port,
        loop=Loops.uvloop,
        log_level=LogLevels.warning,
        workers_kill_timeout=25,
    ).serve()


def _web() -> object:
    """Made in granian's own process, from the environment that `serve` left behind."""
    from slackapp.app import Roles, configure_logs, create_web

    settings = _settings()
    os.environ.pop("SLACK_BOT_TOKEN", None)  # Bolt would read it too, and warn that it has no use for it
    configure_logs(settings.mutual_log_level)
    everything = os.environ.get("MUTUAL_ROLES") == "all"
    return create_web(settings, Roles(web=True, worker=everything, clock=everything))


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
    import signal

    from slackapp.app import Roles, configure_logs, running

    settings = _settings()
    configure_logs(settings.mutual_log_level)

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
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


@keys.command("new")
def new_key() -> None:
    """Make a key for MUTUAL_SECRET_KEYS."""
    from cryptography.fernet import Fernet

    typer.echo(Fernet.generate_key().decode())


def _settings() -> "Settings":
    """The environment's settings, with a database: the one named there, or an embedded one."""
    from slackapp.settings import BadSettingsError, read_settings

    try:
        settings = read_settings()
    except BadSettingsError as why:
        typer.echo(str(why), err=True)
        sys.exit(2)
    if settings.database_url is None:
        from slackapp.store import embedded

        _, url = embedded.start(settings.mutual_home / "postgres")
        os.environ["DATABASE_URL"] = url
        settings = settings.model_copy(update={"database_url": url})
    return settings


def main() -> None:
    cli()
