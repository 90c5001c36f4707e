"""The syncs of an account as a timeline: what was published, what failed, what can be compared.

What was published is told by the newest snapshot, which keeps the whole list; what failed or is
under way by the ledger of runs.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine

from linkgraph.mirror.ledger import STOPPED, RunRecord
from linkgraph.mirror.snapshots import Snapshot

_SYNCS = """
select sync_id, cast(kind as varchar) as kind, started_at, finished_at, requests, cards, edges,
    disagreements, not_whole
from syncs
order by sync_id desc
limit ?
"""


class Ending(StrEnum):
    """How an attempt to sync ended."""

    PUBLISHED = "published"
    FAILED = "failed"
    STOPPED = "stopped"
    OPEN = "open"
    """It is under way, or was broken off without a word."""


@dataclass(frozen=True, slots=True)
class SyncEntry:
    """One attempt to sync."""

    ending: Ending
    number: int | None
    """Of its snapshot; None where none was published."""
    run_id: int | None
    kind: str
    """«full», «cards» (named ones) or «push» (the links that a push wrote)."""
    started_at: datetime
    """UTC, without a zone."""
    finished_at: datetime | None
    requests: int | None
    cards: int | None = None
    """Cards whose links it read."""
    links: int | None = None
    """Links in the snapshot that it published."""
    disagreements: int = 0
    """Links that were told differently by their two sides."""
    not_whole: int = 0
    """Cards whose links could not be proved whole."""
    resumed: bool = False
    """Whether it went on where an earlier attempt had stopped."""
    error: str = ""
    is_kept: bool = False
    """Whether its snapshot is there still."""
    before: int | None = None
    """The snapshot kept before it, with which it can be compared; None where it cannot."""

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from all others, also when more is known of it."""
        return ("sync", self.number) if self.number is not None else ("run", self.run_id or 0)


def timeline(
    kept: Sequence[Snapshot], engine: Engine | None, runs: Iterable[RunRecord], count: int
) -> list[SyncEntry]:
    """The newest attempts to sync, newest first, at most `count`.

    Args:
        kept: every snapshot there is, oldest first.
        engine: the newest snapshot; None before the first.
        runs: the newest runs of the ledger, newest first.
        count: how many to tell of.
    """
    numbers = [snapshot.number for snapshot in kept]
    before = dict(zip(numbers[1:], numbers, strict=False))
    by_number = {run.snapshot: run for run in runs if run.snapshot is not None}
    entries = [_unpublished(run) for run in runs if run.snapshot is None]
    for row in _published(engine, count):
        run = by_number.pop(row["sync_id"], None)
        entries.append(
            SyncEntry(
                Ending.PUBLISHED,
                row["sync_id"],
                run.run_id if run else None,
                row["kind"],
                row["started_at"],
                row["finished_at"],
                row["requests"],
                row["cards"],
                row["edges"],
                row["disagreements"],
                row["not_whole"],
                resumed=run is not None and run.resumed,
                is_kept=row["sync_id"] in numbers,
                before=before.get(row["sync_id"]),
            )
        )
    # Published since the snapshot that is read, or before a damaged one that told of it.
    entries += [_known_by_run(run, numbers, before) for run in by_number.values()]
    # By their ends: a sync that went on where another had stopped began when that one did.
    entries.sort(key=lambda entry: (entry.finished_at or entry.started_at, entry.key), reverse=True)
    return entries[:count]


def _published(engine: Engine | None, count: int) -> Iterator[dict[str, Any]]:
    if engine is None:
        return
    with engine.connect() as connection:
        result = connection.exec_driver_sql(_SYNCS, (count,))
        yield from (dict(row) for row in result.mappings())


def _unpublished(run: RunRecord) -> SyncEntry:
    if run.finished_at is None:
        ending = Ending.OPEN
    else:
        ending = Ending.STOPPED if run.error in (None, STOPPED) else Ending.FAILED
    return SyncEntry(
        ending,
        None,
        run.run_id,
        run.kind,
        run.started_at,
        run.finished_at,
        run.requests,
        resumed=run.resumed,
        error=run.error or "" if ending is Ending.FAILED else "",
    )


def _known_by_run(run: RunRecord, numbers: list[int], before: dict[int, int]) -> SyncEntry:
    assert run.snapshot is not None
    return SyncEntry(
        Ending.PUBLISHED,
        run.snapshot,
        run.run_id,
        run.kind,
        run.started_at,
        run.finished_at,
        run.requests,
        resumed=run.resumed,
        is_kept=run.snapshot in numbers,
        before=before.get(run.snapshot),
    )
