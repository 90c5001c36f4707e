"""Who touches which companies: pairs, people, groups, on little accounts and as laws."""

from collections import Counter
from datetime import datetime
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from linkgraph.errors import InvalidParameter, InvalidRef, QueryStopped
from linkgraph.index import LinkIndex, Walk
from linkgraph.model import EntityType
from queries.asked import Asked, Sources
from queries.catalogue import Catalogue
from queries.company_groups import groups_of
from queries.companypairs import company_pairs
from queries.engine import open_engine
from queries.runner import Answer, ask
from queries.running import Stop
from queries.touches import BY_CUSTOMER, BY_LEAD, DIRECT, Touches
from tests.queries.conftest import BASE_URL, Little, World, index_of

CATALOGUE = Catalogue.load()
HOSTILE = "=cmd|'/C calc'!A0'; drop table leads; -- \x1b[2J\u202e\n\"«»\x00"
TWO = {"a": "company:1", "b": "company:2"}


def day(text: str) -> datetime:
    return datetime.fromisoformat(text)


def answer(account: Sources, name: str, **parameters: Any) -> Answer:
    return ask(account, CATALOGUE.get(name), parameters)


def columns(found: Answer, *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in found.rows()]


class TestCompaniesSharingContacts:
    """Companies never share a contact by contact links alone: leads and customers join them."""

    @staticmethod
    def fill(world: World) -> None:
        for number, name in ((1, "Альфа"), (2, "Бета"), (3, "Гамма"), (4, None)):
            world.card(f"company:{number}", name)
        for number in (10, 11, 12, 13):
            world.card(f"contact:{number}", f"c{number}")
        for number in (100, 101, 102, 103, 104):
            world.card(f"lead:{number}", f"l{number}", deleted=number == 104)
        world.card("customer:200", "u")
        # 10 belongs to Альфа and works with Бета through two leads: one contact, once
        world.link("contact:10", "company:1")
        world.link("lead:100", "contact:10", True)
        world.link("lead:100", "company:2")
        world.link("lead:101", "contact:10")
        world.link("lead:101", "company:2")
        # 11 touches Альфа through a lead, Бета through a customer
        world.link("lead:102", "contact:11")
        world.link("lead:102", "company:1")
        world.link("customer:200", "contact:11")
        world.link("customer:200", "company:2")
        # 12 touches Бета twice over and nothing else
        world.link("contact:12", "company:2")
        world.link("lead:103", "contact:12")
        world.link("lead:103", "company:2")
        # a deleted lead joins nobody
        world.link("lead:104", "contact:13")
        world.link("lead:104", "company:3")
        world.link("contact:13", "company:1")

    def test_pairs_are_counted_by_distinct_contacts(self, little: Little) -> None:
        """A contact counts once, by whichever routes; each route is counted beside it."""
        found = answer(little(self.fill), "companies-sharing-contacts")

        assert found.rows() == [
            {
                "company_a_id": 1,
                "company_a_name": "Альфа",
                "company_a_url": f"{BASE_URL}/companies/detail/1",
                "company_b_id": 2,
                "company_b_name": "Бета",
                "company_b_url": f"{BASE_URL}/companies/detail/2",
                "shared": 2,
                "via_direct": 1,
                "via_leads": 2,
                "via_customers": 1,
                "jaccard": 2 / 4,
                "first_contact_id": 10,
                "first_contact_name": "c10",
                "last_contact_id": 11,
                "last_contact_name": "c11",
            }
        ]
        assert found.cut is not None
        assert (found.cut.count, found.cut.rows()) == (0, [])

    def test_one_common_contact_is_enough_when_asked(self, little: Little) -> None:
        """`min_shared` 1 lists pairs with one contact, whose sample is that contact alone."""

        def fill(world: World) -> None:
            world.link("contact:10", "company:2")
            world.link("lead:100", "contact:10")
            world.link("lead:100", "company:1")

        account = little(fill)

        assert answer(account, "companies-sharing-contacts").rows() == []
        found = answer(account, "companies-sharing-contacts", min_shared="1")
        assert columns(found, "company_a_id", "company_b_id", "shared", "jaccard") == [(1, 2, 1, 1)]
        assert columns(found, "first_contact_id", "last_contact_id") == [(10, None)]

    def test_cards_that_cannot_be_read_still_join(self, little: Little) -> None:
        """A card without a row has no name, yet an address, and its links count."""

        def fill(world: World) -> None:
            world.link("contact:10", "company:2")
            world.link("customer:5", "contact:10")
            world.link("customer:5", "company:1")

        found = answer(little(fill), "companies-sharing-contacts", min_shared=1)

        assert columns(found, "company_a_name", "company_a_url", "via_customers") == [
            (None, f"{BASE_URL}/companies/detail/1", 1)
        ]

    def test_what_the_hub_cap_cuts_is_returned(self, little: Little) -> None:
        """A contact that touches more companies than the cap counts nowhere and is reported."""

        def fill(world: World) -> None:
            self.fill(world)
            world.card("contact:66", "office phone")
            for company in (1, 2, 3):
                world.link(f"lead:{300 + company}", "contact:66")
                world.link(f"lead:{300 + company}", f"company:{company}")

        found = answer(little(fill), "companies-sharing-contacts", hub_cap=2, min_shared=1)

        assert columns(found, "company_a_id", "company_b_id", "shared", "jaccard") == [
            (1, 2, 2, 2 / 4)
        ]
        assert found.cut is not None
        assert found.cut.count == 1
        assert found.cut.rows() == [
            {
                "contact_id": 66,
                "contact_name": "office phone",
                "contact_url": f"{BASE_URL}/contacts/detail/66",
                "companies": 3,
            }
        ]

    def test_ties_are_broken_by_id(self, little: Little) -> None:
        """Pairs with the same figures come by their ids."""

        def fill(world: World) -> None:
            for company in (3, 1, 2):
                world.link(f"lead:{company}", "contact:10")
                world.link(f"lead:{company}", f"company:{company}")

        found = answer(little(fill), "companies-sharing-contacts", min_shared=1)

        assert columns(found, "company_a_id", "company_b_id") == [(1, 2), (1, 3), (2, 3)]


