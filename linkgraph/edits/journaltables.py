"""The journal as Arrow tables, for SQL: `edits`, `edit_events`, `pushes` and `changes`.

Invariant: reading changes nothing, not even where there is no journal yet: the tables are there all
the same, and empty. All tables of one reading are of one moment.
"""

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from linkgraph.edits.journalfile import reading

_TEXT, _INTEGER, _MOMENT = pa.string(), pa.int64(), pa.timestamp("us")


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    type: pa.DataType
    comment: str
    source: str = ""
    """What SQLite is asked for, where that is not the column of the same name (`at` and `by` are
    no names in DuckDB)."""

    @property
    def field(self) -> pa.Field:
        return pa.field(self.name, self.type, metadata={"comment": self.comment})

    @property
    def asked(self) -> str:
        return self.source or f'"{self.name}"'


def _card(name: str, what: str) -> tuple[_Column, ...]:
    """A ref, and its parts, which join with the tables of cards and with `edges`."""
    place = f"instr({name}, '/')"
    catalog = f"substr({name}, 9, {place} - 9)"  # after «element:»
    id_ = f"substr({name}, case {place} when 0 then instr({name}, ':') else {place} end + 1)"
    return (
        _Column(name, _TEXT, f"{what}, as commands take it: lead:1, element:CATALOG/ID"),
        _Column(f"{name}_type", _TEXT, "Its type", f"substr({name}, 1, instr({name}, ':') - 1)"),
        _Column(
            f"{name}_catalog_id",
            _INTEGER,
            "Catalog of an element, else 0",
            f"case {place} when 0 then 0 else cast({catalog} as integer) end",
        ),
        _Column(f"{name}_id", _INTEGER, "Its id", f"cast({id_} as integer)"),
    )


def _link(moment: str) -> tuple[_Column, ...]:
    """What a link carried before a change, or is to carry after it."""
    told = {"before": "before the push", "after": "as the push wants it"}[moment]
    is_linked = f"coalesce({moment}, 'null') <> 'null'"
    carried = (
        ("is_main", pa.bool_(), "Whether the contact was the main one"),
        ("quantity", pa.float64(), "Quantity of a catalog element"),
        ("price_id", _INTEGER, "Price field of a catalog element"),
    )
    return (
        _Column(f"is_linked_{moment}", pa.bool_(), f"Whether the two are linked {told}", is_linked),
        *(
            _Column(
                f"{name}_{moment}", kind, f"{what}, {told}", f"json_extract({moment}, '$.{name}')"
            )
            for name, kind, what in carried
        ),
    )


