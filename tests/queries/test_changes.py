"""Questions that compare two snapshots, on little accounts, with the rows that a person expects."""

from datetime import timedelta
from typing import Any

import pytest

from linkgraph.edit import edits_of, in_text
from queries.asked import Sources
from queries.catalogue import Catalogue
from queries.runner import Answer, ask
from tests.queries.conftest import BASE_URL, TAKEN_AT, Fill, Little, World

CATALOGUE = Catalogue.load()
HOSTILE = "=cmd|'/C calc'!A0'; drop table leads; -- \x1b[2J\u202e\n\"«»\x00"


def answer(sources: Sources, name: str, **parameters: Any) -> Answer:
    found = ask(sources, CATALOGUE.get(name), parameters)
    for row in found.rows():
        assert in_text(edits_of(row["fix"])) == row["fix"], "an edit is to be written as edits are"
    return found


def columns(found: Answer, *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in found.rows()]


def cards(world: World, *refs: str, whole: bool | None = True, **more: Any) -> None:
    """Cards whose links were read whole, unless said otherwise."""
    for ref in refs:
        world.card(ref, ref, links_whole=whole, **more)


class TestLinkChanges:
    """What was added, removed and changed, as far as both snapshots can tell."""

    @staticmethod
    def earlier(world: World) -> None:
        cards(world, "lead:1", "contact:10", "contact:11", "company:20", "company:21")
        world.card("element:7/70", "Стол")
        world.link("lead:1", "contact:10", True)
        world.link("lead:1", "contact:11", False)
        world.link("lead:1", "company:20")
        world.link("lead:1", "element:7/70", quantity=2, price_id=11)
        world.link("contact:10", "company:20")

    @staticmethod
    def later(world: World) -> None:
        cards(world, "lead:1", "contact:10", "contact:11", "company:20", "company:21")
        world.card("element:7/70", "Стол дубовый")
        world.link("lead:1", "contact:10", False)
        world.link("lead:1", "contact:11", True)
        world.link("lead:1", "company:21")
        world.link("lead:1", "element:7/70", quantity=3.5, price_id=11)
        world.link("contact:10", "company:20")

    def test_what_changed_and_how_to_undo_it(self, little: Little) -> None:
        """A row a link, with the inverse edit; what stayed as it was is not there."""
        found = answer(little(self.later, self.earlier), "link-changes")

        assert found.rows()[0] == {
            "change": "added",
            "relation": "lead_company",
            "owner_ref": "lead:1",
            "owner_name": "lead:1",
            "owner_url": f"{BASE_URL}/leads/detail/1",
            "other_ref": "company:21",
            "other_name": "company:21",
            "other_url": f"{BASE_URL}/companies/detail/21",
            "along_with": None,
            "old_is_main": None,
            "new_is_main": None,
            "old_quantity": None,
            "new_quantity": None,
            "old_price": None,
            "new_price": None,
            "fix": "unlink lead:1 company:21",
        }
        assert columns(found, "change", "other_ref", "old_is_main", "new_is_main", "fix")[1:] == [
            ("changed", "contact:10", True, False, "main lead:1 contact:10"),
            ("changed", "contact:11", False, True, None),
            (
                *("changed", "element:7/70", None, None),
                "link lead:1 element:7/70 quantity=2 price=11",
            ),
            ("removed", "company:20", None, None, "link lead:1 company:20"),
        ]
        assert columns(found, "old_quantity", "new_quantity", "old_price", "new_price")[3] == (
            *(2, 3.5, 11, 11),
        )
        assert columns(found, "other_name", "other_url")[3] == (
            *("Стол дубовый", f"{BASE_URL}/catalogs/7/detail/70"),
        )
        assert (found.snapshot, found.compared) == (7, 5)

    @pytest.mark.parametrize(
        ("given", "changes"),
        [
            ({"change": "removed"}, [("removed", "lead_company")]),
            ({"relation": "lead_element"}, [("changed", "lead_element")]),
            ({"relation": "contact_company"}, []),
            ({"relation": "lead_company", "change": "added"}, [("added", "lead_company")]),
        ],
    )
    def test_one_kind_when_asked(
        self, little: Little, given: dict[str, str], changes: list[tuple[str, str]]
    ) -> None:
        """By change, by relation, by both."""
        found = answer(little(self.later, self.earlier), "link-changes", **given)

        assert columns(found, "change", "relation") == changes

    @pytest.mark.parametrize("whole", [False, None])
    def test_a_failed_read_is_no_change(self, little: Little, whole: bool | None) -> None:
        """Absence is believed where a card that tells of the link was read whole, else not."""

        def with_links(world: World) -> None:
            cards(world, "lead:1", "lead:2", "lead:3", "contact:10", "contact:12", "customer:40")
            cards(world, "company:20")
            world.card("element:7/70")
            world.link("lead:1", "contact:10")
            world.link("lead:1", "company:20")
            world.link("lead:1", "element:7/70")
            world.link("customer:40", "contact:10")
            world.link("customer:40", "contact:12")
            world.link("contact:12", "company:20")

        def without(world: World) -> None:
            cards(world, "lead:1", "contact:12", "customer:40", whole=whole)
            cards(world, "contact:10", "company:20")
            world.card("element:7/70")

        added = answer(little(with_links, without), "link-changes")
        removed = answer(little(without, with_links), "link-changes")

        told = [
            ("contact_company", "contact:12", "company:20"),
            ("customer_contact", "customer:40", "contact:10"),
            ("lead_company", "lead:1", "company:20"),
        ]
        names = ("relation", "owner_ref", "other_ref", "change")
        assert columns(added, *names) == [(*link, "added") for link in told]
        assert columns(removed, *names) == [(*link, "removed") for link in told]

    def test_a_card_that_no_list_shows_proves_nothing(self, little: Little) -> None:
        """The owner has no row: whether the link was there before is not known; nor its end."""

        def later(world: World) -> None:
            cards(world, "contact:10")
            world.link("lead:1", "contact:10")
            world.link("lead:1", "contact:11")

        assert answer(little(later, lambda world: None), "link-changes").rows() == []
        assert answer(little(lambda world: None, later), "link-changes").rows() == []

    def test_names_come_from_the_later_snapshot_if_it_has_the_card(self, little: Little) -> None:
        """No name there is no name; a card without a row there is named by the earlier one."""

        def earlier(world: World) -> None:
            world.card("lead:1", "before", links_whole=True)
            world.card("contact:10", HOSTILE)
            world.card("contact:11", "was")
            world.link("lead:1", "contact:10", True)
            world.link("lead:1", "contact:11")
            world.link("lead:1", "contact:12")

        def later(world: World) -> None:
            world.card("lead:1", None, links_whole=True)
            world.card("contact:11", None)

        found = answer(little(later, earlier), "link-changes")

        assert columns(found, "owner_name", "other_name", "other_url", "fix") == [
            (None, HOSTILE, f"{BASE_URL}/contacts/detail/10", None),
            (None, None, f"{BASE_URL}/contacts/detail/11", "link lead:1 contact:11"),
            (None, None, f"{BASE_URL}/contacts/detail/12", None),
        ]

    def test_a_new_card_brings_its_links(self, little: Little) -> None:
        """It was not there to be read: created when the earlier snapshot was taken, or after."""

        def later(world: World) -> None:
            cards(world, "lead:1", created_at=TAKEN_AT)
            cards(world, "lead:2", created_at=TAKEN_AT - timedelta(seconds=1))
            cards(world, "lead:3", created_at=None)
            cards(world, "lead:4")
            world.card("element:7/70", created_at=TAKEN_AT + timedelta(days=1))
            cards(world, "contact:10")
            for number in (1, 2, 3):
                world.link(f"lead:{number}", "contact:10")
            world.link("lead:4", "element:7/70")

        def earlier(world: World) -> None:
            cards(world, "contact:10")
            cards(world, "lead:4", whole=False)

        found = answer(little(later, earlier), "link-changes")

        assert columns(found, "owner_ref", "other_ref", "along_with", "fix") == [
            ("lead:1", "contact:10", "new card", "unlink lead:1 contact:10"),
            ("lead:4", "element:7/70", "new card", "unlink lead:4 element:7/70"),
        ]

    def test_links_go_with_deleted_cards_and_come_back(self, little: Little) -> None:
        """Without any read being whole: the tombstone is the proof. Nothing is to be undone."""

        def fill(lead: bool, contact: bool) -> Fill:
            def filled(world: World) -> None:
                cards(world, "lead:1", whole=None, deleted=lead)
                cards(world, "contact:10", whole=None, deleted=contact)
                cards(world, "company:20", whole=None)
                world.link("lead:1", "contact:10", True)
                world.link("contact:10", "company:20")

            return filled

        alive = fill(False, False)
        told = ("change", "relation", "along_with", "old_is_main", "new_is_main", "fix")
        gone = answer(little(fill(True, False), alive), "link-changes")
        assert columns(gone, *told) == [
            ("removed", "lead_contact", "deleted card", True, None, None)
        ]
        other_end = answer(little(fill(False, True), alive), "link-changes")
        assert columns(other_end, *told[:3]) == [
            ("removed", "contact_company", "deleted card"),
            ("removed", "lead_contact", "deleted card"),
        ]
        back = answer(little(alive, fill(True, False)), "link-changes")
        assert columns(back, *told) == [
            (*("added", "lead_contact", "restored card"), None, True, "unlink lead:1 contact:10")
        ]
        both = answer(little(fill(True, False), fill(False, True)), "link-changes")
        assert columns(both, *told[:3]) == [("added", "contact_company", "restored card")]

    def test_what_was_removed_comes_back_with_what_it_carried(self, little: Little) -> None:
        """Main flag, quantity and price as they were told; what was not told is not made up."""

        def earlier(world: World) -> None:
            self.later(world)
            world.link("lead:1", "contact:12")
            world.card("contact:12")
            world.card("element:8/70")
            world.link("lead:1", "element:8/70", quantity=None)
            world.link("lead:1", "element:0/71", quantity=1)

        def later(world: World) -> None:
            cards(world, "lead:1", "contact:10", "contact:11", "contact:12", "company:21")
            world.card("element:7/70")
            world.card("element:8/70")

        found = answer(little(later, earlier), "link-changes", change="removed")

        assert columns(found, "other_ref", "other_url", "fix")[1:] == [
            (
                *("company:21", f"{BASE_URL}/companies/detail/21"),
                "link lead:1 company:21",
            ),
            (
                *("contact:10", f"{BASE_URL}/contacts/detail/10"),
                "link lead:1 contact:10 main=no",
            ),
            (
                *("contact:11", f"{BASE_URL}/contacts/detail/11"),
                "link lead:1 contact:11 main=yes",
            ),
            ("contact:12", f"{BASE_URL}/contacts/detail/12", "link lead:1 contact:12"),
            ("element:0/71", None, None),
            (
                *("element:7/70", f"{BASE_URL}/catalogs/7/detail/70"),
                "link lead:1 element:7/70 quantity=3.5 price=11",
            ),
            (
                *("element:8/70", f"{BASE_URL}/catalogs/8/detail/70"),
                "link lead:1 element:8/70",
            ),
        ]
        assert columns(found, "relation", "other_ref", "fix")[0] == (
            *("contact_company", "company:20", None),  # the company has no row any more
        )

    @pytest.mark.parametrize(
        ("old", "new", "fix"),
        [
            pytest.param(True, None, "main customer:40 contact:10", id="not told any more"),
            pytest.param(None, True, None, id="told now"),
            pytest.param(None, False, None, id="not told is not false"),
            pytest.param(False, None, None, id="false is not untold"),
        ],
    )
    def test_a_flag_that_is_not_told_differs(
        self, little: Little, old: bool | None, new: bool | None, fix: str | None
    ) -> None:
        """Only where the owner's links were read whole in both; the contact tells of no flag."""

        def fill(main: bool | None, whole: bool) -> Fill:
            def filled(world: World) -> None:
                cards(world, "customer:40", whole=whole)
                cards(world, "contact:10")
                world.link("customer:40", "contact:10", main)

            return filled

        found = answer(little(fill(new, True), fill(old, True)), "link-changes")
        assert columns(found, "change", "old_is_main", "new_is_main", "fix") == [
            ("changed", old, new, fix)
        ]
        for whole in ((True, False), (False, True)):
            sources = little(fill(new, whole[0]), fill(old, whole[1]))
            assert answer(sources, "link-changes").rows() == []

    @pytest.mark.parametrize(
        ("old", "new", "fix"),
        [
            ((1, 11), (2, 11), "link lead:1 element:7/70 quantity=1 price=11"),
            ((0.5, None), (2, None), "link lead:1 element:7/70 quantity=0.5"),
            ((3, 11), (3, 12), "link lead:1 element:7/70 quantity=3 price=11"),
            ((3, None), (3, 12), None),
            ((None, 11), (3, 11), None),
            ((None, 11), (None, 12), "link lead:1 element:7/70 price=11"),
            ((3, 11), (None, None), "link lead:1 element:7/70 quantity=3 price=11"),
            ((1e16, None), (2, None), "link lead:1 element:7/70 quantity=1e+16"),
        ],
    )
    def test_quantities_and_prices(
        self,
        little: Little,
        old: tuple[float | None, int | None],
        new: tuple[float | None, int | None],
        fix: str | None,
    ) -> None:
        """What was told is restored; what was not told cannot be."""

        def fill(quantity: float | None, price_id: int | None) -> Fill:
            def filled(world: World) -> None:
                cards(world, "lead:1")
                world.card("element:7/70")
                world.link("lead:1", "element:7/70", quantity=quantity, price_id=price_id)

            return filled

        found = answer(little(fill(*new), fill(*old)), "link-changes")

        assert columns(found, "old_quantity", "old_price", "new_quantity", "new_price", "fix") == [
            (*old, *new, fix)
        ]

    def test_elements_are_known_by_catalog_and_id(self, little: Little) -> None:
        """The same id in another catalog is another element; rows go by numbers, not by text."""

        def fill(*elements: str) -> Fill:
            def filled(world: World) -> None:
                cards(world, "lead:9", "lead:10")
                for element in elements:
                    world.link("lead:9", element)
                    world.link("lead:10", element)

            return filled

        sources = little(fill("element:10/1", "element:9/1"), fill("element:8/1", "element:9/1"))
        found = answer(sources, "link-changes")

        assert columns(found, "change", "owner_ref", "other_ref") == [
            ("added", "lead:9", "element:10/1"),
            ("added", "lead:10", "element:10/1"),
            ("removed", "lead:9", "element:8/1"),
            ("removed", "lead:10", "element:8/1"),
        ]

    def test_odd_links_have_no_edit(self, little: Little) -> None:
        """A pair that the reference does not list may come and go; nobody can link it."""

        def fill(*links: tuple[str, str]) -> Fill:
            def filled(world: World) -> None:
                cards(world, "lead:1", "lead:2", "customer:40")
                for a, b in links:
                    world.link(a, b)

            return filled

        sources = little(fill(("lead:1", "lead:2")), fill(("lead:1", "customer:40")))

        assert columns(
            answer(sources, "link-changes"), "change", "relation", "other_ref", "fix"
        ) == [
            ("added", "other", "lead:2", None),
            ("removed", "other", "customer:40", None),
        ]

    def test_nothing_changed(self, little: Little) -> None:
        """The same account twice, and an empty one."""
        for fill in (self.earlier, lambda world: None):
            assert answer(little(fill, fill), "link-changes").rows() == []


