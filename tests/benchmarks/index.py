"""The link index beside other graph engines: neighbours, hops, paths, components, cut points.

Every engine gets the same links, as integers, in a process of its own, and answers the same
queries; where any two answers differ nothing is measured. `BENCHMARK_ENGINES=networkit,igraph`
measures those only.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from linkgraph.index.build import build
from linkgraph.mirror.snapshots import INDEX, Snapshot
from tests.benchmarks.graphworld import GraphWorld, graph_world
from tests.benchmarks.measures import Measure, timed
from tests.benchmarks.opening import opened
from tests.benchmarks.rivals import ENGINES, RivalResult, measure
from tests.benchmarks.rivals.with_linkgraph import ACCOUNT, publish

#: Past this many links networkx takes gigabytes and minutes to load.
TOO_MANY_FOR_NETWORKX = 2_000_000
MICRO, MILLI = 1e6, 1e3
#: What is asked of each engine: words for it, unit, seconds in that unit, target for p50 and p99.
ASKED = {
    "neighbours": ("neighbours by ref", "µs", MICRO, 5.0, None),
    "three_hops": ("3-hop set", "µs", MICRO, 60.0, None),
    "path": ("shortest path", "ms", MILLI, 0.5, 2.0),
    "components": ("connected components", "s", 1.0, None, None),
    "cut_points": ("cut points", "s", 1.0, None, None),
    "bridges": ("bridges", "s", 1.0, None, None),
}


def run(links: int) -> Iterator[Measure]:
    """Build, open, then every task with its ratio to each engine that can do it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        account, world = graph_world(links)
        world.save(folder)
        snapshot = publish(folder, account)
        del account
        yield Measure("cards in the giant component", float(world.giant) * 100, "%")
        yield from _built(snapshot, links)
        yield from _opened(snapshot, folder, world)
        engines = [
            each for each in _wanted() if each != "networkx" or links < TOO_MANY_FOR_NETWORKX
        ]
        results = measure(folder, ["linkgraph", *engines])
        ours = results.pop("linkgraph")
        yield from _among_ourselves(ours)
        for task in ASKED:
            yield from _compared(task, ours, results)
        for engine, result in results.items():
            if not result.missing:
                yield Measure("until it can be asked", ours.load, "s", engine, result.load)


def _wanted() -> list[str]:
    named = os.environ.get("BENCHMARK_ENGINES", "")
    return [each for each in ENGINES if not named or each in named.split(",")]


def _built(snapshot: Snapshot, links: int) -> Iterator[Measure]:
    with timed() as watch:
        arrays = build(snapshot.path)
    yield Measure("build, components among it", watch.seconds, target=2.0)
    size = sum(path.stat().st_size for path in (snapshot.folder / INDEX).iterdir())
    yield Measure("on disk, a link", size / links, "bytes", target=20.0)
    del arrays


def _opened(snapshot: Snapshot, folder: Path, world: GraphWorld) -> Iterator[Measure]:
    refs = [str(world.ref(node)) for node in world.ends.ravel()[:100].tolist()]
    for cold in (True, False):
        told = opened(snapshot, folder / ACCOUNT, refs, cold=cold)
        yield Measure(
            f"open and look once, {'cold' if cold else 'warm'}", told["open_ms"], "ms", target=40.0
        )
    yield Measure("… its imports", told["import_ms"], "ms")
    yield Measure("private memory after 99 walks", told["private_mb"], "MB", target=200.0)


def _among_ourselves(ours: RivalResult) -> Iterator[Measure]:
    path, restricted = ours.tasks["path"], ours.tasks["restricted_path"]
    yield Measure(
        "path by relations, avoiding hubs, p50",
        restricted.median * MILLI,
        "ms",
        "any shortest path",
        path.median * MILLI,
        3 * path.median * MILLI,
    )
    for name, words in (
        ("neighbour_refs", "neighbours as a list"),
        ("three_hops_tree", "3-hop tree"),
    ):
        yield Measure(f"{words}, p50", ours.tasks[name].median * MICRO, "µs")


def _compared(task: str, ours: RivalResult, rivals: dict[str, RivalResult]) -> Iterator[Measure]:
    words, unit, scale, p50, p99 = ASKED[task]
    own = ours.tasks[task]
    whole = own.n <= 3
    if p99 is not None:
        yield Measure(f"{words}, p99", own.p99 * scale, unit, target=p99)
    what, figure = words if whole else f"{words}, p50", own.median * scale
    for name, result in rivals.items():
        if task in result.tasks:
            yield Measure(what, figure, unit, name, result.tasks[task].median * scale, p50)
        if task == "path" and "distance" in result.tasks:
            # Some are quicker when they need not say which way the path goes.
            yard = result.tasks["distance"].median * scale
            yield Measure(what, figure, unit, f"{name}, its length only", yard)
