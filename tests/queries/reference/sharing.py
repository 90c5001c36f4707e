"""Companies and the people they share."""

from itertools import combinations

from tests.queries.reference.account import Card, Snapshot
from tests.queries.reference.asking import Asking, Expected, Row

#: contact → company → way → the leads or customers in between.
Touches = dict[Card, dict[Card, dict[str, list[Card]]]]


def _uncut(ask: Asking) -> tuple[Touches, list[Row]]:
    touches, cap = ask.now.touches(), ask.values["hub_cap"]
    cut: list[Row] = [
        {"contact_id": contact, "companies": len(ways)}
        for contact, ways in touches.items()
        if len(ways) > cap
    ]
    cut.sort(key=lambda row: (-row["companies"], row["contact_id"]))
    return {c: ways for c, ways in touches.items() if len(ways) <= cap}, cut


def _companies(touches: Touches) -> list[Card]:
    return sorted({company for ways in touches.values() for company in ways})


def companies_sharing_contacts(ask: Asking) -> Expected:
    """Pairs of companies by the contacts that touch both."""
    touches, cut = _uncut(ask)
    rows: list[Row] = []
    for a, b in combinations(_companies(touches), 2):
        common = sorted(c for c, ways in touches.items() if a in ways and b in ways)
        either = [c for c, ways in touches.items() if a in ways or b in ways]
        if len(common) < ask.values["min_shared"]:
            continue
        direct, leads, customers = (
            sum(way in touches[c][a] or way in touches[c][b] for c in common)
            for way in ("direct", "lead", "customer")
        )
        rows.append(
            {
                "company_a_id": a,
                "company_b_id": b,
                "shared": len(common),
                "via_direct": direct,
                "via_leads": leads,
                "via_customers": customers,
                "jaccard": len(common) / len(either),
                "first_contact_id": common[0],
                "last_contact_id": common[-1] if len(common) > 1 else None,
            }
        )
    rows.sort(key=lambda r: (-r["shared"], -r["jaccard"], r["company_a_id"], r["company_b_id"]))
    return Expected(rows, cut)


def contacts_touching_many_companies(ask: Asking) -> Expected:
    """A row for each company of such a contact but its own."""
    rows: list[Row] = []
    for contact, companies in ask.now.touches(closed=ask.values["closed_leads"]).items():
        if len(companies) < ask.values["min_companies"]:
            continue
        own = min((c for c, ways in companies.items() if "direct" in ways), default=None)
        for company, ways in companies.items():
            if company == own:
                continue
            leads, customers = ways.get("lead", []), ways.get("customer", [])
            created = [at for lead in leads if (at := ask.now.moment(lead)) is not None]
            rows.append(
                {
                    "contact_id": contact,
                    "companies": len(companies),
                    "own_company_id": own,
                    "other_company_id": company,
                    "leads": len(leads),
                    "customers": len(customers),
                    "last_lead_at": max(created, default=None),
                }
            )
    rows.sort(
        key=lambda row: (
            *(-row["companies"], row["contact_id"]),
            *(-row["leads"], -row["customers"], row["other_company_id"]),
        )
    )
    return Expected(rows)


def shared_contacts(ask: Asking) -> Expected:
    """The contacts that touch two companies."""
    a, b = ask.card("a"), ask.card("b")
    rows: list[Row] = []
    for contact, companies in ask.now.touches().items():
        if a not in companies or b not in companies:
            continue
        row: Row = {"contact_id": contact, "companies": len(companies)}
        for letter, company in (("a", a), ("b", b)):
            row |= _side(ask.now, contact, companies[company], letter)
        rows.append(row)
    rows.sort(key=lambda row: (-row["leads_a"] - row["leads_b"], row["contact_id"]))
    return Expected(rows)


def _side(now: Snapshot, contact: Card, ways: dict[str, list[Card]], letter: str) -> Row:
    leads, customers = ways.get("lead", []), ways.get("customer", [])
    words = {"direct": "direct", "lead": "leads", "customer": "customers"}
    return {
        f"routes_{letter}": ", ".join(word for way, word in words.items() if way in ways),
        f"leads_{letter}": len(leads),
        f"main_leads_{letter}": sum(now.main(lead, contact) is True for lead in leads),
        f"lead_list_{letter}": _list(now, contact, leads),
        f"customers_{letter}": len(customers),
        f"customer_list_{letter}": _list(now, contact, customers),
    }


def _list(now: Snapshot, contact: Card, owners: list[Card]) -> str | None:
    said = {True: ", main", False: ", not main", None: ""}
    parts = []
    for owner in sorted(owners)[:5]:
        name = now.name(owner)
        inside = f"({owner.id}{said[now.main(owner, contact)]})"
        parts.append(f"{name[:80]} {inside}" if name else inside)
    return ", ".join(parts) or None


def company_groups(ask: Asking) -> Expected:
    """The groups are as answered: a choice that is checked for what holds of any; the rest follows.

    Every group lies within one component of the pairs, and every company with a partner that is
    not listed would be a group of one.
    """
    touches, cut = _uncut(ask)
    least = ask.values["min_shared"]

    def shared(a: Card, b: Card) -> list[Card]:
        return [c for c, ways in touches.items() if a in ways and b in ways]

    pairs = {pair for pair in combinations(_companies(touches), 2) if len(shared(*pair)) >= least}
    groups: dict[int, list[Card]] = {}
    for row in ask.answered:
        company = Card(3, 0, row["company_id"])
        assert all(company not in members for members in groups.values()), "in two groups"
        groups.setdefault(row["group_number"], []).append(company)
    for members in groups.values():
        assert len(members) > 1
        assert _hang_together(members, pairs), "a group in two pieces"
    ordered = sorted(groups.values(), key=lambda members: (-len(members), min(members)))
    rows: list[Row] = []
    for number, members in enumerate(ordered, 1):
        joining = [c for c, ways in touches.items() if len(set(ways) & set(members)) > 1]
        listed = []
        for company in members:
            rest = [one for one in members if one != company]
            contacts = sorted(c for c in joining if company in touches[c])
            listed.append(
                {
                    "group_number": number,
                    "members": len(members),
                    "joining": len(joining),
                    "company_id": company,
                    "partners": sum(
                        (min(company, one), max(company, one)) in pairs for one in rest
                    ),
                    "contacts": len(contacts),
                    "first_contact_id": contacts[0],
                }
            )
        rows += sorted(listed, key=lambda row: (-row["partners"], row["company_id"]))
    return Expected(rows, cut)


def _hang_together(members: list[Card], pairs: set[tuple[Card, Card]]) -> bool:
    met = {members[0]}
    for _ in members:
        met |= {b for a in met for b in members if (min(a, b), max(a, b)) in pairs}
    return met == set(members)
