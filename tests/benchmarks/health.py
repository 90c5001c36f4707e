"""The health report.

All problem questions asked with the worst rows of each, best of three runs; the slowest of them;
and what the line at the end of a sync costs where the figures are kept.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from linkgraph.index import LinkIndex
from linkgraph.mirror.snapshots import Snapshot
from queries.asked import Sources
from queries.catalogue import Catalogue
from queries.engine import open_engine
from queries.health import Health, examine, figures_of, keep_findings
from queries.health_page import page
from queries.sandbox import run_sql
from tests.benchmarks.askers.making import make
from tests.benchmarks.measures import Measure, timed

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
    """The report of the newer of two snapshots, beside a pass over leads with their contacts."""
    with tempfile.TemporaryDirectory() as folder:
        older, newer = make(Path(folder), links).snapshots
        engine = open_engine(newer.path)
        compared = open_engine(newer.path, older=older.path)
        index = LinkIndex.open(newer)
        try:
            sources = Sources(engine, lambda: index, lambda since, until: compared)
            yield from _measured(newer, sources, links)
        finally:
            compared.dispose()
            engine.dispose()


def _measured(snapshot: Snapshot, sources: Sources, links: int) -> Iterator[Measure]:
    catalogue = Catalogue.load()
    yard, (best, seconds) = _pass(sources), _best(sources, catalogue)
    target = TARGET if links <= 1_000_000 else None
    what = f"{len(best.findings)} questions"
    yield Measure(what, seconds, yardstick=YARDSTICK, yard=yard, target=target, rows=best.problems)
    for each in sorted(best.findings, key=lambda each: -each.seconds)[:SLOWEST]:
        yield Measure(each.name, each.seconds, yardstick=YARDSTICK, yard=yard, rows=each.count)
    with timed() as watch:
        page(best)
    yield Measure("written as a page", watch.seconds, yardstick=YARDSTICK, yard=yard)
    keep_findings(snapshot, best.findings)
    with timed() as watch:
        figures_of(snapshot, catalogue, lambda: sources)
    yield Measure("its figures, once kept", watch.seconds, yardstick=YARDSTICK, yard=yard)


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
