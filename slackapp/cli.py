"""The command line. Each command imports what it needs when it runs, so that `serve` starts fast and stays small."""

import typer

cli = typer.Typer(name="slackapp", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@cli.callback()
def mutual() -> None:
    """Mutual keeps the give and take of help and thanks in a team in balance."""


def main() -> None:
    cli()