class TestMovedContacts:
    """Contacts whose company changed, and the open leads that stayed behind."""

    @staticmethod
    def fill(company: int | None, **more: Any) -> Fill:
        """Contact 10 at a company, with an open lead at company 20."""

        def filled(world: World) -> None:
            read = TAKEN_AT + timedelta(days=(company or 20) - 20)
            cards(world, "contact:10", links_read_at=read, **more)
            cards(world, "company:20", "company:21")
            world.card("lead:1", "Открытая", status_id=5, responsible_user_id=3)
            world.row("users", user_id=3, name="Ольга")
            world.link("lead:1", "contact:10", True)
            world.link("lead:1", "company:20")
            if company:
                world.link("contact:10", f"company:{company}")

        return filled

    def test_a_contact_that_moved_leaves_its_lead_behind(self, little: Little) -> None:
        """From, to, between which reads, and the edits that take the lead along."""
        found = answer(little(self.fill(21), self.fill(20)), "moved-contacts")

        assert found.rows() == [
            {
                "contact_id": 10,
                "contact_name": "contact:10",
                "contact_url": f"{BASE_URL}/contacts/detail/10",
                "from_company_id": 20,
                "from_company_name": "company:20",
                "to_company_id": 21,
                "to_company_name": "company:21",
                "earlier_read_at": TAKEN_AT,
                "later_read_at": TAKEN_AT + timedelta(days=1),
                "stranded": 1,
                "lead_id": 1,
                "lead_name": "Открытая",
                "lead_url": f"{BASE_URL}/leads/detail/1",
                "is_main": True,
                "responsible_user_id": 3,
                "responsible_user_name": "Ольга",
                "fix": "unlink lead:1 company:20; link lead:1 company:21",
            }
        ]

    def test_who_only_gained_a_company_has_not_moved(self, little: Little) -> None:
        """Nor who stayed."""
        assert answer(little(self.fill(20), self.fill(None)), "moved-contacts").rows() == []
        assert answer(little(self.fill(20), self.fill(20)), "moved-contacts").rows() == []

    def test_who_joined_none(self, little: Little) -> None:
        """Listed without a new company and without an edit, unless it is unwanted."""
        sources = little(self.fill(None), self.fill(20))

        found = answer(sources, "moved-contacts")
        assert columns(found, "from_company_id", "to_company_id", "to_company_name", "lead_id") == [
            (20, None, None, 1)
        ]
        assert columns(found, "fix") == [(None,)]
        assert answer(sources, "moved-contacts", joined_none=False).rows() == []

    @pytest.mark.parametrize("whole", [False, None])
    def test_a_failed_read_is_no_move(self, little: Little, whole: bool | None) -> None:
        """The contact's links were read whole in both snapshots, or nothing is said of it."""

        def fill(company: int, mark: bool | None) -> Fill:
            def filled(world: World) -> None:
                cards(world, "contact:10", whole=mark)
                world.link("contact:10", f"company:{company}")

            return filled

        assert answer(little(fill(21, True), fill(20, whole)), "moved-contacts").rows() == []
        assert answer(little(fill(21, whole), fill(20, True)), "moved-contacts").rows() == []
        told = answer(little(fill(21, True), fill(20, True)), "moved-contacts")
        assert columns(told, "from_company_id", "from_company_name", "to_company_id") == [
            (20, None, 21)
        ]
        assert columns(told, "stranded", "lead_id", "lead_url", "fix") == [(0, None, None, None)]

    def test_a_deleted_or_unreadable_contact_is_not_listed(self, little: Little) -> None:
        """It has gone altogether."""

        def unread(world: World) -> None:
            world.link("contact:10", "company:21")

        deleted = self.fill(21, deleted=True)
        assert answer(little(deleted, self.fill(20)), "moved-contacts").rows() == []
        assert answer(little(unread, self.fill(20)), "moved-contacts").rows() == []

    def test_the_former_company_was_deleted(self, little: Little) -> None:
        """Nothing is linked to it any more, so no lead is stranded there; it keeps its name."""

        def later(world: World) -> None:
            cards(world, "contact:10", "company:21")
            world.card("company:20", "Бывшая", deleted=True)
            world.card("lead:1")
            world.link("contact:10", "company:21")
            world.link("contact:10", "company:20")
            world.link("lead:1", "contact:10", True)
            world.link("lead:1", "company:20")

        sources = little(later, self.fill(20))
        found = answer(sources, "moved-contacts")

        assert columns(found, "from_company_name", "to_company_id", "stranded", "lead_id") == [
            ("Бывшая", 21, 0, None)
        ]
        assert answer(sources, "moved-contacts", stranded_only=True).rows() == []

    def test_which_leads_are_stranded(self, little: Little) -> None:
        """Open ones, or such as are not known to be closed, with both the contact and company."""

        def later(world: World) -> None:
            self.fill(21)(world)
            for number, status in ((2, 142), (3, 143), (4, None)):
                world.card(f"lead:{number}", HOSTILE, status_id=status)
            world.card("lead:5", status_id=5, deleted=True)
            for number in (2, 3, 4, 5, 6):  # 6 cannot be read
                world.link(f"lead:{number}", "contact:10")
                world.link(f"lead:{number}", "company:20")
            world.card("lead:7", status_id=5)
            world.link("lead:7", "contact:10")
            world.link("lead:7", "company:21")
            world.card("lead:8", status_id=5)
            world.link("lead:8", "contact:11")
            world.link("lead:8", "company:20")

        found = answer(little(later, self.fill(20)), "moved-contacts")

        assert columns(found, "stranded", "lead_id", "lead_name", "lead_url", "is_main", "fix") == [
            (
                *(3, 1, "Открытая", f"{BASE_URL}/leads/detail/1", True),
                "unlink lead:1 company:20; link lead:1 company:21",
            ),
            (
                *(3, 4, HOSTILE, f"{BASE_URL}/leads/detail/4", None),
                "unlink lead:4 company:20; link lead:4 company:21",
            ),
            (3, 6, None, f"{BASE_URL}/leads/detail/6", None, None),
        ]

    @staticmethod
    def second_company(world: World) -> None:
        world.link("lead:1", "company:22")

    @staticmethod
    def second_new_company(world: World) -> None:
        world.link("contact:10", "company:22")

    @staticmethod
    def second_main(world: World) -> None:
        world.link("lead:1", "contact:11", True)

    @staticmethod
    def not_the_main(world: World) -> None:
        world.link("lead:1", "contact:10", False)
        world.link("lead:1", "contact:11", None)

    @staticmethod
    def who_stayed(world: World) -> None:
        world.link("lead:1", "contact:11", False)
        world.link("contact:11", "company:20")

    @pytest.mark.parametrize(
        "more",
        ["second_company", "second_new_company", "second_main", "not_the_main", "who_stayed"],
    )
    def test_no_edit_where_it_is_a_choice(self, little: Little, more: str) -> None:
        """Another company of the lead or the contact, another main contact, or one who stayed."""

        def later(world: World) -> None:
            self.fill(21)(world)
            getattr(self, more)(world)

        found = answer(little(later, self.fill(20)), "moved-contacts")

        assert columns(found, "contact_id", "to_company_id", "lead_id", "fix") == [
            (10, 21, 1, None)
        ]

    def test_no_edit_to_a_company_that_cannot_be_read(self, little: Little) -> None:
        """Nor from one; a sole contact need not be the main one."""

        def fill(company: int, *known: str) -> Fill:
            def filled(world: World) -> None:
                cards(world, "contact:10", *known)
                world.card("lead:1")
                world.link("lead:1", "contact:10", False)
                world.link("lead:1", "company:20")
                world.link("contact:10", f"company:{company}")

            return filled

        fixes = [
            columns(answer(little(fill(21, *known), fill(20)), "moved-contacts"), "fix")
            for known in (["company:20"], ["company:21"], ["company:20", "company:21"])
        ]

        assert fixes == [
            [(None,)],
            [(None,)],
            [("unlink lead:1 company:20; link lead:1 company:21",)],
        ]

    def test_several_companies(self, little: Little) -> None:
        """A row for each company that was left; the new one is that with the lowest id."""

        def fill(*companies: int) -> Fill:
            def filled(world: World) -> None:
                cards(world, "contact:9", "contact:10", "company:20", "company:21")
                world.card("lead:1")
                world.link("lead:1", "contact:10")
                world.link("lead:1", "company:21")
                world.link("contact:9", f"company:{companies[0]}")
                for company in companies:
                    world.link("contact:10", f"company:{company}")

            return filled

        found = answer(little(fill(22, 24, 23), fill(20, 21, 22)), "moved-contacts")

        assert columns(
            found, "contact_id", "from_company_id", "to_company_id", "lead_id", "fix"
        ) == [
            (10, 21, 23, 1, None),
            (9, 20, 22, None, None),
            (10, 20, 23, None, None),
        ]

    def test_an_empty_account(self, little: Little) -> None:
        """No rows."""
        found = answer(little(lambda world: None, lambda world: None), "moved-contacts")

        assert found.rows() == []


