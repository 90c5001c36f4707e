"""Leads that lack a company or a main contact, or stand elsewhere than their contacts."""

import pytest
from sqlalchemy import Engine

from tests.queries.conftest import BASE_URL, Snapshot, World
from tests.queries.test_questions import HOSTILE, answer, columns, day

NAMES = ("leads-without-company", "leads-without-main-contact", "lead-company-mismatch")


def staff(world: World, *belongings: tuple[int, int]) -> None:
    """Companies 1-3, and contacts with the companies that they belong to."""
    for number in (1, 2, 3):
        world.card(f"company:{number}", f"k{number}")
    for contact, company in belongings:
        world.link(f"contact:{contact}", f"company:{company}")
    for contact in sorted({contact for contact, _ in belongings}):
        world.card(f"contact:{contact}", f"c{contact}")


def lead(world: World, number: int, *contacts: tuple[int, bool | None], **told: object) -> None:
    """A lead whose links were read whole, with its contacts and whether each is the main one."""
    world.card(f"lead:{number}", f"l{number}", **{"links_whole": True, **told})
    for contact, main in contacts:
        world.link(f"lead:{number}", f"contact:{contact}", main)


class TestLeadsWithoutCompany:
    """The main contact, or the only one, tells the company that a lead lacks."""

    ASKED = ("lead_id", "contact_id", "told_by", "companies", "suggested_company_id")
    JUDGED = ("lead_id", "other_companies", "sure", "fix")

    def test_who_speaks_for_a_lead(self, snapshot: Snapshot) -> None:
        """The main contact, else the only one; of several without a main one nobody."""

        def fill(world: World) -> None:
            world.row("users", user_id=9, name="Олег")
            staff(world, (10, 1), (20, 2), (30, 1))
            world.card("contact:40", "no company")
            lead(
                world,
                1,
                (10, True),
                (40, False),
                created_at=day("2025-03-01"),
                responsible_user_id=9,
            )
            lead(world, 2, (20, None), created_at=day("2025-02-01"))
            lead(world, 3, (20, False))
            lead(world, 4, (10, False), (20, False))  # nobody speaks
            lead(world, 5, (40, True), (10, False))  # who speaks has no company
            lead(world, 6, (40, False))
            lead(world, 7)
            lead(world, 8, (10, True), deleted=True)
            lead(world, 9, (10, True))
            world.link("lead:9", "company:88")  # which this user may not read
            world.card("company:66", deleted=True)
            lead(world, 11, (30, True))
            world.link("lead:11", "company:66")
            world.link("lead:77", "contact:10", True)  # a lead that cannot be read

        found = answer(snapshot(fill), "leads-without-company")

        assert found.rows()[0] == {
            "lead_id": 1,
            "lead_name": "l1",
            "lead_url": f"{BASE_URL}/leads/detail/1",
            "contact_id": 10,
            "contact_name": "c10",
            "told_by": "main contact",
            "companies": 1,
            "suggested_company_id": 1,
            "suggested_company_name": "k1",
            "other_companies": 0,
            "sure": "sure",
            "responsible_user_id": 9,
            "responsible_user_name": "Олег",
            "created_at": day("2025-03-01"),
            "links_whole": True,
            "fix": "link lead:1 company:1",
        }
        assert columns(found, *self.ASKED) == [
            (1, 10, "main contact", 1, 1),
            (2, 20, "only contact", 1, 2),
            (3, 20, "only contact", 1, 2),
            (11, 30, "main contact", 1, 1),
        ]

    def test_how_sure_it_is(self, snapshot: Snapshot) -> None:
        """Others of another company make it likely; who speaks for several makes it unclear."""

        def fill(world: World) -> None:
            staff(world, (10, 1), (11, 1), (20, 2), (30, 2), (30, 3))
            lead(world, 1, (30, True))  # one contact, two companies
            lead(world, 2, (10, True), (20, True), (30, False))  # two that differ
            lead(world, 3, (10, True), (20, False), (30, None))
            lead(world, 4, (10, True), (11, True))  # two that agree
            lead(world, 5, (10, True), (11, False))
            lead(world, 6, (30, False))

        found = answer(snapshot(fill), "leads-without-company")

        assert columns(found, *self.JUDGED) == [
            (4, 0, "sure", "link lead:4 company:1"),
            (5, 0, "sure", "link lead:5 company:1"),
            (3, 2, "likely", None),
            (1, 0, "unclear", None),
            (2, 1, "unclear", None),
            (6, 0, "unclear", None),
        ]
        assert columns(found, *self.ASKED)[2:] == [
            (3, 10, "main contact", 1, 1),
            (1, 30, "main contact", 2, None),
            (2, 10, "main contact", 2, None),
            (6, 30, "only contact", 2, None),
        ]

    def test_no_fix_on_what_was_not_read(self, snapshot: Snapshot) -> None:
        """Links that were not read whole, or a company that could not be read, leave it open."""

        def fill(world: World) -> None:
            staff(world, (10, 1))
            lead(world, 1, (10, True), links_whole=False)
            lead(world, 2, (10, True), links_whole=None)
            lead(world, 3, (50, True))  # neither the contact nor its company can be read
            world.link("contact:50", "company:99", seen_from="company")

        found = answer(snapshot(fill), "leads-without-company")

        assert columns(found, "lead_id", "suggested_company_id", "sure", "links_whole", "fix") == [
            (1, 1, "sure", False, None),
            (2, 1, "sure", False, None),
            (3, 99, "sure", True, None),
        ]


