"""The command line. Each command imports what it needs when it runs, so that `serve` starts fast and stays small."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

cli = typer.Typer(name="slackapp", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@cli.callback()
def mutual() -> None:
    """Mutual keeps the give and take of help and thanks in a team in balance."""


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


def main() -> None:
    cli()
