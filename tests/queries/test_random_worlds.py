"""Every question against a second, slow, obvious answer in Python, on random little accounts.

The second answer reads plain dicts and sets of what was linked, never a table or a view.
"""

from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries.asked import Sources
from queries.catalogue import Catalogue
from queries.engine import open_engine
from queries.runner import Answer, ask
from tests.queries.conftest import World, index_of

CATALOGUE = Catalogue.load()
IDS = st.integers(1, 4)
INCOMING, OPEN, WON = 5, 20, 142


@dataclass
class Plain:
    """A little account: which cards are known, which of them are deleted, and who is linked."""

    cards: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    links: dict[tuple[str, int, str, int], bool | None] = field(default_factory=dict)

    def pairs(self, owner: str, other: str) -> set[tuple[int, int]]:
        """Live links of two types; a link to an unknown card is one."""
        return {
            (a, b)
            for (owner_type, a, other_type, b) in self.links
            if (owner_type, other_type) == (owner, other)
            and not self.deleted(owner, a)
            and not self.deleted(other, b)
        }

    def deleted(self, kind: str, number: int) -> bool:
        return bool(self.cards.get((kind, number), {}).get("deleted"))

    def live(self, kind: str) -> list[int]:
        return [n for (k, n), card in self.cards.items() if k == kind and not card["deleted"]]

    def touches(self, *, closed: bool = True) -> dict[int, dict[int, list[tuple[str, int]]]]:
        """contact → company → the routes between them."""
        found: dict[int, dict[int, list[tuple[str, int]]]] = {}
        for contact, company in self.pairs("contact", "company"):
            found.setdefault(contact, {}).setdefault(company, []).append(("direct", 0))
        for via in ("lead", "customer"):
            for card, contact in self.pairs(via, "contact"):
                if via == "lead" and not closed and self.status(card) == WON:
                    continue
                for other, company in self.pairs(via, "company"):
                    if card == other:
                        found.setdefault(contact, {}).setdefault(company, []).append((via, card))
        return found

    def status(self, lead: int) -> int | None:
        status: int | None = self.cards.get(("lead", lead), {}).get("status_id")
        return status


PAIRS = (
    *(("lead", "contact"), ("lead", "company"), ("contact", "company")),
    *(("customer", "contact"), ("customer", "company"), ("contact", "element")),
)


@st.composite
def worlds(draw: st.DrawFn) -> Plain:
    world = Plain()
    for kind in ("lead", "contact", "company", "customer"):
        for number in draw(st.sets(IDS)):
            world.cards[kind, number] = {"deleted": draw(st.integers(0, 5)) == 0}
            if kind == "lead":
                status = draw(st.sampled_from([INCOMING, OPEN, WON, None]))
                world.cards[kind, number]["status_id"] = status
    links = st.tuples(st.sampled_from(PAIRS), IDS, IDS, st.sampled_from([True, False, None]))
    for (owner, other), a, b, main in draw(st.lists(links, max_size=25)):
        world.links[owner, a, other, b] = main if other == "contact" else None
    return world


def fill(plain: Plain, world: World) -> None:
    for status in (INCOMING, OPEN, WON):
        world.row(
            "statuses",
            pipeline_id=1,
            status_id=status,
            is_unsorted=status == INCOMING,
            is_closed=status == WON,
        )
    for (kind, number), card in plain.cards.items():
        extra = {"pipeline_id": 1} if kind == "lead" else {}
        world.card(f"{kind}:{number}", f"{kind} {number}", **card, **extra)
    for (owner, a, other, b), main in plain.links.items():
        world.link(f"{owner}:{a}", f"element:7/{b}" if other == "element" else f"{other}:{b}", main)


def rows(answer: Answer, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in answer.rows()]


def sharing(world: Plain, least: int, cap: int) -> list[tuple[Any, ...]]:
    kept = {c: routes for c, routes in world.touches().items() if len(routes) <= cap}
    companies = sorted({company for routes in kept.values() for company in routes})
    found = []
    for a, b in combinations(companies, 2):
        common = [contact for contact, routes in kept.items() if a in routes and b in routes]
        if len(common) < least:
            continue
        either = [contact for contact, routes in kept.items() if a in routes or b in routes]
        via = [
            sum(any(kind == way for kind, _ in kept[c][a] + kept[c][b]) for c in common)
            for way in ("direct", "lead", "customer")
        ]
        found.append((a, b, len(common), *via, len(common) / len(either)))
    return sorted(found, key=lambda row: (-row[2], -row[6], row[0], row[1]))


