# title: What lies around a card
# group: Graph
# question: What is this card connected with, near and far?
# definition: The card itself and the cards within `depth` links of it, as a tree: one row for each.
#   No deleted card is met; the card asked for is always there, and if it is deleted its links as
#   last read count. No card is met that has more than max_degree links if that is given (links of
#   all kinds, those to deleted cards too), and no catalog element unless wanted. A card's parent
#   is, of the cards one link nearer that lead to it, the first: cards go by type (lead, customer,
#   contact, company, element), catalog and id. At each distance at most per_level cards are
#   listed, only such whose parent is listed. They are taken in groups: those of one parent
#   and relation. Groups have an order: by the place of their parent among the listed, then by
#   relation (lead_contact, lead_company, contact_company, customer_contact, customer_company,
#   lead_element, contact_element, company_element, customer_element, other). Places are given to
#   the groups by size, the smallest first, and equal ones in their order: each gets as many as it
#   has cards, at most the places left divided by the groups left (itself counted), rounded up. In
#   a group main contacts come first, then cards as above; the first ones are listed. Rows go by
#   distance, then by group, then as in the group. What is not listed is counted in at_depth and
#   in_group, and the note tells of it.
# parameters:
#   card card: The card in the middle
#   depth integer = 2 (1..10): How many links to go
#   per_level integer = 50 (1..): Most cards that are listed at one distance
#   max_degree integer = 0 (0..): Most links of a card that is met; 0 for any number
#   elements boolean = yes: Whether catalog elements are met
# columns:
#   depth: How many links it is from the card in the middle; 0 for that card
#   ref: The card
#   name: Its name
#   url: Its address in the CRM; none for an element of unknown catalog
#   parent_ref: The card that it was met from; none for the card in the middle
#   parent_name: Its name
#   relation: The kind of link that joins the two
#   is_main: Whether that link's contact is the main one; empty where the CRM did not say
#   quantity: The quantity that this link carries, where it is one to a catalog element
#   links: How many cards it is linked to, of those that may be met
#   in_group: How many cards were met from this parent over this relation, listed or not; none for
#     the card in the middle
#   at_depth: How many cards there are at this distance, listed or not
"""Neighbourhood: what lies around a card, shared out as `linkgraph show --depth` does."""

import pyarrow as pa

from linkgraph.index import Walk
from linkgraph.model import EntityType, Link
from queries.asked import Asked, Found
from queries.cardtable import base_url, url_of
from queries.quantities import quantities
from queries.surroundings import Surroundings, surroundings

_SCHEMA = pa.schema(
    {
        "depth": pa.int64(),
        "ref": pa.string(),
        "name": pa.string(),
        "url": pa.string(),
        "parent_ref": pa.string(),
        "parent_name": pa.string(),
        "relation": pa.string(),
        "is_main": pa.bool_(),
        "quantity": pa.float64(),
        "links": pa.int64(),
        "in_group": pa.int64(),
        "at_depth": pa.int64(),
    }
)


def answer(asked: Asked) -> Found:
    """A row for each card that is listed."""
    skip = () if asked.flag("elements") else (EntityType.ELEMENT,)
    walk = Walk(skip=frozenset(skip), max_degree=asked.integer("max_degree") or None)
    found = surroundings(
        asked.engine,
        asked.index,
        asked.card("card"),
        asked.integer("depth"),
        walk,
        asked.integer("per_level"),
    )
    asked.go_on()
    twigs = sorted(found, key=lambda twig: twig.depth)  # stable: by group at each distance
    names = {twig.card.ref: twig.card.name for twig in twigs}
    links = {
        twig.card.ref: Link.between(twig.parent, twig.card.ref)
        for twig in twigs
        if twig.parent is not None
    }
    carried = quantities(asked.engine, links.values())
    groups = {
        (parent, bunch.relation): bunch.total
        for parent, bunches in found.bunches.items()
        for bunch in bunches
    }
    base = base_url(asked)
    rows = []
    for twig in twigs:
        ref, parent, link = twig.card.ref, twig.parent, links.get(twig.card.ref)
        rows.append(
            {
                "depth": twig.depth,
                "ref": str(ref),
                "name": twig.card.name,
                "url": url_of(base, ref),
                "parent_ref": None if parent is None else str(parent),
                "parent_name": None if parent is None else names[parent],
                "relation": twig.relation,
                "is_main": twig.is_main,
                "quantity": None if link is None else carried.get((link.owner, link.other)),
                "links": twig.links,
                "in_group": None
                if parent is None or twig.relation is None
                else groups[parent, twig.relation],
                "at_depth": found.counts[twig.depth],
            }
        )
    return Found(pa.Table.from_pylist(rows, _SCHEMA), note=_note(found, len(rows)))


def _note(found: Surroundings, listed: int) -> str:
    if found.total == 1:
        return "1 card"
    levels = " + ".join(f"{count:,}" for count in found.counts)
    rest = f", {listed:,} of them listed" if found.cut else ""
    return f"{found.total:,} cards ({levels} by distance){rest}"
