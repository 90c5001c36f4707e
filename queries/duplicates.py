"""Duplicates of one type: cards that share phones or e-mails, in groups, with what is no duplicate.

What may be shared by chance is told from what may not: a value that many cards carry is a line that
they share, and is cut.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkgraph.model import EntityType
from queries.asked import Asked, Found
from queries.cardtable import base_url
from queries.groups import Ties, Ways, labels_of, ties_of, ways_of
from queries.namesakes import are_the_same, words_of

Bools = NDArray[np.bool_]
Longs = NDArray[np.int64]

# Grouped by hash first: most values are carried once, and never have to be compared as text.
_CARRIED = """
with typed as (
    select kind, normalised, entity_id, hash(kind, normalised) as code
    from identifiers
    where
        entity_type = '{kind}' and normalised is not null and ($by = 'any' or kind = $by)
),
common as (
    select code from typed group by code having min(entity_id) < max(entity_id)
)
select distinct t.kind, t.normalised as value, t.entity_id as id
from typed as t
join common as c on c.code = t.code
join {table} as card on card.{kind}_id = t.entity_id and not card.is_deleted
order by t.kind desc, t.normalised, t.entity_id
"""
_CARDS = """
with wanted as (select unnest(string_split($ids, ' '))::bigint as id),
linked as (
    select id, count(*) as links, count(*) filter (to_type = 'lead') as leads
    from adjacency
    where type = '{kind}'::entity_type and is_live and id in (select id from wanted)
    group by id
)
select
    {kind}_id as id, name, created_at,
    coalesce(links, 0) as links, coalesce(leads, 0) as leads
