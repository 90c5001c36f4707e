"""What was staged, compared with itself and with the last snapshot: the second witness.

Each question returns cards to ask again or to ask for. None of these answers is final by itself:
what they name is read, and only then judged.
"""

from collections.abc import Callable, Collection, Sequence

import duckdb

from linkgraph.mirror.snapshots import Snapshot
from linkgraph.mirror.stagedrows import TABLES
from linkgraph.mirror.staging import Staging
from linkgraph.model import CARD_TYPES, REPORTS, EntityType, Ref

#: Where this many pairs are seen from one side only, the account tells one side: that is no slip.
ONE_SIDED_SHARE = 0.02
ONE_SIDED_FROM = 200

# The links that a card's own list entry names and no mass list holds, whichever side was asked.
_UNCONFIRMED = """
select distinct witness.entity_type::varchar, witness.entity_id
from embedded as witness
join link_reads as read
    on read.entity_type = witness.entity_type and read.entity_id = witness.entity_id
where
    not exists (
        select 1 from links as link
        where
            link.entity_type = witness.entity_type and link.entity_id = witness.entity_id
            and link.to_entity_type = witness.to_entity_type
            and link.to_entity_id = witness.to_entity_id
    )
    and not exists (
        select 1 from links as link
        where
            link.entity_type = witness.to_entity_type and link.entity_id = witness.to_entity_id
            and link.to_entity_type = witness.entity_type
            and link.to_entity_id = witness.entity_id
    )
order by all
"""

_ONE_SIDED = """
select link.entity_type::varchar, link.entity_id, link.to_entity_type::varchar, link.to_entity_id
from links as link
join link_reads as other
    on other.entity_type = link.to_entity_type and other.entity_id = link.to_entity_id
where
    other.is_whole
    and (link.to_entity_type, link.entity_type) in ({two_sided})
    and not exists (
        select 1 from links as reverse
        where
            reverse.entity_type = link.to_entity_type and reverse.entity_id = link.to_entity_id
            and reverse.to_entity_type = link.entity_type
            and reverse.to_entity_id = link.entity_id
    )
order by all
limit {limit}
"""

_UNKNOWN = """
select distinct to_entity_type::varchar, to_catalog_id, to_entity_id
from links as link
where
    to_entity_type = '{entity_type}'
    and not exists (select 1 from {table} as card where card.{key} = link.to_entity_id {staged})
    and not exists (
        select 1 from last.{table} as card
        where card.{key} = link.to_entity_id and {known} {last}
    )
    and not exists (
        select 1 from gone
        where gone.entity_type = '{entity_type}' and gone.entity_id = link.to_entity_id
    )
    and not exists (
        select 1 from unreadable as card
        where card.entity_type = '{entity_type}' and card.entity_id = link.to_entity_id
    )
order by all
"""

# What the last snapshot has and this walk did not show; and what was staged before the walk began
# (an earlier run's, when the walk had to begin anew) and was not shown by it.
_MISSED = """
select {key} as id from last.{table} as old
where
    {old_catalog}not old.is_deleted
    and not exists (select 1 from {table} as card where card.{key} = old.{key}{same})
    and not exists (select 1 from gone where {gone} and gone.entity_id = old.{key})
union
select {key} from {table} as card
where
    {card_catalog}not card.is_deleted
    and card.read_at < (
        select min(read_at) from pages
        where entity_type = '{entity_type}' and catalog_id = {catalog_id}
    )
    and not exists (select 1 from gone where {gone} and gone.entity_id = card.{key})
order by all
"""


