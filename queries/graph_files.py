"""Graphs and pictures as files, each written whole or not at all."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Engine

from linkgraph import graphml
from linkgraph.errors import UsageError
from linkgraph.index import LinkIndex, Walk
from linkgraph.model import EntityType, Ref
from linkgraph.pictures.drawing import Drawing
from linkgraph.plaintext import plain
from queries import graph_tables
from queries.parts import everything
from queries.wholefiles import whole_file

#: What pictures are written as.
PICTURES = ("svg", "html")
#: Links as they are written: words, where the tables have a code for each.
_LINKS = pa.schema(
    [
        ("source", pa.string()),
        ("target", pa.string()),
        ("relation", pa.string()),
        ("is_main", pa.bool_()),
        ("quantity", pa.float64()),
        ("price_id", pa.int64()),
    ]
)


def write_picture(drawing: Drawing, target: Path) -> None:
    """Draw it, as what the file's name says.

    Raises:
        UsageError: the name says neither SVG nor HTML.
        LinkgraphError: the file cannot be written.
    """
    kind = target.suffix.lower().removeprefix(".")
    if kind == "svg":
        from linkgraph.pictures.svg import svg as draw
    elif kind == "html":
        from linkgraph.pictures.html import html as draw
    else:
        raise UsageError(
            f"the name {plain(target.name, 80)} does not tell what picture it is",
            hint=f"end it in .{' or .'.join(PICTURES)}",
        )
    text = draw(drawing)
    with whole_file(target) as stream:
        stream.write(text.encode("utf-8"))


def write_graphml(
    engine: Engine, index: LinkIndex, cards: Iterable[Ref] | None, walk: Walk, target: Path
) -> tuple[int, int]:
    """Write cards and the links among them as GraphML; returns how many of each there were.

    Args:
        engine: The snapshot.
        index: Of the same snapshot.
        cards: Those to write, named by somebody or met by the walk; None is all that it may meet.
        walk: Links that it may not follow are not written.
        target: The file.

    Raises:
        LinkgraphError: the file cannot be written.
        QueryError: the snapshot could not be read, short of memory or disk.
    """
    part = _Part(engine, index, cards, walk)
    with whole_file(target) as stream:
        return graphml.write(part.nodes(), part.links(), stream)


class _Part:
    """The rows of a part. Nodes come before links, which end in nodes that were there."""

    def __init__(
        self, engine: Engine, index: LinkIndex, cards: Iterable[Ref] | None, walk: Walk
    ) -> None:
        self._engine, self._walk = engine, walk
        self._cards = everything(index, walk) if cards is None else list(cards)
        # A card that was named is there whatever the walk avoids, a deleted one with its links.
        self._deleted = walk.deleted or cards is not None

    def nodes(self) -> Iterator[pa.RecordBatch]:
        for batch in graph_tables.nodes(self._engine, self._cards, deleted=self._deleted):
            if self._cards is None:
                keep = pc.invert(_of_types(batch["ref"], self._walk.skip))
                if not self._walk.deleted:
                    keep = pc.and_not(keep, pc.fill_null(batch["is_deleted"], False))
                batch = batch.filter(keep)
            yield batch

    def links(self) -> Iterator[pa.RecordBatch]:
        for batch in graph_tables.links(self._engine, self._cards, deleted=self._deleted):
            columns = zip(batch.columns, _LINKS.types, strict=True)
            rows = pa.record_batch([column.cast(kind) for column, kind in columns], schema=_LINKS)
            if self._walk.relations is not None:
                wanted = pa.array(sorted(self._walk.relations), pa.string())
                rows = rows.filter(pc.is_in(rows["relation"], wanted))
            if self._cards is None:
                for end in ("source", "target"):
                    rows = rows.filter(pc.invert(_of_types(rows[end], self._walk.skip)))
            yield rows


def _of_types(refs: pa.Array, types: Iterable[EntityType]) -> pa.Array:
    """Which refs are of one of some types."""
    found = pa.repeat(False, len(refs))
    for kind in types:
        found = pc.or_(found, pc.starts_with(refs, f"{kind}:"))
    return found
