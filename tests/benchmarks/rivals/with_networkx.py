"""networkx: dictionaries of dictionaries; like networkit it searches a path from both ends."""

import networkx

from tests.benchmarks.graphworld import GraphWorld
from tests.benchmarks.rivals.tasks import Task, Tasks, walk


def open_graph(world: GraphWorld) -> Tasks:
    """The graph in networkx's dictionaries."""
    graph = networkx.Graph()
    graph.add_nodes_from(range(world.nodes))
    graph.add_edges_from(zip(*world.pairs.tolist(), strict=True))
    return {
        "path": Task(lambda one, other: networkx.bidirectional_shortest_path(graph, one, other)),
        "three_hops": Task(lambda node: walk(graph.neighbors, node)),
        "neighbours": Task(lambda node: list(graph.neighbors(node))),
        "components": Task(
            lambda: list(networkx.connected_components(graph)), lambda found: map(len, found)
        ),
        "cut_points": Task(lambda: set(networkx.articulation_points(graph))),
        "bridges": Task(lambda: list(networkx.bridges(graph))),
    }
