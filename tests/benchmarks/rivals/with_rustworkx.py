"""rustworkx: Dijkstra's search to a target for paths; it has no breadth-first one that stops.

`bfs_layers` goes through the whole component and is still quicker where the distance is enough.
"""

from importlib import import_module

from tests.benchmarks.graphworld import GraphWorld
from tests.benchmarks.rivals.tasks import Task, Tasks, walk

rustworkx = import_module("rustworkx")

CHUNK = 1_000_000
"""Links added at a time: a tuple each for all of them would be most of the memory."""


def open_graph(world: GraphWorld) -> Tasks:
    """The graph in petgraph's adjacency lists, links without a payload."""
    graph = rustworkx.PyGraph()
    graph.add_nodes_from(range(world.nodes))
    for start in range(0, world.links, CHUNK):
        owners, others = world.pairs[:, start : start + CHUNK].tolist()
        graph.add_edges_from_no_data(list(zip(owners, others, strict=True)))

    def path(one: int, other: int) -> list[int]:
        found: list[int] = rustworkx.graph_dijkstra_shortest_paths(graph, one, other)[other]
        return found

    def distance(one: int, other: int) -> int:
        layers = rustworkx.bfs_layers(graph, [one])
        return next(away for away, layer in enumerate(layers) if other in layer)

    return {
        "path": Task(path),
        "distance": Task(distance),
        "three_hops": Task(lambda node: walk(graph.neighbors, node)),
        "neighbours": Task(lambda node: list(graph.neighbors(node))),
        "components": Task(lambda: rustworkx.connected_components(graph), lambda f: map(len, f)),
        "cut_points": Task(lambda: rustworkx.articulation_points(graph)),
        "bridges": Task(lambda: rustworkx.bridges(graph), list),
    }
