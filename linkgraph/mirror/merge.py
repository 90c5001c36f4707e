"""From what was staged and the last snapshot to the next snapshot's tables.

One rule covers full and partial syncs alike: a card whose links were read whole is taken from
staging, every other card keeps what the last snapshot says of it. A missing link is a removal
only if what should have shown it was read whole.

The SQL of the single steps stands in `merge_sql.py` and `edges_sql.py`.
"""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

import linkgraph
from linkgraph.errors import Removal, TooManyRemovals
from linkgraph.mirror import edges_sql, merge_sql, schema
from linkgraph.mirror.clock import now
from linkgraph.mirror.schema import SCHEMA_VERSION, literal
from linkgraph.mirror.snapshots import Snapshot, SnapshotCard
from linkgraph.mirror.stagedrows import TABLES, ref_table
from linkgraph.model import Ref

#: What a merge may hold in memory; beyond it DuckDB spills to the disk beside the staging.
MEMORY_LIMIT = "2GB"
#: Below so many removed links of a relation no confirmation is asked for.
GUARD_FROM = 100

_DIRECTORY = (("users",), ("pipelines", "statuses"), ("catalogs",))


@dataclass(frozen=True, slots=True)
class Change:
    """What a sync changed of one relation against the snapshot before it."""

    relation: str
    added: int
    removed: int
    changed: int


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of a merge: the snapshot's card, and what changed."""

    card: SnapshotCard
    changes: tuple[Change, ...]
    first: bool
    disagreements: int
    not_whole: int
    links_expected: int | None
    """Links that the mass lists announced, both sides counted; None where they announce none."""
    links_received: int
    """Links that came."""


class _Run(NamedTuple):
    """The staging's own row about itself."""

    kind: str
    started_at: datetime
    requests: int
    base_url: str
    account_id: int | None
    account_name: str | None
    phone_country: str


def merge(
    target: Path,
    staging: Path,
    last: Snapshot | None,
    *,
    number: int,
    max_removals: float,
    written: Iterable[Ref] = (),
    on_step: Callable[[str], None] = lambda step: None,
) -> Merged:
    """Write the next snapshot's database to `target` from a closed staging file.

    Args:
        target: where to write; must not exist.
        staging: the staging file, which nobody has open.
        last: the snapshot to go on from, if there is one.
        number: the number of the new snapshot.
        max_removals: the share of a relation's links whose removal stops the merge; 1 never does.
        written: cards whose links a push wrote since: what vanished of theirs was meant to.
        on_step: told the name of each step as it begins.

    Raises:
        TooManyRemovals: more vanished than that share; `target` is to be thrown away.
        duckdb.Error: the disk is full, or a file is damaged.
    """
    spill = staging.with_name("spill")
    try:
        with duckdb.connect(
            config={"temp_directory": str(spill), "memory_limit": MEMORY_LIMIT}
        ) as db:
            run = _attach(db, target, staging, last)
            # One transaction: a commit a statement would sync the disk each time.
            db.begin()
            merged = _fill(db, run, last, number, max_removals, written, on_step)
            db.commit()
            on_step("checkpoint")
            db.execute("use memory")
            db.execute("detach next")  # writes the log into the file
            return merged
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def _fill(
    db: duckdb.DuckDBPyConnection,
    run: _Run,
    last: Snapshot | None,
    number: int,
    max_removals: float,
    written: Iterable[Ref],
    on_step: Callable[[str], None],
) -> Merged:
    on_step("cards")
    for entity_type, (table, key) in TABLES.items():
        db.execute(merge_sql.cards(entity_type, table, key, first=last is None))
    db.execute(merge_sql.identifiers(first=last is None))
    for tables in _DIRECTORY:
        read = _count(db, f"select count(*) from staged.{tables[0]}") > 0
        for table in tables:
            db.execute(f"insert into {table} select * from {'staged' if read else 'last'}.{table}")
    on_step("links")
    _links(db, first=last is None)
    on_step("edges")
    db.execute(edges_sql.DELETED)
    any_deleted = _count(db, "select count(*) from deleted") > 0
    for statement in edges_sql.edges(any_deleted=any_deleted):
        db.execute(statement)
    told_twice = _count(db, edges_sql.FAR_METADATA) > 0
    disagreements = _count(db, edges_sql.DISAGREEMENTS) if told_twice else 0
    on_step("changes")
    changes = _changes(db, number, first=last is None)
    if last is not None:
        _guard(db, changes, max_removals, written)
    on_step("adjacency")
    for statement in edges_sql.adjacency():
        db.execute(statement)
    db.execute(edges_sql.UNREADABLE)
    on_step("counts")
    not_whole = _count(db, "select count(*) from staged.link_reads where not is_whole")
    finished_at = now()
    db.execute("insert into sync_counts select * from last.sync_counts")
    db.execute(edges_sql.COUNTS, {"sync_id": number})
    db.execute("insert into syncs select * from last.syncs")
    db.execute(
        "insert into syncs values ($number, $kind, $started_at, $finished_at, $requests, "
        "(select count(*) from staged.link_reads), (select count(*) from edges), "
        "$disagreements, $not_whole)",
        {
            "number": number,
            "kind": run.kind,
            "started_at": run.started_at,
            "finished_at": finished_at,
            "requests": run.requests,
            "disagreements": disagreements,
            "not_whole": not_whole,
        },
    )
    db.execute(
        "insert into meta values ($version, $number, $account_id, $account_name, $base_url, "
        "$phone_country, $started_at, $linkgraph)",
        {
            "version": SCHEMA_VERSION,
            "number": number,
            "account_id": run.account_id,
            "account_name": run.account_name,
            "base_url": run.base_url,
            "phone_country": run.phone_country,
            "started_at": run.started_at,
            "linkgraph": linkgraph.__version__,
        },
    )
    card = _card(db, number, run, finished_at)
    told = db.execute(edges_sql.COUNTED, {"sync_id": number}).fetchone() or (None, 0)
    return Merged(card, changes, last is None, disagreements, not_whole, *told)