class Witness:
    """The questions, asked over an open staging to which the last snapshot is attached."""

    def __init__(self, staging: Staging, last: Snapshot | None) -> None:
        self._staging = staging
        self._db: duckdb.DuckDBPyConnection = staging.connection
        staging.attach_last(last)

    def unconfirmed(self) -> list[Ref]:
        """Cards whose list entry names a link that no mass list holds."""
        rows = self._db.execute(_UNCONFIRMED).fetchall()
        return [Ref(EntityType(name), card_id) for name, card_id in rows]

    def one_sided(self) -> list[Ref]:
        """Both ends of the pairs that one side tells and the other, which should, does not.

        Empty where there are so many that it must be the account's way.
        """
        row = self._db.execute("select count(*) from links").fetchone()
        total = int(row[0]) if row else 0
        limit = max(ONE_SIDED_FROM, int(total * ONE_SIDED_SHARE))
        pairs = ", ".join(f"('{teller}', '{told}')" for teller, told in self._two_sided())
        sql = _ONE_SIDED.format(two_sided=pairs, limit=limit + 1)
        rows = self._db.execute(sql).fetchall()
        if len(rows) > limit:
            return []
        ends = [
            Ref(EntityType(name), card_id) for row in rows for name, card_id in (row[:2], row[2:])
        ]
        return list(dict.fromkeys(ends))

    def unknown(self, *, full: bool, closed: Collection[EntityType] = ()) -> list[Ref]:
        """Cards that links name and that are not staged.

        In a partial sync, and of a closed type, those that the last snapshot has are known.
        """
        found: list[Ref] = []
        for entity_type, (table, key) in TABLES.items():
            element = entity_type is EntityType.ELEMENT
            same = "and (link.to_catalog_id = 0 or card.catalog_id = link.to_catalog_id)"
            sql = _UNKNOWN.format(
                entity_type=entity_type.value,
                table=table,
                key=key,
                staged=same if element else "",
                last=same if element else "",
                known="false" if full and entity_type not in closed else "true",
            )
            rows = self._db.execute(sql).fetchall()
            found += [Ref(entity_type, card_id, catalog_id) for _, catalog_id, card_id in rows]
        return found

    def missed(self, entity_type: EntityType, catalog_id: int = 0) -> list[Ref]:
        """Cards that a finished walk should have shown and did not, by id."""
        table, key = TABLES[entity_type]
        element = entity_type is EntityType.ELEMENT
        sql = _MISSED.format(
            key=key,
            table=table,
            entity_type=entity_type.value,
            catalog_id=catalog_id,
            old_catalog=f"old.catalog_id = {catalog_id} and " if element else "",
            card_catalog=f"card.catalog_id = {catalog_id} and " if element else "",
            same=f" and card.catalog_id = {catalog_id}" if element else "",
            gone=f"gone.entity_type = '{entity_type}' and gone.catalog_id = {catalog_id}",
        )
        rows = self._db.execute(sql).fetchall()
        return [Ref(entity_type, row[0], catalog_id) for row in rows]

    def without_catalog(self, listed: Sequence[int]) -> list[Ref]:
        """Elements of the last snapshot whose catalog is not among those that are there now."""
        rows = self._db.execute(
            "select catalog_id, element_id from last.elements where not is_deleted "
            "and not list_contains($listed::bigint[], catalog_id) order by all",
            {"listed": list(listed)},
        ).fetchall()
        return [Ref(EntityType.ELEMENT, card_id, catalog_id) for catalog_id, card_id in rows]

    def owners(self, element: Ref, limit: int = 250) -> list[Ref]:
        """The cards that had an element in the last snapshot: they alone tell of it."""
        rows = self._db.execute(
            "select to_type::varchar, to_id from last.adjacency "
            "where type = 'element' and id = ? and catalog_id = ? order by all limit ?",
            [element.id, element.catalog_id, limit],
        ).fetchall()
        return [Ref(EntityType(name), card_id) for name, card_id in rows]

    def last_counts(self) -> dict[EntityType, int]:
        """Live cards of each type in the last snapshot."""
        return {
            entity_type: _count(
                self._db.execute, f"select count(*) from last.{table} where not is_deleted"
            )
            for entity_type, (table, _) in TABLES.items()
        }

    def _two_sided(self) -> list[tuple[EntityType, EntityType]]:
        pairs = [(teller, told) for teller in CARD_TYPES for told in REPORTS[teller]]
        told_by_contacts = _count(
            self._db.execute,
            "select count(*) from (select 1 from links "
            "where entity_type = 'contact' and to_entity_type = 'lead' limit 1)",
        )
        if told_by_contacts:
            pairs.append((EntityType.CONTACT, EntityType.LEAD))
        return [pair for pair in pairs if pair[1] is not EntityType.ELEMENT]


def _count(execute: Callable[[str], duckdb.DuckDBPyConnection], sql: str) -> int:
    row = execute(sql).fetchone()
    assert row is not None  # an aggregate without groups always gives a row
    return int(row[0])
