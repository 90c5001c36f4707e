"""Links that one side hides, that lead nowhere, or that carry too little, on little accounts."""

from datetime import datetime
from typing import Any

import pytest

from queries.asked import Sources
from queries.catalogue import Catalogue
from queries.runner import Answer, ask
from tests.queries.conftest import BASE_URL, Little, World
from tests.queries.test_questions import HOSTILE

CATALOGUE = Catalogue.load()
NOON = datetime.fromisoformat("2026-02-01T12:00:00")


def answer(sources: Sources, name: str, **parameters: Any) -> Answer:
    return ask(sources, CATALOGUE.get(name), parameters)


def columns(found: Answer, *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in found.rows()]


class TestAsymmetricLinks:
    """Both sides were read whole, and only one of them shows the link."""

    @staticmethod
    def read(
        world: World, ref: str, at: str | None = "12:00:00", whole: bool | None = True
    ) -> None:
        moment = None if at is None else datetime.fromisoformat(f"2026-02-01T{at}")
        world.card(ref, ref, links_read_at=moment, links_whole=whole)

    def test_each_relation_and_each_side(self, little: Little) -> None:
        """Who shows it, who does not, and when each was read."""

        def fill(world: World) -> None:
            for ref in ("lead:1", "contact:1", "company:1", "customer:1", "company:2", "contact:2"):
                self.read(world, ref)
            world.link("lead:1", "company:1", seen_from="lead")
            world.link("contact:1", "company:1", seen_from="company")
            world.link("contact:1", "company:2", seen_from="both")
            world.link("customer:1", "contact:1", seen_from="contact")
            world.link("customer:1", "company:1", seen_from="customer")
            # many accounts show these from the lead alone
            world.link("lead:1", "contact:2", seen_from="lead")
            world.link("lead:1", "element:7/1", seen_from="lead")
            # and these the reference does not list
            world.link("contact:1", "contact:2", seen_from="contact", relation="other")

        found = answer(little(fill), "asymmetric-links")

        assert columns(found, "relation", "seen_from", "missing_from", "reread_first") == [
            ("contact_company", "company", "contact", False),
            ("customer_company", "customer", "company", False),
            ("customer_contact", "contact", "customer", False),
            ("lead_company", "lead", "company", False),
        ]
        assert found.rows()[2] == {
            "relation": "customer_contact",
            "owner_ref": "customer:1",
            "owner_name": "customer:1",
            "owner_url": f"{BASE_URL}/customers/detail/1",
            "other_ref": "contact:1",
            "other_name": "contact:1",
            "other_url": f"{BASE_URL}/contacts/detail/1",
            "seen_from": "contact",
            "missing_from": "customer",
            "owner_read_at": NOON,
            "other_read_at": NOON,
            "reread_first": False,
        }

    def test_both_sides_have_to_be_read_whole(self, little: Little) -> None:
        """Not proved whole, never read, no row, deleted: no witness, no row."""

        def fill(world: World) -> None:
            self.read(world, "company:1")
            self.read(world, "lead:1", whole=False)
            self.read(world, "lead:2", whole=None)
            world.card("lead:4", deleted=True, links_read_at=NOON, links_whole=True)
            for lead in (1, 2, 3, 4):  # the third is in no list
                world.link(f"lead:{lead}", "company:1", seen_from="company")

        assert answer(little(fill), "asymmetric-links").rows() == []

    def test_read_at_different_times_is_to_be_read_again_first(self, little: Little) -> None:
        """Ten minutes apart is together, a second more is not; an unknown time is not either."""

        def fill(world: World) -> None:
            for number, at in enumerate(("11:49:59", "12:10:00", "12:10:01", "11:50:00", None), 1):
                self.read(world, f"lead:{number}", at)
                world.link(f"lead:{number}", "company:1", seen_from="lead")
            self.read(world, "company:1", "12:00:00")
            self.read(world, "company:2", None)
            world.link("lead:5", "company:2", seen_from="lead")

        sources = little(fill)

        assert columns(answer(sources, "asymmetric-links"), "owner_ref", "reread_first") == [
            ("lead:2", False),
            ("lead:4", False),
            ("lead:1", True),
            ("lead:3", True),
            ("lead:5", True),
            ("lead:5", True),
        ]
        assert (
            columns(answer(sources, "asymmetric-links", minutes=0), "reread_first") == [(True,)] * 6
        )

    def test_hostile_and_missing_names(self, little: Little) -> None:
        """Names come as they are, or not at all."""

        def fill(world: World) -> None:
            world.card("contact:1", HOSTILE, links_whole=True, links_read_at=NOON)
            world.card("company:1", links_whole=True, links_read_at=NOON)
            world.link("contact:1", "company:1", seen_from="contact")

        found = answer(little(fill), "asymmetric-links")

        assert columns(found, "owner_name", "other_name") == [(HOSTILE, None)]


