"""Cards of one type as columns of an answer: ids, names and addresses, however many there are."""

from collections.abc import Container, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkgraph.model import EntityType
from queries.asked import Asked

Ids = NDArray[np.int64]

#: Up to so many cards are looked up; for more it is quicker to read the whole table.
_FEW = 100_000
_NAMES = """
select {type}_id as id, name from {table}
where not $few or {type}_id in (select unnest(string_split($ids, ' '))::bigint)
"""


def named(
    asked: Asked,
    kind: EntityType,
    columns: Mapping[str, Ids],
    *,
    urls: Container[str] | None = None,
) -> dict[str, pa.Array]:
    """Columns `…_id`, `…_name` and `…_url` of cards of a type, in the order of `columns`.

    Of a card without a row the name is NULL. An id of 0 stands for no card: all are NULL.

    Args:
        asked: The question.
        kind: The type of all the cards.
        columns: Ids by what stands before `_id`.
        urls: Which of them get an address; None: all.

    Raises:
        QueryStopped: the question is to stop.
    """
    names = _names(asked, kind, np.concatenate(list(columns.values())))
    base = asked.sql("select base_url from meta").column(0)[0].as_py()
    path = pa.scalar(f"{base}/{kind.api_name}/detail/")
    found, start = {}, 0
    for prefix, ids in columns.items():
        number = pa.array(ids, mask=ids == 0)
        found[f"{prefix}_id"] = number
        found[f"{prefix}_name"] = names.slice(start, len(ids))
        start += len(ids)
        if urls is None or prefix in urls:
            number = pc.cast(number, pa.string())
            found[f"{prefix}_url"] = pc.binary_join_element_wise(path, number, "")
    return found


def _names(asked: Asked, kind: EntityType, ids: Ids) -> pa.Array:
    """The names of cards; NULL for those that have none or are not known."""
    wanted, inverse = np.unique(ids, return_inverse=True)
    few = len(wanted) <= _FEW
    rows = asked.sql(
        _NAMES.format(type=kind.value, table=kind.api_name),
        few=few,
        ids=" ".join(map(str, wanted.tolist())) if few and len(wanted) else "0",
    ).combine_chunks()
    if not len(rows):
        return pa.nulls(len(ids), pa.string())
    known = rows.column("id").to_numpy()
    order = np.argsort(known, kind="stable")
    place = np.searchsorted(known[order], wanted)
    place[place == len(known)] = 0
    place = order[place]
    absent = known[place] != wanted
    return rows.column("name").combine_chunks().take(pa.array(place[inverse], mask=absent[inverse]))
