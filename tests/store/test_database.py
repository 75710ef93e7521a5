"""Connections are lent one transaction at a time, and come back as clean as they went."""

import psycopg
import pytest

from slackapp.store.database import driver, open_database


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
