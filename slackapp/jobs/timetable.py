"""When jobs are due. APScheduler only says when: each entry defers a job, and two clocks defer it once.

To add one, write a line in TIMETABLE.
"""

from collections.abc import Callable
from dataclasses import dataclass

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued

from slackapp.jobs.shell import Shell
from slackapp.store.queue import Job, expire_offers, sync_directory


@dataclass(frozen=True, slots=True)
class Entry:
    cron: dict[str, str]  # APScheduler's fields, in UTC
    job: Callable[[str], Job]  # made for each workspace


TIMETABLE = (
    Entry({"hour": "3", "minute": "17"}, sync_directory),
    Entry({"hour": "4", "minute": "7"}, expire_offers),
)


def clock(queue: App, shell: Shell) -> AsyncIOScheduler:
    scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": 3600})
    for entry in TIMETABLE:
        scheduler.add_job(_tick, "cron", args=(queue, shell, entry), **entry.cron)
    scheduler.add_job(_keep_house, "interval", minutes=1, args=(queue,))
    return scheduler


async def _tick(queue: App, shell: Shell, entry: Entry) -> None:
    for workspace_id in await shell.database.workspace_ids():
        job = entry.job(workspace_id)
        deferrer = queue.configure_task(
            job.task, queueing_lock=f"{job.task}:{workspace_id}", lock=job.lock, queue=job.queue
        )
        try:
            await deferrer.defer_async(**job.args)
        except AlreadyEnqueued:
            continue


async def _keep_house(queue: App) -> None:
    """A job whose worker died is given to another; finished jobs are kept for a day."""
    for job in await queue.job_manager.get_stalled_jobs():
        await queue.job_manager.retry_job(job)
    await queue.job_manager.delete_old_jobs(nb_hours=24, include_failed=False)
