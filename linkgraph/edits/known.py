"""What the snapshot knows of the cards and links that edits are about, asked for all at once.

However many edits there are, a statement or two for each type of card and each kind of link is all
that is asked. A link counts as known not to be only where its owner's links were read whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import duckdb
from sqlalchemy import Engine

from linkgraph.edit import Edit, Verb
from linkgraph.edits.changes import SINGLE_COMPANY, WITH_MAIN
from linkgraph.edits.entries import Base, Pair, pair_of
from linkgraph.errors import SnapshotUnusable
from linkgraph.model import EntityType, Metadata, Ref, Relation, by_type
from linkgraph.plaintext import plain

_CARDS = {
    EntityType.LEAD: ("leads", "lead_id"),
    EntityType.CUSTOMER: ("customers", "customer_id"),
    EntityType.CONTACT: ("contacts", "contact_id"),
    EntityType.COMPANY: ("companies", "company_id"),
}
_CARD = """
select {key} as id, 0 as catalog_id, left(name, 200) as name, is_deleted,
    coalesce(links_whole, false) as links_whole
from {table} where {key} in (select unnest($ids::bigint[]))
"""
_ELEMENT = """
select element_id as id, catalog_id, left(name, 200) as name, is_deleted, true as links_whole
from elements
where (catalog_id, element_id) in (select (unnest($catalogs::bigint[]), unnest($ids::bigint[])))
"""
_LINKS = """
select from_id, to_catalog_id, to_id, is_main, quantity, price_id
from edges
where
    relation = '{relation}'::relation
    and from_id in (select unnest($owners::bigint[]))
    and (from_id, to_catalog_id, to_id) in (
        select (unnest($owners::bigint[]), unnest($catalogs::bigint[]), unnest($others::bigint[]))
    )
"""
_HOLDERS = """
select from_id, to_id, is_main
from edges
where
    relation = '{relation}'::relation and is_live and {holds}
    and from_id in (select unnest($owners::bigint[]))
"""
_ELEMENT_OWNERS = """
select id, catalog_id, to_type::varchar as owner_type, to_id as owner_id
from adjacency
where
    type = 'element'::entity_type and is_live
    and (catalog_id, id) in (select (unnest($catalogs::bigint[]), unnest($ids::bigint[])))
