"""From the API's structs to Arrow tables with the schema's columns, a page at a time.

What cannot stand in a column (an id past 64 bits, a time outside the calendar, a half surrogate)
becomes NULL or is left out here, so that one odd card never stops a sync.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import pyarrow as pa

from linkgraph.amocrm import wire
from linkgraph.mirror.identifiers import identifiers_of
from linkgraph.mirror.stagedrows import TABLES, CardTables, LinkTables
from linkgraph.model import MAX_ID, EntityType

LinkKey = tuple[int, EntityType, int, int]
Carried = tuple[bool | None, float | None, int | None]

_NOTHING: Carried = (None, None, None)
_SECONDS = pa.timestamp("s")
_MICROSECONDS = pa.timestamp("us")
_LAST_SECOND = 253_402_300_799  # the end of year 9999
_CLOSED = frozenset({142, 143})  # won and lost, in every pipeline


def card_tables(
    entity_type: EntityType, found: Sequence[wire.Card], read_at: datetime, country: str
) -> CardTables:
    """Cards of one type, their identifiers and the links they embed."""
    cards = list({card.id: card for card in found if 0 < card.id <= MAX_ID}.values())
    columns: dict[str, pa.Array] = {
        TABLES[entity_type][1]: pa.array([card.id for card in cards], pa.int64()),
        "name": _texts(card.name for card in cards),
        "created_at": _times(card.created_at for card in cards),
        "updated_at": _times(card.updated_at for card in cards),
        "is_deleted": pa.array([bool(card.is_deleted) for card in cards], pa.bool_()),
        "custom_fields": _texts(card.custom_fields_json for card in cards),
        "read_at": pa.array([read_at] * len(cards), _MICROSECONDS),
    }
    if entity_type is EntityType.ELEMENT:
        columns["catalog_id"] = _ids(card.catalog_id or 0 for card in cards)
    else:
        columns["responsible_user_id"] = _ids(card.responsible_user_id for card in cards)
        columns["tags"] = pa.array(
            [[tag.name for tag in card.tags if tag.name is not None] for card in cards],
            pa.list_(pa.string()),
        )
    if entity_type is EntityType.LEAD:
        columns |= {
            "price": _numbers(card.price for card in cards),
            "pipeline_id": _ids(card.pipeline_id for card in cards),
            "status_id": _ids(card.status_id for card in cards),
            "closed_at": _times(card.closed_at or None for card in cards),
        }
    elif entity_type is EntityType.CONTACT:
        columns |= {
            "first_name": _texts(card.first_name for card in cards),
            "last_name": _texts(card.last_name for card in cards),
        }
    elif entity_type is EntityType.CUSTOMER:
        columns |= {
            "next_price": _numbers(card.next_price for card in cards),
            "next_date": _times(card.next_date or None for card in cards),
            "status_id": _ids(card.status_id for card in cards),
            "ltv": _numbers(card.ltv for card in cards),
            "purchases_count": _ids(card.purchases_count for card in cards),
            "average_check": _numbers(card.average_check for card in cards),
        }
    return CardTables(
        cards=pa.table(columns),
        identifiers=identifiers_of(entity_type, cards, country),
        embedded=_embedded(entity_type, cards),
    )


def told_links(ids: Sequence[int], links: Iterable[wire.Link]) -> dict[LinkKey, Carried]:
    """The links of the cards `ids`, each pair once, as the columns can hold them.

    By the asked card's id, the far type, the far catalog (0 but for elements, and where it was not
    told) and the far id: main flag, quantity and price. Links of cards that were not asked about,
    and links to types that this version does not know, are left out.
    """
    asked = set(ids)
    rows: dict[LinkKey, Carried] = {}
    for link in links:
        to_type = EntityType.from_api(link.to_entity_type)
        owner = link.entity_id
        if to_type is None or owner is None or owner not in asked:
            continue
        if not 0 < link.to_entity_id <= MAX_ID:
            continue
        told = link.metadata
        catalog = _catalog(told) if to_type is EntityType.ELEMENT else 0
        rows[owner, to_type, catalog, link.to_entity_id] = (
            _NOTHING if told is None else (told.main, _number(told.quantity), _id(told.price_id))
        )
    return rows


def link_tables(
    entity_type: EntityType,
    ids: Sequence[int],
    links: Iterable[wire.Link],
    *,
    read_at: datetime,
    whole: bool,
    expected: int | None,
) -> LinkTables:
    """The links of the cards `ids`, each pair once, and a mark for each card.

    What is left out, see `told_links`. `expected` is what the answer announced for all of them
    together; it is booked on the first card.
    """
    rows = told_links(ids, links)
    keys = list(rows)
    values = list(rows.values())
    return LinkTables(
        links=pa.table(
            {
                "entity_type": pa.array([entity_type.value] * len(keys), pa.string()),
                "entity_id": pa.array([key[0] for key in keys], pa.int64()),
                "to_entity_type": pa.array([key[1].value for key in keys], pa.string()),
                "to_catalog_id": pa.array([key[2] for key in keys], pa.int64()),
                "to_entity_id": pa.array([key[3] for key in keys], pa.int64()),
                "is_main": pa.array([value[0] for value in values], pa.bool_()),
                "quantity": pa.array([value[1] for value in values], pa.float64()),
                "price_id": pa.array([value[2] for value in values], pa.int64()),
            }
        ),
        reads=pa.table(
            {
                "entity_type": pa.array([entity_type.value] * len(ids), pa.string()),
                "entity_id": pa.array(ids, pa.int64()),
                "read_at": pa.array([read_at] * len(ids), _MICROSECONDS),
                "is_whole": pa.array([whole] * len(ids), pa.bool_()),
                "expected": pa.array([expected] + [None] * (len(ids) - 1), pa.int64()),
            }
        ),
    )


def directory_tables(
    users: Sequence[wire.User] | None,
    pipelines: Sequence[wire.Pipeline] | None,
    catalogs: Sequence[wire.Catalog] | None,
) -> dict[str, pa.Table]:
    """Users, pipelines, statuses and catalogs; what could not be read (None) is left out."""
    tables: dict[str, pa.Table] = {}
    if users is not None:
        tables["users"] = pa.table(
            {
                "user_id": _ids(user.id for user in users),
                "name": _texts(user.name for user in users),
                "email": _texts(user.email for user in users),
                "is_active": pa.array(
                    [user.rights.is_active if user.rights else None for user in users], pa.bool_()
                ),
            }
        )
    if pipelines is not None:
        statuses = [(line.id, status) for line in pipelines for status in line.statuses]
        tables["pipelines"] = pa.table(
            {
                "pipeline_id": _ids(line.id for line in pipelines),
                "name": _texts(line.name for line in pipelines),
                "sort": _ids(line.sort for line in pipelines),
                "is_archive": pa.array([line.is_archive for line in pipelines], pa.bool_()),
            }
        )
        tables["statuses"] = pa.table(
            {
                "pipeline_id": _ids(pipeline_id for pipeline_id, _ in statuses),
                "status_id": _ids(status.id for _, status in statuses),
                "name": _texts(status.name for _, status in statuses),
                "sort": _ids(status.sort for _, status in statuses),
                "type": _ids(status.type for _, status in statuses),
                "is_unsorted": pa.array([status.type == 1 for _, status in statuses], pa.bool_()),
                "is_closed": pa.array([status.id in _CLOSED for _, status in statuses], pa.bool_()),
            }
        )
    if catalogs is not None:
        tables["catalogs"] = pa.table(
            {
                "catalog_id": _ids(catalog.id for catalog in catalogs),
                "name": _texts(catalog.name for catalog in catalogs),
                "type": _texts(catalog.type for catalog in catalogs),
                "can_link_multiple": pa.array(
                    [catalog.can_link_multiple for catalog in catalogs], pa.bool_()
                ),
            }
        )
    return tables


def _embedded(entity_type: EntityType, cards: Sequence[wire.Card]) -> pa.Table:
    rows = [
        (card.id, to_type.value, _catalog(metadata), to_id)
        for card in cards
        for name, to_id, metadata in card.embedded_links()
        if (to_type := EntityType.from_api(name)) is not None and 0 < to_id <= MAX_ID
    ]
    return pa.table(
        {
            "entity_type": pa.array([entity_type.value] * len(rows), pa.string()),
            "entity_id": pa.array([row[0] for row in rows], pa.int64()),
            "to_entity_type": pa.array([row[1] for row in rows], pa.string()),
            "to_catalog_id": pa.array([row[2] for row in rows], pa.int64()),
            "to_entity_id": pa.array([row[3] for row in rows], pa.int64()),
        }
    )


def _ids(values: Iterable[int | None]) -> pa.Array:
    return pa.array([_id(value) for value in values], pa.int64())


def _id(value: int | None) -> int | None:
    return value if value is not None and -MAX_ID <= value <= MAX_ID else None


def _numbers(values: Iterable[float | None]) -> pa.Array:
    return pa.array([_number(value) for value in values], pa.float64())


def _number(value: float | None) -> float | None:
    try:
        return None if value is None else float(value)
    except OverflowError:  # an integer of more than 308 digits
        return None


def _catalog(told: wire.LinkMetadata | None) -> int:
    """The catalog of an element, 0 where it was not told or cannot be one."""
    catalog_id = (told.catalog_id if told else None) or 0
    return catalog_id if 0 < catalog_id <= MAX_ID else 0


def _times(values: Iterable[int | None]) -> pa.Array:
    return pa.array(
        [value if value is not None and 0 <= value <= _LAST_SECOND else None for value in values],
        _SECONDS,
    )


def _texts(values: Iterable[str | None]) -> pa.Array:
    return pa.array(list(values), pa.string())
