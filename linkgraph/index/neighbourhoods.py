"""What lies within a few hops of a card: as a tree with parents, and as a set."""

import numpy as np

from linkgraph.index.graph import Bytes, Graph, Lens, Longs
from linkgraph.index.search import Level, Search

#: Up to so many entries sets are quicker than columns.
FEW = 1024
_ANY_LINK = Lens(None, None, 0, None, wants_marks=False, is_plain=True)


def levels(graph: Graph, node: int, lens: Lens, depth: int | None) -> list[Level]:
    """The nodes at each distance from a node, itself first, up to `depth` hops or to the end."""
    search = _searched(graph, node, lens, depth)
    found = [search.level(each) for each in range(search.depth + 1)]
    return found if len(found[-1].nodes) else found[:-1]


def within(graph: Graph, node: int, lens: Lens, depth: int | None) -> Longs:
    """The nodes at most `depth` hops away, itself among them; ascending at each distance."""
    if depth is not None and lens.is_plain:
        levels = _few_within(graph, node, depth)
        if levels is not None:
            return np.array([each for level in levels for each in sorted(level)], np.int64)
    return _searched(graph, node, lens, depth).nodes()


def _few_within(graph: Graph, node: int, depth: int) -> list[set[int]] | None:
    """The nodes at each distance by Python's sets, as long as they are few; None if they are not.

    Who needs no parents and meets some hundred cards is served so in half the time.
    """
    ends, entries = graph.row_ends, graph.entry_targets
    if ends is None:
        return None
    left = FEW
    met = {node}
    levels = [met]
    seen = set(met)
    for _ in range(depth):
        found: set[int] = set()
        for each in met:
            start, stop = ends[each], ends[each + 1]
            left -= stop - start
            if left < 0:
                return None
            found.update(entries[start:stop])
        met = found - seen
        if not met:
            break
        seen |= met
        levels.append(met)
    return levels


def _searched(graph: Graph, node: int, lens: Lens, depth: int | None) -> Search:
    with graph.marking() as seen:
        search = Search(graph, node, lens, seen, 1)
        while search.total and (depth is None or search.depth < depth):
            search.advance()
        search.forget()
    return search


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
