"""Breadth-first search, a level at a time: the next level of nodes, and from where each was met."""

from typing import NamedTuple

import numpy as np

from linkgraph.index.graph import Bytes, Frontier, Graph, Ints, Lens, Longs, Spread

#: From so many new entries on, scattering over all nodes is cheaper than sorting the entries.
_MANY = 200_000


class Level(NamedTuple):
    """Nodes at one distance, ascending, each with the smallest node before it that is linked."""

    nodes: Longs
    parents: Longs


def root(graph: Graph, node: int) -> tuple[Level, Frontier]:
    """The level of distance 0."""
    nodes = np.array([node], np.int64)
    return Level(nodes, nodes), graph.frontier(nodes)


def next_level(graph: Graph, spread: Spread, lens: Lens, seen: Bytes, tag: int) -> Level:
    """The nodes of a spread that were not met before, which are now marked in `seen` by `tag`.

    `seen` is the graph's work array; a sorted frontier makes a sorted spread, by source.
    """
    new = seen.take(spread.targets) == 0
    admitted = graph.admitted(spread.targets, spread.marks, lens)
    if admitted is not None:
        new &= admitted
    targets, sources = spread.targets[new], spread.sources[new]
    level = (
        _distinct(targets, sources, seen)
        if len(targets) < _MANY
        else _scattered(targets, sources, seen)
    )
    if lens.max_degree is not None and len(level.nodes):
        few = graph.degrees(level.nodes) <= lens.max_degree
        level = Level(level.nodes[few], level.parents[few])
    seen[level.nodes] = tag
    return level


def _distinct(targets: Ints, sources: Longs, seen: Bytes) -> Level:
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


def _scattered(targets: Ints, sources: Longs, seen: Bytes) -> Level:
    parents = np.full(len(seen), -1, np.int32)
    # Sources ascend; of several writes to one place the last stands: backwards, the least source.
    parents[targets[::-1]] = sources[::-1]
    nodes = np.flatnonzero(parents >= 0)
    return Level(nodes, parents[nodes].astype(np.int64))
