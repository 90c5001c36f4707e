"""The statements of a merge that come after the links: edges, adjacency, and what is counted.

As in `merge_sql.py`, `staged`, `last` and `next` are attached, and rows go in sorted.
"""

from linkgraph.model import EntityType, Relation

DELETED = """
create temp table deleted as
select 'lead'::entity_type as type, 0::bigint as catalog_id, lead_id as id
from leads where is_deleted
union all select 'customer', 0, customer_id from customers where is_deleted
union all select 'contact', 0, contact_id from contacts where is_deleted
union all select 'company', 0, company_id from companies where is_deleted
union all select 'element', catalog_id, element_id from elements where is_deleted
"""

# ENUMs compare by their order, which is the order of ownership.
_SIDES = """
with
owners as (
    select
        entity_type as from_type, entity_id as from_id, to_entity_type as to_type,
        to_catalog_id, to_entity_id as to_id, is_main, quantity, price_id
    from links
    where
        entity_type < to_entity_type
        or (entity_type = to_entity_type and entity_id <= to_entity_id)
),
others as (
    select
        to_entity_type as from_type, to_entity_id as from_id, entity_type as to_type,
        0::bigint as to_catalog_id, entity_id as to_id, is_main, quantity, price_id
    from links
    where
        entity_type > to_entity_type
        or (entity_type = to_entity_type and entity_id > to_entity_id)
)
"""

_LIVE = """not exists (
        select 1 from deleted
        where deleted.type = merged.from_type and deleted.id = merged.from_id
    )
    and not exists (
        select 1 from deleted
        where
            deleted.type = merged.to_type and deleted.id = merged.to_id
            and deleted.catalog_id = merged.to_catalog_id
    )"""


def edges(*, any_deleted: bool) -> list[str]:
    """Fill `edges`, a relation at a time. Where both sides carry metadata, the owner's stands."""
    live = _LIVE if any_deleted else "true"
    return [_edges_of(relation, ends, live) for relation in Relation if (ends := relation.ends)] + [
        _odd_edges(live)
    ]


def _edges_of(relation: Relation, ends: tuple[EntityType, EntityType], live: str) -> str:
    owner, other = ends
    if other is EntityType.ELEMENT:  # elements tell of nothing: there is one side only
        return f"""
insert into edges
select
    '{relation}', '{owner}', merged.from_id, '{other}', merged.to_catalog_id, merged.to_id,
    merged.is_main, merged.quantity, merged.price_id, '{owner}', {live}
from (
    select
        entity_type as from_type, entity_id as from_id, to_entity_type as to_type,
        to_catalog_id, to_entity_id as to_id, is_main, quantity, price_id
    from links
    where entity_type = '{owner}' and to_entity_type = '{other}'
) as merged
order by merged.from_id
"""
    return f"""
insert into edges
with
owners as (
    select entity_id as from_id, to_entity_id as to_id, is_main, quantity, price_id
    from links where entity_type = '{owner}' and to_entity_type = '{other}'
),
others as (
    select to_entity_id as from_id, entity_id as to_id, is_main, quantity, price_id
    from links where entity_type = '{other}' and to_entity_type = '{owner}'
),
merged as (
    select
        '{owner}'::entity_type as from_type, from_id, '{other}'::entity_type as to_type,
        0 as to_catalog_id, to_id,
        coalesce(owners.is_main, others.is_main) as is_main,
        coalesce(owners.quantity, others.quantity) as quantity,
        coalesce(owners.price_id, others.price_id) as price_id,
        case
            when others.from_id is null then '{owner}'::seen_from
            when owners.from_id is null then '{other}'::seen_from
            else 'both'::seen_from
        end as seen_from
    from owners
    full outer join others using (from_id, to_id)
)
select
    '{relation}', merged.from_type, merged.from_id, merged.to_type, merged.to_catalog_id,
    merged.to_id, merged.is_main, merged.quantity, merged.price_id, merged.seen_from, {live}
from merged
order by merged.from_id
"""


def _odd_edges(live: str) -> str:
    """Links between types that the reference does not list, should an account have any."""
    listed = ", ".join(
        f"('{a}', '{b}')"
        for relation in Relation
        if (ends := relation.ends)
        for a, b in (ends, ends[::-1])
    )
    return f"""
insert into edges
{_SIDES},
merged as (
    select
        from_type, from_id, to_type, to_catalog_id, to_id,
        coalesce(owners.is_main, others.is_main) as is_main,
        coalesce(owners.quantity, others.quantity) as quantity,
        coalesce(owners.price_id, others.price_id) as price_id,
        case
            when others.from_id is null then from_type::varchar
            when owners.from_id is null then to_type::varchar
            else 'both'
        end::seen_from as seen_from
    from (select * from owners where (from_type, to_type) not in ({listed})) as owners
    full outer join (
        select * from others where (from_type, to_type) not in ({listed})
    ) as others using (from_type, from_id, to_type, to_catalog_id, to_id)
)
select
    'other', merged.from_type, merged.from_id, merged.to_type, merged.to_catalog_id,
    merged.to_id, merged.is_main, merged.quantity, merged.price_id, merged.seen_from, {live}
from merged
order by merged.from_type, merged.from_id
"""