def _links(db: duckdb.DuckDBPyConnection, *, first: bool) -> None:
    """Fill `links`: what was read whole as it was read, what was not as it was known."""
    row = db.execute(merge_sql.NAMELESS).fetchone()
    nameless = row is not None and bool(row[0])
    db.execute(merge_sql.reported("fresh", "staged", nameless=nameless))
    if not first:
        db.execute(merge_sql.reported("before", "last", nameless=nameless))
        for statement in (
            merge_sql.SETTLED,
            merge_sql.HIDDEN,
            merge_sql.REPORTS,
            merge_sql.KEPT,
        ):
            db.execute(statement)
    for statement in merge_sql.links(first=first):
        db.execute(statement)


def _attach(
    db: duckdb.DuckDBPyConnection, target: Path, staging: Path, last: Snapshot | None
) -> _Run:
    db.execute(f"attach {literal(str(staging))} as staged (read_only)")
    run = _row(
        db,
        "select kind, started_at, requests, base_url, account_id, account_name, phone_country "
        "from staged.run",
    )
    if last is not None:
        db.execute(f"attach {literal(str(last.path))} as last (read_only)")
    else:
        # An empty snapshot, so that the first sync is like every other.
        db.execute("attach ':memory:' as last; use last")
        schema.create(db, "")
    if run.account_id is None:  # a sync of named cards does not ask for the account again
        known = db.execute("select account_id, account_name from last.meta").fetchone()
        if known is not None:
            run = run._replace(account_id=known[0], account_name=known[1])
    db.execute(f"attach {literal(str(target))} as next; use next")
    schema.create(db, run.base_url)
    return run


def _row(db: duckdb.DuckDBPyConnection, sql: str) -> _Run:
    row = db.execute(sql).fetchone()
    assert row is not None  # a staging always has its run
    return _Run(*row)


def _count(db: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = db.execute(sql).fetchone()
    assert row is not None  # an aggregate without groups always gives a row
    return int(row[0])


def _changes(db: duckdb.DuckDBPyConnection, number: int, *, first: bool) -> tuple[Change, ...]:
    db.execute("insert into sync_changes select * from last.sync_changes")
    changes = edges_sql.FIRST_CHANGES if first else edges_sql.CHANGES
    db.execute(changes, {"sync_id": number})
    rows = db.execute(
        "select relation::varchar, added, removed, changed from sync_changes "
        "where sync_id = $sync_id order by relation",
        {"sync_id": number},
    ).fetchall()
    return tuple(Change(*row) for row in rows)


def _guard(
    db: duckdb.DuckDBPyConnection,
    changes: tuple[Change, ...],
    max_removals: float,
    written: Iterable[Ref],
) -> None:
    before = dict(
        db.execute(
            "select relation::varchar, count(*) from last.edges group by relation"
        ).fetchall()
    )

    def alarming_among(removed: dict[str, int]) -> dict[str, int]:
        return {
            relation: count
            for relation, count in removed.items()
            if count >= GUARD_FROM and count > max_removals * before.get(relation, 0)
        }

    found = alarming_among({change.relation: change.removed for change in changes})
    cards = list(written) if found else []
    if cards:
        db.register("written", ref_table(cards))
        found = alarming_among(dict(db.execute(edges_sql.REMOVED_UNWRITTEN).fetchall()))
        db.unregister("written")
    alarming = tuple(
        Removal(relation, count, before[relation]) for relation, count in found.items()
    )
    if alarming:
        told = ", ".join(f"{one.removed:,} of {one.of:,} {one.relation} links" for one in alarming)
        raise TooManyRemovals(
            f"this sync would remove {told}; nothing was published",
            hint="if that is what happened in the CRM: linkgraph sync --accept-removals "
            "(nothing is read anew)",
            removals=alarming,
        )


def _card(
    db: duckdb.DuckDBPyConnection, number: int, run: _Run, finished_at: datetime
) -> SnapshotCard:
    cards = {
        entity_type.value: _count(db, f"select count(*) from {table} where not is_deleted")
        for entity_type, (table, _) in TABLES.items()
    }
    edges = db.execute(
        "select relation::varchar, count(*) from edges where is_live "
        "group by relation order by relation"
    ).fetchall()
    return SnapshotCard(
        schema_version=SCHEMA_VERSION,
        number=number,
        kind=run.kind,
        base_url=run.base_url,
        account_name=run.account_name or "",
        taken_at=run.started_at.isoformat(),
        finished_at=finished_at.isoformat(),
        requests=run.requests,
        cards=cards,
        edges=dict(edges),
    )
