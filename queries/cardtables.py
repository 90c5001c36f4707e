"""The tables of a snapshot as one looks at single cards: quick to open and small.

A DuckDB instance of its own, opened when it is first asked. It is bounded: what it has read of the
file stays within `MEMORY`, however many cards are walked over, while questions take what they need
in theirs. Nothing but statements of ours runs here, each in milliseconds, so none is stoppable.
"""

import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linkgraph.errors import SnapshotUnusable
from linkgraph.mirror.schema import literal
from linkgraph.plaintext import plain

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

MEMORY = "32MB"
_NAMED = re.compile(r"\$([a-z_]+)")
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": MEMORY,
    "threads": 1,  # a card's rows lie together: a second one would only wait
    "temp_directory": "",  # there is nothing to spill
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}


class CardTables:
    """Reads rows of a snapshot. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """`path` is the snapshot's file; it is opened when rows are first asked for."""
        self._path = path
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._lock = threading.Lock()

    def rows(self, sql: str, values: Mapping[str, int | str]) -> list[dict[str, Any]]:
        """The rows of a statement with `values` in place of its `$names`, as dicts.

        Raises:
            SnapshotUnusable: the file cannot be read.
        """
        found = self._run(sql, values)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def columns(self, sql: str, values: Mapping[str, int | str]) -> "dict[str, NDArray[Any]]":
        """The columns of a statement, as `rows`; one that holds NULL is a masked array.

        Raises:
            SnapshotUnusable: the file cannot be read.
        """
        found: dict[str, NDArray[Any]] = self._run(sql, values).fetchnumpy()
        return found

    def open(self) -> None:
        """Open the file now.

        Raises:
            SnapshotUnusable: it cannot be read.
        """
        self._run("select 1", {})

    def close(self) -> None:
        """Let go of the file; it is opened again if it is asked again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _run(self, sql: str, values: Mapping[str, int | str]) -> "duckdb.DuckDBPyConnection":
        import duckdb  # a tenth of a second, which whoever only walks does without

        # Where a statement has parameters DuckDB imports pandas, if it is there: half a second.
        text = _NAMED.sub(lambda name: _literal(values[name[1]]), sql)
        try:
            return self._cursor().execute(text)
        except duckdb.Error as exc:
            raise unusable(self._path, exc) from exc

    def _cursor(self) -> "duckdb.DuckDBPyConnection":
        import duckdb

        with self._lock:
            if self._connection is None:
                connection = duckdb.connect(":memory:", config=_CONFIG)
                connection.execute(f"attach {_literal(str(self._path))} as snapshot (read_only)")
                self._connection = connection
            cursor = self._connection.cursor()
        cursor.execute("use snapshot")  # no cursor takes that over from its instance
        return cursor


def _literal(value: int | str) -> str:
    return str(value) if isinstance(value, int) else literal(value)


def unusable(path: Path, error: Exception) -> SnapshotUnusable:
    """What to say of a snapshot that DuckDB cannot read."""
    first_line = str(error).partition("\n")[0]
    return SnapshotUnusable(
        f"cannot open the snapshot {plain(path)}: {plain(first_line)}",
        hint="`linkgraph sync` makes a new one",
    )
