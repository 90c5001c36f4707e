"""Breadth-first search from one card, a level at a time, remembering from where each was met.

A level of a few entries is gone through one by one: numpy's fixed price for a level is that of
some three hundred of them, and most walks begin with several such levels. From there on levels are
columns. Both give the same: nodes, and for each the smallest node before it that leads there.
"""

from typing import NamedTuple

import numpy as np

from linkgraph.index.graph import Bools, Bytes, Frontier, Graph, Ints, Lens, Longs, Spread
from linkgraph.index.marks import FLAGGED

#: Up to so many entries a level is gone through one by one.
FEW = 256
#: From so many new entries on, scattering over all nodes is cheaper than sorting the entries.
MANY = 200_000


_Found = dict[int, int]
"""Few nodes, and from where each was met"""


class Level(NamedTuple):
    """Nodes at one distance, ascending, and the nodes that they were met from."""

    nodes: Longs
    parents: Longs


class Meeting(NamedTuple):
    """Links that lead from the last level to nodes that carry another search's mark."""

    sources: Longs
    targets: Longs


class Search:
    """One breadth-first search; marks what it met in `seen` by its `tag`."""

    def __init__(self, graph: Graph, node: int, lens: Lens, seen: Bytes, tag: int) -> None:
        self._graph, self._lens, self._seen, self._tag = graph, lens, seen, tag
        self._found: list[Level | _Found] = []
        self._few: list[int] = []
        self._frontier: Frontier | None = None
        self._total: int | None = None
        seen[node] = tag
        self._found.append({node: node})

    @property
    def depth(self) -> int:
        """How many hops its last level is away."""
        return len(self._found) - 1

    @property
    def total(self) -> int:
        """How many entries the next level has to go through; 0 at the end.

        Counted when it is asked for: whoever stops here need not know.
        """
        if self._total is None:
            self._total = self._prepared()
        return self._total

    def level(self, depth: int) -> Level:
        """The level of a distance, as columns."""
        found = self._found[depth]
        if isinstance(found, Level):
            return found
        nodes = sorted(found)
        return Level(np.array(nodes), np.array([found[node] for node in nodes]))

    def nodes(self) -> Longs:
        """All that was met: by distance, and ascending at each."""
        return np.concatenate(
            [
                found.nodes if isinstance(found, Level) else np.array(sorted(found), np.int64)
                for found in self._found
            ]
        )

    def trace(self, node: int) -> list[int]:
        """From a node of the last level back to where the search began."""
        trail = [node]
        for found in reversed(self._found[1:]):
            if isinstance(found, Level):
                node = int(found.parents[found.nodes.searchsorted(node)])
            else:
                node = found[node]
            trail.append(node)
        return trail

    def forget(self) -> None:
        """Put zeros back where the search left its marks."""
        seen = self._seen.data
        for found in self._found:
            if isinstance(found, Level):
                self._seen[found.nodes] = 0
            else:
                for node in found:
                    seen[node] = 0

    def advance(self, other: int = 0) -> Meeting | None:
        """Go one hop further, or tell where nodes marked `other` were met in trying to.

        All links to those nodes are told; the search then stays where it was.
        """
        if not self.total:
            return None
        return (
            self._advance_few(self._few, other)
            if self._frontier is None
            else self._advance_all(self._frontier, other)
        )

    def _prepared(self) -> int:
        """Get ready to spread from the last level, one by one or as columns."""
        last, ends = self._found[-1], self._graph.row_ends
        if isinstance(last, Level):
            nodes = last.nodes
        else:
            few = sorted(last)
            if ends is not None:
                total = sum([ends[node + 1] - ends[node] for node in few])
                if total <= FEW:
                    self._few, self._frontier = few, None
                    return total
            nodes = np.array(few, np.int64)
        self._frontier = self._graph.frontier(nodes)
        return self._frontier.total

    def _add(self, found: "Level | _Found") -> None:
        self._found.append(found)
        self._total = None

    # One by one

    def _advance_few(self, nodes: list[int], other: int) -> Meeting | None:
        found, met = (self._all_of if self._lens.is_plain else self._some_of)(nodes, other)
        if not met:
            self._add(found)
            return None
        seen = self._seen.data
        for node in found:
            seen[node] = 0
        ends = np.array(met, np.int64)
        return Meeting(ends[:, 0], ends[:, 1])

    def _all_of(self, nodes: list[int], other: int) -> tuple[_Found, list[tuple[int, int]]]:
        """What the rows of some nodes lead to, where nothing is left out."""
        graph, seen, tag = self._graph, self._seen.data, self._tag
        ends, entries = graph.row_ends, graph.entry_targets
        assert ends is not None  # else there are no few nodes
        found: _Found = {}
        met: list[tuple[int, int]] = []
        for node in nodes:
            for target in entries[ends[node] : ends[node + 1]]:
                state = seen[target]
                if not state:
                    seen[target] = tag
                    found[target] = node
                elif state == other:
                    met.append((node, target))
        return found, met

    def _some_of(self, nodes: list[int], other: int) -> tuple[_Found, list[tuple[int, int]]]:
        """What the rows of some nodes lead to, as far as the walk goes there."""
        graph, lens, seen, tag = self._graph, self._lens, self._seen.data, self._tag
        ends, entries, marks = graph.row_ends, graph.entry_targets, graph.entry_marks
        flags, avoided = graph.node_flags, lens.avoided
        assert ends is not None  # else there are no few nodes
        links = None if lens.links is None else lens.links.tobytes()
        cards = None if lens.cards is None else lens.cards.tobytes()
        most = len(entries) if lens.max_degree is None else lens.max_degree
        found: _Found = {}
        met: list[tuple[int, int]] = []
        for node in nodes:
            row = slice(ends[node], ends[node + 1])
            for target, mark in zip(entries[row], marks[row], strict=True):
                if links and not links[mark]:
                    continue
                state = seen[target]
                if state:
                    if state == other:
                        met.append((node, target))
                elif (
                    (cards is None or cards[mark])
                    and not (mark >= FLAGGED and flags[target] & avoided)
                    and ends[target + 1] - ends[target] <= most
                ):
                    seen[target] = tag
                    found[target] = node
        return found, met

    # As columns

    def _advance_all(self, frontier: Frontier, other: int) -> Meeting | None:
        spread = self._graph.spread(frontier, self._lens)
        state = self._seen.take(spread.targets)
        if other:
            meets = state == other
            if meets.any():
                return Meeting(spread.sources[meets], spread.targets[meets].astype(np.int64))
        level = self._new(spread, state == 0)
        self._seen[level.nodes] = self._tag
        self._add(level)
        return None

    def _new(self, spread: Spread, new: Bools) -> Level:
        """The level of a spread's new targets."""
        admitted = self._graph.admitted(spread.targets, spread.marks, self._lens)
        if admitted is not None:
            new &= admitted
        targets, sources = spread.targets[new], spread.sources[new]
        if len(targets) < MANY:
            level = _sorted_out(targets, sources)
        else:
            level = _scattered(targets, sources, len(self._seen))
        most = self._lens.max_degree
        if most is None:
            return level
        few = self._graph.degrees(level.nodes) <= most
        return Level(level.nodes[few], level.parents[few])


def _sorted_out(targets: Ints, sources: Longs) -> Level:
    # Target and source as one number: a sort brings equal targets together, the least source first.
    keys = targets.astype(np.int64)
    keys <<= 32
    keys |= sources
    keys.sort()
    nodes = keys >> 32
    first = np.empty(len(nodes), np.bool_)
    first[:1] = True
    np.not_equal(nodes[1:], nodes[:-1], out=first[1:])
    return Level(nodes[first], keys[first] & 0xFFFF_FFFF)


def _scattered(targets: Ints, sources: Longs, size: int) -> Level:
    parents = np.full(size, -1, np.int32)
    # Sources ascend; of several writes to one place the last stands: backwards, the least source.
    parents[targets[::-1]] = sources[::-1]
    nodes = np.flatnonzero(parents >= 0)
    return Level(nodes, parents[nodes].astype(np.int64))
