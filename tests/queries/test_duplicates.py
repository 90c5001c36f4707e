"""Duplicate contacts and companies on little accounts, with the rows that a person expects."""

from typing import Any

import pytest

from queries.asked import Sources
from queries.catalogue import Catalogue
from queries.runner import Answer, ask
from tests.queries.conftest import BASE_URL, Little, World
from tests.queries.test_questions import HOSTILE, day

CATALOGUE = Catalogue.load()


def answer(sources: Sources, name: str, **parameters: Any) -> Answer:
    return ask(sources, CATALOGUE.get(name), parameters)


def columns(found: Answer, *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in found.rows()]


def carry(world: World, ref: str, *values: str) -> None:
    """Give a card phones (`+7…`) and e-mails, as they are normalised."""
    kind, _, number = ref.partition(":")
    for value in values:
        world.row(
            "identifiers",
            kind="email" if "@" in value else "phone",
            value=f"typed {value}",
            normalised=value,
            entity_type=kind,
            entity_id=int(number),
        )


def contacts(world: World, **values: tuple[str, ...]) -> None:
    """Contacts `c1=("+71",)` with their values, all of one name."""
    for name, carried in values.items():
        world.card(f"contact:{name[1:]}", "Анна")
        carry(world, f"contact:{name[1:]}", *carried)