class TestContactsTouchingManyCompanies:
    """One row for each company that is not the contact's own."""

    @staticmethod
    def fill(world: World) -> None:
        world.card("contact:10", "Анна")
        world.card("company:1", "Own")
        world.card("company:2", "Other")
        world.card("lead:100", created_at=day("2025-01-01"), status_id=142)
        world.card("lead:101", created_at=day("2025-02-01"), status_id=20)
        world.link("contact:10", "company:1")
        for lead in (100, 101):
            world.link(f"lead:{lead}", "contact:10")
            world.link(f"lead:{lead}", "company:2")
        # another contact has no company of its own, and its only lead there was lost
        world.link("lead:102", "contact:11")
        world.link("lead:102", "company:1")
        world.card("lead:102", status_id=143)
        world.link("customer:5", "contact:11")
        world.link("customer:5", "company:2")
        # and one touches a single company three ways
        world.link("contact:12", "company:1")
        world.link("lead:103", "contact:12")
        world.link("lead:103", "company:1")

    def test_own_and_other_companies(self, little: Little) -> None:
        """Own company, other company, the leads and customers that join them, the newest lead."""
        found = answer(little(self.fill), "contacts-touching-many-companies")

        assert found.rows()[0] == {
            "contact_id": 10,
            "contact_name": "Анна",
            "contact_url": f"{BASE_URL}/contacts/detail/10",
            "companies": 2,
            "own_company_id": 1,
            "own_company_name": "Own",
            "other_company_id": 2,
            "other_company_name": "Other",
            "other_company_url": f"{BASE_URL}/companies/detail/2",
            "leads": 2,
            "customers": 0,
            "last_lead_at": day("2025-02-01"),
        }
        assert columns(
            found, "contact_id", "own_company_id", "other_company_id", "leads", "customers"
        ) == [(10, 1, 2, 2, 0), (11, None, 1, 1, 0), (11, None, 2, 0, 1)]

    def test_closed_leads_can_be_left_out(self, little: Little) -> None:
        """Without closed leads a contact that only they join to a second company is not listed."""
        found = answer(little(self.fill), "contacts-touching-many-companies", closed_leads="no")

        assert columns(found, "contact_id", "other_company_id", "leads", "last_lead_at") == [
            (10, 2, 1, day("2025-02-01"))
        ]

    def test_a_second_company_of_its_own_is_another(self, little: Little) -> None:
        """A contact that the account shows in two companies is listed with the second."""

        def fill(world: World) -> None:
            world.link("contact:10", "company:4")
            world.link("contact:10", "company:3")

        found = answer(little(fill), "contacts-touching-many-companies")

        assert columns(found, "own_company_id", "other_company_id", "leads") == [(3, 4, 0)]

    def test_fewest_companies_can_be_raised(self, little: Little) -> None:
        """`min_companies` counts the own company too."""
        account = little(self.fill)

        assert answer(account, "contacts-touching-many-companies", min_companies=3).rows() == []


