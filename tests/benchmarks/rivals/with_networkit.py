"""networkit: bidirectional search, and biconnected components for cut points and bridges.

A search object is made anew for every query: networkit 11 does not empty the queues of one that
is given new ends, and then answers wrongly or never. Nor is its `GraphFromCsr` used, which counts
each link of a symmetric matrix twice.
"""

from importlib import import_module
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.graphworld import GraphWorld
from tests.benchmarks.rivals.tasks import Task, Tasks, walk

# Imported by name, as the others of the extra `bench`: types are checked without them, too.
networkit = import_module("networkit")


def open_graph(world: GraphWorld) -> Tasks:
    """The graph in networkit's adjacency lists."""
    owners, others = world.pairs.astype(np.uint64)
    graph = networkit.GraphFromCoo((owners, others), n=world.nodes)

    def neighbours(node: int) -> list[int]:
        return list(graph.iterNeighbors(node))

    def path(one: int, other: int) -> list[int]:
        search = networkit.distance.BidirectionalBFS(graph, one, other, True)
        search.run()
        return [one, *search.getPath(), other]

    def distance(one: int, other: int) -> float:
        search = networkit.distance.BidirectionalBFS(graph, one, other, False)
        search.run()
        return float(search.getDistance())

    def components() -> Any:
        return networkit.components.ConnectedComponents(graph).run().getPartition()

    def cut_points() -> NDArray[np.int64]:
        # A card in two biconnected components is what holds them together.
        members = np.fromiter(chain.from_iterable(blocks()), np.int64)
        return np.flatnonzero(np.bincount(members) > 1)

    def blocks() -> list[list[int]]:
        found: list[list[int]] = (
            networkit.components.BiconnectedComponents(graph).run().getComponents()
        )
        return found

    def bridges() -> list[list[int]]:
        return [block for block in blocks() if len(block) == 2]

    return {
        "path": Task(path),
        "distance": Task(distance),
        "three_hops": Task(lambda node: walk(graph.iterNeighbors, node)),
        "neighbours": Task(neighbours),
        "components": Task(components, lambda found: list(found.subsetSizes())),
        "cut_points": Task(cut_points),
        "bridges": Task(bridges, lambda found: [sorted(block) for block in found]),
    }
