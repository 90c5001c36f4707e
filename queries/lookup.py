"""What is told of a card that was found, and of one that is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from linkgraph.model import EntityType, Ref
from queries.cardlines import CardLine, card_line
from queries.cardlinks import CardLink, CardLinks
from queries.cardtables import CardTables

#: Card table, id column and the columns that a card is shown with.
_TABLES = {
    EntityType.LEAD: ("leads", "lead_id"),
    EntityType.CUSTOMER: ("customers", "customer_id"),
    EntityType.CONTACT: ("contacts", "contact_id"),
    EntityType.COMPANY: ("companies", "company_id"),
    EntityType.ELEMENT: ("elements", "element_id"),
}

_IDENTIFIERS = """
select distinct kind, value from identifiers
where entity_type = $type::entity_type and entity_id = $id order by kind, value
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A card that a search found, and by what."""

    ref: Ref
    name: str | None
    matched: str
    """id, phone, email or name."""
    is_deleted: bool
    url: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A card at the other end of a link."""

    ref: Ref
    name: str | None
    url: str | None
    is_main: bool | None
    quantity: float | None
    price_id: int | None
    is_deleted: bool
    is_known: bool
    """False where links name the card and no list showed it."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The links of one relation; `total` counts those that were not listed too."""

    relation: str
    total: int
    cards: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class CardFacts:
    """A card with its fields, its phones and e-mails."""

    line: CardLine
    fields: dict[str, Any]
    """Columns of its table, by name; none where no list showed it."""
    identifiers: tuple[tuple[str, str], ...]
    """Kind and value as typed."""
    links_read_at: datetime | None
    """When its links were last read (UTC)."""
    links_whole: bool | None
    """Whether that reading was proved whole."""


@dataclass(frozen=True, slots=True)
class CardView:
    """A card with its fields, its phones and e-mails, and its links by relation."""

    ref: Ref
    fields: dict[str, Any]
    """Columns of its table, by name."""
    identifiers: tuple[tuple[str, str], ...]
    """Kind and value as typed."""
    links: tuple[Neighbours, ...]
    links_read_at: datetime | None
    links_whole: bool | None


def card_facts(tables: CardTables, ref: Ref) -> CardFacts:
    """What the tables say of a card itself; of one that only links name, that it is in no list.

    Raises:
        SnapshotUnusable: the file cannot be read.
    """
    table, key = _TABLES[ref.type]
    where, named = f"{key} = $id", {"id": ref.id}
    if ref.type is EntityType.ELEMENT:
        where += " and catalog_id = $catalog_id"
        named["catalog_id"] = ref.catalog_id
    cards = tables.rows(f"select * from {table} where {where}", named)
    told = tables.rows(_IDENTIFIERS, {"type": ref.type.value, "id": ref.id})
    fields = cards[0] if cards else {}
    return CardFacts(
        card_line(ref, fields) if cards else CardLine(ref, is_known=False),
        fields,
        tuple((row["kind"], row["value"]) for row in told),
        fields.get("links_read_at"),
        fields.get("links_whole"),
    )


def card_view(
    facts: CardFacts,
    links: CardLinks,
    limit: int,
    lines: Callable[[list[Ref]], Mapping[Ref, CardLine]],
) -> CardView:
    """A card and its links, the first `limit` of each relation; `lines` names those cards."""
    shown = {
        relation: links[places.start : places.start + min(limit, total)]
        for relation, total in links.relations
        for places in [links.of(relation)]
    }
    named = lines([link.ref for group in shown.values() for link in group])
    return CardView(
        ref=facts.line.ref,
        fields=facts.fields,
        identifiers=facts.identifiers,
        links=tuple(
            Neighbours(
                relation, total, tuple(_neighbour(named[one.ref], one) for one in shown[relation])
            )
            for relation, total in links.relations
        ),
        links_read_at=facts.links_read_at,
        links_whole=facts.links_whole,
    )


def _neighbour(card: CardLine, link: CardLink) -> Neighbour:
    return Neighbour(
        card.ref,
        card.name,
        card.url,
        link.is_main,
        link.quantity,
        link.price_id,
        card.is_deleted,
        card.is_known,
    )
