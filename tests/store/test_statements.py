"""Statements that travel together: answered in order, refused as one, and never mixed up afterwards."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from slackapp.store.database import libpq_url
from slackapp.store.statements import Connection, Statement, together

ONE, TWO = Statement(text("SELECT 1 AS number")), Statement(text("SELECT 2 AS number"))
DIVIDED = Statement(text("SELECT 1 / CAST(:by AS int) AS number"))
SLOW = Statement(text("SELECT pg_sleep(CAST(:seconds AS float8))"))


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    opened = await psycopg.AsyncConnection.connect(libpq_url(database_url), autocommit=True)
    yield opened
    await opened.close()


async def test_each_statement_is_answered_in_its_place(connection: Connection) -> None:
    numbers = Statement(text("SELECT n FROM generate_series(1, CAST(:most AS int)) AS n"))
    nothing = Statement(text("SELECT 1 AS number WHERE false"))

    answers = await together(
        connection, ONE.asked(), nothing.asked(), numbers.asked(most=3), DIVIDED.asked(by=1)
    )

    assert [[tuple(row) for row in rows] for rows in answers] == [[(1,)], [], [(1,), (2,), (3,)], [(1,)]]


async def test_values_come_back_as_they_went(connection: Connection) -> None:
    statement = Statement(
        text(
            "SELECT CAST(:said AS text) AS said, CAST(:on AS boolean) AS on, CAST(:day AS date) AS day, "
            "CAST(:at AS timestamptz) AS at, CAST(:id AS uuid) AS id, CAST(:names AS text[]) AS names, "
            "CAST(:nothing AS text) AS nothing, CAST(:said AS text) || '!' AS again"
        )
    )
    values = {
        "said": "it's {100}% \\ “fine”, $1 :day 🙏",
        "on": True,
        "day": date(2026, 3, 4),
        "at": datetime(2026, 3, 4, 10, 30, tzinfo=UTC),
        "id": UUID(int=7),
        "names": ["U0ANA", 'a "b", {c}'],
        "nothing": None,
    }

    ((row,),) = await together(connection, statement.asked(**values))

    assert row._asdict() == {**values, "again": f"{values['said']}!"}


async def test_after_one_that_fails_none_is_run_and_the_connection_serves_on(connection: Connection) -> None:
    await connection.execute("CREATE TEMPORARY TABLE written (n int)")
    write = Statement(text("INSERT INTO written VALUES (1) RETURNING n"))

    for _ in range(2):
        with pytest.raises(psycopg.errors.DivisionByZero):
            await together(connection, DIVIDED.asked(by=0), write.asked())

    assert await (await connection.execute("SELECT count(*) FROM written")).fetchone() == (0,)
    assert [rows[0].number for rows in await together(connection, ONE.asked(), TWO.asked())] == [1, 2]


async def test_one_that_is_cancelled_leaves_no_answer_behind(connection: Connection) -> None:
    await together(connection, SLOW.asked(seconds=0), ONE.asked())
    waiting = asyncio.create_task(together(connection, SLOW.asked(seconds=60), ONE.asked()))
    while connection.info.transaction_status != psycopg.pq.TransactionStatus.ACTIVE:
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert [rows[0].number for rows in await together(connection, TWO.asked())] == [2]


async def test_one_that_is_cancelled_while_it_is_prepared_leaves_the_connection_to_nobody(
    connection: Connection,
) -> None:
    waiting = asyncio.create_task(together(connection, SLOW.asked(seconds=60)))
    while connection.info.transaction_status != psycopg.pq.TransactionStatus.ACTIVE:
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert connection.closed


async def test_the_time_for_a_statement_is_for_preparing_and_running_it(
    connection: Connection, database_url: str
) -> None:
    async with await psycopg.AsyncConnection.connect(libpq_url(database_url), autocommit=True) as other:
        await other.execute("CREATE TABLE held_up AS SELECT 1 AS n")
        try:
            await connection.execute("SET statement_timeout = '1s'")
            read = Statement(text("SELECT pg_sleep(0.7) FROM held_up"))
            async with other.transaction():
                await other.execute("LOCK held_up IN ACCESS EXCLUSIVE MODE")
                reading = asyncio.create_task(together(connection, ONE.asked(), read.asked()))
                while (
                    await (await other.execute("SELECT FROM pg_locks WHERE NOT granted")).fetchone() is None
                ):
                    await asyncio.sleep(0.01)
                await asyncio.sleep(0.7)  # it waits to be prepared
            with pytest.raises(psycopg.errors.QueryCanceled):
                await reading
        finally:
            await other.execute("DROP TABLE held_up")


async def test_what_was_forgotten_is_prepared_again(connection: Connection) -> None:
    await together(connection, ONE.asked())
    await connection.execute("DEALLOCATE ALL")

    with pytest.raises(psycopg.errors.InvalidSqlStatementName):
        await together(connection, ONE.asked(), TWO.asked())  # the second was new, and is prepared by now
    assert [rows[0].number for rows in await together(connection, ONE.asked(), TWO.asked())] == [1, 2]


async def test_a_connection_that_is_lost_says_so_and_is_closed(
    connection: Connection, database_url: str
) -> None:
    waiting = asyncio.create_task(together(connection, SLOW.asked(seconds=60)))
    while connection.info.transaction_status != psycopg.pq.TransactionStatus.ACTIVE:
        await asyncio.sleep(0.01)
    async with await psycopg.AsyncConnection.connect(libpq_url(database_url), autocommit=True) as other:
        await other.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])

    with pytest.raises(psycopg.OperationalError):
        await waiting
    assert connection.closed