# Few accounts repeat metadata on the far side of a link.
FAR_METADATA = """
select count(*) from links
where
    (is_main is not null or quantity is not null or price_id is not null)
    and (
        entity_type > to_entity_type
        or (entity_type = to_entity_type and entity_id > to_entity_id)
    )
"""

DISAGREEMENTS = f"""
{_SIDES}
select count(*)
from owners
join others using (from_type, from_id, to_type, to_catalog_id, to_id)
where
    owners.is_main <> others.is_main
    or owners.quantity <> others.quantity
    or owners.price_id <> others.price_id
"""

CHANGES = """
insert into sync_changes
select
    $sync_id,
    coalesce(fresh.relation, old.relation) as relation_of,
    count(*) filter (where old.from_id is null),
    count(*) filter (where fresh.from_id is null),
    count(*) filter (
        where
            old.from_id is not null and fresh.from_id is not null
            and (
                old.is_main is distinct from fresh.is_main
                or old.quantity is distinct from fresh.quantity
                or old.price_id is distinct from fresh.price_id
            )
    )
from edges as fresh
full outer join last.edges as old
    on old.relation = fresh.relation and old.from_id = fresh.from_id and old.to_id = fresh.to_id
    and old.to_catalog_id = fresh.to_catalog_id and old.from_type = fresh.from_type
    and old.to_type = fresh.to_type
group by relation_of
"""

# Links that are gone although no push wrote to either of their cards (`written`).
REMOVED_UNWRITTEN = """
select old.relation::varchar, count(*)
from last.edges as old
where
    not exists (
        select 1 from edges as fresh
        where
            fresh.relation = old.relation and fresh.from_id = old.from_id
            and fresh.to_id = old.to_id and fresh.to_catalog_id = old.to_catalog_id
            and fresh.from_type = old.from_type and fresh.to_type = old.to_type
    )
    and not exists (
        select 1 from written
        where written.entity_type = old.from_type::varchar and written.entity_id = old.from_id
    )
    and not exists (
        select 1 from written
        where written.entity_type = old.to_type::varchar and written.entity_id = old.to_id
    )
group by old.relation
order by old.relation
"""

FIRST_CHANGES = """
insert into sync_changes
select $sync_id, relation, count(*), 0, 0 from edges group by relation
"""


def adjacency() -> list[str]:
    """Fill `adjacency` from `edges`, a type at a time."""
    return [
        f"""
insert into adjacency
select '{entity_type}', * from (
    select
        from_id as id, 0 as catalog_id,
        to_type, to_id, to_catalog_id, relation, is_main, quantity, price_id, is_live
    from edges
    where from_type = '{entity_type}'
    union all
    select
        to_id, to_catalog_id, from_type, from_id, 0,
        relation, is_main, quantity, price_id, is_live
    from edges
    where to_type = '{entity_type}' and not (from_type = to_type and from_id = to_id)
)
order by id
"""
        for entity_type in EntityType
    ]


UNREADABLE = """
insert into unreadable
select * from (
    select * from staged.unreadable
    union all
    select old.* from last.unreadable as old
    where not exists (
        select 1 from staged.unreadable as fresh
        where
            fresh.entity_type = old.entity_type and fresh.catalog_id = old.catalog_id
            and fresh.entity_id = old.entity_id
    )
) as named
where
    not exists (
        select 1 from cards as card
        where
            card.type = named.entity_type and card.catalog_id = named.catalog_id
            and card.id = named.entity_id
    )
    and exists (
        select 1 from links as link
        where
            link.to_entity_type = named.entity_type
            and link.to_catalog_id = named.catalog_id
            and link.to_entity_id = named.entity_id
    )
order by entity_type, catalog_id, entity_id
"""

COUNTS = """
insert into sync_counts
select
    $sync_id,
    read.entity_type,
    read.cards,
    read.expected,
    (
        select count(*) from staged.links as link where link.entity_type = read.entity_type
    ),
    nullif((
        select count(*) from staged.embedded as witness
        where witness.entity_type = read.entity_type
    ), 0)
from (
    select entity_type, count(*) as cards, sum(expected)::bigint as expected
    from staged.link_reads group by entity_type
) as read
"""

COUNTED = """
select sum(links_expected)::bigint, coalesce(sum(links_received), 0)::bigint
from sync_counts where sync_id = $sync_id
"""
