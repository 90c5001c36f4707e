"""Asks a question of a snapshot: parameters in, an Arrow table and what was left out of it back."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

import pyarrow as pa
from sqlalchemy import Engine

from linkgraph.edit import Edit, edits_of
from linkgraph.errors import QueryError
from linkgraph.model import Ref
from queries.asked import Asked, Sources
from queries.parameters import Kind, Value
from queries.question import Question, entity_of, is_ref, stem_of
from queries.running import Stop
from queries.sandbox import check
from queries.statements import placed, values_of

#: How many of the cards that a hub cap cut come with an answer, worst first.
CUT_ROWS = 20
#: The column that holds the edits which a row proposes (`linkgraph.edit`).
FIX = "fix"
#: Whether a card without a row is at least linked to another one.
_LINKED = """
select 1 from adjacency where type = $type and id = $id and catalog_id = $catalog_id limit 1
"""


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

    def cards(self, most: int) -> list[tuple[str | None, str]]:
        """Name and ref of the first of them."""
        return [
            (row.get(f"{stem_of(column)}name"), str(ref))
            for place, row in enumerate(self.table.slice(0, most).to_pylist())
            for column, ref in [*_refs(self.table, place).items()][:1]
        ]


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
    fixes: int
    """Rows that propose an edit, shown or not."""
    note: str
    """What a reader must know beside the rows; mostly empty."""
    snapshot: int | None
    """Number of the snapshot."""
    taken_at: datetime | None
    """When the sync that made the snapshot began to read (UTC)."""
    compared: int | None
    """Number of the earlier snapshot that it was compared with, if it was."""
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

    def to_arrow(self) -> pa.Table:
        """The rows as an Arrow table."""
        return self.table

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame (pandas is to be installed by who wants it)."""
        return self.table.to_pandas()

    def refs(self, row: int) -> dict[str, Ref]:
        """The cards that a row names, by column: what a front end can open."""
        return _refs(self.table, row)

    def edits(self, row: int) -> tuple[Edit, ...]:
        """The edits that a row proposes, to be made in that order; mostly none."""
        if FIX not in self.table.column_names:
            return ()
        return edits_of(self.table.column(FIX)[row].as_py())

    def only(self, rows: Sequence[int]) -> "Answer":
        """The answer as if it had these rows alone, counted from 0: to queue the fixes of some."""
        table = self.table.take(pa.array(rows, pa.int64()))
        return replace(self, table=table, not_shown=0, fixes=_fixes(table))


def _refs(table: pa.Table, row: int) -> dict[str, Ref]:
    found = {}
    for name in table.column_names:
        value = table.column(name)[row].as_py()
        entity = entity_of(name)
        if value is not None and entity is not None:
            found[name] = Ref(entity, value)
        elif value is not None and is_ref(name):
            found[name] = Ref.parse(value)
    return found


def ask(
    sources: Sources,
    question: Question,
    parameters: Mapping[str, Value] | None = None,
    *,
    limit: int | None = None,
    timeout: float | None = None,
    stop: Stop | None = None,
) -> Answer:
    """Answer a question.

    Args:
        sources: The snapshot, with what the question may want beside its tables.
        question: What is asked (`Catalogue.get`).
        parameters: By name, typed or as text; the others keep their defaults.
        limit: Most rows that `Answer.table` holds; the others are counted in `not_shown`.
        timeout: Seconds after which it is stopped.
        stop: Stops it from another thread.

    Raises:
        InvalidParameter: a parameter is unknown, missing, of the wrong type or out of range.
        QueryStopped: it timed out or was stopped.
        QueryForbidden: a person's own question does something else than read.
        QueryError: the SQL failed (a question of the library does not, short of memory).
    """
    bound = question.bind(parameters or {})
    asked = Asked(bound, _compared(sources, question, bound), timeout, stop or Stop())
    started = time.monotonic()
    _check_cards(asked, question)
    if question.module is not None:
        parts = _by_python(asked, question, limit)
    elif question.path is None:
        parts = _by_sql(asked, question, limit)
    else:
        parts = _by_own_sql(asked, question, limit)
    snapshot, taken_at = _snapshot(asked.engine, "meta")
    older = _snapshot(asked.engine, "older.meta")[0] if question.compares else None
    seconds = time.monotonic() - started
    return Answer(question, bound, *parts, snapshot, taken_at, older, seconds)


