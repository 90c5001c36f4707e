"""The health report.

All problem questions asked with the worst rows of each, best of three runs; the slowest of them;
and what the line at the end of a sync costs where the figures are kept.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from linkgraph.index import LinkIndex
from linkgraph.mirror.snapshots import Snapshot
from linkgraph.simulator import generate
from queries.asked import Sources
from queries.catalogue import Catalogue
from queries.engine import open_engine
from queries.health import Health, examine, figures_of, keep_findings
from queries.health_page import page
from queries.sandbox import run_sql
from tests.benchmarks.measures import Measure, timed
from tests.benchmarks.rivals.with_linkgraph import publish

RUNS = 3
SLOWEST = 3
TARGET = 10.0
"""Seconds for the report of a million links."""
PASS = """
select count(*), count(l.name), count(k.name)
from leads as l
join lead_contacts as lc on lc.lead_id = l.lead_id
join contacts as k on k.contact_id = lc.contact_id
"""
YARDSTICK = "a pass over leads ⋈ contacts"


def run(links: int) -> Iterator[Measure]:
    """The report beside one pass over leads with their contacts, in the same run."""
    with tempfile.TemporaryDirectory() as folder:
        yield from of_snapshot(publish(Path(folder), generate(links, seed=1)), links)


def of_snapshot(snapshot: Snapshot, links: int) -> Iterator[Measure]:
    """The figures of one snapshot."""
    catalogue = Catalogue.load()
    engine = open_engine(snapshot.path)
    index = LinkIndex.open(snapshot)
    sources = Sources(engine, lambda: index)
    try:
        yard, (best, seconds) = _pass(sources), _best(sources, catalogue)
        target = TARGET if links <= 1_000_000 else None
        what = f"{len(best.findings)} questions"
        yield Measure(what, seconds, yardstick=YARDSTICK, yard=yard, target=target)
        for finding in sorted(best.findings, key=lambda each: -each.seconds)[:SLOWEST]:
            yield Measure(finding.name, finding.seconds, yardstick=YARDSTICK, yard=yard)
        with timed() as watch:
            page(best)
        yield Measure("written as a page", watch.seconds, yardstick=YARDSTICK, yard=yard)
        keep_findings(snapshot, best.findings)
        with timed() as watch:
            figures_of(snapshot, catalogue, lambda: sources)
        yield Measure("its figures, once kept", watch.seconds, yardstick=YARDSTICK, yard=yard)
    finally:
        engine.dispose()


def _best(sources: Sources, catalogue: Catalogue) -> tuple[Health, float]:
    found = []
    for _ in range(RUNS):
        with timed() as watch:
            health = examine(sources, catalogue)
        found.append((health, watch.seconds))
    return min(found, key=lambda each: each[1])


def _pass(sources: Sources) -> float:
    seconds = []
    for _ in range(RUNS):
        with timed() as watch:
            run_sql(sources.engine, PASS).table()
        seconds.append(watch.seconds)
    return min(seconds)
