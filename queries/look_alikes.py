# title: Contacts that look alike
# group: Duplicates
# question: Which contacts may be one person under two numbers?
# definition: Pairs of live contacts (the lower id first) with the same name key, a company or a
#   lead in common, and no phone or e-mail address in common. The name key is the words of the name
#   (runs of letters and digits, Unicode NFC, case-folded, ё as е) in the order of code points,
#   joined by blanks, each as often as it stands there; a name without a letter has none. A
#   normalised value that more than shared_line live contacts carry is a shared line and counts as
#   nobody's. A company or a lead that more than hub_cap contacts are linked to (those that cannot
#   be read counted) makes no pair and is returned beside the answer; all figures count it
#   nevertheless. The score, from 0 to 100, is the sum of its four parts. Cards that cannot be read
#   are companies, leads and neighbours too; deleted ones are not. It is a guess, so no edit is
#   proposed. In order: the highest score, then the lower ids.
# parameters:
#   min_score integer = 0 (0..100): Lowest score that is listed
#   shared_line integer = 5 (1..): Most contacts that may carry a phone or an e-mail before it is a
#     shared line
#   hub_cap integer = 500 (2..): Most contacts that a company or a lead may have before it is cut
# columns:
#   contact_a_id: The contact with the lower id
#   contact_a_name: Its name
#   contact_a_url: Its address in the CRM
#   contact_b_id: The contact with the higher id
#   contact_b_name: Its name
#   contact_b_url: Its address in the CRM
#   score: How likely they are one person, from 0 to 100: the four parts together
#   score_name: For the name: 80 divided by namesakes, rounded down; 40 where they are the only two
#   score_company: For the company: 20 where they have a company in common, else 0
#   score_lead: For the lead: 20 where they have a lead in common, else 0
#   score_neighbours: For the neighbours: 20 times jaccard, rounded down
#   namesakes: How many live contacts have this name key
#   company_id: The company in common; of several the one with the lowest id
#   company_name: Its name
#   leads: How many leads they have in common
#   lead_id: Of these the one with the lowest id
#   lead_name: Its name
#   common_neighbours: How many cards of any type both are linked to
#   jaccard: These as a part of all cards that either is linked to, from 0 to 1
#   shared_lines: How many shared lines both carry
# cut: Companies and leads that more than hub_cap contacts are linked to
"""Pairs of contacts that look alike: found by name and place, weighed by what is around them."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkgraph.index.graph import Graph
from linkgraph.index.walk import EVERYWHERE, Walk
from linkgraph.model import EntityType, Relation
from queries.asked import Asked, Found
from queries.cardtable import base_url, card_table, names_of
from queries.groups import ties_of
from queries.namesakes import Codes, signatures, words_of

Longs = NDArray[np.int64]

_PLACES = {
    EntityType.LEAD: frozenset({Relation.LEAD_CONTACT}),
    EntityType.COMPANY: frozenset({Relation.CONTACT_COMPANY}),
}
_NAMES = "select contact_id, name from contacts where not is_deleted order by contact_id"
_NAMES_OF = """
select name from contacts
where contact_id in (select unnest(string_split($ids, ' '))::bigint)
order by contact_id
"""
_GIVEN = """
with pairs as (
    select a, b
    from (
        select
            unnest(string_split($a, ' '))::bigint as a, unnest(string_split($b, ' '))::bigint as b
    )
    where a > 0
),
members as (select a as id from pairs union select b from pairs)
"""
# Who carries a value is counted for the values in common alone.
_VALUES = f"""
{_GIVEN},
carried as (
    select distinct entity_id as id, kind, normalised
    from identifiers
    where
        entity_type = 'contact' and normalised is not null
        and entity_id in (select id from members)
),
common as (
    select p.a, p.b, x.kind, x.normalised
    from pairs as p
    join carried as x on x.id = p.a
    join carried as y on y.id = p.b and y.kind = x.kind and y.normalised = x.normalised
),
sizes as (
    select i.kind, i.normalised, count(distinct i.entity_id) as contacts
    from identifiers as i
    join (select distinct kind, normalised from common) as c
        on c.kind = i.kind and c.normalised = i.normalised
    join contacts as k on k.contact_id = i.entity_id and not k.is_deleted
    where i.entity_type = 'contact'
    group by i.kind, i.normalised
)
select
    count(*) filter (s.contacts <= $shared_line) as own,
    count(*) filter (s.contacts > $shared_line) as shared_lines
