"""What the index answers about the whole graph: components, cut points, bridges, projections."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from linkgraph.index.marks import TYPES, Bytes, relation_of
from linkgraph.index.numbering import Nodes, Numbering
from linkgraph.index.tables import Listing, card_columns, link_columns
from linkgraph.model import EntityType, Ref, Relation

if TYPE_CHECKING:
    import pyarrow as pa

_PLURALS = {entity_type: entity_type.api_name for entity_type in TYPES} | {
    EntityType.ELEMENT: "elements"
}


@dataclass(frozen=True, slots=True)
class Component:
    """Cards that are all connected with each other, and with no card else."""

    refs: tuple[Ref, ...]
    """The first of them, by type and id"""
    total: int
    """How many cards there are, listed or not"""
    by_type: dict[EntityType, int]
    """How many of each type, of those that occur"""

    @property
    def cut(self) -> bool:
        """Whether some are not listed."""
        return self.total > len(self.refs)


class Components(Listing[Component]):
    """All connected components, the largest first; a card without links is one of its own."""

    def __init__(self, numbering: Numbering, labels: NDArray[np.int32]) -> None:
        self._numbering = numbering
        self.labels = labels
        """[nodes] the component of each node; -1 for one that was left out"""
        present = labels[labels >= 0]
        self.sizes = np.bincount(present).astype(np.int64)
        """[components] cards"""

    def __len__(self) -> int:
        return len(self.sizes)

    def _items(self, part: slice) -> list[Component]:
        return [component(self._numbering, self._members(n), 10) for n in range(len(self))[part]]

    def _members(self, label: int) -> Nodes:
        members: Nodes = self._sorted[self._starts[label] : self._starts[label + 1]]
        return members

    @cached_property
    def _sorted(self) -> NDArray[np.intp]:
        """All nodes that are in a component, by component."""
        order = np.argsort(self.labels, kind="stable")
        return order[np.count_nonzero(self.labels < 0) :]

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        """Where each component begins among the sorted nodes, and where the last ends."""
        return np.concatenate([[0], np.cumsum(self.sizes)])

    def to_arrow(self) -> pa.Table:
        """Columns component, size, a count for each type, and ref, type, … of its first card."""
        import pyarrow as pa

        columns = {"component": pa.array(np.arange(len(self))), "size": pa.array(self.sizes)}
        for entity_type in TYPES:
            own = self.labels[self._numbering.nodes_of(entity_type)]
            counts = np.bincount(own[own >= 0], minlength=len(self))
            columns[_PLURALS[entity_type]] = pa.array(counts)
        first = np.full(len(self), -1, np.int64)
        present = np.flatnonzero(self.labels >= 0)[::-1]
        first[self.labels[present]] = present  # backwards: the first card is written last
        return pa.table(columns | card_columns(self._numbering, first))


def component(numbering: Numbering, nodes: Nodes, limit: int | None) -> Component:
    """A component by its nodes, ascending, with the first `limit` of its cards."""
    codes = np.bincount(numbering.types(nodes), minlength=len(TYPES))
    return Component(
        tuple(numbering.refs(nodes[:limit])),
        len(nodes),
        {kind: int(count) for kind, count in zip(TYPES, codes, strict=True) if count},
    )


@dataclass(frozen=True, slots=True)
class CutPoint:
    """A card that holds its component together."""

    ref: Ref
    degree: int
    component_size: int
    pieces: int
    """Into how many pieces its component breaks without it"""
    falls_off: int
    """Cards outside the largest of those pieces"""


class CutPoints(Listing[CutPoint]):
    """Articulation points: those without which most falls off first."""

    def __init__(
        self,
        numbering: Numbering,
        nodes: Nodes,
        figures: NDArray[np.int64],
        total: int,
    ) -> None:
        self._numbering = numbering
        self.nodes = nodes
        """Those that are listed"""
        self.figures = figures
        """[listed, 4] degree, component_size, pieces and falls_off of each"""
        self.total = total
        """How many there are, listed or not"""

    @property
    def cut(self) -> bool:
        """Whether some are not listed."""
        return self.total > len(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def _items(self, part: slice) -> list[CutPoint]:
        refs, figures = self._numbering.refs(self.nodes[part]), self.figures[part].tolist()
        return [CutPoint(ref, *row) for ref, row in zip(refs, figures, strict=True)]

    def to_arrow(self) -> pa.Table:
        """Columns ref, type, catalog_id, id, degree, component_size, pieces, falls_off."""
        import pyarrow as pa

        names = ("degree", "component_size", "pieces", "falls_off")
        return pa.table(
            card_columns(self._numbering, self.nodes)
            | {name: pa.array(self.figures[:, place]) for place, name in enumerate(names)}
        )


@dataclass(frozen=True, slots=True)
class Bridge:
    """A link that alone joins two parts of a component."""

    inner: Ref
    """The end on the larger side"""
    outer: Ref
    """The end on the smaller side"""
    relation: Relation
    falls_off: int
    """Cards on the smaller side"""


class Bridges(Listing[Bridge]):
    """Bridges: those without which most falls off first."""

    def __init__(
        self,
        numbering: Numbering,
        inner: Nodes,
        outer: Nodes,
        marks: Bytes,
        falls_off: NDArray[np.int64],
        total: int,
    ) -> None:
        self._numbering, self._inner, self._outer = numbering, inner, outer
        self._marks, self._falls_off = marks, falls_off
        self.total = total
        """How many there are, listed or not"""

    @property
    def cut(self) -> bool:
        """Whether some are not listed."""
        return self.total > len(self._inner)

    def __len__(self) -> int:
        return len(self._inner)

    def _items(self, part: slice) -> list[Bridge]:
        rows = zip(
            self._numbering.refs(self._inner[part]),
            self._numbering.refs(self._outer[part]),
            map(relation_of, self._marks[part].tolist()),
            self._falls_off[part].tolist(),
            strict=True,
        )
        return [Bridge(*row) for row in rows]

    def to_arrow(self) -> pa.Table:
        """Columns inner_ref, …, outer_ref, …, relation, is_main, falls_off."""
        import pyarrow as pa

        return pa.table(
            card_columns(self._numbering, self._inner, "inner_")
            | card_columns(self._numbering, self._outer, "outer_")
            | link_columns(self._marks)
            | {"falls_off": pa.array(self._falls_off)}
        )
