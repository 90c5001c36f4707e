"""Cards with several companies, and leads that were opened twice."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.queries.conftest import BASE_URL, Snapshot, World
from tests.queries.test_questions import HOSTILE, answer, columns

NAMES = ("contacts-with-several-companies", "duplicate-leads", "several-companies")
READ = datetime.fromisoformat("2026-02-01T12:00:00")
LATER = datetime.fromisoformat("2026-02-01T13:00:00")


class TestSeveralCompanies:
    """More companies than the one that the CRM allows: true, or read in the midst of a move."""

    @staticmethod
    def fill(world: World) -> None:
        world.card("company:1", "k1", links_read_at=LATER, links_whole=True)
        world.card("company:2", "k2", links_read_at=READ, links_whole=False)
        world.card("company:66", deleted=True)
        world.card("lead:5", "five", links_read_at=READ, links_whole=True)
        world.link("lead:5", "company:1", seen_from="both")
        world.link("lead:5", "company:2", seen_from="both")
        world.link("lead:5", "company:66")
        world.card("lead:6", "six")
        world.link("lead:6", "company:1")
        world.link("lead:6", "company:66")  # one that lives
        world.card("lead:7", "seven", deleted=True)
        world.link("lead:7", "company:1")
        world.link("lead:7", "company:2")
        world.card("customer:4", "four", links_read_at=READ, links_whole=True)
        world.link("customer:4", "company:1", seen_from="customer")
        world.link("customer:4", "company:2", seen_from="company")
        world.link("customer:4", "company:99")  # which this user may not read
        world.link("lead:3", "company:1", seen_from="company")  # nor this lead
        world.link("lead:3", "company:2", seen_from="company")

    def test_a_row_for_each_company(self, snapshot: Snapshot) -> None:
        """Who told of it and when each side was read; only what both tell is beyond doubt."""
        found = answer(snapshot(self.fill), "several-companies")

        assert found.rows()[3] == {
            "ref": "lead:3",
            "name": None,
            "url": f"{BASE_URL}/leads/detail/3",
            "companies": 2,
            "company_id": 1,
            "company_name": "k1",
            "company_url": f"{BASE_URL}/companies/detail/1",
            "seen_from": "company",
            "links_read_at": None,
            "links_whole": False,
            "company_links_read_at": LATER,
            "company_links_whole": True,
            "settled": False,
        }
        assert columns(found, "ref", "name", "companies", "company_id", "seen_from", "settled") == [
            ("customer:4", "four", 3, 1, "customer", False),
            ("customer:4", "four", 3, 2, "company", False),
            ("customer:4", "four", 3, 99, "both", False),
            ("lead:3", None, 2, 1, "company", False),
            ("lead:3", None, 2, 2, "company", False),
            ("lead:5", "five", 2, 1, "both", True),
            ("lead:5", "five", 2, 2, "both", False),
        ]
        assert found.rows()[0]["url"] == f"{BASE_URL}/customers/detail/4"
        assert columns(found, "links_read_at", "company_links_read_at")[1:3] == [
            (READ, READ),
            (READ, None),
        ]

    def test_contacts_by_their_own_links_alone(self, snapshot: Snapshot) -> None:
        """A company that a contact reaches through a lead or a customer is not one of its own."""

        def fill(world: World) -> None:
            self.fill(world)
            world.card("contact:10", "ten", links_read_at=READ, links_whole=True)
            world.link("contact:10", "company:2", seen_from="contact")
            world.link("contact:10", "company:1")
            world.card("contact:11")
            world.link("contact:11", "company:1")
            world.link("contact:11", "company:66")
            world.link("lead:5", "contact:11")
            world.link("customer:4", "contact:11")
            world.card("contact:12", deleted=True)
            for company in (1, 2):
                world.link("contact:12", f"company:{company}")
            for company in (1, 2, 98):
                world.link("contact:13", f"company:{company}", seen_from="company")

        found = answer(snapshot(fill), "contacts-with-several-companies")

        assert found.rows()[3] == {
            "contact_id": 10,
            "contact_name": "ten",
            "contact_url": f"{BASE_URL}/contacts/detail/10",
            "companies": 2,
            "company_id": 1,
            "company_name": "k1",
            "company_url": f"{BASE_URL}/companies/detail/1",
            "seen_from": "both",
            "links_read_at": READ,
            "links_whole": True,
            "company_links_read_at": LATER,
            "company_links_whole": True,
            "settled": True,
        }
        assert columns(found, "contact_id", "contact_name", "company_id", "seen_from") == [
            (13, None, 1, "company"),
            (13, None, 2, "company"),
            (13, None, 98, "company"),
            (10, "ten", 1, "both"),
            (10, "ten", 2, "contact"),
        ]


class TestDuplicateLeads:
    """Open leads of one pipeline with somebody in common."""

    PAIR = ("lead_a_id", "lead_b_id", "gap_days", "shared", "contact_id", "company_id")

    @staticmethod
    def lead(
        world: World, number: int, created: str | None = None, status: int | None = 20, **told: Any
    ) -> None:
        moment = None if created is None else datetime.fromisoformat(created)
        world.card(
            f"lead:{number}",
            f"l{number}",
            **{"pipeline_id": 1, "status_id": status, "created_at": moment, **told},
        )

    def fill(self, world: World) -> None:
        world.row("pipelines", pipeline_id=1, name="Sales")
        for status, name in ((5, "Incoming"), (20, "Talks"), (142, "Won")):
            world.row(
                "statuses",
                pipeline_id=1,
                status_id=status,
                name=name,
                is_unsorted=status == 5,
                is_closed=status == 142,
            )
        for number in (10, 11):
            world.card(f"contact:{number}", f"c{number}")
            world.card(f"company:{number - 9}", f"k{number - 9}")
        self.lead(world, 1, "2025-03-10T23:59:59", price=100)
        self.lead(world, 2, "2025-03-08T00:00:01", price=0)
        self.lead(world, 3, "2025-03-10T00:00:00", status=None)
        self.lead(world, 4)
        self.lead(world, 5, status=5)
        self.lead(world, 6, status=142)
        self.lead(world, 7, status=143)
        self.lead(world, 8, deleted=True)
        self.lead(world, 12, pipeline_id=2)
        self.lead(world, 13, pipeline_id=2)
        self.lead(world, 14, pipeline_id=None)
        self.lead(world, 15, pipeline_id=None)
        for number in (1, 2, 5, 6, 7, 8, 12, 14, 15, 77):  # 77 cannot be read
            world.link(f"lead:{number}", "contact:10", True)
            world.link(f"lead:{number}", "company:1")
        world.link("lead:13", "contact:99", True)
        for number in (3, 4):
            world.link(f"lead:{number}", "contact:10", False if number == 3 else None)
            world.link(f"lead:{number}", "contact:11", True)
        world.link("lead:3", "company:2")

    def test_the_same_main_contact(self, snapshot: Snapshot) -> None:
        """Open and of one pipeline; a main contact of which nothing is said is none."""
        found = answer(snapshot(self.fill), "duplicate-leads")

        assert found.rows()[0] == {
            "lead_a_id": 1,
            "lead_a_name": "l1",
            "lead_a_url": f"{BASE_URL}/leads/detail/1",
            "status_a_id": 20,
            "status_a_name": "Talks",
            "price_a": 100.0,
            "created_a_at": datetime.fromisoformat("2025-03-10T23:59:59"),
            "lead_b_id": 2,
            "lead_b_name": "l2",
            "lead_b_url": f"{BASE_URL}/leads/detail/2",
            "status_b_id": 20,
            "status_b_name": "Talks",
            "price_b": 0.0,
            "created_b_at": datetime.fromisoformat("2025-03-08T00:00:01"),
            "gap_days": 2,
            "pipeline_id": 1,
            "pipeline_name": "Sales",
            "shared": 1,
            "contact_id": 10,
            "contact_name": "c10",
            "company_id": None,
            "company_name": None,
        }
        assert columns(found, *self.PAIR) == [(1, 2, 2, 1, 10, None), (3, 4, None, 1, 11, None)]
        assert found.cut is not None
        assert found.cut.rows() == []

    def test_what_they_have_in_common_is_chosen(self, snapshot: Snapshot) -> None:
        """Any contact, a company, or a main contact and a company; the shortest gap first."""
        engine = snapshot(self.fill)

        contact = answer(engine, "duplicate-leads", by="contact")
        company = answer(engine, "duplicate-leads", by="company")
        both = answer(engine, "duplicate-leads", by="main-and-company")

        assert columns(contact, *self.PAIR) == [
            (1, 3, 0, 1, 10, None),
            (1, 2, 2, 1, 10, None),
            (2, 3, 2, 1, 10, None),
            (1, 4, None, 1, 10, None),
            (2, 4, None, 1, 10, None),
            (3, 4, None, 2, 10, None),
        ]
        assert columns(company, *self.PAIR) == [(1, 2, 2, 1, None, 1)]
        assert columns(both, *self.PAIR) == [(1, 2, 2, 1, 10, 1)]

    def test_several_main_contacts_and_companies(self, snapshot: Snapshot) -> None:
        """Each counts, with each: two main contacts in two companies are four things in common."""

        def fill(world: World) -> None:
            for number in (1, 2):
                self.lead(world, number)
                for contact in (10, 99):
                    world.link(f"lead:{number}", f"contact:{contact}", True)
                for company in (1, 98):
                    world.link(f"lead:{number}", f"company:{company}")

        engine = snapshot(fill)

        assert [
            columns(answer(engine, "duplicate-leads", by=by), *self.PAIR)
            for by in ("main", "contact", "company", "main-and-company")
        ] == [
            [(1, 2, None, 2, 10, None)],
            [(1, 2, None, 2, 10, None)],
            [(1, 2, None, 2, None, 1)],
            [(1, 2, None, 4, 10, 1)],
        ]

    def test_a_deleted_contact_is_nobody(self, snapshot: Snapshot) -> None:
        """Leads have a deleted contact or company no more; one that cannot be read they have."""

        def fill(world: World) -> None:
            world.card("contact:66", deleted=True)
            for number in (1, 2):
                self.lead(world, number)
                world.link(f"lead:{number}", "contact:66", True)
                world.link(f"lead:{number}", "company:99")

        engine = snapshot(fill)

        assert answer(engine, "duplicate-leads", by="contact").rows() == []
        assert columns(answer(engine, "duplicate-leads", by="company"), *self.PAIR) == [
            (1, 2, None, 1, None, 99)
        ]

    def test_hubs_are_cut_pipeline_by_pipeline(self, snapshot: Snapshot) -> None:
        """Who has too many open leads in one pipeline still counts in another."""

        def fill(world: World) -> None:
            world.row("pipelines", pipeline_id=1, name="Sales")
            world.card("company:1", "Office")
            world.card("contact:10", "Shared")
            for number in range(1, 8):
                self.lead(world, number, pipeline_id=1 if number < 5 else 2)
                world.link(f"lead:{number}", "contact:10", True)
                world.link(f"lead:{number}", "company:1")
            world.link("lead:1", "contact:11", False)
            world.link("lead:2", "contact:11", False)

        engine = snapshot(fill)
        contact = answer(engine, "duplicate-leads", by="contact", hub_cap=3)
        company = answer(engine, "duplicate-leads", by="company", hub_cap=2)
        both = answer(engine, "duplicate-leads", by="main-and-company", hub_cap=3)

        assert columns(contact, *self.PAIR) == [
            (1, 2, None, 1, 11, None),
            (5, 6, None, 1, 10, None),
            (5, 7, None, 1, 10, None),
            (6, 7, None, 1, 10, None),
        ]
        assert contact.cut is not None
        assert contact.cut.rows() == [
            {
                "contact_id": 10,
                "contact_name": "Shared",
                "contact_url": f"{BASE_URL}/contacts/detail/10",
                "company_id": None,
                "company_name": None,
                "company_url": None,
                "pipeline_id": 1,
                "pipeline_name": "Sales",
                "leads": 4,
            }
        ]
        assert company.rows() == []
        assert company.cut is not None
        names = ("contact_id", "company_id", "company_name", "pipeline_id", "leads")
        assert [tuple(row[name] for name in names) for row in company.cut.rows()] == [
            (None, 1, "Office", 1, 4),
            (None, 1, "Office", 2, 3),
        ]
        assert company.cut.rows()[0]["company_url"] == f"{BASE_URL}/companies/detail/1"
        assert both.cut is not None
        assert [tuple(row[name] for name in names) for row in both.cut.rows()] == [
            (10, 1, "Office", 1, 4)
        ]


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_account_has_no_rows(empty: Engine, name: str) -> None:
    """An account without cards is answered with nothing."""
    assert answer(empty, name).rows() == []


@pytest.mark.parametrize("name", NAMES)
def test_hostile_and_missing_text(snapshot: Snapshot, name: str) -> None:
    """Names may hold anything or nothing: answers, no failure, and the text as it was."""

    def fill(world: World) -> None:
        for number in (1, 2):
            text = HOSTILE if number == 1 else None
            world.row("users", user_id=number, name=text)
            world.card(f"contact:{number}", text)
            world.card(f"company:{number}", text)
            world.card(f"lead:{number}", text, pipeline_id=1, responsible_user_id=number)
        for number in (1, 2):
            world.link(f"lead:{number}", "contact:1", True)
            world.link("lead:1", f"company:{number}")
            world.link("contact:1", f"company:{number}")

    rows = answer(snapshot(fill), name).rows()

    texts = [value for row in rows for value in row.values() if isinstance(value, str)]
    assert HOSTILE in texts
