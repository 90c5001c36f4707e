"""The cards of one type in the order of their nodes: by catalog, then by id."""

import numpy as np
from numpy.typing import NDArray

from linkgraph.index.idmap import Ids, Places, distinct, id_map
from linkgraph.index.marks import UNLISTED
from linkgraph.index.numbering import Range
from linkgraph.model import EntityType

Bytes = NDArray[np.uint8]


class CardList:
    """Cards of one type: ids, catalogs (elements only) and flags, each [n] and in node order."""

    def __init__(self, ids: Ids, catalogs: Ids | None, flags: Bytes) -> None:
        if catalogs is not None:
            order = np.lexsort((ids, catalogs))
            ids, catalogs, flags = ids[order], catalogs[order], flags[order]
        elif not (ids[1:] > ids[:-1]).all():  # tables are sorted, but none promises it for ever
            order = np.argsort(ids, kind="stable")
            ids, flags = ids[order], flags[order]
        self.ids, self.catalogs, self.flags = ids, catalogs, flags
        if catalogs is None:
            self._map = id_map(ids)
        else:
            # An element is known by catalog and id: both as their rank make one number.
            self._distinct = distinct(ids)
            self._id_ranks = id_map(self._distinct)
            self._catalog_ranks = id_map(distinct(catalogs))
            self._map = id_map(self._keys(ids, catalogs))

    def __len__(self) -> int:
        return len(self.ids)

    def places(self, ids: Ids, catalogs: Ids | None) -> Places:
        """The place of each card in this list; -1 for one that is not in it."""
        if self.catalogs is None:
            return self._map.places(ids)
        if catalogs is None:  # no side of a link but the far one tells a catalog
            catalogs = np.zeros(len(ids), np.int64)
        return self._map.places(self._keys(ids, catalogs))

    def with_unlisted(self, ids: Ids, catalogs: Ids | None) -> "CardList":
        """The list with cards that only links name; each may come several times."""
        if self.catalogs is None:
            new, new_catalogs = distinct(ids), None
        else:
            pairs = np.stack([np.zeros(len(ids), np.int64) if catalogs is None else catalogs, ids])
            new_catalogs, new = np.unique(pairs, axis=1)
            new_catalogs = np.concatenate([self.catalogs, new_catalogs])
        flags = np.full(len(new), UNLISTED, np.uint8)
        all_ids = np.concatenate([self.ids, new])
        all_flags = np.concatenate([self.flags, flags])
        return CardList(all_ids, new_catalogs, all_flags)

    def ranges(self, entity_type: EntityType, start: int) -> list[Range]:
        """Its ranges, with `start` as the node of its first card."""
        if not len(self):
            return []
        if self.catalogs is None:
            bounds = [(0, 0, len(self))]
        else:
            first = np.flatnonzero(np.diff(self.catalogs, prepend=self.catalogs[:1] - 1))
            last = np.append(first[1:], len(self))
            bounds = [
                (int(self.catalogs[a]), int(a), int(b)) for a, b in zip(first, last, strict=True)
            ]
        return [
            Range(entity_type, catalog_id, start + a, start + b, int(self.ids[a]))
            for catalog_id, a, b in bounds
        ]

    def _keys(self, ids: Ids, catalogs: Ids) -> Ids:
        rank = self._id_ranks.places(ids).astype(np.int64)
        catalog = self._catalog_ranks.places(catalogs).astype(np.int64)
        keys = catalog * len(self._distinct) + rank
        keys[(rank < 0) | (catalog < 0)] = -1
        return keys
