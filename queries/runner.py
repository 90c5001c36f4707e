"""Asks a question of a snapshot: parameters in, an Arrow table and what was left out of it back."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Engine

from linkgraph.mirror.schema import literal
from queries.parameters import Value
from queries.question import Question
from queries.running import Running, Stop

#: How many of the cards that a hub cap cut come with an answer, worst first.
CUT_ROWS = 20


@dataclass(frozen=True, slots=True)
class Cut:
    """What the hub cap cut: how many cards, and the worst of them."""

    meaning: str
    count: int
    table: pa.Table

    def rows(self) -> list[dict[str, Any]]:
        """The worst of them as dicts, worst first."""
        rows: list[dict[str, Any]] = self.table.to_pylist()
        return rows


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question, of one snapshot."""

    question: Question
    parameters: dict[str, Value]
    """Every parameter with the value that was used."""
    table: pa.Table
    not_shown: int
    """Rows beyond the limit."""
    cut: Cut | None
    """What the hub cap cut; None for a question that has none."""
    snapshot: int | None
    """Number of the snapshot."""
    taken_at: datetime | None
    """When the sync that made the snapshot began to read (UTC)."""
    seconds: float

    @property
    def total(self) -> int:
        """All rows of the answer, shown or not."""
        shown: int = self.table.num_rows
        return shown + self.not_shown

    def rows(self) -> list[dict[str, Any]]:
        """The rows as dicts, in the answer's order."""
        rows: list[dict[str, Any]] = self.table.to_pylist()
        return rows


def ask(
    engine: Engine,
    question: Question,
    parameters: Mapping[str, Value] | None = None,
    *,
    limit: int | None = None,
    timeout: float | None = None,
    stop: Stop | None = None,
) -> Answer:
    """Answer a question.

    Args:
        engine: The snapshot (`queries.engine.open_engine`).
        question: What is asked (`Catalogue.get`).
        parameters: By name, typed or as text; the others keep their defaults.
        limit: Most rows that `Answer.table` holds; the others are counted in `not_shown`.
        timeout: Seconds after which it is stopped.
        stop: Stops it from another thread.

    Raises:
        InvalidParameter: a parameter is unknown, missing, of the wrong type or out of range.
        QueryStopped: it timed out or was stopped.
        QueryError: the SQL failed (a question of the library does not, short of memory).
    """
    bound = question.bind(parameters or {})
    started = time.monotonic()
    with Running(
        engine, question.sql, _used(question.sql, bound), timeout=timeout, stop=stop
    ) as it:
        table, not_shown = _collect(it, limit)
    cut = None
    if question.cut_sql is not None:
        values = _used(question.cut_sql, bound)
        with Running(engine, question.cut_sql, values, timeout=timeout, stop=stop) as it:
            worst, more = _collect(it, CUT_ROWS)
        cut = Cut(question.cut_meaning or "", worst.num_rows + more, worst)
    snapshot, taken_at = _snapshot(engine)
    return Answer(
        question, bound, table, not_shown, cut, snapshot, taken_at, time.monotonic() - started
    )


def runnable_sql(
    question: Question, parameters: Mapping[str, Value] | None = None, *, cut: bool = False
) -> str:
    """The question with its parameters, as text that runs when pasted into the DuckDB shell.

    With `cut` it is the statement that returns what the hub cap cuts.

    Raises:
        InvalidParameter: a parameter is unknown, missing, of the wrong type or out of range.
    """
    bound = question.bind(parameters or {})
    sql = question.cut_sql or "" if cut else question.sql
    values = _used(sql, bound)
    heading = f"-- {question.title}: {question.text}\n"
    if not values:
        return f"{heading}{sql};\n"
    name = question.name.replace("-", "_")
    given = ", ".join(f"{key} := {_literal(value)}" for key, value in values.items())
    return f"{heading}prepare {name} as\n{sql};\nexecute {name}({given});\ndeallocate {name};\n"


def _used(sql: str, bound: Mapping[str, Value]) -> dict[str, Value]:
    # DuckDB refuses a value that the statement does not use
    used = {
        name for statement in duckdb.extract_statements(sql) for name in statement.named_parameters
    }
    return {name: value for name, value in bound.items() if name in used}


def _collect(running: Running, limit: int | None) -> tuple[pa.Table, int]:
    kept: list[pa.RecordBatch] = []
    left_out = 0
    room = limit
    for batch in running.batches():
        taken = batch if room is None else batch.slice(0, room)
        left_out += batch.num_rows - taken.num_rows
        if taken.num_rows:
            kept.append(taken)
        if room is not None:
            room -= taken.num_rows
    return pa.Table.from_batches(kept, running.schema), left_out


def _snapshot(engine: Engine) -> tuple[int | None, datetime | None]:
    with engine.connect() as connection:
        row = connection.exec_driver_sql("select snapshot, taken_at from meta").first()
    return (None, None) if row is None else (row[0], row[1])


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return literal(value) if isinstance(value, str) else repr(value)