class TestSharedContacts:
    """One row a contact, with all its ways to either company."""

    @staticmethod
    def fill(world: World) -> None:
        world.card("contact:10", "Анна")
        world.card("lead:100", "Поставка")
        world.card("lead:101")
        world.card("lead:103", "")
        world.card("customer:200", "Сеть")
        world.card("lead:109", "gone", deleted=True)
        # 10 belongs to 1, reaches it through a lead and a customer too, and 2 through three leads
        world.link("contact:10", "company:1")
        world.link("lead:100", "contact:10", True)
        world.link("lead:100", "company:1")
        world.link("customer:200", "contact:10", False)
        world.link("customer:200", "company:1")
        for lead, main in ((101, True), (102, False), (103, None)):
            world.link(f"lead:{lead}", "contact:10", main)
            world.link(f"lead:{lead}", "company:2")
        # and a third company
        world.link("lead:104", "contact:10")
        world.link("lead:104", "company:3")
        # 11 is joined to both by one lead that has two companies; its card cannot be read
        world.link("lead:105", "contact:11")
        world.link("lead:105", "company:1")
        world.link("lead:105", "company:2")
        # 12 touches one of them alone: what leads to the other is deleted
        world.link("contact:12", "company:1")
        world.link("lead:109", "contact:12")
        world.link("lead:109", "company:2")

    def test_several_routes_to_one_contact_are_one_row(self, little: Little) -> None:
        """All routes, counts and main flags of either side, in one row."""
        found = answer(little(self.fill), "shared-contacts", **TWO)

        assert found.rows() == [
            {
                "contact_id": 10,
                "contact_name": "Анна",
                "contact_url": f"{BASE_URL}/contacts/detail/10",
                "companies": 3,
                "routes_a": "direct, leads, customers",
                "leads_a": 1,
                "main_leads_a": 1,
                "lead_list_a": "Поставка (100, main)",
                "customers_a": 1,
                "customer_list_a": "Сеть (200, not main)",
                "routes_b": "leads",
                "leads_b": 3,
                "main_leads_b": 1,
                "lead_list_b": "(101, main), (102, not main), (103)",
                "customers_b": 0,
                "customer_list_b": None,
            },
            {
                "contact_id": 11,
                "contact_name": None,
                "contact_url": f"{BASE_URL}/contacts/detail/11",
                "companies": 2,
                "routes_a": "leads",
                "leads_a": 1,
                "main_leads_a": 0,
                "lead_list_a": "(105)",
                "customers_a": 0,
                "customer_list_a": None,
                "routes_b": "leads",
                "leads_b": 1,
                "main_leads_b": 0,
                "lead_list_b": "(105)",
                "customers_b": 0,
                "customer_list_b": None,
            },
        ]

    def test_the_other_way_round_is_the_mirror_image(self, little: Little) -> None:
        """Which company comes first makes no other difference."""
        account = little(self.fill)
        one = answer(account, "shared-contacts", **TWO).rows()
        other = answer(account, "shared-contacts", a=TWO["b"], b=TWO["a"]).rows()

        swapped = {"_a": "_b", "_b": "_a"}
        assert one == [
            {name[:-2] + swapped.get(name[-2:], name[-2:]): value for name, value in row.items()}
            for row in other
        ]

    def test_a_company_shares_all_its_contacts_with_itself(self, little: Little) -> None:
        """Both sides of a row are the same then."""
        found = answer(little(self.fill), "shared-contacts", a="company:1", b="company:1")

        assert columns(found, "contact_id", "routes_a", "routes_b") == [
            (10, "direct, leads, customers", "direct, leads, customers"),
            (11, "leads", "leads"),
            (12, "direct", "direct"),
        ]

    def test_lists_are_bounded_and_sorted_by_id(self, little: Little) -> None:
        """Five are named, all are counted; names of cards of another type are not mixed in."""

        def fill(world: World) -> None:
            world.link("contact:10", "company:1")
            for number in range(9, 1, -1):
                world.card(f"lead:{number}", "н" * 90)
                world.card(f"customer:{number}", f"u{number}")
                world.link(f"lead:{number}", "contact:10")
                world.link(f"lead:{number}", "company:2")
                world.link(f"customer:{number}", "contact:10", number == 2)
                world.link(f"customer:{number}", "company:2")

        (row,) = answer(little(fill), "shared-contacts", **TWO).rows()

        assert (row["leads_b"], row["customers_b"]) == (8, 8)
        assert row["lead_list_b"] == ", ".join(f"{'н' * 80} ({number})" for number in range(2, 7))
        customers = "u2 (2, main), u3 (3, not main), u4 (4, not main), "
        assert row["customer_list_b"] == customers + "u5 (5, not main), u6 (6, not main)"
        assert row["routes_b"] == "leads, customers"

    def test_contacts_of_most_leads_come_first(self, little: Little) -> None:
        """Leads of both sides are added up; equals come by id."""

        def fill(world: World) -> None:
            for contact, leads in ((10, 1), (11, 2), (12, 1)):
                world.link(f"contact:{contact}", "company:1")
                for number in range(leads):
                    world.link(f"lead:{contact}{number}", f"contact:{contact}")
                    world.link(f"lead:{contact}{number}", "company:2")

        found = answer(little(fill), "shared-contacts", **TWO)

        assert columns(found, "contact_id", "leads_b") == [(11, 2), (10, 1), (12, 1)]

    def test_companies_that_share_nobody_or_are_not_there(self, little: Little) -> None:
        """No rows; but a company that nobody knows is a slip of whoever asks."""

        def fill(world: World) -> None:
            self.fill(world)
            world.card("company:4", "Alone")

        account = little(fill)

        assert answer(account, "shared-contacts", a="company:2", b="company:4").rows() == []
        with pytest.raises(InvalidRef, match="has no company:77"):
            answer(account, "shared-contacts", a="company:2", b="company:77")
        with pytest.raises(InvalidParameter, match="b cannot be"):
            answer(account, "shared-contacts", a="company:2", b="lead:100")


