"""What the index keeps of a link, as one byte beside each entry of a row.

Bits 0-4 say the kind: which relation, and of which type the neighbour is (a row's own type and
its neighbour's give the relation, but a byte beside the neighbour is read without looking up
either). Bits 5-6 are the main flag: not told, no, yes. Bit 7 says that the neighbour carries a
flag (deleted, closed), so that only those few are looked up when a walk avoids them.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from linkgraph.model import EntityType, Relation

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]

#: Types in the order of their nodes; a position here is the type's code.
TYPES = tuple(EntityType)
#: Every relation with every type that its neighbours may have; a position here is the kind.
KINDS: tuple[tuple[Relation, EntityType], ...] = tuple(
    (relation, entity_type)
    for relation, entity_type in product(Relation, EntityType)
    if relation.ends is None or entity_type in relation.ends
)
KIND_OF = {pair: kind for kind, pair in enumerate(KINDS)}
KIND_BITS = 0b0001_1111
MAIN_SHIFT = 5
FLAGGED = 0b1000_0000
_MAIN = {None: 0, False: 1, True: 2}
_MEANING = {code: meaning for meaning, code in _MAIN.items()}

# Flags of a node, a byte each.
DELETED, CLOSED, UNLISTED = 1, 2, 4
#: The flags that a walk may avoid, for which bit 7 stands.
AVOIDABLE = DELETED | CLOSED


def relation_of(mark: int) -> Relation:
    """The kind of link."""
    return KINDS[mark & KIND_BITS][0]


def main_of(mark: int) -> bool | None:
    """The main flag; None where the CRM did not say."""
    return _MEANING[(mark >> MAIN_SHIFT) & 0b11]


def main_bits(is_main: bool | None) -> int:
    """The main flag as it stands in a mark."""
    return _MAIN[is_main] << MAIN_SHIFT


def relation_table(relations: frozenset[Relation]) -> Bools:
    """For each of the 256 marks whether its relation is one of these; bool[256]."""
    return _table([relation in relations for relation, _ in KINDS])


def type_table(skipped: frozenset[EntityType]) -> Bools:
    """For each of the 256 marks whether the neighbour's type is none of these; bool[256]."""
    return _table([entity_type not in skipped for _, entity_type in KINDS])


def relation_codes(marks: Bytes) -> Bytes:
    """The relation of each mark, as its place in `Relation`."""
    codes: Bytes = _RELATION_CODES[marks & KIND_BITS]
    return codes


def main_flags(marks: Bytes) -> tuple[Bools, Bools]:
    """Main flags of marks: their values, and where nothing was said."""
    codes = (marks >> MAIN_SHIFT) & 0b11
    return codes == _MAIN[True], codes == _MAIN[None]


def _table(by_kind: list[bool]) -> Bools:
    padded = np.zeros(KIND_BITS + 1, np.bool_)
    padded[: len(by_kind)] = by_kind
    table: Bools = padded[np.arange(256) & KIND_BITS]
    return table


_RELATION_CODES = np.array(
    [list(Relation).index(relation) for relation, _ in KINDS], dtype=np.uint8
)
