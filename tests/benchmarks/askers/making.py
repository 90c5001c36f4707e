"""Makes the account that questions are asked of: two snapshots and the graph for the rivals."""

import json
from datetime import timedelta
from pathlib import Path

import duckdb

from linkgraph.index import LinkIndex, store
from linkgraph.mirror.clock import now
from linkgraph.mirror.merge import merge
from linkgraph.mirror.schema import literal
from linkgraph.mirror.snapshots import INDEX, Snapshot, SnapshotCard, Snapshots
from linkgraph.model import Ref
from linkgraph.simulator import generate
from tests.benchmarks.askers.account import Account
from tests.benchmarks.disorder import age, disturb
from tests.benchmarks.staged import stage

WEEK = timedelta(days=7)

#: Cards that links name and that no table holds are cards in a graph, too: it has no links without.
_NAMED = (
    "select distinct {end}_id as id, false as is_card from edges where is_live and "
    "{end}_type = '{kind}' and {end}_id not in (select {kind}_id from {table})"
)
#: LadybugDB 0.22 gives back zeros for some of a million compressed doubles; of integers none.
_QUANTITY = "(quantity * 1000)::bigint as thousandths"
_KEY = "({catalog} << 32) + {id}"
"""A catalog and an id in it as one number."""

#: Columns of each kind of node, beside its id.
_PROPERTIES = {
    "lead": (
        "leads",
        "l.is_deleted, l.pipeline_id, l.status_id, l.responsible_user_id, l.created_at, "
        "coalesce(s.is_unsorted, false) as is_incoming, "
        "coalesce(l.status_id in (142, 143), false) as is_closed",
        "left join statuses as s on s.pipeline_id = l.pipeline_id and s.status_id = l.status_id",
    ),
    "customer": ("customers", "l.is_deleted, l.responsible_user_id, l.created_at", ""),
    "contact": ("contacts", "l.is_deleted, l.responsible_user_id, l.created_at", ""),
    "company": ("companies", "l.is_deleted, l.responsible_user_id, l.created_at", ""),
}
_RELATIONS = {
    "lead_contact": "is_main, seen_from::varchar as seen_from",
    "lead_company": "seen_from::varchar as seen_from",
    "contact_company": "seen_from::varchar as seen_from",
    "customer_contact": "is_main, seen_from::varchar as seen_from",
    "customer_company": "seen_from::varchar as seen_from",
}


#: Two companies that share several contacts, and no great many.
_SHARING = """
with pair as (
    select a.company_id as one, b.company_id as two, count(distinct x.contact_id) as shared
    from lead_companies as a
    join lead_contacts as x on x.lead_id = a.lead_id
    join lead_contacts as y on y.contact_id = x.contact_id
    join lead_companies as b on b.lead_id = y.lead_id and b.company_id > a.company_id
    where a.company_id in (select company_id from companies order by company_id limit 200)
    group by a.company_id, b.company_id
    order by shared desc, one, two limit 1
)
select one from pair union all select two from pair
"""
#: People with a few leads.
_LINKED = """
select contact_id from lead_contacts group by contact_id having count(*) between 2 and 5
order by hash(contact_id), contact_id limit 100
"""


def make(folder: Path, links: int, seed: int = 1) -> Account:
    """Publish the generator's account of `links` links, and again a week later."""
    staging = folder / "staging.duckdb"
    stage(staging, generate(links, seed), started_at=now() - WEEK)
    disturb(staging)
    first = _publish(folder, staging, None)
    age(staging, links)
    second = _publish(folder, staging, first)
    staging.unlink()
    account = Account(folder)
    _write_graph(account, second)
    account.drawn.write_text(json.dumps(_draw(second)))
    return account


def _publish(folder: Path, staging: Path, last: Snapshot | None) -> Snapshot:
    number = 1 if last is None else last.number + 1

    def build(target: Path) -> SnapshotCard:
        card = merge(target, staging, last, number=number, max_removals=1.0).card
        store.write(target, target.with_name(INDEX), card)
        return card

    return Snapshots(folder).publish(number, build, keep=2)


def _write_graph(account: Account, snapshot: Snapshot) -> None:
    account.graph("lead").parent.mkdir()
    with duckdb.connect() as db:
        db.execute(f"attach {literal(str(snapshot.path))} as mirror (read_only); use mirror")
        for name, sql in _graph_tables().items():
            db.execute(f"copy ({sql}) to {literal(str(account.graph(name)))}")


def _draw(snapshot: Snapshot) -> dict[str, list[str]]:
    index = LinkIndex.open(snapshot)
    with duckdb.connect(str(snapshot.path), read_only=True) as db:
        companies = [f"company:{row[0]}" for row in db.execute(_SHARING).fetchall()]
        people = [f"contact:{row[0]}" for row in db.execute(_LINKED).fetchall()]
    one, *others = map(Ref.parse, people)
    paths = {card: index.path(one, card) for card in others}
    hops = {card: len(path) for card, path in paths.items() if path is not None}
    # As far as most cards are from each other: half of those drawn are nearer.
    far = sorted(hops, key=lambda card: hops[card])[len(hops) // 2]
    return {"company": companies, "any": [str(one), str(far)]}


def _graph_tables() -> dict[str, str]:
    """A query for each kind of node and relation, by name; the ends of relations come first."""
    found = {}
    for kind, (table, columns, join) in _PROPERTIES.items():
        named = " union ".join(
            _NAMED.format(end=end, kind=kind, table=table) for end in ("from", "to")
        )
        found[kind] = (
            f"select l.{kind}_id as id, true as is_card, {columns} from {table} as l {join} "
            f"union all by name ({named})"
        )
    key = _KEY.format(catalog="catalog_id", id="element_id")
    found["element"] = f"select {key} as id, true as is_card from elements"
    for relation, columns in _RELATIONS.items():
        found[relation] = (
            f'select from_id as "from", to_id as "to", {columns} from edges '
            f"where is_live and relation = '{relation}'"
        )
    for owner in _PROPERTIES:
        key = _KEY.format(catalog="to_catalog_id", id="to_id")
        found[f"{owner}_element"] = (
            f'select from_id as "from", {key} as "to", {_QUANTITY}, price_id from edges '
            f"where is_live and relation = '{owner}_element'"
        )
    return found
