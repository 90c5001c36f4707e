"""What the sync in progress has read: a private DuckDB file, one transaction a page.

Progress is marked per card and per page, never per batch, so that a pull killed at any moment
goes on where it stopped. Nobody but the sync that holds the lock opens this file.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from linkgraph.errors import PublishFailed
from linkgraph.mirror import schema
from linkgraph.mirror.clock import now
from linkgraph.mirror.snapshots import Snapshot
from linkgraph.mirror.stagedrows import TABLES, StagedRows
from linkgraph.model import EntityType

#: Raised whenever these tables change; a staging of another format is begun anew.
FORMAT = 2
#: A staging older than this is begun anew: too much has changed meanwhile.
MAX_AGE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Run:
    """Which sync a staging belongs to."""

    kind: str
    started_at: datetime
    base_url: str
    phone_country: str
    wanted: tuple[str, ...] = ()
    """The refs that were asked for, where the sync is of named cards only."""
    finished_at: datetime | None = None
    """When all was read; None while anything is missing."""
    refused: float | None = None
    """The share of removals that was allowed when the finished staging was refused for more."""


class Staging(StagedRows):
    """An open staging file: its rows, and the run that they belong to."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection, run: Run) -> None:
        super().__init__(connection)
        self.path = path
        self.run = run

    @classmethod
    def begin(cls, path: Path, run: Run) -> Self:
        """Start an empty staging for a run, dropping whatever stood there."""
        discard(path)
        connection = _connect(path)
        schema.create(connection, run.base_url)
        connection.begin()
        connection.execute(_marks())
        connection.execute(
            "insert into run values ($format, $kind, $started_at, 0, $base_url, null, null, "
            "$phone_country, $wanted, null, null)",
            {
                "format": FORMAT,
                "kind": run.kind,
                "started_at": run.started_at,
                "base_url": run.base_url,
                "phone_country": run.phone_country,
                "wanted": list(run.wanted),
            },
        )
        connection.commit()
        # Out of the log and into the file: a log that creates views cannot be replayed after a
        # kill (DuckDB 1.5 looks for a default database that is not there yet).
        connection.execute("checkpoint")
        return cls(path, connection, run)

    @classmethod
    def resume(cls, path: Path, *, now: datetime) -> Self | None:
        """Open the staging that a stopped sync left; None where there is none to go on with."""
        if not path.exists():
            return None
        try:
            connection = _connect(path)
        except duckdb.Error:
            return None  # damaged, or of another DuckDB: begun anew
        try:
            row = connection.execute(
                "select format, kind, started_at, base_url, phone_country, wanted, finished_at, "
                "refused from run"
            ).fetchone()
        except duckdb.Error:
            row = None
        if row is None or row[0] != FORMAT or not timedelta() <= now - row[2] <= MAX_AGE:
            connection.close()
            return None
        return cls(
            path, connection, Run(row[1], row[2], row[3], row[4], tuple(row[5]), row[6], row[7])
        )

    @classmethod
    def reopen(cls, path: Path) -> Self:
        """Open a staging that is known to be good."""
        staging = cls.resume(path, now=now())
        if staging is None:
            raise PublishFailed(f"{path} vanished", hint="run linkgraph sync again")
        return staging

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write what is in the log into the file, and let go of it."""
        self._db.close()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """For the questions that other modules of the mirror ask of what was staged."""
        return self._db

    def attach_last(self, last: Snapshot | None) -> None:
        """Make the last snapshot readable beside what is staged; an empty one where there is none.

        Where a sync of named cards published while this one stood still, its newer cards take the
        place of what is staged, and their links are to be read again.
        """
        if last is None:
            here = self._db.sql("select current_database()").fetchone()
            assert here is not None
            self._db.execute("attach ':memory:' as last; use last")
            schema.create(self._db, "")
            self._db.execute(f'use "{here[0]}"')
            return
        self._db.execute(f"attach {schema.literal(str(last.path))} as last (read_only)")
        overtaken = "select 1 from last.syncs where finished_at > ?"
        if self._exists(overtaken, [self.run.started_at]):
            for entity_type in TABLES:
                self._take_newer(entity_type)

    def _take_newer(self, entity_type: EntityType) -> None:
        table, key = TABLES[entity_type]
        element = entity_type is EntityType.ELEMENT
        same = "old.catalog_id = card.catalog_id and " if element else ""
        newer = (
            f"select {'old.catalog_id' if element else '0 as catalog_id'}, old.{key} as id "
            f"from last.{table} as old join {table} as card on {same}old.{key} = card.{key} "
            "where card.read_at < old.read_at or (old.is_deleted and card.read_at < "
            "(select max(finished_at) from last.syncs))"
        )
        at = f"({'catalog_id' if element else '0'}, {key}) in (select (catalog_id, id) from newer)"
        with self._transaction():
            self._db.execute(f"create temp table newer as {newer}")
            self._db.execute(f"delete from {table} where {at}")
            self._db.execute(
                f"insert into {table} by name select * exclude (url) from last.{table} where {at}"
            )
            within = f"entity_type = '{entity_type}' and entity_id in (select id from newer)"
            if not element:
                self._db.execute(f"delete from embedded where {within}")
                self._db.execute(f"delete from identifiers where {within}")
                self._db.execute(
                    f"insert into identifiers select * from last.identifiers where {within}"
                )
            self._db.execute("drop table newer")
        if not element:
            stale = (
                f"select old.{key} as id from last.{table} as old join link_reads as read "
                f"on read.entity_type = '{entity_type}' and read.entity_id = old.{key} "
                "and read.read_at < old.links_read_at"
            )
            self.forget_link_reads(entity_type, self._ids(stale))

    def put_account(self, account_id: int | None, name: str | None) -> None:
        """Keep what the account said of itself."""
        self._db.execute("update run set account_id = ?, account_name = ?", [account_id, name])

    def put_closed(self, types: Iterable[EntityType]) -> None:
        """Keep which types the account does not show at all now."""
        with self._transaction():
            self._db.execute("delete from closed")
            for entity_type in types:
                self._db.execute("insert into closed values (?)", [entity_type.value])

    @property
    def is_finished(self) -> bool:
        """Whether all was read and nothing of it has been overtaken since."""
        return self._exists("select 1 from run where finished_at is not null", [])

    def finish(self) -> None:
        """Mark that all was read: nothing is left but to publish it."""
        self._db.execute("update run set finished_at = ?", [now()])

    def refuse(self, max_removals: float) -> None:
        """Mark that what was read removes more than that share, and was not published."""
        self._db.execute("update run set refused = ?", [max_removals])

    def add_requests(self, count: int) -> None:
        """Count requests that were sent, over all runs of this sync."""
        self._db.execute("update run set requests = requests + ?", [count])


def discard(path: Path) -> None:
    """Remove a staging file and its log."""
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    # Statements of a page are too small to be worth a second thread.
    connection = duckdb.connect(str(path), config={"threads": 1})
    path.chmod(0o600)
    return connection


def _marks() -> str:
    return files(__name__.rpartition(".")[0]).joinpath("staging.sql").read_text(encoding="utf-8")
