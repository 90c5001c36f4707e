"""The whole graph of a snapshot, or the part between some cards, as tables of nodes and links.

What `linkgraph.graphml` and other programs that draw or compute take: a row a card, a row a link,
joined by refs. Rows come in batches, so that an account of millions of links passes through little
memory.

The links of deleted cards are kept, but no longer live. Who wants them asks for the nodes and for
the links with `deleted`, both: every link has both its nodes then.
"""

from collections.abc import Iterable, Iterator

import pyarrow as pa
from sqlalchemy import Engine

from linkgraph.model import Ref
from queries.parameters import Value
from queries.running import Running, Stop

_REF = """case
        when {type} = 'element' then 'element:' || {catalog} || '/' || {id}
        else {type} || ':' || {id}
    end"""

# Links may name cards that no list showed: they are nodes too, or links would end in nothing.
# Names are cut here, as a batch of megabytes is no batch; longer ones are nowhere shown whole.
# Names of users and the like are grouped: a node that comes twice is no graph.
_NODES = """
with {chosen}
known as (
    select
        'lead'::entity_type as type, 0::bigint as catalog_id, lead_id as id, name, url, is_deleted,
        price, pipeline_id, status_id, responsible_user_id, created_at, updated_at
    from leads{of_leads}
    union all by name
    select
        'customer'::entity_type as type, 0 as catalog_id, customer_id as id, name, url, is_deleted,
        responsible_user_id, created_at, updated_at
    from customers{of_customers}
    union all by name
    select
        'contact'::entity_type as type, 0 as catalog_id, contact_id as id, name, url, is_deleted,
        responsible_user_id, created_at, updated_at
    from contacts{of_contacts}
    union all by name
    select
        'company'::entity_type as type, 0 as catalog_id, company_id as id, name, url, is_deleted,
        responsible_user_id, created_at, updated_at
    from companies{of_companies}
    union all by name
    select
        'element'::entity_type as type, catalog_id, element_id as id, name, url, is_deleted,
        created_at, updated_at
    from elements{of_elements}
),
ends as ({ends}),
unknown as (
    select distinct e.type, e.catalog_id, e.id
    from ends as e
    where not exists (
        select 1 from {cards} as c
        where c.type = e.type and c.catalog_id = e.catalog_id and c.id = e.id
    )
),
nodes as (
    select *, true as is_known from known
    union all by name
    select *, false as is_known from unknown
),
lines as (select pipeline_id, min(name) as name from pipelines group by pipeline_id),
steps as (
    select pipeline_id, status_id, min(name) as name from statuses group by pipeline_id, status_id
),
people as (select user_id, min(name) as name from users group by user_id)
select
    {ref} as ref,
    left(n.name, 2000) as name, n.type, n.url, n.is_deleted, n.is_known, n.price,
    l.name as pipeline, s.name as status, p.name as responsible, n.created_at, n.updated_at
from nodes as n
left join lines as l on l.pipeline_id = n.pipeline_id
left join steps as s on s.pipeline_id = n.pipeline_id and s.status_id = n.status_id
left join people as p on p.user_id = n.responsible_user_id
"""

_LINKS = """
{chosen}select
    {source} as source,
    {target} as target,
    relation, is_main, quantity, price_id
from edges
where (is_live or $deleted){among}
"""

# The cards that are asked for stand beside the tables, as a million of them is no parameter.
_CHOSEN = "chosen as (select type::entity_type as type, catalog_id, id from chosen_cards)"


_ALL_ENDS = """
    select from_type as type, 0 as catalog_id, from_id as id from edges where is_live or $deleted
    union all
    select to_type, to_catalog_id, to_id from edges where is_live or $deleted
"""
_CHOSEN_ENDS = """
    select x.type, x.catalog_id, x.id
    from chosen as x
    where exists (
        select 1 from adjacency as a
        where (a.is_live or $deleted)
            and a.type = x.type and a.id = x.id and a.catalog_id = x.catalog_id
    )
"""
_CARDS = {
    "of_leads": " where lead_id in (select id from chosen where type = 'lead')",
    "of_customers": " where customer_id in (select id from chosen where type = 'customer')",
    "of_contacts": " where contact_id in (select id from chosen where type = 'contact')",
    "of_companies": " where company_id in (select id from chosen where type = 'company')",
    "of_elements": """ where (catalog_id, element_id) in (
        select catalog_id, id from chosen where type = 'element'
    )""",
}
# Ids alone are what lets a scan pass over the blocks where none of them is; types decide.
_AMONG = """
    and from_id in (select id from chosen) and to_id in (select id from chosen)
    and exists (select 1 from chosen as x where x.type = from_type and x.id = from_id)
    and exists (
        select 1 from chosen as x
        where x.type = to_type and x.id = to_id and x.catalog_id = to_catalog_id
    )
"""
_EVERY_CARD = dict.fromkeys(_CARDS, "")
_NODE_REF = _REF.format(type="n.type", catalog="n.catalog_id", id="n.id")
_LINK_REFS = {
    "source": _REF.format(type="from_type", catalog="0", id="from_id"),
    "target": _REF.format(type="to_type", catalog="to_catalog_id", id="to_id"),
}

