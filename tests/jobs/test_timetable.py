"""What becomes of jobs whose worker died."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace

import procrastinate
import pytest
from sqlalchemy import text

from slackapp.jobs.timetable import TIMETABLE, hand_over, tick
from slackapp.jobs.workers import make_queue
from slackapp.store import queue
from slackapp.store.database import Database


@pytest.fixture
async def jobs(database_url: str) -> AsyncIterator[procrastinate.App]:
    app = make_queue(database_url)
    async with app.open_async():
        yield app


async def states(database: Database, workspace_id: str) -> list[str]:
    async with database.engine.connect() as db:
        found = await db.execute(
            text("SELECT status FROM procrastinate_jobs WHERE args->>'workspace_id' = :id ORDER BY id"),
            {"id": workspace_id},
        )
        return list(found.scalars())


async def taken_by_a_worker_that_dies(jobs: procrastinate.App, database: Database, workspace_id: str) -> None:
    """The worker took the digests of this workspace, and was never heard of again."""
    async with database.workspace(workspace_id) as db:
        await queue.defer(db, queue.deliver_digests(workspace_id))
    async with database.engine.connect() as db, db.begin():
        await db.execute(text("BEGIN"))
        worker = await db.scalar(
            text(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
            )
        )
        await db.execute(
            text(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = :worker WHERE args->>'workspace_id' = :id"
            ),
            {"worker": worker, "id": workspace_id},
        )


async def test_a_dead_workers_job_is_given_to_another(
    jobs: procrastinate.App, database: Database, workspace_id: str
) -> None:
    await taken_by_a_worker_that_dies(jobs, database, workspace_id)
    assert await states(database, workspace_id) == ["doing"]

    await hand_over(jobs)
    assert await states(database, workspace_id) == ["todo"]


async def test_where_one_like_it_waits_already_only_that_one_is_left(
    jobs: procrastinate.App, database: Database, workspace_id: str
) -> None:
    await taken_by_a_worker_that_dies(jobs, database, workspace_id)
    async with database.workspace(workspace_id) as db:
        await queue.defer(db, queue.deliver_digests(workspace_id))
    assert await states(database, workspace_id) == ["doing", "todo"]

    for _ in range(2):
        await hand_over(jobs)
    assert await states(database, workspace_id) == ["todo"]


async def test_two_clocks_that_tick_together_ask_once(database: Database, workspace_id: str) -> None:
    entry = next(entry for entry in TIMETABLE if entry.job is queue.deliver_digests)
    shell = SimpleNamespace(database=database)
    await asyncio.gather(*(tick(shell, entry) for _ in range(6)))  # type: ignore[arg-type]

    assert await states(database, workspace_id) == ["todo"]
