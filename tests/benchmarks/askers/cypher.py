"""The questions in Cypher, as who knows it would put them, with the library's defaults.

Each returns columns of the library's answer: ids and figures, no names; what else is left out its
note says. What is missing here Cypher cannot say without an extension that is to be downloaded
(components, cut points, communities), or not of a graph alone (two snapshots, chains of
duplicates, names made comparable).
"""

from dataclasses import dataclass

from tests.benchmarks.askers.ask import Rows


@dataclass(frozen=True)
class Cypher:
    """One question."""

    text: str
    left_out: str = ""
    """What of the library's answer it does not tell, besides names."""
    rows: Rows = Rows.EACH


_ANY = (
    "ContactCompany|:LeadContact|:LeadCompany|:CustomerContact|:CustomerCompany"
    "|:LeadElement|:CustomerElement|:ContactElement|:CompanyElement"
)
#: Every company that a contact touches, once each, as a list.
_TOUCHED = """
MATCH (c:Contact)
OPTIONAL MATCH (c)-[:ContactCompany]->(own:Company)
OPTIONAL MATCH (c)<-[:LeadContact|:CustomerContact]-(:Lead:Customer)
    -[:LeadCompany|:CustomerCompany]->(k:Company)
WITH c.id AS contact, collect(DISTINCT own.id) AS owns, collect(DISTINCT k.id) AS others
WITH contact, list_distinct(list_concat(owns, others)) AS touched
"""


def _several_companies(owner: str, relation: str, card: str) -> str:
    return f"""
MATCH (o:{owner})-[:{relation}]->(k:Company)
WITH o, count(*) AS companies
WHERE companies > 1
MATCH (o)-[r:{relation}]->(k:Company)
RETURN {card}, companies, k.id AS company_id, r.seen_from AS seen_from
"""


def _ref(type_: str, variable: str = "o.id") -> str:
    return f"concat('{type_}:', CAST({variable} AS STRING))"


def _touching(name: str, kept: str = "") -> str:
    """The contacts that touch the company `name`, as the list `touching_NAME`; carries `kept`."""
    return f"""
MATCH (k:Company) WHERE k.id = $company_{name}
OPTIONAL MATCH (k)<-[:ContactCompany]-(c:Contact)
WITH {kept}k, collect(c.id) AS one
OPTIONAL MATCH (k)<-[:LeadCompany]-(:Lead)-[:LeadContact]->(c:Contact)
WITH {kept}k, one, collect(c.id) AS two
OPTIONAL MATCH (k)<-[:CustomerCompany]-(:Customer)-[:CustomerContact]->(c:Contact)
WITH {kept}one, two, collect(c.id) AS three
WITH {kept}list_concat(one, list_concat(two, three)) AS touching_{name}"""


def _one_sided(owner: str, other: str) -> str:
    types = owner.lower(), other.lower()
    return f"""
MATCH (o:{owner})-[r:{owner}{other}]->(x:{other})
WHERE r.seen_from <> 'both' AND o.is_card AND x.is_card
RETURN '{types[0]}_{types[1]}' AS relation, {_ref(types[0])} AS owner_ref,
    {_ref(types[1], "x.id")} AS other_ref, r.seen_from AS seen_from
"""


def _degrees(owner: str, other: str, side: str) -> str:
    """The cards of type `side` with a hundred links or more of the relation of two types."""
    ends = f"({'o' if side == owner else 'x'}:{owner})-[:{owner}{other}]->"
    ends += f"({'o' if side == other else 'x'}:{other})"
    return f"""
MATCH {ends}
WITH o.id AS id, count(*) AS degree
WHERE degree >= 100
RETURN {_ref(side.lower(), "id")} AS ref, '{owner.lower()}_{other.lower()}' AS relation, degree
"""


def _union(parts: list[str]) -> str:
    return "UNION ALL".join(parts)


