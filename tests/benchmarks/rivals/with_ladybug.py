"""LadybugDB (Kùzu's successor): Cypher over a database in memory, links stored once.

Stored from both ends and asked along the arrow, paths take longer. Its algorithms (components)
are an extension to download, and are not asked for.
"""

from importlib import import_module
from typing import Any

import numpy as np
import pyarrow as pa

from tests.benchmarks.graphworld import GraphWorld
from tests.benchmarks.rivals.tasks import Task, Tasks

ladybug = import_module("ladybug")

PATH = "MATCH p = (a:Card)-[:Link* SHORTEST 1..30]-(b:Card) WHERE a.id = $a AND b.id = $b RETURN "
THREE_HOPS = "MATCH (a:Card)-[:Link* SHORTEST 1..3]-(b:Card) WHERE a.id = $a RETURN b.id"
NEIGHBOURS = "MATCH (a:Card)-[:Link]-(b:Card) WHERE a.id = $a RETURN b.id"


def open_graph(world: GraphWorld) -> Tasks:
    """The graph as a node table and a relation."""
    db = ladybug.Connection(ladybug.Database(":memory:"))
    db.execute("CREATE NODE TABLE Card(id INT64 PRIMARY KEY)")
    db.execute("CREATE REL TABLE Link(FROM Card TO Card)")
    # COPY finds these by their names.
    cards = pa.table({"id": np.arange(world.nodes)})
    owners, others = world.pairs.astype(np.int64)
    links = pa.table({"from": owners, "to": others})
    db.execute("COPY Card FROM cards")
    db.execute("COPY Link FROM links")
    del cards, links

    def rows(cypher: str, **given: int) -> list[list[Any]]:
        result = db.execute(cypher, given)
        found: list[list[Any]] = result.get_all()
        result.close()
        return found

    def nodes(found: list[list[Any]]) -> list[int]:
        return [row[0] for row in found]

    return {
        "path": Task(lambda a, b: rows(PATH + "properties(nodes(p), 'id')", a=a, b=b)[0][0]),
        "distance": Task(lambda a, b: rows(PATH + "length(p)", a=a, b=b)[0][0]),
        "three_hops": Task(lambda a: rows(THREE_HOPS, a=a), nodes),
        "neighbours": Task(lambda a: rows(NEIGHBOURS, a=a), nodes),
    }
