"""A snapshot as a read-only SQLAlchemy engine, from which nothing but the snapshot can be reached.

DuckDB keeps one instance a file and process, and its settings belong to the instance. So the
engines of one snapshot share one instance, which is locked before anyone gets a connection: no
other file, no network, no setting can be reached from SQL, whatever the statement is. What the lock
lets through, the paths of the snapshot's own file, the engine refuses to write to.
"""

import os
import re
import threading
from pathlib import Path
from typing import TypeAlias

import duckdb
from duckdb_sqlalchemy import ConnectionWrapper
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from linkgraph.errors import InvalidParameter, QueryForbidden, SnapshotTooNew, SnapshotUnusable
from linkgraph.mirror.schema import SCHEMA_VERSION, literal
from linkgraph.plaintext import plain
from queries.spill import Spill

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # else a table name that DuckDB does not know is looked up among the caller's Python variables
    "python_enable_replacements": False,
}


_MEMORY = re.compile(
    r"\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[KMGT]i?B)\s*", re.IGNORECASE | re.ASCII
)
_BYTES = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12} | {
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
#: DuckDB opens a snapshot with less, and then hardly counts its rows.
_LEAST_MEMORY = 10**7


def open_engine(
    path: Path,
    *,
    older: Path | None = None,
    memory_limit: str | None = None,
    temp_directory: Path | None = None,
) -> Engine:
    """A read-only engine over the snapshot file at `path`.

    `dispose()` closes the file, once no other engine of the same file is open; it waits for
    statements that still run (stop them first).

    Connections are cheap and private: each is a DuckDB cursor of its own, so threads may share the
    engine. While one engine of a snapshot is open, later ones take over its settings.

    Args:
        path: The file itself, symlinks resolved: a replaced path would hand back the old snapshot.
        older: Another snapshot file, to compare with: its tables stand in the schema `older`.
        memory_limit: Such as «500MB» or «4GB»; by default 80 % of the machine's. The rows that
            were read and are not yet passed on are not counted.
        temp_directory: Where large sorts spill, in a private folder that is removed on closing,
            or after a kill by whoever opens a snapshot next.

    Raises:
        InvalidParameter: the memory limit is none, or too little for anything.
        SnapshotUnusable: the file cannot be opened or is no snapshot.
        SnapshotTooNew: a newer linkgraph made it.
    """
    if memory_limit is not None:
        memory_limit = checked_memory(memory_limit)
    resolved = path.resolve()
    key = (resolved, older.resolve() if older is not None else None)
    share = _Share(key, memory_limit, temp_directory)
    share.open()
    engine = create_engine(
        URL.create("duckdb", database=str(resolved)),
        creator=share.connect,
        poolclass=NullPool,
        pool_reset_on_return=None,  # a connection given back is closed: nothing to reset
    )
    event.listen(engine, "engine_disposed", lambda _: share.close())
    event.listen(engine, "before_cursor_execute", _refuse)
    return engine


def checked_memory(text: str) -> str:
    """An amount of memory as DuckDB takes it.

    >>> checked_memory(" 1.5 gb ")
    '1.5GB'

    Raises:
        InvalidParameter: it is none, or too little for anything.
    """
    match = _MEMORY.fullmatch(text)
    if match is None:
        raise InvalidParameter(
            f"«{plain(text, 40)}» is no amount of memory", hint="for instance 500MB or 2GB"
        )
    unit = match["unit"].upper().replace("I", "i")
    if float(match["number"]) * _BYTES[unit] < _LEAST_MEMORY:
        raise InvalidParameter(
            f"{match['number']}{unit} of memory is too little for any query",
            hint=f"{_LEAST_MEMORY // 10**6}MB at least; 500MB is enough for most",
        )
    return f"{match['number']}{unit}"


#: The file of a snapshot, and that of the older one it is compared with.
_Key: TypeAlias = tuple[Path, Path | None]


class _Instance:
    """The one DuckDB instance of a file, with the number of engines that use it."""

    def __init__(self, key: _Key, memory_limit: str | None, temp_directory: Path | None) -> None:
        path, older = key
        self.users = 0
        self._spill = Spill(temp_directory)
        try:
            if older is None:
                self.connection = duckdb.connect(str(path), read_only=True, config=_CONFIG)
            else:
                self.connection = _compared(path, older)
            _lock(self.connection, memory_limit, self._spill.path)
            _check_version(self.connection, compared=older is not None)
        except duckdb.Error as exc:
            self.close()
            raise _unusable(path, exc) from exc
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if hasattr(self, "connection"):
            self.connection.close()
        self._spill.close()


_instances: dict[_Key, _Instance] = {}
_guard = threading.RLock()


class _Share:
    """One engine's part in the instance: opened again if a disposed engine is used again."""

    def __init__(self, key: _Key, memory_limit: str | None, temp_directory: Path | None) -> None:
        self._key = key
        self._settings = (memory_limit, temp_directory)
        self._instance: _Instance | None = None

    def open(self) -> _Instance:
        with _guard:
            if self._instance is None:
                instance = _instances.get(self._key)
                if instance is None:
                    instance = _instances[self._key] = _Instance(self._key, *self._settings)
                instance.users += 1
                self._instance = instance
            return self._instance

    def connect(self) -> ConnectionWrapper:
        with _guard:
            cursor = self.open().connection.cursor()
            if self._key[1] is not None:
                cursor.execute("use newer")  # no cursor takes that over from its instance
            return ConnectionWrapper(cursor)

    def close(self) -> None:
        with _guard:
            instance, self._instance = self._instance, None
            if instance is None:
                return
            instance.users -= 1
            if instance.users == 0:
                del _instances[self._key]
                instance.close()


#: Statements that the lock lets reach the snapshot's own files, or which would take them away.
_REACHING = frozenset(
    {
        *(duckdb.StatementType.COPY, duckdb.StatementType.EXPORT),
        *(duckdb.StatementType.ATTACH, duckdb.StatementType.DETACH),
        duckdb.StatementType.PREPARE,  # of any of these: what is prepared cannot be seen
    }
)


def _refuse(connection: object, cursor: object, statement: str, *rest: object) -> None:
    """Refuse what would write beside the snapshot: DuckDB's lock spares the paths it has open."""
    try:
        statements = duckdb.extract_statements(statement)
    except duckdb.Error:
        return  # DuckDB says better itself what is wrong with it
    for found in statements:
        if found.type in _REACHING:
            raise QueryForbidden(
                f"{found.type.name} is not allowed: a snapshot is only read",
                hint="fetch the rows and write them from there",
            )


def _compared(path: Path, older: Path) -> duckdb.DuckDBPyConnection:
    # In an instance of its own: the one that reads the newer file alone may be locked already.
    connection = duckdb.connect(":memory:", config=_CONFIG)
    try:
        for file, name in ((path, "newer"), (older, "older")):
            connection.execute(f"attach {literal(str(file))} as {name} (read_only)")
    except duckdb.Error:
        connection.close()
        raise
    return connection


def _lock(connection: duckdb.DuckDBPyConnection, memory_limit: str | None, spill: Path) -> None:
    if memory_limit is not None:
        connection.execute(f"set memory_limit = {literal(memory_limit)}")
    connection.execute(f"set temp_directory = {literal(os.fspath(spill))}")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _check_version(connection: duckdb.DuckDBPyConnection, *, compared: bool) -> None:
    tables = ("newer.meta", "older.meta") if compared else ("meta",)
    versions = " union all ".join(f"select schema_version from {table}" for table in tables)
    row = connection.execute(f"select max(schema_version) from ({versions})").fetchone()
    version = row[0] if row else None
    if version is not None and version > SCHEMA_VERSION:
        raise SnapshotTooNew(
            f"the snapshot is of version {version}; this linkgraph reads up to {SCHEMA_VERSION}",
            hint="update linkgraph, or sync again with this one",
        )


def _unusable(path: Path, exc: duckdb.Error) -> SnapshotUnusable:
    first_line = str(exc).partition("\n")[0]
    return SnapshotUnusable(
        f"cannot open the snapshot {plain(path)}: {plain(first_line)}",
        hint="`linkgraph sync` makes a new one",
    )
