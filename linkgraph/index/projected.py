"""Projections of the link graph onto one type of card, and the communities in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import scipy.sparse as sp

from linkgraph.errors import InvalidParameter
from linkgraph.index.communities import communities
from linkgraph.index.graph import Graph, Ints
from linkgraph.index.numbering import Nodes, Numbering
from linkgraph.index.projections import Pairs, pairs_through
from linkgraph.index.tables import Listing, card_columns
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


class Projection(Listing[Pair]):
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

        Raises:
            InvalidParameter: the resolution is not above 0.
        """
        if not resolution > 0:
            raise InvalidParameter(
                f"a resolution of {resolution} makes no groups", hint="give more than 0"
            )
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

    def to_arrow(self) -> pa.Table:
        """Columns a_ref, …, b_ref, …, weight, jaccard."""
        pairs = self._pairs
        return pa.table(
            card_columns(self._numbering, self._rows[pairs.a], "a_")
            | card_columns(self._numbering, self._rows[pairs.b], "b_")
            | {"weight": pa.array(pairs.weight), "jaccard": pa.array(pairs.jaccard)}
        )

    def _items(self, part: slice) -> list[Pair]:
        pairs = self._pairs
        rows = zip(
            self._numbering.refs(self._rows[pairs.a[part]]),
            self._numbering.refs(self._rows[pairs.b[part]]),
            pairs.weight[part].tolist(),
            pairs.jaccard[part].tolist(),
            strict=True,
        )
        return [Pair(*row) for row in rows]


class Communities(Listing[list[Ref]]):
    """Groups of cards, the largest first; each is a list of its cards, by type and id."""

    def __init__(self, numbering: Numbering, nodes: Nodes, labels: Ints) -> None:
        self._numbering, self._nodes, self._labels = numbering, nodes, labels
        self.sizes = np.bincount(labels)
        """[groups] cards"""

    def __len__(self) -> int:
        return len(self.sizes)

    def _items(self, part: slice) -> list[list[Ref]]:
        return [self._numbering.refs(nodes) for nodes in self._members[part]]

    @cached_property
    def _members(self) -> list[Nodes]:
        """The nodes of each group."""
        order = np.argsort(self._labels, kind="stable")
        return np.split(self._nodes[order], np.cumsum(self.sizes)[:-1]) if len(self) else []

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
    hub_cap: int | None,
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
    pairs = pairs_through(touch, min_weight=min_weight, max_degree=hub_cap)
    return Projection(graph.numbering, rows, middles, pairs)
