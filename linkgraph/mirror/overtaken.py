"""Cards whose links were written after they were read: in a staging, and in a snapshot.

A read made at the very moment of a touch counts as too early: who came first cannot be told.
"""

from collections.abc import Mapping
from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa

from linkgraph.mirror.ledger import Ledger
from linkgraph.mirror.schema import literal
from linkgraph.mirror.snapshots import Snapshot
from linkgraph.mirror.stagedrows import TABLES
from linkgraph.mirror.staging import Staging
from linkgraph.model import CARD_TYPES, EntityType, Ref, by_type

Touched = Mapping[Ref, datetime]
"""When cards were last touched; see `Ledger.touch`."""

_STAGED = """
select read.entity_type::varchar, read.entity_id
from link_reads as read
join touched on touched.type = read.entity_type::varchar and touched.id = read.entity_id
where read.read_at <= touched.at
order by all
"""

_OLD_WITNESS = """
delete from embedded
where entity_type = '{type}' and entity_id in (
    select card.{key}
    from {table} as card
    join touched on touched.type = '{type}' and touched.id = card.{key}
    where card.read_at <= touched.at
)
"""

_PUBLISHED = """
select card.{key}
from snapshot.{table} as card
join touched on touched.type = '{type}' and touched.id = card.{key}
where not card.is_deleted and coalesce(card.links_read_at <= touched.at, true)
order by all
"""


def overtaken_in_staging(staging: Staging, touched: Touched) -> list[Ref]:
    """The cards whose staged links were read before or as they were last touched."""
    if not touched:
        return []
    staging.connection.register("touched", _table(touched))
    try:
        rows = staging.connection.execute(_STAGED).fetchall()
    finally:
        staging.connection.unregister("touched")
    return [Ref(EntityType(name), card_id) for name, card_id in rows]


def take_back(staging: Staging, touched: Touched) -> bool:
    """Take back the staged links that were read too early; says whether there were any."""
    overtaken = overtaken_in_staging(staging, touched)
    for kind, refs in by_type(overtaken).items():
        staging.forget_link_reads(kind, np.array([ref.id for ref in refs], np.int64))
    return bool(overtaken)


def forget_old_witness(staging: Staging, touched: Touched) -> None:
    """Drop the links that touched cards' own list entries named before: they prove nothing now."""
    staging.connection.register("touched", _table(touched))
    try:
        for kind in CARD_TYPES:
            table, key = TABLES[kind]
            staging.connection.execute(_OLD_WITNESS.format(type=kind, table=table, key=key))
    finally:
        staging.connection.unregister("touched")


def overtaken_in_snapshot(snapshot: Snapshot, ledger: Ledger) -> list[Ref]:
    """The cards whose links the snapshot has from before or as they were last touched."""
    with duckdb.connect() as db:
        db.execute(f"attach {literal(str(snapshot.path))} as snapshot (read_only)")
        oldest = " union all ".join(
            f"select min(links_read_at) as read_at from snapshot.{TABLES[kind][0]} "
            "where not is_deleted"
            for kind in CARD_TYPES
        )
        row = db.execute(f"select min(read_at) from ({oldest})").fetchone()
        touched = ledger.touched(row[0] if row else None)
        if not touched:
            return []
        db.register("touched", _table(touched))
        found: list[Ref] = []
        for kind in CARD_TYPES:
            table, key = TABLES[kind]
            rows = db.execute(_PUBLISHED.format(type=kind, table=table, key=key)).fetchall()
            found += [Ref(kind, card_id) for (card_id,) in rows]
        return found


def _table(touched: Touched) -> pa.Table:
    return pa.table(
        {
            "type": pa.array([ref.type.value for ref in touched], pa.string()),
            "id": pa.array([ref.id for ref in touched], pa.int64()),
            "at": pa.array(list(touched.values()), pa.timestamp("us")),
        }
    )