#: All cards, also deleted ones and those that only links name.
NODES = _NODES.format(**_EVERY_CARD, chosen="", ends=_ALL_ENDS, cards="cards", ref=_NODE_REF)
#: All links, the owner first.
LINKS = _LINKS.format(**_LINK_REFS, chosen="", among="")
#: Those of the cards in the table `chosen_cards` (type, catalog_id, id).
CHOSEN_NODES = (
    _NODES.format(**_CARDS, chosen=f"{_CHOSEN},", ends=_CHOSEN_ENDS, cards="known", ref=_NODE_REF)
    + "order by n.type, n.catalog_id, n.id"
)
#: Links with both ends among those cards.
CHOSEN_LINKS = (
    _LINKS.format(**_LINK_REFS, chosen=f"with {_CHOSEN}\n", among=_AMONG)
    + "order by relation, from_type, from_id, to_type, to_catalog_id, to_id"
)


def nodes(
    engine: Engine,
    refs: Iterable[Ref] | None = None,
    *,
    deleted: bool = False,
    stop: Stop | None = None,
) -> Iterator[pa.RecordBatch]:
    """All cards of a snapshot, deleted ones too, or those in `refs`, as far as it knows of them.

    It knows those that a list showed, and those that live links name; with `deleted` also those
    that only a deleted card's links name. Those in `refs` come by type and id; all of them as they
    are read, as sorting would hold them all at once.

    Columns: ref, name (2,000 characters at most), type, url, is_deleted, is_known (False: only
    links name it, and the other columns are NULL), price, pipeline, status, responsible (names),
    created_at, updated_at (UTC).

    Raises:
        QueryStopped: `stop` was asked to.
        QueryError: it failed, short of memory or disk.
    """
    return _batches(engine, NODES, CHOSEN_NODES, refs, deleted, stop)


def links(
    engine: Engine,
    refs: Iterable[Ref] | None = None,
    *,
    deleted: bool = False,
    stop: Stop | None = None,
) -> Iterator[pa.RecordBatch]:
    """All live links of a snapshot, or those with both ends in `refs`; each has both its nodes.

    With `deleted` the links of deleted cards too, whose nodes are there with the same flag.

    Columns: source (the owner) and target (refs), relation, is_main, quantity, price_id.

    Raises:
        QueryStopped: `stop` was asked to.
        QueryError: it failed, short of memory or disk.
    """
    return _batches(engine, LINKS, CHOSEN_LINKS, refs, deleted, stop)


def _batches(
    engine: Engine,
    whole: str,
    chosen: str,
    refs: Iterable[Ref] | None,
    deleted: bool,
    stop: Stop | None,
) -> Iterator[pa.RecordBatch]:
    values: dict[str, Value] = {"deleted": deleted}
    running = (
        Running(engine, whole, values, stop=stop)
        if refs is None
        else _Among(engine, chosen, refs, values, stop)
    )
    with running:
        yield from running.batches()


class _Among(Running):
    """A statement that finds the cards it is about in the table `chosen_cards`."""

    def __init__(
        self,
        engine: Engine,
        sql: str,
        refs: Iterable[Ref],
        values: dict[str, Value],
        stop: Stop | None,
    ) -> None:
        cards = list(refs)
        self._cards = pa.table(
            {
                "type": pa.array([ref.type.value for ref in cards], pa.string()),
                "catalog_id": pa.array([ref.catalog_id for ref in cards], pa.int64()),
                "id": pa.array([ref.id for ref in cards], pa.int64()),
            }
        )
        super().__init__(engine, sql, values, stop=stop)

    def _start(self, parameters: dict[str, Value]) -> pa.RecordBatchReader:
        # the connection is this statement's own: the table goes with it
        self._native.register("chosen_cards", self._cards)
        return super()._start(parameters)
