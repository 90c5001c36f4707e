"""What may be written: items are checked one by one, then all are applied or none.

Invariant: nothing changes before every item of the request has been looked at, and no item after
a bad one is ever applied. A card whose main contact is unlinked has none: no other is promoted.
"""

import time
from dataclasses import replace
from typing import Any

from linkgraph.simulator.itemcheck import LINK_KEYS, UNLINK_KEYS, Item, check_item
from linkgraph.simulator.linkevents import tell
from linkgraph.simulator.links import Place
from linkgraph.simulator.problems import ItemError, Problem, validation_problem
from linkgraph.simulator.relation import NO_METADATA, Linked, Metadata
from linkgraph.simulator.running import Running
from linkgraph.simulator.vocabulary import ELEMENTS, SINGLE_COMPANY

Row = tuple[int, str, Linked, bool]
Card = tuple[str, int, int]
"""Type, id and catalog."""


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
        self.has_written = False
        """Whether the work, or the part of it that is done before a refusal, was done."""
        self._taken: dict[Card, Card] = {}
        """What the items so far have taken: a card's one company, an element's one owner."""

    def link(self, raw: list[Any]) -> list[Row]:
        """Link; the rows as the answer lists them."""
        items, errors = self._checked(raw, LINK_KEYS)
        for index, item in enumerate(items):
            if item is not None and (error := self._refused(item)):
                errors.setdefault(index, []).append(error)
        rows = self._link_all(self._before_the_first(errors, items))
        if errors:
            raise self._refusal(errors)
        return rows

    def unlink(self, raw: list[Any]) -> None:
        """Unlink."""
        items, errors = self._checked(raw, UNLINK_KEYS)
        ends = [[] if item is None else self._linked(item) for item in items]
        for index, item in enumerate(items):
            if item is not None and not ends[index] and self.behaviour.unlink_absent == "400":
                errors.setdefault(index, []).append(_not_a_choice("to_entity_id"))
        for number, item in enumerate(self._before_the_first(errors, items)):
            self.has_written = True
            if not self._is_lost(number):
                for catalog_id in ends[number]:
                    self._unlink(replace(item, catalog_id=catalog_id))
        if errors:
            raise self._refusal(errors)

    def _before_the_first(
        self, errors: dict[int, list[ItemError]], items: list[Item | None]
    ) -> list[Item]:
        """The items to apply: all, or of a bad write none or those before its first bad item."""
        first = len(items) if not errors else min(errors) if self.behaviour.partial_400 else 0
        return [item for item in items[:first] if item is not None]

    def _refusal(self, errors: dict[int, list[ItemError]]) -> Problem:
        if self.behaviour.refusals == "plain":
            return Problem(400, "Request validation failed")
        return validation_problem(errors)

    def _link_all(self, good: list[Item]) -> list[Row]:
        if self.behaviour.relink == "500" and any(map(self._is_linked, good)):
            raise Problem(500, "An unknown error occurred.")
        self.has_written = bool(good)
        return [self._apply(item, self._is_lost(number)) for number, item in enumerate(good)]

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
        if self.behaviour.second_company == "refuse":
            slot = self._company_slot(item)
            if slot and (self._other_company(item) is not None or self._is_taken(*slot)):
                return _not_a_choice("to_entity_id")
        if item.to_type == ELEMENTS and self._belongs_elsewhere(item):
            return _not_a_choice("to_entity_id")
        return None

    def _is_taken(self, one: Card, by: Card) -> bool:
        """Whether an item before this one took what there is one of; else it is taken now."""
        return self._taken.setdefault(one, by) != by

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
        element, owner = (ELEMENTS, item.to_id, item.catalog_id), (self.type, item.id, 0)
        return bool(owners - {(self.type, item.id)}) or self._is_taken(element, owner)

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
        metadata = self._metadata(item, place, before)
        if not lost:
            if (other := self._other_company(item)) is not None:
                self._give_up(item, other)
            if metadata.is_main == 1:
                _step_down(place)
            place.relation.put(place.owner, place.key, metadata)
            if before is None:
                tell(self.running, "linked", self.type, item, self.at)
        return (
            item.id,
            item.to_type,
            Linked(item.to_id, item.catalog_id, metadata),
            not place.reverse,
        )

    def _metadata(self, item: Item, place: Place, before: Metadata | None) -> Metadata:
        """The link's metadata after the write: what is not said stays as it was.

        A contact is the main one of a lead or customer, from whichever side it is linked.
        """
        main, quantity, price_id = before or NO_METADATA
        if place.relation.target_type == "contacts":
            main = max(main, 0) if item.is_main is None else int(item.is_main)
            has_none = place.relation.of_owners([place.owner]) == [[]]
            if self.behaviour.first_contact_is_main and has_none:
                main = 1
        if item.to_type == ELEMENTS:
            added = before is not None and self.behaviour.quantity == "add" and quantity >= 0
            asked = 1.0 if item.quantity is None and before is None else item.quantity
            if asked is not None:
                quantity = quantity + asked if added else asked
            price_id = price_id if item.price_id is None else item.price_id
        return Metadata(main, quantity, price_id)

    def _other_company(self, item: Item) -> int | None:
        """The company that a card would have to give up for the item's."""
        slot = self._company_slot(item)
        if slot is None:
            return None
        (type_, id_, _), company = slot
        owned = self.world.links.relations[type_, "companies"].of_owners([id_])[0]
        return next((other.id for other in owned if other.id != company[1]), None)

    def _company_slot(self, item: Item) -> tuple[Card, Card] | None:
        """The card that has one company, and the company that the item gives it."""
        one, other = (self.type, item.id, 0), (item.to_type, item.to_id, 0)
        if item.to_type == "companies":
            return one, other
        if self.type == "companies" and item.to_type in SINGLE_COMPANY:
            return other, one
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


def _step_down(place: Place) -> None:
    """One main contact: linking another moves the flag (amocrm-api §1.3)."""
    for other in place.relation.of_owners([place.owner])[0]:
        key = other.id, other.catalog_id
        if key != place.key and other.metadata.is_main == 1:
            place.relation.put(place.owner, key, other.metadata._replace(is_main=0))


def _not_a_choice(path: str) -> ItemError:
    return ItemError("NotSupportedChoice", path, "The value you selected is not a valid choice.")
