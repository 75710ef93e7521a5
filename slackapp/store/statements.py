"""Statements that every capture runs, sent together: however many, they cost one round trip.

SQLAlchemy's execution, and psycopg's cursors under it, cost several times what the database needs for such a statement.
Everything that is not run by every capture is ordinary SQLAlchemy Core.
"""

from collections import namedtuple
from collections.abc import Callable, Generator, Sequence
from itertools import count
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import psycopg
from psycopg import abc, adapt
from psycopg.errors import InvalidSqlStatementName, error_from_result
from psycopg.generators import fetch_many, send
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from sqlalchemy import ClauseElement
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

Connection = psycopg.AsyncConnection[Any]
Row = Any  # a named tuple of the statement's columns

_DIALECT = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_numbers = count(1)
_prepared: "WeakKeyDictionary[Connection, set[Statement]]" = WeakKeyDictionary()


class Statement:
    """SQL whose values are all bound by name. PostgreSQL plans it once for each connection."""

    def __init__(self, clause: ClauseElement) -> None:
        compiled = clause.compile(dialect=_DIALECT)
        self.clause = clause
        self.name = f"mutual_{next(_numbers)}".encode()
        self.sql = str(compiled).encode()
        self._order: Sequence[str] = getattr(compiled, "positiontup", None) or ()
        self._row: Callable[..., Row] | None = None

    def asked(self, **values: Any) -> "Asked":
        return Asked(self, [values[name] for name in self._order])

    def rows(self, result: PGresult, adapter: abc.Transformer) -> list[Row]:
        if self._row is None:
            names = [(result.fname(column) or b"").decode() for column in range(result.nfields)]
            self._row = namedtuple("Row", names)._make  # type: ignore[attr-defined]
        adapter.set_pgresult(result)
        return adapter.load_rows(0, result.ntuples, self._row)


class Asked(NamedTuple):
    """A statement with its values."""

    statement: Statement
    values: Sequence[Any]


async def together(connection: Connection, *asked: Asked) -> list[list[Row]]:
    """The rows that each statement answers. The first that fails is raised, and those after it are not run."""
    adapter: abc.Transformer = adapt.Transformer(connection)
    known = _prepared.setdefault(connection, set())
    new = [statement for statement, _ in asked if statement not in known]
    bound = [
        (statement.name, adapter.dump_sequence(values, [adapt.PyFormat.TEXT] * len(values)))
        for statement, values in asked
    ]
    async with connection.lock:
        connection.pgconn.enter_pipeline_mode()
        try:
            results = await connection.wait(_exchange(connection.pgconn, new, bound))
        finally:
            _leave(connection)
    fresh = {
        statement
        for statement, result in zip(new, results, strict=False)
        if result.status == ExecStatus.COMMAND_OK
    }
    known |= fresh  # what was prepared stays so, whatever else fails
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            error = error_from_result(result, encoding=adapter.encoding)
            if isinstance(error, InvalidSqlStatementName):
                # psycopg had everything before this forgotten, as it does after some statements of its own.
                known &= fresh
            raise error
    answers = zip(asked, results[len(new) :], strict=True)
    return [statement.rows(result, adapter) for (statement, _), result in answers]


def _exchange(
    pgconn: PGconn, new: Sequence[Statement], bound: Sequence[tuple[bytes, Sequence[Any]]]
) -> Generator[Any, Any, list[PGresult]]:
    for statement in new:
        pgconn.send_prepare(statement.name, statement.sql)
    for name, values in bound:
        pgconn.send_query_prepared(name, values)
    pgconn.pipeline_sync()
    yield from send(pgconn)
    results: list[PGresult] = []
    for _ in range(len(new) + len(bound)):
        results += yield from fetch_many(pgconn)
    yield from fetch_many(pgconn)  # the end of the pipeline
    return results


def _leave(connection: Connection) -> None:
    try:
        connection.pgconn.exit_pipeline_mode()
    except psycopg.OperationalError:
        # Lost, or interrupted before all was answered: nobody else could use it.
        connection.pgconn.finish()
