"""Connected components of the link graph, and the pieces one is left with when a node goes.

Shapes, in every function here: `indptr` int32[n + 1] and `indices` int32[2m], the rows of a
symmetric graph without doubles, which are only read; a self link stands once in its own row.

Real link graphs are one giant component and many crumbs, so the giant is walked breadth first
from the busiest node, and only the crumbs are cut out and told apart: the order of work of
Afforest (Sutton, Ben-Nun, Barak, "Optimizing Parallel Graph Connectivity Computation via Subgraph
Sampling", 2018). The walks are scipy's; strong connectivity in a symmetric graph is connectivity,
and unlike the weak kind it needs no transpose, which costs more than the labelling.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

Bools = NDArray[np.bool_]
Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]


def label_components(indptr: Int32s, indices: Int32s) -> Int32s:
    """The component of each node, int32[n]: 0, 1, … by size descending, ties by smallest node."""
    n = len(indptr) - 1
    if not len(indices):
        return np.arange(n, dtype=np.int32)
    degree = np.diff(indptr)
    walked = _reached(indptr, indices, int(degree.argmax()))
    rest = np.flatnonzero(~walked & (degree > 0))
    alone = np.flatnonzero(degree == 0)
    crumbs, crumb_sizes, crumb_firsts = _components_among(indptr, indices, rest)
    # A number for the component that was walked, for each crumb, for each node without a link.
    number = _by_size(
        np.concatenate(([np.count_nonzero(walked)], crumb_sizes, np.ones_like(alone))),
        np.concatenate(([walked.argmax()], crumb_firsts, alone)),
    )
    labels = np.full(n, number[0])
    labels[rest] = number[1 + crumbs]
    labels[alone] = number[1 + len(crumb_sizes) :]
    return labels


@dataclass(frozen=True, slots=True)
class Pieces:
    """What a component falls into without one of its nodes, the largest piece first.

    Pieces of one size stand in the order of their smallest nodes.
    """

    sizes: Int64s
    """The number of nodes in each piece, int64[pieces], descending."""

    nodes: Int32s
    """The nodes of all pieces, piece after piece, ascending within each; int32[sum of sizes]."""

    def members(self, piece: int) -> Int32s:
        """The nodes of one piece, ascending, int32[sizes[piece]].

        Raises:
            IndexError: there is no such piece; they are counted from 0.
        """
        if not 0 <= piece < len(self.sizes):
            raise IndexError(f"piece {piece} of {len(self.sizes)}")
        start = int(self.sizes[:piece].sum())
        return self.nodes[start : start + int(self.sizes[piece])]


def pieces_without(indptr: Int32s, indices: Int32s, node: int) -> Pieces:
    """The pieces that the component of `node` falls into when `node` is taken away.

    None for a node that is linked to nothing but itself, one for a node whose neighbours stay
    connected without it.

    Raises:
        IndexError: there is no such node.
    """
    if not 0 <= node < len(indptr) - 1:
        raise IndexError(f"node {node} of {len(indptr) - 1}")
    start, end = int(indptr[node]), int(indptr[node + 1])
    neighbours = indices[start:end]
    neighbours = neighbours[neighbours != node]
    if not len(neighbours):
        return Pieces(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32))
    # Walks may come to the node but go no further: its row leads to the node itself only.
    walled = np.array(indices)
    walled[start:end] = node
    degrees = indptr[neighbours + 1] - indptr[neighbours]
    walked = _reached(indptr, walled, int(neighbours[degrees.argmax()]))
    missed = neighbours[~walked[neighbours]]
    walked[node] = False
    main = np.flatnonzero(walked).astype(np.int32)
    if not len(missed):
        return Pieces(np.array([len(main)]), main)
    # All that the first walk missed is met by one from the node, over those neighbours alone.
    walled[start : start + len(missed)] = missed
    walked = _reached(indptr, walled, node)
    walked[node] = False
    rest = np.flatnonzero(walked)
    crumbs, crumb_sizes, crumb_firsts = _components_among(indptr, walled, rest)
    sizes = np.concatenate(([len(main)], crumb_sizes))
    number = _by_size(sizes, np.concatenate((main[:1], crumb_firsts)))
    crumb_numbers = number[1 + crumbs]
    # The main piece may be most of the graph: it is put in its place, not sorted.
    order = np.argsort(crumb_numbers, kind="stable")
    before, after = np.split(
        rest[order].astype(np.int32), [np.count_nonzero(crumb_numbers < number[0])]
    )
    return Pieces(np.sort(sizes)[::-1], np.concatenate((before, main, after)))


def as_matrix(indptr: Int32s, indices: Int32s) -> csr_array:
    """The graph as scipy's walks take it, without a copy: the weights are one 1.0, read 2m times.

    They look at the rows only, but want weights, and convert any but float64 into 8 bytes a link.
    """
    n = len(indptr) - 1
    return csr_array((np.broadcast_to(np.float64(1), indices.shape), indices, indptr), shape=(n, n))


def _rows_of(indptr: Int32s, indices: Int32s, nodes: NDArray[np.integer]) -> tuple[Int32s, Int32s]:
    """The rows of some nodes as a graph of their own: its `indptr`, and its unchanged `indices`."""
    starts, lengths = indptr[nodes], indptr[nodes + 1] - indptr[nodes]
    own = np.zeros(len(nodes) + 1, dtype=np.int32)
    np.cumsum(lengths, out=own[1:])
    places = np.arange(own[-1], dtype=np.int32) + np.repeat(starts - own[:-1], lengths)
    return own, indices[places]


def _reached(indptr: Int32s, indices: Int32s, start: int) -> Bools:
    """Which nodes a walk from `start` comes to, bool[n], `start` among them."""
    _, came_from = breadth_first_order(as_matrix(indptr, indices), start)
    reached: Bools = came_from >= 0
    reached[start] = True
    return reached


def _components_among(
    indptr: Int32s, indices: Int32s, nodes: Int64s
) -> tuple[Int32s, Int64s, Int64s]:
    """The components of the graph of `nodes` (ascending) and the links among them alone.

    Returns the component of each node, in any order of components, the size of each component,
    and its smallest node.
    """
    place = np.full(len(indptr) - 1, -1, dtype=np.int32)
    place[nodes] = np.arange(len(nodes), dtype=np.int32)
    own, ends = _rows_of(indptr, indices, nodes)
    ends = place[ends]
    outside = np.flatnonzero(ends < 0)
    # A link that leads out becomes a self link of its row, which connects nothing.
    ends[outside] = np.searchsorted(own, outside, side="right") - 1
    count, labels = connected_components(as_matrix(own, ends), connection="strong")
    firsts = np.empty(count, dtype=np.int64)
    firsts[labels[::-1]] = nodes[::-1]  # of a component's nodes the smallest is written last
    return labels, np.bincount(labels, minlength=count), firsts


def _by_size(sizes: Int64s, smallest: Int64s) -> Int32s:
    """The rank of each component: by size descending, ties by smallest node."""
    rank = np.empty(len(sizes), dtype=np.int32)
    rank[np.lexsort((smallest, -sizes))] = np.arange(len(sizes), dtype=np.int32)
    return rank