class TestDuplicateContacts:
    """Who shares a phone or an e-mail is one person, unless too many do."""

    @staticmethod
    def fill(world: World) -> None:
        world.card("contact:10", "Иванов Пётр", created_at=day("2024-01-01"))
        world.card("contact:11", "петр  ИВАНОВ!", created_at=day("2025-01-01"))
        world.card("contact:12", "Пётр", created_at=day("2023-01-01"))
        carry(world, "contact:10", "+71", "a@b.ru", "+79")
        carry(world, "contact:11", "+71", "a@b.ru")
        carry(world, "contact:12", "a@b.ru", "a@b.ru")
        world.link("contact:10", "company:1")
        world.link("contact:12", "company:1")
        world.link("lead:100", "contact:10")
        world.link("lead:101", "contact:11")
        world.link("contact:12", "element:7/1")

    def test_a_group_around_the_card_with_the_most_links(self, little: Little) -> None:
        """A row for each other member, with what it shares, and the edit that moves its links."""
        found = answer(little(self.fill), "duplicate-contacts")

        # 10 and 12 have two links each; 12 is older
        assert columns(found, "contact_id", "survivor_contact_id", "kind", "value", "shared") == [
            (10, 12, "email", "a@b.ru", 1),
            (11, 12, "email", "a@b.ru", 1),
        ]
        assert found.rows()[0] == {
            "group_number": 1,
            "members": 3,
            "contact_id": 10,
            "contact_name": "Иванов Пётр",
            "contact_url": f"{BASE_URL}/contacts/detail/10",
            "survivor_contact_id": 12,
            "survivor_contact_name": "Пётр",
            "survivor_contact_url": f"{BASE_URL}/contacts/detail/12",
            "kind": "email",
            "value": "a@b.ru",
            "shared": 1,
            "via_contact_id": 12,
            "via_contact_name": "Пётр",
            "steps": 1,
            "weakest": 1,
            "weakest_value": "a@b.ru",
            "chain": False,
            "same_company": True,
            "same_name": True,
            "links": 2,
            "leads": 1,
            "created_at": day("2024-01-01"),
            "survivor_links": 2,
            "survivor_leads": 0,
            "survivor_created_at": day("2023-01-01"),
            "fix": "move contact:10 contact:12",
        }
        assert found.cut is not None
        assert found.cut.rows() == []

    def test_one_kind_of_value_alone(self, little: Little) -> None:
        """By phone 12 shares nothing; the first of several values is a phone."""
        sources = little(self.fill)

        by_phone = answer(sources, "duplicate-contacts", by="phone")
        assert columns(by_phone, "contact_id", "survivor_contact_id", "value", "members") == [
            (11, 10, "+71", 2)
        ]
        assert columns(by_phone, "same_company", "fix") == [(None, "move contact:11 contact:10")]
        assert columns(answer(sources, "duplicate-contacts", by="email"), "contact_id") == [
            (10,),
            (11,),
        ]

    def test_the_survivor_is_settled_by_links_age_and_id(self, little: Little) -> None:
        """Most links, then oldest (an unknown date comes last), then the lowest id."""

        def fill(world: World) -> None:
            contacts(world, c1=("+71",), c2=("+71",), c3=("+72",), c4=("+72",))
            world.link("lead:1", "contact:2")
            for number, created in ((5, None), (6, day("2025-05-05")), (7, day("2025-05-05"))):
                world.card(f"contact:{number}", created_at=created)
                carry(world, f"contact:{number}", "+73")

        found = answer(little(fill), "duplicate-contacts")

        assert columns(found, "group_number", "members", "contact_id", "survivor_contact_id") == [
            (1, 3, 5, 6),
            (1, 3, 7, 6),
            (2, 2, 1, 2),
            (3, 2, 4, 3),
        ]

    def test_a_link_to_a_deleted_card_is_none(self, little: Little) -> None:
        """Neither makes a survivor nor is to be moved; one to an unreadable card does and is."""

        def fill(world: World) -> None:
            contacts(world, c1=("+71",), c2=("+71",), c3=("+72",), c4=("+72",))
            world.card("lead:66", deleted=True)
            world.link("lead:66", "contact:1")
            world.link("lead:1", "contact:2")
            world.link("lead:67", "contact:3")
            world.link("lead:68", "contact:4")

        found = answer(little(fill), "duplicate-contacts")

        assert columns(found, "contact_id", "survivor_contact_id", "links", "leads", "fix") == [
            (1, 2, 0, 0, None),
            (4, 3, 1, 1, "move contact:4 contact:3"),
        ]

    def test_what_many_carry_is_a_shared_line(self, little: Little) -> None:
        """It joins nobody, and comes back with how many carry it; deleted cards do not count."""

        def fill(world: World) -> None:
            for number in range(1, 8):
                world.card(f"contact:{number}", None if number == 1 else f"c{number}")
                carry(world, f"contact:{number}", "+7495")
                if number < 7:
                    carry(world, f"contact:{number}", "office@b.ru")
            world.card("contact:8", "gone", deleted=True)
            carry(world, "contact:8", "+7495", "+71")
            carry(world, "contact:1", "+71")  # whose only other carrier is deleted
            carry(world, "contact:9", "+7495")  # of a card that is not there
            carry(world, "contact:2", "+7999")
            carry(world, "contact:3", "+7999")

        sources = little(fill)
        found = answer(sources, "duplicate-contacts")

        assert columns(found, "contact_id", "survivor_contact_id", "value") == [(3, 2, "+7999")]
        assert found.cut is not None
        assert found.cut.rows() == [
            {
                "kind": "phone",
                "value": "+7495",
                "contacts": 7,
                "first_contact_id": 1,
                "first_contact_name": None,
                "first_contact_url": f"{BASE_URL}/contacts/detail/1",
            },
            {
                "kind": "email",
                "value": "office@b.ru",
                "contacts": 6,
                "first_contact_id": 1,
                "first_contact_name": None,
                "first_contact_url": f"{BASE_URL}/contacts/detail/1",
            },
        ]
        more = answer(sources, "duplicate-contacts", hub_cap=6, by="email")
        assert len(more.rows()) == 5
        assert more.cut is not None
        assert more.cut.rows() == []

    def test_a_chain_shows_its_weakest_link_and_has_no_fix(self, little: Little) -> None:
        """1 = 2 - 3 = 4: two values join the pairs, a single one joins these."""

        def fill(world: World) -> None:
            contacts(
                world,
                c1=("+71", "a@a.ru"),
                c2=("+71", "a@a.ru", "b@b.ru"),
                c3=("b@b.ru", "+73", "+72"),
                c4=("+72", "+73"),
            )
            for contact in (1, 1, 2, 3, 4):
                world.link(f"lead:{contact}", f"contact:{contact}")
            world.link("lead:9", "contact:1")

        found = answer(little(fill), "duplicate-contacts")

        assert columns(found, "contact_id", "survivor_contact_id", "via_contact_id", "steps") == [
            (2, 1, 1, 1),
            (3, 1, 2, 2),
            (4, 1, 3, 3),
        ]
        assert columns(found, "value", "shared", "weakest", "weakest_value", "chain", "fix") == [
            ("+71", 2, 2, "+71", True, None),
            ("b@b.ru", 1, 1, "b@b.ru", True, None),
            ("+72", 2, 1, "b@b.ru", True, None),
        ]

    def test_of_equal_ways_the_stronger_and_then_the_lower(self, little: Little) -> None:
        """The next card is the one with which most is shared; the weakest step the nearest one."""

        def fill(world: World) -> None:
            contacts(
                world,
                c1=("+71", "+72", "+73"),
                c2=("+71", "+75"),
                c3=("+72", "+76", "a@a.ru"),
                c4=("+73", "+77"),
                c5=("+75", "+76", "a@a.ru"),
                c6=("+75", "+77"),
            )
            world.link("lead:1", "contact:1")

        found = answer(little(fill), "duplicate-contacts")

        assert columns(
            found, "contact_id", "via_contact_id", "value", "shared", "weakest_value"
        ) == [
            (2, 1, "+71", 1, "+71"),
            (3, 1, "+72", 1, "+72"),
            (4, 1, "+73", 1, "+73"),
            (5, 3, "+76", 2, "+72"),
            (6, 2, "+75", 1, "+71"),
        ]

    def test_other_companies_are_a_choice(self, little: Little) -> None:
        """A fix is proposed where the whole group knows one company at most."""

        def fill(world: World) -> None:
            contacts(world, c1=("+71",), c2=("+71",), c3=("+71",), c4=("+72",), c5=("+72",))
            contacts(world, c6=("+73",), c7=("+73",))
            for contact in (1, 1, 4, 6):
                world.link(f"lead:{contact}", f"contact:{contact}")
            world.link("contact:1", "element:7/1")
            world.link("contact:2", "company:1")
            world.link("contact:3", "company:2")
            world.link("contact:4", "company:1")
            world.link("contact:5", "company:2")
            world.link("contact:6", "company:3")
            world.link("contact:7", "company:3")

        found = answer(little(fill), "duplicate-contacts")

        assert columns(found, "contact_id", "survivor_contact_id", "same_company", "fix") == [
            (2, 1, None, None),
            (3, 1, None, None),
            (5, 4, False, None),
            (7, 6, True, "move contact:7 contact:6"),
        ]

    def test_contacts_of_several_companies_may_have_one_in_common(self, little: Little) -> None:
        """That is the same company, and yet a choice."""

        def fill(world: World) -> None:
            contacts(world, c1=("+71",), c2=("+71",), c3=("+71",))
            for contact, company in ((1, 1), (1, 2), (1, 3), (2, 2), (2, 4), (3, 4), (3, 5)):
                world.link(f"contact:{contact}", f"company:{company}")

        found = answer(little(fill), "duplicate-contacts")

        assert columns(found, "contact_id", "survivor_contact_id", "same_company", "fix") == [
            (2, 1, True, None),
            (3, 1, False, None),
        ]

    @pytest.mark.parametrize(
        ("name", "other", "same"),
        [
            pytest.param("Иванов Пётр", "ПЕТР иванов", True, id="order, case and ё"),
            pytest.param("Иванов", "Пётр Иванов", True, id="a part"),
            pytest.param("Иванов Пётр", "Иванов Павел", False, id="another"),
            pytest.param("Иванов", "Иванова", False, id="nearly"),
            pytest.param("ООО «Ромашка»", "Ромашка (ООО)", True, id="punctuation"),
            pytest.param("Дом 1", "Дом 2", False, id="digits count"),
            pytest.param("и\u0306од", "йод", True, id="composed"),
            pytest.param("+7 916 123-45-67", "Пётр", None, id="a phone is no name"),
            pytest.param(None, "Пётр", None, id="none"),
            pytest.param("", "—", None, id="neither"),
        ],
    )
    def test_names_may_forbid_the_fix(
        self, little: Little, name: str | None, other: str, same: bool | None
    ) -> None:
        """Different names leave the move to a person; an unknown one does not."""

        def fill(world: World) -> None:
            for number, called in ((1, name), (2, other)):
                world.card(f"contact:{number}", called)
                carry(world, f"contact:{number}", "+71")
                world.link(f"lead:{number}", f"contact:{number}")

        (row,) = answer(little(fill), "duplicate-contacts").rows()

        assert row["same_name"] is same
        assert row["fix"] == (None if same is False else "move contact:2 contact:1")

    def test_values_without_a_normalised_form_join_nobody(self, little: Little) -> None:
        """«доб. 12» is on many cards; a company's phone is not a contact's."""

        def fill(world: World) -> None:
            for number in (1, 2):
                world.card(f"contact:{number}", HOSTILE)
                world.row(
                    "identifiers",
                    kind="phone",
                    value="12",
                    entity_type="contact",
                    entity_id=number,
                )
            carry(world, "contact:1", "+71")
            world.card("company:2")
            carry(world, "company:2", "+71")

        assert answer(little(fill), "duplicate-contacts").rows() == []

    def test_hostile_values_and_names(self, little: Little) -> None:
        """Whatever was typed comes as it is; a phone and an e-mail of one text are two values."""

        def fill(world: World) -> None:
            for number in (1, 2, 3):
                world.card(f"contact:{number}", HOSTILE)
            for kind, number in (("email", 1), ("email", 2), ("phone", 3)):
                world.row(
                    "identifiers",
                    kind=kind,
                    value=HOSTILE,
                    normalised=HOSTILE,
                    entity_type="contact",
                    entity_id=number,
                )

        found = answer(little(fill), "duplicate-contacts")

        assert columns(found, "contact_id", "contact_name", "kind", "value") == [
            (2, HOSTILE, "email", HOSTILE)
        ]

    def test_a_long_chain_is_one_group(self, little: Little) -> None:
        """Hundreds of cards, each sharing with the next: ways may be of any length."""
        length = 300

        def fill(world: World) -> None:
            for number in range(1, length + 1):
                world.card(f"contact:{number}")
                carry(world, f"contact:{number}", f"+7{number:04}", f"+7{number + 1:04}")
            world.link("lead:1", "contact:1")

        found = answer(little(fill), "duplicate-contacts")

        assert columns(found, "members", "contact_id", "steps", "weakest_value") == [
            (length, number, number - 1, "+70002") for number in range(2, length + 1)
        ]


