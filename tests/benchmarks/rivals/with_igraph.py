"""igraph: its path search stops at the target, but searches from one end only.

`distances` goes through the whole graph first and takes three times as long as the path itself,
`neighborhood(order=3)` five times as long as three rounds of `neighbors`.
"""

from importlib import import_module

from tests.benchmarks.graphworld import GraphWorld
from tests.benchmarks.rivals.tasks import Task, Tasks, walk

igraph = import_module("igraph")


def open_graph(world: GraphWorld) -> Tasks:
    """The graph in igraph's indexed edge list."""
    graph = igraph.Graph(n=world.nodes, edges=world.pairs.T)
    return {
        "path": Task(graph.get_shortest_path),
        "three_hops": Task(lambda node: walk(graph.neighbors, node)),
        "neighbours": Task(graph.neighbors),
        "components": Task(graph.connected_components, lambda found: found.sizes()),
        "cut_points": Task(graph.articulation_points),
        "bridges": Task(graph.bridges, lambda found: world.pairs[:, found].T),
    }
