"""Teams from a CSV file, as somebody types it."""

import asyncio
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text
from typer.testing import CliRunner, Result

from slackapp.cli import cli
from slackapp.store import teams
from slackapp.store.database import Database

FILE = """team,person,role,sub_group
Lanterns,U0ANA,,Billing
Lanterns,ben@example.com,both,
Lanterns,U0BOT,,
Lanterns,U0CY,member,Billing
Beacons,U0ZED,,
Owls,U0ANA,boss,
,U0ANA,,
"""


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "0123456789abcdef" * 2)
    monkeypatch.setenv("MUTUAL_SECRET_KEYS", Fernet.generate_key().decode())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text("email,person\nben@example.com,U0BEN\n")
    return CliRunner()


def typed(run: CliRunner, workspace_id: str, content: str, *more: str) -> Result:
    Path("members.csv").write_text(content)
    command = (
        "import",
        "members",
        "members.csv",
        "--people",
        "people.csv",
        "--workspace",
        workspace_id,
        *more,
    )
    return run.invoke(cli, command)


async def standing(database: Database, workspace_id: str) -> dict[str, object]:
    async with database.workspace(workspace_id) as db:
        return {
            team.name: (
                team.managers,
                {m.person: m.group for m in await teams.members(db, workspace_id, team.team_id)},
            )
            for team in await teams.every(db, workspace_id)
        }


def test_a_file_makes_teams_and_says_what_it_could_not_use(run: CliRunner, workspace_id: str) -> None:
    found = typed(run, workspace_id, FILE)

    assert found.exit_code == 0
    assert found.stdout == "Lanterns: 3 people, looked after by 1\n"
    assert found.stderr.splitlines() == [
        "members.csv, line 7: has the role “boss”; roles are member, manager and both, and on-call, mentor and support "
        "for members",
        "members.csv, line 8: has no team",
        "Beacons: Name at least one manager: somebody has to look after the team’s balance.",
    ]


async def test_the_same_file_twice_changes_nothing_and_a_changed_one_moves_people(
    run: CliRunner, database: Database, workspace_id: str
) -> None:
    await asyncio.to_thread(typed, run, workspace_id, FILE, "--dry-run")
    assert await standing(database, workspace_id) == {}
    for _ in range(2):
        await asyncio.to_thread(typed, run, workspace_id, FILE)
        assert await standing(database, workspace_id) == {
            "Lanterns": (("U0BEN",), {"U0ANA": "Billing", "U0BEN": None, "U0CY": "Billing"})
        }

    changed = "team,person,role\nLanterns,U0ANA,\nLanterns,U0MIA,manager\n"
    await asyncio.to_thread(typed, run, workspace_id, changed)
    assert await standing(database, workspace_id) == {"Lanterns": (("U0MIA",), {"U0ANA": None})}
    async with database.workspace(workspace_id) as db:
        refreshed = await db.scalar(
            text(
                "SELECT args -> 'user_ids' FROM procrastinate_jobs WHERE task_name = 'refresh_homes' "
                "AND args ->> 'workspace_id' = :workspace_id ORDER BY id DESC LIMIT 1"
            ),
            {"workspace_id": workspace_id},
        )
    assert refreshed == ["U0BEN", "U0CY", "U0MIA"]  # who left, and who looks after the team and did


def test_a_file_without_anything_usable_ends_with_two(run: CliRunner, workspace_id: str) -> None:
    nobody = typed(run, workspace_id, "team,person,role\nLanterns,who@example.com,both\n")
    assert nobody.exit_code == 2
    assert (
        nobody.stderr.splitlines()[0] == "Lanterns: nobody here is “who@example.com”; name them in --people"
    )
    wrong = typed(run, workspace_id, "crew,who\n")
    assert (wrong.exit_code, wrong.stderr) == (
        2,
        "members.csv: the first line has no column person and no column team; it has crew, who\n",
    )


async def test_a_file_for_analyze_comes_in_as_it_holds_today(
    run: CliRunner, database: Database, workspace_id: str
) -> None:
    content = (
        "person,team,role,joined,left,group\n"
        "U0ANA,Lanterns,On-Call,2024-01-08,,Billing\n"
        "ben@example.com,Lanterns,both,,,\n"
        "U0CY,Lanterns,,,2025-01-06,Billing\n"
        "U0MIA,Lanterns,mentor,2190-01-04,,\n"
        "U0ZED,Lanterns,,2190-01-04,2025-01-06,\n"
    )
    refused = "members.csv, line 6: says that U0ZED left on 2025-01-06, before joining on 2190-01-04"
    found = await asyncio.to_thread(typed, run, workspace_id, content)

    assert (found.exit_code, found.stderr) == (0, f"{refused}\n")
    assert await standing(database, workspace_id) == {
        "Lanterns": (("U0BEN",), {"U0ANA": "Billing", "U0BEN": None})
    }
    assert (await asyncio.to_thread(analyzed, run)).stderr.splitlines()[0] == refused


def analyzed(run: CliRunner) -> Result:
    Path("gestures.csv").write_text("timestamp,giver,receiver\n2026-03-04,U0ANA,U0CY\n")
    return run.invoke(cli, ("analyze", "gestures.csv", "--members", "members.csv"))
