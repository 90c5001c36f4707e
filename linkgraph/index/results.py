"""What the index answers about single cards: neighbours, paths, neighbourhoods.

Small typed values; those that may be long make their items when they are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from linkgraph.index.marks import Bytes, main_of, relation_codes, relation_of
from linkgraph.index.numbering import Nodes, Numbering
from linkgraph.index.tables import Listing, Tabular, card_columns, link_columns
from linkgraph.model import Ref, Relation

if TYPE_CHECKING:
    import pyarrow as pa


@cache
def _path_columns() -> pa.Schema:
    import pyarrow as pa

    return pa.schema(
        [
            *(("hop", pa.int32()), ("ref", pa.string())),
            *(("relation", pa.string()), ("is_main", pa.bool_())),
        ]
    )


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A card at the other end of a link."""

    ref: Ref
    relation: Relation
    is_main: bool | None
    """None where the CRM did not say"""


class Neighbours(Listing[Neighbour]):
    """The cards that a card is linked to, by type and id."""

    __slots__ = ("_marks", "_nodes", "_numbering", "total")

    def __init__(self, numbering: Numbering, nodes: Nodes, marks: Bytes, total: int) -> None:
        self._numbering, self._nodes, self._marks = numbering, nodes, marks
        self.total = total
        """How many there are, listed or not"""

    @property
    def cut(self) -> bool:
        """Whether some are not listed."""
        return self.total > len(self._nodes)

    @property
    def refs(self) -> list[Ref]:
        """The cards alone."""
        return self._numbering.refs(self._nodes)

    def by_relation(self) -> dict[Relation, list[Neighbour]]:
        """The listed ones by kind of link."""
        grouped: dict[Relation, list[Neighbour]] = {}
        for neighbour in self:
            grouped.setdefault(neighbour.relation, []).append(neighbour)
        return grouped

    def to_arrow(self) -> pa.Table:
        """Columns ref, type, catalog_id, id, relation, is_main."""
        import pyarrow as pa

        return pa.table(card_columns(self._numbering, self._nodes) | link_columns(self._marks))

    def __len__(self) -> int:
        return len(self._nodes)

    def _items(self, part: slice) -> list[Neighbour]:
        refs, marks = self._numbering.refs(self._nodes[part]), self._marks[part].tolist()
        return [
            Neighbour(ref, relation_of(mark), main_of(mark))
            for ref, mark in zip(refs, marks, strict=True)
        ]

    def __repr__(self) -> str:
        return f"Neighbours({list(self)!r}, total={self.total})"


@dataclass(frozen=True, slots=True)
class Hop:
    """One link of a path, and the card that it leads to."""

    relation: Relation
    is_main: bool | None
    ref: Ref


@dataclass(frozen=True, slots=True)
class Path(Tabular):
    """A way from one card to another; `len` is its number of hops."""

    start: Ref
    hops: tuple[Hop, ...]

    @property
    def refs(self) -> list[Ref]:
        """Its cards, both ends among them."""
        return [self.start, *(hop.ref for hop in self.hops)]

    def __len__(self) -> int:
        return len(self.hops)

    def __bool__(self) -> bool:
        return True  # a card's path to itself has no hop and is a path

    def __str__(self) -> str:
        return " — ".join(map(str, self.refs))

    def to_arrow(self) -> pa.Table:
        """Columns hop, ref, relation, is_main: a row a card, the first with no link."""
        import pyarrow as pa

        relations = [None, *(str(hop.relation) for hop in self.hops)]
        mains = [None, *(hop.is_main for hop in self.hops)]
        columns = [range(len(self.hops) + 1), list(map(str, self.refs)), relations, mains]
        arrays = [
            pa.array(column, kind)
            for column, kind in zip(columns, _path_columns().types, strict=True)
        ]
        return pa.table(arrays, schema=_path_columns())