from pairs as p
left join common as c on c.a = p.a and c.b = p.b
left join sizes as s on s.kind = c.kind and s.normalised = c.normalised
group by p.a, p.b
order by p.a, p.b
"""
_AROUND = f"""
{_GIVEN},
linked as (
    select id, to_type, to_catalog_id, to_id
    from adjacency
    where type = 'contact'::entity_type and is_live and id in (select id from members)
),
degrees as (select id, count(*) as links from linked group by id),
common as (
    select
        p.a, p.b, count(*) as neighbours,
        min(x.to_id) filter (x.to_type = 'company') as company_id,
        min(x.to_id) filter (x.to_type = 'lead') as lead_id,
        count(*) filter (x.to_type = 'lead') as leads
    from pairs as p
    join linked as x on x.id = p.a
    join linked as y
        on y.id = p.b and y.to_type = x.to_type and y.to_catalog_id = x.to_catalog_id
        and y.to_id = x.to_id
    group by p.a, p.b
)
select
    c.company_id, c.lead_id, c.leads, c.neighbours,
    x.links + y.links - c.neighbours as either
from common as c
join degrees as x on x.id = c.a
join degrees as y on y.id = c.b
order by c.a, c.b
"""


class _Crowds(NamedTuple):
    """Leads or companies, and what stands around them; all are nodes."""

    place: Longs
    """Of each contact that meets another one with the same signature, where it does"""
    contact: Longs
    cut: Longs
    """The places of too many contacts"""
    sizes: Longs
    """How many these have"""


def answer(asked: Asked) -> Found:
    """A row for each pair, the likeliest first."""
    pairs, cut = _pairs(asked, asked.integer("hub_cap"))
    values = asked.sql(_VALUES, shared_line=asked.integer("shared_line"), **_given(pairs))
    pairs = pairs.append_column("shared_lines", values["shared_lines"])
    pairs = pairs.filter(pc.equal(values["own"], 0))
    around = asked.sql(_AROUND, **_given(pairs))
    for name, column in {**_columns(around), **_scores(pairs, around)}.items():
        pairs = pairs.append_column(name, column)
    pairs = pairs.filter(pc.greater_equal(pairs["score"], asked.integer("min_score")))
    pairs = pairs.sort_by([("score", "descending"), ("a", "ascending"), ("b", "ascending")])
    return Found(_table(asked, pairs), cut)


def _pairs(asked: Asked, hub_cap: int) -> tuple[pa.Table, pa.Table]:
    """Columns a, b and namesakes of the pairs of one name in one place; and the places cut.

    Signatures find the few whose words are worth comparing.
    """
    graph = asked.index.graph
    names = asked.sql(_NAMES)
    ids, codes = names["contact_id"].to_numpy(), signatures(names["name"])
    asked.go_on()
    nodes = graph.numbering.nodes_of(EntityType.CONTACT)
    of_node = np.zeros(len(graph), np.uint64)  # 0: deleted, in no list, or without a letter
    of_node[nodes[graph.numbering.columns(nodes)[2].searchsorted(ids)]] = codes
    crowds = [_crowds(graph, kind, of_node, hub_cap) for kind in _PLACES]
    asked.go_on()
    place, contact, cut, sizes = map(np.concatenate, zip(*crowds, strict=True))
    cards, card = np.unique(contact, return_inverse=True)
    own = graph.numbering.columns(cards)[2]
    words = _words(asked, own).dictionary_encode()
    word = pc.fill_null(words.indices, -1).to_numpy()
    order = np.lexsort((card, word[card], place))
    order = order[word[card[order]] >= 0]
    meets = np.diff(place[order], prepend=-1) | np.diff(word[card[order]], prepend=-1)
    ties = ties_of(np.cumsum(meets != 0), card[order])
    alike = np.unique(codes[ids.searchsorted(own[ties.a])])
    namesakes = ids[_among(codes, alike)]
    counts = pc.value_counts(_words(asked, namesakes))
    place_of = pc.index_in(words.take(pa.array(ties.a)), value_set=counts.field("values"))
    pairs = {"a": own[ties.a], "b": own[ties.b], "namesakes": counts.field("counts").take(place_of)}
    worst = np.lexsort((cut, -sizes))
    table = card_table(asked, cut[worst]).append_column("contacts", pa.array(sizes[worst]))
    return pa.table(pairs), table


def _crowds(graph: Graph, kind: EntityType, codes: Codes, hub_cap: int) -> _Crowds:
    """Where contacts meet namesakes: by the signature of each node, 0 for one that has none."""
    places = graph.numbering.nodes_of(kind).astype(np.int64)
    places = places[graph.present(places, EVERYWHERE)]
    lens = graph.lens(Walk(relations=_PLACES[kind]))
    spread = graph.spread(graph.frontier(places), lens, with_marks=True)
    admitted = graph.admitted(spread.targets, spread.marks, lens)
    alive = slice(None) if admitted is None else admitted
    place, contact = spread.sources[alive], spread.targets[alive]
    sizes = np.bincount(place, minlength=1)
    cut = np.flatnonzero(sizes > hub_cap)
    crowd, code = sizes[place], codes[contact]
    some = np.flatnonzero((crowd > 1) & (crowd <= hub_cap) & (code != 0))
    # Should two of them come to the same by chance, some words are compared in vain.
    both = code[some] ^ (place[some].astype(np.uint64) << np.uint64(32))
    order = np.argsort(both)
    again = both[order[1:]] == both[order[:-1]]
    met = some[np.union1d(order[1:][again], order[:-1][again])]
    return _Crowds(place[met], contact[met].astype(np.int64), cut, sizes[cut])


def _words(asked: Asked, ids: Longs) -> pa.Array:
    """The words of contacts, which are all there, by ascending ids."""
    found = asked.sql(_NAMES_OF, ids=" ".join(map(str, ids.tolist())) or "0")
    return pa.array(map(words_of, found["name"].to_pylist()), pa.string())


def _among(codes: Codes, few: Codes) -> NDArray[np.bool_]:
    """Which codes are among a few, which ascend."""
    if not len(few):
        return np.zeros(len(codes), np.bool_)
    found: NDArray[np.bool_] = few[np.minimum(few.searchsorted(codes), len(few) - 1)] == codes
    return found


def _given(pairs: pa.Table) -> dict[str, str]:
    """The ids of pairs as parameters; a pair that is left out where there are none."""
    return {name: " ".join(map(str, pairs[name].to_pylist())) or "0" for name in ("a", "b")}


def _columns(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    return dict(zip(table.column_names, table.columns, strict=True))


def _scores(pairs: pa.Table, around: pa.Table) -> dict[str, pa.Array]:
    """The score and its parts, whole numbers; both tables in the order of the pairs."""
    common, either = around["neighbours"].to_numpy(), around["either"].to_numpy()
    parts = {
        "score_name": 80 // pairs["namesakes"].to_numpy(),
        "score_company": around["company_id"].is_valid().to_numpy() * 20,
        "score_lead": around["lead_id"].is_valid().to_numpy() * 20,
        "score_neighbours": 20 * common // either,
    }
    score = np.zeros(len(common), np.int64) + sum(parts.values())
    columns = {"score": score, **parts, "jaccard": common / either}
    return {name: pa.array(column) for name, column in columns.items()}


def _table(asked: Asked, pairs: pa.Table) -> pa.Table:
    """The pairs with names and addresses, in the order of the header."""
    told: dict[str, pa.Array] = {}
    for side in ("a", "b"):
        told |= _named(asked, EntityType.CONTACT, pairs[side], f"contact_{side}", url=True)
    scores = ("score", "score_name", "score_company", "score_lead", "score_neighbours")
    told |= {name: pairs[name] for name in (*scores, "namesakes")}
    told |= _named(asked, EntityType.COMPANY, pairs["company_id"], "company")
    told["leads"] = pairs["leads"]
    told |= _named(asked, EntityType.LEAD, pairs["lead_id"], "lead")
    told["common_neighbours"] = pairs["neighbours"]
    return pa.table(told | {name: pairs[name] for name in ("jaccard", "shared_lines")})


def _named(
    asked: Asked, kind: EntityType, ids: pa.ChunkedArray, column: str, *, url: bool = False
) -> dict[str, pa.Array]:
    """Columns `…_id`, `…_name` and, if wanted, `…_url` of cards of one type."""
    numbers = pc.fill_null(ids, 0).to_numpy()
    named = {f"{column}_id": ids, f"{column}_name": names_of(asked, kind, 0, numbers)}
    if url:
        start = f"{base_url(asked)}/{kind.api_name}/detail/"
        named[f"{column}_url"] = pc.binary_join_element_wise(start, ids.cast(pa.string()), "")
    return named
