"""The queue, and who works for it. A new kind of job is a file here and a name in JOBS."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import procrastinate
import structlog
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from slackapp.jobs import (
    announcements,
    asks,
    digests,
    directory,
    homes,
    mutual,
    offers,
    patterns,
    pictures,
    privacy,
    retention,
    teams,
)
from slackapp.jobs.shell import Shell
from slackapp.logs import about
from slackapp.store import queue
from slackapp.store.database import libpq_url

log = structlog.get_logger("slackapp")

JOBS = (
    announcements,
    asks,
    offers,
    mutual,
    homes,
    directory,
    teams,
    digests,
    pictures,
    patterns,
    privacy,
    retention,
)

#: Seconds between tries to write down how a job ended: a database that is started again is back within a minute.
WAITS = (0.2, 1, 2, 4, 8, 15, 30)


#: Jobs that are gone as soon as they have ended, however they ended.
NOT_KEPT = {queue.TAKE_DOWN_ASKS}


class PatientManager(JobManager):
    """A job's end is written down as soon as the database is there again.

    Otherwise it would be taken for running, and its lock held, for as long as the process lives that has run it.
    """

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        # Others are kept for a while; the arguments of these lead to messages that say who was erased.
        delete_job = delete_job or job.task_name in NOT_KEPT
        await until_written(lambda: super(PatientManager, self).finish_job(job, status, delete_job))

    async def retry_job(self, job: Job, *args: Any, **named: Any) -> None:
        """Where another that does the same waits already, that one will do: this one is over, and holds no lock."""
        try:
            await until_written(lambda: super(PatientManager, self).retry_job(job, *args, **named))
        except UniqueViolation:
            await self.finish_job(job, Status.ABORTED, delete_job=True)


async def until_written(write: Callable[[], Awaitable[None]], waits: Sequence[float] = WAITS) -> None:
    """Raises what the last try raised: then the process has to end before others take the job over."""
    for seconds in waits:
        try:
            return await write()
        except UniqueViolation:
            raise  # the database is there, and says no
        except ConnectorException as error:
            log.warning("job_end_not_written", **about(error))
            await asyncio.sleep(seconds)
    return await write()


def make_queue(database_url: str) -> procrastinate.App:
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=libpq_url(database_url), min_size=1, max_size=6)
    )
    app.job_manager = PatientManager(app.connector)
    for module in JOBS:
        app.add_tasks_from(module.tasks, namespace="")
    return app


async def keep_working(jobs: procrastinate.App, shell: Shell, queue_name: str, concurrency: int) -> None:
    """A worker ends with the first question the database does not answer; the next one takes its place."""
    while True:
        try:
            await jobs.run_worker_async(
                queues=[queue_name],
                concurrency=concurrency,
                # A job that waited for another's lock is announced by nobody when the lock is free.
                fetch_job_polling_interval=1.0,
                install_signal_handlers=False,
                additional_context={"shell": shell},
                shutdown_graceful_timeout=20,
            )
        except Exception as error:
            log.error("worker_ended", queue=queue_name, **about(error))
        await asyncio.sleep(1)
