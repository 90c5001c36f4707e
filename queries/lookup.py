"""Finding cards and showing one: the two questions that every other one starts from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from linkgraph.errors import InvalidRef
from linkgraph.mirror.normalising import normalise
from linkgraph.model import EntityType, Ref
from queries.cardlines import CardLine, card_lines
from queries.running import Running

#: Card table, id column and the columns that a card is shown with.
_TABLES = {
    EntityType.LEAD: ("leads", "lead_id"),
    EntityType.CUSTOMER: ("customers", "customer_id"),
    EntityType.CONTACT: ("contacts", "contact_id"),
    EntityType.COMPANY: ("companies", "company_id"),
    EntityType.ELEMENT: ("elements", "element_id"),
}

_FIND = """
with
by_ref as (
    select type, catalog_id, id, 0 as place, 'id' as matched
    from cards
    where
        id = $id and ($type = '' or type = $type::entity_type)
        and ($catalog_id = 0 or catalog_id = $catalog_id)
),
by_identifier as (
    select entity_type as type, 0 as catalog_id, entity_id as id, 1 as place, kind as matched
    from identifiers
    where
        ($email <> '' and contains(normalised, $email))
        or ($phone <> '' and (normalised = $phone or starts_with(normalised, $phone || ';')))
        or ($digits <> '' and kind = 'phone' and contains(normalised, $digits))
),
by_name as (
    select
        type, catalog_id, id,
        case when starts_with(lower(name), $text) then 2 else 3 end as place, 'name' as matched
    from cards
    where $text <> '' and contains(lower(name), $text)
),
hits as (
    select type, catalog_id, id, min(place) as place, min_by(matched, place) as matched
    from (
        select * from by_ref
        union all
        select * from by_identifier
        union all
        select * from by_name
    )
    group by type, catalog_id, id
)
select
    hits.type::varchar as type, hits.catalog_id, hits.id, cards.name, hits.matched,
    cards.is_deleted, cards.url, count(*) over () as total
from hits
join cards
    on cards.type = hits.type and cards.catalog_id = hits.catalog_id and cards.id = hits.id
order by cards.is_deleted, hits.place, length(cards.name), cards.name, hits.type, hits.id
limit $limit
"""

_LINKS = """
with
around as (
    select
        relation, to_type, to_catalog_id, to_id, is_main, quantity, price_id, is_live,
        row_number() over (
            partition by relation order by coalesce(is_main, false) desc, to_catalog_id, to_id
        ) as place,
        count(*) over (partition by relation) as total
    from adjacency
    where type = $type::entity_type and id = $id and catalog_id = $catalog_id
)
select
    relation::varchar as relation, to_type::varchar as type, to_catalog_id as catalog_id,
    to_id as id, is_main, quantity, price_id, total
from around
where place <= $limit
order by around.relation, place
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


def find(engine: Engine, text: str, *, country: str, limit: int = 20) -> tuple[list[Found], int]:
    """Cards by id, address, phone, e-mail or part of their name, best first.

    Returns:
        The first `limit` cards, and how many there are.
    """
    rows = _rows(engine, _FIND, {**_terms(text, country), "limit": limit})
    cards = [
        Found(
            Ref(EntityType(row["type"]), row["id"], row["catalog_id"]),
            row["name"],
            row["matched"],
            row["is_deleted"],
            row["url"],
        )
        for row in rows
    ]
    return cards, rows[0]["total"] if rows else 0


def show(engine: Engine, ref: Ref, *, limit: int = 50) -> CardView | None:
    """A card and its links, at most `limit` of each relation; None where there is no such card.

    A card that no list showed but that links name is shown with its links and without fields.
    """
    table, key = _TABLES[ref.type]
    where, named = f"{key} = $id", {"id": ref.id}
    if ref.type is EntityType.ELEMENT:
        where, named = (
            f"{where} and catalog_id = $catalog_id",
            {**named, "catalog_id": ref.catalog_id},
        )
    cards = _rows(engine, f"select * from {table} where {where}", named)
    links = _rows(
        engine,
        _LINKS,
        {"type": ref.type.value, "id": ref.id, "catalog_id": ref.catalog_id, "limit": limit},
    )
    if not cards and not links:
        return None
    fields = cards[0] if cards else {}
    told = _rows(
        engine,
        "select distinct kind, value from identifiers "
        "where entity_type = $type::entity_type and entity_id = $id order by kind, value",
        {"type": ref.type.value, "id": ref.id},
    )
    ends = [Ref(EntityType(row["type"]), row["id"], row["catalog_id"]) for row in links]
    lines = card_lines(engine, ends)
    grouped: dict[str, list[Neighbour]] = {}
    totals: dict[str, int] = {}
    for end, row in zip(ends, links, strict=True):
        grouped.setdefault(row["relation"], []).append(_neighbour(lines[end], row))
        totals[row["relation"]] = row["total"]
    return CardView(
        ref=ref,
        fields=fields,
        identifiers=tuple((row["kind"], row["value"]) for row in told),
        links=tuple(
            Neighbours(relation, totals[relation], tuple(cards))
            for relation, cards in grouped.items()
        ),
        links_read_at=fields.get("links_read_at"),
        links_whole=fields.get("links_whole"),
    )


def _neighbour(card: CardLine, row: Mapping[str, Any]) -> Neighbour:
    return Neighbour(
        card.ref,
        card.name,
        card.url,
        row["is_main"],
        row["quantity"],
        row["price_id"],
        card.is_deleted,
        card.is_known,
    )


def _terms(text: str, country: str) -> dict[str, str | int]:
    """What a search text may mean: a ref, an id, a phone, an e-mail, part of a name."""
    word = text.strip()
    terms: dict[str, str | int] = {
        "id": -1,
        "type": "",
        "catalog_id": 0,
        "email": word.casefold() if "@" in word else "",
        "phone": "",
        "digits": "",
        "text": word.lower(),
    }
    try:
        ref = Ref.parse(word)
    except InvalidRef:
        pass
    else:
        return terms | {
            "id": ref.id,
            "type": ref.type.value,
            "catalog_id": ref.catalog_id,
            "text": "",
        }
    if re.fullmatch(r"\d{1,18}", word, re.ASCII):
        terms["id"] = int(word)
    digits = re.sub(r"\D", "", word)
    if len(digits) >= 5 and not re.search(r"[^\d\s()+.-]", word):
        terms["phone"] = normalise("phone", word, country) or ""
        terms["digits"] = digits
    return terms


def _rows(engine: Engine, sql: str, parameters: Mapping[str, str | int]) -> list[dict[str, Any]]:
    with Running(engine, sql, parameters) as running:
        return [row for batch in running.batches() for row in batch.to_pylist()]
