"""`account.sqlite`: one SQLite file an account, in WAL mode, that several processes may write.

Invariant: a transaction that writes takes the write lock when it begins, so that what it read
before it writes is still so; it waits for others instead of failing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from linkgraph.errors import HomeUnusable

#: Milliseconds to wait for another process to finish writing.
_PATIENCE = 120_000


class AccountFile:
    """The file with the tables of `metadata`, made where they are missing; 0600.

    Raises:
        HomeUnusable: it cannot be read or written.
    """

    def __init__(self, path: Path, metadata: MetaData) -> None:
        self.path = path
        self._engine: Engine = create_engine(URL.create("sqlite", database=str(path)))
        event.listen(self._engine, "connect", _on_connect)
        event.listen(self._engine, "begin", _on_begin)
        try:
            with self._engine.execution_options(writes=True).begin() as connection:
                metadata.create_all(connection)
            path.chmod(0o600)
        except (SQLAlchemyError, OSError) as error:
            raise self._unusable(error) from error

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the file."""
        with self._told(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that nobody else writes beside; on disk when it ends without an error."""
        with self._told(), self._engine.execution_options(writes=True).begin() as connection:
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> HomeUnusable:
        return HomeUnusable(
            f"{self.path} cannot be used: {str(error).splitlines()[0]}",
            hint="check the disk and the rights of the home",
        )


def _on_connect(connection: Any, record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, and by nobody else
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute(f"pragma busy_timeout = {_PATIENCE}")


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("begin immediate" if writes else "begin")
