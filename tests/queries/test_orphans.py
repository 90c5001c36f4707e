"""Companies and customers that nothing links, on little accounts."""

from typing import Any

import pytest
from sqlalchemy import Engine

from queries.asked import Sources
from queries.catalogue import Catalogue
from queries.runner import Answer, ask
from tests.queries.conftest import BASE_URL, Snapshot, World
from tests.queries.test_questions import HOSTILE, day

CATALOGUE = Catalogue.load()


def answer(engine: Engine, name: str) -> Answer:
    return ask(Sources(engine), CATALOGUE.get(name))


def column(found: Answer, name: str) -> list[Any]:
    return [row[name] for row in found.rows()]


class TestOrphanCompanies:
    """Companies without leads, contacts and customers."""

    def test_every_card_saves_a_company_and_elements_do_not(self, snapshot: Snapshot) -> None:
        """A link to a card that cannot be read saves it, one to a deleted card does not."""

        def fill(world: World) -> None:
            world.row("users", user_id=9, name="Олег")
            for number in range(1, 8):
                world.card(
                    f"company:{number}",
                    f"c{number}",
                    created_at=day(f"2025-01-{number:02}"),
                    responsible_user_id=9,
                    links_whole=number == 5,
                )
            world.link("lead:1", "company:1")  # no list shows the lead
            world.link("contact:1", "company:2")
            world.link("customer:1", "company:3")
            world.card("lead:66", deleted=True)
            world.link("lead:66", "company:4")
            for element in ("7/1", "7/2", "8/1"):
                world.link("company:5", f"element:{element}")
            world.link("contact:6", "element:7/1")  # of the contact with the id of a company
            world.card("element:7/9", deleted=True)
            world.link("company:6", "element:7/9")
            world.card("company:9", "gone", deleted=True)
            for kind, entity, number in (
                ("phone", "company", 5),
                ("phone", "company", 5),
                ("email", "company", 6),
                ("phone", "contact", 7),
            ):
                world.row("identifiers", kind=kind, value="x", entity_type=entity, entity_id=number)

        found = answer(snapshot(fill), "orphan-companies")

        assert column(found, "company_id") == [7, 6, 5, 4]
        assert column(found, "elements") == [0, 0, 3, 0]
        assert column(found, "has_phone") == [False, False, True, False]
        assert column(found, "has_email") == [False, True, False, False]
        assert found.rows()[2] == {
            "company_id": 5,
            "company_name": "c5",
            "company_url": f"{BASE_URL}/companies/detail/5",
            "elements": 3,
            "has_phone": True,
            "has_email": False,
            "created_at": day("2025-01-05"),
            "responsible_user_id": 9,
            "responsible_user_name": "Олег",
            "links_whole": True,
        }

    def test_what_is_not_known_is_empty_and_comes_last(self, snapshot: Snapshot) -> None:
        """No name, no date, no user, hostile text: a row nevertheless, the oldest before those."""

        def fill(world: World) -> None:
            world.card("company:2")
            world.card("company:1", HOSTILE)
            world.card("company:3", created_at=day("1970-01-01"), responsible_user_id=404)

        rows = answer(snapshot(fill), "orphan-companies").rows()

        assert [row["company_id"] for row in rows] == [3, 1, 2]
        assert [row["company_name"] for row in rows] == [None, HOSTILE, None]
        assert [row["responsible_user_name"] for row in rows] == [None, None, None]
        assert [row["links_whole"] for row in rows] == [False, False, False]


class TestOrphanCustomers:
    """Customers without contacts and companies."""

    def test_contacts_and_companies_save_a_customer(self, snapshot: Snapshot) -> None:
        """Elements do not; nor does a contact that is deleted."""

        def fill(world: World) -> None:
            world.row("users", user_id=9, name="Олег")
            for number in range(1, 6):
                world.card(
                    f"customer:{number}",
                    f"u{number}",
                    created_at=day("2025-01-01"),
                    responsible_user_id=9 if number == 4 else None,
                )
            world.link("customer:1", "contact:1")  # no list shows the contact
            world.link("customer:2", "company:1")
            world.card("contact:66", deleted=True)
            world.link("customer:3", "contact:66")
            world.link("customer:4", "element:7/1")
            world.link("lead:4", "element:7/1")
            world.card("customer:6", deleted=True)

        found = answer(snapshot(fill), "orphan-customers")

        assert column(found, "customer_id") == [3, 4, 5]
        assert column(found, "elements") == [0, 1, 0]
        assert found.rows()[1] == {
            "customer_id": 4,
            "customer_name": "u4",
            "customer_url": f"{BASE_URL}/customers/detail/4",
            "elements": 1,
            "created_at": day("2025-01-01"),
            "responsible_user_id": 9,
            "responsible_user_name": "Олег",
            "links_whole": False,
        }


@pytest.mark.parametrize("name", ["orphan-companies", "orphan-customers"])
def test_an_empty_account_has_no_orphans(empty: Engine, name: str) -> None:
    """Nothing, in the promised columns."""
    found = answer(empty, name)

    assert found.rows() == []
    assert found.table.column_names == [one.name for one in CATALOGUE.get(name).columns]
