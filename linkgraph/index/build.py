"""From a snapshot's tables to the arrays of its index: columns are fetched whole, as numpy."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkgraph.index.arrays import Arrays
from linkgraph.index.cardlist import CardList
from linkgraph.index.layout import Block, Ends, lay_out
from linkgraph.index.marks import CLOSED, DELETED, TYPES
from linkgraph.mirror.schema import literal
from linkgraph.model import EntityType, Relation

_CARDS = {
    EntityType.LEAD: (
        f"select lead_id as id, 0 as catalog_id, (is_deleted::utinyint * {DELETED} "
        f"+ (coalesce(status_id, 0) in (142, 143))::utinyint * {CLOSED})::utinyint as flags "
        "from leads"
    ),
    **{
        entity_type: f"select {entity_type}_id as id, 0 as catalog_id, "
        f"(is_deleted::utinyint * {DELETED})::utinyint as flags from {table}"
        for entity_type, table in (
            (EntityType.CUSTOMER, "customers"),
            (EntityType.CONTACT, "contacts"),
            (EntityType.COMPANY, "companies"),
        )
    },
    EntityType.ELEMENT: (
        f"select element_id as id, catalog_id, (is_deleted::utinyint * {DELETED})::utinyint "
        "as flags from elements"
    ),
}
_LINKS = """
select
    from_id, to_id, to_catalog_id,
    (case when is_main is null then 0 when is_main then 2 else 1 end)::utinyint as main
from edges
where relation = {relation} and from_type = {from_type} and to_type = {to_type}
"""


def build(database: Path) -> Arrays:
    """Read a snapshot's cards and edges and lay them out.

    Raises:
        SnapshotUnusable: the tables contradict themselves.
        duckdb.Error: the file cannot be read.
    """
    with opened(database) as db:
        return build_from(db)


def build_from(db: duckdb.DuckDBPyConnection) -> Arrays:
    """The same, of a snapshot that is open."""
    cards = {entity_type: _cards(db, entity_type) for entity_type in TYPES}
    return lay_out(cards, list(_blocks(db)))


@contextmanager
def opened(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a snapshot's database, which is only read."""
    with duckdb.connect() as db:
        db.execute(f"attach {literal(str(database))} as snapshot (read_only)")
        db.execute("use snapshot")
        yield db


def _cards(db: duckdb.DuckDBPyConnection, entity_type: EntityType) -> CardList:
    """All cards of a type that a list showed."""
    ids, catalogs, flags = _columns(db, _CARDS[entity_type])
    return CardList(ids, catalogs if entity_type is EntityType.ELEMENT else None, flags)


def _blocks(db: duckdb.DuckDBPyConnection) -> Iterator[Block]:
    """All links, a relation and a pair of types at a time, each in the order of its table."""
    found = db.execute(
        "select distinct relation::varchar, from_type::varchar, to_type::varchar from edges"
    ).fetchall()
    for relation, from_type, to_type in found:
        names = {"relation": relation, "from_type": from_type, "to_type": to_type}
        sql = _LINKS.format(**{name: literal(word) for name, word in names.items()})
        from_ids, to_ids, catalogs, main = _columns(db, sql)
        other = EntityType(to_type)
        yield Block(
            Relation(relation),
            Ends(EntityType(from_type), from_ids, None),
            Ends(other, to_ids, catalogs if other is EntityType.ELEMENT else None),
            main,
        )


def _columns(db: duckdb.DuckDBPyConnection, sql: str) -> list[NDArray[Any]]:
    table: pa.Table = db.execute(sql).to_arrow_table()
    return [_numpy(column) for column in table.columns]


def _numpy(column: pa.ChunkedArray) -> NDArray[Any]:
    # Arrow's own way for chunked columns imports pandas, where that is installed: half a second.
    chunks = [np.from_dlpack(chunk) for chunk in column.chunks]
    return np.concatenate(chunks) if chunks else np.empty(0, column.type.to_pandas_dtype())