def test_views_read_their_own_snapshot(little: Little) -> None:
    """`older.lead_contacts` and its like read the older tables, also beside those of the newer."""

    def fill(number: int) -> Fill:
        def filled(world: World) -> None:
            world.card(f"lead:{number}", f"lead of {number}")
            world.link(f"lead:{number}", f"contact:{number}")
            world.link(f"lead:{number}", f"company:{number}")
            world.link(f"contact:{number}", f"company:{number}")
            world.link(f"customer:{number}", f"contact:{number}")
            world.link(f"customer:{number}", f"company:{number}")
            world.link(f"lead:{number}", f"element:{number}/{number}")

        return filled

    sources = little(fill(1), older=fill(2))
    assert sources.compare is not None
    ends = {
        "lead_contacts": "contact_id",
        "lead_companies": "company_id",
        "contact_companies": "contact_id",
        "customer_contacts": "contact_id",
        "customer_companies": "company_id",
        "element_links": "catalog_id",
        "cards": "name",
    }
    with sources.compare("previous", "newest").connect() as connection:
        for view, column in ends.items():
            sql = f"select n.{column}, o.{column} from {view} as n cross join older.{view} as o"
            expected = ("lead of 1", "lead of 2") if view == "cards" else (1, 2)
            assert connection.exec_driver_sql(sql).fetchall() == [expected]
