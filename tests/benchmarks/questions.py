"""The questions of the library, beside plain SQL over the same snapshot."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Engine

from linkgraph.mirror.merge import merge
from linkgraph.simulator import generate
from queries.asked import Sources
from queries.catalogue import Catalogue
from queries.engine import open_engine
from queries.runner import ask
from queries.sandbox import run_sql
from tests.benchmarks.measures import Measure, timed
from tests.benchmarks.staged import stage

RUNS = 3
#: The first question as a textbook would say it: every route a row, every pair joined.
TEXTBOOK = """
with touch as (
    select contact_id, company_id from contact_companies
    union
    select contact_id, company_id from lead_contacts join lead_companies using (lead_id)
    union
    select contact_id, company_id from customer_contacts join customer_companies using (customer_id)
)
select a.company_id, b.company_id as other_id, count(distinct a.contact_id) as shared
from touch as a join touch as b on b.contact_id = a.contact_id and b.company_id > a.company_id
group by a.company_id, b.company_id
having count(distinct a.contact_id) >= 2
order by shared desc
"""
#: What any question over leads and contacts costs at least.
JOIN = """
select count(*) from leads join lead_contacts using (lead_id) join contacts using (contact_id)
"""


def run(links: int) -> Iterator[Measure]:
    """Each question with its defaults, best of three runs, fetched whole."""
    with tempfile.TemporaryDirectory() as folder:
        staging, database = Path(folder) / "staging.duckdb", Path(folder) / "mirror.duckdb"
        stage(staging, generate(links, seed=1))
        merge(database, staging, None, number=1, max_removals=1.0)
        engine = open_engine(database, temp_directory=Path(folder))
        try:
            yield from _questions(engine, links)
        finally:
            engine.dispose()


def _questions(engine: Engine, links: int) -> Iterator[Measure]:
    textbook = _best(lambda: run_sql(engine, TEXTBOOK).table())
    join = _best(lambda: run_sql(engine, JOIN).table())
    for question in Catalogue.load():
        shared = question.name == "companies-sharing-contacts"
        yield Measure(
            what=question.name,
            value=_best(lambda question=question: ask(Sources(engine), question)),  # type: ignore[misc]
            yardstick="its textbook SQL, no cap" if shared else "leads ⋈ contacts, counted",
            yard=textbook if shared else join,
            target=0.5 if shared and links <= 1_000_000 else None,
        )


def _best(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(RUNS):
        with timed() as watch:
            work()
        seconds.append(watch.seconds)
    return min(seconds)
