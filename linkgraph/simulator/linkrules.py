"""What may be written: items are checked one by one, then all are applied or none.

Invariant: nothing changes before every item of the request has passed.
"""

import time
from dataclasses import replace
from typing import Any

from linkgraph.simulator.itemcheck import LINK_KEYS, UNLINK_KEYS, Item, check_item
from linkgraph.simulator.linkevents import tell
from linkgraph.simulator.problems import ItemError, Problem, validation_problem
from linkgraph.simulator.relation import NO_METADATA, Linked, Metadata
from linkgraph.simulator.running import Running
from linkgraph.simulator.vocabulary import ELEMENTS, SINGLE_COMPANY

Row = tuple[int, str, Linked, bool]


class LinkWriter:
    """One write request against the world."""

    def __init__(self, running: Running, entity_type: str, entity_id: int | None) -> None:
        """`entity_id` is the card in the path, None on the mass routes."""
        self.running = running
        self.behaviour = running.behaviour
        self.world = running.world
        self.type = entity_type
        self.entity_id = entity_id
        self.at = int(time.time())

    def link(self, raw: list[Any]) -> list[Row]:
        """Link; the rows as the answer lists them."""
        items, errors = self._checked(raw, LINK_KEYS)
        for index, item in enumerate(items):
            if item is not None and (error := self._refused(item)):
                errors.setdefault(index, []).append(error)
        if errors:
            raise validation_problem(errors)
        good = [item for item in items if item is not None]
        if self.behaviour.relink == "500" and any(map(self._is_linked, good)):
            raise Problem(500, "An unknown error occurred.")
        return [self._apply(item, self._is_lost(number)) for number, item in enumerate(good)]

    def unlink(self, raw: list[Any]) -> None:
        """Unlink."""
        items, errors = self._checked(raw, UNLINK_KEYS)
        ends = [[] if item is None else self._linked(item) for item in items]
        for index, item in enumerate(items):
            if item is not None and not ends[index] and self.behaviour.unlink_absent == "400":
                errors.setdefault(index, []).append(_not_a_choice("to_entity_id"))
        if errors:
            raise validation_problem(errors)
        for number, (item, catalogs) in enumerate(zip(items, ends, strict=True)):
            if item is not None and not self._is_lost(number):
                for catalog_id in catalogs:
                    self._unlink(replace(item, catalog_id=catalog_id))

    def _checked(
        self, raw: list[Any], keys: frozenset[str]
    ) -> tuple[list[Item | None], dict[int, list[ItemError]]]:
        items: list[Item | None] = []
        errors: dict[int, list[ItemError]] = {}
        for index, value in enumerate(raw):
            item, wrong = check_item(value, self.type, self.entity_id, keys, self.behaviour)
            if item is not None and keys is LINK_KEYS:
                wrong = self._missing_cards(item)
            items.append(None if wrong else item)
            if wrong:
                errors[index] = wrong
        return items, errors

    def _missing_cards(self, item: Item) -> list[ItemError]:
        """Cards that are not there cannot be linked; the exact answer is unknown (§1.7)."""
        errors = []
        if not self.world.has(self.type, item.id):
            errors.append(_not_a_choice("entity_id"))
        if not self.world.has(item.to_type, item.to_id, item.catalog_id):
            errors.append(_not_a_choice("to_entity_id"))
        return errors

    def _refused(self, item: Item) -> ItemError | None:
        if self.behaviour.second_company == "refuse" and self._other_company(item) is not None:
            return _not_a_choice("to_entity_id")
        if item.to_type == ELEMENTS and self._belongs_elsewhere(item):
            return _not_a_choice("to_entity_id")
        return None

    def _belongs_elsewhere(self, item: Item) -> bool:
        """An element of a catalog with can_link_multiple off has one owner (amocrm-api §1.3)."""
        single = {
            catalog["id"]
            for catalog in self.world.catalogs
            if catalog.get("can_link_multiple") is False
        }
        if item.catalog_id not in single:
            return False
        owners = {
            (relation.owner_type, owner.id)
            for relation in self.world.links.relations.values()
            if relation.target_type == ELEMENTS
            for owner in relation.of_targets([item.to_id], item.catalog_id)[0]
        }
        return bool(owners - {(self.type, item.id)})

    def _is_linked(self, item: Item) -> bool:
        return bool(self._linked(item))

    def _linked(self, item: Item) -> list[int]:
        """The catalogs under which the two are linked: [0] for anything but an element.

        Official clients unlink elements without naming the catalog (amocrm-api §1.7).
        """
        found = self.world.links.neighbours(self.type, [item.id], item.to_type)
        return [
            one.catalog_id
            for one in (found or [[]])[0]
            if one.id == item.to_id and item.catalog_id in (0, one.catalog_id)
        ]

    def _is_lost(self, number: int) -> bool:
        every = self.behaviour.drop_every
        return every is not None and (number + 1) % every == 0

    def _apply(self, item: Item, lost: bool) -> Row:
        place = self.world.links.place(
            self.type, item.id, item.to_type, item.to_id, item.catalog_id
        )
        before = place.relation.get(place.owner, place.key)
        metadata = self._metadata(item, before)
        if not lost:
            if (other := self._other_company(item)) is not None:
                self._give_up(item, other)
            if metadata.is_main == 1:
                self._step_down(item)
            place.relation.put(place.owner, place.key, metadata)
            if before is None:
                tell(self.running, "linked", self.type, item, self.at)
        return (
            item.id,
            item.to_type,
            Linked(item.to_id, item.catalog_id, metadata),
            not place.reverse,
        )

    def _metadata(self, item: Item, before: Metadata | None) -> Metadata:
        """The link's metadata after the write: what is not said stays as it was."""
        main, quantity, price_id = before or NO_METADATA
        if item.to_type == "contacts" and self.type in ("leads", "customers"):
            main = max(main, 0) if item.is_main is None else int(item.is_main)
            if self.behaviour.first_contact_is_main and self._has_no_contact(item):
                main = 1
        elif (self.type, item.to_type) in (("contacts", "leads"), ("contacts", "customers")):
            main = max(main, 0)
        if item.to_type == ELEMENTS:
            added = before is not None and self.behaviour.quantity == "add" and quantity >= 0
            asked = 1.0 if item.quantity is None and before is None else item.quantity
            if asked is not None:
                quantity = quantity + asked if added else asked
            price_id = price_id if item.price_id is None else item.price_id
        return Metadata(main, quantity, price_id)

    def _has_no_contact(self, item: Item) -> bool:
        return self.world.links.neighbours(self.type, [item.id], "contacts") == [[]]

    def _step_down(self, item: Item) -> None:
        """One main contact: linking another moves the flag (amocrm-api §1.3)."""
        relation = self.world.links.relations[self.type, "contacts"]
        for other in relation.of_owners([item.id])[0]:
            if other.id != item.to_id and other.metadata.is_main == 1:
                relation.put(item.id, (other.id, 0), other.metadata._replace(is_main=0))

    def _other_company(self, item: Item) -> int | None:
        """The company that a card would have to give up, seen from the item's main card."""
        single, company = (self.type, item.id), item.to_id
        if self.type == "companies" and item.to_type in SINGLE_COMPANY:
            single, company = (item.to_type, item.to_id), item.id
        elif item.to_type != "companies":
            return None
        relation = self.world.links.relations[single[0], "companies"]
        for other in relation.of_owners([single[1]])[0]:
            if other.id != company:
                return other.id
        return None

    def _give_up(self, item: Item, company: int) -> None:
        """The single company makes room, on whichever end of the item it is."""
        if self.type == "companies":
            self._unlink(replace(item, id=company))
        else:
            self._unlink(replace(item, to_id=company))

    def _unlink(self, item: Item) -> None:
        if self.world.links.drop(self.type, item.id, item.to_type, item.to_id, item.catalog_id):
            tell(self.running, "unlinked", self.type, item, self.at)


def _not_a_choice(path: str) -> ItemError:
    return ItemError("NotSupportedChoice", path, "The value you selected is not a valid choice.")
