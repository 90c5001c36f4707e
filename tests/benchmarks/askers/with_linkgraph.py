"""The library itself, asked as a session asks it: all columns, all rows, what was cut beside.

The link index is opened anew for every asking: one that is kept remembers what it worked out.
"""

from functools import cache

from sqlalchemy import Engine

from linkgraph.errors import QueryStopped
from linkgraph.index import LinkIndex
from queries.asked import Sources
from queries.catalogue import Catalogue
from queries.engine import open_engine
from queries.question import Question
from queries.runner import Answer
from queries.runner import ask as ask_library
from queries.sandbox import run_sql
from tests.benchmarks.askers.account import Account
from tests.benchmarks.askers.ask import Ask, Asks, Stopped

#: What any question over leads and contacts costs at least.
JOIN = """
select count(*) from leads join lead_contacts using (lead_id) join contacts using (contact_id)
"""


def open_account(account: Account, timeout: float) -> Asks:
    """Every question of the catalogue, over the newer snapshot."""
    older, newer = account.snapshots
    engine = open_engine(newer.path, temp_directory=account.folder)

    @cache
    def compare(since: str, until: str) -> Engine:
        return open_engine(newer.path, older=older.path, temp_directory=account.folder)

    def asker(question: Question) -> Ask:
        given = account.given(question)

        def ask() -> Answer:
            sources = Sources(engine, cache(lambda: LinkIndex.open(newer)), compare)
            try:
                return ask_library(sources, question, given, timeout=timeout)
            except QueryStopped as stopped:
                raise Stopped(timeout) from stopped

        return Ask(ask, Answer.to_arrow)

    return {
        **{question.name: asker(question) for question in Catalogue.load()},
        "leads ⋈ contacts, counted": Ask(lambda: run_sql(engine, JOIN).table()),
    }
