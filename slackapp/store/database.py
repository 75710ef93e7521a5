"""One database, many workspaces: a transaction names its workspace first and sees no other.

The role must not be a superuser and must not bypass row-level security; `require_isolation` refuses otherwise.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import ClauseElement, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

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


@dataclass(frozen=True, slots=True)
class Database:
    engine: AsyncEngine

    @asynccontextmanager
    async def workspace(self, workspace_id: str) -> AsyncIterator[AsyncConnection]:
        """One transaction inside one workspace: commits at the end, rolls back on any exception."""
        # The driver is in autocommit mode and BEGIN travels with the setting: one round trip instead of two.
        async with self.engine.connect() as db, db.begin():
            await _driver(await db.get_raw_connection()).execute(_BEGIN.format(workspace_id), prepare=False)
            yield db

    async def workspace_ids(self) -> Sequence[str]:
        """Every workspace that has the app, for the clock and for `doctor`. Names and ids only."""
        async with self.engine.connect() as db, db.begin():
            await _driver(await db.get_raw_connection()).execute(
                "BEGIN; SELECT set_config('mutual.directory', 'on', true)", prepare=False
            )
            found = await db.execute(
                text("SELECT workspace_id FROM workspaces WHERE uninstalled_at IS NULL ORDER BY workspace_id")
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
        await self.engine.dispose()


def driver(db: AsyncConnection) -> "psycopg.AsyncConnection[Any]":
    """The psycopg connection under a transaction, for the queue and for what each capture runs."""
    sync = db.sync_connection
    assert sync is not None
    connection: psycopg.AsyncConnection[Any] = sync.connection.driver_connection  # type: ignore[assignment]
    return connection


def in_drivers_words(statement: ClauseElement) -> str:
    """A statement whose values are all bound by name, ready for `driver(db).execute`.

    The few statements that every capture runs skip SQLAlchemy's execution, which costs as much again as they do.
    """
    return str(statement.compile(dialect=PGDialect_psycopg()))  # type: ignore[no-untyped-call]


def _driver(raw: Any) -> "psycopg.AsyncConnection[Any]":
    connection: psycopg.AsyncConnection[Any] = raw.driver_connection
    return connection


def open_database(url: str, *, pool_size: int = 10) -> Database:
    """Connect lazily: the first transaction opens the first connection."""
    return Database(
        create_async_engine(
            driver_url(url),
            isolation_level="AUTOCOMMIT",
            poolclass=AsyncAdaptedQueuePool,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=2.5,  # Slack waits 3 s: better an honest failure, which it retries, than silence
            pool_recycle=1800,
            hide_parameters=True,  # an error must not quote the note that could not be stored
            connect_args={"connect_timeout": 3, "application_name": "mutual"},
        )
    )
