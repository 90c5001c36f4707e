"""Undirected graphs to try the index's algorithms on, as a number of nodes and a list of pairs.

A graph is `(n, pairs)`: nodes 0 to n - 1, and pairs in any order, either way round, possibly
twice, possibly a node with itself. `csr` makes of it what the algorithms take.
"""

from collections.abc import Iterable

import networkx as nx
import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Pair = tuple[int, int]
Graph = tuple[int, list[Pair]]
Rows = tuple[NDArray[np.int32], NDArray[np.int32]]


def path(n: int) -> Graph:
    """A chain of n nodes."""
    return n, [(i, i + 1) for i in range(n - 1)]


def cycle(n: int) -> Graph:
    """A ring of n nodes, 3 or more."""
    return n, [(i, (i + 1) % n) for i in range(n)]


def star(n: int) -> Graph:
    """One node in the middle of n - 1 others."""
    return n, [(0, i) for i in range(1, n)]


def complete(n: int) -> Graph:
    """n nodes, each linked to each."""
    return n, [(i, j) for i in range(n) for j in range(i + 1, n)]


def grid(side: int) -> Graph:
    """A square of side by side nodes, each linked to the next in its row and in its column."""
    places = range(side * side)
    return side * side, [
        *((i, i + 1) for i in places if (i + 1) % side),
        *((i, i + side) for i in places[:-side]),
    ]


def beside(*graphs: Graph) -> Graph:
    """Several graphs as the components of one, numbered one after another."""
    count, pairs = 0, list[Pair]()
    for n, own in graphs:
        pairs += [(count + a, count + b) for a, b in own]
        count += n
    return count, pairs


SHAPES: dict[str, Graph] = {
    "nothing": (0, []),
    "one node": (1, []),
    "one node linked to itself": (1, [(0, 0)]),
    "nodes without links": (5, []),
    "one link": (2, [(0, 1)]),
    "one link told from both sides": (2, [(0, 1), (1, 0)]),
    "path": path(7),
    "path longer than the levels taken one by one": path(2000),
    "cycle": cycle(6),
    "long cycle": cycle(500),
    "star": star(40),
    "complete": complete(7),
    "grid": grid(20),
    "two components": beside(path(4), cycle(4)),
    "two components of one size": beside((1, []), path(3), star(3)),
    "everything linked to itself": (4, [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (3, 3)]),
    "two triangles joined at a node": (5, [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 2)]),
    "two triangles joined by a bridge": (6, [*beside(cycle(3), cycle(3))[1], (2, 3)]),
    "lollipop": (9, [*complete(5)[1], (4, 5), (5, 6), (6, 7), (7, 8)]),
    "comb on a long path": (800, [*path(400)[1], *((i, 400 + i) for i in range(400))]),
    "ladder with a tail": (
        400,
        [
            *beside(path(150), path(150), path(100))[1],
            *((i, i + 150) for i in range(150)),
            (0, 300),
        ],
    ),
}
"""The shapes at which an algorithm on graphs goes wrong if it goes wrong anywhere."""


@st.composite
def graphs(draw: st.DrawFn, max_nodes: int = 30, max_pairs: int = 60) -> Graph:
    """Random graphs: sparse ones, dense ones, several components, self links and doubles."""
    n = draw(st.integers(0, max_nodes))
    if n == 0:
        return 0, []
    # Nodes from a part of the range only leave the others without links.
    node = st.integers(0, draw(st.integers(0, n - 1)))
    return n, draw(st.lists(st.tuples(node, node), max_size=max_pairs))


@st.composite
def trees_with_extras(draw: st.DrawFn, max_nodes: int = 40, max_extras: int = 6) -> Graph:
    """Random trees with a few links more: many articulation points and bridges."""
    n = draw(st.integers(1, max_nodes))
    parents = [draw(st.integers(0, i - 1)) for i in range(1, n)]
    node = st.integers(0, n - 1)
    extras = draw(st.lists(st.tuples(node, node), max_size=max_extras))
    return n, [*enumerate(parents, start=1), *extras]


@st.composite
def relabelled(draw: st.DrawFn, source: st.SearchStrategy[Graph]) -> Graph:
    """Graphs from `source`, their nodes numbered at random."""
    n, pairs = draw(source)
    new = list(range(n))
    draw(st.randoms(use_true_random=False)).shuffle(new)
    return n, [(new[a], new[b]) for a, b in pairs]


def any_graph() -> st.SearchStrategy[Graph]:
    """Random graphs, trees with extras and the named shapes, all numbered at random."""
    shapes = st.sampled_from([graph for graph in SHAPES.values() if graph[0] <= 50])
    return relabelled(st.one_of(graphs(), trees_with_extras(), shapes))


def csr(n: int, pairs: Iterable[Pair]) -> Rows:
    """The graph as read-only `indptr` int32[n + 1] and `indices` int32[2m], rows ascending."""
    both = {pair for a, b in pairs for pair in ((a, b), (b, a))}
    rows = np.array(sorted(both), dtype=np.int32).reshape(-1, 2)
    indptr = np.zeros(n + 1, dtype=np.int32)
    np.cumsum(np.bincount(rows[:, 0], minlength=n), out=indptr[1:])
    indices = rows[:, 1].copy()
    indptr.setflags(write=False)
    indices.setflags(write=False)
    return indptr, indices


def long_path_rows(n: int) -> Rows:
    """A chain of n nodes, 3 or more, as `csr` would give it, for an n too large for pairs."""
    indptr = np.clip(np.arange(-1, 2 * n, 2, dtype=np.int32), 0, 2 * n - 2)
    indices = (np.arange(n, dtype=np.int32)[:, None] + np.array([-1, 1], dtype=np.int32)).ravel()
    return indptr, indices[1:-1]


def networkx_of(n: int, pairs: Iterable[Pair]) -> "nx.Graph[int]":
    """The same graph for networkx, whose answers are the ones to agree with."""
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(pairs)
    return graph