class TestElementsTogether:
    """Elements by their common owners."""

    @staticmethod
    def fill(world: World) -> None:
        world.card("element:7/1", "Болт")
        world.card("element:7/2", "Гайка")
        world.card("element:8/1", "Услуга")
        world.card("element:7/9", "gone", deleted=True)
        # bolt and nut three times: on a lead, a contact and a company; id 1 is in two catalogs
        for owner in ("lead:5", "contact:5", "company:5"):
            world.link(owner, "element:7/1")
            world.link(owner, "element:7/2")
            world.link(owner, "element:7/9")
        world.link("customer:5", "element:8/1")
        world.link("customer:5", "element:7/1", quantity=None)
        world.link("lead:6", "element:7/2")
        world.card("lead:7", deleted=True)
        world.link("lead:7", "element:7/1")
        world.link("lead:7", "element:8/1")

    def test_pairs_with_their_figures(self, little: Little) -> None:
        """Owners of any type, each once; deleted ends join nothing; ids count by catalog."""
        found = answer(little(self.fill), "elements-together")

        assert found.rows() == [
            {
                "element_a_ref": "element:7/1",
                "element_a_name": "Болт",
                "element_a_url": f"{BASE_URL}/catalogs/7/detail/1",
                "element_b_ref": "element:7/2",
                "element_b_name": "Гайка",
                "element_b_url": f"{BASE_URL}/catalogs/7/detail/2",
                "times": 3,
                "owners_a": 4,
                "owners_b": 4,
                "lift": 3 * 5 / (4 * 4),
            }
        ]

    def test_pairs_of_two_catalogs(self, little: Little) -> None:
        """The lower catalog comes first, whatever the ids; equals by lift."""
        found = answer(little(self.fill), "elements-together", min_times=1)

        assert columns(found, "element_a_ref", "element_b_ref", "times", "lift") == [
            ("element:7/1", "element:7/2", 3, 15 / 16),
            ("element:7/1", "element:8/1", 1, 5 / 4),
        ]

    def test_owners_of_one_type(self, little: Little) -> None:
        """Other owners count nowhere, in no figure."""
        found = answer(little(self.fill), "elements-together", min_times=1, owners="lead")

        names = ("element_a_ref", "element_b_ref", "times", "owners_a", "owners_b", "lift")
        assert columns(found, *names) == [("element:7/1", "element:7/2", 1, 1, 2, 1)]

    def test_owners_of_too_many_are_cut(self, little: Little) -> None:
        """They count in no figure and are returned, the worst first; other owners count."""

        def fill(world: World) -> None:
            self.fill(world)
            for number in range(1, 5):
                world.link("customer:6", f"element:7/{number}")
                world.link("lead:9", f"element:7/{number}")
            world.link("lead:9", "element:8/1")
            world.card("lead:9", "everything")

        found = answer(little(fill), "elements-together", hub_cap=3)

        assert columns(found, "times", "owners_a", "owners_b", "lift") == [(3, 4, 4, 15 / 16)]
        assert found.cut is not None
        assert found.cut.rows() == [
            {
                "owner_ref": "lead:9",
                "owner_name": "everything",
                "owner_url": f"{BASE_URL}/leads/detail/9",
                "elements": 5,
            },
            {
                "owner_ref": "customer:6",
                "owner_name": None,
                "owner_url": f"{BASE_URL}/customers/detail/6",
                "elements": 4,
            },
        ]

    def test_the_cut_is_of_the_owners_asked_for(self, little: Little) -> None:
        """Equals come by type, then by id; each has its own address."""

        def fill(world: World) -> None:
            for owner in ("company:2", "contact:2", "contact:1", "customer:2", "lead:2"):
                world.card(owner, f"name of {owner}")
                for number in range(3):
                    world.link(owner, f"element:7/{number + 1}")

        account = little(fill)
        every = answer(account, "elements-together", hub_cap=2).cut
        one = answer(account, "elements-together", hub_cap=2, owners="contact").cut

        assert every is not None
        assert one is not None
        assert [(row["owner_ref"], row["owner_name"]) for row in every.rows()] == [
            (owner, f"name of {owner}")
            for owner in ("lead:2", "customer:2", "contact:1", "contact:2", "company:2")
        ]
        assert [row["owner_url"] for row in every.rows()] == [
            f"{BASE_URL}/{path}"
            for path in (
                *("leads/detail/2", "customers/detail/2"),
                *("contacts/detail/1", "contacts/detail/2", "companies/detail/2"),
            )
        ]
        assert [row["owner_ref"] for row in one.rows()] == ["contact:1", "contact:2"]

    def test_an_element_of_unknown_catalog(self, little: Little) -> None:
        """It stands in catalog 0, and is an element like any other, but without an address."""

        def fill(world: World) -> None:
            for lead in (1, 2, 3):
                world.link(f"lead:{lead}", "element:0/4")
                world.link(f"lead:{lead}", "element:7/4")

        found = answer(little(fill), "elements-together")

        assert columns(found, "element_a_ref", "element_b_ref", "element_a_url") == [
            ("element:0/4", "element:7/4", None)
        ]


