"""All links of the account, asked from either end.

Invariant: a link is stored once, under its owner, whichever side it was written from.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from linkgraph.simulator.relation import (
    Column,
    Key,
    LinkColumns,
    Linked,
    Metadata,
    Relation,
    empty_columns,
)
from linkgraph.simulator.vocabulary import ELEMENTS, ENTITY_TYPES, RELATIONS

Pair = tuple[str, str]


class Place(NamedTuple):
    """Where a link written as `entity → to_entity` is stored."""

    relation: Relation
    owner: int
    key: Key
    reverse: bool
    """True where the link was named from the target's side."""


class LinkStore:
    """The nine kinds of link."""

    def __init__(self, columns: Mapping[Pair, LinkColumns]) -> None:
        self.relations = {
            pair: Relation(*pair, columns.get(pair) or empty_columns()) for pair in RELATIONS
        }

    def __len__(self) -> int:
        return sum(map(len, self.relations.values()))

    def warm(self) -> None:
        """Make both directions ready, so that the first reader need not wait."""
        for (_, target_type), relation in self.relations.items():
            if target_type != ELEMENTS:
                relation.warm()

    def place(
        self, entity_type: str, entity_id: int, to_type: str, to_id: int, catalog_id: int = 0
    ) -> Place:
        """Where the link of these two ends is kept; KeyError where the two cannot be linked."""
        relation = self.relations.get((entity_type, to_type))
        if relation is not None:
            return Place(relation, entity_id, (to_id, catalog_id), False)
        return Place(self.relations[to_type, entity_type], to_id, (entity_id, 0), True)

    def neighbours(
        self, entity_type: str, ids: Sequence[int], to_type: str
    ) -> list[list[Linked]] | None:
        """For each of `ids` its links to `to_type`; None where the two cannot be linked."""
        relation = self.relations.get((entity_type, to_type))
        if relation is not None:
            return relation.of_owners(ids)
        relation = self.relations.get((to_type, entity_type))
        return None if relation is None else relation.of_targets(ids)

    def of_card(self, entity_type: str, id_: int) -> Iterable[tuple[str, Linked]]:
        """Every link of one card, with the type of the other end."""
        for to_type in ENTITY_TYPES:
            found = self.neighbours(entity_type, [id_], to_type)
            for linked in found[0] if found else ():
                yield to_type, linked

    def put(
        self, entity_type: str, id_: int, to_type: str, to_id: int, catalog: int, data: Metadata
    ) -> None:
        """Link two cards, or set the metadata of their link."""
        place = self.place(entity_type, id_, to_type, to_id, catalog)
        place.relation.put(place.owner, place.key, data)

    def drop(self, entity_type: str, id_: int, to_type: str, to_id: int, catalog: int = 0) -> bool:
        """Unlink two cards; False where they were not linked."""
        place = self.place(entity_type, id_, to_type, to_id, catalog)
        return place.relation.drop(place.owner, place.key)

    def columns(self) -> dict[str, Column]:
        """One row per link, from the owner's side: see `World.link_columns`."""
        parts: dict[str, list[Column]] = {}
        for (owner_type, target_type), relation in self.relations.items():
            found = relation.columns()
            size = len(found.owner)
            row: dict[str, Column] = {
                "entity_type": np.full(size, ENTITY_TYPES.index(owner_type), np.int8),
                "entity_id": found.owner,
                "to_entity_type": np.full(size, ENTITY_TYPES.index(target_type), np.int8),
                "to_entity_id": found.target,
                "catalog_id": _filled(found.catalog, size, 0, np.int64),
                "is_main": _filled(found.is_main, size, -1, np.int8),
                "quantity": _filled(found.quantity, size, np.nan, np.float64),
                "price_id": _filled(found.price_id, size, 0, np.int64),
            }
            for name, column in row.items():
                parts.setdefault(name, []).append(column)
        whole = {name: np.concatenate(columns) for name, columns in parts.items()}
        quantity = whole["quantity"].astype(np.float64)
        quantity[~np.isfinite(quantity)] = np.nan
        whole["quantity"] = quantity
        whole["price_id"] = np.maximum(whole["price_id"].astype(np.int64), 0)
        return whole


def _filled(column: Column | None, size: int, default: float, type_: type) -> Column:
    return np.full(size, default, type_) if column is None else column