from {table}
left join linked on linked.id = {kind}_id
where {kind}_id in (select id from wanted)
order by {kind}_id
"""
_COMPANIES = """
select contact_id as id, company_id
from contact_companies
where contact_id in (select unnest(string_split($ids, ' '))::bigint)
order by contact_id
"""
_LAST = np.iinfo(np.int64).max
_TABLES = {EntityType.CONTACT: "contacts", EntityType.COMPANY: "companies"}


class _Carried(NamedTuple):
    """Who carries which value, a row each time; values are numbered as they are preferred."""

    kinds: pa.Array
    """Of each value"""
    values: pa.Array
    value: Longs
    """Of each row, ascending"""
    id: Longs
    """Of the card that carries it, ascending in a value"""

    def sizes(self) -> Longs:
        """How many cards carry each value."""
        return np.bincount(self.value, minlength=len(self.values))


def duplicates(asked: Asked, kind: EntityType, by: str, hub_cap: int) -> Found:
    """A row for each card that shares values with a better one; the cut are shared lines.

    Args:
        asked: What is asked.
        kind: Contacts or companies.
        by: phone, email or any.
        hub_cap: Most cards that may carry a value before it is a shared line.
    """
    carried = _carried(asked, kind, by)
    asked.go_on()
    joins = (carried.sizes() > 1) & (carried.sizes() <= hub_cap)
    rows = np.flatnonzero(joins[carried.value])
    ids, cards = np.unique(carried.id[rows], return_inverse=True)
    ties = ties_of(carried.value[rows], cards)
    labels = labels_of(ties, len(ids))
    asked.go_on()
    members = asked.sql(_CARDS.format(kind=kind, table=_TABLES[kind]), ids=_text(ids))
    members = members.combine_chunks()
    survivors = _survivors(labels, members)
    ways = ways_of(ties, labels, survivors)
    asked.go_on()
    table = _table(asked, kind, carried, members, labels, ties, ways)
    return Found(table, _shared_lines(asked, kind, carried, hub_cap))


def _carried(asked: Asked, kind: EntityType, by: str) -> _Carried:
    found = asked.sql(_CARRIED.format(kind=kind, table=_TABLES[kind]), by=by).combine_chunks()
    codes = pc.binary_join_element_wise(found["kind"], found["value"], " ")
    new = np.flatnonzero(_differs(codes))
    value = np.repeat(np.arange(len(new)), np.diff(np.append(new, len(codes))))
    firsts = found.take(pa.array(new))
    return _Carried(firsts["kind"], firsts["value"], value, found["id"].to_numpy())


def _differs(texts: pa.ChunkedArray) -> Bools:
    """Whether each text is another than the one before it."""
    differs = np.ones(len(texts), np.bool_)
    if len(texts) > 1:
        differs[1:] = pc.not_equal(texts[1:], texts[:-1]).to_numpy()
    return differs


def _text(ids: Longs) -> str:
    return " ".join(map(str, ids.tolist())) or "0"


def _survivors(labels: Longs, members: pa.Table) -> Longs:
    """The best card of each group: most links, then oldest, then lowest id."""
    created = pc.fill_null(members["created_at"].cast(pa.int64()), _LAST).to_numpy()
    order = np.lexsort((np.arange(len(labels)), created, -members["links"].to_numpy(), labels))
    return order[np.flatnonzero(np.diff(labels[order], prepend=-1))]


def _table(
    asked: Asked,
    kind: EntityType,
    carried: _Carried,
    members: pa.Table,
    labels: Longs,
    ties: Ties,
    ways: Ways,
) -> pa.Table:
    cards = np.arange(len(labels))
    sizes = np.bincount(labels)[labels]
    order = np.lexsort((cards, ways.steps, ways.survivor, -sizes))
    rows = order[ways.survivor[order] != order]
    survivor = ways.survivor[rows]
    chained = np.zeros(len(labels), np.bool_)
    chained[labels[ways.steps > 1]] = True
    chain = chained[labels[rows]]
    own, best = members.take(pa.array(rows)), members.take(pa.array(survivor))
    via = members.take(pa.array(ways.via[rows]))
    tie, weakest = ways.tie[rows], ways.weakest[rows]
    words = list(map(words_of, members["name"].to_pylist()))
    same_name = [
        are_the_same(words[card], words[other])
        for card, other in zip(rows.tolist(), survivor.tolist(), strict=True)
    ]
    plain = ~chain & np.array([same is not False for same in same_name], np.bool_)
    plain &= own["links"].to_numpy() > 0
    told = {}
    if kind is EntityType.CONTACT:
        companies = _Companies(asked, members["id"].to_numpy())
        told["same_company"] = companies.same(rows, survivor)
        plain &= companies.one_at_most(labels)[labels[rows]]
    number = np.cumsum(np.diff(survivor, prepend=-1) != 0)
    address = f"{base_url(asked)}/{kind.api_name}/detail/"
    return pa.table(
        {
            "group_number": pa.array(number),
            "members": pa.array(sizes[rows]),
            f"{kind}_id": own["id"],
            f"{kind}_name": own["name"],
            f"{kind}_url": _joined(address, own["id"]),
            f"survivor_{kind}_id": best["id"],
            f"survivor_{kind}_name": best["name"],
            f"survivor_{kind}_url": _joined(address, best["id"]),
            "kind": carried.kinds.take(pa.array(ties.value[tie])),
            "value": carried.values.take(pa.array(ties.value[tie])),
            "shared": pa.array(ties.shared[tie]),
            f"via_{kind}_id": via["id"],
            f"via_{kind}_name": via["name"],
            "steps": pa.array(ways.steps[rows]),
            "weakest": pa.array(ties.shared[weakest]),
            "weakest_value": carried.values.take(pa.array(ties.value[weakest])),
            "chain": pa.array(chain),
            **told,
            "same_name": pa.array(same_name, pa.bool_()),
            **{name: own[name] for name in ("links", "leads", "created_at")},
            **{f"survivor_{name}": best[name] for name in ("links", "leads", "created_at")},
            "fix": _moves(kind, own["id"], best["id"], plain),
        }
    )


class _Companies:
    """The companies of contacts, which are told by their places among the members."""

    def __init__(self, asked: Asked, contacts: Longs) -> None:
        found = asked.sql(_COMPANIES, ids=_text(contacts))
        self._contact = contacts.searchsorted(found["id"].to_numpy())
        self._company = found["company_id"].to_numpy()
        self._count = np.bincount(self._contact, minlength=len(contacts))
        self._first = np.zeros(len(contacts), np.int64)
        self._first[self._contact] = self._company

    def same(self, cards: Longs, others: Longs) -> pa.Array:
        """Whether two contacts have a company in common; null where one has none."""
        same = self._first[cards] == self._first[others]
        several = (self._count[cards] > 1) | (self._count[others] > 1)
        for row in np.flatnonzero(several).tolist():  # few: the CRM allows one
            same[row] = bool(self._of(cards[row]) & self._of(others[row]))
        none = (self._count[cards] == 0) | (self._count[others] == 0)
        return pa.array(same, mask=none)

    def _of(self, card: int) -> set[int]:
        start, stop = self._contact.searchsorted([card, card + 1])
        return set(self._company[start:stop].tolist())

    def one_at_most(self, labels: Longs) -> Bools:
        """For each group whether its contacts have no two companies between them."""
        label = labels[self._contact]
        low, high = np.full((2, labels.max(initial=-1) + 1), _LAST)
        np.minimum.at(low, label, self._company)
        np.minimum.at(high, label, -self._company)
        alone: Bools = (low == _LAST) | (low == -high)
        return alone


def _joined(start: str, ids: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(start, ids.cast(pa.string()), "")


def _moves(
    kind: EntityType, cards: pa.ChunkedArray, survivors: pa.ChunkedArray, plain: Bools
) -> pa.ChunkedArray:
    moves = pc.binary_join_element_wise(
        _joined(f"move {kind}:", cards), _joined(f"{kind}:", survivors), " "
    )
    return pc.if_else(pa.array(plain), moves, None)


def _shared_lines(asked: Asked, kind: EntityType, carried: _Carried, hub_cap: int) -> pa.Table:
    """The values that too many cards carry, each with the first of these."""
    sizes = carried.sizes()
    lines = np.flatnonzero(sizes > hub_cap)
    firsts = carried.id[carried.value.searchsorted(lines)]
    names = asked.sql(
        f"select {kind}_id as id, name from {_TABLES[kind]} "
        f"where {kind}_id in (select unnest(string_split($ids, ' '))::bigint) order by id",
        ids=_text(np.unique(firsts)),
    ).combine_chunks()
    first = pa.array(firsts)
    place = pa.array(names["id"].to_numpy().searchsorted(firsts))
    table = pa.table(
        {
            "kind": carried.kinds.take(pa.array(lines)),
            "value": carried.values.take(pa.array(lines)),
            kind.api_name: pa.array(sizes[lines]),
            f"first_{kind}_id": first,
            f"first_{kind}_name": names["name"].take(place),
            f"first_{kind}_url": _joined(f"{base_url(asked)}/{kind.api_name}/detail/", first),
        }
    )
    return table.sort_by(
        [(kind.api_name, "descending"), ("value", "ascending"), ("kind", "ascending")]
    )
