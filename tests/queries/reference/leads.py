"""Leads and who they belong to."""

from collections import Counter
from itertools import combinations
from typing import Any

from tests.queries.reference.account import Card, Snapshot
from tests.queries.reference.asking import Asking, Expected, Row, late, named


def _owned(now: Snapshot, lead: Card) -> Row:
    return {
        "lead_id": lead,
        "responsible_user_id": now.said(lead, "responsible_user_id"),
        "created_at": now.moment(lead),
        "links_whole": now.whole.get(lead, False),
    }


def _newest(row: Row) -> tuple[Any, ...]:
    return late(row["created_at"]), row["lead_id"]


def leads_without_contact(ask: Asking) -> Expected:
    """Leads that no contact is linked to."""
    rows: list[Row] = []
    for lead in ask.now.live("lead"):
        wanted = ask.values["incoming_leads"] or not ask.now.incoming(lead)
        if wanted and not ask.now.others(lead, "contact"):
            rows.append(
                _owned(ask.now, lead)
                | {
                    "pipeline_id": ask.now.said(lead, "pipeline_id"),
                    "status_id": ask.now.said(lead, "status_id"),
                    "status_name": ask.now.status_name(lead),
                    "company_id": min(ask.now.others(lead, "company"), default=None),
                }
            )
    return Expected(sorted(rows, key=_newest))


def leads_without_company(ask: Asking) -> Expected:
    """Leads that lack the company of the contact that speaks for them."""
    now = ask.now
    rows: list[Row] = []
    for lead in now.live("lead"):
        contacts, mains = now.others(lead, "contact"), now.mains(lead)
        speak = mains or (contacts if len(contacts) == 1 else [])
        belong = [contact for contact in speak if now.others(contact, "company")]
        if now.others(lead, "company") or not belong:
            continue
        theirs = {company for contact in speak for company in now.others(contact, "company")}
        rest = {
            company
            for contact in contacts
            if contact not in speak
            for company in now.others(contact, "company")
        } - theirs
        suggested = min(theirs) if len(theirs) == 1 else None
        sure = "unclear" if suggested is None else "likely" if rest else "sure"
        plain = sure == "sure" and now.whole[lead] and suggested in now.live("company")
        rows.append(
            _owned(now, lead)
            | {
                "contact_id": belong[0],
                "told_by": "main contact" if mains else "only contact",
                "companies": len(theirs),
                "suggested_company_id": suggested,
                "other_companies": len(rest),
                "sure": sure,
                "fix": f"link {lead} {suggested}" if plain else None,
            }
        )
    order = ["sure", "likely", "unclear"]
    return Expected(sorted(rows, key=lambda row: (order.index(row["sure"]), _newest(row))))


def leads_without_main_contact(ask: Asking) -> Expected:
    """Leads with contacts, but not one main contact."""
    now = ask.now
    wanted = {
        "none": {"none", "unknown"},
        "several": {"several"},
        "both": {"none", "unknown", "several"},
    }[ask.values["variant"]] - (set() if ask.values["unsaid"] else {"unknown"})
    rows: list[Row] = []
    for lead in now.live("lead"):
        contacts, mains = now.others(lead, "contact"), now.mains(lead)
        unsaid = [contact for contact in contacts if now.main(lead, contact) is None]
        if not contacts or len(mains) == 1:
            continue
        kind = "several" if mains else "unknown" if unsaid else "none"
        if kind not in wanted:
            continue
        questioned = mains or contacts
        ours = set(now.others(lead, "company"))
        insiders = [one for one in questioned if ours & set(now.others(one, "company"))]
        suggested = next((few[0] for few in (questioned, insiders) if len(few) == 1), None)
        plain = len(contacts) == 1 and now.whole[lead] and contacts[0] in now.live("contact")
        rows.append(
            _owned(now, lead)
            | {
                "kind": kind,
                "contacts": len(contacts),
                "mains": len(mains),
                "unknown": len(unsaid),
                "suggested_contact_id": suggested,
                "fix": f"main {lead} {contacts[0]}" if plain else None,
            }
        )
    order = ["none", "several", "unknown"]
    return Expected(sorted(rows, key=lambda row: (order.index(row["kind"]), _newest(row))))