@dataclass(frozen=True, slots=True)
class Paths(Listing[Path]):
    """The shortest paths between two cards: the first of them, and how many there are."""

    paths: tuple[Path, ...]
    total: int
    """How many there are, listed or not"""
    hops: int | None
    """How long each of them is; None where there is none"""

    @property
    def cut(self) -> bool:
        """Whether some are not listed."""
        return self.total > len(self.paths)

    def __len__(self) -> int:
        return len(self.paths)

    def _items(self, part: slice) -> list[Path]:
        return list(self.paths[part])

    def to_arrow(self) -> pa.Table:
        """Columns path, hop, ref, relation, is_main."""
        import pyarrow as pa

        tables = [_path_columns().empty_table(), *(path.to_arrow() for path in self.paths)]
        numbers = np.repeat(np.arange(-1, len(self)), [len(table) for table in tables])
        return pa.concat_tables(tables).add_column(0, "path", pa.array(numbers, pa.int32()))


@dataclass(frozen=True, slots=True)
class Step:
    """A card of a neighbourhood: how far it is, and through whom it was first met."""

    ref: Ref
    depth: int
    parent: Ref | None
    """None for the card in the middle"""
    relation: Relation | None
    is_main: bool | None


class Neighbourhood(Listing[Step]):
    """What lies within some hops of a card, as a tree: by distance, then by type and id.

    Where several cards lead to one, its parent is the first of them.
    """

    def __init__(
        self,
        numbering: Numbering,
        nodes: Nodes,
        parents: Nodes,
        depths: Nodes,
        marks: Bytes,
        counts: tuple[int, ...],
    ) -> None:
        self._numbering = numbering
        self.nodes, self._parents, self._depths = nodes, parents, depths
        self._marks = marks
        self.counts = counts
        """How many cards there are at each distance, listed or not; the first is the card itself"""

    @property
    def total(self) -> int:
        """How many cards there are, itself among them, listed or not."""
        return sum(self.counts)

    @property
    def cut(self) -> bool:
        """Whether some are not listed."""
        return self.total > len(self.nodes)

    @property
    def refs(self) -> list[Ref]:
        """The cards alone, itself first."""
        return self._numbering.refs(self.nodes)

    def by_relation(self) -> dict[Relation, int]:
        """How many of the listed cards were met over each kind of link."""
        codes = np.bincount(relation_codes(self._marks[1:]), minlength=len(Relation))
        return {
            relation: int(count) for relation, count in zip(Relation, codes, strict=True) if count
        }

    def __len__(self) -> int:
        return len(self.nodes)

    def to_arrow(self) -> pa.Table:
        """Columns depth, ref, type, catalog_id, id, parent_ref, relation, is_main."""
        import pyarrow as pa

        links = link_columns(self._marks)
        parent = card_columns(self._numbering, self._parents)["ref"]
        root = pa.array(self._depths == 0)
        nothing = {"parent_ref": parent, **links}
        import pyarrow.compute as pc

        return pa.table(
            {
                "depth": pa.array(self._depths),
                **card_columns(self._numbering, self.nodes),
                **{
                    name: pc.if_else(root, pa.scalar(None, column.type), column)
                    for name, column in nothing.items()
                },
            }
        )

    def _items(self, part: slice) -> list[Step]:
        rows = zip(
            self._numbering.refs(self.nodes[part]),
            self._depths[part].tolist(),
            self._numbering.refs(self._parents[part]),
            self._marks[part].tolist(),
            strict=True,
        )
        return [
            Step(ref, depth, parent, relation_of(mark), main_of(mark))
            if depth
            else Step(ref, 0, None, None, None)
            for ref, depth, parent, mark in rows
        ]


@dataclass(frozen=True, slots=True)
class Common(Tabular):
    """What two cards are both linked to."""

    neighbours: tuple[Ref, ...]
    total: int
    """How many they share, listed or not"""
    jaccard: float
    """Shared neighbours over all neighbours of either; 0 where neither has any (Jaccard 1901)"""

    @property
    def cut(self) -> bool:
        """Whether some are not listed."""
        return self.total > len(self.neighbours)

    def to_arrow(self) -> pa.Table:
        """Column ref."""
        import pyarrow as pa

        return pa.table({"ref": pa.array([str(ref) for ref in self.neighbours], pa.string())})
