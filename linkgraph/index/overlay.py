"""What-if: planned links laid over a graph, without building it anew.

Only the rows of the touched cards are written again; a walk that meets one is sent there, and
everything else is read from the snapshot's own arrays.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np

from linkgraph.index.graph import Bytes, Frontier, Graph, Ints, Longs
from linkgraph.index.marks import AVOIDABLE, FLAGGED, KIND_OF, UNLISTED, main_bits
from linkgraph.index.numbering import ExtendedNumbering
from linkgraph.model import Link, Ref

_Array = TypeVar("_Array", Ints, Bytes)


class Change(NamedTuple):
    """One link that is to be there (with this metadata), or not to be there."""

    link: Link
    is_there: bool


class Overlay(Graph):
    """A graph with some links added and removed; the last word on a link counts.

    Cards that only an added link names are there too. To remove what is not there, or to add what
    is, changes nothing but the main flag.
    """

    def __init__(self, base: Graph, changes: Sequence[Change]) -> None:
        named = (end for link, is_there in changes if is_there for end in (link.owner, link.other))
        numbering = ExtendedNumbering(base.numbering, named)
        super().__init__(base.arrays, numbering)
        self.base = base
        self.row_ends = None
        self.changes = tuple(changes)
        new = len(numbering) - len(base)
        self._flags = np.concatenate([self._flags, np.full(new, UNLISTED, np.uint8)])
        self._rewrite(numbering)

    def _rewrite(self, numbering: ExtendedNumbering) -> None:
        """Lay out the rows of the touched nodes."""
        last: dict[tuple[Ref, Ref], Change] = {
            (change.link.owner, change.link.other): change for change in self.changes
        }
        sources, targets, marks, there = _directed(last.values(), numbering)
        base_nodes = len(self.base)
        fresh = np.arange(base_nodes, len(numbering))
        self._touched = np.union1d(sources, fresh).astype(np.int64)
        old = self.base.frontier(self._touched[self._touched < base_nodes])
        entries = self.base._entries(old)
        keys = (np.repeat(old.nodes, old.counts) << 32) | self.base.targets(old)
        kept = ~np.isin(keys, (sources << 32) | targets)
        if marks.size:
            marks |= np.where(self._flags[targets] & AVOIDABLE, FLAGGED, 0).astype(np.uint8)
        keys = np.concatenate([keys[kept], ((sources << 32) | targets)[there]])
        marks = np.concatenate([self.base._marks_at(entries)[kept], marks[there]])
        order = np.argsort(keys, kind="stable")
        keys, self._own_marks = keys[order], marks[order]
        self._own_indices = (keys & 0xFFFF_FFFF).astype(np.int32)
        self._own_indptr = np.append(keys, np.int64(2**62)).searchsorted(
            np.append(self._touched << 32, np.int64(2**62))
        )

    # One node

    def row(self, node: int) -> tuple[Ints, Bytes]:
        """All neighbours of a node, ascending, and the marks beside them."""
        place = int(self._touched.searchsorted(node))
        if place == len(self._touched) or self._touched[place] != node:
            return self.base.row(node)
        own = slice(*self._own_indptr[place : place + 2].tolist())
        return self._own_indices[own], self._own_marks[own]

    # Many nodes

    def frontier(self, nodes: Longs) -> Frontier:
        """Where the rows of nodes stand; those of touched ones begin after the base's entries."""
        place = self._touched.searchsorted(nodes)
        place[place == len(self._touched)] = 0
        hit = self._touched[place] == nodes if len(self._touched) else np.zeros(len(nodes), bool)
        if not hit.any():
            return self.base.frontier(nodes)
        starts = np.empty(len(nodes), np.int64)
        counts = np.empty(len(nodes), np.int64)
        rest = self.base.frontier(nodes[~hit])
        starts[~hit], counts[~hit] = rest.starts, rest.counts
        begin, end = self._own_indptr[place[hit]], self._own_indptr[place[hit] + 1]
        starts[hit], counts[hit] = begin + len(self._indices), end - begin
        return Frontier(nodes, starts, counts, int(counts.sum()))

    def degrees(self, nodes: Longs) -> Longs:
        """How many links each of some nodes has."""
        return self.frontier(nodes).counts

    def _targets(self, entries: Longs) -> Ints:
        return _taken(self._indices, self._own_indices, entries)

    def _marks_at(self, entries: Longs) -> Bytes:
        return _taken(self._marks, self._own_marks, entries)

    # The whole graph

    def whole(self) -> tuple[Ints, Ints, Bytes]:
        """Rows, neighbours and marks of the whole graph: indptr, indices, marks."""
        return self._spliced

    @cached_property
    def _spliced(self) -> tuple[Ints, Ints, Bytes]:
        indptr, indices, marks = self.base.whole()
        counts = np.zeros(len(self), np.int64)
        counts[: len(self.base)] = np.diff(indptr)
        counts[self._touched] = np.diff(self._own_indptr)
        spliced = np.zeros(len(self) + 1, indptr.dtype)
        np.cumsum(counts, out=spliced[1:])
        stays = np.ones(len(indices), np.bool_)
        old = self.base.frontier(self._touched[self._touched < len(self.base)])
        stays[self.base._entries(old)] = False
        ours = Frontier(
            self._touched,
            spliced.take(self._touched).astype(np.int64),
            np.diff(self._own_indptr),
            len(self._own_indices),
        )
        own = np.zeros(int(spliced[-1]), np.bool_)
        own[self._entries(ours)] = True
        new_indices = np.empty(len(own), indices.dtype)
        new_indices[~own], new_indices[own] = indices[stays], self._own_indices
        new_marks = np.empty(len(own), marks.dtype)
        new_marks[~own], new_marks[own] = marks[stays], self._own_marks
        return spliced, new_indices, new_marks


def _directed(
    changes: Iterable[Change], numbering: ExtendedNumbering
) -> tuple[Longs, Longs, Bytes, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Changes as entries, two for each link: sources, targets, marks and whether they are there."""
    rows: list[tuple[int, int, int, bool]] = []
    for link, is_there in changes:
        owner, other = numbering.find(link.owner), numbering.find(link.other)
        if owner < 0 or other < 0:
            continue  # no link of a card that nobody knows can be removed
        main = main_bits(link.metadata.is_main)
        rows.append((owner, other, main | KIND_OF[link.relation, link.other.type], is_there))
        if owner != other:
            rows.append((other, owner, main | KIND_OF[link.relation, link.owner.type], is_there))
    table = np.array(rows, np.int64).reshape(-1, 4)
    return table[:, 0], table[:, 1], table[:, 2].astype(np.uint8), table[:, 3].astype(np.bool_)


def _taken(base: _Array, own: _Array, entries: Longs) -> _Array:
    """Entries of the base's array, or of our own that goes on after it."""
    ours = entries >= len(base)
    if not ours.any():
        return base.take(entries)
    taken = np.empty(len(entries), base.dtype)
    taken[~ours] = base.take(entries[~ours])
    taken[ours] = own.take(entries[ours] - len(base))
    return taken
