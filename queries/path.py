# title: How two cards are connected
# group: Graph
# question: How are these two cards connected?
# definition: The shortest paths between two cards over links of all relations, one row for each
#   card on them. No path passes through a deleted card, nor through one of more than max_degree
#   links if that is given (links of all kinds, those to deleted cards too); the two cards
#   themselves are always there, and if one of them is deleted its links as last read count. Paths
#   of more than max_hops links are none. Of several shortest paths the first `paths` are listed:
#   cards go by type (lead, customer, contact, company, element), catalog and id, and paths by
#   their first card that differs. The note tells how many there are, or why there is none; then
#   there are no rows. The path from a card to itself is that card.
# parameters:
#   a card: Where the path starts
#   b card: Where it ends
#   max_hops integer = 10 (0..): Most links of a path
#   paths integer = 5 (1..): How many of several shortest paths are listed
#   max_degree integer = 0 (0..): Most links of a card that is passed through; 0 for any number
# columns:
#   path: The path's number, from 1
#   hop: How many links the card is from the start
#   ref: The card
#   name: Its name
#   url: Its address in the CRM; none for an element of unknown catalog
#   relation: The kind of link that leads to it from the card before; none for the first card
#   is_main: Whether that link's contact is the main one; empty where the CRM did not say
#   quantity: The quantity that this link carries, where it is one to a catalog element
"""Path: shortest paths, as the link index finds them."""

from itertools import pairwise

import pyarrow as pa

from linkgraph.index import Walk
from linkgraph.model import Link
from queries.apart import why_apart
from queries.asked import Asked, Found
from queries.cardtable import base_url, url_of
from queries.quantities import quantities
from queries.ways import in_words, stops

_SCHEMA = pa.schema(
    {
        "path": pa.int64(),
        "hop": pa.int64(),
        "ref": pa.string(),
        "name": pa.string(),
        "url": pa.string(),
        "relation": pa.string(),
        "is_main": pa.bool_(),
        "quantity": pa.float64(),
    }
)


def answer(asked: Asked) -> Found:
    """A row for each card of each path."""
    a, b, max_hops = asked.card("a"), asked.card("b"), asked.integer("max_hops")
    walk = Walk(max_degree=asked.integer("max_degree") or None)
    found = asked.index.paths(a, b, walk, max_hops, asked.integer("paths"))
    asked.go_on()
    why = "" if found else why_apart(asked.index, a, b, walk, max_hops)
    links = {Link.between(*ends) for path in found for ends in pairwise(path.refs)}
    carried = quantities(asked.engine, links)
    lines = asked.lines(ref for path in found for ref in path.refs)
    base = base_url(asked)
    rows = []
    before = a
    for stop in stops(found):
        link = Link.between(before, stop.ref)
        rows.append(
            {
                **stop._asdict(),
                "ref": str(stop.ref),
                "name": lines[stop.ref].name,
                "url": url_of(base, stop.ref),
                "quantity": carried.get((link.owner, link.other)) if stop.hop else None,
            }
        )
        before = stop.ref
    return Found(pa.Table.from_pylist(rows, _SCHEMA), note=in_words(found, why))