def wrong_main_contact(ask: Asking) -> Expected:
    """Leads whose main contact belongs elsewhere while another contact belongs to their company."""
    now = ask.now
    rows: list[Row] = []
    for lead in sorted({lead for lead, _ in now.pairs("lead", "contact")}):
        ours = now.others(lead, "company")
        contacts, mains = now.others(lead, "contact"), now.mains(lead)
        better = [one for one in contacts if set(ours) & set(now.others(one, "company"))]
        for main in mains:
            if not better or main in better:
                continue
            theirs = now.others(main, "company")
            read = main in now.cards
            kind = "other company" if theirs else "no company" if read else "unknown company"
            if kind != "other company" and not ask.values["weaker"]:
                continue
            plain = (
                len(mains) == len(ours) == len(better) == 1
                and len(now.others(better[0], "company")) == 1
                and better[0] in now.cards
                and read
                and now.whole.get(lead, False)
            )
            rows.append(
                {
                    "lead_id": lead,
                    "company_id": ours[0],
                    "main_contact_id": main,
                    "main_company_id": min(theirs, default=None),
                    "kind": kind,
                    "better": len(better),
                    "better_contact_id": better[0] if len(better) == 1 else None,
                    "better_contacts": ", ".join(named(now.name(c), c.id) for c in better[:5]),
                    "links_whole": now.whole.get(lead, False),
                    "fix": f"main {lead} {better[0]}" if plain else None,
                }
            )
    order = ["other company", "no company", "unknown company"]
    rows.sort(key=lambda row: (order.index(row["kind"]), row["lead_id"], row["main_contact_id"]))
    return Expected(rows)


def lead_company_mismatch(ask: Asking) -> Expected:
    """Leads of a company that none of their contacts belongs to, while one belongs to another."""
    now = ask.now
    text = ask.values["agencies"]
    agencies = set() if text == "none" else {int(part) for part in text.split(",")}
    rows: list[Row] = []
    for lead in now.live("lead"):
        homes = {
            contact: [c for c in now.others(contact, "company") if c.id not in agencies]
            for contact in now.others(lead, "contact")
        }
        theirs = sorted({company for companies in homes.values() for company in companies})
        for company in now.others(lead, "company"):
            if company.id in agencies or company in theirs or not theirs:
                continue
            rows.append(
                _owned(now, lead)
                | {
                    "company_id": company,
                    "contacts": sum(bool(companies) for companies in homes.values()),
                    "companies": len(theirs),
                    "other_company_id": theirs[0],
                    "other_companies": ", ".join(named(now.name(c), c.id) for c in theirs[:5]),
                }
            )
    return Expected(sorted(rows, key=lambda row: (_newest(row), row["company_id"])))


def _is_open(ask: Asking, lead: Card, *, closed: bool = False) -> bool:
    live = lead in ask.now.cards and lead not in ask.now.deleted
    return live and (closed or not ask.now.closed(lead))


def cross_owner(ask: Asking) -> Expected:
    """Cards that several users work on."""
    shown = ["contact", "company", "lead"]
    if ask.values["cards"] != "all":
        shown = [
            {"contacts": "contact", "companies": "company", "leads": "lead"}[ask.values["cards"]]
        ]
    rows = [row for kind in shown for row in _worked_on(ask, kind)]
    order = ["contact", "company", "lead"]
    rows.sort(
        key=lambda row: (
            *(-row["users"], -row["leads"]),
            *(order.index(row["ref"].kind), row["ref"]),
        )
    )
    return Expected(rows)


