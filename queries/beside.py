"""Tables that SQL can read beside the snapshot's own, such as the journal of edits.

They are Arrow tables that whoever puts the parts together hands in: they are read when a statement
names one, and put on that statement's connection alone.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from linkgraph.mirror.schema import literal

_WORD = re.compile(r"\w+")
#: What lists the tables there are: it shows these too, for which they need no rows.
_LISTING = frozenset({"show", "duckdb_tables", "duckdb_views", "duckdb_columns"})


@dataclass(frozen=True, slots=True)
class Beside:
    """Tables beside the snapshot."""

    schemas: Mapping[str, pa.Schema]
    """By name, with their comments and those of their columns as metadata `comment`."""
    read: Callable[[Collection[str]], Mapping[str, pa.Table]]
    """Gives the tables of these names, all of one moment."""

    def put_on(self, connection: Any, sql: str) -> None:
        """Put the tables that a statement may mean on its DuckDB connection."""
        words = {word.lower() for word in _WORD.findall(sql)}
        if words & _LISTING:
            self.put_empty_on(connection)
        if named := [name for name in self.schemas if name in words]:
            for name, table in self.read(named).items():
                connection.register(name, table)

    def put_empty_on(self, connection: Any) -> None:
        """Put all tables on a DuckDB connection, with their comments and without rows."""
        for name, schema in self.schemas.items():
            connection.register(name, schema.empty_table())
            _comment(connection, name, schema)


def _comment(connection: Any, name: str, schema: pa.Schema) -> None:
    connection.execute(f"comment on view {name} is {_told(schema.metadata)}")
    for field in schema:
        connection.execute(f'comment on column {name}."{field.name}" is {_told(field.metadata)}')


def _told(metadata: Mapping[bytes, bytes] | None) -> str:
    return literal((metadata or {}).get(b"comment", b"").decode())
