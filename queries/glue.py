# title: Cards that hold the graph together
# group: Graph
# question: Without which cards would the graph fall apart?
# definition: Articulation points of the graph of all live links: cards of a connected component of
#   at least min_size cards without which what remains of it is no longer connected. Which cards
#   and links count is as in the question islands: no deleted cards; cards that only links name do
#   count; catalog elements and their links only if asked for. Those without which it falls into
#   most pieces come first, then those with more cards outside the largest piece, then by type
#   (lead, customer, contact, company, element), catalog and id. Of these the first `top` are
#   listed, and the note tells how many there are.
# parameters:
#   min_size integer = 100 (3..): Fewest cards of a component worth looking at
#   top integer = 1000 (1..): How many of them are listed at most
#   elements boolean = no: Whether catalog elements and their links count
# columns:
#   ref: The card
#   name: Its name
#   url: Its address in the CRM; none for an element of unknown catalog
#   degree: How many cards it is linked to, of those that count
#   component_size: How many cards its component has, itself among them
#   pieces: Into how many pieces the component falls without it
#   falls_off: How many cards are outside the largest of these pieces
"""Glue: articulation points, as the link index has them."""

import numpy as np
import pyarrow as pa

from linkgraph.index import Walk
from linkgraph.model import EntityType
from queries.asked import Asked, Found
from queries.cardtable import card_table


def answer(asked: Asked) -> Found:
    """A row for each articulation point."""
    skip = () if asked.flag("elements") else (EntityType.ELEMENT,)
    walk = Walk(skip=frozenset(skip))
    found = asked.index.cut_points(walk)
    asked.go_on()
    _, size, pieces, falls_off = found.figures.T
    large = np.flatnonzero(size >= asked.integer("min_size"))
    order = np.lexsort((found.nodes[large], -falls_off[large], -pieces[large]))
    listed = large[order[: asked.integer("top")]]
    nodes = found.nodes[listed]
    degrees = [asked.index.degree(ref, walk) for ref in asked.index.refs(nodes)]
    table = card_table(asked, nodes).append_column("degree", pa.array(degrees, pa.int64()))
    for name, column in (
        ("component_size", size),
        ("pieces", pieces),
        ("falls_off", falls_off),
    ):
        table = table.append_column(name, pa.array(column[listed]))
    rest = len(large) - len(listed)
    return Found(table, note=f"{len(listed):,} of {len(large):,} are listed" if rest else "")
