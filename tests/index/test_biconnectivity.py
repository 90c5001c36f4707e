"""Articulation points and bridges are networkx's; what falls off is what really falls off."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from linkgraph.index.biconnectivity import Cuts, cuts
from linkgraph.index.connectivity import label_components
from tests.index.graphs import (
    SHAPES,
    Graph,
    Pair,
    any_graph,
    beside,
    complete,
    csr,
    cycle,
    graphs,
    long_path_rows,
    networkx_of,
    path,
    relabelled,
    star,
    trees_with_extras,
)


def points_by_removal(graph: "nx.Graph[int]") -> dict[int, tuple[int, int]]:
    """Articulation point → pieces, nodes outside the largest: each taken away and counted."""
    found = {}
    for node in nx.articulation_points(graph):
        component = graph.subgraph(nx.node_connected_component(graph, node)).copy()
        component.remove_node(node)
        sizes = [len(piece) for piece in nx.connected_components(component)]
        found[node] = (len(sizes), sum(sizes) - max(sizes))
    return found


def bridges_by_removal(graph: "nx.Graph[int]") -> dict[Pair, tuple[int, int]]:
    """Bridge → the end on the smaller side, that side's nodes: each taken away and counted."""
    found = {}
    for a, b in [sorted(link) for link in nx.bridges(graph)]:
        graph.remove_edge(a, b)
        sides = [(len(nx.node_connected_component(graph, end)), -end, end) for end in (a, b)]
        graph.add_edge(a, b)
        size, _, outer = min(sides)
        found[a, b] = (outer, size)
    return found


def points_of(found: Cuts) -> dict[int, tuple[int, int]]:
    points = found.points
    rows = zip(points.node.tolist(), points.pieces.tolist(), points.falls_off.tolist(), strict=True)
    return {node: (pieces, falls_off) for node, pieces, falls_off in rows}


def bridges_of(found: Cuts) -> dict[Pair, tuple[int, int]]:
    links = found.bridges
    columns = (links.a, links.b, links.outer, links.falls_off)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return {(a, b): (outer, falls_off) for a, b, outer, falls_off in rows}


def check(graph: Graph) -> None:
    found = cuts(*csr(*graph))
    # networkx takes a link to itself for a cycle of its own in places; it holds nothing together.
    expected = networkx_of(graph[0], [(a, b) for a, b in graph[1] if a != b])

    assert points_of(found) == points_by_removal(expected)
    assert bridges_of(found) == bridges_by_removal(expected)
    assert list(points_of(found)) == sorted(points_of(found))
    assert list(bridges_of(found)) == sorted(bridges_of(found))


@pytest.mark.parametrize(
    "graph",
    [g for g in SHAPES.values() if g[0] < 500],
    ids=[k for k, g in SHAPES.items() if g[0] < 500],
)
def test_shapes(graph: Graph) -> None:
    """Every shape hangs on what it is seen to hang on when each node and link is taken away."""
    check(graph)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(any_graph())
def test_random_graphs(graph: Graph) -> None:
    """Random graphs, trees and shapes, however numbered, hang on what networkx says they do."""
    check(graph)


@settings(deadline=None, derandomize=True)
@given(relabelled(trees_with_extras(max_nodes=60, max_extras=10)))
def test_trees_with_cycles(graph: Graph) -> None:
    """Blocks within blocks: many points, with many pieces each."""
    check(graph)


@settings(deadline=None, derandomize=True)
@given(relabelled(graphs(max_nodes=100, max_pairs=160)))
def test_sparse_graphs_of_many_components(graph: Graph) -> None:
    """Components side by side do not disturb each other."""
    check(graph)


@pytest.mark.parametrize("graph", [(0, []), (3, []), cycle(4), path(4)])
def test_types_of_the_columns(graph: Graph) -> None:
    """Nodes and pieces are int32, counts of nodes int64, also where there are none."""
    found = cuts(*csr(*graph))
    points, links = found.points, found.bridges
    for narrow in (points.node, points.pieces, links.a, links.b, links.outer):
        assert narrow.dtype == np.int32
    for wide in (points.falls_off, links.falls_off):
        assert wide.dtype == np.int64


def test_labels_may_be_given() -> None:
    """Components worked out before make no difference, also where nodes are left out of them."""
    indptr, indices = csr(*beside(path(5), star(6), complete(4), (2, [])))
    labels = label_components(indptr, indices)
    for known in (labels, np.where(np.diff(indptr) > 0, labels, np.int32(-1))):
        found = cuts(indptr, indices, known)
        assert points_of(found) == points_of(cuts(indptr, indices))
        assert bridges_of(found) == bridges_of(cuts(indptr, indices))


def test_a_hub_falls_into_as_many_pieces_as_it_has_leaves() -> None:
    """The middle of a star of 40 leaves 39 pieces of one node each: all but one fall off."""
    assert points_of(cuts(*csr(*star(40)))) == {0: (39, 38)}


def test_two_equal_sides_of_a_bridge() -> None:
    """Of two equal sides the outer one is that of the higher end."""
    assert bridges_of(cuts(*csr(*path(4)))) == {(0, 1): (0, 1), (1, 2): (2, 2), (2, 3): (3, 1)}


@pytest.mark.parametrize("n", [65, 66, 67, 128, 129, 2000, 100_000])
def test_long_paths(n: int) -> None:
    """On a path each inner node and each link parts what is before it from what is after."""
    found = cuts(*long_path_rows(n))
    inner = np.arange(1, n - 1)
    assert found.points.node.tolist() == inner.tolist()
    assert (found.points.pieces == 2).all()
    assert found.points.falls_off.tolist() == np.minimum(inner, n - 1 - inner).tolist()
    lower = np.arange(n - 1)
    before, after = lower + 1, n - 1 - lower
    assert found.bridges.a.tolist() == lower.tolist()
    assert found.bridges.b.tolist() == (lower + 1).tolist()
    assert found.bridges.falls_off.tolist() == np.minimum(before, after).tolist()
    assert found.bridges.outer.tolist() == np.where(before < after, lower, lower + 1).tolist()


@pytest.mark.parametrize("seed", range(6))
def test_long_chains_of_cycles_and_branches(seed: int) -> None:
    """Deep graphs with branches and cycles all along, numbered at random, are taken as well."""
    rng = np.random.default_rng(seed)
    n = 300
    # Links to nodes not far back make it deep; the fewer there are, the more it hangs on them.
    back = rng.integers(1, 4, n)
    pairs = [(i, max(0, i - int(back[i]))) for i in range(1, n)]
    pairs += [(i, max(0, i - 3)) for i in rng.integers(0, n, 40 * seed).tolist()]
    new = rng.permutation(n).tolist()
    check((n, [(new[a], new[b]) for a, b in pairs]))