def share(world: World, a: int, b: int, *contacts: int) -> None:
    """Let two companies share some contacts, each by a lead of its own."""
    for contact in contacts:
        world.link(f"contact:{contact}", f"company:{a}")
        world.link(f"lead:{contact}{b}", f"contact:{contact}")
        world.link(f"lead:{contact}{b}", f"company:{b}")


class TestCompanyGroups:
    """Companies that belong together by the people they share."""

    @staticmethod
    def fill(world: World) -> None:
        # 1, 2, 3 share two contacts each with each; 4 and 5 two; 6 shares one with 5
        world.card("company:1", "Альфа")
        world.card("contact:12", "Анна")
        share(world, 1, 2, 12, 13)
        share(world, 1, 3, 14, 15)
        share(world, 2, 3, 16, 17)
        share(world, 4, 5, 45, 46)
        share(world, 5, 6, 56)

    def test_members_and_who_joins_them(self, little: Little) -> None:
        """The largest group first; within it those of most partners, then by id."""
        found = answer(little(self.fill), "company-groups")

        assert found.rows()[0] == {
            "group_number": 1,
            "members": 3,
            "joining": 6,
            "company_id": 1,
            "company_name": "Альфа",
            "company_url": f"{BASE_URL}/companies/detail/1",
            "partners": 2,
            "contacts": 4,
            "first_contact_id": 12,
            "first_contact_name": "Анна",
        }
        names = ("group_number", "members", "joining", "company_id", "partners", "contacts")
        assert columns(found, *names, "first_contact_id") == [
            (1, 3, 6, 1, 2, 4, 12),
            (1, 3, 6, 2, 2, 4, 12),
            (1, 3, 6, 3, 2, 4, 14),
            (2, 2, 2, 4, 1, 2, 45),
            (2, 2, 2, 5, 1, 2, 45),
        ]

    def test_one_shared_contact_is_enough_when_asked(self, little: Little) -> None:
        """With a lower weight 6 comes to its only partner."""
        found = answer(little(self.fill), "company-groups", min_shared=1)

        assert columns(found, "group_number", "company_id", "partners") == [
            *[(1, company, 2) for company in (1, 2, 3)],
            *[(2, 5, 2), (2, 4, 1), (2, 6, 1)],
        ]

    def test_a_contact_of_three_members_is_one(self, little: Little) -> None:
        """It joins the group once, touches each member, and makes three pairs."""

        def fill(world: World) -> None:
            for contact in (10, 11):
                for company in (1, 2, 3):
                    world.link(f"lead:{contact}{company}", f"contact:{contact}")
                    world.link(f"lead:{contact}{company}", f"company:{company}")

        found = answer(little(fill), "company-groups")

        assert columns(found, "members", "joining", "company_id", "partners", "contacts") == [
            (3, 2, company, 2, 2) for company in (1, 2, 3)
        ]

    def test_hubs_join_nobody(self, little: Little) -> None:
        """A contact of too many companies counts nowhere and is reported."""

        def fill(world: World) -> None:
            self.fill(world)
            world.card("contact:66", "office phone")
            for company in (1, 2, 4, 5):
                world.link(f"lead:9{company}", "contact:66")
                world.link(f"lead:9{company}", f"company:{company}")

        found = answer(little(fill), "company-groups", hub_cap=3)

        assert columns(found, "joining", "contacts")[0] == (6, 4)
        assert found.cut is not None
        assert found.cut.rows() == [
            {
                "contact_id": 66,
                "contact_name": "office phone",
                "contact_url": f"{BASE_URL}/contacts/detail/66",
                "companies": 4,
            }
        ]

    def test_weak_ties_do_not_join_strong_groups(self, little: Little) -> None:
        """Two circles of much in common stay two, though one contact works with both."""

        def fill(world: World) -> None:
            number = 100
            for circle in ((1, 2, 3), (4, 5, 6)):
                for a, b in combinations(circle, 2):
                    share(world, a, b, *range(number, number + 3))
                    number += 3
            share(world, 3, 4, 200)

        found = answer(little(fill), "company-groups", min_shared=1)

        assert columns(found, "group_number", "company_id") == [
            *[(1, company) for company in (1, 2, 3)],
            *[(2, company) for company in (4, 5, 6)],
        ]

    def test_groups_of_one_are_left_out(self, little: Little) -> None:
        """A resolution at which nobody stays together leaves no rows."""
        assert answer(little(self.fill), "company-groups", resolution=100).rows() == []


