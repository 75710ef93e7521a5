"""Workspaces are kept apart by the database itself."""

import asyncio
import os

import pytest
from psycopg.errors import ForeignKeyViolation
from sqlalchemy import MetaData, create_engine, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.store import gestures, people, workspaces
from slackapp.store.database import Database, NotIsolatedError, driver_url, open_database
from slackapp.store.migrations import check
from slackapp.store.tables import OURS
from tests.conftest import CAST, NOW, UTC_ZONE
from tests.servers import another_database

#: Tables without a workspace, each with its reason.
GLOBAL = {
    "alembic_version": "one schema for all",
    "procrastinate_jobs": "the queue serves all workspaces; arguments hold ids only",
    "procrastinate_events": "the queue's own history",
    "procrastinate_periodic_defers": "the queue's own",
    "procrastinate_workers": "which worker processes are alive",
}


async def catalogue(database: Database, query: str) -> list[tuple[object, ...]]:
    async with database.engine.connect() as db:
        return [tuple(row) for row in await db.execute(text(query))]


async def test_every_table_of_ours_has_row_level_security_enabled_and_forced(database: Database) -> None:
    tables = await catalogue(
        database,
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class "
        "WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace",
    )

    unsafe = {name for name, enabled, forced in tables if not (enabled and forced)}
    assert unsafe - set(GLOBAL) == set()
    assert {table.name for table in OURS} <= {name for name, _, _ in tables}


async def test_every_policy_asks_for_the_workspace_in_both_directions(database: Database) -> None:
    policies = await catalogue(
        database, "SELECT tablename, qual, with_check FROM pg_policies WHERE policyname = 'workspace'"
    )

    assert {name for name, _, _ in policies} == {table.name for table in OURS}
    for _, reads, writes in policies:
        assert "mutual.workspace_id" in str(reads)
        assert "mutual.workspace_id" in str(writes)


async def test_every_key_begins_with_the_workspace(database: Database) -> None:
    keys = await catalogue(
        database,
        "SELECT c.conrelid::regclass::text, c.contype::text, a.attname FROM pg_constraint c "
        "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
        "WHERE c.contype IN ('p', 'u', 'f') AND c.connamespace = 'public'::regnamespace",
    )
    indexes = await catalogue(
        database,
        "SELECT i.indrelid::regclass::text, 'i', a.attname FROM pg_index i "
        "JOIN pg_class t ON t.oid = i.indrelid AND t.relnamespace = 'public'::regnamespace "
        "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indisunique",
    )

    ours = [key for key in keys + indexes if key[0] not in GLOBAL]
    assert ours
    assert [key for key in ours if key[2] != "workspace_id"] == []


def test_every_table_can_be_partitioned_by_its_workspace(database_url: str) -> None:
    """Keys, and references between them, that a distributed PostgreSQL takes."""
    distributed = MetaData()
    for table in OURS:
        table.to_metadata(distributed).dialect_options["postgresql"]["partition_by"] = "HASH (workspace_id)"
    with another_database(database_url, f"parts_{os.getpid()}") as url:
        engine = create_engine(driver_url(url))
        with engine.begin() as db:
            distributed.create_all(db)
            for table in OURS:
                for part in range(2):
                    db.execute(
                        text(
                            f"CREATE TABLE {table.name}_{part} PARTITION OF {table.name} "
                            f"FOR VALUES WITH (MODULUS 2, REMAINDER {part})"
                        )
                    )
            for number in range(10):
                db.execute(insert(distributed.tables["workspaces"]).values(_workspace(f"T{number}")))
            found = db.scalars(
                text("SELECT count(*) FROM workspaces_0 UNION ALL SELECT count(*) FROM workspaces_1")
            )
            assert all(found)
        engine.dispose()


def _workspace(workspace_id: str) -> dict[str, object]:
    return {"workspace_id": workspace_id, "name": workspace_id, "emoji": {}}


async def test_a_transaction_sees_and_changes_nothing_of_another_workspace(
    database: Database, workspace_id: str
) -> None:
    async with database.workspace(workspace_id) as db:
        given = gestures_to(
            ["U0BEN"], giver="U0ANA", kind="thanks", source=Source("command:1"), at=NOW, tz=UTC_ZONE
        )
        await gestures.record(db, workspace_id, given, Mark("command"), NOW)

    async with database.workspace("T0STRANGER") as db:
        for table in OURS:
            assert (await db.execute(select(table))).all() == []
            assert (await db.execute(delete(table))).rowcount == 0
            assert (await db.execute(update(table).values(workspace_id=workspace_id))).rowcount == 0

    async with database.workspace(workspace_id) as db:
        assert len((await db.execute(select(gestures.table))).all()) == 2


