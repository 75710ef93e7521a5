"""How a job ended is written down, also where the database was away for a while."""

from dataclasses import replace
from datetime import timedelta

import pytest
from procrastinate.exceptions import ConnectorException, UniqueViolation
from sqlalchemy import text

from slackapp.jobs.workers import PatientManager, make_queue, until_written
from slackapp.store import queue
from tests.world import World


class Write:
    """One that fails as often as it is told."""

    def __init__(self, *failures: Exception) -> None:
        self.failures, self.tries = list(failures), 0

    async def __call__(self) -> None:
        self.tries += 1
        if self.failures:
            raise self.failures.pop(0)


async def test_the_queue_is_patient(database_url: str) -> None:
    assert isinstance(make_queue(database_url).job_manager, PatientManager)


async def test_a_job_that_fails_while_another_waits_to_do_the_same_leaves_it_to_that_one(
    world: World, database_url: str
) -> None:
    job = queue.keep_open_asks(world.id, "C0NOWHERE")
    async with make_queue(database_url).open_async() as jobs:
        async with world.database.workspace(world.id) as db:
            # By hand and in the future, so that no worker takes it.
            for status in ("doing", "todo"):
                await queue.defer(db, replace(job, at=world.now() + timedelta(days=9000)))
                await db.execute(
                    text(
                        "UPDATE procrastinate_jobs SET status = CAST(:status AS procrastinate_job_status) "
                        "WHERE lock = :lock AND status = 'todo'"
                    ),
                    {"status": status, "lock": job.lock},
                )
        first, second = await jobs.job_manager.list_jobs_async(lock=job.lock)
        assert (first.status, second.status) == ("doing", "todo")

        await jobs.job_manager.retry_job(first)

        assert [each.status for each in await jobs.job_manager.list_jobs_async(lock=job.lock)] == ["todo"]


async def test_an_end_is_written_once_the_database_is_back() -> None:
    write = Write(ConnectorException(), ConnectorException())
    await until_written(write, waits=(0, 0, 0))
    assert write.tries == 3


async def test_a_database_that_stays_away_is_not_waited_for_for_ever() -> None:
    write = Write(*(ConnectorException() for _ in range(9)))
    with pytest.raises(ConnectorException):
        await until_written(write, waits=(0, 0, 0))
    assert write.tries == 4


async def test_what_the_database_refuses_is_not_tried_again() -> None:
    refused = UniqueViolation(constraint_name="one_waits_already", queueing_lock=None)
    write = Write(refused)
    with pytest.raises(UniqueViolation):
        await until_written(write, waits=(0, 0, 0))
    assert write.tries == 1
