"""Projections of the link graph onto one type of card, and the communities in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import pyarrow as pa
import scipy.sparse as sp

from linkgraph.index.communities import communities
from linkgraph.index.graph import Graph, Ints
from linkgraph.index.numbering import Nodes, Numbering
from linkgraph.index.projections import Pairs, pairs_through
from linkgraph.index.tables import Tabular, card_columns
from linkgraph.index.walk import Walk
from linkgraph.model import EntityType, Ref


@dataclass(frozen=True, slots=True)
class Pair:
    """Two cards of one type that share cards of another."""

    a: Ref
    b: Ref
    weight: int
    """How many they share"""
    jaccard: float
    """Those they share over those that either touches"""


@dataclass(frozen=True, slots=True)
class Hub:
    """A card that too many share to be counted."""

    ref: Ref
    degree: int
    """How many share it"""


class Projection(Tabular, Sequence[Pair]):
    """Pairs of cards, the heaviest first."""

    def __init__(self, numbering: Numbering, rows: Nodes, middles: Nodes, pairs: Pairs) -> None:
        self._numbering, self._rows, self._middles, self._pairs = numbering, rows, middles, pairs

    @property
    def cut(self) -> list[Hub]:
        """What the cap left out of the count, the most shared first."""
        refs = self._numbering.refs(self._middles[self._pairs.cut])
        return [
            Hub(ref, degree)
            for ref, degree in zip(refs, self._pairs.cut_degree.tolist(), strict=True)
        ]

    def communities(self, seed: int = 0, resolution: float = 1.0) -> "Communities":
        """Groups that share more among themselves than with others; the same for the same seed.

        Args:
            seed: Of the drawing of ties.
            resolution: Above 1 makes smaller groups, below 1 larger ones.
        """
        pairs = self._pairs
        members = np.unique(np.concatenate([pairs.a, pairs.b]))
        a, b = members.searchsorted(pairs.a), members.searchsorted(pairs.b)
        labels = communities(
            len(members),
            a.astype(np.int32),
            b.astype(np.int32),
            pairs.weight,
            seed=seed,
            resolution=resolution,
        )
        return Communities(self._numbering, self._rows[members], labels)

    def __len__(self) -> int:
        return len(self._pairs.a)

    @overload
    def __getitem__(self, place: int) -> Pair: ...
    @overload
    def __getitem__(self, place: slice) -> list[Pair]: ...
    def __getitem__(self, place: int | slice) -> Pair | list[Pair]:
        if isinstance(place, slice):
            return list(self._some(place))
        place = place if place >= 0 else place + len(self)
        if not 0 <= place < len(self):
            raise IndexError(place)
        return next(self._some(slice(place, place + 1)))

    def __iter__(self) -> Iterator[Pair]:
        return self._some(slice(None))

    def to_arrow(self) -> pa.Table:
        """Columns a_ref, …, b_ref, …, weight, jaccard."""
        pairs = self._pairs
        return pa.table(
            card_columns(self._numbering, self._rows[pairs.a], "a_")
            | card_columns(self._numbering, self._rows[pairs.b], "b_")
            | {"weight": pa.array(pairs.weight), "jaccard": pa.array(pairs.jaccard)}
        )

    def _some(self, part: slice) -> Iterator[Pair]:
        pairs = self._pairs
        rows = zip(
            self._numbering.refs(self._rows[pairs.a[part]]),
            self._numbering.refs(self._rows[pairs.b[part]]),
            pairs.weight[part].tolist(),
            pairs.jaccard[part].tolist(),
            strict=True,
        )
        return (Pair(*row) for row in rows)


class Communities(Tabular, Sequence[list[Ref]]):
    """Groups of cards, the largest first; each is a list of its cards, by type and id."""

    def __init__(self, numbering: Numbering, nodes: Nodes, labels: Ints) -> None:
        self._numbering, self._nodes, self._labels = numbering, nodes, labels
        self.sizes = np.bincount(labels)
        """[groups] cards"""

    def __len__(self) -> int:
        return len(self.sizes)

    @overload
    def __getitem__(self, place: int) -> list[Ref]: ...
    @overload
    def __getitem__(self, place: slice) -> list[list[Ref]]: ...
    def __getitem__(self, place: int | slice) -> list[Ref] | list[list[Ref]]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        label = place if place >= 0 else place + len(self)
        if not 0 <= label < len(self):
            raise IndexError(place)
        return self._numbering.refs(self._nodes[self._labels == label])

    def to_arrow(self) -> pa.Table:
        """Columns community, ref, type, catalog_id, id: a row a card, the largest group first."""
        order = np.argsort(self._labels, kind="stable")
        return pa.table(
            {"community": pa.array(self._labels[order])}
            | card_columns(self._numbering, self._nodes[order])
        )


def projection(
    graph: Graph,
    of: EntityType,
    through: EntityType,
    via: Sequence[EntityType],
    walk: Walk,
    *,
    min_weight: int,
    max_degree: int | None,
) -> Projection:
    """Pairs of cards of type `of` that touch common cards of type `through`."""
    indptr, indices = graph.seen_from(walk)
    ones = np.ones(len(indices), np.int32)
    matrix = sp.csr_array((ones, indices, indptr), shape=(len(graph), len(graph)))
    rows, middles = graph.numbering.nodes_of(of), graph.numbering.nodes_of(through)
    own = matrix[rows]
    touch = own[:, middles]
    for between in via:
        nodes = graph.numbering.nodes_of(between)
        touch = touch + own[:, nodes] @ matrix[nodes][:, middles]
    pairs = pairs_through(touch, min_weight=min_weight, max_degree=max_degree)
    return Projection(graph.numbering, rows, middles, pairs)