_TABLES: dict[str, tuple[str, tuple[_Column, ...]]] = {
    "edits": (
        "One row an edit that was ever queued, as it stands now; of the journal, not the snapshot",
        (
            _Column("edit_id", _INTEGER, "Its number, as commands take it"),
            _Column("verb", _TEXT, "link, unlink, main or move"),
            *_card("a", "The one card; of a move the one that loses its links"),
            *_card("b", "The other card; of a move the one that gets them"),
            _Column("is_main", pa.bool_(), "Whether the contact is to be the main one"),
            _Column("quantity", pa.float64(), "Quantity that the link is to carry"),
            _Column("price_id", _INTEGER, "Price field that it is to carry; 0: none"),
            _Column("updated_by", _INTEGER, "Id of the user in whose name it is written"),
            _Column(
                "state",
                _TEXT,
                "queued, planned, sent, verified, failed, conflict, unknown, undone or dropped",
            ),
            _Column("reason", _TEXT, "Why it is in that state"),
            _Column("queued_by", _TEXT, "Who queued it"),
            _Column("queued_at", _MOMENT, "When it was queued (UTC)"),
            _Column("origin", _TEXT, "Where: command, browser, question, file, python or undo"),
            _Column("origin_detail", _TEXT, "The question, the file and its line, the push"),
            _Column("snapshot", _INTEGER, "Number of the snapshot it was decided upon"),
            _Column(
                *("base", _TEXT, "How things stood then, as JSON; NULL: not known"),
                "nullif(base, 'null')",
            ),
            _Column("push_id", _INTEGER, "The last push that took it up"),
            _Column("uuid", _TEXT, "What it is known by in plans that are passed on"),
        ),
    ),
    "edit_events": (
        "One row a state that an edit came to, with who and what brought it there",
        (
            _Column("event_id", _INTEGER, "Number of the event, in the order of time"),
            _Column("edit_id", _INTEGER, "The edit"),
            _Column("happened_at", _MOMENT, "When (UTC)", '"at"'),
            _Column("state", _TEXT, "The state it came to"),
            _Column("done_by", _TEXT, "Who did that", '"by"'),
            _Column("push_id", _INTEGER, "The push that did it; NULL: none"),
            _Column("note", _TEXT, "Why, with the CRM's answer where there was one"),
        ),
    ),
    "pushes": (
        "One row a push of edits to the CRM",
        (
            _Column("push_id", _INTEGER, "Its number, as commands take it"),
            _Column("began_at", _MOMENT, "When it began (UTC)"),
            _Column("ended_at", _MOMENT, "When it ended (UTC); NULL: it runs, or was broken off"),
            _Column("pushed_by", _TEXT, "Who pushed", '"by"'),
            _Column("state", _TEXT, "How far it is, or how it ended"),
            _Column("undo_of", _INTEGER, "The push that it takes back; NULL: none"),
            _Column("requests", _INTEGER, "Requests that it sent"),
            _Column("note", _TEXT, "What there is to tell of it"),
            _Column("uuid", _TEXT, "What its plan is known by"),
        ),
    ),
    "changes": (
        "One row a link that a push was to change",
        (
            _Column("push_id", _INTEGER, "The push"),
            _Column("number", _INTEGER, "Number of the change within its push"),
            *_card("owner", "The card that owns the link"),
            *_card("other", "The card at the other end"),
            *_link("before"),
            *_link("after"),
            _Column("way", _TEXT, "How it is written"),
            _Column("phase", _INTEGER, "What is sent together: lower numbers before higher ones"),
            _Column("step", _INTEGER, "How far one of several steps is"),
            _Column("updated_by", _INTEGER, "Id of the user in whose name it is written"),
            _Column("edits", pa.list_(_INTEGER), "The edits that it is made for"),
            _Column("state", _TEXT, "planned, sent, verified, failed or unknown"),
            _Column("tries", _INTEGER, "How often it was sent"),
            _Column("answer", _TEXT, "What the CRM answered last"),
            _Column("note", _TEXT, "What there is to tell of it"),
            _Column("moved_at", _MOMENT, "When it came to its state (UTC)"),
        ),
    ),
}

#: The tables by name: their columns, what these mean (metadata `comment`), and what the tables are.
SCHEMAS: dict[str, pa.Schema] = {
    name: pa.schema([column.field for column in columns], metadata={"comment": comment})
    for name, (comment, columns) in _TABLES.items()
}


def read(path: Path, names: Collection[str]) -> dict[str, pa.Table]:
    """Tables of the journal in `account.sqlite` at `path`, by name; empty where there is none.

    Raises:
        HomeUnusable: the file cannot be read.
    """
    with reading(path) as (connection, there):
        return {
            name: _read(connection, name) if name in there else SCHEMAS[name].empty_table()
            for name in names
        }


def _read(connection: sqlite3.Connection, name: str) -> pa.Table:
    columns = _TABLES[name][1]
    asked = ", ".join(column.asked for column in columns)
    rows = connection.execute(f'select {asked} from "{name}" order by 1, 2').fetchall()
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    arrays = [_array(each, column.type) for each, column in zip(values, columns, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMAS[name])


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    """Values as SQLite keeps them in the type that they have for people."""
    if pa.types.is_boolean(kind):
        return pa.array([None if value is None else bool(value) for value in values], kind)
    if pa.types.is_timestamp(kind):
        return pa.array(values, _TEXT).cast(kind)
    if pa.types.is_list(kind):
        return pa.array(map(json.loads, values), kind)
    if kind == _TEXT:
        # An odd file may hold what is no text; half a surrogate pair has no UTF-8.
        return pa.array([None if value is None else str(value) for value in values], kind)
    return pa.array(values, kind)
