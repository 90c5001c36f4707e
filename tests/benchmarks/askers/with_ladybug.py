"""LadybugDB (Kùzu's successor): Cypher over a typed graph in memory, loaded from Parquet.

Every kind of card is a node table with its id as the key, every kind of link a relation table with
its properties. Names and addresses are left out: no query returns them, and loading and memory are
as small as can be.
"""

import time
from importlib import import_module
from typing import Any

import pyarrow as pa

from tests.benchmarks.askers.account import Account
from tests.benchmarks.askers.ask import Ask, Asks, Failed, Stopped
from tests.benchmarks.askers.cypher import QUERIES

ladybug = import_module("ladybug")

MEMORY = 14 << 30
"""Bytes for its buffers: most of what the machine of the published figures has."""

_CARD = "id INT64 PRIMARY KEY, is_card BOOLEAN, is_deleted BOOLEAN, "
_PERSON = _CARD + "responsible_user_id INT64, created_at TIMESTAMP"
_NODES = {
    "lead": _CARD + "pipeline_id INT64, status_id INT64, responsible_user_id INT64, "
    "created_at TIMESTAMP, is_incoming BOOLEAN, is_closed BOOLEAN",
    "customer": _PERSON,
    "contact": _PERSON,
    "company": _PERSON,
    "element": "id INT64 PRIMARY KEY, is_card BOOLEAN",
}
#: By the name of each file: table, both ends, properties.
_RELATIONS = {
    "lead_contact": ("LeadContact", "is_main BOOLEAN, seen_from STRING"),
    "lead_company": ("LeadCompany", "seen_from STRING"),
    "contact_company": ("ContactCompany", "seen_from STRING"),
    "customer_contact": ("CustomerContact", "is_main BOOLEAN, seen_from STRING"),
    "customer_company": ("CustomerCompany", "seen_from STRING"),
    "lead_element": ("LeadElement", "thousandths INT64, price_id INT64"),
    "customer_element": ("CustomerElement", "thousandths INT64, price_id INT64"),
    "contact_element": ("ContactElement", "thousandths INT64, price_id INT64"),
    "company_element": ("CompanyElement", "thousandths INT64, price_id INT64"),
}


def open_account(account: Account, timeout: float) -> Asks:
    """The graph, and a query for each question that Cypher can say."""
    database = ladybug.Database(":memory:", buffer_pool_size=MEMORY)
    db = ladybug.Connection(database)
    _load(db, account)
    db.set_query_timeout(int(timeout * 1000))
    drawn = {name: int(ref.partition(":")[2]) for name, ref in account.cards.items()}

    def asker(cypher: str) -> Any:
        given = {name: value for name, value in drawn.items() if f"${name}" in cypher}

        def ask() -> pa.Table:
            began = time.monotonic()
            try:
                result = db.execute(cypher, given)
                return result.get_as_arrow(chunk_size=1_000_000)
            except RuntimeError as error:
                if time.monotonic() - began >= timeout:
                    raise Stopped(timeout) from error
                raise Failed(str(error).splitlines()[0]) from error

        return ask

    return {name: Ask(asker(query.text), rows=query.rows) for name, query in QUERIES.items()}


def _load(db: Any, account: Account) -> None:
    for kind, columns in _NODES.items():
        db.execute(f"CREATE NODE TABLE {kind.capitalize()}({columns})")
        names = ", ".join(column.split()[0] for column in columns.split(", "))
        db.execute(
            f"COPY {kind.capitalize()} FROM (LOAD FROM '{account.graph(kind)}' RETURN {names})"
        )
    for name, (table, columns) in _RELATIONS.items():
        owner, other = (kind.capitalize() for kind in name.split("_"))
        db.execute(f"CREATE REL TABLE {table}(FROM {owner} TO {other}, {columns})")
        db.execute(f"COPY {table} FROM '{account.graph(name)}'")