NAMES = (
    "companies-sharing-contacts",
    "contacts-touching-many-companies",
    "shared-contacts",
    "elements-together",
    "company-groups",
)


def given_cards(name: str) -> dict[str, str]:
    return TWO if name == "shared-contacts" else {}


def bare(world: World) -> None:
    """The two companies that some questions are asked about, and nothing else."""
    world.card("company:1")
    world.card("company:2")


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_account_has_no_rows(little: Little, name: str) -> None:
    """An account without links is answered with nothing, in the promised columns."""
    found = answer(little(bare), name, **given_cards(name))

    assert found.rows() == []
    assert found.table.column_names == [column.name for column in CATALOGUE.get(name).columns]


@pytest.mark.parametrize("name", NAMES)
def test_columns_are_of_one_type_with_rows_and_without(little: Little, name: str) -> None:
    """A table that is written to a file has the same columns however many rows it has."""

    def fill(world: World) -> None:
        share(world, 1, 2, 10, 11)
        for lead in (1, 2, 3):
            world.link(f"lead:{lead}", "element:7/1")
            world.link(f"lead:{lead}", "element:7/2")

    found = answer(little(fill), name, **given_cards(name))
    empty = answer(little(bare), name, **given_cards(name))

    assert found.rows()
    assert found.table.schema == empty.table.schema


