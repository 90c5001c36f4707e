"""The journal's file, looked into without changing it: quick, with nothing but SQLite."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from linkgraph.edits.states import State
from linkgraph.errors import HomeUnusable

#: Seconds to wait for another process that changes the file's form.
_PATIENCE = 30.0


def counts(path: Path) -> dict[State, int]:
    """How many edits of the journal in `account.sqlite` at `path` are in each state; not the 0s.

    Raises:
        HomeUnusable: the file cannot be read.
    """
    with reading(path) as (connection, there):
        if "edits" not in there:
            return {}
        rows = connection.execute("select state, count(*) from edits group by state").fetchall()
    found = dict(rows)
    return {state: found[state] for state in State if state in found}


@contextmanager
def reading(path: Path) -> Iterator[tuple[sqlite3.Connection, set[str]]]:
    """A connection that sees the file as of one moment, and which tables it has."""
    if not path.exists():
        with closing(sqlite3.connect(":memory:")) as nothing:
            yield nothing, set()
        return
    address = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with closing(
            sqlite3.connect(address, uri=True, timeout=_PATIENCE, isolation_level=None)
        ) as connection:
            connection.execute("begin")
            listed = connection.execute("select name from sqlite_master where type = 'table'")
            yield connection, {name for (name,) in listed}
    except sqlite3.Error as error:
        raise HomeUnusable(
            f"{path} cannot be read: {error}", hint="check the disk and the rights of the home"
        ) from error
