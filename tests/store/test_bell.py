"""Workers hear of jobs when these are there to be found, and not once for each."""

import psycopg
import pytest

from slackapp.store import queue
from slackapp.store.database import Database, libpq_url
from slackapp.store.statements import Connection

BURST = 30


async def listening(database_url: str) -> Connection:
    ear = await psycopg.AsyncConnection.connect(libpq_url(database_url), autocommit=True)
    await ear.execute('LISTEN "procrastinate_queue_v1#default"')
    return ear


async def heard(ear: Connection) -> int:
    """How often the bell rang until nothing more comes for a moment."""
    return len([said async for said in ear.notifies(timeout=1)])


async def test_the_bell_rings_once_for_many(database_url: str, database: Database, workspace_id: str) -> None:
    async with await listening(database_url) as ear:
        for number in range(BURST):
            async with database.workspace(workspace_id) as db:
                await queue.defer(db, queue.refresh_homes(workspace_id, [f"U{number}"]))

        assert 1 <= await heard(ear) < BURST


async def test_who_hears_it_finds_the_job(database_url: str, database: Database, workspace_id: str) -> None:
    async with await listening(database_url) as ear:
        async with database.workspace(workspace_id) as db:
            await queue.defer(db, queue.refresh_homes(workspace_id, ["U0ANA"]))

        assert [said async for said in ear.notifies(timeout=5, stop_after=1)]
        waiting = await ear.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE args->>'workspace_id' = %s", [workspace_id]
        )
        assert await waiting.fetchone() == (1,)


async def test_what_is_rolled_back_wakes_nobody(
    database_url: str, database: Database, workspace_id: str
) -> None:
    async with await listening(database_url) as ear:
        with pytest.raises(RuntimeError):
            async with database.workspace(workspace_id) as db:
                await queue.defer(db, queue.refresh_homes(workspace_id, ["U0ANA"]))
                raise RuntimeError
        async with database.workspace(workspace_id):
            pass

        assert await heard(ear) == 0
