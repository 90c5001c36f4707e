"""Three of the first questions on little accounts, with the rows that a person expects."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from queries.asked import Sources
from queries.catalogue import Catalogue
from queries.runner import Answer, ask
from tests.queries.conftest import BASE_URL, Snapshot, World

CATALOGUE = Catalogue.load()
NAMES = ("leads-without-contact", "orphan-contacts", "wrong-main-contact")
HOSTILE = "=cmd|'/C calc'!A0'; drop table leads; -- \x1b[2J\u202e\n\"«»\x00"


def day(text: str) -> datetime:
    return datetime.fromisoformat(text)


def answer(engine: Engine, name: str, **parameters: Any) -> Answer:
    return ask(Sources(engine), CATALOGUE.get(name), parameters)


def columns(found: Answer, *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in found.rows()]


class TestLeadsWithoutContact:
    """Deleted cards are not live; unreadable ones are not absent."""

    @staticmethod
    def fill(world: World) -> None:
        world.row("pipelines", pipeline_id=1, name="Sales")
        for status, name, unsorted in ((10, "Incoming", True), (20, "Talks", False)):
            world.row(
                "statuses",
                pipeline_id=1,
                status_id=status,
                name=name,
                is_unsorted=unsorted,
                is_closed=False,
            )
        world.row("users", user_id=9, name="Олег")
        world.card("company:1", "Альфа")
        world.card("contact:66", deleted=True)
        here = {"pipeline_id": 1, "status_id": 20}
        world.card("lead:1", "has a contact", **here)
        world.link("lead:1", "contact:10")  # which this user may not read
        world.card(
            "lead:2",
            "bare",
            created_at=day("2025-05-01"),
            responsible_user_id=9,
            links_whole=True,
            **here,
        )
        world.link("lead:2", "company:1")
        world.card("lead:3", "contact was deleted", created_at=day("2025-06-01"), **here)
        world.link("lead:3", "contact:66")
        world.card("lead:4", "gone", deleted=True, **here)
        world.card("lead:5", "incoming", pipeline_id=1, status_id=10)
        world.card("lead:6")  # nothing is known but that it exists
        world.link("lead:7", "company:1")  # a lead that cannot be read is not reported as bare

    def test_bare_leads(self, snapshot: Snapshot) -> None:
        """Newest first, with what one needs to know; incoming ones are left out."""
        found = answer(snapshot(self.fill), "leads-without-contact")

        assert columns(found, "lead_id") == [(3,), (2,), (6,)]
        assert found.rows()[1] == {
            "lead_id": 2,
            "lead_name": "bare",
            "lead_url": f"{BASE_URL}/leads/detail/2",
            "pipeline_id": 1,
            "pipeline_name": "Sales",
            "status_id": 20,
            "status_name": "Talks",
            "responsible_user_id": 9,
            "responsible_user_name": "Олег",
            "created_at": day("2025-05-01"),
            "company_id": 1,
            "company_name": "Альфа",
            "links_whole": True,
        }
        assert found.rows()[2]["links_whole"] is False

    def test_incoming_leads_on_request(self, snapshot: Snapshot) -> None:
        """`incoming_leads` lists those not yet accepted too."""
        found = answer(snapshot(self.fill), "leads-without-contact", incoming_leads=True)

        assert columns(found, "lead_id") == [(3,), (2,), (5,), (6,)]

    def test_several_companies_make_one_row(self, snapshot: Snapshot) -> None:
        """A lead that breaks the rule of one company is still one row."""

        def fill(world: World) -> None:
            world.card("lead:1")
            world.link("lead:1", "company:8")
            world.link("lead:1", "company:5")

        assert columns(answer(snapshot(fill), "leads-without-contact"), "company_id") == [(5,)]


class TestWrongMainContact:
    """The main contact is of another company while another contact is of the lead's."""

    @staticmethod
    def lead(world: World, number: int, main: int, *others: int, company: int = 1) -> None:
        world.card(f"lead:{number}", f"l{number}", links_whole=True)
        world.link(f"lead:{number}", f"company:{company}")
        world.link(f"lead:{number}", f"contact:{main}", True)
        for other in others:
            world.link(f"lead:{number}", f"contact:{other}", False)

    def fill(self, world: World) -> None:
        world.card("company:1", "Ours")
        world.card("company:2", "Theirs")
        for number in (10, 11, 20, 30):
            world.card(f"contact:{number}", f"c{number}")
        world.link("contact:10", "company:1")
        world.link("contact:11", "company:1")
        world.link("contact:20", "company:2")
        self.lead(world, 1, 20, 10)  # plain: one better contact
        self.lead(world, 2, 20, 11, 10)  # two better ones: a choice
        self.lead(world, 3, 30, 10)  # the main one has no company
        self.lead(world, 4, 99, 10)  # … or cannot be read
        self.lead(world, 5, 10, 20)  # right
        self.lead(world, 6, 20, 30)  # wrong, but nobody is better

    def test_an_edit_needs_cards_that_were_read_and_links_read_whole(
        self, snapshot: Snapshot
    ) -> None:
        """What was read in part may lack the very contact that is right."""

        def fill(world: World) -> None:
            self.fill(world)
            self.lead(world, 7, 20, 98)  # the better contact cannot be read
            world.link("contact:98", "company:1")
            world.card("lead:8", links_whole=False)
            world.link("lead:8", "company:1")
            world.link("lead:8", "contact:20", True)
            world.link("lead:8", "contact:10", False)

        found = answer(snapshot(fill), "wrong-main-contact")

        told = {row["lead_id"]: row for row in found.rows()}
        assert [told[lead]["better"] for lead in (1, 7, 8)] == [1, 1, 1]
        assert [told[lead]["links_whole"] for lead in (1, 7, 8)] == [True, True, False]
        assert [lead for lead in (1, 7, 8) if told[lead]["fix"]] == [1]

    def test_rows_with_their_kind_and_fix(self, snapshot: Snapshot) -> None:
        """Strong cases first; an edit is proposed only where it is plain."""
        found = answer(snapshot(self.fill), "wrong-main-contact")

        assert found.rows()[0] == {
            "lead_id": 1,
            "lead_name": "l1",
            "lead_url": f"{BASE_URL}/leads/detail/1",
            "company_id": 1,
            "company_name": "Ours",
            "main_contact_id": 20,
            "main_contact_name": "c20",
            "main_company_id": 2,
            "main_company_name": "Theirs",
            "kind": "other company",
            "better": 1,
            "better_contact_id": 10,
            "better_contact_name": "c10",
            "better_contacts": "c10 (10)",
            "links_whole": True,
            "fix": "main lead:1 contact:10",
        }
        assert columns(found, "lead_id", "kind", "better", "better_contacts", "fix") == [
            (1, "other company", 1, "c10 (10)", "main lead:1 contact:10"),
            (2, "other company", 2, "c10 (10), c11 (11)", None),
            (3, "no company", 1, "c10 (10)", "main lead:3 contact:10"),
            (4, "unknown company", 1, "c10 (10)", None),
        ]

    def test_weaker_cases_can_be_left_out(self, snapshot: Snapshot) -> None:
        """Without the weaker ones only main contacts of another company are listed."""
        found = answer(snapshot(self.fill), "wrong-main-contact", weaker="no")

        assert columns(found, "lead_id") == [(1,), (2,)]

    def test_an_unsaid_flag_is_not_a_main_contact(self, snapshot: Snapshot) -> None:
        """Where the CRM did not say who is the main contact, nobody is the wrong one."""

        def fill(world: World) -> None:
            world.card("lead:1")
            world.link("lead:1", "company:1")
            world.link("lead:1", "contact:20", None)
            world.link("lead:1", "contact:10", None)
            world.link("contact:10", "company:1")
            world.link("contact:20", "company:2")

        assert answer(snapshot(fill), "wrong-main-contact").rows() == []

    @pytest.mark.parametrize(
        "extra",
        [
            pytest.param(("lead:1", "company:3", None), id="the lead has two companies"),
            pytest.param(("contact:10", "company:2", None), id="the better one has two companies"),
            pytest.param(("lead:1", "contact:20", True), id="there are two main contacts"),
            pytest.param(("lead:1", "contact:11", None), id="there are two better ones"),
        ],
    )
    def test_no_fix_where_it_is_a_choice(
        self, snapshot: Snapshot, extra: tuple[str, str, bool | None]
    ) -> None:
        """What breaks the rule of one is listed, and left to a person."""

        def fill(world: World) -> None:
            self.lead(world, 1, 30, 10)
            world.card("contact:30")
            world.link("contact:10", "company:1")
            world.link("contact:11", "company:1")
            world.link("contact:20", "company:2")
            world.link("contact:30", "company:2")
            world.link(*extra)

        found = answer(snapshot(fill), "wrong-main-contact")

        assert found.rows()
        assert {row["fix"] for row in found.rows()} == {None}

    def test_a_main_contact_of_two_companies_is_right_if_one_is_the_leads(
        self, snapshot: Snapshot
    ) -> None:
        """Belonging is enough, whatever else the contact belongs to."""

        def fill(world: World) -> None:
            self.lead(world, 1, 20, 10)
            world.link("contact:10", "company:1")
            world.link("contact:20", "company:1")
            world.link("contact:20", "company:2")

        assert answer(snapshot(fill), "wrong-main-contact").rows() == []

    def test_the_list_of_better_contacts_is_bounded(self, snapshot: Snapshot) -> None:
        """Five are named, all are counted."""

        def fill(world: World) -> None:
            self.lead(world, 1, 20, *range(30, 39))
            for number in range(30, 39):
                world.link(f"contact:{number}", "company:1")

        row = answer(snapshot(fill), "wrong-main-contact").rows()[0]

        assert row["better"] == 9
        assert row["better_contacts"] == "(30), (31), (32), (33), (34)"