async def test_a_row_cannot_be_written_into_another_workspace(database: Database, workspace_id: str) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.workspace("T0STRANGER") as db:
            await people.put(db, workspace_id, [CAST["U0ANA"]], NOW)


async def test_without_a_workspace_nothing_is_seen(database: Database, workspace_id: str) -> None:
    async with database.workspace(workspace_id) as db:
        assert (await db.execute(select(people.people))).all()
    async with database.engine.connect() as db:
        for table in OURS:
            assert (await db.execute(select(table))).all() == []


async def test_the_workspace_is_forgotten_when_the_connection_serves_somebody_else(
    database_url: str, workspace_id: str
) -> None:
    single = open_database(database_url, connections=1)
    async with single.workspace(workspace_id) as db:
        assert await workspaces.emoji(db, workspace_id)
    async with single.workspace("T0STRANGER") as db:
        assert (await db.execute(select(workspaces.workspaces))).all() == []
        await db.execute(text("SELECT set_config('mutual.workspace_id', '', true)"))
        assert (await db.execute(select(workspaces.workspaces))).all() == []
    await single.close()


async def test_what_failed_is_not_committed_by_the_next_transaction(
    database_url: str, workspace_id: str
) -> None:
    """One connection, and only statements that go straight to the driver."""
    single = open_database(database_url, connections=1)
    given = gestures_to(
        ["U0BEN"], giver="U0ANA", kind="kudos", source=Source("command:1"), at=NOW, tz=UTC_ZONE
    )
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with single.workspace(workspace_id) as db:
                await gestures.record(db, workspace_id, given, Mark("command"), NOW)
                raise ZeroDivisionError
    async with single.workspace("T0STRANGER"):
        pass

    async with single.workspace(workspace_id) as db:
        assert await gestures.of_source(db, workspace_id, "command:1") == []
    await single.close()


async def test_a_connection_that_met_an_error_serves_the_next_one(
    database_url: str, workspace_id: str
) -> None:
    single = open_database(database_url, connections=1)
    nobody = gestures_to(["U0NOBODY"], giver="U0ANA", kind="kudos", source=Source("x"), at=NOW, tz=UTC_ZONE)
    for _ in range(3):
        with pytest.raises(ForeignKeyViolation):
            async with single.workspace(workspace_id) as db:
                await gestures.record(db, workspace_id, nobody, Mark("command"), NOW)

    async with single.workspace(workspace_id) as db:
        assert await workspaces.emoji(db, workspace_id)
    await single.close()


async def test_a_request_cancelled_midway_gives_its_connection_back(
    database_url: str, workspace_id: str
) -> None:
    single = open_database(database_url, connections=1)

    async def slow() -> None:
        async with single.workspace(workspace_id) as db:
            await db.execute(text("SELECT pg_sleep(5)"))

    for _ in range(3):
        task = asyncio.create_task(slow())
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async with asyncio.timeout(3), single.workspace(workspace_id) as db:
        assert await workspaces.emoji(db, workspace_id)
    await single.close()


async def test_the_clock_may_list_workspaces_and_nothing_else(database: Database, workspace_id: str) -> None:
    assert workspace_id in await database.workspace_ids()


async def test_the_role_is_bound_by_the_policies(database: Database) -> None:
    await database.require_isolation()


async def test_a_superuser_is_refused_with_the_way_out(database_url: str) -> None:
    engine = create_engine(driver_url(database_url.replace("//mutual@", "//postgres@")))
    try:
        with engine.connect() as db:
            if not db.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
                pytest.skip("this database has no superuser to try")
    finally:
        engine.dispose()
    powerful = open_database(database_url.replace("//mutual@", "//postgres@"))
    with pytest.raises(NotIsolatedError, match="CREATE ROLE mutual LOGIN"):
        await powerful.require_isolation()
    await powerful.close()


def test_the_migrations_build_exactly_the_tables(database_url: str) -> None:
    check(database_url)


async def test_a_failed_transaction_leaves_nothing_half_written(
    database: Database, workspace_id: str
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.workspace(workspace_id) as db:
            await db.execute(insert(gestures.table).values(**_row(workspace_id)))
            raise ZeroDivisionError

    async with database.workspace(workspace_id) as db:
        assert (await db.execute(select(gestures.table))).all() == []


def _row(workspace_id: str) -> dict[str, object]:
    return {
        "workspace_id": workspace_id,
        "gesture_id": "00000000-0000-0000-0000-000000000001",
        "giver_id": "U0ANA",
        "receiver_id": "U0BEN",
        "kind": "kudos",
        "source_key": "command:1",
        "happened_at": NOW,
        "day": NOW.date(),
        "visibility": "channel",
        "marks": {},
    }