class TestDanglingLinks:
    """One end is deleted, or is not among the cards."""

    @staticmethod
    def fill(world: World) -> None:
        world.row("catalogs", catalog_id=7, name="Goods")
        world.card("lead:1", "l1")
        world.card("contact:1", "c1")
        world.link("lead:1", "contact:1")  # this one is in order
        world.card("contact:2", "gone", deleted=True)
        world.card("lead:3", "lost", deleted=True)
        world.link("lead:1", "contact:2")
        world.link("lead:3", "contact:1")
        world.link("lead:3", "contact:2")  # both ends are gone
        world.link("lead:1", "company:4")  # nobody noted why
        for ref, reason in (
            ("contact:5", "no rights"),
            ("contact:6", "not asked"),
            ("contact:7", "not found"),
            ("element:7/1", "not found"),
            ("element:8/1", "not found"),
            ("element:8/2", "no rights"),
            ("element:0/9", "unknown catalog"),
        ):
            kind, _, number = ref.partition(":")
            catalog, _, number = number.rpartition("/")
            world.link("lead:1", ref)
            world.row(
                "unreadable",
                entity_type=kind,
                catalog_id=int(catalog or 0),
                entity_id=int(number),
                reason=reason,
                seen_at=NOON,
            )
        world.link("contact:1", "element:7/2")
        world.link("contact:1", "element:8/3")
        world.link("contact:1", "element:0/3")
        world.card("element:7/3", "old", deleted=True)
        world.link("lead:1", "element:7/3")

    def test_why_each_end_is_missing(self, little: Little) -> None:
        """Deleted, what was noted, an unknown catalog, or nothing at all; a fix for the first."""
        found = answer(little(self.fill), "dangling-links")

        assert columns(found, "why", "missing_ref", "other_ref", "other_missing", "fix") == [
            ("deleted", "lead:3", "contact:1", False, "unlink lead:3 contact:1"),
            ("deleted", "lead:3", "contact:2", True, None),
            ("deleted", "contact:2", "lead:1", False, "unlink lead:1 contact:2"),
            ("deleted", "contact:2", "lead:3", True, None),
            ("deleted", "element:7/3", "lead:1", False, "unlink lead:1 element:7/3"),
            ("never read", "element:7/2", "contact:1", False, None),
            ("never read", "company:4", "lead:1", False, None),
            ("no rights", "contact:5", "lead:1", False, None),
            ("no rights", "element:8/2", "lead:1", False, None),
            ("not asked", "contact:6", "lead:1", False, None),
            ("not found", "contact:7", "lead:1", False, None),
            ("not found", "element:7/1", "lead:1", False, None),
            ("unknown catalog", "element:0/3", "contact:1", False, None),
            ("unknown catalog", "element:8/3", "contact:1", False, None),
            ("unknown catalog", "element:0/9", "lead:1", False, None),
            ("unknown catalog", "element:8/1", "lead:1", False, None),
        ]
        assert found.rows()[2] == {
            "why": "deleted",
            "relation": "lead_contact",
            "missing_ref": "contact:2",
            "missing_name": "gone",
            "missing_url": f"{BASE_URL}/contacts/detail/2",
            "other_ref": "lead:1",
            "other_name": "l1",
            "other_url": f"{BASE_URL}/leads/detail/1",
            "other_missing": False,
            "noticed_at": None,
            "fix": "unlink lead:1 contact:2",
        }
        assert found.rows()[7]["noticed_at"] == NOON
        assert found.rows()[12]["missing_url"] is None
        assert found.rows()[15]["missing_url"] == f"{BASE_URL}/catalogs/8/detail/1"

    def test_a_link_of_an_unlisted_kind_has_no_fix(self, little: Little) -> None:
        """What the reference does not link it cannot unlink."""

        def fill(world: World) -> None:
            world.card("contact:1")
            world.card("contact:2", HOSTILE, deleted=True)
            world.link("contact:1", "contact:2")

        found = answer(little(fill), "dangling-links")

        assert columns(found, "relation", "missing_ref", "missing_name", "fix") == [
            ("other", "contact:2", HOSTILE, None)
        ]

    def test_a_tombstone_without_links_is_no_row(self, little: Little) -> None:
        """Deleted cards and unreadable ones matter where links lead to them."""

        def fill(world: World) -> None:
            world.card("contact:2", deleted=True)
            world.row(
                "unreadable",
                entity_type="lead",
                catalog_id=0,
                entity_id=9,
                reason="no rights",
                seen_at=NOON,
            )

        assert answer(little(fill), "dangling-links").rows() == []


