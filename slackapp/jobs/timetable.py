"""When jobs are due. APScheduler only says when: each entry defers a job, and two clocks defer it once.

To add one, write a line in TIMETABLE.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from procrastinate import App

from slackapp.jobs.shell import Shell
from slackapp.store.queue import (
    Job,
    defer,
    deliver_digests,
    expire_offers,
    find_patterns,
    look_after_asks,
    remove_old,
    remove_pictures,
    sync_directory,
    sync_teams,
)


@dataclass(frozen=True, slots=True)
class Entry:
    cron: dict[str, str]  # APScheduler's fields, in UTC
    job: Callable[[str], Job]  # made for each workspace
    gone: bool = False  # also for those that had the app, until the grace is over


TIMETABLE = (
    Entry({"hour": "3", "minute": "17"}, sync_directory),
    Entry({"hour": "3", "minute": "47"}, sync_teams),
    Entry({"hour": "4", "minute": "7"}, expire_offers),
    Entry({"hour": "4", "minute": "22"}, look_after_asks),
    Entry({"hour": "4", "minute": "37"}, remove_old, gone=True),
    Entry({"hour": "4", "minute": "52"}, remove_pictures),
    Entry({"minute": "*/10"}, deliver_digests),
    Entry({"minute": "5-59/10"}, find_patterns),
)
JUMP = timedelta(minutes=1)


def clock(queue: App, shell: Shell) -> AsyncIOScheduler:
    scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": 3600})
    for entry in TIMETABLE:
        scheduler.add_job(tick, "cron", args=(shell, entry), **entry.cron)
    scheduler.add_job(_keep_house, "interval", minutes=1, args=(queue,))
    scheduler.add_job(_Jumps(shell).look, "interval", seconds=1)
    return scheduler


class _Jumps:
    """A machine that slept, or a sandbox whose time was moved on: whatever fell due meanwhile is asked for at once."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._seen, self._steady = shell.now(), time.monotonic()

    async def look(self) -> None:
        now, steady = self._shell.now(), time.monotonic()
        jumped = (now - self._seen) - timedelta(seconds=steady - self._steady) > JUMP
        self._seen, self._steady = now, steady
        if jumped:
            for entry in TIMETABLE:
                await tick(self._shell, entry)


async def tick(shell: Shell, entry: Entry) -> None:
    for workspace_id in await shell.database.workspace_ids(gone=entry.gone):
        job = entry.job(workspace_id)
        async with shell.database.workspace(workspace_id) as db:
            await defer(db, replace(job, queueing_lock=f"{job.task}:{workspace_id}"))


async def hand_over(queue: App, *, silent_for: float = 30) -> None:
    """Give the jobs of workers that have been silent for so many seconds to others."""
    for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent_for):
        await queue.job_manager.retry_job(job)


async def _keep_house(queue: App) -> None:
    """A job whose worker died is given to another; finished jobs are kept for a day, and failed ones for a month."""
    await hand_over(queue)
    await queue.job_manager.delete_old_jobs(nb_hours=24, include_failed=False)
    await queue.job_manager.delete_old_jobs(nb_hours=24 * 30, include_failed=True)
