"""How the installation is, across workspaces: counts, and ids of messages that nobody knows the fate of."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import text

from slackapp.domain.deliveries import UNRESOLVED_MINUTES
from slackapp.domain.health import Health, Told, Unresolved, Waiting
from slackapp.store.database import Database

LOOKED_BACK = timedelta(days=7)
KEPT = timedelta(minutes=5)

_QUEUE = text(
    "SELECT queue_name, status, count(*) AS jobs FROM procrastinate_jobs GROUP BY 1, 2 ORDER BY 1, 2"
)
_LONGEST_WAIT = text("""
    SELECT coalesce(extract(epoch FROM max(now() - greatest(scheduled_at, put_at))), 0)
    FROM procrastinate_jobs WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
""")
# A worker that is alive says so every few seconds.
_STALLED = text("""
    SELECT count(*) FROM procrastinate_jobs AS job LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
    WHERE job.status = 'doing' AND (worker.id IS NULL OR worker.last_heartbeat < now() - interval '30 seconds')
""")
_TOLD = text("""
    SELECT kind, split_part(outcome, ':', 1) AS outcome, count(*) AS messages FROM deliveries
    WHERE outcome IS NOT NULL AND claimed_at >= :since GROUP BY 1, 2
""")
_UNRESOLVED = text("""
    SELECT workspace_id, recipient, kind, period, claimed_at FROM deliveries
    WHERE outcome IS NULL AND claimed_at >= :since AND claimed_at < :before ORDER BY claimed_at
""")


async def read(database: Database, now: datetime, real_now: datetime) -> Health:
    """`now` is the app's clock, which the sandbox may move; `real_now` is this machine's."""
    found = await _jobs(database, real_now)
    return _with(found, await _messages(database, now))


class Watch:
    """For whoever asks every few seconds: messages, for which each workspace is looked into, are some minutes old."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looking = asyncio.Lock()  # who asks meanwhile waits for the same answer
        self._found: _Messages | None = None

    async def read(self, now: datetime, real_now: datetime) -> Health:
        found = await _jobs(self._database, real_now)
        async with self._looking:
            if self._found is None or now - self._found.at >= KEPT:
                self._found = await _messages(self._database, now)
        return _with(found, self._found)


@dataclass(frozen=True, slots=True)
class _Messages:
    at: datetime
    workspaces: int
    told: tuple[Told, ...]
    unresolved: tuple[Unresolved, ...]


def _with(found: Health, messages: _Messages) -> Health:
    return replace(found, workspaces=messages.workspaces, told=messages.told, unresolved=messages.unresolved)


async def _jobs(database: Database, real_now: datetime) -> Health:
    """Of messages nothing yet. First, since the clocks are compared with a moment that is passing."""
    async with database.engine.connect() as db:
        queue = [Waiting(*row) for row in await db.execute(_QUEUE)]
        longest = float(await db.scalar(_LONGEST_WAIT) or 0)
        stalled = int(await db.scalar(_STALLED) or 0)
        theirs: datetime = (await db.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return Health(
        workspaces=0,
        queue=tuple(queue),
        longest_wait=longest,
        stalled=stalled,
        told=(),
        unresolved=(),
        skew=(theirs - real_now).total_seconds(),
    )


async def _messages(database: Database, now: datetime) -> _Messages:
    ids = await database.workspace_ids()
    told: dict[tuple[str, str], int] = {}
    unresolved: list[Unresolved] = []
    since, before = now - LOOKED_BACK, now - timedelta(minutes=UNRESOLVED_MINUTES)
    for workspace_id in ids:
        async with database.workspace(workspace_id) as db:
            for row in await db.execute(_TOLD, {"since": since}):
                told[row.kind, row.outcome] = told.get((row.kind, row.outcome), 0) + row.messages
            lost = await db.execute(_UNRESOLVED, {"since": since, "before": before})
            unresolved += [Unresolved(*row) for row in lost]
    return _Messages(
        now,
        len(ids),
        tuple(Told(kind, outcome, messages) for (kind, outcome), messages in sorted(told.items())),
        tuple(unresolved),
    )