class TestDuplicateCompanies:
    """The same of companies, which have no company."""

    def test_a_firm_entered_twice(self, little: Little) -> None:
        """The fix depends on the names; the parameters are the same."""

        def fill(world: World) -> None:
            for number, name in ((1, "ООО Ромашка"), (2, "Ромашка"), (3, "Василёк"), (4, None)):
                world.card(f"company:{number}", name)
                carry(world, f"company:{number}", "+71")
                world.link(f"lead:{number}", f"company:{number}")
            world.link("contact:1", "company:2")
            world.card("contact:1")
            world.card("contact:2")
            for contact in (1, 2):
                carry(world, f"contact:{contact}", "+71")

        sources = little(fill)
        found = answer(sources, "duplicate-companies")

        assert columns(found, "company_id", "survivor_company_id", "same_name", "fix") == [
            (1, 2, True, "move company:1 company:2"),
            (3, 2, False, None),
            (4, 2, None, "move company:4 company:2"),
        ]
        assert found.rows()[0] == {
            "group_number": 1,
            "members": 4,
            "company_id": 1,
            "company_name": "ООО Ромашка",
            "company_url": f"{BASE_URL}/companies/detail/1",
            "survivor_company_id": 2,
            "survivor_company_name": "Ромашка",
            "survivor_company_url": f"{BASE_URL}/companies/detail/2",
            "kind": "phone",
            "value": "+71",
            "shared": 1,
            "via_company_id": 2,
            "via_company_name": "Ромашка",
            "steps": 1,
            "weakest": 1,
            "weakest_value": "+71",
            "chain": False,
            "same_name": True,
            "links": 1,
            "leads": 1,
            "created_at": None,
            "survivor_links": 2,
            "survivor_leads": 1,
            "survivor_created_at": None,
            "fix": "move company:1 company:2",
        }
        cut = answer(sources, "duplicate-companies", hub_cap=3).cut
        assert cut is not None
        assert cut.rows() == [
            {
                "kind": "phone",
                "value": "+71",
                "companies": 4,
                "first_company_id": 1,
                "first_company_name": "ООО Ромашка",
                "first_company_url": f"{BASE_URL}/companies/detail/1",
            }
        ]


@pytest.mark.parametrize("name", ["duplicate-contacts", "duplicate-companies"])
def test_an_empty_account_has_no_rows(little: Little, name: str) -> None:
    """Nothing, in the promised columns."""
    found = answer(little(lambda world: None), name)

    assert found.rows() == []
    assert found.table.column_names == [one.name for one in CATALOGUE.get(name).columns]
