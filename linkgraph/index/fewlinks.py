"""An index of links that are in memory already: for examples, for tests, for a part of a graph."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from linkgraph.index.arrays import Arrays
from linkgraph.index.cardlist import CardList
from linkgraph.index.layout import Block, Ends, lay_out
from linkgraph.index.marks import CLOSED, DELETED, MAIN_SHIFT, TYPES, main_bits
from linkgraph.model import EntityType, Link, Ref, Relation


def arrays_of(
    links: Iterable[Link],
    cards: Iterable[Ref] = (),
    deleted: Iterable[Ref] = (),
    closed: Iterable[Ref] = (),
) -> Arrays:
    """The arrays of some links, owner first, and of cards that may have none."""
    flags = dict.fromkeys(deleted, DELETED)
    for ref in closed:
        flags[ref] = flags.get(ref, 0) | CLOSED
    unique = {(link.owner, link.other): link for link in links}
    named = [end for link in unique.values() for end in (link.owner, link.other)]
    by_type: dict[EntityType, list[Ref]] = {entity_type: [] for entity_type in TYPES}
    for ref in dict.fromkeys([*cards, *flags, *named]):
        by_type[ref.type].append(ref)
    blocks: dict[tuple[Relation, EntityType, EntityType], list[Link]] = {}
    for link in unique.values():
        key = (link.relation, link.owner.type, link.other.type)
        blocks.setdefault(key, []).append(link)
    return lay_out(
        {
            entity_type: _card_list(entity_type, refs, flags)
            for entity_type, refs in by_type.items()
        },
        [_block(relation, own) for (relation, _, _), own in blocks.items()],
    )


def _card_list(entity_type: EntityType, refs: Sequence[Ref], flags: Mapping[Ref, int]) -> CardList:
    ends = _ends(entity_type, refs)
    return CardList(
        ends.ids, ends.catalogs, np.array([flags.get(ref, 0) for ref in refs], np.uint8)
    )


def _block(relation: Relation, links: Sequence[Link]) -> Block:
    owners, others = [link.owner for link in links], [link.other for link in links]
    main = [main_bits(link.metadata.is_main) >> MAIN_SHIFT for link in links]
    return Block(
        relation,
        _ends(owners[0].type, owners),
        _ends(others[0].type, others),
        np.array(main, np.uint8),
    )


def _ends(entity_type: EntityType, refs: Sequence[Ref]) -> Ends:
    catalogs = np.array([ref.catalog_id for ref in refs], np.int64)
    return Ends(
        entity_type,
        np.array([ref.id for ref in refs], np.int64),
        catalogs if entity_type is EntityType.ELEMENT else None,
    )