"""


@dataclass(frozen=True, slots=True)
class KnownCard:
    """What the snapshot has of a card."""

    name: str | None
    is_deleted: bool
    links_whole: bool
    """Whether its links were read whole; an element tells of none."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known; what is not mentioned is not known."""

    snapshot: int | None = None
    """The snapshot's number; None where there is none."""
    cards: Mapping[Ref, KnownCard] = field(default_factory=lambda: MappingProxyType({}))
    links: Mapping[Pair, Metadata] = field(default_factory=lambda: MappingProxyType({}))
    """The pairs that are linked."""
    companies: Mapping[Ref, tuple[Ref, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """The companies of the owners that may have one."""
    mains: Mapping[Ref, tuple[Ref, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """The main contacts of leads and customers; more than one where the CRM has it so."""
    bound: Mapping[Ref, tuple[Ref, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """The owners of elements whose catalog lets an element be linked to one card only."""

    def base_of(self, edit: Edit) -> Base | None:
        """How the link of an edit stands, and who holds the place that it takes.

        None where that is not known, and for a move, which is about many links.
        """
        if edit.verb is Verb.MOVE:
            return None
        owner, other = pair = pair_of(edit.a, edit.b)
        if other not in self.cards or owner not in self.cards or not self.cards[owner].links_whole:
            return None
        holders: Iterable[Ref] = ()
        if takes_company(edit):
            holders = self.companies.get(owner, ())
        elif takes_main(edit):
            holders = self.mains.get(owner, ())
        return Base(self.links.get(pair), tuple(sorted(holders, key=lambda ref: ref.id)))

    def called(self, ref: Ref) -> str:
        """A card for a person: its ref, and its name where it has one."""
        card = self.cards.get(ref)
        return f"{ref} «{plain(card.name, 60)}»" if card and card.name else str(ref)


def takes_company(edit: Edit) -> bool:
    """Whether an edit gives its owner the one company that it may have."""
    owner, other = pair_of(edit.a, edit.b)
    is_company = other.type is EntityType.COMPANY and owner.type in SINGLE_COMPANY
    return edit.verb is Verb.LINK and is_company


def takes_main(edit: Edit) -> bool:
    """Whether an edit makes a contact its owner's main one."""
    return edit.verb is Verb.MAIN or (edit.verb is Verb.LINK and edit.metadata.is_main is True)


def known(
    engine: Engine,
    snapshot: int,
    edits: Iterable[Edit],
    overlay: Mapping[Pair, Metadata | None] | None = None,
) -> Known:
    """Ask the snapshot for all that edits are about.

    Args:
        engine: over the snapshot, read-only.
        snapshot: its number.
        edits: linkable, each end a card that may be.
        overlay: links that are known to be otherwise by now (None: not linked any more), in the
            order in which they came to be so.

    Raises:
        SnapshotUnusable: it cannot be read.
    """
    wanted = list(edits)
    pairs = dict.fromkeys(pair_of(one.a, one.b) for one in wanted if one.verb is not Verb.MOVE)
    pooled = engine.raw_connection()
    try:
        asking = _Asking(pooled.driver_connection)
        cards = asking.cards(ref for one in wanted for ref in (one.a, one.b))
        links = asking.links(pairs)
        companies = asking.holders(
            {pair_of(one.a, one.b)[0] for one in wanted if _of(one, takes_company)},
            {kind: EntityType.COMPANY for kind in SINGLE_COMPANY},
            "true",
        )
        mains = asking.holders(
            {pair_of(one.a, one.b)[0] for one in wanted if _of(one, takes_main)},
            {ends[0]: ends[1] for relation in WITH_MAIN if (ends := relation.ends)},
            "is_main",
        )
        bound = asking.bound(pair[1] for pair in pairs if pair[1].type is EntityType.ELEMENT)
        held = [*companies.values(), *bound.values()]
        cards |= asking.cards(ref for holders in held for ref in holders)  # they are named
    except duckdb.Error as error:
        raise SnapshotUnusable(
            f"snapshot {snapshot} cannot be read: {plain(str(error).partition(chr(10))[0])}",
            hint="linkgraph sync makes a new one",
        ) from error
    finally:
        pooled.close()
    _lay(overlay or {}, links, companies, mains)
    return Known(
        snapshot,
        cards,
        links,
        {owner: tuple(held) for owner, held in companies.items()},
        {owner: tuple(held) for owner, held in mains.items()},
        bound,
    )


def element_owners(engine: Engine, elements: Iterable[Ref]) -> dict[Ref, tuple[Ref, ...]]:
    """The cards that have elements, by the snapshot: elements do not tell it themselves.

    Raises:
        SnapshotUnusable: it cannot be read.
    """
    pooled = engine.raw_connection()
    try:
        return _Asking(pooled.driver_connection).owners(list(dict.fromkeys(elements)))
    except duckdb.Error as error:
        raise SnapshotUnusable(
            f"the snapshot cannot be read: {plain(str(error).partition(chr(10))[0])}",
            hint="linkgraph sync makes a new one",
        ) from error
    finally:
        pooled.close()


def _of(edit: Edit, takes: Any) -> bool:
    return edit.verb is not Verb.MOVE and bool(takes(edit))


def _lay(
    overlay: Mapping[Pair, Metadata | None],
    links: dict[Pair, Metadata],
    companies: dict[Ref, set[Ref]],
    mains: dict[Ref, set[Ref]],
) -> None:
    """Put what is known to be otherwise over what the snapshot says."""
    flagged: dict[Ref, set[Pair]] = {}
    for pair, told in links.items():
        if told.is_main:
            flagged.setdefault(pair[0], set()).add(pair)
    for pair, link in overlay.items():
        owner, other = pair
        if link is None:
            links.pop(pair, None)
        else:
            links[pair] = link
        if other.type is EntityType.COMPANY and owner in companies:
            (companies[owner].discard if link is None else companies[owner].add)(other)
        if owner in mains:
            mains[owner].discard(other)
        if link is not None and link.is_main:
            # The flag went over from the others, which no change of theirs tells.
            for rest in flagged.get(owner, set()) - {pair}:
                if rest in links:
                    links[rest] = replace(links[rest], is_main=False)
            flagged[owner] = {pair}
            if owner in mains:
                mains[owner] = {other}


class _Asking:
    """Statements over one connection of DuckDB's own: lists go in as they are."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def _rows(self, sql: str, **parameters: list[int]) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._connection.execute(sql, parameters).fetchall()
        return found

    def cards(self, refs: Iterable[Ref]) -> dict[Ref, KnownCard]:
        found: dict[Ref, KnownCard] = {}
        for kind, own in by_type(refs).items():
            if kind is EntityType.ELEMENT:
                rows = self._rows(_ELEMENT, catalogs=_catalogs(own), ids=_ids(own))
            else:
                table, key = _CARDS[kind]
                rows = self._rows(_CARD.format(table=table, key=key), ids=_ids(own))
            for card_id, catalog_id, name, is_deleted, links_whole in rows:
                found[Ref(kind, card_id, catalog_id)] = KnownCard(name, is_deleted, links_whole)
        return found

    def links(self, pairs: Iterable[Pair]) -> dict[Pair, Metadata]:
        sorted_out: dict[Relation, list[Pair]] = {}
        for pair in pairs:
            relation = Relation.between(pair[0].type, pair[1].type)
            sorted_out.setdefault(relation, []).append(pair)
        found: dict[Pair, Metadata] = {}
        for relation, own in sorted_out.items():
            owner, other = own[0][0].type, own[0][1].type
            rows = self._rows(
                _LINKS.format(relation=relation.value),
                owners=_ids(pair[0] for pair in own),
                catalogs=_catalogs(pair[1] for pair in own),
                others=_ids(pair[1] for pair in own),
            )
            for from_id, catalog_id, to_id, *told in rows:
                found[Ref(owner, from_id), Ref(other, to_id, catalog_id)] = Metadata(*told)
        return found

    def holders(
        self, owners: Iterable[Ref], ends: Mapping[EntityType, EntityType], holds: str
    ) -> dict[Ref, set[Ref]]:
        """Who holds a place of each owner, an empty set where nobody does."""
        found: dict[Ref, set[Ref]] = {owner: set() for owner in owners}
        for kind, own in by_type(found).items():
            relation = Relation.between(kind, ends[kind])
            sql = _HOLDERS.format(relation=relation.value, holds=holds)
            for from_id, to_id, _ in self._rows(sql, owners=_ids(own)):
                found[Ref(kind, from_id)].add(Ref(ends[kind], to_id))
        return found

    def bound(self, elements: Iterable[Ref]) -> dict[Ref, tuple[Ref, ...]]:
        named = dict.fromkeys(elements)
        if not named:
            return {}
        single = {
            row[0]
            for row in self._rows("select catalog_id from catalogs where not can_link_multiple")
        }
        return self.owners([ref for ref in named if ref.catalog_id in single])

    def owners(self, elements: Sequence[Ref]) -> dict[Ref, tuple[Ref, ...]]:
        """The cards that have each of some elements."""
        found: dict[Ref, tuple[Ref, ...]] = dict.fromkeys(elements, ())
        if elements:
            rows = self._rows(_ELEMENT_OWNERS, catalogs=_catalogs(elements), ids=_ids(elements))
            for element_id, catalog_id, owner_type, owner_id in rows:
                element = Ref(EntityType.ELEMENT, element_id, catalog_id)
                found[element] += (Ref(EntityType(owner_type), owner_id),)
        return found


def _ids(refs: Iterable[Ref]) -> list[int]:
    return [ref.id for ref in refs]


def _catalogs(refs: Iterable[Ref]) -> list[int]:
    return [ref.catalog_id for ref in refs]