_ELEMENT = (
    "concat('element:', CAST({key} / 4294967296 AS STRING), '/', "
    "CAST({key} % 4294967296 AS STRING))"
)
_OWNERS = "(o:Lead:Customer:Contact:Company)"
_HAS = "LeadElement|:CustomerElement|:ContactElement|:CompanyElement"
#: Card types two by two, owner first.
_PAIRS = [
    *(("Lead", "Contact"), ("Lead", "Company"), ("Contact", "Company")),
    *(("Customer", "Contact"), ("Customer", "Company")),
]


def _wrong_links(kind: str, condition: str) -> str:
    return f"""
MATCH {_OWNERS}-[r:{_HAS}]->(e:Element)
WHERE {condition}
RETURN '{kind}' AS kind, {_ELEMENT.format(key="e.id")} AS element_ref,
    r.thousandths / 1000.0 AS quantity, r.price_id AS price, CAST(NULL AS INT64) AS prices
"""


QUERIES = {
    "companies-sharing-contacts": Cypher(
        f"""{_TOUCHED}
WHERE size(touched) >= 2 AND size(touched) <= 50
UNWIND touched AS a
UNWIND touched AS b
WITH contact, a, b WHERE a < b
WITH a, b, count(*) AS shared, min(contact) AS first, max(contact) AS last
WHERE shared >= 2
RETURN a AS company_a_id, b AS company_b_id, shared, first AS first_contact_id,
    last AS last_contact_id
""",
        "by which ways, jaccard, what was cut",
    ),
    "contacts-touching-many-companies": Cypher(
        f"""{_TOUCHED}
WHERE size(touched) >= 2
RETURN contact AS contact_id, size(touched) AS companies
""",
        "which companies, by how many leads and customers",
        Rows.DISTINCT,
    ),
    "shared-contacts": Cypher(
        f"""
{_touching("a")}
{_touching("b", "touching_a, ")}
UNWIND touching_a AS contact
WITH contact, touching_b WHERE list_contains(touching_b, contact)
RETURN DISTINCT contact AS contact_id
""",
        "by which ways, leads, main contacts",
    ),
    "leads-without-contact": Cypher(
        """
MATCH (l:Lead)
WHERE l.is_card AND NOT l.is_deleted AND NOT l.is_incoming
    AND NOT EXISTS { MATCH (l)-[:LeadContact]->(:Contact) }
OPTIONAL MATCH (l)-[:LeadCompany]->(k:Company)
RETURN l.id AS lead_id, l.pipeline_id AS pipeline_id, l.status_id AS status_id,
    l.responsible_user_id AS responsible_user_id, l.created_at AS created_at,
    min(k.id) AS company_id
"""
    ),
    "leads-without-company": Cypher(
        """
MATCH (l:Lead)-[r:LeadContact]->(c:Contact)
WHERE l.is_card AND NOT l.is_deleted AND NOT EXISTS { MATCH (l)-[:LeadCompany]->(:Company) }
OPTIONAL MATCH (c)-[:ContactCompany]->(k:Company)
WITH l.id AS lead, count(DISTINCT c.id) AS contacts,
    sum(CASE WHEN r.is_main THEN 1 ELSE 0 END) AS mains,
    count(DISTINCT CASE WHEN r.is_main THEN k.id ELSE NULL END) AS main_companies,
    min(CASE WHEN r.is_main THEN k.id ELSE NULL END) AS main_company,
    min(CASE WHEN r.is_main AND k.id IS NOT NULL THEN c.id ELSE NULL END) AS main_contact,
    count(DISTINCT k.id) AS all_companies, min(k.id) AS company, min(c.id) AS contact
WITH lead, CASE WHEN mains > 0 THEN main_contact ELSE contact END AS speaker,
    CASE WHEN mains > 0 THEN main_companies WHEN contacts = 1 THEN all_companies ELSE 0 END
    AS companies,
    CASE WHEN mains > 0 THEN main_company ELSE company END AS company
WHERE companies > 0
RETURN lead AS lead_id, speaker AS contact_id, companies,
    CASE WHEN companies = 1 THEN company ELSE NULL END AS suggested_company_id
""",
        "how sure the company is, the edit",
    ),
    "leads-without-main-contact": Cypher(
        """
MATCH (l:Lead)-[r:LeadContact]->(:Contact)
WHERE l.is_card AND NOT l.is_deleted
WITH l, count(*) AS contacts, sum(CASE WHEN r.is_main THEN 1 ELSE 0 END) AS mains,
    sum(CASE WHEN r.is_main IS NULL THEN 1 ELSE 0 END) AS unknown
WHERE mains = 0
RETURN l.id AS lead_id, contacts, mains, unknown
""",
        "the suggested contact, the edit",
    ),
    "wrong-main-contact": Cypher(
        """
MATCH (k:Company)<-[:LeadCompany]-(l:Lead)-[:LeadContact]->(b:Contact)
    -[:ContactCompany]->(o:Company)
WHERE o.id = k.id
WITH l, collect(DISTINCT b.id) AS belonging
MATCH (l)-[r:LeadContact]->(m:Contact)
WHERE r.is_main AND NOT list_contains(belonging, m.id)
RETURN l.id AS lead_id, m.id AS main_contact_id, size(belonging) AS better
""",
        "both companies, the better contact, the edit",
    ),
    "lead-company-mismatch": Cypher(
        """
MATCH (k:Company)<-[:LeadCompany]-(l:Lead)-[:LeadContact]->(c:Contact)
    -[:ContactCompany]->(o:Company)
WHERE l.is_card AND NOT l.is_deleted
WITH l.id AS lead, k.id AS company, count(DISTINCT c.id) AS contacts,
    count(DISTINCT o.id) AS companies, min(o.id) AS other,
    max(CASE WHEN o.id = k.id THEN 1 ELSE 0 END) AS same
WHERE same = 0
RETURN lead AS lead_id, company AS company_id, contacts, companies, other AS other_company_id
""",
        "the list of other companies",
    ),
    "several-companies": Cypher(
        _union(
            [
                _several_companies("Lead", "LeadCompany", f"{_ref('lead')} AS ref"),
                _several_companies("Customer", "CustomerCompany", f"{_ref('customer')} AS ref"),
            ]
        ),
        "when both cards were read",
    ),
    "contacts-with-several-companies": Cypher(
        _several_companies("Contact", "ContactCompany", "o.id AS contact_id"),
        "when both cards were read",
    ),
    "orphan-contacts": Cypher(
        """
MATCH (c:Contact)
WHERE c.is_card AND NOT c.is_deleted
    AND NOT EXISTS { MATCH (c)<-[:LeadContact]-(:Lead) }
    AND NOT EXISTS { MATCH (c)-[:ContactCompany]->(:Company) }
    AND NOT EXISTS { MATCH (c)<-[:CustomerContact]-(:Customer) }
    AND NOT EXISTS { MATCH (c)-[:ContactElement]->(:Element) }
RETURN c.id AS contact_id, c.created_at AS created_at,
    c.responsible_user_id AS responsible_user_id
""",
        "whether there is a phone or an e-mail",
    ),
    "orphan-companies": Cypher(
        """
MATCH (k:Company)
WHERE k.is_card AND NOT k.is_deleted
    AND NOT EXISTS { MATCH (k)<-[:LeadCompany]-(:Lead) }
    AND NOT EXISTS { MATCH (k)<-[:ContactCompany]-(:Contact) }
    AND NOT EXISTS { MATCH (k)<-[:CustomerCompany]-(:Customer) }
OPTIONAL MATCH (k)-[:CompanyElement]->(e:Element)
RETURN k.id AS company_id, k.created_at AS created_at,
    k.responsible_user_id AS responsible_user_id, count(e.id) AS elements
""",
        "whether there is a phone or an e-mail",
    ),
    "orphan-customers": Cypher(
        """
MATCH (u:Customer)
WHERE u.is_card AND NOT u.is_deleted
    AND NOT EXISTS { MATCH (u)-[:CustomerContact]->(:Contact) }
    AND NOT EXISTS { MATCH (u)-[:CustomerCompany]->(:Company) }
OPTIONAL MATCH (u)-[:CustomerElement]->(e:Element)
RETURN u.id AS customer_id, u.created_at AS created_at,
    u.responsible_user_id AS responsible_user_id, count(e.id) AS elements
"""
    ),
    "hubs": Cypher(
        _union(
            [
                *(_degrees(a, b, side) for a, b in _PAIRS for side in (a, b)),
                *(
                    _degrees(owner, "Element", owner)
                    for owner in ("Lead", "Customer", "Contact", "Company")
                ),
            ]
        ),
        "ranks",
    ),
    "path": Cypher(
        f"""
MATCH p = (a:Contact)-[:{_ANY}* SHORTEST 1..10]-(b:Contact)
WHERE a.id = $card_a AND b.id = $card_b
UNWIND range(0, length(p)) AS hop
RETURN hop
""",
        "other paths of the same length and their number; only the length is compared",
        Rows.DISTINCT,
    ),
    "neighbourhood": Cypher(
        f"""
RETURN 0 AS depth, 1 AS at_depth
UNION ALL
MATCH p = (a:Contact)-[:{_ANY}* SHORTEST 1..2]-(b)
WHERE a.id = $card_a
RETURN length(p) AS depth, count(*) AS at_depth
""",
        "the cards themselves: how many there are at each distance",
        Rows.DISTINCT,
    ),
    "duplicate-leads": Cypher(
        """
MATCH (c:Contact)<-[r:LeadContact]-(l:Lead)
WHERE r.is_main AND l.is_card AND NOT l.is_deleted AND NOT l.is_closed AND NOT l.is_incoming
    AND l.pipeline_id IS NOT NULL
WITH c, l.pipeline_id AS pipeline, collect(l.id) AS leads
WHERE size(leads) >= 2 AND size(leads) <= 50
UNWIND leads AS a
UNWIND leads AS b
WITH c, pipeline, a, b WHERE a < b
RETURN a AS lead_a_id, b AS lead_b_id, pipeline AS pipeline_id, count(*) AS shared,
    min(c.id) AS contact_id
""",
        "statuses, prices, dates, what was cut",
    ),
    "asymmetric-links": Cypher(
        _union([_one_sided(*pair) for pair in _PAIRS[1:]]),
        "when both cards were read",
    ),
    "cross-owner": Cypher(
        f"""
MATCH (o:Contact)<-[:LeadContact]-(l:Lead)
WHERE l.is_card AND NOT l.is_deleted AND NOT l.is_closed AND l.responsible_user_id IS NOT NULL
WITH o, count(DISTINCT l.responsible_user_id) AS users, count(*) AS leads
WHERE users >= 2
RETURN {_ref("contact")} AS ref, users, leads
""",
        "the list of users",
    ),
    "catalog-problems": Cypher(
        _union(
            [
                _wrong_links("quantity not above 0", "r.thousandths <= 0"),
                _wrong_links("no quantity", "r.thousandths IS NULL"),
                _wrong_links("no price", "r.price_id IS NULL"),
                f"""
MATCH {_OWNERS}-[r:{_HAS}]->(e:Element)
WITH e.id AS element, count(DISTINCT r.price_id) AS prices
WHERE prices > 1
RETURN 'several prices' AS kind, {_ELEMENT.format(key="element")} AS element_ref,
    CAST(NULL AS DOUBLE) AS quantity, CAST(NULL AS INT64) AS price, prices
""",
            ]
        ),
        "the cards; elements to be linked once: the account has none",
    ),
    "elements-together": Cypher(
        f"""
MATCH {_OWNERS}-[:{_HAS}]->(e:Element)
WITH o, collect(e.id) AS elements
WHERE size(elements) >= 2 AND size(elements) <= 50
UNWIND elements AS a
UNWIND elements AS b
WITH a, b WHERE a < b
WITH a, b, count(*) AS times
WHERE times >= 3
RETURN {_ELEMENT.format(key="a")} AS element_a_ref, {_ELEMENT.format(key="b")} AS element_b_ref,
    times
""",
        "lift, what was cut",
    ),
}
