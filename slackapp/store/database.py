"""One database, many workspaces: a transaction names its workspace first and sees no other.

The role must not be a superuser and must not bypass row-level security; `require_isolation` refuses otherwise.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from copy import copy
from typing import Any, Self

import psycopg
from sqlalchemy import ClauseElement, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from slackapp.store.bell import Bell
from slackapp.store.statements import Asked, Row, Statement, together

_BEGIN, _COMMIT, _ROLLBACK = (Statement(text(word)).asked() for word in ("BEGIN", "COMMIT", "ROLLBACK"))
_HERE = Statement(text("SELECT set_config('mutual.workspace_id', :workspace_id, true)"))
_DIRECTORY = Statement(text("SELECT set_config('mutual.directory', 'on', true)")).asked()
_WAKES, _LAST = "wakes", "last"

#: Slack waits 3 seconds for an answer. What takes longer fails before that, and leaves nothing behind.
PATIENCE = 2.5  # seconds, for all of it
LONGEST = 2.0  # for one statement


def _here(workspace_id: str) -> Asked:
    return _HERE.asked(workspace_id=workspace_id)


class NotIsolatedError(RuntimeError):
    """The database role sees every workspace, whatever the policies say."""


def driver_url(url: str) -> str:
    """Accept what platforms hand out (`postgres://…`) and name the driver."""
    scheme, _, rest = url.partition("://")
    if scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise ValueError("DATABASE_URL must begin with postgresql://")
    return f"postgresql+psycopg://{rest}"


def libpq_url(url: str) -> str:
    return driver_url(url).replace("postgresql+psycopg://", "postgresql://", 1)


class TooLateError(RuntimeError):
    """Whoever asked has been shown a failure by now, so nothing was written."""


class Database:
    """Lends connections for one transaction each. They stay open: opening SQLAlchemy's for every transaction would
    cost as much as the transaction."""

    def __init__(self, engine: AsyncEngine, *, connections: int) -> None:
        self.engine = engine
        self._free = asyncio.Semaphore(connections)  # fair: who waits longest is served next
        # The last one back is the next one out, so that few connections serve a quiet hour.
        self._idle: list[AsyncConnection] = []
        self._bell = Bell(self._run)
        self._deadline: float | None = None

    def within(self, seconds: float) -> Self:
        """The same, for somebody who is shown a failure by then: what would be committed later is rolled back."""
        hurried = copy(self)
        hurried._deadline = time.monotonic() + seconds
        return hurried

    @asynccontextmanager
    async def workspace(self, workspace_id: str) -> AsyncIterator[AsyncConnection]:
        """One transaction inside one workspace: commits at the end, rolls back on any exception."""
        async with self._transaction(_BEGIN, _here(workspace_id)) as (db, _):
            yield db

    @asynccontextmanager
    async def asking(
        self, workspace_id: str, question: Asked
    ) -> AsyncIterator[tuple[AsyncConnection, list[Row]]]:
        """The same, with the answer to a first question: it travels with the beginning, in one round trip."""
        async with self._transaction(_BEGIN, _here(workspace_id), question) as (db, (*_, answer)):
            yield db, answer

    async def at_once(self, workspace_id: str, asked: Asked) -> list[Row]:
        """One statement that is a transaction by itself, in one round trip. Cancelled, it may have been committed."""
        async with self._lent() as db:
            _, _, answer, *_ = await self._commit(db, _BEGIN, _here(workspace_id), asked)
            return answer

    def ring(self, queues: set[str]) -> None:
        """The workers of these queues look for jobs, which have been committed."""
        self._bell.ring(queues)

    @asynccontextmanager
    async def _transaction(self, *first: Asked) -> AsyncIterator[tuple[AsyncConnection, list[list[Row]]]]:
        async with self._lent() as db:
            yield db, await together(driver(db), *first)
            await self._commit(db, *db.info.pop(_LAST, ()))

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[AsyncConnection]:
        """A connection. What is open in it is rolled back on any exception."""
        await self._turn()
        try:
            db = await self._connection()
            try:
                yield db
            except BaseException:
                if await self._rolled_back(db):
                    self._idle.append(db)
                else:
                    await self._close_idle()  # which were probably lost with it
                raise
            if queues := db.info.pop(_WAKES, None):
                self.ring(queues)
            self._idle.append(db)
        finally:
            # Whatever happened on the way, a cancelled request among it, the place in the queue comes back.
            self._free.release()

    async def _run(self, *asked: Asked) -> None:
        async with self._lent() as db:
            await together(driver(db), *asked)

    async def _commit(self, db: AsyncConnection, *last: Asked) -> list[list[Row]]:
        """What the last statements answer; they travel with the commit."""
        answers: list[list[Row]] = []
        if self._deadline is not None and time.monotonic() + LONGEST > self._deadline:
            # The last statement may wait for as long as it may, so the time is looked at once more after it.
            answers = await together(driver(db), *last)
            if time.monotonic() > self._deadline:
                raise TooLateError
            last = ()
        return [*answers, *await together(driver(db), *last, _COMMIT)]

    async def _turn(self) -> None:
        if self._free.locked():
            async with asyncio.timeout(PATIENCE):
                await self._free.acquire()
        else:
            await self._free.acquire()

    async def _connection(self) -> AsyncConnection:
        return self._idle.pop() if self._idle else await self.engine.connect()

    async def _rolled_back(self, db: AsyncConnection) -> bool:
        """Whether the connection is fit for somebody else."""
        try:
            if not driver(db).closed:
                db.info.clear()
                # Not the driver's own rollback, which has everything that was prepared forgotten.
                await together(driver(db), _ROLLBACK)
                await db.rollback()  # what SQLAlchemy began itself
                return True
        except Exception:  # noqa: S110 - whatever went wrong before is the error that matters
            pass
        await _close(db)
        return False

    async def _close_idle(self) -> None:
        while self._idle:
            await _close(self._idle.pop())
        await self.engine.dispose()

    async def workspace_ids(
        self, *, organisations: bool = False, of: str | None = None, gone: bool = False
    ) -> Sequence[str]:
        """Every workspace that has the app, for the clock and for `doctor`; `of`: those of one organisation.
        `gone`: also those that had it, and are kept until the grace is over.

        Organisations hold an installation for their workspaces and nothing else; only keys are turned there.
        """
        async with self._transaction(_BEGIN, _DIRECTORY) as (db, _):
            found = await db.execute(
                text(
                    "SELECT workspace_id FROM workspaces WHERE (:gone OR uninstalled_at IS NULL) "
                    "AND (:organisations OR NOT is_organisation) "
                    "AND (CAST(:of AS text) IS NULL OR enterprise_id = :of) ORDER BY workspace_id"
                ),
                {"organisations": organisations, "of": of, "gone": gone},
            )
            return found.scalars().all()

    async def require_isolation(self) -> None:
        async with self.engine.connect() as db:
            role = (
                await db.execute(
                    text(
                        "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
                    )
                )
            ).one()
        if role[1]:
            raise NotIsolatedError(
                f"The database role “{role[0]}” is a superuser or bypasses row-level security, so nothing would keep "
                "workspaces apart. Make a plain role that owns the database and put it in DATABASE_URL: "
                "CREATE ROLE mutual LOGIN PASSWORD '…'; CREATE DATABASE mutual OWNER mutual;"
            )

    async def close(self) -> None:
        await self._bell.close()
        await self._close_idle()


async def _close(db: AsyncConnection) -> None:
    with suppress(Exception):
        await db.invalidate()
        await db.close()


def driver(db: AsyncConnection) -> "psycopg.AsyncConnection[Any]":
    """The psycopg connection under a transaction, for statements that do not go through SQLAlchemy."""
    sync = db.sync_connection
    assert sync is not None
    connection: psycopg.AsyncConnection[Any] = sync.connection.driver_connection  # type: ignore[assignment]
    return connection


def with_the_commit(db: AsyncConnection, asked: Asked) -> None:
    """Send this together with the commit: nothing follows in this transaction, and nobody reads the answer."""
    db.info[_LAST] = (asked,)


def wake(db: AsyncConnection, queue: str) -> None:
    """Once this transaction has committed, the workers of this queue look for jobs."""
    db.info.setdefault(_WAKES, set()).add(queue)


async def plan_for_many_rows(db: AsyncConnection) -> None:
    """For the rest of the transaction: a statement over many rows deserves a plan made for its own values, and room."""
    await driver(db).execute("SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL work_mem = '128MB'")


def in_drivers_words(statement: ClauseElement) -> str:
    """A statement whose values are all bound by name, ready for a cursor of the driver's own."""
    return str(statement.compile(dialect=PGDialect_psycopg()))  # type: ignore[no-untyped-call]


def open_database(url: str, *, connections: int = 10, answers_slack: bool = False) -> Database:
    """Connects lazily: the first transaction opens the first connection. `answers_slack`: nothing waits for long."""
    # Row-level security makes planning dearer than running; the same few plans serve every workspace.
    options = ["plan_cache_mode=force_generic_plan"]
    if answers_slack:
        options.append(f"statement_timeout={LONGEST}s")  # waiting for a lock is part of it
    engine = create_async_engine(
        driver_url(url),
        isolation_level="AUTOCOMMIT",
        poolclass=AsyncAdaptedQueuePool,
        pool_size=connections + 2,  # two for what is asked outside a workspace: health, `doctor`
        max_overflow=0,
        pool_timeout=PATIENCE,
        hide_parameters=True,  # an error must not quote the note that could not be stored
        connect_args={
            "connect_timeout": 3,
            "application_name": "mutual",
            "options": " ".join(f"-c {option}" for option in options),
        },
    )
    return Database(engine, connections=connections)
