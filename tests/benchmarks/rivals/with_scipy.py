"""scipy's sparse graphs: no search stops at a target, nothing is known of cut points."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from tests.benchmarks.graphworld import GraphWorld
from tests.benchmarks.rivals.tasks import Task, Tasks


def open_graph(world: GraphWorld) -> Tasks:
    """The graph as a symmetric matrix."""
    # Of floats, as csgraph works on: any other type is converted at every call.
    ones = np.ones(len(world.indices))
    indices, indptr = np.array(world.indices), np.array(world.indptr)
    matrix = csr_array((ones, indices, indptr), shape=(world.nodes, world.nodes))

    def path(one: int, other: int) -> list[int]:
        # "Directed", or a transposed copy of the symmetric matrix is made at every call.
        before = breadth_first_order(matrix, one, directed=True)[1]
        nodes = [other]
        while nodes[-1] != one:
            nodes.append(int(before[nodes[-1]]))
        return nodes[::-1]

    def three_hops(node: int) -> NDArray[np.int32]:
        seen = edge = np.array([node], np.int32)
        for _ in range(3):
            edge = np.setdiff1d(matrix[edge].indices, seen)
            seen = np.union1d(seen, edge)
        return np.setdiff1d(seen, [node])

    def components() -> NDArray[np.int32]:
        # Where every link goes both ways these are the components, found without a transposed copy.
        labels: NDArray[np.int32] = connected_components(matrix, connection="strong")[1]
        return labels

    return {
        "path": Task(path),
        "three_hops": Task(three_hops),
        "components": Task(components, np.bincount),
    }
