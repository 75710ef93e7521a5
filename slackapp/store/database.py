"""One database, many workspaces: a transaction names its workspace first and sees no other.

The role must not be a superuser and must not bypass row-level security; `require_isolation` refuses otherwise.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import ClauseElement, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

_BEGIN_DIRECTORY = sql.SQL("BEGIN; SELECT set_config('mutual.directory', 'on', true)")
_BEGIN = sql.SQL("BEGIN; SELECT set_config('mutual.workspace_id', {}, true)")


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


class Database:
    """Lends connections for one transaction each. They stay open: opening SQLAlchemy's for every transaction would
    cost as much as the transaction."""

    def __init__(self, engine: AsyncEngine, *, connections: int) -> None:
        self.engine = engine
        # The last one back is the next one out, so that few connections serve a quiet hour. None: not opened yet.
        self._idle: asyncio.LifoQueue[AsyncConnection | None] = asyncio.LifoQueue()
        for _ in range(connections):
            self._idle.put_nowait(None)

    def workspace(self, workspace_id: str) -> AbstractAsyncContextManager[AsyncConnection]:
        """One transaction inside one workspace: commits at the end, rolls back on any exception."""
        return self._transaction(_BEGIN.format(workspace_id))

    @asynccontextmanager
    async def _transaction(self, begin: sql.Composed | sql.SQL) -> AsyncIterator[AsyncConnection]:
        db = await self._borrow()
        try:
            # The driver is in autocommit mode and BEGIN travels with the setting: one round trip instead of two.
            await driver(db).execute(begin, prepare=False)
            yield db
            await driver(db).commit()
        except BaseException:
            # Whatever happens on the way, a cancelled request among it, the place in the queue comes back.
            fit: AsyncConnection | None = None
            try:
                fit = await self._rolled_back(db)
            finally:
                self._idle.put_nowait(fit)
            raise
        self._idle.put_nowait(db)

    async def _borrow(self) -> AsyncConnection:
        try:
            db = self._idle.get_nowait()
        except asyncio.QueueEmpty:
            # Slack waits 3 s: better an honest failure, which it retries, than silence.
            async with asyncio.timeout(2.5):
                db = await self._idle.get()
        if db is not None and not driver(db).closed:
            return db
        try:
            if db is not None:
                await db.invalidate()
                await db.close()
            return await self.engine.connect()
        except BaseException:
            self._idle.put_nowait(None)
            raise

    async def _rolled_back(self, db: AsyncConnection) -> AsyncConnection | None:
        """The connection, fit for somebody else; None when it is lost."""
        try:
            if not driver(db).closed:
                # SQLAlchemy rolls back only what it began itself, and the driver began this.
                await driver(db).rollback()
                await db.rollback()
                return db
        except Exception:  # noqa: S110 - whatever went wrong before is the error that matters
            pass
        with suppress(Exception):
            await db.invalidate()
            await db.close()
        return None

    async def workspace_ids(self, *, organisations: bool = False) -> Sequence[str]:
        """Every workspace that has the app, for the clock and for `doctor`. Names and ids only.

        Organisations hold an installation for their workspaces and nothing else; only keys are turned there.
        """
        async with self._transaction(_BEGIN_DIRECTORY) as db:
            found = await db.execute(
                text(
                    "SELECT workspace_id FROM workspaces WHERE uninstalled_at IS NULL "
                    "AND (:organisations OR NOT is_organisation) ORDER BY workspace_id"
                ),
                {"organisations": organisations},
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
        while not self._idle.empty():
            if (db := self._idle.get_nowait()) is not None:
                await db.close()
        await self.engine.dispose()


def driver(db: AsyncConnection) -> "psycopg.AsyncConnection[Any]":
    """The psycopg connection under a transaction, for the queue and for what each capture runs."""
    sync = db.sync_connection
    assert sync is not None
    connection: psycopg.AsyncConnection[Any] = sync.connection.driver_connection  # type: ignore[assignment]
    return connection


async def plan_for_many_rows(db: AsyncConnection) -> None:
    """For the rest of the transaction: a statement over many rows deserves a plan made for its own values, and room."""
    await driver(db).execute("SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL work_mem = '128MB'")


def in_drivers_words(statement: ClauseElement) -> str:
    """A statement whose values are all bound by name, ready for `driver(db).execute`.

    The few statements that every capture runs skip SQLAlchemy's execution, which costs as much again as they do.
    """
    return str(statement.compile(dialect=PGDialect_psycopg()))  # type: ignore[no-untyped-call]


def open_database(url: str, *, connections: int = 10) -> Database:
    """Connects lazily: the first transaction opens the first connection."""
    engine = create_async_engine(
        driver_url(url),
        isolation_level="AUTOCOMMIT",
        poolclass=AsyncAdaptedQueuePool,
        pool_size=connections + 2,  # two for what is asked outside a workspace: health, `doctor`
        max_overflow=0,
        pool_timeout=2.5,
        hide_parameters=True,  # an error must not quote the note that could not be stored
        connect_args={
            "connect_timeout": 3,
            "application_name": "mutual",
            # Row-level security makes planning dearer than running; the same few plans serve every workspace.
            "options": "-c plan_cache_mode=force_generic_plan",
        },
    )
    return Database(engine, connections=connections)
