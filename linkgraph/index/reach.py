"""What lies within a few hops of a card, as a set: nobody asks from where each was met.

The first levels have a handful of entries: Python's sets take them in less time than numpy takes
for a single call. Then come hundreds or thousands: sorted columns, from which what was met before
is struck out. What is larger is left to `search`, whose marks cost a byte for each node.
"""

import numpy as np

from linkgraph.index.graph import Graph, Ints, Lens, Longs
from linkgraph.index.search import Search

#: Up to so many entries a level is taken by sets.
FEW = 128
#: From so many entries on, sorting costs more than marking.
MANY = 50_000


def within(graph: Graph, node: int, lens: Lens, depth: int | None) -> Longs:
    """The nodes at most `depth` hops away, itself among them; ascending at each distance."""
    if depth is not None and lens.is_plain:
        few = _first_levels(graph, node, depth)
        if len(few) > depth or not few[-1]:
            return np.array([each for level in few for each in level], np.int64)
        levels = [np.array(level, np.int64) for level in few]
        if _go_on(graph, levels, depth):
            return np.concatenate(levels)
    return searched(graph, node, lens, depth).nodes()


def searched(graph: Graph, node: int, lens: Lens, depth: int | None) -> Search:
    """The search from a node, ended: `depth` hops away, or where there is nothing more."""
    with graph.marking() as seen:
        search = Search(graph, node, lens, seen, 1)
        while search.total and (depth is None or search.depth < depth):
            search.advance()
        search.forget()
    return search


def _first_levels(graph: Graph, node: int, depth: int) -> list[list[int]]:
    """The levels that have few entries, itself first; an empty one ends the walk."""
    ends, entries = graph.row_ends, graph.entry_targets
    met, seen = [node], {node}
    levels = [met]
    while met and ends is not None and len(levels) <= depth:
        rows = [(ends[each], ends[each + 1]) for each in met]
        if sum([stop - start for start, stop in rows]) > FEW:
            break
        found: set[int] = set()
        for start, stop in rows:
            found.update(entries[start:stop])
        found -= seen
        seen |= found
        met = sorted(found)
        levels.append(met)
    return levels


def _go_on(graph: Graph, levels: list[Longs], depth: int) -> bool:
    """Add the levels that are missing; False where one has too many entries."""
    while len(levels) <= depth and len(levels[-1]):
        frontier = graph.frontier(levels[-1])
        if frontier.total > MANY:
            return False
        # What is next to the last level lies in it, in the one before it, or is new.
        before = np.sort(np.concatenate(levels[-2:]))
        levels.append(_new(graph.targets(frontier), before))
    return True


def _new(targets: Ints, before: Longs) -> Longs:
    """Distinct targets, ascending, without those of `before`, which ascend; sorts in place."""
    if not len(targets):
        return np.empty(0, np.int64)
    targets.sort()
    keep = np.empty(len(targets), np.bool_)
    keep[0] = True
    np.not_equal(targets[1:], targets[:-1], out=keep[1:])
    place = targets.searchsorted(before)
    np.minimum(place, len(targets) - 1, out=place)
    keep[place[targets[place] == before]] = False
    return targets[keep].astype(np.int64)
