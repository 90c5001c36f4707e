"""What lies within a few hops of a card, as a tree: each with the one it was met from."""

import numpy as np

from linkgraph.index.graph import Bytes, Graph, Lens, Longs
from linkgraph.index.reach import searched
from linkgraph.index.search import Level

_ANY_LINK = Lens(None, None, 0, None, wants_marks=False, is_plain=True)


def levels(graph: Graph, node: int, lens: Lens, depth: int | None) -> list[Level]:
    """The nodes at each distance from a node, itself first, up to `depth` hops or to the end."""
    search = searched(graph, node, lens, depth)
    found = [search.level(each) for each in range(search.depth + 1)]
    return found if len(found[-1].nodes) else found[:-1]


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
