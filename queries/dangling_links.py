# title: Links that lead nowhere
# group: Mirror
# question: Which links lead to cards that are deleted or cannot be read?
# definition: One row for each link, live or not, and each of its ends that is deleted or is not
#   among the cards of its type. Why: «deleted» where the card left a tombstone; else what was noted
#   when it could not be read (`unreadable.reason`: «not found», which is what the trash looks like
#   too, «no rights», «not asked», «unknown catalog»), but «unknown catalog» instead of «not found»
#   and «not asked» where it is an element whose catalog is not among the catalogs; where nothing
#   was noted, «unknown catalog» for such an element, else «never read». The edit is proposed where
#   the end is deleted, the other end is a live card and the reference knows links of their two
#   types. In order: by why and by relation (both as text), rows of a missing owner before those of
#   a missing other end, then by the owner and by the other end, both by type (lead, customer,
#   contact, company, element), catalog and id.
# parameters: none
# columns:
#   why: «deleted», «not found», «no rights», «not asked», «unknown catalog» or «never read»
#   relation: Kind of link, named owner first
#   missing_ref: The end that is deleted or not among the cards
#   missing_name: Its name, if it is known
#   missing_url: Its address in the CRM; none for an element of unknown catalog
#   other_ref: The card at the other end
#   other_name: Its name, if it is known
#   other_url: Its address in the CRM; none for an element of unknown catalog
#   other_missing: Whether that one is deleted or not among the cards as well
#   noticed_at: When the missing card could not be read (UTC); empty where nothing was noted
#   fix: The edit that removes the link; empty where the card is not known to be deleted
# problem: links to cards that are deleted or cannot be read
"""Links that lead nowhere: the index knows which cards are deleted, and which no list showed."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkgraph.index.graph import Spread
from linkgraph.index.marks import DELETED, TYPES, UNLISTED, relation_codes
from linkgraph.index.tables import link_columns
from linkgraph.index.walk import Walk
from linkgraph.model import EntityType, Relation
from queries.asked import Asked, Found
from queries.cardtable import card_table

Bools = NDArray[np.bool_]
Longs = NDArray[np.int64]

_NOTED = """
select
    case
        when entity_type = 'element' then 'element:' || catalog_id || '/' || entity_id
        else entity_type || ':' || entity_id
    end as ref,
    min(reason) as reason, max(seen_at) as seen_at
from unreadable
group by entity_type, catalog_id, entity_id
"""
_NEVER_READ, _UNKNOWN_CATALOG = "never read", "unknown catalog"
_SAYS_LITTLE = pa.array(["not found", "not asked", _NEVER_READ])


def answer(asked: Asked) -> Found:
    """A row for each link and end of it that is missing."""
    graph = asked.index.graph
    flags = graph.flags_of(np.arange(len(graph)))
    missing = np.flatnonzero(flags & (DELETED | UNLISTED))
    lens = graph.lens(Walk(deleted=True))
    spread = graph.spread(graph.frontier(missing), lens, with_marks=True)
    asked.go_on()
    marks = spread.marks
    assert marks is not None  # they were asked for
    places = np.unique(np.append(spread.sources, spread.targets))
    cards = card_table(asked, places)
    of_missing = cards.take(pa.array(places.searchsorted(spread.sources)))
    of_other = cards.take(pa.array(places.searchsorted(spread.targets)))
    asked.go_on()
    why, noticed_at = _reasons(asked, spread.sources, of_missing["ref"])
    deleted = (flags[spread.sources] & DELETED) != 0
    other_missing = (flags[spread.targets] & (DELETED | UNLISTED)) != 0
    owns = spread.sources < spread.targets
    listed = relation_codes(marks) != list(Relation).index(Relation.OTHER)
    table = pa.table(
        {
            "why": pc.if_else(pa.array(deleted), "deleted", why),
            "relation": link_columns(marks)["relation"],
            **{f"missing_{name}": of_missing[name] for name in ("ref", "name", "url")},
            **{f"other_{name}": of_other[name] for name in ("ref", "name", "url")},
            "other_missing": pa.array(other_missing),
            "noticed_at": pc.if_else(pa.array(deleted), None, noticed_at),
            "fix": _unlinks(
                of_missing["ref"], of_other["ref"], owns, deleted & ~other_missing & listed
            ),
        }
    )
    return Found(table.take(_order(table, spread, owns)))


def _reasons(asked: Asked, nodes: Longs, refs: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """Why cards without a row have none, and when that was noted."""
    noted = asked.sql(_NOTED)
    catalogs = asked.sql("select catalog_id from catalogs")["catalog_id"].to_numpy()
    row = pc.index_in(refs, value_set=noted["ref"]).combine_chunks()
    why = pc.fill_null(noted["reason"].combine_chunks().take(row), _NEVER_READ)
    codes, of_catalogs, _ = asked.index.graph.numbering.columns(nodes)
    strange = (codes == TYPES.index(EntityType.ELEMENT)) & ~np.isin(of_catalogs, catalogs)
    vague = pc.and_(pa.array(strange), pc.is_in(why, value_set=_SAYS_LITTLE))
    return (
        pc.if_else(vague, _UNKNOWN_CATALOG, why),
        noted["seen_at"].combine_chunks().take(row),
    )


def _unlinks(
    missing: pa.ChunkedArray, other: pa.ChunkedArray, owns: Bools, plain: Bools
) -> pa.Array:
    """The edits, owner first, where they are plain."""
    owner = pc.if_else(pa.array(owns), missing, other)
    owned = pc.if_else(pa.array(owns), other, missing)
    edits = pc.binary_join_element_wise("unlink", owner, owned, " ")
    return pc.if_else(pa.array(plain), edits, None)


def _order(table: pa.Table, spread: Spread, owns: Bools) -> pa.Array:
    keys = pa.table(
        {
            "why": table["why"],
            "relation": table["relation"],
            "end": pa.array(~owns),
            "owner": pa.array(np.minimum(spread.sources, spread.targets)),
            "owned": pa.array(np.maximum(spread.sources, spread.targets)),
        }
    )
    return pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in keys.column_names])
