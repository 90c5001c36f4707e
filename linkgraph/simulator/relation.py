"""One kind of link: sorted numpy columns, and a small overlay for what was written since.

Invariant: a card that a write has touched is held whole in the overlay, on both sides of the
link, so a reader looks in one place only: the overlay if the card is there, else the columns.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Column = NDArray[Any]

QUANTITY_MISSING = float("-inf")
QUANTITY_NULL = float("inf")
PRICE_MISSING = -1
PRICE_NULL = 0


class Metadata(NamedTuple):
    """What a link carries besides its two ends; absent and null are told apart."""

    is_main: int = -1
    """1 main contact, 0 not, -1 where the link says nothing of it."""
    quantity: float = QUANTITY_MISSING
    price_id: int = PRICE_MISSING


class Linked(NamedTuple):
    """The far end of a link, seen from one of its cards."""

    id: int
    catalog_id: int
    """0 for anything but a catalog element."""
    metadata: Metadata


Key = tuple[int, int]
"""(id, catalog_id): an element is known by its catalog and its id together."""

NO_METADATA = Metadata()


class LinkColumns(NamedTuple):
    """Links of one kind as parallel arrays; the optional ones are None where all say nothing."""

    owner: Ints
    target: Ints
    catalog: Ints | None = None
    is_main: NDArray[np.int8] | None = None
    quantity: NDArray[np.float64] | None = None
    price_id: Ints | None = None


class Relation:
    """All links of one kind, reachable from the owner and from the target."""

    def __init__(self, owner_type: str, target_type: str, columns: LinkColumns) -> None:
        """Take `columns` as they are; they must be sorted by owner, then catalog and target."""
        self.owner_type = owner_type
        self.target_type = target_type
        self._columns = columns
        self._by_target: tuple[Ints, NDArray[np.int32]] | None = None
        self._owners: dict[int, dict[Key, Metadata]] = {}
        self._targets: dict[Key, dict[int, Metadata]] = {}
        self._replaced_rows = 0

    def __len__(self) -> int:
        written = sum(len(links) for links in self._owners.values())
        return len(self._columns.owner) - self._replaced_rows + written

    def warm(self) -> None:
        """Sort the links by target, which the first look from that side would otherwise do."""
        if self._by_target is None:
            order = np.argsort(self._columns.target, kind="stable").astype(np.int32)
            self._by_target = self._columns.target[order], order

    def of_owners(self, ids: Sequence[int]) -> list[list[Linked]]:
        """The links of each owner, in the order of `ids`; each owner's sorted by target."""
        owner = self._columns.owner
        wanted = np.asarray(ids, dtype=np.int64)
        starts = owner.searchsorted(wanted, "left").tolist()
        ends = owner.searchsorted(wanted, "right").tolist()
        found = []
        for id_, start, end in zip(ids, starts, ends, strict=True):
            if id_ in self._owners:
                links = self._owners[id_]
                found.append([Linked(*key, links[key]) for key in sorted(links, key=_by_catalog)])
            elif start == end:
                found.append([])
            else:
                found.append(self._rows(slice(start, end)))
        return found

    def of_targets(self, ids: Sequence[int], catalog_id: int = 0) -> list[list[Linked]]:
        """The owners linked to each target, in the order of `ids`; each list sorted by owner."""
        self.warm()
        assert self._by_target is not None
        targets, order = self._by_target
        wanted = np.asarray(ids, dtype=np.int64)
        starts = targets.searchsorted(wanted, "left").tolist()
        ends = targets.searchsorted(wanted, "right").tolist()
        found = []
        for id_, start, end in zip(ids, starts, ends, strict=True):
            touched = self._targets.get((id_, catalog_id))
            if touched is not None:
                found.append([Linked(owner, 0, touched[owner]) for owner in sorted(touched)])
            elif start == end:
                found.append([])
            else:
                found.append(self._owners_at(order[start:end], catalog_id))
        return found

    def get(self, owner: int, key: Key) -> Metadata | None:
        """The metadata of one link, or None where there is no such link."""
        for linked in self.of_owners([owner])[0]:
            if (linked.id, linked.catalog_id) == key:
                return linked.metadata
        return None

    def put(self, owner: int, key: Key, metadata: Metadata) -> None:
        """Link, or set the metadata of a link that is there."""
        by_owner, by_target = self._hold(owner, key)
        by_owner[key] = metadata
        by_target[owner] = metadata

    def drop(self, owner: int, key: Key) -> bool:
        """Unlink; False where there was nothing to unlink."""
        by_owner, by_target = self._hold(owner, key)
        by_target.pop(owner, None)
        return by_owner.pop(key, None) is not None

    def columns(self) -> LinkColumns:
        """All links as they are now, sorted as the constructor wants them."""
        if not self._owners:
            return self._columns
        kept = ~np.isin(self._columns.owner, np.fromiter(self._owners, np.int64))
        rows = [
            (owner, *key, *metadata)
            for owner, links in self._owners.items()
            for key, metadata in links.items()
        ]
        return sorted_columns(rows, self._columns, kept)

    def _hold(self, owner: int, key: Key) -> tuple[dict[Key, Metadata], dict[int, Metadata]]:
        if owner not in self._owners:
            links = self.of_owners([owner])[0]
            self._owners[owner] = {(one.id, one.catalog_id): one.metadata for one in links}
            first, last = self._columns.owner.searchsorted([owner, owner + 1])
            self._replaced_rows += int(last - first)
        if key not in self._targets:
            owners = self.of_targets([key[0]], key[1])[0]
            self._targets[key] = {one.id: one.metadata for one in owners}
        return self._owners[owner], self._targets[key]

    def _rows(self, rows: slice) -> list[Linked]:
        targets = self._columns.target[rows].tolist()
        if self._columns.is_main is None and self._columns.catalog is None:
            return [Linked(target, 0, NO_METADATA) for target in targets]
        return [
            Linked(target, catalog, metadata)
            for target, catalog, metadata in zip(
                targets, self._catalogs(rows), self._metadata(rows), strict=True
            )
        ]

    def _owners_at(self, rows: NDArray[np.int32], catalog_id: int) -> list[Linked]:
        if self._columns.catalog is not None:
            rows = rows[self._columns.catalog[rows] == catalog_id]
        owners = self._columns.owner[rows].tolist()
        return [
            Linked(owner, 0, metadata)
            for owner, metadata in zip(owners, self._metadata(rows), strict=True)
        ]

    def _catalogs(self, rows: slice) -> Sequence[int]:
        if self._columns.catalog is None:
            return [0] * (rows.stop - rows.start)
        catalogs: list[int] = self._columns.catalog[rows].tolist()
        return catalogs

    def _metadata(self, rows: slice | NDArray[np.int32]) -> Iterator[Metadata]:
        columns = self._columns
        size = len(columns.owner[rows])
        mains = [-1] * size if columns.is_main is None else columns.is_main[rows].tolist()
        if columns.quantity is None or columns.price_id is None:
            return (Metadata(main) for main in mains)
        quantities = columns.quantity[rows].tolist()
        return map(Metadata, mains, quantities, columns.price_id[rows].tolist())


