"""Links that should not be as they are."""

from typing import Any

from tests.queries.reference.account import Card
from tests.queries.reference.asking import Asking, Expected, Row


def several_companies(ask: Asking) -> Expected:
    """Leads and customers of more than one company."""
    rows = [row for kind in ("lead", "customer") for row in _several(ask, kind)]
    rows.sort(key=lambda row: (-row["companies"], row["ref"], row["company_id"]))
    return Expected(rows)


def contacts_with_several_companies(ask: Asking) -> Expected:
    """Contacts of more than one company."""
    rows = _several(ask, "contact")
    rows.sort(key=lambda row: (-row["companies"], row["contact_id"], row["company_id"]))
    return Expected(rows)


def _several(ask: Asking, kind: str) -> list[Row]:
    now = ask.now
    rows: list[Row] = []
    for one in sorted({one for one, _ in now.pairs(kind, "company")}):
        companies = now.others(one, "company")
        for company in companies if len(companies) > 1 else ():
            link = now.link(one, company)
            whole, theirs = now.whole.get(one, False), now.whole.get(company, False)
            seen_from = link.seen_from if link else ""
            rows.append(
                {
                    "contact_id" if kind == "contact" else "ref": one,
                    "companies": len(companies),
                    "company_id": company,
                    "seen_from": seen_from,
                    "links_whole": whole,
                    "company_links_whole": theirs,
                    "settled": seen_from == "both" and whole and theirs,
                }
            )
    return rows


TWO_SIDED = ("lead_company", "contact_company", "customer_contact", "customer_company")


def asymmetric_links(ask: Asking) -> Expected:
    """Links that one card shows and the other, read whole too, does not.

    All cards of an account as little as these are read within a minute.
    """
    now = ask.now
    rows: list[Row] = []
    for link in sorted(now.links, key=lambda link: (link.relation, link.ends)):
        read = all(end in now.cards and now.whole.get(end, False) for end in link.ends)
        if link.live and read and link.relation in TWO_SIDED and link.seen_from != "both":
            kinds = [end.kind for end in link.ends]
            kinds.remove(link.seen_from)
            rows.append(
                {
                    "relation": link.relation,
                    "owner_ref": link.owner,
                    "other_ref": link.other,
                    "seen_from": link.seen_from,
                    "missing_from": kinds[0],
                }
            )
    return Expected(rows)


def dangling_links(ask: Asking) -> Expected:
    """Ends of links that are deleted or were never read."""
    now = ask.now
    catalogs = {catalog["id"] for catalog in now.world["catalogs"]}

    def why(end: Card) -> str:
        if end in now.deleted:
            return "deleted"
        reason = now.unreadable.get(end, "never read")
        strange = end.kind == "element" and end.catalog not in catalogs
        return "unknown catalog" if strange and reason != "no rights" else reason

    def missing(end: Card) -> bool:
        return end in now.deleted or end not in now.cards

    found: list[tuple[tuple[Any, ...], Row]] = []
    for link in now.links:
        for place, end in enumerate(link.ends):
            if missing(end):
                other = link.ends[1 - place]
                plain = end in now.deleted and not missing(other)
                row: Row = {
                    "why": why(end),
                    "relation": link.relation,
                    "missing_ref": end,
                    "other_ref": other,
                    "other_missing": missing(other),
                    "fix": f"unlink {link.owner} {link.other}" if plain else None,
                }
                owner = (link.owner.kind, link.owner.id)
                far = (link.other.kind, link.other.catalog, link.other.id)
                found.append(((row["why"], link.relation, place, owner, far), row))
    return Expected([row for _, row in sorted(found, key=lambda pair: pair[0])])