class TestCatalogProblems:
    """Quantities, prices, and elements of which only one card should have each."""

    @staticmethod
    def fill(world: World) -> None:
        for catalog, name, several in ((7, "Goods", True), (8, "Rooms", False), (9, "Lists", None)):
            world.row("catalogs", catalog_id=catalog, name=name, can_link_multiple=several)
        for ref in ("lead:1", "customer:2", "contact:3", "company:4", "element:7/1", "element:8/1"):
            world.card(ref, ref)
        told: dict[str, Any] = {"quantity": 1, "price_id": 11}
        world.link("lead:1", "element:7/1", **told)
        world.link("customer:2", "element:7/1", quantity=0, price_id=12)
        world.link("contact:3", "element:7/1", quantity=-0.5, price_id=11)
        world.link("company:4", "element:7/1", quantity=None, price_id=None)
        world.link("lead:1", "element:7/2", quantity=2.5, price_id=12)
        # one catalog allows one card to an element, of the other nothing is known
        for owner in ("company:4", "contact:3", "lead:1"):
            world.link(owner, "element:8/1", **told)
        world.link("lead:1", "element:8/2", **told)
        world.link("lead:1", "element:9/1", **told)
        world.link("customer:2", "element:9/1", **told)
        # an element is known by catalog and id together; one of no known catalog may be several
        world.link("lead:2", "element:10/1", quantity=1)
        world.link("lead:1", "element:0/1", quantity=1, price_id=11)
        world.link("lead:2", "element:0/1", quantity=1, price_id=12)
        # what is deleted does not count
        world.card("lead:66", deleted=True)
        world.link("lead:66", "element:8/2", quantity=None)
        world.card("element:7/66", deleted=True)
        world.link("lead:1", "element:7/66", quantity=0)

    def test_links_and_elements_with_their_problems(self, little: Little) -> None:
        """A row a link and problem, and a row an element that has one of its own."""
        found = answer(little(self.fill), "catalog-problems", unpriced_catalogs=True)

        assert columns(
            found, "kind", "element_ref", "owner_ref", "last_owner_ref", "quantity", "price"
        ) == [
            ("linked to several cards", "element:8/1", "lead:1", "company:4", None, None),
            ("several prices", "element:7/1", "lead:1", "company:4", None, None),
            ("quantity not above 0", "element:7/1", "customer:2", None, 0.0, 12),
            ("quantity not above 0", "element:7/1", "contact:3", None, -0.5, 11),
            ("no quantity", "element:7/1", "company:4", None, None, None),
            ("no price", "element:7/1", "company:4", None, None, None),
            ("no price", "element:10/1", "lead:2", None, 1.0, None),
        ]
        assert columns(found, "cards", "prices") == [(3, 1), (4, 2)] + [(None, None)] * 5
        assert found.rows()[0] == {
            "kind": "linked to several cards",
            "element_ref": "element:8/1",
            "element_name": "element:8/1",
            "element_url": f"{BASE_URL}/catalogs/8/detail/1",
            "catalog_id": 8,
            "catalog_name": "Rooms",
            "owner_ref": "lead:1",
            "owner_name": "lead:1",
            "owner_url": f"{BASE_URL}/leads/detail/1",
            "last_owner_ref": "company:4",
            "last_owner_name": "company:4",
            "last_owner_url": f"{BASE_URL}/companies/detail/4",
            "quantity": None,
            "price": None,
            "cards": 3,
            "prices": 1,
        }
        assert [row["owner_name"] for row in found.rows()[2:5]] == [
            "customer:2",
            "contact:3",
            "company:4",
        ]
        assert found.rows()[6]["owner_name"] is None
        assert found.rows()[6]["owner_url"] == f"{BASE_URL}/leads/detail/2"
        assert (found.rows()[6]["element_name"], found.rows()[6]["catalog_name"]) == (None, None)

    def test_a_catalog_without_prices_is_left_alone(self, little: Little) -> None:
        """Where no live link carries a price, none is missing, unless one asks for it."""
        found = answer(little(self.fill), "catalog-problems")

        assert columns(found, "kind", "element_ref")[5:] == [("no price", "element:7/1")]

    def test_an_element_of_unknown_catalog_has_no_address(self, little: Little) -> None:
        """Its links have problems, itself has none; cards and hostile names come as they are."""

        def fill(world: World) -> None:
            world.row("catalogs", catalog_id=0, name=HOSTILE, can_link_multiple=False)
            world.card("lead:1", HOSTILE)
            world.link("lead:1", "element:0/1", quantity=0, price_id=1)
            world.link("lead:2", "element:0/1", price_id=2)

        (row,) = answer(little(fill), "catalog-problems").rows()

        assert row["kind"] == "quantity not above 0"
        assert (row["element_ref"], row["element_url"]) == ("element:0/1", None)
        assert (row["owner_name"], row["owner_url"]) == (HOSTILE, f"{BASE_URL}/leads/detail/1")

    def test_types_come_before_ids(self, little: Little) -> None:
        """The first owner is a lead whatever its id, the last a company."""

        def fill(world: World) -> None:
            world.row("catalogs", catalog_id=8, can_link_multiple=False)
            for owner in ("company:1", "company:2", "lead:90", "lead:80", "contact:3"):
                world.link(owner, "element:8/1", price_id=1)

        (row,) = answer(little(fill), "catalog-problems").rows()

        assert (row["owner_ref"], row["last_owner_ref"]) == ("lead:80", "company:2")
        assert (row["owner_name"], row["last_owner_name"]) == (None, None)


@pytest.mark.parametrize("name", ["asymmetric-links", "catalog-problems", "dangling-links"])
def test_an_empty_account_has_no_rows(little: Little, name: str) -> None:
    """Nothing, in the promised columns."""
    found = answer(little(lambda world: None), name)

    assert found.rows() == []
    assert found.table.column_names == [one.name for one in CATALOGUE.get(name).columns]