def _by_catalog(key: Key) -> Key:
    return key[1], key[0]


def sorted_columns(
    rows: Sequence[tuple[int, int, int, int, float, int]],
    base: LinkColumns | None = None,
    kept: NDArray[np.bool_] | None = None,
) -> LinkColumns:
    """Columns of `rows`, each in the order of `LinkColumns`, together with the kept of `base`."""
    parts = list(zip(*rows, strict=True)) if rows else [()] * 6
    types = (np.int64, np.int64, np.int64, np.int8, np.float64, np.int64)
    defaults = (0, 0, 0, -1, QUANTITY_MISSING, PRICE_MISSING)
    arrays: list[Column] = [np.array(part, type_) for part, type_ in zip(parts, types, strict=True)]
    if base is not None and kept is not None:
        size = int(kept.sum())
        arrays = [
            np.concatenate([np.full(size, default, type_) if old is None else old[kept], new])
            for old, new, type_, default in zip(base, arrays, types, defaults, strict=True)
        ]
    order = np.lexsort((arrays[1], arrays[2], arrays[0]))
    owner, target, catalog, is_main, quantity, price_id = (array[order] for array in arrays)
    return LinkColumns(owner, target, catalog, is_main, quantity, price_id)


def empty_columns() -> LinkColumns:
    """No links."""
    return LinkColumns(np.empty(0, np.int64), np.empty(0, np.int64))
