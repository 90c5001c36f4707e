"""Cards as node numbers, and back.

Nodes are numbered by type, catalog and id, so that a type is one range. The ids of a range are
kept as distances from its first id, in four bytes where they fit.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkgraph.errors import InvalidRef, SnapshotUnusable
from linkgraph.index.marks import TYPES
from linkgraph.model import EntityType, Ref

Nodes = NDArray[np.integer]
Ids = NDArray[np.int64]


class Range(NamedTuple):
    """The nodes of one type, or of one catalog of elements: `start` up to `stop`."""

    type: EntityType
    catalog_id: int
    start: int
    stop: int
    first_id: int


class Numbering:
    """The cards of an index, by node.

    Args:
        ranges: In the order of their nodes, without gaps from 0 on.
        offsets: For each node, how far its id lies above its range's first id; ascending in a
            range; uint32[n] or int64[n].
    """

    def __init__(self, ranges: Sequence[Range], offsets: NDArray[np.integer]) -> None:
        self.ranges = tuple(ranges)
        self._offsets = offsets
        self._view = offsets.data  # single items, ten times faster than by numpy
        self._by_card = {(range_.type, range_.catalog_id): range_ for range_ in self.ranges}
        self._bounds = [range_.start for range_ in self.ranges]
        self._starts = np.array(self._bounds, np.int64)
        self._first_ids = np.array([range_.first_id for range_ in self.ranges], np.int64)
        self._catalogs = np.array([range_.catalog_id for range_ in self.ranges], np.int64)
        self._codes = np.array([TYPES.index(range_.type) for range_ in self.ranges], np.uint8)

    def __len__(self) -> int:
        return len(self._offsets)

    def find(self, ref: Ref) -> int:
        """The node of a card; -1 where the index has no such card."""
        range_ = self._by_card.get((ref.type, ref.catalog_id))
        if range_ is None:
            return -1
        offset = ref.id - range_.first_id
        node = bisect_left(self._view, offset, range_.start, range_.stop)
        return node if node < range_.stop and self._view[node] == offset else -1

    def node(self, ref: Ref) -> int:
        """The node of a card.

        Raises:
            InvalidRef: the index has no such card.
        """
        node = self.find(ref)
        if node < 0:
            raise unknown(ref)
        return node

    def nodes(self, codes: NDArray[np.integer], catalogs: Ids, ids: Ids) -> NDArray[np.int64]:
        """The nodes of cards given by columns, as `columns` gives them; -1 where there is none."""
        found = np.full(len(ids), -1, np.int64)
        for range_ in self.ranges:
            of_type = np.asarray(codes) == TYPES.index(range_.type)
            offsets = self._offsets[range_.start : range_.stop]
            wanted = ids - range_.first_id
            own = of_type & (catalogs == range_.catalog_id) & (wanted >= 0)
            (own,) = np.nonzero(own & (wanted <= offsets[-1]))
            # Of one dtype: numpy would make another array of all the offsets first.
            exact = wanted[own].astype(offsets.dtype)
            places = offsets.searchsorted(exact)
            same = offsets.take(places) == exact
            found[own[same]] = range_.start + places[same]
        return found

    def ref(self, node: int) -> Ref:
        """The card of a node."""
        range_ = self.ranges[bisect_right(self._bounds, node) - 1]
        try:
            return Ref(range_.type, range_.first_id + self._view[node], range_.catalog_id)
        except IndexError:
            raise damaged() from None

    def refs(self, nodes: Nodes) -> list[Ref]:
        """The cards of nodes, in their order."""
        if len(nodes) < 16:  # numpy's fixed price is higher than that
            return [self.ref(node) for node in nodes.tolist()]
        places = self._places(nodes)
        ids = (self._first_ids[places] + self._offsets[nodes]).tolist()
        of = [self.ranges[place] for place in places.tolist()]
        return [
            Ref(range_.type, id_, range_.catalog_id) for range_, id_ in zip(of, ids, strict=True)
        ]

    def columns(self, nodes: Nodes) -> tuple[NDArray[np.uint8], Ids, Ids]:
        """Type codes (places in `EntityType`), catalog ids and ids of nodes."""
        places = self._places(nodes)
        ids = self._first_ids[places] + self._offsets[nodes]
        return self._codes[places], self._catalogs[places], ids

    def types(self, nodes: Nodes) -> NDArray[np.uint8]:
        """Type codes of nodes: places in `EntityType`."""
        return self._codes[self._places(nodes)]

    def nodes_of(self, entity_type: EntityType) -> Nodes:
        """The nodes of a type, ascending."""
        own = [range_ for range_ in self.ranges if range_.type is entity_type]
        return np.arange(own[0].start, own[-1].stop) if own else np.arange(0)

    def _places(self, nodes: Nodes) -> NDArray[np.intp]:
        return self._starts.searchsorted(nodes, "right") - 1


class ExtendedNumbering(Numbering):
    """A numbering with more cards after its last node, such as a planned link may name."""

    def __init__(self, base: Numbering, more: Iterable[Ref]) -> None:
        super().__init__(base.ranges, base._offsets)
        self._more = [ref for ref in dict.fromkeys(more) if base.find(ref) < 0]
        self._node_of = {ref: len(base) + place for place, ref in enumerate(self._more)}
        self._size = len(base)

    def __len__(self) -> int:
        return self._size + len(self._more)

    def find(self, ref: Ref) -> int:
        """The node of a card; -1 where there is no such card."""
        node = super().find(ref)
        return node if node >= 0 else self._node_of.get(ref, -1)

    def ref(self, node: int) -> Ref:
        """The card of a node."""
        return super().ref(node) if node < self._size else self._more[node - self._size]

    def refs(self, nodes: Nodes) -> list[Ref]:
        """The cards of nodes, in their order."""
        nodes = np.asarray(nodes)
        if not (nodes >= self._size).any():
            return super().refs(nodes)
        return [self.ref(node) for node in nodes.tolist()]

    def columns(self, nodes: Nodes) -> tuple[NDArray[np.uint8], Ids, Ids]:
        """Type codes (places in `EntityType`), catalog ids and ids of nodes."""
        nodes = np.asarray(nodes)
        late = np.flatnonzero(nodes >= self._size)
        known = np.where(nodes < self._size, nodes, 0) if self._size else nodes[:0]
        codes, catalogs, ids = super().columns(known)
        if len(late):
            if not self._size:
                codes = np.zeros(len(nodes), np.uint8)
                catalogs, ids = np.zeros((2, len(nodes)), np.int64)
            refs = [self._more[node - self._size] for node in nodes[late].tolist()]
            codes[late] = [TYPES.index(ref.type) for ref in refs]
            catalogs[late] = [ref.catalog_id for ref in refs]
            ids[late] = [ref.id for ref in refs]
        return codes, catalogs, ids

    def types(self, nodes: Nodes) -> NDArray[np.uint8]:
        """Type codes of nodes: places in `EntityType`."""
        return self.columns(nodes)[0]

    def nodes_of(self, entity_type: EntityType) -> Nodes:
        """The nodes of a type, ascending."""
        late = [node for ref, node in self._node_of.items() if ref.type is entity_type]
        return np.append(super().nodes_of(entity_type), np.array(late, np.int64))


def damaged() -> SnapshotUnusable:
    """What to say of arrays that lead nowhere."""
    return SnapshotUnusable(
        "the link index of this snapshot is damaged",
        hint="remove the folder index in its version and the account's index-cache: "
        "the next walk builds it anew",
    )


def unknown(ref: Ref) -> InvalidRef:
    """What to say of a card that the snapshot does not have."""
    return InvalidRef(
        f"the snapshot has no {ref}",
        hint=f"a card made since then comes with: linkgraph sync {ref}",
    )