@pytest.mark.parametrize("name", NAMES)
def test_hostile_and_missing_text(little: Little, name: str) -> None:
    """Names may hold anything or nothing: answers, no failure, and the text as it was."""

    def fill(world: World) -> None:
        share(world, 1, 2, 10, 11)
        for number in (1, 2):
            world.card(f"company:{number}", None if number == 1 else HOSTILE)
            world.card(f"contact:{number + 9}", HOSTILE)
            world.card(f"element:7/{number}", None if number == 1 else HOSTILE)
        world.card("lead:102", HOSTILE)
        for lead in (1, 2, 3):
            world.link(f"lead:{lead}", "element:7/1")
            world.link(f"lead:{lead}", "element:7/2")

    rows = answer(little(fill), name, **given_cards(name)).rows()

    texts = [value for row in rows for value in row.values() if isinstance(value, str)]
    assert any(HOSTILE in text for text in texts)


def test_names_are_found_whatever_order_the_tables_have(little: Little) -> None:
    """Also of cards that were added last, and beside cards without a row."""

    def fill(world: World) -> None:
        share(world, 1, 2, 10, 11)
        for number in (11, 7, 10):
            world.card(f"contact:{number}", f"c{number}")
        world.card("company:2", "Бета")

    found = answer(little(fill), "companies-sharing-contacts")

    assert columns(found, "first_contact_name", "last_contact_name") == [("c10", "c11")]
    assert columns(found, "company_a_name", "company_b_name") == [(None, "Бета")]


#: The types of two linked cards, and their ids.
Linked = tuple[tuple[str, str], int, int]
CARD = st.integers(1, 6)
LINKS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *(("lead", "contact"), ("lead", "company"), ("contact", "company")),
                *(("customer", "contact"), ("customer", "company"), ("contact", "element")),
            ]
        ),
        CARD,
        CARD,
    ),
    max_size=40,
)


OWNERS = ("lead", "customer", "contact", "company")
SHARING = LINKS.map(lambda links: [link for link in links if link[0][1] != "element"])
NOTHING = Sources(create_engine("sqlite://"))


def index_of_links(links: list[Linked]) -> LinkIndex:
    return LinkIndex.of(
        (f"{a}:{x}", f"element:7/{y}" if b == "element" else f"{b}:{y}") for (a, b), x, y in links
    )


@given(LINKS)
def test_touches_are_all_ways_from_contacts_to_companies(
    links: list[Linked],
) -> None:
    """Each way and how often it leads there, as walked link by link."""
    pairs: dict[tuple[str, str], set[tuple[int, int]]] = {}
    for kinds, a, b in links:
        pairs.setdefault(kinds, set()).add((a, b))
    expected: dict[tuple[int, int], dict[int, int]] = {}
    for contact, company in pairs.get(("contact", "company"), set()):
        expected.setdefault((contact, company), {})[DIRECT] = 1
    for way, kind in ((BY_LEAD, "lead"), (BY_CUSTOMER, "customer")):
        for card, contact in pairs.get((kind, "contact"), set()):
            for other, company in pairs.get((kind, "company"), set()):
                if card == other:
                    ways = expected.setdefault((contact, company), {})
                    ways[way] = ways.get(way, 0) + 1

    touches = Touches(index_of_links(links), Walk())

    contacts = touches.ids(EntityType.CONTACT, touches.contact).tolist()
    companies = touches.ids(EntityType.COMPANY, touches.company).tolist()
    assert list(zip(contacts, companies, strict=True)) == sorted(expected)
    assert touches.ways.tolist() == [sum(expected[pair]) for pair in sorted(expected)]
    for way in (DIRECT, BY_LEAD, BY_CUSTOMER):
        counts = [expected[pair].get(way, 0) for pair in sorted(expected)]
        assert touches.count(way).tolist() == counts


