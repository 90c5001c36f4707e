"""Shortest paths as rows and in words, for whoever tells of them."""

from collections.abc import Iterator
from typing import NamedTuple

from linkgraph.index.results import Paths
from linkgraph.model import Ref, Relation


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
