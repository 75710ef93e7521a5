"""History through the command line, as somebody types it."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from typer.testing import CliRunner, Result

from slackapp.cli import cli
from slackapp.transfer.csv import HISTORY_COLUMNS
from tests.transfer.exports import as_zip, export, reaction, said


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "0123456789abcdef" * 2)
    monkeypatch.setenv("MUTUAL_SECRET_KEYS", Fernet.generate_key().decode())
    monkeypatch.chdir(tmp_path)
    return CliRunner()


def typed(run: CliRunner, *words: str | Path) -> Result:
    return run.invoke(cli, [str(word) for word in words])


def test_a_slack_export_comes_in_and_goes_out_as_csv(
    run: CliRunner, workspace_id: str, tmp_path: Path
) -> None:
    file = as_zip(
        tmp_path / "slack.zip",
        export({"general": [said("U0ANA", "<@U0BEN> :taco: :taco:", reactions=[reaction("taco", "U0CY")])]}),
    )
    command = ("import", "slack-export", file, "--emoji", "taco=kudos", "--workspace", workspace_id)

    dry = typed(run, *command, "--dry-run")
    assert (dry.exit_code, "This was a dry run: nothing was written." in dry.stdout) == (0, True)
    assert typed(run, *command).exit_code == 0
    assert "0  new: came in" in typed(run, *command).stdout

    out = typed(run, "export", "gestures", "--workspace", workspace_id)
    header, *rows = out.stdout.splitlines()
    assert header == ",".join(HISTORY_COLUMNS)
    assert [row.split(",")[1:4] for row in rows] == [["U0ANA", "U0BEN", "kudos"], ["U0CY", "U0ANA", "kudos"]]


def test_what_cannot_be_used_is_said_in_a_sentence(run: CliRunner, workspace_id: str, tmp_path: Path) -> None:
    (tmp_path / "slack.zip").write_text("no zip")
    (tmp_path / "a.csv").write_text("when;who\n")

    not_a_zip = typed(run, "import", "slack-export", "slack.zip", "--workspace", workspace_id)
    not_commas = typed(run, "import", "csv", "a.csv", "--workspace", workspace_id)

    assert (not_a_zip.exit_code, not_a_zip.stderr) == (
        2,
        "slack.zip: it is neither a folder nor a zip file that can be read\n",
    )
    assert (not_commas.exit_code, not_commas.stderr) == (
        2,
        "a.csv: the cells are separated by semicolons; save the file with commas\n",
    )


def test_an_import_of_which_nothing_can_be_used_fails(
    run: CliRunner, workspace_id: str, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("timestamp,giver,receiver\n2026-03-02,ana,ben\n")

    assert typed(run, "import", "csv", "a.csv", "--workspace", workspace_id).exit_code == 2
    assert typed(run, "import", "csv", "a.csv", "--workspace", workspace_id, "--add-people").exit_code == 0


def test_a_workspace_that_is_not_here_has_nothing_to_export(run: CliRunner) -> None:
    refused = typed(run, "export", "gestures", "--workspace", "T0NOWHERE")

    assert (refused.exit_code, refused.stderr) == (2, "There is no workspace T0NOWHERE here.\n")
