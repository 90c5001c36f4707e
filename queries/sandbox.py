"""Ad-hoc SQL: one statement that reads the snapshot and nothing else.

Three walls. The instance is locked and cannot open files (`queries.engine`). DuckDB's own parser
has to call the text one SELECT-like statement. And the functions that it calls must not be among
those that act: write a log, read a file, or run a text that this module has not seen.
"""

import re
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa
from sqlalchemy import Engine

from linkgraph.errors import QueryError, QueryForbidden
from linkgraph.plaintext import plain
from queries.beside import Beside
from queries.complaints import query_error
from queries.objections import objection_to
from queries.parameters import Value
from queries.running import Running, Stop, check_text

_HINT = "write one SELECT over the snapshot's tables (SHOW TABLES lists them)"
_BEFORE = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*", re.DOTALL)
_EXPLAIN = re.compile(r"explain(?:\s+analyze\b|\s*\([^)]*\))?", re.IGNORECASE)
_FIRST_WORDS = frozenset({"select", "with", "from", "values", "table", "pivot", "unpivot"}) | {
    "describe",
    "desc",
    "show",
    "summarize",
}


class SqlResult:
    """The answer to ad-hoc SQL, read as it comes. Use it in a `with`, or read it to the end."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self.row_count = 0
        """Rows read so far; all rows once it is read to the end."""

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        names: list[str] = self._running.schema.names
        return names

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns."""
        return self._running.schema

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in batches.

        Raises:
            QueryStopped: it timed out or was interrupted.
            QueryError: it failed on the way.
        """
        for batch in self._running.batches():
            self.row_count += batch.num_rows
            yield batch

    def reader(self) -> pa.RecordBatchReader:
        """The rows as a stream, for `queries.formats` and whatever else reads Arrow."""
        return pa.RecordBatchReader.from_batches(self.schema, self.batches())

    def table(self) -> pa.Table:
        """All rows at once."""
        return pa.Table.from_batches(self.batches(), self.schema)

    def first(self, rows: int | None, most_bytes: int | None = None) -> tuple[pa.Table, bool]:
        """The first rows, and whether there are more; None sets no bound.

        Reading ends with the rows that reach `most_bytes` of Arrow's memory.
        """
        taken: list[pa.RecordBatch] = []
        count = size = 0
        for batch in self.batches():
            room = batch.num_rows if rows is None else rows - count
            if most_bytes is not None and size >= most_bytes:
                room = 0
            taken.append(batch.slice(0, room))
            count += taken[-1].num_rows
            size += batch.nbytes
            if batch.num_rows > room:
                self.close()
                return pa.Table.from_batches(taken, self.schema), True
        return pa.Table.from_batches(taken, self.schema), False

    def rows(self) -> list[dict[str, Any]]:
        """All rows as dicts."""
        rows: list[dict[str, Any]] = self.table().to_pylist()
        return rows

    def interrupt(self) -> None:
        """Stop it, from any thread."""
        self._running.interrupt()

    def close(self) -> None:
        """Let go of it; what was not read is lost."""
        self._running.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def run_sql(
    engine: Engine,
    sql: str,
    *,
    parameters: Mapping[str, Value] | None = None,
    timeout: float | None = None,
    stop: Stop | None = None,
    beside: Beside | None = None,
) -> SqlResult:
    """Run one SELECT-like statement (also VALUES, DESCRIBE, SHOW, SUMMARIZE, EXPLAIN).

    Args:
        engine: The snapshot (`queries.engine.open_engine`).
        sql: One statement, with `$name` where parameters stand.
        parameters: Exactly those that it names.
        timeout: Seconds after which it is stopped, reading included.
        stop: Stops it from another thread, also before its first row.
        beside: Tables that it may read beside the snapshot's own.

    Raises:
        QueryForbidden: it is not one statement that only reads the snapshot.
        QueryStopped: it timed out or was stopped.
        QueryError: DuckDB refused it; `position` is the offset of the place, where known.
    """
    check(engine, sql)
    return SqlResult(Running(engine, sql, parameters, timeout=timeout, stop=stop, beside=beside))


def check(engine: Engine, sql: str) -> None:
    """Refuse what `run_sql` would refuse, without running it.

    Raises:
        QueryForbidden: it is not one statement that only reads the snapshot.
        QueryError: it cannot be parsed.
    """
    check_text(sql)
    pooled = engine.raw_connection()
    try:
        # On the locked instance: parsing IMPORT DATABASE already reads a file.
        _check(pooled.driver_connection, sql)
    finally:
        pooled.close()


def _check(connection: Any, sql: str) -> None:
    inner = sql
    body = sql[_start(sql) :]
    if explain := _EXPLAIN.match(body):
        # EXPLAIN ANALYZE runs what it explains
        _statement(connection, sql)
        inner = body[explain.end() :]
    word = re.match(r"[A-Za-z]*", inner[_start(inner) :])
    statement = _statement(connection, inner)
    first = word[0].lower() if word else ""
    before = len(sql) - len(inner)
    if statement.type != duckdb.StatementType.SELECT or first not in _FIRST_WORDS:
        name = plain(first.upper(), 20) or "this statement"
        raise QueryForbidden(
            f"{name} is not allowed: SQL here only reads",
            hint=_HINT,
            position=before + _start(inner) if first else None,
        )
    if objection := objection_to(connection, inner):
        reason, place = objection
        raise QueryForbidden(reason, hint=_HINT, position=None if place is None else before + place)


def _start(sql: str) -> int:
    match = _BEFORE.match(sql)
    return match.end() if match else 0


def _statement(connection: Any, sql: str) -> duckdb.Statement:
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as exc:
        raise query_error(str(exc), sql) from exc
    if not statements:
        raise QueryError("there is no SQL to run", hint=_HINT, position=0)
    if len(statements) > 1:
        raise QueryForbidden("only one statement can be run at a time", hint=_HINT)
    statement: duckdb.Statement = statements[0]
    return statement
