"""Shortest paths between two cards, searched from both ends at once.

The side with fewer entries to read goes first (Pohl 1971), so that a hub is met late, and mostly
not at all. Both sides mark the same byte a node; the first entry that meets the other side's mark
closes a shortest path, because every level before it was searched whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from linkgraph.index.graph import Frontier, Graph, Ints, Lens, Longs
from linkgraph.index.search import Level, next_level, root


@dataclass(frozen=True, slots=True)
class Ways:
    """All shortest paths between two nodes."""

    length: int
    """Hops"""
    count: int
    """How many there are"""
    first: list[list[int]]
    """The first of them as nodes, in the order of their node numbers"""


class _Side:
    """One of the two searches: its levels so far, and what it would spread from next."""

    def __init__(self, graph: Graph, node: int, tag: int) -> None:
        level, self.frontier = root(graph, node)
        self.levels: list[Level] = [level]
        self.tag = tag

    def advance(self, graph: Graph, level: Level) -> None:
        self.levels.append(level)
        self.frontier = graph.frontier(level.nodes)

    def trace(self, node: int) -> list[int]:
        """From a node of the last level back to where the search began."""
        trail = [node]
        for level in reversed(self.levels[1:]):
            node = int(level.parents[level.nodes.searchsorted(node)])
            trail.append(node)
        return trail


class _Meeting(NamedTuple):
    """Where the two searches met: entries from the side that moved to the one that waited."""

    moved: _Side
    waited: _Side
    sources: Longs
    targets: Ints


def shortest(graph: Graph, a: int, b: int, lens: Lens, max_hops: int | None) -> list[int] | None:
    """The nodes of a shortest path from `a` to `b`; None where there is none of so many hops."""
    if a == b:
        return [a]
    sides = _Side(graph, a, 1), _Side(graph, b, 2)
    try:
        meeting = _search(graph, sides, lens, max_hops)
    finally:
        _forget(graph, sides)
    if meeting is None:
        return None
    near = meeting.moved.trace(int(meeting.sources[0]))
    far = meeting.waited.trace(int(meeting.targets[0]))
    return near[::-1] + far if meeting.moved is sides[0] else far[::-1] + near


def all_shortest(
    graph: Graph, a: int, b: int, lens: Lens, max_hops: int | None, limit: int
) -> Ways | None:
    """All shortest paths from `a` to `b`: their number, and the first `limit` of them."""
    if a == b:
        return Ways(0, 1, [[a]])
    sides = _Side(graph, a, 1), _Side(graph, b, 2)
    try:
        meeting = _search(graph, sides, lens, max_hops)
    finally:
        _forget(graph, sides)
    if meeting is None:
        return None
    layers = _layers(graph, sides, meeting, lens)
    return Ways(len(layers), _count(a, layers), list(_walks(a, layers, limit)))


def _search(
    graph: Graph, sides: tuple[_Side, _Side], lens: Lens, max_hops: int | None
) -> _Meeting | None:
    """Search level by level until the two sides meet."""
    seen = graph.seen()
    for side in sides:
        seen[side.levels[0].nodes] = side.tag
    hops = 0
    while max_hops is None or hops < max_hops:
        hops += 1
        moving, waiting = sorted(sides, key=lambda side: side.frontier.total)
        if not moving.frontier.total:
            return None
        spread = graph.spread(moving.frontier, lens)
        met = seen.take(spread.targets) == waiting.tag
        if met.any():
            return _Meeting(moving, waiting, spread.sources[met], spread.targets[met])
        moving.advance(graph, next_level(graph, spread, lens, seen, moving.tag))
    return None


def _forget(graph: Graph, sides: tuple[_Side, _Side]) -> None:
    """Put zeros back where the search left its marks."""
    seen = graph.seen()
    for side in sides:
        for level in side.levels:
            seen[level.nodes] = 0


class _Layer(NamedTuple):
    """The links between one distance and the next that lie on shortest paths, near end first.

    Sorted by both, so that each near node's links are one slice.
    """

    near: Longs
    far: Longs


def _layers(
    graph: Graph, sides: tuple[_Side, _Side], meeting: _Meeting, lens: Lens
) -> list[_Layer]:
    """The links of all shortest paths, from the first card on."""
    near, far = meeting.sources, meeting.targets.astype(np.int64)
    if meeting.moved is sides[1]:
        near, far = far, near
    before, after = [], []
    ends = np.unique(near)
    for level in reversed(sides[0].levels[:-1]):
        sources, targets = _back(graph, graph.frontier(ends), level, lens)
        before.append(_layer(targets, sources))
        ends = np.unique(targets)
    ends = np.unique(far)
    for level in reversed(sides[1].levels[:-1]):
        sources, targets = _back(graph, graph.frontier(ends), level, lens)
        after.append(_layer(sources, targets))
        ends = np.unique(targets)
    return [*reversed(before), _layer(near, far), *after]


def _back(graph: Graph, frontier: Frontier, level: Level, lens: Lens) -> tuple[Longs, Longs]:
    """The links from some nodes to those of a level that a search met before them."""
    spread = graph.spread(frontier, lens)
    targets = spread.targets.astype(np.int64)
    place = level.nodes.searchsorted(targets)
    place[place == len(level.nodes)] = 0
    there = level.nodes[place] == targets
    return spread.sources[there], targets[there]


def _layer(near: Longs, far: Longs) -> _Layer:
    order = np.lexsort((far, near))
    return _Layer(near[order], far[order])


def _count(start: int, layers: list[_Layer]) -> int:
    """How many walks lead through all layers; exact, however many."""
    nodes = np.array([start], np.int64)
    ways = np.array([1], object)  # Python's integers: they grow
    for layer in layers:
        next_nodes, place = np.unique(layer.far, return_inverse=True)
        next_ways = np.zeros(len(next_nodes), object)
        np.add.at(next_ways, place, ways[nodes.searchsorted(layer.near)])
        nodes, ways = next_nodes, next_ways
    return int(ways.sum())


def _walks(start: int, layers: list[_Layer], limit: int) -> Iterator[list[int]]:
    """The first walks through all layers; every link leads on, so none is tried in vain."""
    stack = [[start]]
    while stack and limit > 0:
        walk = stack.pop()
        if len(walk) > len(layers):
            yield walk
            limit -= 1
            continue
        layer = layers[len(walk) - 1]
        first, last = layer.near.searchsorted([walk[-1], walk[-1] + 1])
        # No more branches than walks are wanted.
        onward = layer.far[first : min(last, first + limit)].tolist()
        stack += [[*walk, node] for node in reversed(onward)]
