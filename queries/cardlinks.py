"""All links of one card, for lists that show a window of them.

The link index gives who is linked, over which relation and who is the main contact; quantities and
prices stand in the tables, which are asked only where a card is linked to elements.
Invariant: ten thousand links are a few arrays; a link becomes an object when it is looked at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from linkgraph.index.marks import main_flags, main_of, relation_codes, relation_table
from linkgraph.model import EntityType, Ref, Relation
from queries.cardtables import CardTables

if TYPE_CHECKING:
    from linkgraph.index import LinkIndex

#: Links that become objects together, when one of them is looked at.
_CHUNK = 128
_RELATIONS = tuple(Relation)
#: Marks of links that may carry a quantity or a price; bool[256].
_BEARING = relation_table(
    frozenset(one for one in Relation if one.ends is None or EntityType.ELEMENT in one.ends)
)
_TOLD = """
select
    enum_code(to_type) as type, to_catalog_id as catalog_id, to_id as id, quantity, price_id
from adjacency
where
    type = $type::entity_type and id = $id and catalog_id = $catalog_id
    and (quantity is not null or price_id is not null)
"""


@dataclass(frozen=True, slots=True)
class CardLink:
    """One link, seen from a card."""

    relation: str
    """As the tables call it: `lead_contact`."""
    ref: Ref
    """The card at the other end."""
    is_main: bool | None
    """Whether the contact is the owner's main one; None: the CRM did not say."""
    quantity: float | None
    price_id: int | None


class _Told(NamedTuple):
    """What the tables say of links, by place; NaN and 0 where they say nothing."""

    quantities: NDArray[np.float64]
    prices: NDArray[np.int64]
    is_priced: NDArray[np.bool_]


class CardLinks(Sequence[CardLink]):
    """All links of a card: by relation, main contacts first, then by the other card's ref."""

    def __init__(self, ref: Ref, index: "LinkIndex", tables: CardTables) -> None:
        numbering = index.graph.numbering
        nodes, marks = index.graph.row(numbering.node(ref))
        codes = relation_codes(marks)
        # Nodes ascend by type, catalog and id: among equals they are in the order of refs.
        order = np.lexsort((~main_flags(marks)[0], codes))
        self.ref = ref
        self._numbering = numbering
        self._nodes, self._marks = nodes[order], marks[order]
        self._chunks: dict[int, list[CardLink]] = {}
        """Links that were looked at one by one, with those beside them; by their number"""
        self._told = None
        if _BEARING.take(marks).any():
            self._told = _told(tables, ref, index, self._nodes)
        counts = np.bincount(codes, minlength=len(_RELATIONS)).tolist()
        self.relations: tuple[tuple[str, int], ...] = tuple(
            (one.value, count) for one, count in zip(_RELATIONS, counts, strict=True) if count
        )
        """Each relation with how many links it has, in order."""

    def __len__(self) -> int:
        return len(self._nodes)

    @overload
    def __getitem__(self, place: int) -> CardLink: ...
    @overload
    def __getitem__(self, place: slice) -> list[CardLink]: ...
    def __getitem__(self, place: int | slice) -> CardLink | list[CardLink]:
        if isinstance(place, slice):
            return self._made(place)
        chunk, within = divmod(range(len(self))[place], _CHUNK)  # IndexError, and from the end
        if chunk not in self._chunks:
            # numpy's fixed price is the same for one link and for a screenful of them.
            self._chunks[chunk] = self._made(slice(chunk * _CHUNK, (chunk + 1) * _CHUNK))
        return self._chunks[chunk][within]

    def __iter__(self) -> Iterator[CardLink]:
        return iter(self._made(slice(None)))

    def of(self, relation: str) -> range:
        """The places of one relation's links; an empty range where it has none."""
        start = 0
        for name, count in self.relations:
            if name == relation:
                return range(start, start + count)
            start += count
        return range(0)

    def place_of(self, ref: Ref) -> int | None:
        """The place of the link to a card; None where there is none."""
        found = np.flatnonzero(self._nodes == self._numbering.find(ref))
        return int(found[0]) if len(found) else None

    def _made(self, part: slice) -> list[CardLink]:
        marks = self._marks[part]
        quantities, prices = self._words(part)
        return [
            CardLink(_RELATIONS[code].value, ref, main_of(mark), quantity, price)
            for code, ref, mark, quantity, price in zip(
                relation_codes(marks).tolist(),
                self._numbering.refs(self._nodes[part]),
                marks.tolist(),
                quantities,
                prices,
                strict=True,
            )
        ]

    def _words(self, part: slice) -> tuple[list[float | None], list[int | None]]:
        told = self._told
        if told is None:
            nothing: list[None] = [None] * len(self._nodes[part])
            return [*nothing], [*nothing]
        quantities = [None if one != one else one for one in told.quantities[part].tolist()]
        priced = zip(told.prices[part].tolist(), told.is_priced[part].tolist(), strict=True)
        return quantities, [price if known else None for price, known in priced]


def _told(tables: CardTables, ref: Ref, index: "LinkIndex", nodes: NDArray[np.int32]) -> _Told:
    of = {"type": ref.type.value, "id": ref.id, "catalog_id": ref.catalog_id}
    found = tables.columns(_TOLD, of)
    told = _Told(
        np.full(len(nodes), np.nan), np.zeros(len(nodes), np.int64), np.zeros(len(nodes), np.bool_)
    )
    ascending = nodes.argsort()
    codes, catalogs, ids = index.graph.numbering.columns(nodes[ascending])
    kinds = zip(found["type"].tolist(), found["catalog_id"].tolist(), strict=True)
    for code, catalog_id in set(kinds):
        # Cards of one type and catalog are in the order of their ids.
        (own,) = np.nonzero((codes == code) & (catalogs == catalog_id))
        (rows,) = np.nonzero((found["type"] == code) & (found["catalog_id"] == catalog_id))
        places = ascending[own[ids[own].searchsorted(found["id"][rows])]]
        told.quantities[places] = np.ma.filled(found["quantity"][rows], np.nan)
        told.prices[places] = np.ma.filled(found["price_id"][rows], 0)
        told.is_priced[places] = ~np.ma.getmaskarray(found["price_id"][rows])
    return told
