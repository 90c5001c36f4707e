"""Which contacts touch which companies, and by which ways, as columns of the link index.

A contact touches a company when it is linked to it, or when one lead or one customer is linked to
both (questions, touch). At 10 M links finding all touches in SQL takes three times as long.

Contacts and companies are given by place: the first contact of the index is 0. Places ascend with
ids.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from linkgraph.index import LinkIndex, Walk
from linkgraph.index.numbering import Nodes
from linkgraph.model import EntityType

Places = NDArray[np.integer]
Keys = NDArray[np.int64]

#: The ways of a touch, as bits of a byte: a link of their own, over leads, over customers.
DIRECT, BY_LEAD, BY_CUSTOMER = 1, 2, 4
_WAY_BITS = 3
_WAYS = (
    (DIRECT, EntityType.CONTACT),
    (BY_LEAD, EntityType.LEAD),
    (BY_CUSTOMER, EntityType.CUSTOMER),
)


@dataclass(frozen=True, slots=True)
class Routes:
    """All ways from contacts to companies of one kind; arrays of one length."""

    contact: Places
    company: Places
    card: Places
    """Which lead or customer is linked to both, by place; of a direct way the contact itself"""

    def take(self, which: Places) -> "Routes":
        """Some of them."""
        return Routes(self.contact[which], self.company[which], self.card[which])


class Touches:
    """Every touch once, by contact, then by company."""

    def __init__(self, index: LinkIndex, walk: Walk) -> None:
        numbering = index.graph.numbering
        self._nodes = {kind: numbering.nodes_of(kind) for kind in EntityType}
        self._numbering = numbering
        self.companies = self.size(EntityType.COMPANY)
        """How many companies there are, in touch with anyone or not"""
        indptr, indices = index.graph.seen_from(walk)
        self._routes = {way: self._over(kind, indptr, indices) for way, kind in _WAYS}
        parts = [
            (self.keys(routes.contact, routes.company) << _WAY_BITS) | way
            for way, routes in self._routes.items()
        ]
        # numbers of 64 bits are sorted in a tenth of the time that an order of them takes
        self._sorted = np.concatenate(parts)
        self._sorted.sort()
        keys = self._sorted >> _WAY_BITS
        self._first = np.flatnonzero(np.diff(keys, prepend=-1))
        self.key = keys[self._first]
        """Contact and company in one number, ascending: `keys`"""
        self.contact = (self.key // max(self.companies, 1)).astype(np.int32)
        self.company = (self.key - self.contact * np.int64(self.companies)).astype(np.int32)
        self.breadth = np.bincount(self.contact, minlength=self.size(EntityType.CONTACT))
        """[contacts] how many companies each touches"""

    def __len__(self) -> int:
        return len(self.key)

    def keys(self, contact: Places, company: Places) -> Keys:
        """Pairs of places as one number each."""
        return contact.astype(np.int64) * self.companies + company

    @cached_property
    def ways(self) -> NDArray[np.uint8]:
        """By which ways each touch comes about, as bits."""
        bits = (self._sorted & (2**_WAY_BITS - 1)).astype(np.uint8)
        return np.bitwise_or.reduceat(bits, self._first) if len(self) else bits

    def count(self, way: int) -> Keys:
        """How many leads or customers join each touch."""
        fits = (self._sorted & (2**_WAY_BITS - 1)) == way
        before = np.concatenate([[0], np.cumsum(fits)])
        return np.diff(before[self._first], append=before[-1:])

    def routes(self, way: int) -> Routes:
        """All ways of one kind."""
        return self._routes[way]

    def hubs(self, cap: int) -> Places:
        """The contacts that touch more than `cap` companies, the broadest first, then by id."""
        broad = np.flatnonzero(self.breadth > cap)
        return broad[np.argsort(-self.breadth[broad], kind="stable")]

    def size(self, kind: EntityType) -> int:
        """How many cards of a type there are, in touch with anyone or not."""
        return len(self._nodes[kind])

    def ids(self, kind: EntityType, places: Places) -> Keys:
        """The ids of cards of a type."""
        return self._numbering.columns(self._nodes[kind][places])[2]

    def places(self, kind: EntityType, ids: Keys) -> Places:
        """The places of cards of a type; -1 for a card that the index does not have."""
        known = self.ids(kind, np.arange(self.size(kind)))
        found = np.searchsorted(known, ids)
        found[found == len(known)] = 0
        return np.where(known[found] == ids, found, -1) if len(known) else np.full(len(ids), -1)

    def _over(self, kind: EntityType, indptr: Places, indices: Places) -> Routes:
        """The ways over cards of a type: each of its contacts with each of its companies."""
        cards = self.size(kind)
        start = int(self._nodes[kind][0]) if cards else 0
        bounds = indptr[start : start + cards + 1]
        row = indices[bounds[0] : bounds[-1]]
        bounds = bounds - bounds[0]
        company, companies = _of_type(row, bounds, self._nodes[EntityType.COMPANY])
        if kind is EntityType.CONTACT:
            own = np.repeat(np.arange(cards, dtype=np.int32), companies)
            return Routes(own, company, own)
        contact, contacts = _of_type(row, bounds, self._nodes[EntityType.CONTACT])
        card = np.repeat(np.arange(cards, dtype=np.int32), contacts)
        # each contact of a card meets all the card's companies, which stand in one run
        times = companies[card]
        run = (np.cumsum(companies, dtype=np.int32) - companies)[card]
        before = np.cumsum(times) - times
        place = np.repeat(run - before, times)
        place += np.arange(len(place))
        return Routes(np.repeat(contact, times), company[place], np.repeat(card, times))


def _of_type(row: Places, bounds: Places, nodes: Nodes) -> tuple[Places, Places]:
    """The neighbours of a type by place, card by card, and how many each card has of them."""
    if not len(nodes):
        return np.empty(0, np.int32), np.zeros(len(bounds) - 1, np.int32)
    first = int(nodes[0])
    fits = (row >= first) & (row <= int(nodes[-1]))
    before = np.zeros(len(row) + 1, np.int32)
    np.cumsum(fits, out=before[1:])
    return row[fits] - np.int32(first), np.diff(before[bounds])