def hubs(world: Plain, cap: int) -> list[tuple[int, int]]:
    found = [(c, len(routes)) for c, routes in world.touches().items() if len(routes) > cap]
    return sorted(found, key=lambda row: (-row[1], row[0]))


def touching(world: Plain, closed: bool) -> list[tuple[Any, ...]]:
    found = []
    for contact, routes in world.touches(closed=closed).items():
        if len(routes) < 2:
            continue
        own = min((c for c, ways in routes.items() if ("direct", 0) in ways), default=None)
        for company, ways in routes.items():
            if company != own:
                leads = sum(kind == "lead" for kind, _ in ways)
                customers = sum(kind == "customer" for kind, _ in ways)
                found.append((contact, len(routes), own, company, leads, customers))
    return sorted(found, key=lambda row: (-row[1], row[0], -row[4], -row[5], row[3]))


def bare(world: Plain, incoming: bool) -> list[tuple[Any, ...]]:
    linked = {lead for lead, _ in world.pairs("lead", "contact")}
    found = []
    for lead in sorted(world.live("lead")):
        if lead not in linked and (incoming or world.status(lead) != INCOMING):
            companies = [c for other, c in world.pairs("lead", "company") if other == lead]
            found.append((lead, min(companies, default=None)))
    return found


def wrong(world: Plain) -> list[tuple[Any, ...]]:
    belongs = world.pairs("contact", "company")
    found = []
    for lead, main in world.pairs("lead", "contact"):
        if world.links["lead", lead, "contact", main] is not True:
            continue
        ours = {company for other, company in world.pairs("lead", "company") if other == lead}
        contacts = {contact for other, contact in world.pairs("lead", "contact") if other == lead}
        better = {c for c in contacts if any((c, company) in belongs for company in ours)}
        if not better or main in better:
            continue
        theirs = {company for contact, company in belongs if contact == main}
        known = ("contact", main) in world.cards
        kind = "other company" if theirs else "no company" if known else "unknown company"
        mains = [c for c in contacts if world.links["lead", lead, "contact", c] is True]
        best = min(better)
        plain = (
            len(better) == len(ours) == len(mains) == 1
            and len([1 for contact, _ in belongs if contact == best]) == 1
            and ("lead", lead) in world.cards
            and kind != "unknown company"
        )
        fix = f"main lead:{lead} contact:{best}" if plain else None
        found.append((kind, lead, main, len(better), fix))
    order = ["other company", "no company", "unknown company"]
    return sorted(found, key=lambda row: (order.index(row[0]), row[1], row[2]))


def orphans(world: Plain) -> list[int]:
    linked = {contact for contact, _ in world.pairs("contact", "company")}
    linked |= {contact for contact, _ in world.pairs("contact", "element")}
    linked |= {
        contact for owner in ("lead", "customer") for _, contact in world.pairs(owner, "contact")
    }
    return sorted(set(world.live("contact")) - linked)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.integers(1, 3), st.integers(2, 4), st.booleans())
def test_both_answers_agree(world: Plain, least: int, cap: int, flag: bool) -> None:
    """Rows, figures and order are those of the plain definition, on any account."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mirror.duckdb"
        built = World(path)
        fill(world, built)
        built.save()
        engine = open_engine(path)
        sources = Sources(engine, lambda: index_of(path))
        try:

            def answer(name: str, **parameters: Any) -> Answer:
                return ask(sources, CATALOGUE.get(name), parameters)

            shared = answer("companies-sharing-contacts", min_shared=least, hub_cap=cap)
            pair = ("company_a_id", "company_b_id", "shared")
            via = ("via_direct", "via_leads", "via_customers", "jaccard")
            assert rows(shared, *pair, *via) == sharing(world, least, cap)
            assert shared.cut is not None
            cut = [(row["contact_id"], row["companies"]) for row in shared.cut.rows()]
            assert cut == hubs(world, cap)

            many = answer("contacts-touching-many-companies", closed_leads=flag)
            names = ("contact_id", "companies", "own_company_id", "other_company_id")
            assert rows(many, *names, "leads", "customers") == touching(world, flag)

            alone = answer("leads-without-contact", incoming_leads=flag)
            assert rows(alone, "lead_id", "company_id") == bare(world, flag)

            main = answer("wrong-main-contact")
            found = rows(main, "kind", "lead_id", "main_contact_id", "better", "fix")
            assert found == wrong(world)

            assert rows(answer("orphan-contacts"), "contact_id") == [(c,) for c in orphans(world)]
        finally:
            engine.dispose()