def _worked_on(ask: Asking, kind: str) -> list[Row]:
    now = ask.now

    def user(one: Card) -> int | None:
        number: int | None = now.said(one, "responsible_user_id")
        return number

    leads = [
        lead
        for lead in now.live("lead")
        if _is_open(ask, lead, closed=ask.values["closed_leads"]) and user(lead) is not None
    ]
    rows: list[Row] = []
    if kind == "lead":
        for lead in leads:
            theirs = [c for c in now.mains(lead) if user(c) not in (None, user(lead))]
            if theirs:
                users = [user(lead), *sorted({user(c) for c in theirs}, key=lambda u: u or 0)]
                rows.append(_by_users(now, lead, users, 1) | {"main_contact_id": theirs[0]})
        return rows
    for one in sorted({other for _, other in now.pairs("lead", kind)}):
        counts = Counter(user(lead) for lead in leads if lead in now.others(one, "lead"))
        if len(counts) > 1:
            users = sorted(counts, key=lambda u: (-counts[u], u or 0))
            rows.append(_by_users(now, one, users, counts.total()) | {"main_contact_id": None})
    return rows


def _by_users(now: Snapshot, one: Card, users: list[int | None], leads: int) -> Row:
    return {
        "ref": one,
        "users": len(users),
        "leads": leads,
        "owners": ", ".join(named(now.user_name(user), user) for user in users[:5]),
        "responsible_user_id": now.said(one, "responsible_user_id"),
    }


def duplicate_leads(ask: Asking) -> Expected:
    """Pairs of open leads of one pipeline with something in common."""
    now, by = ask.now, ask.values["by"]

    def keys(lead: Card) -> set[tuple[Card | None, Card | None]]:
        companies = now.others(lead, "company")
        if by == "main-and-company":
            return {(c, company) for c in now.mains(lead) for company in companies}
        if by == "company":
            return {(None, company) for company in companies}
        return {
            (c, None) for c in (now.mains(lead) if by == "main" else now.others(lead, "contact"))
        }

    lines: dict[int, list[Card]] = {}
    for lead in now.live("lead"):
        pipeline = now.said(lead, "pipeline_id")
        if pipeline is not None and _is_open(ask, lead) and not now.incoming(lead):
            lines.setdefault(pipeline, []).append(lead)
    rows: list[Row] = []
    cut: list[Row] = []
    for pipeline, leads in lines.items():
        held = Counter(key for lead in leads for key in keys(lead))
        hubs = {key for key, count in held.items() if count > ask.values["hub_cap"]}
        for contact, company in hubs:
            cut.append(
                {
                    "contact_id": contact,
                    "company_id": company,
                    "pipeline_id": pipeline,
                    "leads": held[contact, company],
                }
            )
        for a, b in combinations(leads, 2):
            common = (keys(a) & keys(b)) - hubs
            if common:
                rows.append(_pair(now, a, b, pipeline, common))
    rows.sort(
        key=lambda row: (
            *(row["gap_days"] is None, row["gap_days"] or 0),
            *(row["lead_a_id"], row["lead_b_id"]),
        )
    )
    nobody = Card(-1, 0, 0)
    cut.sort(
        key=lambda row: (
            *(-row["leads"], row["pipeline_id"]),
            *(row["contact_id"] or nobody, row["company_id"] or nobody),
        )
    )
    return Expected(rows, cut)


def _pair(
    now: Snapshot, a: Card, b: Card, pipeline: int, common: set[tuple[Card | None, Card | None]]
) -> Row:
    first, second = now.moment(a), now.moment(b)
    gap = None if first is None or second is None else abs((first.date() - second.date()).days)
    row: Row = {
        "gap_days": gap,
        "pipeline_id": pipeline,
        "shared": len(common),
        "contact_id": min((c for c, _ in common if c), default=None),
        "company_id": min((c for _, c in common if c), default=None),
    }
    for letter, lead in (("a", a), ("b", b)):
        row |= {
            f"lead_{letter}_id": lead,
            f"status_{letter}_id": now.said(lead, "status_id"),
            f"status_{letter}_name": now.status_name(lead),
            f"price_{letter}": now.said(lead, "price"),
            f"created_{letter}_at": now.moment(lead),
        }
    return row
