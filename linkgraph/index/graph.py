"""Rows of neighbours, spread from many nodes at once: what every walk is made of.

A `Graph` is the arrays of a snapshot; `linkgraph.index.overlay` lays planned links over one. Both
give the same few things: where rows stand, what stands in them, and what a `Walk` lets through.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkgraph.index import marks as marking
from linkgraph.index.arrays import Arrays
from linkgraph.index.marks import CLOSED, DELETED, FLAGGED
from linkgraph.index.numbering import Numbering, damaged
from linkgraph.index.rows import between, kept
from linkgraph.index.walk import Walk

Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

_IOTA = np.arange(1 << 16)


class Frontier(NamedTuple):
    """Nodes that are about to be spread from."""

    nodes: Longs
    starts: Longs
    """Where their rows begin"""
    counts: Longs
    """How long these are"""
    total: int
    """How many entries all of them have"""


class Spread(NamedTuple):
    """The entries of a frontier's rows that a walk may follow, one beside the other."""

    sources: Longs
    targets: Ints
    marks: Bytes | None
    """None where nothing had to be known of the links."""


class Lens(NamedTuple):
    """A walk made ready for one graph; None stands for a check that is not needed."""

    links: Bools | None
    """Marks whose link may be followed; bool[256]"""
    cards: Bools | None
    """Marks whose neighbour is of a type that may be met; bool[256]"""
    avoided: int
    """Flags of cards that are not to be met"""
    max_degree: int | None
    wants_marks: bool
    """Whether marks have to be read to know what may be followed"""
    is_plain: bool
    """Whether every link may be followed and every card met"""

    @property
    def meets_all(self) -> bool:
        """Whether every card may be met."""
        return self.cards is None and not self.avoided and self.max_degree is None