#: Table, rows not shown, cut, fixes, note: what differs by how a question is answered.
_Parts: TypeAlias = tuple[pa.Table, int, Cut | None, int, str]


def _compared(sources: Sources, question: Question, bound: Mapping[str, Value]) -> Sources:
    if not question.compares:
        return sources
    assert sources.compare is not None, "this question compares two snapshots"
    since, until = (
        str(bound[parameter.name])
        for parameter in question.parameters
        if parameter.kind is Kind.SNAPSHOT
    )
    return Sources(sources.compare(since, until), beside=sources.beside)


def _check_cards(asked: Asked, question: Question) -> None:
    """Refuse a card that is not there: a mistyped id is not to read as «none»."""
    for parameter in question.parameters:
        if parameter.kind is not Kind.CARD:
            continue
        ref = asked.card(parameter.name)
        linked = {"type": ref.type.value, "id": ref.id, "catalog_id": ref.catalog_id}
        if not asked.lines([ref])[ref].is_known and not asked.sql(_LINKED, **linked).num_rows:
            from linkgraph.index.numbering import unknown

            raise unknown(ref)


def _by_python(asked: Asked, question: Question, limit: int | None) -> _Parts:
    found = question.answerer()(asked)
    table = found.table if limit is None else found.table.slice(0, limit)
    cut = None
    if found.cut is not None:
        cut = Cut(question.cut_meaning or "", found.cut.num_rows, found.cut.slice(0, CUT_ROWS))
    fixes = _fixes(found.table)
    return table, found.table.num_rows - table.num_rows, cut, fixes, found.note


def _by_sql(asked: Asked, question: Question, limit: int | None) -> _Parts:
    table, not_shown, fixes = _run(asked, question, question.sql, limit)
    cut = None
    if question.cut_sql is not None:
        worst, more, _ = _run(asked, question, question.cut_sql, CUT_ROWS)
        cut = Cut(question.cut_meaning or "", worst.num_rows + more, worst)
    return table, not_shown, cut, fixes, ""


def _by_own_sql(asked: Asked, question: Question, limit: int | None) -> _Parts:
    """Whatever a person wrote: only reads pass, and errors point into the file."""
    for sql in filter(None, (question.sql, question.cut_sql)):
        try:
            check(asked.engine, sql)
        except QueryError as error:
            raise placed(error, question, sql) from error
    return _by_sql(asked, question, limit)


def _run(
    asked: Asked, question: Question, sql: str, limit: int | None
) -> tuple[pa.Table, int, int]:
    """The rows of one statement up to the limit, how many more there are, and all fixes."""
    kept: list[pa.RecordBatch] = []
    left_out = fixes = 0
    room = limit
    try:
        with asked.running(sql, values_of(question, sql, asked.values)) as running:
            for batch in running.batches():
                fixes += _fixes(batch)
                taken = batch if room is None else batch.slice(0, room)
                left_out += batch.num_rows - taken.num_rows
                if taken.num_rows:
                    kept.append(taken)
                if room is not None:
                    room -= taken.num_rows
            return pa.Table.from_batches(kept, running.schema), left_out, fixes
    except QueryError as error:
        raise placed(error, question, sql) from error


def _fixes(rows: pa.Table | pa.RecordBatch) -> int:
    if FIX not in rows.schema.names:
        return 0
    return int(rows.num_rows - rows.column(FIX).null_count)


def _snapshot(engine: Engine, table: str) -> tuple[int | None, datetime | None]:
    with engine.connect() as connection:
        row = connection.exec_driver_sql(f"select snapshot, taken_at from {table}").first()
    return (None, None) if row is None else (row[0], row[1])
