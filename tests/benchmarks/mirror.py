"""Merging what was staged and publishing it as a snapshot.

The staging is made from the generator's columns: nothing is asked over HTTP.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from linkgraph.mirror.merge import Merged, merge
from linkgraph.mirror.snapshots import Snapshot, SnapshotCard, Snapshots
from linkgraph.mirror.staging import Staging
from linkgraph.mirror.witness import Witness
from linkgraph.simulator import generate
from tests.benchmarks.measures import Measure, peak_memory, timed
from tests.benchmarks.staged import stage

TARGET = 3.0
"""Seconds for merge and publication of a million links on a quiet machine of two cores."""


def run(links: int) -> Iterator[Measure]:
    """First and second merge, against DuckDB's own way with the same rows."""
    target = TARGET if links <= 1_000_000 else None
    with TemporaryDirectory() as name:
        folder = Path(name)
        staging = folder / "staging.duckdb"
        stage(staging, generate(links, seed=1))
        plain = _plain_copy(staging, folder / "plain.duckdb")
        before = peak_memory()
        with timed() as watch:
            first = _publish(folder, staging, None)
        yield Measure(
            "merge and publish, first", watch.seconds, "s", "sorted CTAS of the rows", plain, target
        )
        _change(staging, links // 100)
        with timed() as watch:
            second = _publish(folder, staging, first)
        yield Measure(
            "… again, 1 % changed", watch.seconds, "s", "sorted CTAS of the rows", plain, target
        )
        with timed() as copying:
            shutil.copyfile(second.path, folder / "copy.duckdb")
        size = second.path.stat().st_size / 2**20
        yield Measure("snapshot", size, "MB", "staging", staging.stat().st_size / 2**20)
        yield Measure("copying the snapshot's file", copying.seconds)
        yield Measure("witnesses heard after the pull", _witnesses(staging, second))
        yield Measure("peak memory of it all", peak_memory(), "MB", "before merging", before)


def _publish(folder: Path, staging: Path, last: Snapshot | None) -> Snapshot:
    snapshots = Snapshots(folder)
    number = snapshots.next_number()
    merged: list[Merged] = []

    def build(target: Path) -> SnapshotCard:
        merged.append(merge(target, staging, last, number=number, max_removals=1.0))
        return merged[0].card

    return snapshots.publish(number, build, keep=2)


def _plain_copy(staging: Path, target: Path) -> float:
    """The yardstick: each staged table as a table of a new file, links from both ends, sorted."""
    with timed() as watch, duckdb.connect(str(target)) as db:
        db.execute(f"attach '{staging}' as staged (read_only)")
        for table, key in (
            ("leads", "lead_id"),
            ("customers", "customer_id"),
            ("contacts", "contact_id"),
            ("companies", "company_id"),
            ("elements", "catalog_id, element_id"),
            ("identifiers", "entity_type, entity_id"),
            ("links", "entity_type, entity_id"),
        ):
            db.execute(f"create table {table} as select * from staged.{table} order by {key}")
        db.execute("create table adjacency as select * from staged.links order by to_entity_id")
    return watch.seconds


def _change(staging: Path, count: int) -> None:
    """Let links go: some from every hundred cards, told by both sides."""
    with duckdb.connect(str(staging)) as db:
        db.execute(
            "create temp table gone as select least(entity_id, to_entity_id) as a, "
            "greatest(entity_id, to_entity_id) as b from links "
            f"where entity_type < to_entity_type using sample {count} rows (reservoir, 7)"
        )
        db.execute(
            "delete from links where (least(entity_id, to_entity_id), "
            "greatest(entity_id, to_entity_id)) in (select (a, b) from gone)"
        )


def _witnesses(staging: Path, last: Snapshot) -> float:
    found = Staging.reopen(staging)
    with timed() as watch, found:
        witness = Witness(found, last)
        witness.unconfirmed()
        witness.one_sided()
        witness.unknown(full=True)
    return watch.seconds
