"""Edits of every kind over a world, as many as are asked for, none of which meets another."""

import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from linkgraph.edit import Edit, Verb
from linkgraph.model import EntityType, Metadata, Ref
from linkgraph.simulator import World

Linked = dict[Ref, dict[Ref, dict[str, Any]]]
#: What the edits are, in parts of a hundred.
SHARES = {
    "another contact": 28,
    "unlink contact": 14,
    "main": 12,
    "other company": 15,
    "new element": 9,
    "quantity": 8,
    "contact's company": 8,
    "customer's contact": 4,
    "customer's company": 1,
    "move": 1,
}
_MOST_MOVED = 20
"""Links of a card that is moved, so that one edit in a hundred does not outweigh the others."""


def mixed_edits(world: World, count: int, seed: int = 1) -> list[Edit]:
    """So many edits, by `SHARES`: each has the owner of its link, or the moved card, to itself.

    Raises:
        ValueError: the world is too small for so many.
    """
    return _Mixing(world, seed).edits(count)


def links_of(world: World) -> Linked:
    """All links of a world by either end, with what they carry."""
    found: Linked = defaultdict(dict)
    for link in world.to_dict()["links"]:
        told = link["metadata"] or {}
        owner = _ref(link["entity_type"], link["entity_id"])
        other = _ref(link["to_entity_type"], link["to_entity_id"], told.get("catalog_id", 0))
        found[owner][other] = found[other][owner] = told
    return found


def _ref(api_name: str, card_id: int, catalog_id: int = 0) -> Ref:
    kind = EntityType.from_api(api_name)
    assert kind is not None, api_name
    return Ref(kind, card_id, catalog_id if kind is EntityType.ELEMENT else 0)


class _Mixing:
    def __init__(self, world: World, seed: int) -> None:
        self._rng = random.Random(seed)
        self._links = links_of(world)
        state = world.to_dict()
        self._cards = {
            kind: [
                Ref(kind, card["id"], card.get("catalog_id", 0))
                for card in state[kind.api_name]
                if not card.get("is_deleted")
            ]
            for kind in EntityType
        }
        self._used: set[Ref] = set()

    def edits(self, count: int) -> list[Edit]:
        """All of them, shuffled."""
        wanted = {name: count * share // 100 for name, share in SHARES.items()}
        wanted["another contact"] += count - sum(wanted.values())
        found: list[Edit] = []
        makers = {
            "move": self._moves(),
            "quantity": self._quantities(),
            "main": self._mains(),
            "unlink contact": self._unlinks(),
            "other company": self._companies(EntityType.LEAD),
            "new element": self._elements(),
            "customer's company": self._companies(EntityType.CUSTOMER),
            "customer's contact": self._contacts(EntityType.CUSTOMER),
            "contact's company": self._companies(EntityType.CONTACT),
            "another contact": self._contacts(EntityType.LEAD),
        }
        for name, edits in makers.items():
            some = [edit for edit, _ in zip(edits, range(wanted[name]), strict=False)]
            if len(some) < wanted[name]:
                raise ValueError(f"the world has room for {len(some)} of {wanted[name]}: {name}")
            found += some
        self._rng.shuffle(found)
        return found

    def _owners(self, kind: EntityType) -> Iterator[Ref]:
        for card in self._rng.sample(self._cards[kind], len(self._cards[kind])):
            if card not in self._used:
                yield card

    def _far(self, card: Ref, kind: EntityType) -> list[Ref]:
        return [far for far in self._links.get(card, {}) if far.type is kind]

    def _unlinked(self, card: Ref, kind: EntityType) -> Ref:
        """A card that it is not linked to."""
        while True:
            found = self._rng.choice(self._cards[kind])
            if found not in self._links.get(card, {}) and found not in self._used:
                return found

    def _moves(self) -> Iterator[Edit]:
        for card in self._owners(EntityType.CONTACT):
            links = self._links.get(card, {})
            to = self._unlinked(card, EntityType.CONTACT)
            if links and len(links) <= _MOST_MOVED and not self._used & {card, to, *links}:
                self._used |= {card, to, *links}
                yield Edit(Verb.MOVE, card, to)

    def _quantities(self) -> Iterator[Edit]:
        for lead in self._owners(EntityType.LEAD):
            for element in self._far(lead, EntityType.ELEMENT)[:1]:
                self._used.add(lead)
                stands = self._links[lead][element].get("quantity") or 0
                yield Edit(Verb.LINK, lead, element, Metadata(quantity=stands + 1.5))

    def _mains(self) -> Iterator[Edit]:
        for lead in self._owners(EntityType.LEAD):
            links = self._links.get(lead, {})
            contacts = self._far(lead, EntityType.CONTACT)
            for contact in [one for one in contacts if not links[one].get("main_contact")][:1]:
                self._used.add(lead)
                yield Edit(Verb.MAIN, lead, contact)

    def _unlinks(self) -> Iterator[Edit]:
        for lead in self._owners(EntityType.LEAD):
            for contact in self._far(lead, EntityType.CONTACT)[:1]:
                self._used.add(lead)
                yield Edit(Verb.UNLINK, lead, contact)

    def _companies(self, kind: EntityType) -> Iterator[Edit]:
        for card in self._owners(kind):
            self._used.add(card)
            yield Edit(Verb.LINK, card, self._unlinked(card, EntityType.COMPANY))

    def _elements(self) -> Iterator[Edit]:
        for lead in self._owners(EntityType.LEAD):
            self._used.add(lead)
            quantity = Metadata(quantity=float(self._rng.randint(1, 9)))
            yield Edit(Verb.LINK, lead, self._unlinked(lead, EntityType.ELEMENT), quantity)

    def _contacts(self, kind: EntityType) -> Iterator[Edit]:
        for card in self._owners(kind):
            self._used.add(card)
            main = Metadata(is_main=True) if self._rng.random() < 0.25 else Metadata()
            yield Edit(Verb.LINK, card, self._unlinked(card, EntityType.CONTACT), main)
