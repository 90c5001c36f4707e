"""What lies within a few hops of a card: as a tree with parents, and as a set."""

from collections.abc import Iterator

import numpy as np

from linkgraph.index.graph import Bytes, Graph, Lens, Longs
from linkgraph.index.search import Level, next_level, root

_ANY_LINK = Lens(None, None, 0, None)


def levels(graph: Graph, node: int, lens: Lens, depth: int | None) -> list[Level]:
    """The nodes at each distance from a node, itself first, up to `depth` hops or to the end."""
    seen = graph.seen()
    found: list[Level] = []
    try:
        for level in _spreading(graph, node, lens):
            found.append(level)
            if len(found) - 1 == depth:
                break
    finally:
        for level in found:
            seen[level.nodes] = 0
    return found


def within(graph: Graph, node: int, lens: Lens, depth: int | None) -> Longs:
    """The nodes at most `depth` hops away, itself among them; ascending at each distance."""
    return np.concatenate([level.nodes for level in levels(graph, node, lens, depth)])


def _spreading(graph: Graph, node: int, lens: Lens) -> Iterator[Level]:
    level, frontier = root(graph, node)
    seen = graph.seen()
    seen[node] = 1
    yield level
    while frontier.total:
        level = next_level(graph, graph.spread(frontier, lens), lens, seen, 1)
        if not len(level.nodes):
            return
        yield level
        frontier = graph.frontier(level.nodes)


def marks_between(graph: Graph, parents: Longs, nodes: Longs) -> Bytes:
    """The mark of the link of each parent and node; 0 where they are one. uint8[nodes]

    Every pair but the first must be linked.
    """
    order = np.lexsort((nodes, parents))
    near = np.unique(parents)
    spread = graph.spread(graph.frontier(near), _ANY_LINK, with_marks=True)
    assert spread.marks is not None
    # Rows are sorted, and so are the sources: the entries ascend as one number each.
    entries = (spread.sources << 32) | spread.targets
    place = entries.searchsorted((parents << 32 | nodes)[order])
    place[place == len(entries)] = 0
    marks = np.zeros(len(nodes), np.uint8)
    if len(entries):
        marks[order] = spread.marks[place]
    marks[parents == nodes] = 0
    return marks
