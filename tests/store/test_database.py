"""Connections are lent one transaction at a time, and come back as clean as they went."""

import asyncio

import psycopg
import pytest
from sqlalchemy import text

from slackapp.store import workspaces
from slackapp.store.database import Database, TooLateError, driver, open_database, with_the_commit
from slackapp.store.statements import Statement

RENAMED = Statement(text("UPDATE workspaces SET name = :name"))
RENAMED_AND_SAID = Statement(text("UPDATE workspaces SET name = :name RETURNING workspace_id, name"))
NAMES = Statement(text("SELECT workspace_id, name FROM workspaces"))

in_every_way_it_fails = pytest.mark.parametrize(
    ("seconds", "name", "error"),
    [
        (60, None, psycopg.errors.NotNullViolation),
        (1.9, None, psycopg.errors.NotNullViolation),
        (0, "Last", TooLateError),
    ],
    ids=["it fails", "it fails with little time", "it is too late"],
)


async def test_a_failed_statement_leaves_the_connection_fit_for_the_next(
    database_url: str, workspace_id: str
) -> None:
    # One connection, and only the driver's own words: what a capture does, and SQLAlchemy hears nothing of.
    database = open_database(database_url, connections=1)
    with pytest.raises(psycopg.errors.DivisionByZero):
        async with database.workspace(workspace_id) as db:
            await driver(db).execute("SELECT 1 / 0")
    async with database.workspace(workspace_id) as db:
        found = await (await driver(db).execute("SELECT count(*) FROM workspaces")).fetchone()
    await database.close()
    assert found == (1,)


async def test_what_was_rolled_back_is_not_committed_by_the_next(
    database_url: str, workspace_id: str
) -> None:
    database = open_database(database_url, connections=1)
    with pytest.raises(RuntimeError):
        async with database.workspace(workspace_id) as db:
            await driver(db).execute("UPDATE workspaces SET name = 'Never'")
            raise RuntimeError
    async with database.workspace(workspace_id) as db:
        found = await (await driver(db).execute("SELECT name FROM workspaces")).fetchone()
    await database.close()
    assert found == ("Acme",)


async def test_who_waits_longest_is_served_next(database_url: str, workspace_id: str) -> None:
    database = open_database(database_url, connections=1)
    served: list[str] = []

    async def use(name: str, times: int) -> None:
        for _ in range(times):
            async with database.workspace(workspace_id):
                served.append(name)

    # Whoever comes back at once, again and again, would always find the place free that another waits for.
    await asyncio.gather(use("eager", 3), use("patient", 1))
    await database.close()
    assert served == ["eager", "patient", "eager", "eager"]


async def test_nothing_is_written_for_somebody_who_has_been_shown_a_failure(
    database: Database, workspace_id: str
) -> None:
    with pytest.raises(TooLateError):
        async with database.within(0).workspace(workspace_id) as db:
            await driver(db).execute("UPDATE workspaces SET name = 'Late'")
    async with database.within(60).workspace(workspace_id) as db:
        await driver(db).execute("UPDATE workspaces SET timezone = 'UTC'")

    async with database.workspace(workspace_id) as db:
        found = await (await driver(db).execute("SELECT name, timezone FROM workspaces")).fetchone()
    assert found == ("Acme", "UTC")


@pytest.mark.parametrize("seconds", [60, 1.9], ids=["much time", "little time"])
async def test_what_travels_with_the_commit_is_committed(
    database: Database, workspace_id: str, seconds: float
) -> None:
    async with database.within(seconds).workspace(workspace_id) as db:
        with_the_commit(db, RENAMED.asked(name="Last"))
    async with database.workspace(workspace_id) as db:
        found = await (await driver(db).execute("SELECT name FROM workspaces")).fetchone()

    assert found == ("Last",)


@in_every_way_it_fails
async def test_what_travels_with_the_commit_takes_the_rest_down_with_it(
    database: Database, workspace_id: str, seconds: float, name: str | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        async with database.within(seconds).workspace(workspace_id) as db:
            await driver(db).execute("UPDATE workspaces SET timezone = 'UTC'")
            with_the_commit(db, RENAMED.asked(name=name))
    async with database.workspace(workspace_id) as db:
        found = await (await driver(db).execute("SELECT name, timezone FROM workspaces")).fetchone()

    assert found == ("Acme", "Europe/Berlin")


@pytest.mark.parametrize("seconds", [60, 1.9], ids=["much time", "little time"])
async def test_what_is_asked_at_once_is_committed_when_its_answer_is_there(
    database: Database, workspace_id: str, seconds: float
) -> None:
    said = await database.within(seconds).at_once(workspace_id, RENAMED_AND_SAID.asked(name="Now"))
    async with database.workspace(workspace_id) as db:
        found = await db.scalar(text("SELECT name FROM workspaces"))

    assert [row.name for row in said] == ["Now"]
    assert found == "Now"


@in_every_way_it_fails
async def test_what_is_asked_at_once_leaves_nothing_where_it_fails(
    database_url: str, workspace_id: str, seconds: float, name: str | None, error: type[Exception]
) -> None:
    database = open_database(database_url, connections=1)
    with pytest.raises(error):
        await database.within(seconds).at_once(workspace_id, RENAMED.asked(name=name))
    rows = await database.at_once(workspace_id, NAMES.asked())
    await database.close()

    assert [row.name for row in rows] == ["Acme"]


async def test_what_is_asked_at_once_sees_and_changes_its_own_workspace_only(
    database: Database, workspace_id: str
) -> None:
    other = f"{workspace_id}OTHER"
    async with database.workspace(other) as db:
        await workspaces.add(db, other, name="Other", timezone="UTC")
    changed = await database.at_once(other, RENAMED_AND_SAID.asked(name="Mine"))
    rows = await database.at_once(workspace_id, NAMES.asked())

    assert [row.workspace_id for row in changed] == [other]
    assert [(row.workspace_id, row.name) for row in rows] == [(workspace_id, "Acme")]


async def test_a_first_question_is_answered_inside_the_workspace(
    database: Database, workspace_id: str
) -> None:
    names = Statement(text("SELECT workspace_id, CAST(:said AS text) AS said FROM workspaces"))

    async with database.asking(workspace_id, names.asked(said="hello")) as (db, rows):
        again = await db.execute(text("SELECT workspace_id FROM workspaces"))

    assert [tuple(row) for row in rows] == [(workspace_id, "hello")]
    assert again.scalars().all() == [workspace_id]