class TestLeadsWithoutMainContact:
    """None is the main contact, several are, or the CRM did not say."""

    COUNTED = ("lead_id", "kind", "contacts", "mains", "unknown", "suggested_contact_id", "fix")

    @staticmethod
    def fill(world: World) -> None:
        world.row("users", user_id=9, name="Олег")
        staff(world, (10, 1), (11, 1), (20, 2))
        lead(world, 1, (10, True), (20, False))  # right
        lead(world, 2, (20, False), created_at=day("2025-03-01"), responsible_user_id=9)
        lead(world, 3, (10, False), (20, False))
        world.link("lead:3", "company:1")
        lead(world, 4, (20, None))
        lead(world, 5, (10, None), (11, False), (20, None))
        world.link("lead:5", "company:1")  # to which two of them belong
        lead(world, 6, (10, True), (20, True), (11, None))
        world.link("lead:6", "company:1")
        lead(world, 7, (10, True), (11, True))
        lead(world, 8)  # no contact: another question
        lead(world, 9, (10, False), deleted=True)
        world.link("lead:77", "contact:10", None)  # cannot be read

    def test_none_of_the_contacts_is_the_main_one(self, snapshot: Snapshot) -> None:
        """«No» of all comes first, «not said» of some last and apart; one contact can be set."""
        found = answer(snapshot(self.fill), "leads-without-main-contact")

        assert found.rows()[0] == {
            "lead_id": 2,
            "lead_name": "l2",
            "lead_url": f"{BASE_URL}/leads/detail/2",
            "kind": "none",
            "contacts": 1,
            "mains": 0,
            "unknown": 0,
            "suggested_contact_id": 20,
            "suggested_contact_name": "c20",
            "responsible_user_id": 9,
            "responsible_user_name": "Олег",
            "created_at": day("2025-03-01"),
            "links_whole": True,
            "fix": "main lead:2 contact:20",
        }
        assert columns(found, *self.COUNTED) == [
            (2, "none", 1, 0, 0, 20, "main lead:2 contact:20"),
            (3, "none", 2, 0, 0, 10, None),
            (4, "unknown", 1, 0, 1, 20, "main lead:4 contact:20"),
            (5, "unknown", 3, 0, 2, None, None),
        ]

    def test_a_missing_flag_can_be_left_out(self, snapshot: Snapshot) -> None:
        """Without the unsaid ones only those stay of which the CRM said «no» for all."""
        engine = snapshot(self.fill)

        none = answer(engine, "leads-without-main-contact", unsaid="no")
        both = answer(engine, "leads-without-main-contact", unsaid="no", variant="both")

        assert columns(none, "lead_id") == [(2,), (3,)]
        assert columns(both, "lead_id") == [(2,), (3,), (6,), (7,)]

    def test_several_main_contacts(self, snapshot: Snapshot) -> None:
        """The one among them that belongs to the lead's company is suggested, never set."""
        engine = snapshot(self.fill)

        several = answer(engine, "leads-without-main-contact", variant="several")
        both = answer(engine, "leads-without-main-contact", variant="both")

        assert columns(several, *self.COUNTED) == [
            (6, "several", 3, 2, 1, 10, None),
            (7, "several", 2, 2, 0, None, None),
        ]
        assert columns(both, "lead_id") == [(2,), (3,), (6,), (7,), (4,), (5,)]

    def test_no_fix_on_what_was_not_read(self, snapshot: Snapshot) -> None:
        """A contact that cannot be read counts, a deleted one does not; neither is set blindly."""

        def fill(world: World) -> None:
            staff(world, (10, 1))
            world.card("contact:66", deleted=True)
            lead(world, 1, (99, False))
            lead(world, 2, (10, False), links_whole=False)
            lead(world, 3, (10, False), (66, True))  # its main contact was deleted
            lead(world, 4, (66, False))
            lead(world, 5, (10, False), (99, False))

        found = answer(snapshot(fill), "leads-without-main-contact")

        assert columns(found, *self.COUNTED) == [
            (1, "none", 1, 0, 0, 99, None),
            (2, "none", 1, 0, 0, 10, None),
            (3, "none", 1, 0, 0, 10, "main lead:3 contact:10"),
            (5, "none", 2, 0, 0, None, None),
        ]


