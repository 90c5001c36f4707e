"""Components, and the pieces they are left in: those that networkx finds, in a fixed order."""

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkgraph.index.connectivity import label_components, pieces_without
from tests.index.graphs import (
    SHAPES,
    Graph,
    any_graph,
    beside,
    csr,
    cycle,
    graphs,
    long_path_rows,
    networkx_of,
    path,
    relabelled,
    star,
)

named = pytest.mark.parametrize("graph", SHAPES.values(), ids=SHAPES.keys())


def in_order(components: list[set[int]]) -> list[list[int]]:
    """Largest first, those of one size by their smallest node; the nodes ascending."""
    return sorted((sorted(nodes) for nodes in components), key=lambda nodes: (-len(nodes), nodes))


def check_components(graph: Graph) -> None:
    labels = label_components(*csr(*graph))
    expected = in_order(list(nx.connected_components(networkx_of(*graph))))

    assert labels.dtype == np.int32
    assert labels.shape == (graph[0],)
    assert [np.flatnonzero(labels == i).tolist() for i in range(len(expected))] == expected
    assert labels.max(initial=-1) == len(expected) - 1


def check_pieces(graph: Graph, node: int) -> None:
    pieces = pieces_without(*csr(*graph), node)
    whole = networkx_of(*graph)
    component = whole.subgraph(nx.node_connected_component(whole, node)).copy()
    component.remove_node(node)
    expected = in_order(list(nx.connected_components(component)))

    assert pieces.sizes.dtype == np.int64
    assert pieces.nodes.dtype == np.int32
    assert pieces.sizes.tolist() == [len(nodes) for nodes in expected]
    assert [pieces.members(i).tolist() for i in range(len(expected))] == expected


@named
def test_components_of_shapes(graph: Graph) -> None:
    """Components are numbered by size, ties by smallest node, whatever the graph looks like."""
    check_components(graph)


@settings(deadline=None, derandomize=True)
@given(any_graph())
def test_components_of_random_graphs(graph: Graph) -> None:
    """Components are numbered by size, ties by smallest node, however the nodes are numbered."""
    check_components(graph)


def test_the_busiest_node_need_not_be_in_the_largest_component() -> None:
    """A hub in a small component does not make that component the first."""
    labels = label_components(*csr(*beside(star(9), path(30))))
    assert labels.tolist() == [1] * 9 + [0] * 30


def test_components_of_a_very_long_path() -> None:
    """A path of 200,000 nodes is one component; length costs no recursion and no time."""
    assert not label_components(*long_path_rows(200_000)).any()


@settings(deadline=None, derandomize=True)
@given(relabelled(graphs(max_nodes=200, max_pairs=150)))
def test_components_of_many_crumbs(graph: Graph) -> None:
    """Many components of few nodes each, where no giant is, are told apart as well."""
    check_components(graph)


def test_mapped_files_are_read_as_they_are(tmp_path: Path) -> None:
    """Arrays mapped read-only from files do as well as those in memory, and stay as they were."""
    indptr, indices = csr(*beside(cycle(5), path(3)))
    np.save(tmp_path / "indptr.npy", indptr)
    np.save(tmp_path / "indices.npy", indices)
    mapped = [np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in ("indptr", "indices")]

    assert label_components(mapped[0], mapped[1]).tolist() == [0] * 5 + [1] * 3
    assert pieces_without(mapped[0], mapped[1], 6).sizes.tolist() == [1, 1]
    assert (mapped[0] == indptr).all()
    assert (mapped[1] == indices).all()


@named
def test_pieces_of_shapes(graph: Graph) -> None:
    """Taking away any of the first nodes of a shape leaves the pieces that are really left."""
    for node in range(min(graph[0], 8)):
        check_pieces(graph, node)


@settings(deadline=None, derandomize=True)
@given(any_graph().filter(lambda graph: graph[0] > 0), st.data())
def test_pieces_of_random_graphs(graph: Graph, data: st.DataObject) -> None:
    """Taking away a node leaves the pieces that are really left, the largest first."""
    check_pieces(graph, data.draw(st.integers(0, graph[0] - 1)))


def test_the_largest_piece_need_not_be_the_first_found() -> None:
    """The piece with the busiest neighbour stands where its size puts it."""
    # Node 0 holds together a path of 3, a star of 6 (whose hub is its neighbour), a path of 9.
    n, pairs = beside((1, []), path(3), star(6), path(9), path(6))
    pieces = pieces_without(*csr(n, [*pairs, (0, 1), (0, 4), (0, 10), (0, 19)]), 0)
    assert pieces.sizes.tolist() == [9, 6, 6, 3]
    assert pieces.members(1).tolist() == [4, 5, 6, 7, 8, 9]


def test_no_such_node_or_piece() -> None:
    """A node or a piece that is not there is an IndexError, negative ones included."""
    indptr, indices = csr(*path(3))
    with pytest.raises(IndexError, match="node 3 of 3"):
        pieces_without(indptr, indices, 3)
    with pytest.raises(IndexError, match="node -1 of 3"):
        pieces_without(indptr, indices, -1)
    with pytest.raises(IndexError, match="piece 2 of 2"):
        pieces_without(indptr, indices, 1).members(2)
