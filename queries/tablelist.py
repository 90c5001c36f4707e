"""The tables and views that SQL can read, and what they and their columns mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby

import pyarrow as pa
from sqlalchemy import Engine

from linkgraph.errors import InvalidParameter
from linkgraph.plaintext import plain
from queries.beside import Beside

# What stands beside the snapshot is made of views that are the connection's own.
_COLUMNS = """
with relations as (
    select database_name, table_oid as oid, table_name as name, false as is_view, comment
    from duckdb_tables() where database_name = current_database() and not internal
    union all
    select database_name, view_oid, view_name, not temporary, comment
    from duckdb_views() where (temporary or database_name = current_database()) and not internal
)
select name, is_view, relations.comment, column_name, data_type, columns.comment
from relations
join duckdb_columns() as columns
on columns.database_name = relations.database_name and table_oid = oid and table_name = name
order by is_view, name, column_index
"""
_ENUMS = """
select type_name, labels from duckdb_types()
where database_name = current_database() and not internal and logical_type = 'ENUM'
"""


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """A column of a table or view."""

    name: str
    type: str
    """As SQL writes it: `bigint`, `varchar[]`, `entity_type`."""
    values: tuple[str, ...]
    """The texts that a column of an enumerated type holds; of other types none are listed."""
    comment: str


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A table or view."""

    name: str
    is_view: bool
    comment: str
    columns: tuple[ColumnInfo, ...]


def tables(
    engine: Engine, names: Iterable[str] = (), beside: Beside | None = None
) -> list[TableInfo]:
    """The tables, then the views, by name; with names only these, in the order they were given.

    `beside` are those that SQL can read beside the snapshot's own.

    Raises:
        InvalidParameter: there is none of a name; the hint has those that are like it.
    """
    with engine.connect() as connection:
        if beside is not None:
            beside.put_empty_on(connection.connection.driver_connection)
        rows = connection.exec_driver_sql(_COLUMNS).fetchall()
        enums = connection.exec_driver_sql(_ENUMS).fetchall()
    # DuckDB tells the type of a column by its labels; people know it by its name.
    known = {f"ENUM({', '.join(map(_quoted, labels))})": (name, labels) for name, labels in enums}
    found: dict[str, TableInfo] = {}
    for (name, is_view, comment), group in groupby(rows, key=lambda row: tuple(row[:3])):
        columns = []
        for _, _, _, column, written, meaning in group:
            type_, labels = known.get(written, (written.lower(), ()))
            columns.append(ColumnInfo(column, type_, tuple(labels), meaning or ""))
        found[name] = TableInfo(name, is_view, comment or "", tuple(columns))
    return [_named(found, name) for name in dict.fromkeys(names)] or list(found.values())


def as_rows(listed: Iterable[TableInfo]) -> pa.Table:
    """A row for each column: `table`, `kind`, `table_comment`, `column`, `type`, `values`, …"""
    rows = [
        {
            "table": table.name,
            "kind": "view" if table.is_view else "table",
            "table_comment": table.comment,
            "column": column.name,
            "type": column.type,
            "values": list(column.values) or None,
            "comment": column.comment,
        }
        for table in listed
        for column in table.columns
    ]
    text = pa.string()
    names = ("table", "kind", "table_comment", "column", "type", "values", "comment")
    kinds = [(name, pa.list_(text) if name == "values" else text) for name in names]
    return pa.Table.from_pylist(rows, pa.schema(kinds))


def _named(found: dict[str, TableInfo], name: str) -> TableInfo:
    table = found.get(name.strip().lower())
    if table is None:
        near = get_close_matches(name.lower(), found, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(found)}"
        raise InvalidParameter(f"there is no table «{plain(name, 80)}»", hint=hint)
    return table


def _quoted(label: str) -> str:
    return "'" + label.replace("'", "''") + "'"
