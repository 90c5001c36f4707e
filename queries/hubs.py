# title: Hubs
# group: Graph
# question: Which cards have the most links?
# definition: Cards with at least min_degree live links of one relation: one row for each card and
#   relation. Links to deleted cards do not count, deleted cards are not listed; links to cards
#   that cannot be read with this user's rights count, and such cards are listed. The cards of one
#   type that have a link of one relation are compared with each other: their rank is 1 and the
#   number of those with more links. With a percentile above 0 a card is listed only where at least
#   that many percent of them (itself counted) have as many links as it or fewer. Links to catalog
#   elements count always. The most links come first, then by relation (in alphabetical order),
#   type (lead, customer, contact, company, element), catalog and id. The CRM limits the links of a
#   card and publishes no figure: a card that has very many may refuse more, and the note warns of
#   it.
# parameters:
#   min_degree integer = 100 (1..): Fewest links of one relation that make a hub
#   percentile number = 0 (0..100): With 99.9 only the thousandth part with the most links; 0 for no
#     such bound
#   relation text = any (any | lead_contact | lead_company | contact_company | customer_contact |
#     customer_company | lead_element | contact_element | company_element | customer_element |
#     other): The kind of link that is looked at
#   elements boolean = no: Whether catalog elements are listed too
# columns:
#   ref: The card
#   name: Its name
#   url: Its address in the CRM; none for an element of unknown catalog
#   relation: The kind of link
#   degree: How many cards it is linked to over this relation
#   rank: Its place among the cards of its type by this figure; equal ones share a place
"""Hubs: the cards with the most links of a kind, counted in the rows of the link index."""

from fractions import Fraction
from math import ceil
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkgraph.index.graph import Graph
from linkgraph.index.marks import TYPES, relation_codes
from linkgraph.index.walk import EVERYWHERE
from linkgraph.model import EntityType, Relation
from queries.asked import Asked, Found
from queries.cardtable import card_table

Longs = NDArray[np.int64]

_ANY = "any"
_RELATIONS = tuple(Relation)
#: Places of the relations in alphabetical order.
_ALPHABETICAL = np.argsort(np.argsort([relation.value for relation in _RELATIONS]))
_NODES_AT_ONCE = 1 << 19
_WARNING = (
    "the CRM limits how many links a card may have and does not say how many: "
    "a card with very many may refuse the next"
)


class _Degrees(NamedTuple):
    """How many links of one kind nodes have; a row a node and relation where there is a link."""

    nodes: Longs
    relations: Longs
    """Places in `Relation`"""
    counts: Longs

    def at(self, places: Longs) -> "_Degrees":
        return _Degrees(*(column[places] for column in self))


def answer(asked: Asked) -> Found:
    """A row for each hub and kind of link."""
    least, percentile = asked.integer("min_degree"), asked.number("percentile")
    graph = asked.index.graph
    # Whoever has fewer links of all kinds is no hub; of a percentile all are a part.
    candidates = _candidates(graph, 1 if percentile else least, elements=asked.flag("elements"))
    degrees = _degrees(asked, graph, candidates)
    if asked.text("relation") != _ANY:
        wanted = _RELATIONS.index(Relation(asked.text("relation")))
        degrees = degrees.at(np.flatnonzero(degrees.relations == wanted))
    ranks, below = _places(graph, degrees, percentile)
    places = np.flatnonzero((degrees.counts >= least) & ~below)
    listed = degrees.at(places)
    order = np.lexsort((listed.nodes, _ALPHABETICAL[listed.relations], -listed.counts))
    places, listed = places[order], listed.at(order)
    names = pa.array([relation.value for relation in _RELATIONS])
    table = card_table(asked, listed.nodes)
    table = table.append_column("relation", names.take(pa.array(listed.relations)))
    table = table.append_column("degree", pa.array(listed.counts))
    table = table.append_column("rank", pa.array(ranks[places]))
    return Found(table, note=_WARNING if table.num_rows else "")


def _candidates(graph: Graph, least: int, *, elements: bool) -> Longs:
    """The nodes that are not deleted and have at least so many links of all kinds together."""
    nodes = np.arange(len(graph))
    nodes = nodes[graph.degrees(nodes) >= least]
    if not elements:
        nodes = nodes[graph.numbering.types(nodes) != TYPES.index(EntityType.ELEMENT)]
    return nodes[graph.present(nodes, EVERYWHERE)]


def _degrees(asked: Asked, graph: Graph, nodes: Longs) -> _Degrees:
    """Links by relation, those to deleted cards left out; some nodes at a time, to save memory."""
    lens, width = graph.lens(EVERYWHERE), len(_RELATIONS)
    parts = [_Degrees(*np.empty((3, 0), np.int64))]
    for start in range(0, len(nodes), _NODES_AT_ONCE):
        asked.go_on()
        some = nodes[start : start + _NODES_AT_ONCE]
        frontier = graph.frontier(some)
        spread = graph.spread(frontier, lens, with_marks=True)
        assert spread.marks is not None
        keys = np.repeat(np.arange(len(some)) * width, frontier.counts)
        keys += relation_codes(spread.marks)
        alive = graph.admitted(spread.targets, spread.marks, lens)
        counts = np.bincount(keys if alive is None else keys[alive], minlength=len(some) * width)
        there = np.flatnonzero(counts)
        parts.append(_Degrees(some[there // width], there % width, counts[there]))
    return _Degrees(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _places(graph: Graph, degrees: _Degrees, percentile: float) -> tuple[Longs, NDArray[np.bool_]]:
    """The rank of each row within its type and relation, and whether the percentile leaves it out.

    Ranks are right where all cards with more links are there, percentiles where all cards are.
    """
    ranks = np.zeros(len(degrees.nodes), np.int64)
    below = np.zeros(len(degrees.nodes), np.bool_)
    kinds = graph.numbering.types(degrees.nodes).astype(np.int64) * len(_RELATIONS)
    kinds += degrees.relations
    share = Fraction(repr(percentile)) / 100
    for kind in np.unique(kinds).tolist():
        own = np.flatnonzero(kinds == kind)
        counts = np.sort(degrees.counts[own])
        as_many = counts.searchsorted(degrees.counts[own], "right")
        ranks[own] = len(own) - as_many + 1
        below[own] = as_many < ceil(share * len(own))
    return ranks, below