@given(LINKS, st.integers(1, 3), st.integers(2, 5), st.booleans())
def test_pairs_are_those_of_the_projection(
    links: list[Linked], least: int, cap: int, blocks: bool
) -> None:
    """The graph's own projection of companies by contacts has the same pairs and cuts."""
    index = index_of_links(links)
    touches = Touches(index, Walk())
    with pytest.MonkeyPatch.context() as patch:
        if blocks:  # one company at a time
            patch.setattr("queries.companypairs._BLOCK_PAIRS", 0)
        pairs = company_pairs(Asked({}, NOTHING), touches, least, cap)

    projection = index.projection(
        "company", "contact", via=["lead", "customer"], min_weight=least, hub_cap=cap
    )
    a = touches.ids(EntityType.COMPANY, pairs.a).tolist()
    b = touches.ids(EntityType.COMPANY, pairs.b).tolist()
    assert list(zip(a, b, pairs.shared.tolist(), strict=True)) == sorted(
        (pair.a.id, pair.b.id, pair.weight) for pair in projection
    )
    hubs = touches.hubs(cap)
    ids = touches.ids(EntityType.CONTACT, hubs).tolist()
    assert list(zip(ids, touches.breadth[hubs].tolist(), strict=True)) == [
        (hub.ref.id, hub.degree) for hub in projection.cut
    ]


def test_finding_pairs_can_be_stopped() -> None:
    """Between two blocks of companies."""
    index = index_of_links([(("lead", "contact"), 1, 1), (("lead", "company"), 1, 1)])
    index = index.what_if(add=[("contact:1", "company:2")])
    stop = Stop()
    stop.ask()

    with pytest.raises(QueryStopped):
        company_pairs(Asked({}, NOTHING, stop=stop), Touches(index, Walk()), 1, 9)


@given(LINKS, st.integers(0, 9), st.sampled_from([0.5, 1.0, 2.0]))
def test_groups_are_pieces_of_the_pairs(links: list[Linked], seed: int, resolution: float) -> None:
    """Pairs hold each group together, the largest is the first, and a seed repeats itself."""
    touches = Touches(index_of_links(links), Walk())
    pairs = company_pairs(Asked({}, NOTHING), touches, 1, 9)
    groups = groups_of(pairs, touches.companies, seed, resolution)

    again = groups_of(pairs, touches.companies, seed, resolution)
    assert groups.tolist() == again.tolist()
    members: dict[int, set[int]] = {}
    for company, group in enumerate(groups.tolist()):
        members.setdefault(group, set()).add(company)
    members.pop(-1, None)
    order = [(-len(members[group]), min(members[group])) for group in range(len(members))]
    assert order == sorted(order)
    joined = list(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True))
    for group in members.values():
        reached = {min(group)}
        for _ in group:
            for a, b in joined:
                if {a, b} <= group and {a, b} & reached:
                    reached |= {a, b}
        assert reached == group
        assert len(group) > 1


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(OWNERS), CARD, CARD), max_size=30), SHARING)
def test_answers_agree_with_each_other(
    owned: list[tuple[str, int, int]], links: list[Linked]
) -> None:
    """Three questions of companies tell the same; elements go together as the graph says."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mirror.duckdb"
        world = World(path)
        for (a, b), x, y in links:
            world.link(f"{a}:{x}", f"{b}:{y}")
        for owner, x, y in owned:
            world.link(f"{owner}:{x}", f"element:{7 + y % 2}/{y}")
        world.save()
        engine = open_engine(path)
        account = Sources(engine, lambda: index_of(path))
        try:
            pairs = answer(account, "companies-sharing-contacts", min_shared=1)
            for row in pairs.rows()[:4]:
                two = {"a": f"company:{row['company_a_id']}", "b": f"company:{row['company_b_id']}"}
                people = answer(account, "shared-contacts", **two)
                contacts = sorted(one["contact_id"] for one in people.rows())
                assert len(contacts) == row["shared"]
                assert contacts[0] == row["first_contact_id"]
                assert contacts[-1] == (row["last_contact_id"] or contacts[0])
                leads = sum(one["leads_a"] + one["leads_b"] > 0 for one in people.rows())
                assert leads == row["via_leads"]
            grouped = answer(account, "company-groups", min_shared=1).rows()
            paired = {row[f"company_{end}_id"] for row in pairs.rows() for end in "ab"}
            assert {row["company_id"] for row in grouped} <= paired

            times: Counter[tuple[str, str]] = Counter()
            for owner in OWNERS:
                for pair in account.open_index().projection("element", owner):  # type: ignore[misc]
                    times[str(pair.a), str(pair.b)] += pair.weight
            found = answer(account, "elements-together", min_times=1)
            names = ("element_a_ref", "element_b_ref", "times")
            assert {(a, b): n for a, b, n in columns(found, *names)} == times
        finally:
            engine.dispose()
