"""Components that fall apart or grow together when some links go and others come.

One pass, however many links: the components of what is there before and after alike are told
apart once, and the links that go and those that come join them into the components of before and
of after. Where the cards concerned hang together with few others, only these are looked at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkgraph.index import LinkIndex, Walk
from linkgraph.index.graph import Graph, Lens
from linkgraph.model import EntityType, Ref

Longs = NDArray[np.int64]
Pair = tuple[Ref, Ref]

#: What the question `islands` walks over: catalog elements join everything.
ISLANDS = Walk(skip=frozenset({EntityType.ELEMENT}))
#: Entries of rows that are gone through card by card before all links are.
_FEW = 300_000


class Piece(NamedTuple):
    """A part of a component."""

    size: int
    """Its cards"""
    sample: Ref
    """The first of its cards that the plan touches"""


@dataclass(frozen=True, slots=True)
class Split:
    """A component that falls apart."""

    size: int
    """Its cards before"""
    pieces: tuple[Piece, ...]
    """Where these end up, the largest first; a piece may grow together with others."""


@dataclass(frozen=True, slots=True)
class Merge:
    """A component that comes about from several."""

    size: int
    """Its cards after"""
    pieces: tuple[Piece, ...]
    """What each component of before gives to it, the largest first."""


def parted(
    core: LinkIndex, goes: Sequence[Pair], comes: Sequence[Pair]
) -> tuple[tuple[Split, ...], tuple[Merge, ...]]:
    """The components that fall apart, and those that grow together.

    Args:
        core: The index of what is there before and after alike; it knows all the cards.
        goes: The links that are there before alone.
        comes: The links that are there after alone.
    """
    gone, fresh = _ends(core, goes), _ends(core, comes)
    touched = np.unique(np.concatenate([gone, fresh]))
    if not len(touched):
        return (), ()
    labels, sizes = _labelled(core, touched)
    before = _joined(len(sizes), labels[touched.searchsorted(gone)])
    after = _joined(len(sizes), labels[touched.searchsorted(fresh)])
    first = np.full(len(sizes), -1, np.int64)
    first[labels[::-1]] = touched[::-1]  # backwards: the first card is written last
    split = [Split(*parts) for parts in _parts(core, before, after, sizes, first)]
    merged = [Merge(*parts) for parts in _parts(core, after, before, sizes, first)]
    return tuple(split), tuple(merged)


def _ends(index: LinkIndex, links: Sequence[Pair]) -> Longs:
    """The nodes of links that count: int64[links, 2]."""
    find = index.graph.numbering.find
    ends = np.array([[find(end) for end in pair] for pair in links], np.int64).reshape(-1, 2)
    return ends[index.graph.present(ends.ravel(), ISLANDS).reshape(-1, 2).all(axis=1)]


def _labelled(index: LinkIndex, touched: Longs) -> tuple[Longs, Longs]:
    """The components of touched cards: a number for each, from 0 on, and their sizes."""
    graph, lens = index.graph, index.graph.lens(ISLANDS)
    region = _region(graph, lens, touched)
    if region is None:
        every = index.components(ISLANDS)
        found, labels = np.unique(every.labels[touched], return_inverse=True)
        return labels.astype(np.int64), every.sizes[found]
    sources, targets = _entries(graph, lens, region)
    alone = np.stack([region, region], axis=1)
    both = np.concatenate([np.stack([sources, targets], axis=1), alone])
    own = _joined(len(region), region.searchsorted(both))
    found, labels = np.unique(own[region.searchsorted(touched)], return_inverse=True)
    return labels.astype(np.int64), np.bincount(own)[found].astype(np.int64)


def _region(graph: Graph, lens: Lens, start: Longs) -> Longs | None:
    """All that hangs together with some cards, ascending; None where that is much."""
    seen = np.zeros(len(graph), np.bool_)
    seen[start] = True
    level, levels, entries = start, [start], 0
    while len(level):
        entries += graph.frontier(level).total
        if entries > _FEW:
            return None
        _, targets = _entries(graph, lens, level)
        level = np.unique(targets[~seen[targets]])
        seen[level] = True
        levels.append(level)
    return np.sort(np.concatenate(levels))


def _entries(graph: Graph, lens: Lens, nodes: Longs) -> tuple[Longs, Longs]:
    """Both ends of the links of some cards that the walk may follow."""
    spread = graph.spread(graph.frontier(nodes), lens)
    admitted = graph.admitted(spread.targets, spread.marks, lens)
    sources, targets = spread.sources, spread.targets.astype(np.int64)
    return (sources, targets) if admitted is None else (sources[admitted], targets[admitted])


def _joined(count: int, joins: Longs) -> Longs:
    """The component of each of `count` things that are joined in pairs; joins is int64[m, 2]."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(joins), np.int8)
    graph = coo_array((ones, (joins[:, 0], joins[:, 1])), shape=(count, count))
    labels: Longs = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def _parts(
    index: LinkIndex, whole: Longs, part: Longs, sizes: Longs, first: Longs
) -> Iterable[tuple[int, tuple[Piece, ...]]]:
    """The components of `whole` that `part` has in several pieces: their size and pieces.

    All four columns are by component of the core.
    """
    keys, number = np.unique(np.stack([whole, part], axis=1), axis=0, return_inverse=True)
    number = number.ravel()
    cards = np.bincount(number, sizes).astype(np.int64)
    sample = np.full(len(keys), np.iinfo(np.int64).max)
    np.minimum.at(sample, number, first)
    several = np.bincount(keys[:, 0])[keys[:, 0]] > 1
    refs = index.refs(sample[several])
    found: dict[int, list[Piece]] = {}
    rows = zip(keys[several, 0].tolist(), cards[several].tolist(), refs, strict=True)
    for component, size, ref in rows:
        found.setdefault(component, []).append(Piece(size, ref))
    for pieces in found.values():
        pieces.sort(key=lambda piece: -piece.size)  # stable: by card otherwise
    ordered = sorted(found.values(), key=lambda pieces: [-piece.size for piece in pieces[1:]])
    return [(sum(piece.size for piece in pieces), tuple(pieces)) for pieces in ordered]
