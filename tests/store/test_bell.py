"""Workers hear of jobs when these are there to be found, and not once for each."""

import asyncio
from zoneinfo import ZoneInfo

import psycopg
import pytest

from slackapp.domain.gestures import Source, gestures_to
from slackapp.store import gestures, queue
from slackapp.store.bell import PAUSE, Bell
from slackapp.store.database import PATIENCE, Database, libpq_url, open_database
from slackapp.store.people import Known
from slackapp.store.statements import Asked, Connection
from tests.conftest import NOW, UTC_ZONE

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


async def test_what_is_recorded_at_once_wakes_workers_only_where_it_is_new(
    database_url: str, database: Database, workspace_id: str
) -> None:
    async def give(receiver: str) -> Known | None:
        acts = gestures_to(
            [receiver], giver="U0ANA", kind="kudos", source=Source("command:1"), at=NOW, tz=UTC_ZONE
        )
        return await gestures.record_at_once(
            database,
            workspace_id,
            acts,
            "command",
            timezone=ZoneInfo("Europe/Berlin"),
            then=[queue.announce(workspace_id, "command:1", "U0ANA", [receiver])],
        )

    async with await listening(database_url) as ear:
        assert await give("U0BEN")
        assert await heard(ear) == 1
        assert await give("U0BEN")
        assert await give("U0GONE") is None
        assert await heard(ear) == 0


async def test_it_rings_later_where_every_connection_is_busy_now(
    database_url: str, workspace_id: str
) -> None:
    database = open_database(database_url, connections=1)
    async with await listening(database_url) as ear:
        async with database.workspace(workspace_id):
            database.ring({"default"})
            await asyncio.sleep(PATIENCE + 0.3)

        assert await heard(ear) == 1
    await database.close()


async def test_a_ring_that_fails_is_no_failure_and_silences_no_later_one() -> None:
    rung: list[int] = []

    async def run(*rings: Asked) -> None:
        rung.append(len(rings))
        if len(rung) != 2:
            raise psycopg.OperationalError

    bell = Bell(run)
    for queues in ({"default"}, {"default", "digests"}, {"default"}):
        bell.ring(queues)
        await asyncio.sleep(PAUSE * 2)
    await bell.close()  # which would raise what nobody has caught

    assert rung == [1, 2, 1]
