"""Jobs are deferred in the transaction that makes them necessary: both happen, or neither.

A job is named by its task, so that whoever defers need not know who runs it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import procrastinate
from procrastinate.jobs import Job as QueuedJob
from procrastinate.manager import JobManager
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.store.database import driver

# Deferring on the caller's connection never opens this one.
_manager = JobManager(procrastinate.PsycopgConnector())


@dataclass(frozen=True, slots=True)
class Job:
    task: str
    args: dict[str, Any]  # ids only: notes and names never enter the queue
    lock: str | None = None  # no two jobs with the same lock run at once
    queueing_lock: str | None = None  # no two wait at once: the second raises AlreadyEnqueued
    at: datetime | None = None
    queue: str = field(default="default")


async def defer(db: AsyncConnection, *jobs: Job) -> None:
    """Put the jobs into the queue, all in one round trip."""
    if not jobs:
        return
    await _manager.batch_defer_jobs_async(
        [
            QueuedJob(
                id=None,
                queue=job.queue,
                lock=job.lock,
                queueing_lock=job.queueing_lock,
                task_name=job.task,
                task_kwargs=job.args,
                scheduled_at=job.at,
            )
            for job in jobs
        ],
        connection=driver(db),
    )