class Graph:
    """The links of a snapshot. Safe to share between threads: each has work arrays of its own."""

    def __init__(self, arrays: Arrays, numbering: Numbering) -> None:
        self.arrays = arrays
        self.numbering = numbering
        self._indptr, self._indices = arrays.indptr, arrays.indices
        self._marks, self._flags = arrays.marks, arrays.flags
        # Single items come ten times faster from these than from numpy; None where rows do not
        # stand one after the other.
        self.row_ends: memoryview | None = arrays.indptr.data
        self.entry_targets, self.entry_marks = arrays.indices.data, arrays.marks.data
        self.node_flags = arrays.flags.data
        self._local = threading.local()

    def __len__(self) -> int:
        return len(self._flags)

    def lens(self, walk: Walk) -> Lens:
        """What has to be checked for a walk over this graph."""
        avoided = (0 if walk.deleted or not self.arrays.deleted else DELETED) | (
            0 if walk.closed else CLOSED
        )
        links = None if walk.relations is None else marking.relation_table(walk.relations)
        cards = marking.type_table(walk.skip) if walk.skip else None
        wants_marks = links is not None or cards is not None or avoided != 0
        is_plain = not wants_marks and walk.max_degree is None
        return Lens(links, cards, avoided, walk.max_degree, wants_marks, is_plain)

    # One node

    def row(self, node: int) -> tuple[Ints, Bytes]:
        """All neighbours of a node, ascending, and the marks beside them."""
        start, stop = self._indptr.item(node), self._indptr.item(node + 1)
        return self._indices[start:stop], self._marks[start:stop]

    # Many nodes

    def frontier(self, nodes: Longs) -> Frontier:
        """Where the rows of nodes stand."""
        starts = self._indptr.take(nodes).astype(np.int64)
        counts = self._indptr.take(nodes + 1) - starts
        return Frontier(nodes, starts, counts, int(counts.sum()))

    def degrees(self, nodes: Longs) -> Longs:
        """How many links each of some nodes has."""
        degrees: Longs = self._indptr.take(nodes + 1) - self._indptr.take(nodes)
        return degrees

    def flags_of(self, nodes: NDArray[np.integer]) -> Bytes:
        """What is known of some nodes."""
        return self._flags.take(nodes)

    def targets(self, frontier: Frontier) -> Ints:
        """The neighbours in a frontier's rows, row by row."""
        return self._targets(self._entries(frontier))

    def spread(self, frontier: Frontier, lens: Lens, *, with_marks: bool = False) -> Spread:
        """All entries of a frontier's rows whose link may be followed.

        The cards at the other ends are not judged yet: see `admitted`.
        """
        entries = self._entries(frontier)
        targets = self._targets(entries)
        sources = np.repeat(frontier.nodes, frontier.counts)
        if not with_marks and not lens.wants_marks:
            return Spread(sources, targets, None)
        marks = self._marks_at(entries)
        if lens.links is not None:
            keep = lens.links.take(marks)
            return Spread(sources[keep], targets[keep], marks[keep])
        return Spread(sources, targets, marks)

    def admitted(
        self, targets: NDArray[np.integer], marks: Bytes | None, lens: Lens
    ) -> Bools | None:
        """Which of some cards may be met, by type and flags; None means all of them."""
        if marks is None:
            return None
        admitted = None if lens.cards is None else lens.cards.take(marks)
        if lens.avoided:
            flagged = marks >= FLAGGED
            if flagged.any():
                places = np.flatnonzero(flagged)
                bad = (self.flags_of(targets[places]) & lens.avoided) != 0
                if admitted is None:
                    admitted = np.ones(len(targets), np.bool_)
                admitted[places[bad]] = False
        return admitted

    def present(self, nodes: NDArray[np.integer], walk: Walk) -> Bools:
        """Which of some nodes a walk may meet, without regard to how it came there."""
        lens = self.lens(walk)
        present: Bools = (self.flags_of(nodes) & lens.avoided) == 0
        if walk.skip:
            codes = [marking.TYPES.index(entity_type) for entity_type in walk.skip]
            present &= ~np.isin(self.numbering.types(nodes), codes)
        if walk.max_degree is not None:
            present &= self.degrees(np.asarray(nodes, np.int64)) <= walk.max_degree
        return present

    # The whole graph

    def whole(self) -> tuple[Ints, Ints, Bytes]:
        """Rows, neighbours and marks of the whole graph: indptr, indices, marks.

        Raises:
            SnapshotUnusable: they lead out of the arrays.
        """
        if not self._is_sound:
            raise damaged()
        return self._indptr, self._indices, self._marks

    @cached_property
    def _is_sound(self) -> bool:
        """Whether all rows and neighbours are there: compiled code that is led astray crashes.

        Looked at before the first pass over everything, which costs a hundred times as much.
        """
        if not len(self._indices):
            return True
        inside = self._indices.min() >= 0 and self._indices.max() < len(self)
        return bool(inside and (self._indptr[1:] >= self._indptr[:-1]).all())

    def seen_from(self, walk: Walk, named: int | None = None) -> tuple[Ints, Ints]:
        """The graph that a walk sees: indptr and indices over the same nodes.

        Cards that may not be met keep an empty row, but for the one that is `named`.
        """
        indptr, indices, marks = self.whole()
        lens = self.lens(walk)
        keep = None if lens.links is None else lens.links.take(marks)
        if not lens.meets_all:
            present = self.present(np.arange(len(self)), walk)
            if named is not None:
                present[named] = True
            both = between(indptr, indices, present)
            keep = both if keep is None else keep & both
        return (indptr, indices) if keep is None else kept(indptr, indices, keep)

    # Work arrays

    @contextmanager
    def marking(self) -> Iterator[Bytes]:
        """This thread's byte for each node, all zero; whoever marks there puts zeros back.

        Whoever does not come to that, for an error or Ctrl-C, leaves it behind: the next gets a
        new one.

        Raises:
            SnapshotUnusable: a place was looked up that the arrays do not have.
        """
        seen: Bytes | None = self._local.__dict__.pop("seen", None)
        if seen is None:
            seen = np.zeros(len(self), np.uint8)
        try:
            yield seen
        except (IndexError, KeyError) as error:
            raise damaged() from error
        self._local.seen = seen

    # Where entries stand

    def _entries(self, frontier: Frontier) -> Longs:
        """The places of all entries of a frontier's rows."""
        ends = frontier.counts.cumsum()
        entries = np.repeat(frontier.starts - ends + frontier.counts, frontier.counts)
        total = frontier.total
        entries += _IOTA[:total] if total <= len(_IOTA) else np.arange(total)
        return entries

    def _targets(self, entries: Longs) -> Ints:
        return self._indices.take(entries)

    def _marks_at(self, entries: Longs) -> Bytes:
        return self._marks.take(entries)
