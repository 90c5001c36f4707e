"""Pairs of companies by the contacts that touch both (questions, 1 and 28), as columns."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkgraph.model import EntityType
from queries.asked import Asked
from queries.namedcards import named
from queries.touches import BY_CUSTOMER, BY_LEAD, DIRECT, Keys, Places, Touches

#: Pairs of touches looked at at a time: about 200 MB of work arrays. One company may exceed it.
_BLOCK_PAIRS = 4_000_000


@dataclass(frozen=True, slots=True)
class CompanyPairs:
    """Pairs `a < b`, by both; arrays of one length. All figures are without what was cut."""

    a: Places
    b: Places
    shared: Keys
    """How many contacts touch both"""
    via_direct: Keys
    """How many of them touch at least one of the two directly; the next two alike"""
    via_leads: Keys
    via_customers: Keys
    first: Places
    """The shared contact with the lowest id"""
    last: Places
    """The shared contact with the highest id"""

    def __len__(self) -> int:
        return len(self.a)

    def take(self, order: Keys) -> "CompanyPairs":
        """The pairs at some places, in that order."""
        return CompanyPairs(*(getattr(self, field.name)[order] for field in fields(self)))


def company_pairs(asked: Asked, touches: Touches, min_shared: int, hub_cap: int) -> CompanyPairs:
    """All pairs that share at least `min_shared` of the contacts with at most `hub_cap` companies.

    Memory follows the touches and the answer, not the pairs that `min_shared` leaves out.

    Raises:
        QueryStopped: the question is to stop.
    """
    breadth = touches.breadth[touches.contact]
    # a contact of one company makes no pair, and most contacts are such
    kept = np.flatnonzero((breadth > 1) & (breadth <= hub_cap))
    contact, company, ways = touches.contact[kept], touches.company[kept], touches.ways[kept]
    blocks = []
    for left, right in _met(contact, company):
        asked.go_on()
        blocks.append(
            _joined(
                company[left], company[right], contact[left], ways[left] | ways[right], min_shared
            )
        )
    return CompanyPairs(
        *(
            np.concatenate(
                [np.empty(0, np.int64), *(getattr(block, field.name) for block in blocks)]
            )
            for field in fields(CompanyPairs)
        )
    )


def _met(contact: Places, company: Places) -> Iterator[tuple[Keys, Keys]]:
    """Places of two touches of one contact, the company of the first being the lower one.

    By blocks of companies; in a block by the first company, then by contact. The touches come by
    contact, then by company.
    """
    ends = np.searchsorted(contact, contact, side="right")
    later = ends - np.arange(len(contact)) - 1
    order = np.sort((company.astype(np.int64) << 32) | np.arange(len(contact))) & 0xFFFF_FFFF
    spent = np.concatenate([[0], np.cumsum(later[order])])
    bounds = np.append(np.flatnonzero(np.diff(company[order], prepend=-1)), len(order))
    start = 0
    while start < len(order):
        most = np.searchsorted(spent[bounds], spent[start] + _BLOCK_PAIRS, side="right") - 1
        stop = max(int(bounds[most]), int(bounds[np.searchsorted(bounds, start, side="right")]))
        block = order[start:stop]
        times = later[block]
        left = np.repeat(block, times)
        before = np.cumsum(times) - times
        yield left, left + 1 + np.arange(len(left)) - np.repeat(before, times)
        start = stop


def _joined(
    a: Places, b: Places, contact: Places, ways: NDArray[np.uint8], min_shared: int
) -> CompanyPairs:
    """The pairs that come at least `min_shared` times, by both; a contact after lower ones."""
    companies = int(b.max(initial=0)) + 1
    key = a.astype(np.int64) * companies + b
    if min_shared > 1:
        found, times = np.unique_counts(key)
        kept = np.isin(key, found[times >= min_shared])
        key, contact, ways = key[kept], contact[kept], ways[kept]
    order = np.argsort(key, kind="stable")
    key, contact, ways = key[order], contact[order], ways[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    shared = np.diff(starts, append=len(key))
    direct, leads, customers = (
        np.add.reduceat((ways & way) != 0, starts, dtype=np.int64) if len(starts) else starts
        for way in (DIRECT, BY_LEAD, BY_CUSTOMER)
    )
    first, last = contact[starts], contact[starts + shared - 1]
    a, b = np.divmod(key[starts], companies)
    return CompanyPairs(a, b, shared, direct, leads, customers, first, last)


def cut_contacts(asked: Asked, touches: Touches, hub_cap: int) -> pa.Table:
    """The contacts that no pair counts: contact_id, …_name, …_url, companies; broadest first.

    Raises:
        QueryStopped: the question is to stop.
    """
    hubs = touches.hubs(hub_cap)
    cards = named(asked, EntityType.CONTACT, {"contact": touches.ids(EntityType.CONTACT, hubs)})
    return pa.table(cards | {"companies": pa.array(touches.breadth[hubs])})
