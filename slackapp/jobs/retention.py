"""Nothing is kept longer than people were told."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from procrastinate import Blueprint, JobContext, RetryStrategy
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.jobs.shell import Shell, shell_of
from slackapp.store import queue, retention, workspaces

tasks = Blueprint()
log = structlog.get_logger("slackapp.retention")


@tasks.task(name="remove_old", pass_context=True, retry=RetryStrategy(max_attempts=4, exponential_wait=5))
async def remove_old(context: JobContext, *, workspace_id: str) -> None:
    """Each batch is its own transaction: a crash leaves the rest to the next run."""
    shell = shell_of(context)
    now, kept = shell.now(), shell.retention
    oldest = now - timedelta(days=kept.gestures)
    notes = await _batches(shell, workspace_id, retention.remove_notes, now - timedelta(days=kept.notes))
    words = await _batches(shell, workspace_id, retention.remove_words, now - timedelta(days=kept.notes))
    gestures = await _batches(shell, workspace_id, retention.remove_gestures, oldest)
    await _batches(shell, workspace_id, retention.remove_traces, oldest)
    if notes or words or gestures:
        log.info(
            "removed_old",
            workspace=workspace_id,
            action="remove_old",
            notes=notes,
            words=words,
            gestures=gestures,
        )


async def _batches(
    shell: Shell,
    workspace_id: str,
    remove: Callable[[AsyncConnection, str, datetime], Awaitable[int]],
    before: datetime,
) -> int:
    total = 0
    while True:
        async with shell.database.workspace(workspace_id) as db:
            removed = await remove(db, workspace_id, before)
        total += removed
        if not removed:
            return total


@tasks.task(name="part_all", pass_context=True, retry=RetryStrategy(max_attempts=20, exponential_wait=2))
async def part_all(context: JobContext, *, workspace_id: str, at: str) -> None:
    """Each workspace is its own transaction, and one that has parted is not found again."""
    shell = shell_of(context)
    for member in await shell.database.workspace_ids(of=workspace_id):
        async with shell.database.workspace(member) as db:
            if await workspaces.part(db, member, workspace_id, datetime.fromisoformat(at)):
                grace = timedelta(days=shell.retention.grace)
                await queue.defer(db, queue.purge(member, shell.now() + grace))


@tasks.task(name="purge", pass_context=True, retry=RetryStrategy(max_attempts=20, exponential_wait=2))
async def purge(context: JobContext, *, workspace_id: str) -> None:
    """A workspace that came back, or left again since, keeps what it has. Each batch is its own transaction."""
    shell = shell_of(context)
    left_by = shell.now() - timedelta(days=shell.retention.grace)
    more = True
    while more:
        async with shell.database.workspace(workspace_id) as db:
            if not await retention.uninstalled_before(db, workspace_id, left_by):
                return
            more = await retention.purge(db, workspace_id)
    log.info("purged", workspace=workspace_id, action="purge")
