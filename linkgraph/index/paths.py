"""Shortest paths between two cards, searched from both ends at once.

The side with fewer entries to read goes first (Pohl 1971), so that a hub is met late, and mostly
not at all. Both sides mark the same byte a node; the first entry that meets the other side's mark
closes a shortest path, because every level before it was searched whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from linkgraph.index.graph import Frontier, Graph, Lens, Longs
from linkgraph.index.search import Level, Meeting, Search

#: The marks of the two searches.
_TAGS = (1, 2)


@dataclass(frozen=True, slots=True)
class Ways:
    """All shortest paths between two nodes."""

    length: int
    """Hops"""
    count: int
    """How many there are"""
    first: list[list[int]]
    """The first of them as nodes, in the order of their node numbers"""


def shortest(graph: Graph, a: int, b: int, lens: Lens, max_hops: int | None) -> list[int] | None:
    """The nodes of a shortest path from `a` to `b`; None where there is none of so many hops."""
    if a == b:
        return [a]
    near, far, met = _searched(graph, a, b, lens, max_hops)
    if met is None:
        return None
    return near.trace(int(met.sources[0]))[::-1] + far.trace(int(met.targets[0]))


def all_shortest(
    graph: Graph, a: int, b: int, lens: Lens, max_hops: int | None, limit: int
) -> Ways | None:
    """All shortest paths from `a` to `b`: their number, and the first `limit` of them."""
    if a == b:
        return Ways(0, 1, [[a]])
    near, far, met = _searched(graph, a, b, lens, max_hops)
    if met is None:
        return None
    layers = _layers(graph, near, far, met, lens)
    return Ways(len(layers), _count(a, layers), list(_walks(a, layers, limit)))


def _searched(
    graph: Graph, a: int, b: int, lens: Lens, max_hops: int | None
) -> tuple[Search, Search, Meeting | None]:
    """Both searches, and where they met."""
    with graph.marking() as seen:
        near = Search(graph, a, lens, seen, _TAGS[0])
        far = Search(graph, b, lens, seen, _TAGS[1])
        met = _search(near, far, max_hops)
        near.forget()
        far.forget()
    return near, far, met


def _search(near: Search, far: Search, max_hops: int | None) -> Meeting | None:
    """Search level by level until the two sides meet: links from the near to the far side."""
    hops = 0
    while max_hops is None or hops < max_hops:
        hops += 1
        if not near.total or not far.total:
            return None
        if near.total <= far.total:
            if (met := near.advance(_TAGS[1])) is not None:
                return met
        elif (met := far.advance(_TAGS[0])) is not None:
            return Meeting(met.targets, met.sources)
    return None


class _Layer(NamedTuple):
    """The links between one distance and the next that lie on shortest paths, near end first.

    Sorted by both, so that each near node's links are one slice.
    """

    near: Longs
    far: Longs


def _layers(graph: Graph, near: Search, far: Search, met: Meeting, lens: Lens) -> list[_Layer]:
    """The links of all shortest paths, from the first card on."""
    before, after = [], []
    ends = np.unique(met.sources)
    for level in map(near.level, reversed(range(near.depth))):
        sources, targets = _back(graph, graph.frontier(ends), level, lens)
        before.append(_layer(targets, sources))
        ends = np.unique(targets)
    ends = np.unique(met.targets)
    for level in map(far.level, reversed(range(far.depth))):
        sources, targets = _back(graph, graph.frontier(ends), level, lens)
        after.append(_layer(sources, targets))
        ends = np.unique(targets)
    return [*reversed(before), _layer(met.sources, met.targets), *after]


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
