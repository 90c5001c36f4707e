"""The account: its settings, its cards, its links and what happened to them.

Invariant: the world refuses nothing but what it cannot hold. Rules of the API are kept by the
routes, so that a world can also be what a real account should not be (a lead of two companies,
a link to a card that is gone).
"""

import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

from linkgraph.simulator.cards import Card, CardTable, Columns
from linkgraph.simulator.events import EventLog
from linkgraph.simulator.links import LinkStore, Pair
from linkgraph.simulator.relation import NO_METADATA, Column, LinkColumns, Metadata
from linkgraph.simulator.vocabulary import CARD_TYPES, ELEMENTS, SINGULAR

Record = dict[str, Any]

DEFAULT_ACCOUNT_ID = 30000001


class World:
    """Everything an account holds; safe to change from a test while a server reads it."""

    def __init__(
        self,
        *,
        account: Record | None = None,
        cards: Mapping[str, CardTable] | None = None,
        elements: Mapping[int, CardTable] | None = None,
        links: Mapping[Pair, LinkColumns] | None = None,
        users: Iterable[Record] = (),
        pipelines: Iterable[Record] = (),
        catalogs: Iterable[Record] = (),
        events: Iterable[Record] = (),
        webhooks: Iterable[Record] = (),
    ) -> None:
        self.account: Record = dict(account or {})
        self.cards = {type_: (cards or {}).get(type_) or CardTable.of([]) for type_ in CARD_TYPES}
        self.elements = dict(elements or {})
        """Elements by catalog: an element's id means nothing without it."""
        self.links = LinkStore(links or {})
        self.users = list(users)
        self.pipelines = list(pipelines)
        self.catalogs = list(catalogs)
        self.events = EventLog(events)
        self.webhooks = list(webhooks)
        """Told of changes by the real thing; here they are only listed. Each has a destination."""
        self.lock = threading.RLock()
        """Held by whoever reads several things that must agree, and by every change."""

    @property
    def account_id(self) -> int:
        """The account's id, which tokens name."""
        return int(self.account.get("id", DEFAULT_ACCOUNT_ID))

    def warm(self) -> None:
        """Do now what the first requests would otherwise wait for."""
        self.links.warm()

    def has(self, entity_type: str, id_: int, catalog_id: int = 0) -> bool:
        """Whether there is such a card."""
        if entity_type == ELEMENTS:
            table = self.elements.get(catalog_id)
            return table is not None and id_ in table
        return id_ in self.cards[entity_type]

    def link(
        self,
        entity_type: str,
        entity_id: int,
        to_entity_type: str,
        to_entity_id: int,
        catalog_id: int = 0,
        metadata: Metadata = NO_METADATA,
    ) -> None:
        """Link two cards behind the API's back: no rule is applied and no event tells."""
        with self.lock:
            self.links.put(
                entity_type, entity_id, to_entity_type, to_entity_id, catalog_id, metadata
            )

    def unlink(
        self,
        entity_type: str,
        entity_id: int,
        to_entity_type: str,
        to_entity_id: int,
        catalog_id: int = 0,
    ) -> bool:
        """Unlink two cards behind the API's back; False where they were not linked."""
        with self.lock:
            return self.links.drop(entity_type, entity_id, to_entity_type, to_entity_id, catalog_id)

    def put_card(self, entity_type: str, card: Card, *, event: bool = True) -> None:
        """Add or replace a card, as a colleague in the CRM would."""
        with self.lock:
            known = card["id"] in self.cards[entity_type]
            self.cards[entity_type].put(card)
            if event and not known:
                self._tell(f"{SINGULAR[entity_type]}_added", entity_type, card["id"])

    def remove_card(self, entity_type: str, id_: int, *, event: bool = True) -> bool:
        """Delete a card with all its links; False where it was not there."""
        with self.lock:
            for to_type, linked in list(self.links.of_card(entity_type, id_)):
                self.links.drop(entity_type, id_, to_type, linked.id, linked.catalog_id)
            removed = self.cards[entity_type].remove(id_)
            if event and removed:
                self._tell(f"{SINGULAR[entity_type]}_deleted", entity_type, id_)
            return removed

    def link_columns(self) -> dict[str, Column]:
        """All links without HTTP, one row per link as its owner reports it.

        Columns: entity_type, entity_id, to_entity_type, to_entity_id (types as positions in
        `ENTITY_TYPES`), catalog_id (0 none), is_main (-1 none), quantity (nan none), price_id
        (0 none).
        """
        with self.lock:
            return self.links.columns()

    def card_columns(self, entity_type: str) -> Columns:
        """The cards of a type without HTTP: id, times and, where there are, pipeline and so on.

        For catalog elements, of all catalogs together, with `catalog_id`.
        """
        with self.lock:
            if entity_type != ELEMENTS:
                return dict(self.cards[entity_type].columns)
            return _joined(self.elements)

    def names(self, entity_type: str) -> list[str]:
        """The names of a type's cards, in the order of `card_columns`."""
        tables = (
            [self.elements[key] for key in sorted(self.elements)]
            if entity_type == ELEMENTS
            else [self.cards[entity_type]]
        )
        return [card.get("name", "") for table in tables for card in table.cards()]

    def to_dict(self) -> Record:
        """The world as a world file; `load_world` of it is the same world."""
        from linkgraph.simulator.worldfile import to_dict

        with self.lock:
            return to_dict(self)

    def _tell(self, type_: str, entity_type: str, id_: int) -> None:
        self.events.add(type_, SINGULAR[entity_type], id_, at=int(time.time()))


def _joined(tables: Mapping[int, CardTable]) -> Columns:
    import numpy as np

    names = {name for table in tables.values() for name in table.columns}
    keys = sorted(tables)
    joined: Columns = {
        name: np.concatenate([tables[key].columns[name] for key in keys])
        for name in sorted(names)
        if all(name in tables[key].columns for key in keys)
    }
    sizes = [len(tables[key]) for key in keys]
    joined["catalog_id"] = np.repeat(np.array(keys, np.int64), sizes)
    return joined or {"id": np.empty(0, np.int64), "catalog_id": np.empty(0, np.int64)}
