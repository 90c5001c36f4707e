# title: Contacts that look alike
# group: Duplicates
# question: Which contacts may be one person under two numbers?
# definition: Pairs of live contacts (the lower id first) with the same name key, a company or a
#   lead in common, and no phone or e-mail address in common. The name key is the words of the name
#   (runs of letters and digits, Unicode NFC, in lower case, ё as е) in the order of code points,
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
#   score_name: 80 divided by the number of namesakes, rounded down: 40 where they are the only two
#   score_company: 20 where they have a company in common, else 0
#   score_lead: 20 where they have a lead in common, else 0
#   score_neighbours: 20 times jaccard, rounded down
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

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linkgraph.model import EntityType, Ref
from queries.asked import Asked, Found
from queries.cardtable import base_url, names_of
from queries.namesakes import WORDS_OF_CONTACTS

_PLACES = """
places as (
    select 'lead' as type, lead_id as place_id, contact_id from lead_contacts
    union all
    select 'company', company_id, contact_id from contact_companies
),
crowds as (
    select type, place_id, count(*) as contacts
    from places group by type, place_id having count(*) > 1
)
"""
# By the hash of the key, as text costs several times as much; the keys are compared at the end.
_PAIRS = f"""
with {_PLACES},
keyed as materialized (
    select contact_id, words, hash(words) as code from ({WORDS_OF_CONTACTS})
),
named as (
    select p.type, p.place_id, p.contact_id, k.code
    from places as p
    join crowds as c on c.type = p.type and c.place_id = p.place_id and c.contacts <= $hub_cap
    join keyed as k on k.contact_id = p.contact_id
),
alike as (
    select distinct a.contact_id as a, b.contact_id as b
    from named as a
    join named as b
        on b.type = a.type and b.place_id = a.place_id and b.code = a.code
        and b.contact_id > a.contact_id
),
listed as (
    select alike.a, alike.b, x.words, x.code
    from alike
    join keyed as x on x.contact_id = alike.a
    join keyed as y on y.contact_id = alike.b and y.words = x.words
),
counted as (
    select words, count(*) as namesakes
    from keyed where code in (select code from listed) group by words
)
select l.a, l.b, c.namesakes
from listed as l
join counted as c on c.words = l.words
order by l.a, l.b
"""
_CROWDS = f"""
with {_PLACES}
select type, place_id as id, contacts from crowds where contacts > $hub_cap
order by contacts desc, type desc, place_id
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


def answer(asked: Asked) -> Found:
    """A row for each pair, the likeliest first."""
    hub_cap, shared_line = asked.integer("hub_cap"), asked.integer("shared_line")
    pairs = asked.sql(_PAIRS, hub_cap=hub_cap)
    values = asked.sql(_VALUES, shared_line=shared_line, **_given(pairs))
    pairs = pairs.append_column("shared_lines", values["shared_lines"])
    pairs = pairs.filter(pc.equal(values["own"], 0))
    around = asked.sql(_AROUND, **_given(pairs))
    for name, column in {**_columns(around), **_scores(pairs, around)}.items():
        pairs = pairs.append_column(name, column)
    pairs = pairs.filter(pc.greater_equal(pairs["score"], asked.integer("min_score")))
    pairs = pairs.sort_by([("score", "descending"), ("a", "ascending"), ("b", "ascending")])
    return Found(_table(asked, pairs), _crowds(asked, hub_cap))


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


def _crowds(asked: Asked, hub_cap: int) -> pa.Table:
    """The companies and leads that made no pair."""
    found = asked.sql(_CROWDS, hub_cap=hub_cap)
    kinds = found["type"].to_pylist()
    ids = found["id"].to_pylist()
    refs = [Ref(EntityType(kind), id_) for kind, id_ in zip(kinds, ids, strict=True)]
    lines, base = asked.lines(refs), base_url(asked)
    return pa.table(
        {
            "ref": pa.array(map(str, refs), pa.string()),
            "name": pa.array([lines[ref].name for ref in refs], pa.string()),
            "url": pa.array([base + ref.path() for ref in refs], pa.string()),
            "contacts": found["contacts"],
        }
    )