class TestLeadCompanyMismatch:
    """The lead stands at a company that no contact of it belongs to."""

    FOUND = ("lead_id", "company_id", "contacts", "companies", "other_company_id")

    @staticmethod
    def fill(world: World) -> None:
        world.row("users", user_id=9, name="Олег")
        staff(world, (10, 1), (11, 1), (20, 2), (23, 2), (23, 3))
        world.card("contact:40", "no company")
        told = {"created_at": day("2025-03-01"), "responsible_user_id": 9}
        lead(world, 1, (20, True), (40, False), **told)
        lead(world, 2, (10, True), (20, False))  # one belongs
        lead(world, 3, (40, True))  # nobody's company is known
        lead(world, 4, (20, None), (23, None))
        lead(world, 5, (20, True), links_whole=None)
        for number in (1, 2, 3, 4):
            world.link(f"lead:{number}", "company:1")
        for company in (1, 2, 3):  # breaks the rule of one: each is judged
            world.link("lead:5", f"company:{company}")
        lead(world, 6, (20, True), deleted=True)
        world.link("lead:6", "company:1")
        lead(world, 7, (20, True))  # no company
        world.link("lead:77", "contact:20")  # cannot be read
        world.link("lead:77", "company:1")

    def test_rows_with_where_the_contacts_belong(self, snapshot: Snapshot) -> None:
        """The lead's company against those of its contacts, newest lead first."""
        found = answer(snapshot(self.fill), "lead-company-mismatch")

        assert found.rows()[0] == {
            "lead_id": 1,
            "lead_name": "l1",
            "lead_url": f"{BASE_URL}/leads/detail/1",
            "company_id": 1,
            "company_name": "k1",
            "contacts": 1,
            "companies": 1,
            "other_company_id": 2,
            "other_company_name": "k2",
            "other_companies": "k2 (2)",
            "responsible_user_id": 9,
            "responsible_user_name": "Олег",
            "created_at": day("2025-03-01"),
            "links_whole": True,
        }
        assert columns(found, *self.FOUND, "other_companies", "links_whole") == [
            (1, 1, 1, 1, 2, "k2 (2)", True),
            (4, 1, 2, 2, 2, "k2 (2), k3 (3)", True),
            (5, 1, 1, 1, 2, "k2 (2)", False),
            (5, 3, 1, 1, 2, "k2 (2)", False),
        ]

    @pytest.mark.parametrize(
        ("agencies", "left"),
        [
            pytest.param("none", [(1, 1), (4, 1), (5, 1), (5, 3)], id="none"),
            pytest.param("", [(1, 1), (4, 1), (5, 1), (5, 3)], id="nothing"),
            pytest.param("2", [(4, 1)], id="the contacts' company"),
            pytest.param("1", [(5, 3)], id="the lead's company"),
            pytest.param(" 2 , 3 ", [], id="two, with spaces"),
            pytest.param("12,23,32", [(1, 1), (4, 1), (5, 1), (5, 3)], id="parts of others"),
            pytest.param("x'; --", [(1, 1), (4, 1), (5, 1), (5, 3)], id="no ids at all"),
        ],
    )
    def test_agencies_are_allowed(
        self, snapshot: Snapshot, agencies: str, left: list[tuple[int, int]]
    ) -> None:
        """An agency is nobody's company: whole ids count, whichever side it is on."""
        found = answer(snapshot(self.fill), "lead-company-mismatch", agencies=agencies)

        assert columns(found, "lead_id", "company_id") == left

    def test_cards_that_cannot_be_read(self, snapshot: Snapshot) -> None:
        """Unreadable contacts and companies count, deleted ones do not."""

        def fill(world: World) -> None:
            world.card("company:66", deleted=True)
            world.card("contact:67", deleted=True)
            for number in (1, 2, 3):
                lead(world, number, (90, None), (67, None))
            world.link("contact:90", "company:98")
            world.link("contact:67", "company:2")
            world.link("lead:1", "company:99")
            world.link("lead:2", "company:66")  # has no company any more
            world.link("lead:3", "company:2")  # only the deleted contact belongs there

        found = answer(snapshot(fill), "lead-company-mismatch")

        assert columns(found, *self.FOUND, "other_companies") == [
            (1, 99, 1, 1, 98, "(98)"),
            (3, 2, 1, 1, 98, "(98)"),
        ]

    def test_the_list_of_companies_is_bounded(self, snapshot: Snapshot) -> None:
        """Five are named, the lowest ids first; all are counted."""

        def fill(world: World) -> None:
            lead(world, 1, *((number, None) for number in range(30, 37)))
            world.link("lead:1", "company:1")
            world.card("company:30", "x" * 90)
            world.card("company:31", "")
            for number in range(30, 37):
                world.link(f"contact:{number}", f"company:{number}")

        row = answer(snapshot(fill), "lead-company-mismatch").rows()[0]

        assert (row["contacts"], row["companies"]) == (7, 7)
        assert row["other_companies"] == f"{'x' * 80} (30), (31), (32), (33), (34)"


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_account_has_no_rows(empty: Engine, name: str) -> None:
    """An account without cards is answered with nothing."""
    assert answer(empty, name).rows() == []


@pytest.mark.parametrize("name", NAMES)
def test_hostile_and_missing_text(snapshot: Snapshot, name: str) -> None:
    """Names may hold anything or nothing, and so may every date, user and status."""

    def fill(world: World) -> None:
        for number in (1, 2):
            world.card(f"lead:{number}", HOSTILE if number == 1 else None)
            world.card(f"contact:{number}", HOSTILE)
            world.card(f"company:{number}", HOSTILE)
            world.link(f"lead:{number}", f"contact:{number}", False)
            world.link(f"contact:{number}", f"company:{number}")
            if name == "lead-company-mismatch":
                world.link(f"lead:{number}", f"company:{3 - number}")

    rows = answer(snapshot(fill), name).rows()

    assert [(row["lead_id"], row["lead_name"]) for row in rows] == [(1, HOSTILE), (2, None)]
    assert all(row["created_at"] is None and not row["links_whole"] for row in rows)
