"""Refs, names and addresses of many cards as columns, for answers from the link index."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkgraph.index.marks import TYPES
from linkgraph.index.numbering import Nodes
from linkgraph.index.tables import card_columns
from linkgraph.model import EntityType, Ref
from queries.asked import Asked

Longs = NDArray[np.int64]

_TABLES = {
    EntityType.LEAD: "leads",
    EntityType.CUSTOMER: "customers",
    EntityType.CONTACT: "contacts",
    EntityType.COMPANY: "companies",
}
_NAMES = """
select {type}_id as id, name from {table}
where {type}_id in (select unnest(string_split($ids, ' '))::bigint)
"""
_NAMES_OF_ELEMENTS = """
select element_id as id, name from elements
where
    catalog_id = {catalog}
    and element_id in (select unnest(string_split($ids, ' '))::bigint)
"""


def card_table(asked: Asked, nodes: Nodes) -> pa.Table:
    """Columns ref, name and url of nodes, in their order.

    A card without a row has no name; an element of unknown catalog has no address.
    """
    cards = card_columns(asked.index.graph.numbering, nodes)
    names = [pa.array([], pa.string())]
    paths = [pa.array([], pa.string())]
    places = [np.empty(0, np.int64)]
    codes, catalogs, ids = asked.index.graph.numbering.columns(nodes)
    for code, catalog, own in _groups(codes, catalogs):
        names.append(names_of(asked, TYPES[code], catalog, ids[own]))
        paths.append(_paths(TYPES[code], catalog, ids[own]))
        places.append(own)
    back = pa.array(np.argsort(np.concatenate(places)))
    address = pa.scalar(base_url(asked), pa.string())
    urls = pc.binary_join_element_wise(address, pa.concat_arrays(paths), "")
    return pa.table(
        {"ref": cards["ref"], "name": pa.concat_arrays(names).take(back), "url": urls.take(back)}
    )


def base_url(asked: Asked) -> str:
    """The account's address."""
    return str(asked.sql("select base_url from meta")["base_url"][0])


def url_of(base: str, ref: Ref) -> str | None:
    """The address of a card; none for an element of unknown catalog."""
    return base + ref.path() if ref.type is not EntityType.ELEMENT or ref.catalog_id else None


def _groups(codes: NDArray[np.uint8], catalogs: Longs) -> Iterator[tuple[int, int, Longs]]:
    """Each type, and each catalog of elements, with the places at which its cards stand."""
    for code in np.unique(codes).tolist():
        of_type = np.flatnonzero(codes == code)
        for catalog in np.unique(catalogs[of_type]).tolist():
            yield code, catalog, of_type[catalogs[of_type] == catalog]


def names_of(asked: Asked, kind: EntityType, catalog: int, ids: Longs) -> pa.Array:
    """The names of cards of one type, and of one catalog; null where there is no row or no name."""
    asked.go_on()
    if not len(ids):
        return pa.array([], pa.string())
    if kind is EntityType.ELEMENT:
        sql = _NAMES_OF_ELEMENTS.format(catalog=catalog)
    else:
        sql = _NAMES.format(type=kind, table=_TABLES[kind])
    found = asked.sql(sql, ids=" ".join(map(str, ids.tolist()))).combine_chunks()
    if not found.num_rows:
        return pa.nulls(len(ids), pa.string())
    known = np.from_dlpack(found["id"].chunk(0))
    order = np.argsort(known)
    place = np.minimum(known[order].searchsorted(ids), len(known) - 1)
    missing = known[order][place] != ids
    names: pa.Array = found["name"].chunk(0).take(pa.array(order[place], mask=missing))
    return names


def _paths(kind: EntityType, catalog: int, ids: Longs) -> pa.Array:
    if kind is EntityType.ELEMENT and not catalog:
        return pa.nulls(len(ids), pa.string())
    start = Ref(kind, 0, catalog).path().removesuffix("0")
    return pc.binary_join_element_wise(start, pc.cast(pa.array(ids), pa.string()), "")
