"""World files: an account as one JSON object, read and written.

Invariant: only `id` is required of a card and `destination` of a webhook, and what a file does not
say is not written back.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from linkgraph.simulator.cards import LARGEST_ID, CardTable
from linkgraph.simulator.links import Pair
from linkgraph.simulator.metadata import metadata_as_read
from linkgraph.simulator.relation import (
    PRICE_MISSING,
    PRICE_NULL,
    QUANTITY_MISSING,
    QUANTITY_NULL,
    LinkColumns,
    Metadata,
    Relation,
    sorted_columns,
)
from linkgraph.simulator.vocabulary import CARD_TYPES, ELEMENTS, RELATIONS
from linkgraph.simulator.world import Record, World

SECTIONS = (
    "users",
    "pipelines",
    *CARD_TYPES,
    "catalogs",
    "catalog_elements",
    "links",
    "events",
    "webhooks",
)
LinkRow = tuple[int, int, int, int, float, int]


class WorldFileError(ValueError):
    """A world file that cannot be a world; the message names the place."""


def load_world(source: Mapping[str, Any] | str | Path) -> World:
    """Read a world from a JSON file or from the same thing as a dictionary."""
    world = source if isinstance(source, Mapping) else _read(Path(source))
    unknown = sorted(set(world) - {"account", *SECTIONS})
    if unknown:
        known = ", ".join(("account", *SECTIONS))
        raise WorldFileError(f"unknown section {unknown[0]!r}: a world file holds {known}")
    account = world.get("account", {})
    if not isinstance(account, dict):
        raise WorldFileError("account: expected an object")
    records = {name: _records(world, name) for name in SECTIONS}
    return World(
        account=account,
        cards={type_: CardTable.of(_with_ids(records[type_], type_)) for type_ in CARD_TYPES},
        elements=_by_catalog(
            _with_ids(records["catalog_elements"], "catalog_elements", "catalog_id")
        ),
        links=_links(records["links"]),
        users=records["users"],
        pipelines=records["pipelines"],
        catalogs=_with_ids(records["catalogs"], "catalogs"),
        events=records["events"],
        webhooks=_with_destinations(records["webhooks"]),
    )


def to_dict(world: World) -> Record:
    """The world file of a world: links from their owner's side, sorted; cards by id."""
    file: Record = {"account": world.account}
    file["users"] = world.users
    file["pipelines"] = world.pipelines
    for type_ in CARD_TYPES:
        file[type_] = list(world.cards[type_].cards())
    file["catalogs"] = world.catalogs
    file["catalog_elements"] = [
        card for key in sorted(world.elements) for card in world.elements[key].cards()
    ]
    file["links"] = [
        link for relation in world.links.relations.values() for link in _written(relation)
    ]
    file["events"] = world.events.entries
    file["webhooks"] = world.webhooks
    return file


def _read(path: Path) -> Record:
    try:
        world = msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise WorldFileError(f"{path}: cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise WorldFileError(f"{path}: not JSON: {error}") from error
    if not isinstance(world, dict):
        raise WorldFileError(f"{path}: expected a JSON object")
    return world


def _records(world: Mapping[str, Any], section: str) -> list[Record]:
    records = world.get(section, [])
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise WorldFileError(f"{section}: expected a list of objects")
    return records


def _with_ids(cards: list[Record], section: str, *key: str) -> list[Record]:
    seen = set()
    for number, card in enumerate(cards):
        if not _is_id(card.get("id")):
            raise WorldFileError(f"{section}[{number}].id: expected a positive integer")
        identity = (card["id"], *(card.get(name) for name in key))
        if identity in seen:
            raise WorldFileError(f"{section}[{number}].id: {card['id']} is there already")
        seen.add(identity)
    return cards


def _with_destinations(webhooks: list[Record]) -> list[Record]:
    for number, webhook in enumerate(webhooks):
        if not isinstance(webhook.get("destination"), str):
            raise WorldFileError(f"webhooks[{number}].destination: expected an address")
    return webhooks


def _is_id(value: object) -> bool:
    return type(value) is int and 0 < value <= LARGEST_ID


def _by_catalog(elements: list[Record]) -> dict[int, CardTable]:
    groups: dict[int, list[Record]] = {}
    for element in elements:
        groups.setdefault(element.get("catalog_id", 0), []).append(element)
    return {catalog_id: CardTable.of(group) for catalog_id, group in groups.items()}


def _links(records: list[Record]) -> dict[Pair, LinkColumns]:
    rows: dict[Pair, dict[tuple[int, int, int], LinkRow]] = {}
    for number, record in enumerate(records):
        pair, row = _link(record, f"links[{number}]")
        if rows.setdefault(pair, {}).setdefault(row[:3], row) is not row:
            raise WorldFileError(f"links[{number}]: these two are linked already")
    return {pair: sorted_columns(list(links.values())) for pair, links in rows.items()}


def _link(record: Record, place: str) -> tuple[Pair, LinkRow]:
    ends = str(record.get("entity_type")), str(record.get("to_entity_type"))
    ids = record.get("entity_id"), record.get("to_entity_id")
    if not all(map(_is_id, ids)):
        raise WorldFileError(f"{place}: entity_id and to_entity_id must be positive integers")
    if ends not in RELATIONS:
        ends, ids = ends[::-1], ids[::-1]
    if ends not in RELATIONS:
        raise WorldFileError(f"{place}: {ends[1]} and {ends[0]} cannot be linked")
    metadata = record.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise WorldFileError(f"{place}.metadata: expected an object or null")
    main = metadata.get("main_contact", metadata.get("is_main"))
    quantity = metadata.get("quantity", QUANTITY_MISSING)
    price_id = metadata.get("price_id", PRICE_MISSING)
    kept = Metadata(
        -1 if main is None else int(bool(main)),
        QUANTITY_NULL if quantity is None else float(quantity),
        PRICE_NULL if price_id is None else int(price_id),
    )
    catalog = int(metadata.get("catalog_id") or 0) if ends[1] == ELEMENTS else 0
    return ends, (ids[0], ids[1], catalog, *kept)  # type: ignore[return-value]


def _written(relation: Relation) -> list[Record]:
    columns = relation.columns()
    owners = np.unique(columns.owner).tolist()
    return [
        {
            "entity_type": relation.owner_type,
            "entity_id": owner,
            "to_entity_type": relation.target_type,
            "to_entity_id": linked.id,
            "metadata": metadata_as_read(linked),
        }
        for owner, links in zip(owners, relation.of_owners(owners), strict=True)
        for linked in links
    ]
