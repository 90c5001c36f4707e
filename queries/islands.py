# title: Islands
# group: Graph
# question: Which cards are connected with each other, and with nothing else?
# definition: Connected components of the graph of all live links: one row for each that has at
#   least min_size cards. A card that only links name (it cannot be read with this user's rights)
#   belongs to its island; a deleted card belongs to none and joins nothing. Catalog elements join
#   everything: unless asked for they are in no island, and links to them join nothing. Closed
#   leads count. The largest comes first; of islands of one size the one whose first card comes
#   first: cards go by type (lead, customer, contact, company, element), then by catalog, then by
#   id. The note tells how large the largest is, and how many are smaller than min_size.
# parameters:
#   min_size integer = 2 (1..): Fewest cards that make an island worth listing; 1 lists cards alone
#   elements boolean = no: Whether catalog elements and their links count
# columns:
#   ref: The island's first card
#   name: Its name
#   url: Its address in the CRM; none for an element of unknown catalog
#   size: How many cards the island has
#   leads: How many of them are leads
#   customers: How many are customers
#   contacts: How many are contacts
#   companies: How many are companies
#   elements: How many are catalog elements; 0 unless they count
#   sample: The first card of each type that occurs, in the order of types, as «name (ref)», the
#     name's first 80 characters, or «(ref)» where it has none; joined by «, »
"""Islands: connected components, as the link index has them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkgraph.index import Walk
from linkgraph.index.marks import TYPES
from linkgraph.index.structures import Components
from linkgraph.model import EntityType
from queries.asked import Asked, Found
from queries.cardtable import card_table

Longs = NDArray[np.int64]

_COUNTS = ("leads", "customers", "contacts", "companies", "elements")
_NAME = 80


def answer(asked: Asked) -> Found:
    """A row for each island."""
    skip = () if asked.flag("elements") else (EntityType.ELEMENT,)
    found = asked.index.components(Walk(skip=frozenset(skip)))
    asked.go_on()
    listed = int(np.count_nonzero(found.sizes >= asked.integer("min_size")))  # sizes descend
    firsts, counts = _by_type(asked, found.labels, listed)
    cards, texts = _samples(asked, firsts)
    size = pa.array(found.sizes[:listed])
    table = cards.append_column("size", size)
    for name, count in zip(_COUNTS, counts, strict=True):
        table = table.append_column(name, pa.array(count))
    return Found(table.append_column("sample", texts), note=_note(found, listed))


def _by_type(
    asked: Asked, labels: NDArray[np.int32], listed: int
) -> tuple[list[Longs], list[Longs]]:
    """For each type the first node of each island, -1 where it has none, and how many it has."""
    firsts, counts = [], []
    for entity_type in TYPES:
        asked.go_on()
        own = asked.index.graph.numbering.nodes_of(entity_type)
        of = labels[own]
        there = (of >= 0) & (of < listed)
        of, own = of[there], own[there]
        first = np.full(listed, -1, np.int64)
        first[of[::-1]] = own[::-1]  # backwards: the first card is written last
        firsts.append(first)
        counts.append(np.bincount(of, minlength=listed).astype(np.int64))
    return firsts, counts


def _samples(asked: Asked, firsts: list[Longs]) -> tuple[pa.Table, pa.Array]:
    """Ref, name and url of each island's first card, and the first ones of all types as a text."""
    nodes = np.unique(np.concatenate(firsts))
    nodes = nodes[nodes >= 0]
    cards = card_table(asked, nodes).combine_chunks()
    name = pc.utf8_slice_codeunits(cards["name"], 0, _NAME)
    name = pc.if_else(pc.equal(name, ""), pa.scalar(None, pa.string()), name)
    ref = pc.binary_join_element_wise("(", cards["ref"], ")", "")
    texts = pc.binary_join_element_wise(name, ref, " ", null_handling="skip")
    first = np.full(len(firsts[0]), -1, np.int64)
    columns = []
    for of_type in firsts:
        place = pa.array(nodes.searchsorted(of_type), mask=of_type < 0)
        columns.append(texts.take(place))
        first = np.where(first < 0, of_type, first)
    sample = pc.binary_join_element_wise(*columns, ", ", null_handling="skip")
    return cards.take(pa.array(nodes.searchsorted(first))), sample


def _note(found: Components, listed: int) -> str:
    if not len(found):
        return ""
    largest, cards = int(found.sizes[0]), int(found.sizes.sum())
    note = f"the largest island has {largest:,} of {cards:,} cards ({largest / cards:.1%})"
    smaller = len(found) - listed
    be = "is" if smaller == 1 else "are"
    return f"{note}; {smaller:,} smaller {be} not listed" if smaller else note