class TestOrphanContacts:
    """Contacts with no link at all."""

    def test_every_kind_of_link_saves_a_contact(self, snapshot: Snapshot) -> None:
        """A lead, a company, a customer, an element; one to a deleted card does not."""

        def fill(world: World) -> None:
            world.row("users", user_id=9, name="Олег")
            for number in range(1, 9):
                world.card(f"contact:{number}", f"c{number}", responsible_user_id=9)
            world.link("lead:1", "contact:1")
            world.link("contact:2", "company:1")
            world.link("customer:1", "contact:3")
            world.link("contact:4", "element:7/1")
            world.card("lead:66", deleted=True)
            world.link("lead:66", "contact:5")
            world.card("contact:9", deleted=True)
            # a phone of the company with the same id is not this contact's
            for kind, entity, number in (
                ("phone", "contact", 6),
                ("phone", "contact", 6),
                ("email", "contact", 7),
                ("phone", "company", 8),
            ):
                world.row("identifiers", kind=kind, value="x", entity_type=entity, entity_id=number)

        found = answer(snapshot(fill), "orphan-contacts")

        assert columns(found, "contact_id", "has_phone", "has_email") == [
            (5, False, False),
            (6, True, False),
            (7, False, True),
            (8, False, False),
        ]
        assert found.rows()[0] == {
            "contact_id": 5,
            "contact_name": "c5",
            "contact_url": f"{BASE_URL}/contacts/detail/5",
            "has_phone": False,
            "has_email": False,
            "created_at": None,
            "responsible_user_id": 9,
            "responsible_user_name": "Олег",
            "links_whole": False,
        }


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_account_has_no_rows(empty: Engine, name: str) -> None:
    """An account without cards is answered with nothing, in the promised columns."""
    found = answer(empty, name)

    assert found.rows() == []
    assert found.table.column_names == [column.name for column in CATALOGUE.get(name).columns]


@pytest.mark.parametrize("name", NAMES)
def test_hostile_and_missing_text(snapshot: Snapshot, name: str) -> None:
    """Names may hold anything or nothing: answers, no failure, and the text as it was."""

    def fill(world: World) -> None:
        for number in (1, 2):
            world.card(f"contact:{number}", HOSTILE if number == 1 else None)
            world.card(f"company:{number}", None if number == 1 else HOSTILE)
            world.card(f"lead:{number}", HOSTILE)
            world.link(f"lead:{number}", "contact:1", number == 1)
            world.link(f"lead:{number}", f"company:{number}")
        world.card("lead:3", HOSTILE)
        world.link("lead:1", "contact:2")
        world.link("contact:1", "company:2")
        world.link("contact:2", "company:1")
        world.card("contact:3", HOSTILE)

    rows = answer(snapshot(fill), name).rows()

    texts = [value for row in rows for value in row.values() if isinstance(value, str)]
    assert any(HOSTILE in text for text in texts)
