"""linkgraph's own index, asked by card as its users ask it, over a published snapshot.

The snapshot lies in the folder `account` beside the graph: `publish` makes it. Whole-graph answers
are worked out from the arrays at every call; `LinkIndex` itself would remember them.
"""

from pathlib import Path

import numpy as np

from linkgraph.index import LinkIndex, Walk, store
from linkgraph.index.biconnectivity import Cuts, cuts
from linkgraph.index.connectivity import label_components
from linkgraph.index.results import Path as CardPath
from linkgraph.mirror.merge import merge
from linkgraph.mirror.snapshots import INDEX, Snapshot, SnapshotCard, Snapshots
from linkgraph.simulator import World
from tests.benchmarks.graphworld import GraphWorld
from tests.benchmarks.rivals.tasks import Task, Tasks
from tests.benchmarks.staged import stage

ACCOUNT = "account"
RESTRICTED = Walk.of(
    *("lead_contact", "lead_company", "contact_company", "customer_contact", "lead_element"),
    max_degree=1000,
)
"""A walk with a relation filter and a hub filter."""


def publish(folder: Path, world: World) -> Snapshot:
    """Publish a world as a snapshot with its index, beside the graph."""
    account = folder / ACCOUNT
    account.mkdir()
    staging = account / "staging.duckdb"
    stage(staging, world)

    def build(target: Path) -> SnapshotCard:
        card = merge(target, staging, None, number=1, max_removals=1.0).card
        store.write(target, target.with_name(INDEX), card)
        return card

    snapshot = Snapshots(account).publish(1, build, keep=1)
    staging.unlink()
    return snapshot


def open_graph(world: GraphWorld) -> Tasks:
    """The mapped index, and a ref for each node that is asked about."""
    assert isinstance(world.indptr, np.memmap)  # it was loaded: the snapshot lies beside it
    folder = Path(str(world.indptr.filename)).parent
    index = LinkIndex.open(Snapshots(folder / ACCOUNT).require())
    assert len(index) == world.nodes
    asked = np.unique(np.concatenate([world.ends.ravel(), world.cards]))
    refs = {node: world.ref(node) for node in asked.tolist()}
    numbering, arrays = index.graph.numbering, index.graph.arrays

    def nodes(path: CardPath | None) -> list[int]:
        assert path is not None
        return [numbering.node(ref) for ref in path.refs]

    def all_cuts() -> Cuts:
        return cuts(arrays.indptr, arrays.indices)

    return {
        "path": Task(lambda one, other: index.path(refs[one], refs[other]), nodes),
        "three_hops": Task(lambda node: index.within(refs[node], 3), lambda found: found[1:]),
        "neighbours": Task(
            lambda node: index.neighbours(refs[node]),
            lambda found: [numbering.node(ref) for ref in found.refs],
        ),
        "components": Task(lambda: label_components(arrays.indptr, arrays.indices), np.bincount),
        "cut_points": Task(all_cuts, lambda found: found.points.node),
        "bridges": Task(
            all_cuts, lambda found: np.stack([found.bridges.a, found.bridges.b], axis=1)
        ),
        "restricted_path": Task(
            lambda one, other: index.path(refs[one], refs[other], RESTRICTED),
            lambda path: -1 if path is None else len(path),
        ),
        "neighbour_refs": Task(
            lambda node: [neighbour.ref for neighbour in index.neighbours(refs[node])],
            lambda found: [numbering.node(ref) for ref in found],
        ),
        "three_hops_tree": Task(
            lambda node: index.neighbourhood(refs[node], 3), lambda found: found.nodes[1:]
        ),
    }
