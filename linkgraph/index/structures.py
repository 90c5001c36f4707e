"""What the index answers about the whole graph: components, cut points, bridges, projections."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkgraph.index.marks import TYPES, Bytes
from linkgraph.index.numbering import Nodes, Numbering
from linkgraph.index.tables import Tabular, card_columns, link_columns
from linkgraph.model import EntityType, Ref, Relation

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


class Components(Tabular, Sequence[Component]):
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

    @overload
    def __getitem__(self, place: int) -> Component: ...
    @overload
    def __getitem__(self, place: slice) -> list[Component]: ...
    def __getitem__(self, place: int | slice) -> Component | list[Component]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        label = place if place >= 0 else place + len(self)
        if not 0 <= label < len(self):
            raise IndexError(place)
        nodes = np.flatnonzero(self.labels == label)
        return component(self._numbering, nodes, 10)

    def to_arrow(self) -> pa.Table:
        """Columns component, size, a count for each type, and ref, type, … of its first card."""
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


class CutPoints(Tabular, Sequence[CutPoint]):
    """Articulation points: those without which most falls off first."""

    def __init__(
        self,
        numbering: Numbering,
        nodes: Nodes,
        figures: NDArray[np.int64],
        total: int,
    ) -> None:
        self._numbering, self._nodes, self._figures = numbering, nodes, figures
        self.total = total
        """How many there are, listed or not"""

    @property
    def cut(self) -> bool:
        """Whether some are not listed."""
        return self.total > len(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    @overload
    def __getitem__(self, place: int) -> CutPoint: ...
    @overload
    def __getitem__(self, place: slice) -> list[CutPoint]: ...
    def __getitem__(self, place: int | slice) -> CutPoint | list[CutPoint]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        ref = self._numbering.ref(int(self._nodes[place]))
        return CutPoint(ref, *self._figures[place].tolist())

    def __iter__(self) -> Iterator[CutPoint]:
        rows = zip(self._numbering.refs(self._nodes), self._figures.tolist(), strict=True)
        return (CutPoint(ref, *figures) for ref, figures in rows)

    def to_arrow(self) -> pa.Table:
        """Columns ref, type, catalog_id, id, degree, component_size, pieces, falls_off."""
        names = ("degree", "component_size", "pieces", "falls_off")
        return pa.table(
            card_columns(self._numbering, self._nodes)
            | {name: pa.array(self._figures[:, place]) for place, name in enumerate(names)}
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


class Bridges(Tabular, Sequence[Bridge]):
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

    @overload
    def __getitem__(self, place: int) -> Bridge: ...
    @overload
    def __getitem__(self, place: slice) -> list[Bridge]: ...
    def __getitem__(self, place: int | slice) -> Bridge | list[Bridge]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        return Bridge(
            self._numbering.ref(int(self._inner[place])),
            self._numbering.ref(int(self._outer[place])),
            Relation(link_columns(self._marks[[place]])["relation"][0].as_py()),
            int(self._falls_off[place]),
        )

    def to_arrow(self) -> pa.Table:
        """Columns inner_ref, …, outer_ref, …, relation, is_main, falls_off."""
        return pa.table(
            card_columns(self._numbering, self._inner, "inner_")
            | card_columns(self._numbering, self._outer, "outer_")
            | link_columns(self._marks)
            | {"falls_off": pa.array(self._falls_off)}
        )
