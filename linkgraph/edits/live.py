"""What is linked now, as both ends tell it, and what would be linked if edits were made.

Invariant: a link stands if either of its ends tells of it; the owner's word on what it carries
goes before the other's (design, «A link»).
"""

from collections.abc import Iterable, Mapping

from linkgraph.edits.changes import WITH_MAIN
from linkgraph.edits.entries import Pair, pair_of
from linkgraph.model import EntityType, Metadata, Ref, Relation

Links = dict[Ref, Metadata]
"""The far ends of a card's links, and what each link carries."""


class Live:
    """The links of the cards that were read.

    Args:
        told: for each card that was read, what it tells of its links.
        whole: the cards whose links were proved whole.
    """

    def __init__(self, told: Mapping[Ref, Mapping[Ref, Metadata]], whole: Iterable[Ref]) -> None:
        self._told = told
        self._cards = frozenset(told)
        self._whole = frozenset(whole)
        self._links: dict[Ref, Links] = {}
        for card, links in told.items():
            self._links.setdefault(card, {})
            for far, metadata in links.items():
                pair = pair_of(card, far)
                if pair[0] == card or far not in told or card not in told[far]:
                    self._links[card][far] = metadata
                    self._links.setdefault(far, {})[card] = metadata

    @property
    def cards(self) -> frozenset[Ref]:
        """The cards that were read."""
        return self._cards

    def is_whole(self, card: Ref) -> bool:
        """Whether all links of a card are known."""
        return card in self._whole

    def state(self, pair: Pair) -> Metadata | None:
        """What a link carries; None where there is none, or none is known."""
        owner, other = pair
        links = self._links.get(owner, {})
        found = links.get(other)
        if found is None and other.type is EntityType.ELEMENT:
            return links.get(Ref(other.type, other.id))  # told without its catalog
        return found

    def proves(self, pair: Pair) -> bool:
        """Whether the state of a link is sure, absence too."""
        return pair[0] in self._whole or self.state(pair) is not None

    def links_of(self, card: Ref) -> Mapping[Ref, Metadata]:
        """All links of a card that was read; not a copy."""
        return self._links.get(card, {})

    def told_by(self, card: Ref) -> Links:
        """The links of a card as it tells them itself, to be kept."""
        return dict(self._told[card])

    def only(self, cards: Iterable[Ref]) -> "Live":
        """These, without what other cards told."""
        kept = frozenset(cards)
        told = {card: links for card, links in self._told.items() if card in kept}
        return Live(told, self._whole & kept)

    def with_more(self, later: "Live") -> "Live":
        """These, with cards that were read later in the place of their earlier reading."""
        told = {**self._told, **later._told}
        whole = (self._whole - frozenset(later._told)) | later._whole
        return Live(told, whole)


class Target:
    """What would be linked if edits were made: the live links, with changes laid over them."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._states: dict[Pair, Metadata | None] = {}
        self._links: dict[Ref, Links] = {}
        """Of the cards at which something would change."""

    def state(self, pair: Pair) -> Metadata | None:
        """What a link would carry; None: not linked."""
        return self._states[pair] if pair in self._states else self._live.state(pair)

    def links_of(self, card: Ref) -> Links:
        """The links that a card would have."""
        return dict(self._of(card))

    def put(self, pair: Pair, state: Metadata | None) -> None:
        """Make a link so; a main contact's predecessor steps down (amocrm-api, section 1.3)."""
        if state is not None and state.is_main and Relation.between(*_types(pair)) in WITH_MAIN:
            owner, contact = pair
            mains = [
                (far, link)
                for far, link in self._of(owner).items()
                if link.is_main and far.type is EntityType.CONTACT and far != contact
            ]
            for far, link in mains:
                self._put((owner, far), Metadata(False, link.quantity, link.price_id))
        self._put(pair, state)

    def companies_of(self, owner: Ref) -> list[Ref]:
        """The companies that a card would have."""
        return [far for far in self._of(owner) if far.type is EntityType.COMPANY]

    def _of(self, card: Ref) -> Mapping[Ref, Metadata]:
        return self._links[card] if card in self._links else self._live.links_of(card)

    def _put(self, pair: Pair, state: Metadata | None) -> None:
        self._states[pair] = state
        for card, far in (pair, pair[::-1]):
            if card not in self._links:
                self._links[card] = dict(self._live.links_of(card))
            if state is None:
                self._links[card].pop(far, None)
            else:
                self._links[card][far] = state


def _types(pair: Pair) -> tuple[EntityType, EntityType]:
    return pair[0].type, pair[1].type
