"""Statements that every capture runs, sent together: however many, they cost one round trip.

SQLAlchemy's execution, and psycopg's cursors under it, cost several times what the database needs for such a statement.
Everything that is not run by every capture is ordinary SQLAlchemy Core.
"""

from collections import namedtuple
from collections.abc import Callable, Generator, Sequence, Set
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
    """The rows that each statement answers. The first that fails is raised, and those after it are not run.

    Cancelled while it prepares some, it closes the connection.
    """
    adapter: abc.Transformer = adapt.Transformer(connection)
    known = _prepared.setdefault(connection, set())
    steps = _steps(adapter, known, asked)
    async with connection.lock:
        connection.pgconn.enter_pipeline_mode()
        try:
            results = await connection.wait(_exchange(connection.pgconn, steps))
        except BaseException:
            if len(steps) > len(asked):  # nobody knows which of them have been prepared
                connection.pgconn.finish()
            raise
        finally:
            _leave(connection)
    prepared = {
        statement
        for (statement, values), result in zip(steps, results, strict=True)
        if values is None and result.status == ExecStatus.COMMAND_OK
    }
    known |= prepared  # what was prepared stays so, whatever else fails
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            error = error_from_result(result, encoding=adapter.encoding)
            if isinstance(error, InvalidSqlStatementName):
                # psycopg had everything before this forgotten, as it does after some statements of its own.
                known &= prepared
            raise error
    return [
        statement.rows(result, adapter)
        for (statement, values), result in zip(steps, results, strict=True)
        if values is not None
    ]


_Step = tuple[Statement, Sequence[Any] | None]  # to be run with these values; None: to be prepared


def _steps(adapter: abc.Transformer, known: Set[Statement], asked: Sequence[Asked]) -> list[_Step]:
    """Each is prepared just before it is run first, so that the time for one statement covers both."""
    steps: list[_Step] = []
    new: set[Statement] = set()
    for statement, values in asked:
        if statement not in known and statement not in new:
            new.add(statement)
            steps.append((statement, None))
        steps.append((statement, adapter.dump_sequence(values, [adapt.PyFormat.TEXT] * len(values))))
    return steps


def _exchange(pgconn: PGconn, steps: Sequence[_Step]) -> Generator[Any, Any, list[PGresult]]:
    for statement, values in steps:
        if values is None:
            pgconn.send_prepare(statement.name, statement.sql)
        else:
            pgconn.send_query_prepared(statement.name, values)
    pgconn.pipeline_sync()
    yield from send(pgconn)
    results: list[PGresult] = []
    for _ in steps:
        results += yield from fetch_many(pgconn)
    yield from fetch_many(pgconn)  # the end of the pipeline
    return results


def _leave(connection: Connection) -> None:
    try:
        connection.pgconn.exit_pipeline_mode()
    except psycopg.OperationalError:
        # Lost, or interrupted before all was answered: nobody else could use it.
        connection.pgconn.finish()
