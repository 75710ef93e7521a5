"""The queue, and who works for it. A new kind of job is a file here and a name in JOBS."""

import asyncio

import procrastinate
import structlog

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


def make_queue(database_url: str) -> procrastinate.App:
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=libpq_url(database_url), min_size=1, max_size=6)
    )
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
