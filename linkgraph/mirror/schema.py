"""The tables of a snapshot: their creation and their version.

`schema.sql` is the one place where tables, views and their comments are written down.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

#: Raised whenever a snapshot made before could not be read by the code after.
SCHEMA_VERSION = 1


@cache
def _script() -> str:
    return files(__name__.rpartition(".")[0]).joinpath("schema.sql").read_text(encoding="utf-8")


def create(connection: duckdb.DuckDBPyConnection, base_url: str) -> None:
    """Create all tables, views and comments in the connection's current database.

    `base_url` is the account's address without a trailing slash; card addresses are built on it.
    """
    connection.begin()  # else each of two hundred statements would sync the disk
    connection.execute(_script().replace("{base_url}", literal(base_url)))
    connection.commit()


def literal(value: str | None) -> str:
    """`value` as an SQL literal, for the statements that take no parameters."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"
