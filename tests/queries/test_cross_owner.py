"""Cards that several users work on."""

import pytest
from sqlalchemy import Engine

from tests.queries.conftest import BASE_URL, Snapshot, World
from tests.queries.test_questions import HOSTILE, answer, columns


class TestCrossOwner:
    """Open leads of several users meet at one card, or a lead and its main contact differ."""

    FOUND = ("ref", "name", "users", "leads", "owners")

    @staticmethod
    def lead(world: World, number: int, user: int | None, status: int | None = 20) -> None:
        world.card(f"lead:{number}", f"l{number}", responsible_user_id=user, status_id=status)

    def fill(self, world: World) -> None:
        for number, name in ((7, "Анна"), (8, "x" * 90)):
            world.row("users", user_id=number, name=name)
        world.card("contact:10", "ten", responsible_user_id=7)
        world.card("contact:11", "eleven", responsible_user_id=8)
        world.card("contact:12", "twelve")
        world.card("company:1", "one", responsible_user_id=6)
        world.card("company:2", "two")
        for number, user, status in (
            *((1, 7, 20), (2, 7, None), (3, 8, 20), (4, 9, 142), (5, 9, 143), (6, None, 20)),
        ):
            self.lead(world, number, user, status)
            world.link(f"lead:{number}", "contact:10", number != 2)
            world.link(f"lead:{number}", "contact:99", None)  # which this user may not read
        world.card("lead:8", responsible_user_id=9, deleted=True)
        for number in (8, 77):
            world.link(f"lead:{number}", "contact:10", True)
        for number in (1, 2, 4):  # one user, and another whose lead is closed
            world.link(f"lead:{number}", "contact:11", False)
            world.link(f"lead:{number}", "company:2")
        for number in (1, 3):
            world.link(f"lead:{number}", "company:1")

    def test_contacts(self, snapshot: Snapshot) -> None:
        """Neither closed nor deleted leads, nor those without a user, make a second user."""
        found = answer(snapshot(self.fill), "cross-owner")

        assert found.rows()[0] == {
            "ref": "contact:10",
            "name": "ten",
            "url": f"{BASE_URL}/contacts/detail/10",
            "users": 2,
            "leads": 3,
            "owners": f"Анна (7), {'x' * 80} (8)",
            "responsible_user_id": 7,
            "responsible_user_name": "Анна",
            "main_contact_id": None,
            "main_contact_name": None,
        }
        assert columns(found, "ref", "name", "users", "leads", "responsible_user_id") == [
            ("contact:10", "ten", 2, 3, 7),
            ("contact:99", None, 2, 3, None),
        ]

    def test_companies(self, snapshot: Snapshot) -> None:
        """Companies by the leads that are linked to them."""
        found = answer(snapshot(self.fill), "cross-owner", cards="companies")

        assert columns(found, *self.FOUND, "url", "responsible_user_id") == [
            (
                *("company:1", "one", 2, 2, f"Анна (7), {'x' * 80} (8)"),
                *(f"{BASE_URL}/companies/detail/1", 6),
            )
        ]

    def test_leads_against_their_main_contacts(self, snapshot: Snapshot) -> None:
        """Another user of a main contact, whatever the other contacts have; unknown is nobody's."""

        def fill(world: World) -> None:
            self.fill(world)
            self.lead(world, 20, 9)
            for contact in (10, 11, 12, 99):
                world.link("lead:20", f"contact:{contact}", True)

        found = answer(snapshot(fill), "cross-owner", cards="leads")

        assert columns(found, *self.FOUND, "responsible_user_id", "main_contact_id") == [
            ("lead:20", "l20", 3, 1, f"(9), Анна (7), {'x' * 80} (8)", 9, 10),
            ("lead:3", "l3", 2, 1, f"{'x' * 80} (8), Анна (7)", 8, 10),
        ]
        assert found.rows()[0]["url"] == f"{BASE_URL}/leads/detail/20"
        assert columns(found, "responsible_user_name", "main_contact_name") == [
            (None, "ten"),
            ("x" * 90, "ten"),
        ]

    def test_all_of_them_with_closed_leads(self, snapshot: Snapshot) -> None:
        """Closed leads count on request; the most users first, contacts before companies."""
        found = answer(snapshot(self.fill), "cross-owner", cards="all", closed_leads="yes")

        assert columns(found, "ref", "users", "leads") == [
            ("contact:10", 3, 5),
            ("contact:99", 3, 5),
            ("contact:11", 2, 3),
            ("company:2", 2, 3),
            ("company:1", 2, 2),
            ("lead:3", 2, 1),
            ("lead:4", 2, 1),
            ("lead:5", 2, 1),
        ]

    def test_five_users_are_named(self, snapshot: Snapshot) -> None:
        """Those with the most leads first, then the lower id; all are counted."""

        def fill(world: World) -> None:
            for number, user in enumerate((16, 15, 14, 13, 12, 11, 16), 1):
                self.lead(world, number, user)
                world.link(f"lead:{number}", "contact:10")

        found = answer(snapshot(fill), "cross-owner")

        assert columns(found, *self.FOUND) == [
            ("contact:10", None, 6, 7, "(16), (11), (12), (13), (14)")
        ]


def test_an_empty_account_has_no_rows(empty: Engine) -> None:
    """An account without cards is answered with nothing."""
    assert answer(empty, "cross-owner", cards="all").rows() == []


@pytest.mark.parametrize("cards", ["contacts", "companies", "leads"])
def test_hostile_and_missing_text(snapshot: Snapshot, cards: str) -> None:
    """Names of cards and users may hold anything or nothing."""

    def fill(world: World) -> None:
        for number in (1, 2):
            text = HOSTILE if number == 1 else None
            world.row("users", user_id=number, name=text)
            world.card(f"contact:{number}", HOSTILE, responsible_user_id=number)
            world.card(f"company:{number}", HOSTILE)
            world.card(f"lead:{number}", HOSTILE, responsible_user_id=number)
            world.link(f"lead:{number}", "contact:1", True)
            world.link(f"lead:{number}", "company:1")

    (row,) = answer(snapshot(fill), "cross-owner", cards=cards).rows()

    assert row["name"] == HOSTILE
    assert HOSTILE[:80] in row["owners"]
