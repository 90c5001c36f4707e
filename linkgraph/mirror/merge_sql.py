"""The statements of a merge up to the links, in the order in which `merge.py` runs them.

Three databases are attached: `staged` (what was read), `last` (the snapshot before, maybe empty)
and `next` (being written, the current one). Rows go in sorted, since sorting is the only index; by
the card alone, since a key of up to 16 bytes sorts in half the time of a longer one.
"""

from linkgraph.model import REPORTS as _REPORTED_BY
from linkgraph.model import EntityType


def cards(entity_type: EntityType, table: str, key: str, *, first: bool) -> str:
    """Fill a card table: what was staged, else what the last snapshot has; the gone marked."""
    keys: tuple[str, ...]
    if entity_type is EntityType.ELEMENT:
        keys, catalog = ("catalog_id", key), "card.catalog_id"
        marks, reads, marked, old = "", "", "", ""
    else:
        keys, catalog = (key,), "0"
        marks = """coalesce(read.read_at, card.links_read_at) as links_read_at,
    coalesce(read.is_whole, card.links_whole) as links_whole,
    """
        reads = f"""
left join staged.link_reads as read
    on read.entity_type = '{entity_type}' and read.entity_id = card.{key}"""
        # A card staged without its links keeps the mark of when they were read before.
        marked = " replace (old.links_read_at as links_read_at, old.links_whole as links_whole)"
        old = f" left join last.{table} as old on old.{key} = card.{key}"
    same = " and ".join(f"fresh.{name} = before.{name}" for name in keys)
    kept = f"""
    union all by name
    select before.* exclude (url) from last.{table} as before
    where not exists (select 1 from staged.{table} as fresh where {same})"""
    return f"""
insert into {table} by name
with card as (
    select card.* exclude (url){"" if first else marked}
    from staged.{table} as card{"" if first else old}{"" if first else kept}
)
select card.* replace (
    {marks}card.is_deleted or gone.entity_id is not null as is_deleted
)
from card{reads}
left join staged.gone as gone
    on gone.entity_type = '{entity_type}' and gone.catalog_id = {catalog}
    and gone.entity_id = card.{key}
order by {", ".join("card." + name for name in keys)}
"""


def identifiers(*, first: bool) -> str:
    """Fill `identifiers`: those of staged cards, and of the cards that were not staged."""
    kept = """
    union all
    select old.* from last.identifiers as old
    where
        not exists (
            select 1 from staged.contacts as card
            where old.entity_type = 'contact' and card.contact_id = old.entity_id
        )
        and not exists (
            select 1 from staged.companies as card
            where old.entity_type = 'company' and card.company_id = old.entity_id
        )"""
    return f"""
insert into identifiers
select kind, value, normalised, label, entity_type, entity_id from (
    select * from staged.identifiers{"" if first else kept}
)
order by entity_type, entity_id
"""


# Cards whose links are taken from staging alone: read whole, or gone.
SETTLED = """
create temp table settled as
select entity_type, entity_id from staged.link_reads where is_whole
union
select entity_type, entity_id from staged.gone where entity_type <> 'element'
"""

# Types that the account keeps to itself now (customers switched off, catalogs forbidden) and that
# no answer named: whoever was read could not show links to them, so nothing of theirs is missing.
HIDDEN = """
create temp table hidden as
select entity_type from staged.closed
where not exists (
    select 1 from staged.links as link where link.to_entity_type = closed.entity_type
)
"""

# Which types tell of which: the reference's list, and contacts of leads where this account does so.
REPORTS = (
    "create temp table reports (entity_type entity_type, to_entity_type entity_type);\n"
    "insert into reports values\n"
    + ",\n".join(
        f"('{teller}', '{told}')"
        for teller, types in _REPORTED_BY.items()
        for told in sorted(types)
    )
    + """;
insert into reports
select 'contact', 'lead'
where
    exists (select 1 from staged.links where entity_type = 'contact' and to_entity_type = 'lead')
    or exists (select 1 from last.links where entity_type = 'contact' and to_entity_type = 'lead');
delete from reports where to_entity_type in (select entity_type from hidden)
"""
)

NAMELESS = """
select exists (
    select 1 from staged.links where to_entity_type = 'element' and to_catalog_id = 0
) or exists (
    select 1 from last.links where to_entity_type = 'element' and to_catalog_id = 0
)
"""


def reported(name: str, source: str, *, nameless: bool) -> str:
    """Call the links of a database `name`: as they are, or, where some are `nameless`, completed.

    An element that came without its catalog is looked up among the elements, else it stands in
    catalog 0.
    """
    if not nameless:
        return f"create temp view {name} as select * from {source}.links"
    return f"""
create temp table {name} as
with lone as (
    select element_id, any_value(catalog_id) as catalog_id
    from elements group by element_id having count(*) = 1
)
select * from {source}.links where to_entity_type <> 'element' or to_catalog_id <> 0
union all
select link.* replace (coalesce(lone.catalog_id, 0) as to_catalog_id)
from {source}.links as link
left join lone on lone.element_id = link.to_entity_id
where
    link.to_entity_type = 'element' and link.to_catalog_id = 0
    and not exists (
        select 1 from {source}.links as named
        where
            named.entity_type = link.entity_type and named.entity_id = link.entity_id
            and named.to_entity_type = 'element' and named.to_entity_id = link.to_entity_id
            and named.to_catalog_id = lone.catalog_id
    )
"""


# What the last snapshot says of cards that were not read whole this time. An older report from
# one side does not outlive a whole, newer one from the other that lacks it.
KEPT = """
create temp table kept as
with unsettled as (
    select old.* from before as old
    where
        not exists (
            select 1 from settled
            where settled.entity_type = old.entity_type and settled.entity_id = old.entity_id
        )
    union all
    select old.* from before as old
    where
        old.to_entity_type in (select entity_type from hidden)
        and exists (
            select 1 from settled
            where settled.entity_type = old.entity_type and settled.entity_id = old.entity_id
        )
)
select old.* from unsettled as old
where
    not exists (
        select 1 from fresh
        where
            fresh.entity_type = old.entity_type and fresh.entity_id = old.entity_id
            and fresh.to_entity_type = old.to_entity_type
            and fresh.to_catalog_id = old.to_catalog_id
            and fresh.to_entity_id = old.to_entity_id
    )
    and not (
        exists (
            select 1 from staged.link_reads as read
            join reports on reports.entity_type = read.entity_type
            where
                read.is_whole and read.entity_type = old.to_entity_type
                and read.entity_id = old.to_entity_id
                and reports.to_entity_type = old.entity_type
        )
        and not exists (
            select 1 from fresh
            where
                fresh.entity_type = old.to_entity_type and fresh.entity_id = old.to_entity_id
                and fresh.to_entity_type = old.entity_type
                and fresh.to_entity_id = old.entity_id
        )
    )
"""


def links(*, first: bool) -> list[str]:
    """Fill `links`, a type at a time: what was read now and, but for a first sync, what is kept.

    A type at a time everywhere below, because a sort or a join by one id is several times cheaper
    than one by type and id.
    """
    kept = "" if first else " union all select * from kept"
    return [
        f"""
insert into links
select * from (select * from fresh{kept}) as report
where entity_type = '{entity_type}'
order by entity_id, to_entity_type
"""
        for entity_type in EntityType
    ]
