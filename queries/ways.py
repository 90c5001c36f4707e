"""How two cards are connected: the shortest paths, as rows and in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Engine

from linkgraph.index import LinkIndex, Walk
from linkgraph.index.results import Paths
from linkgraph.model import Ref, Relation
from queries.apart import why_apart
from queries.cardlines import CardLine, card_lines


@dataclass(frozen=True, slots=True)
class Ways:
    """The shortest paths from one card to another, and what there is to tell of their cards."""

    found: Paths
    cards: dict[Ref, CardLine]
    """The lines of all cards on them"""
    links: dict[Ref, int]
    """How many links each of these has"""
    why: str
    """Why there is no path; empty where there is one"""


def ways(
    engine: Engine, index: LinkIndex, a: Ref, b: Ref, walk: Walk, max_hops: int | None, limit: int
) -> Ways:
    """The first `limit` shortest paths, or why there is none.

    Raises:
        InvalidRef: the snapshot has no such card.
    """
    found = index.paths(a, b, walk, max_hops, limit)
    cards = card_lines(engine, (ref for path in found for ref in path.refs))
    links = {ref: index.degree(ref) for ref in cards}
    return Ways(found, cards, links, "" if found else why_apart(index, a, b, walk, max_hops))


class Stop(NamedTuple):
    """A card on a path, and the link by which it is reached."""

    path: int
    """Number of the path, from 1"""
    hop: int
    ref: Ref
    relation: Relation | None
    """None for the first card"""
    is_main: bool | None


def stops(found: Paths) -> Iterator[Stop]:
    """The cards of all listed paths, from their start on."""
    for number, path in enumerate(found, 1):
        yield Stop(number, 0, path.start, None, None)
        for place, hop in enumerate(path.hops, 1):
            yield Stop(number, place, hop.ref, hop.relation, hop.is_main)


def in_words(found: Paths, why: str) -> str:
    """How many paths there are, or why there is none, in a line."""
    if not found:
        return f"no path: {why}"
    if found.hops == 0:
        return "the same card"
    hops = f"{found.hops:,} hop{'' if found.hops == 1 else 's'}"
    if found.total == 1:
        return f"{hops}, the only shortest path"
    if not found.cut:
        return f"{hops}, all {found.total:,} shortest paths"
    return f"{hops}, {len(found):,} of {found.total:,} shortest paths"
