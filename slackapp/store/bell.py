"""Workers are woken after a transaction has put jobs into the queue: at once, and then once for many.

Not by NOTIFY inside the transaction: PostgreSQL commits such transactions one at a time, each with its own wait for the
disk. A bell that nobody hears costs a second, for so often a worker looks by itself.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from slackapp.store.statements import Statement

PAUSE = 0.05  # seconds between two rings

_RING = Statement(text("SELECT pg_notify('procrastinate_queue_v1#' || CAST(:queue AS text), :said)"))
_SAID = json.dumps({"type": "job_inserted", "job_id": 0})  # the worker asks which job, not us


class Bell:
    """`run` executes statements of no workspace."""

    def __init__(self, run: Callable[..., Awaitable[None]]) -> None:
        self._run = run
        self._queues: set[str] = set()
        self._ringing: asyncio.Task[None] | None = None

    def ring(self, queues: set[str]) -> None:
        self._queues |= queues
        if self._ringing is None or self._ringing.done():
            self._ringing = asyncio.create_task(self._ring())

    async def _ring(self) -> None:
        while self._queues:
            queues, self._queues = self._queues, set()
            try:
                await self._run(*(_RING.asked(queue=queue, said=_SAID) for queue in queues))
            except TimeoutError:  # all connections are busy
                self._queues |= queues
            except (SQLAlchemyError, psycopg.Error, OSError):
                pass  # workers look by themselves
            await asyncio.sleep(PAUSE)

    async def close(self) -> None:
        if self._ringing is not None:
            self._ringing.cancel()
            with suppress(asyncio.CancelledError):
                await self._ringing
