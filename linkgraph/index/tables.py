"""Results as Arrow tables and pandas frames: cards as columns, without a loop over them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, TypeVar, overload

import numpy as np

from linkgraph.errors import UsageError
from linkgraph.index.marks import TYPES, Bytes, main_flags, relation_codes
from linkgraph.index.numbering import Nodes, Numbering
from linkgraph.model import EntityType, Relation

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

T = TypeVar("T", covariant=True)
_ELEMENT = TYPES.index(EntityType.ELEMENT)


class Tabular(ABC):
    """A result that is a table as well."""

    @abstractmethod
    def to_arrow(self) -> pa.Table:
        """The result as an Arrow table."""

    def to_pandas(self) -> pd.DataFrame:
        """The result as a pandas frame.

        Raises:
            UsageError: pandas is not installed.
        """
        try:
            import pandas  # noqa: F401
        except ImportError:
            raise UsageError(
                "pandas is not installed", hint="pip install pandas, or use .to_arrow()"
            ) from None
        return self.to_arrow().to_pandas()


@cache
def _names(words: Sequence[str]) -> pa.Array:
    # Not when this is imported: Arrow looks for pandas first, and where it is that takes a second.
    import pyarrow as pa

    return pa.array([str(word) for word in words])


class Listing(Tabular, Sequence[T]):
    """A result whose items are made when they are asked for."""

    @abstractmethod
    def _items(self, part: slice) -> list[T]:
        """The items of a part."""

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            return self._items(place)
        number = range(len(self))[place]  # IndexError, and from the end
        return self._items(slice(number, number + 1))[0]

    def __iter__(self) -> Iterator[T]:
        return iter(self._items(slice(None)))


def card_columns(numbering: Numbering, nodes: Nodes, prefix: str = "") -> dict[str, pa.Array]:
    """Columns ref, type, catalog_id and id of some nodes, each name after `prefix`."""
    # Imported where it is used: it takes a tenth of a second, and a lookup wants none of it.
    import pyarrow as pa
    import pyarrow.compute as pc

    codes, catalogs, ids = numbering.columns(nodes)
    types = _names(TYPES).take(pa.array(codes.astype(np.int32)))
    id_texts, catalog_texts = (
        pc.cast(pa.array(ids), "string"),
        pc.cast(pa.array(catalogs), "string"),
    )
    of_elements = pc.binary_join_element_wise(catalog_texts, id_texts, "/")
    numbers = pc.if_else(pa.array(codes == _ELEMENT), of_elements, id_texts)
    return {
        f"{prefix}ref": pc.binary_join_element_wise(types, numbers, ":"),
        f"{prefix}type": types,
        f"{prefix}catalog_id": pa.array(catalogs),
        f"{prefix}id": pa.array(ids),
    }


def link_columns(marks: Bytes) -> dict[str, pa.Array]:
    """Columns relation and is_main of some links."""
    import pyarrow as pa

    is_main, untold = main_flags(marks)
    return {
        "relation": _names(tuple(Relation)).take(pa.array(relation_codes(marks).astype(np.int32))),
        "is_main": pa.array(is_main, mask=untold),
    }
