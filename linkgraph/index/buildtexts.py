"""From a snapshot's tables to the files of its `CardTexts`: rows are streamed, batch by batch."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkgraph.index import cardtexts
from linkgraph.index.cardtexts import LOST, NAMED, WON
from linkgraph.index.marks import TYPES
from linkgraph.index.numbering import Numbering
from linkgraph.index.textfile import TextWriter, utf8_of
from linkgraph.mirror.snapshots import SnapshotCard
from linkgraph.model import EntityType

_ROWS = 20_480
_CARDS = {
    EntityType.LEAD: "select lead_id as id, 0::bigint as catalog_id, name, "
    f"case status_id when 142 then {WON} when 143 then {LOST} else 0 end::utinyint as state "
    "from leads order by lead_id",
    **{
        entity_type: f"select {entity_type}_id as id, 0::bigint as catalog_id, name, "
        f"0::utinyint as state from {table} order by {entity_type}_id"
        for entity_type, table in (
            (EntityType.CUSTOMER, "customers"),
            (EntityType.CONTACT, "contacts"),
            (EntityType.COMPANY, "companies"),
        )
    },
    EntityType.ELEMENT: "select element_id as id, catalog_id, name, 0::utinyint as state "
    "from elements order by catalog_id, element_id",
}
_IDENTIFIERS = """
select
    (kind = 'email')::utinyint as kind, normalised, enum_code(entity_type) as type,
    0::bigint as catalog_id, entity_id as id
from identifiers where normalised is not null
"""


def build_texts(
    db: duckdb.DuckDBPyConnection, folder: Path, numbering: Numbering, card: SnapshotCard
) -> None:
    """Write the texts of a snapshot that is open into `folder`, which must not exist yet.

    `numbering` is that of its index; the stamp that makes the folder valid is written last.

    Raises:
        duckdb.Error, OSError: the database or the disk.
    """
    folder.mkdir()
    _write_names(db, folder, numbering)
    _write_identifiers(db, folder, numbering)
    stamp = cardtexts.stamp_of(card, len(numbering))
    with open(folder / cardtexts.STAMP, "w", encoding="utf-8") as file:
        json.dump(stamp, file)


def _write_names(db: duckdb.DuckDBPyConnection, folder: Path, numbering: Numbering) -> None:
    lengths = np.zeros(len(numbering), np.int64)
    states = np.zeros(len(numbering), np.uint8)
    last = -1
    with (
        open(folder / cardtexts.NAMES, "wb") as names,
        TextWriter(folder / cardtexts.FOLDED) as folded,
    ):
        for entity_type in TYPES:
            code = TYPES.index(entity_type)
            for batch in _batches(db, _CARDS[entity_type]):
                catalogs, ids, own = (
                    _numbers(batch, name) for name in ("catalog_id", "id", "state")
                )
                nodes = numbering.nodes(np.full(len(ids), code), catalogs, ids)
                texts = batch.column("name")
                offsets, raw = utf8_of(texts)
                names.write(raw)
                lengths[nodes] = np.diff(offsets)
                states[nodes] = own
                states[nodes[_numpy(texts.is_valid().cast(pa.uint8())) > 0]] |= NAMED
                folded.put(texts, np.diff(nodes, prepend=last) - 1)
                last = int(nodes[-1])
    ends = lengths.cumsum()
    short = ends.max(initial=0) < 2**32
    np.save(folder / cardtexts.ENDS, ends.astype(np.uint32) if short else ends)
    np.save(folder / cardtexts.STATES, states)


def _write_identifiers(db: duckdb.DuckDBPyConnection, folder: Path, numbering: Numbering) -> None:
    owners, kinds = [np.empty(0, np.int32)], [np.empty(0, np.uint8)]
    with TextWriter(folder / cardtexts.IDENTIFIERS) as folded:
        for batch in _batches(db, _IDENTIFIERS):
            codes, catalogs, ids, kind = (
                _numbers(batch, name) for name in ("type", "catalog_id", "id", "kind")
            )
            owners.append(numbering.nodes(codes, catalogs, ids).astype(np.int32))
            kinds.append(kind)
            folded.put(batch.column("normalised"))
    np.save(folder / cardtexts.OWNERS, np.concatenate(owners))
    np.save(folder / cardtexts.KINDS, np.concatenate(kinds))


def _batches(db: duckdb.DuckDBPyConnection, sql: str) -> Iterator[pa.RecordBatch]:
    for batch in db.execute(sql).to_arrow_reader(_ROWS):
        if len(batch):
            yield batch


def _numbers(batch: pa.RecordBatch, name: str) -> NDArray[Any]:
    return _numpy(batch.column(name))


def _numpy(array: pa.Array) -> NDArray[Any]:
    return np.from_dlpack(array)
