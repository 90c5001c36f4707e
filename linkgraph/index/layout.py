"""Laying out cards and links as the arrays of an index: numbering, rows, marks, components.

Cards are numbered by type, catalog and id; those that only links name get a number too.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from linkgraph.errors import SnapshotUnusable
from linkgraph.index.arrays import Arrays
from linkgraph.index.cardlist import CardList
from linkgraph.index.connectivity import label_components
from linkgraph.index.idmap import Ids, Places
from linkgraph.index.marks import AVOIDABLE, DELETED, FLAGGED, KIND_OF, MAIN_SHIFT
from linkgraph.index.numbering import Range
from linkgraph.index.rows import without
from linkgraph.model import EntityType, Relation

Bytes = NDArray[np.uint8]


class Ends(NamedTuple):
    """One end of each of a block's links."""

    type: EntityType
    ids: Ids
    catalogs: Ids | None


class Block(NamedTuple):
    """The links of one relation between two types."""

    relation: Relation
    owners: Ends
    others: Ends
    main: Bytes


def lay_out(cards: dict[EntityType, CardList], blocks: Sequence[Block]) -> Arrays:
    """The arrays of some cards and their links; every type has a list, if an empty one.

    Raises:
        SnapshotUnusable: a link comes twice.
    """
    cards = dict(cards)
    places = _numbered(cards, blocks)
    ranges: list[Range] = []
    starts: dict[EntityType, int] = {}
    nodes = 0
    for entity_type, own in cards.items():
        starts[entity_type] = nodes
        ranges += own.ranges(entity_type, nodes)
        nodes += len(own)
    flags = np.concatenate([own.flags for own in cards.values()])
    indptr, indices, marks = _rows(blocks, places, starts, flags)
    alive = (flags & DELETED) == 0
    deleted = nodes - int(np.count_nonzero(alive))
    labels = label_components(*(without(indptr, indices, alive) if deleted else (indptr, indices)))
    return Arrays(
        offsets=_offsets(ranges, np.concatenate([own.ids for own in cards.values()])),
        indptr=indptr,
        indices=indices,
        marks=marks,
        flags=flags,
        labels=labels,
        ranges=tuple(ranges),
        deleted=deleted,
    )


def _numbered(
    cards: dict[EntityType, CardList], blocks: Sequence[Block]
) -> list[tuple[Places, Places]]:
    """The places of both ends of all links in their types' lists, which grow by unlisted cards."""
    places = [[cards[e.type].places(e.ids, e.catalogs) for e in _ends(b)] for b in blocks]
    missing: dict[EntityType, list[tuple[Ids, Ids | None]]] = {}
    for block, pair in zip(blocks, places, strict=True):
        for ends, found in zip(_ends(block), pair, strict=True):
            absent = found < 0
            if absent.any():
                catalogs = None if ends.catalogs is None else ends.catalogs[absent]
                missing.setdefault(ends.type, []).append((ends.ids[absent], catalogs))
    for entity_type, ends_of in missing.items():
        for ids, catalogs in ends_of:
            absent = cards[entity_type].places(ids, catalogs) < 0
            some = None if catalogs is None else catalogs[absent]
            cards[entity_type] = cards[entity_type].with_unlisted(ids[absent], some)
    for block, pair in zip(blocks, places, strict=True):
        for side, ends in enumerate(_ends(block)):
            if ends.type in missing:
                pair[side] = cards[ends.type].places(ends.ids, ends.catalogs)
    return [(owners, others) for owners, others in places]


def _ends(block: Block) -> tuple[Ends, Ends]:
    return block.owners, block.others


def _rows(
    blocks: Sequence[Block],
    places: list[tuple[Places, Places]],
    starts: dict[EntityType, int],
    flags: Bytes,
) -> tuple[NDArray[np.int32], NDArray[np.int32], Bytes]:
    """Every link from both ends, in rows sorted by neighbour."""
    parts: list[tuple[int, int, Places, Places, Bytes]] = []
    for block, (owners, others) in zip(blocks, places, strict=True):
        a, b = block.owners.type, block.others.type
        owners += np.int32(starts[a])
        others += np.int32(starts[b])
        main: Bytes = block.main << np.uint8(MAIN_SHIFT)
        parts.append((1, b.rank, owners, others, main | np.uint8(KIND_OF[block.relation, b])))
        main = main | np.uint8(KIND_OF[block.relation, a])
        if a is b:  # a card linked to itself has one entry
            two = owners != others
            owners, others, main = owners[two], others[two], main[two]
        parts.append((0, a.rank, others, owners, main))
    # Owners come before, others after a node of their own: so rows come out sorted by themselves.
    parts.sort(key=lambda part: part[:2])
    shape = (len(flags), len(flags))
    if not parts:
        none = np.empty(0, np.int32)
        return np.zeros(len(flags) + 1, np.int32), none, none.astype(np.uint8)
    rows, columns, marks = (np.concatenate([part[place] for part in parts]) for place in (2, 3, 4))
    if (flags & AVOIDABLE).any():
        marks |= np.where(flags.take(columns) & AVOIDABLE, np.uint8(FLAGGED), np.uint8(0))
    laid = coo_array((marks, (rows, columns)), shape=shape).tocsr()
    if laid.nnz != len(rows):
        raise SnapshotUnusable(
            "the snapshot holds a link twice", hint="linkgraph sync makes a new one"
        )
    return laid.indptr, laid.indices, laid.data


def _offsets(ranges: list[Range], ids: Ids) -> NDArray[np.integer]:
    """Ids as distances from their range's first, in four bytes where that is enough."""
    offsets = ids.copy()
    for range_ in ranges:
        offsets[range_.start : range_.stop] -= range_.first_id
    short = offsets.max(initial=0) < 2**32
    return offsets.astype(np.uint32) if short else offsets
