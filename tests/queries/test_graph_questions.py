"""Questions about the shape of the graph, on little accounts, with the rows one expects."""

from typing import Any

import pytest

from linkgraph.errors import InvalidRef, QueryStopped
from queries.asked import Sources
from queries.catalogue import Catalogue
from queries.runner import Answer, ask
from queries.running import Stop
from tests.queries.conftest import BASE_URL, Little, World

CATALOGUE = Catalogue.load()
HOSTILE = "=cmd|'/C calc'!A0'; drop table leads; -- \x1b[2J\u202e\n\"«»"


def answer(sources: Sources, name: str, **parameters: Any) -> Answer:
    return ask(sources, CATALOGUE.get(name), parameters)


def columns(found: Answer, *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in found.rows()]


def two_islands(world: World) -> None:
    """An island of five, one of three with a card that no list shows, and what belongs to none."""
    world.card("lead:1", "Первая")
    world.card("lead:2")
    world.card("contact:10", "Анна", read_at=None)
    world.card("contact:11", "")
    world.card("company:20", HOSTILE)
    world.link("lead:1", "contact:10", True)
    world.link("lead:2", "contact:10")
    world.link("lead:2", "contact:11")
    world.link("contact:11", "company:20")
    world.card("lead:3", "x" * 100)
    world.card("customer:40", "Покупатель")
    world.link("lead:3", "contact:12")  # a contact that cannot be read
    world.link("customer:40", "contact:12")
    # A deleted lead joins nothing: what it alone is linked to stands alone.
    world.card("lead:4", "Удалённая", deleted=True)
    world.card("contact:13", "Одна")
    world.link("lead:4", "contact:13")
    world.link("lead:4", "company:20")
    # Elements join both islands, unless they are left out. One is of unknown catalog.
    world.card("element:7/1", "Стол")
    world.card("element:8/1", "Стул")
    world.link("lead:1", "element:7/1")
    world.link("lead:3", "element:7/1")
    world.link("contact:13", "element:0/5")


class TestIslands:
    """Connected components."""

    def test_islands_are_listed_by_size(self, little: Little) -> None:
        """Counts by type, a sample by name and ref; what is alone is only counted."""
        found = answer(little(two_islands), "islands")

        assert found.rows() == [
            {
                "ref": "lead:1",
                "name": "Первая",
                "url": f"{BASE_URL}/leads/detail/1",
                "size": 5,
                "leads": 2,
                "customers": 0,
                "contacts": 2,
                "companies": 1,
                "elements": 0,
                "sample": f"Первая (lead:1), Анна (contact:10), {HOSTILE[:80]} (company:20)",
            },
            {
                "ref": "lead:3",
                "name": "x" * 100,
                "url": f"{BASE_URL}/leads/detail/3",
                "size": 3,
                "leads": 1,
                "customers": 1,
                "contacts": 1,
                "companies": 0,
                "elements": 0,
                "sample": f"{'x' * 80} (lead:3), Покупатель (customer:40), (contact:12)",
            },
        ]
        assert found.note == (
            "the largest island has 5 of 9 cards (55.6%); 1 smaller is not listed"
        )

    def test_cards_alone_are_listed_when_asked(self, little: Little) -> None:
        """`min_size` 1 lists them too; a deleted card is none of them."""
        found = answer(little(two_islands), "islands", min_size=1)

        assert columns(found, "ref", "size", "sample")[2:] == [
            ("contact:13", 1, "Одна (contact:13)")
        ]

    def test_elements_join_when_they_count(self, little: Little) -> None:
        """Both islands become one; elements are known by catalog and id together."""
        found = answer(little(two_islands), "islands", elements="yes", min_size=1)

        assert columns(found, "ref", "name", "url", "size", "contacts", "elements") == [
            ("lead:1", "Первая", f"{BASE_URL}/leads/detail/1", 9, 3, 1),
            ("contact:13", "Одна", f"{BASE_URL}/contacts/detail/13", 2, 1, 1),
            ("element:8/1", "Стул", f"{BASE_URL}/catalogs/8/detail/1", 1, 0, 1),
        ]
        assert columns(found, "sample")[1:] == [
            ("Одна (contact:13), (element:0/5)",),
            ("Стул (element:8/1)",),
        ]

    def test_ties_go_by_the_first_card(self, little: Little) -> None:
        """Of islands of one size the one whose first card comes first: leads before contacts."""

        def fill(world: World) -> None:
            for number in (9, 10):
                world.link(f"lead:{number}", f"contact:{20 - number}")
            world.link("contact:1", "company:1")

        assert columns(answer(little(fill), "islands"), "ref", "url", "sample") == [
            ("lead:9", f"{BASE_URL}/leads/detail/9", "(lead:9), (contact:11)"),
            ("lead:10", f"{BASE_URL}/leads/detail/10", "(lead:10), (contact:10)"),
            ("contact:1", f"{BASE_URL}/contacts/detail/1", "(contact:1), (company:1)"),
        ]

    def test_an_element_of_unknown_catalog_has_no_address(self, little: Little) -> None:
        """Its catalog is part of the address."""

        def fill(world: World) -> None:
            world.card("lead:1", deleted=True)
            world.link("lead:1", "element:0/5")

        found = answer(little(fill), "islands", elements=True, min_size=1)

        assert columns(found, "ref", "name", "url") == [("element:0/5", None, None)]

    def test_an_empty_account(self, little: Little) -> None:
        """No rows, and nothing to note."""
        found = answer(little(lambda world: None), "islands", min_size=1)

        assert (found.rows(), found.note) == ([], "")


class TestGlue:
    """Articulation points."""

    @staticmethod
    def fill(world: World) -> None:
        """company:20 holds three leads and a pair together, contact:10 a lead and the rest."""
        world.card("company:20", "Узел")
        world.card("contact:10", HOSTILE)
        for number in (1, 2, 3):
            world.link(f"lead:{number}", "company:20")
        world.link("contact:10", "company:20")
        world.link("lead:4", "contact:10", True)
        world.link("lead:4", "contact:11")
        world.link("lead:5", "contact:10")
        world.link("lead:5", "contact:11")
        # not counted: a deleted lead, and elements that would hold all of it together
        world.card("lead:6", deleted=True)
        world.link("lead:6", "company:20")
        for number in (1, 2, 3, 4, 5):
            world.link(f"lead:{number}", "element:7/1")

    def test_most_pieces_come_first(self, little: Little) -> None:
        """Degree, component, pieces, and what falls off; only links that count make a degree."""
        found = answer(little(self.fill), "glue", min_size=3)

        assert found.rows() == [
            {
                "ref": "company:20",
                "name": "Узел",
                "url": f"{BASE_URL}/companies/detail/20",
                "degree": 4,
                "component_size": 8,
                "pieces": 4,
                "falls_off": 3,
            },
            {
                "ref": "contact:10",
                "name": HOSTILE,
                "url": f"{BASE_URL}/contacts/detail/10",
                "degree": 3,
                "component_size": 8,
                "pieces": 2,
                "falls_off": 3,
            },
        ]
        assert found.note == ""

    def test_pieces_before_what_falls_off(self, little: Little) -> None:
        """Three cards that fall off one by one come before four that fall off as one piece."""

        def fill(world: World) -> None:
            for number in range(1, 4):
                world.link(f"lead:{number}", "company:20")
            world.link("contact:10", "company:20")
            world.link("lead:10", "contact:10")
            world.link("lead:10", "contact:11")
            world.link("lead:11", "contact:11")
            world.link("lead:11", "contact:12")
            world.link("lead:12", "contact:12")

        found = answer(little(fill), "glue", min_size=3)

        assert columns(found, "ref", "pieces", "falls_off") == [
            ("company:20", 4, 3),
            ("lead:10", 2, 4),
            ("contact:10", 2, 4),
            ("contact:11", 2, 3),
            ("lead:11", 2, 2),
            ("contact:12", 2, 1),
        ]

    def test_small_components_and_the_rest_are_left_out(self, little: Little) -> None:
        """`min_size` leaves out small components, `top` the end of the list, which is noted."""
        sources = little(self.fill)
        found = answer(sources, "glue", min_size=8, top=1)

        assert columns(found, "ref") == [("company:20",)]
        assert found.note == "1 of 2 are listed"
        assert answer(sources, "glue", min_size=9).rows() == []
        assert answer(sources, "glue").rows() == []

    def test_elements_hold_together_when_they_count(self, little: Little) -> None:
        """With the element nothing is held by the company alone."""
        found = answer(little(self.fill), "glue", min_size=3, elements=True)

        assert found.rows() == []

    def test_an_empty_account(self, little: Little) -> None:
        """No rows."""
        assert answer(little(lambda world: None), "glue", min_size=3).rows() == []


class TestHubs:
    """Degrees by relation."""

    @staticmethod
    def fill(world: World) -> None:
        world.card("contact:10", "Офис")
        world.card("contact:12", None)
        world.card("lead:9", deleted=True)
        for number in (1, 2, 3):
            world.card(f"lead:{number}")
            world.link(f"lead:{number}", "contact:10")
        world.link("lead:9", "contact:10")  # deleted: does not count
        world.link("lead:1", "contact:11")  # cannot be read: counts
        world.link("lead:2", "contact:11")
        world.link("lead:1", "contact:12")
        world.link("lead:2", "contact:12")
        world.link("contact:10", "company:20")
        world.link("contact:11", "company:20")
        for number in (1, 2, 3):
            world.link(f"lead:{number}", "element:7/1")
            world.link("lead:1", f"element:8/{number}")
        world.card("lead:8", deleted=True)
        for number in range(30, 36):
            world.link("lead:8", f"contact:{number}")

    def test_links_are_counted_by_relation(self, little: Little) -> None:
        """A row for each card and relation; equal ones share a place; a deleted card has no row."""
        found = answer(little(self.fill), "hubs", min_degree=2)

        assert columns(found, "ref", "relation", "degree", "rank") == [
            ("lead:1", "lead_element", 4, 1),
            ("lead:1", "lead_contact", 3, 1),
            ("lead:2", "lead_contact", 3, 1),
            ("contact:10", "lead_contact", 3, 1),
            ("company:20", "contact_company", 2, 1),
            ("contact:11", "lead_contact", 2, 2),
            ("contact:12", "lead_contact", 2, 2),
        ]
        assert columns(found, "name", "url")[3:6] == [
            ("Офис", f"{BASE_URL}/contacts/detail/10"),
            (None, f"{BASE_URL}/companies/detail/20"),
            (None, f"{BASE_URL}/contacts/detail/11"),
        ]
        assert "may refuse the next" in found.note

    def test_elements_and_one_relation_when_asked(self, little: Little) -> None:
        """Elements are hubs of the relations that end in them."""
        found = answer(
            little(self.fill), "hubs", min_degree=1, elements=True, relation="lead_element"
        )

        assert columns(found, "ref", "degree", "rank") == [
            ("lead:1", 4, 1),
            ("element:7/1", 3, 1),
            ("lead:2", 1, 2),
            ("lead:3", 1, 2),
            ("element:8/1", 1, 2),
            ("element:8/2", 1, 2),
            ("element:8/3", 1, 2),
        ]

    @pytest.mark.parametrize(
        ("percentile", "listed"),
        [
            # of the three contacts of live leads two have 2 links, and all have 3 or fewer
            pytest.param(0, ["10", "11", "12"], id="no bound"),
            pytest.param("66.6", ["10", "11", "12"], id="two thirds have as many or fewer"),
            pytest.param("66.7", ["10"], id="a little more than two thirds"),
            pytest.param(100, ["10"], id="the most only"),
        ],
    )
    def test_a_percentile(self, little: Little, percentile: float, listed: list[str]) -> None:
        """Only cards where so many percent have as many links or fewer."""
        found = answer(
            little(self.fill), "hubs", min_degree=1, percentile=percentile, relation="lead_contact"
        )
        contacts = [ref for (ref,) in columns(found, "ref") if str(ref).startswith("contact")]

        assert contacts == [f"contact:{number}" for number in listed]

    def test_no_hub_no_warning(self, little: Little) -> None:
        """By default a hub has a hundred links; an empty account has none."""
        for fill in (self.fill, lambda world: None):
            found = answer(little(fill), "hubs")
            assert (found.rows(), found.note) == ([], "")


class TestPath:
    """Shortest paths."""

    @staticmethod
    def fill(world: World) -> None:
        world.card("lead:1", "Сделка")
        world.card("contact:10", "Анна")
        world.card("company:20", HOSTILE)
        world.link("lead:1", "contact:10", True)
        world.link("lead:1", "contact:11", False)
        world.link("contact:10", "company:20")
        world.link("contact:11", "company:20")
        world.card("element:7/70", "Стол")
        world.link("lead:1", "element:7/70", quantity=2.5)
        world.link("customer:50", "element:7/70", quantity=None)
        world.card("lead:5", "Удалённая", deleted=True)
        world.link("lead:5", "contact:10")
        world.link("lead:5", "contact:60")

    def test_all_shortest_paths(self, little: Little) -> None:
        """Each card with the link that leads to it; the first path by its cards."""
        found = answer(little(self.fill), "path", a="lead:1", b="company:20")

        assert found.rows()[:3] == [
            {
                "path": 1,
                "hop": 0,
                "ref": "lead:1",
                "name": "Сделка",
                "url": f"{BASE_URL}/leads/detail/1",
                "relation": None,
                "is_main": None,
                "quantity": None,
            },
            {
                "path": 1,
                "hop": 1,
                "ref": "contact:10",
                "name": "Анна",
                "url": f"{BASE_URL}/contacts/detail/10",
                "relation": "lead_contact",
                "is_main": True,
                "quantity": None,
            },
            {
                "path": 1,
                "hop": 2,
                "ref": "company:20",
                "name": HOSTILE,
                "url": f"{BASE_URL}/companies/detail/20",
                "relation": "contact_company",
                "is_main": None,
                "quantity": None,
            },
        ]
        assert columns(found, "path", "hop", "ref", "name", "url", "is_main")[3:] == [
            (2, 0, "lead:1", "Сделка", f"{BASE_URL}/leads/detail/1", None),
            (2, 1, "contact:11", None, f"{BASE_URL}/contacts/detail/11", False),
            (2, 2, "company:20", HOSTILE, f"{BASE_URL}/companies/detail/20", None),
        ]
        assert found.note == "2 hops, all 2 shortest paths"

    def test_more_paths_than_wanted_are_counted(self, little: Little) -> None:
        """The first ones are listed."""
        found = answer(little(self.fill), "path", a="lead:1", b="company:20", paths=1)

        assert columns(found, "path", "ref") == [
            (1, "lead:1"),
            (1, "contact:10"),
            (1, "company:20"),
        ]
        assert found.note == "2 hops, 1 of 2 shortest paths"

    def test_quantities_are_told_from_either_end(self, little: Little) -> None:
        """A link to an element carries its quantity, whichever way the path goes."""
        sources = little(self.fill)
        there = answer(sources, "path", a="lead:1", b="customer:50")
        back = answer(sources, "path", a="customer:50", b="lead:1")

        assert columns(there, "ref", "url", "quantity") == [
            ("lead:1", f"{BASE_URL}/leads/detail/1", None),
            ("element:7/70", f"{BASE_URL}/catalogs/7/detail/70", 2.5),
            ("customer:50", f"{BASE_URL}/customers/detail/50", None),
        ]
        assert columns(back, "ref", "quantity") == [
            ("customer:50", None),
            ("element:7/70", None),
            ("lead:1", 2.5),
        ]
        assert there.note == "2 hops, the only shortest path"

    @pytest.mark.parametrize(
        ("given", "note"),
        [
            (
                {"b": "company:20", "max_hops": 1},
                "no path: not within 1 hop: the shortest path has 2 hops",
            ),
            (
                {"b": "company:20", "max_degree": 1},
                "no path: not over these links and cards; over all of them it is 2 hops",
            ),
            (
                {"b": "contact:60"},
                "no path: they are in different components: 6 cards and 1 card; "
                "over deleted cards it is 3 hops",
            ),
        ],
    )
    def test_none_says_why(self, little: Little, given: dict[str, Any], note: str) -> None:
        """Too few hops, hubs avoided, another component: no rows, and the reason."""
        found = answer(little(self.fill), "path", a="lead:1", **given)

        assert (found.rows(), found.note) == ([], note)

    def test_a_hub_is_avoided(self, little: Little) -> None:
        """A longer way round a card with too many links; the ends may have as many as they like."""

        def fill(world: World) -> None:
            for number in range(1, 7):
                world.link(f"lead:{number}", "company:20")
            world.link("lead:1", "contact:10")
            world.link("lead:3", "contact:10")
            world.link("lead:3", "contact:11")
            world.link("lead:2", "contact:11")

        sources = little(fill)

        assert len(answer(sources, "path", a="lead:1", b="lead:2").rows()) == 3
        found = answer(sources, "path", a="lead:1", b="lead:2", max_degree=3)
        assert [row["ref"] for row in found.rows()] == [
            *("lead:1", "contact:10", "lead:3", "contact:11", "lead:2")
        ]
        ends = answer(sources, "path", a="company:20", b="contact:10", max_degree=3)
        assert [row["path"] for row in ends.rows()] == [1, 1, 1, 2, 2, 2]

    def test_a_deleted_card_may_be_asked_for(self, little: Little) -> None:
        """Its links as last read are there; it is its own neighbour at no hops."""
        sources = little(self.fill)

        found = answer(sources, "path", a="lead:5", b="lead:1")
        assert columns(found, "ref") == [("lead:5",), ("contact:10",), ("lead:1",)]
        same = answer(sources, "path", a="lead:5", b="lead:5", max_hops=0)
        assert columns(same, "hop", "ref", "name") == [(0, "lead:5", "Удалённая")]
        assert same.note == "the same card"

    def test_an_unknown_card_is_no_card(self, little: Little) -> None:
        """As everywhere: it is named, with what helps."""
        with pytest.raises(InvalidRef, match="no lead:77") as caught:
            answer(little(self.fill), "path", a="lead:1", b="lead:77")

        assert "linkgraph sync lead:77" in caught.value.hint

    def test_it_stops_when_told(self, little: Little) -> None:
        """A question over the index can be cancelled too."""
        stop = Stop()
        stop.ask()
        with pytest.raises(QueryStopped):
            ask(
                little(self.fill),
                CATALOGUE.get("path"),
                {"a": "lead:1", "b": "company:20"},
                stop=stop,
            )


class TestNeighbourhood:
    """What lies around a card, as a tree."""

    @staticmethod
    def fill(world: World) -> None:
        world.card("lead:1", "Сделка")
        world.card("contact:10", "Анна")
        world.card("contact:11", HOSTILE)
        world.card("company:20", "Ромашка")
        world.link("lead:1", "contact:10", False)
        world.link("lead:1", "contact:11", True)
        world.link("lead:1", "company:20")
        world.link("lead:1", "element:7/70", quantity=2.5)
        world.link("contact:10", "company:20")
        for number in range(100, 104):
            world.link(f"lead:{number}", "company:20")
        world.link("lead:200", "contact:10")
        world.link("lead:201", "contact:11")
        world.card("lead:300", deleted=True)
        world.link("lead:300", "contact:10")

    def test_a_tree_by_distance(self, little: Little) -> None:
        """Parents, relations, metadata, and how many there are of everything."""
        found = answer(little(self.fill), "neighbourhood", card="lead:1")

        assert found.rows()[:2] == [
            {
                "depth": 0,
                "ref": "lead:1",
                "name": "Сделка",
                "url": f"{BASE_URL}/leads/detail/1",
                "parent_ref": None,
                "parent_name": None,
                "relation": None,
                "is_main": None,
                "quantity": None,
                "links": 4,
                "in_group": None,
                "at_depth": 1,
            },
            {
                "depth": 1,
                "ref": "contact:11",
                "name": HOSTILE,
                "url": f"{BASE_URL}/contacts/detail/11",
                "parent_ref": "lead:1",
                "parent_name": "Сделка",
                "relation": "lead_contact",
                "is_main": True,
                "quantity": None,
                "links": 2,
                "in_group": 2,
                "at_depth": 4,
            },
        ]
        assert columns(found, "depth", "ref", "parent_ref", "relation", "quantity", "links")[
            2:
        ] == [
            (1, "contact:10", "lead:1", "lead_contact", None, 3),
            (1, "company:20", "lead:1", "lead_company", None, 6),
            (1, "element:7/70", "lead:1", "lead_element", 2.5, 1),
            (2, "lead:201", "contact:11", "lead_contact", None, 1),
            (2, "lead:200", "contact:10", "lead_contact", None, 1),
            (2, "lead:100", "company:20", "lead_company", None, 1),
            (2, "lead:101", "company:20", "lead_company", None, 1),
            (2, "lead:102", "company:20", "lead_company", None, 1),
            (2, "lead:103", "company:20", "lead_company", None, 1),
        ]
        assert columns(found, "in_group", "at_depth")[5:] == [(1, 6), (1, 6), *[(4, 6)] * 4]
        assert found.note == "11 cards (1 + 4 + 6 by distance)"

    def test_places_are_shared_out(self, little: Little) -> None:
        """Small groups are listed whole before a large one takes the rest; a cut is counted."""
        found = answer(little(self.fill), "neighbourhood", card="lead:1", per_level=4)

        assert columns(found, "ref", "in_group", "at_depth")[5:] == [
            ("lead:201", 1, 6),
            ("lead:200", 1, 6),
            ("lead:100", 4, 6),
            ("lead:101", 4, 6),
        ]
        assert found.note == "11 cards (1 + 4 + 6 by distance), 9 of them listed"

    def test_under_an_unlisted_card_nothing_is_listed(self, little: Little) -> None:
        """Three places for three groups: contact:10 goes, and lead:200 with it."""
        found = answer(little(self.fill), "neighbourhood", card="lead:1", per_level=3)

        assert columns(found, "depth", "ref") == [
            (0, "lead:1"),
            (1, "contact:11"),
            (1, "company:20"),
            (1, "element:7/70"),
            (2, "lead:201"),
            (2, "lead:100"),
            (2, "lead:101"),
        ]

    def test_hubs_and_elements_are_not_met_when_unwanted(self, little: Little) -> None:
        """The company has six links, contact:10 with the deleted lead four; so has the middle."""
        sources = little(self.fill)
        found = answer(sources, "neighbourhood", card="lead:1", max_degree=3, elements="no")

        assert columns(found, "ref", "links") == [
            ("lead:1", 1),
            ("contact:11", 1),  # the card in the middle is one that would not be met
            ("lead:201", 1),
        ]

    def test_a_deleted_card_may_be_in_the_middle(self, little: Little) -> None:
        """Its links as last read are there; it is met by no other card."""
        found = answer(little(self.fill), "neighbourhood", card="lead:300", depth=1)

        assert columns(found, "depth", "ref", "links") == [(0, "lead:300", 1), (1, "contact:10", 3)]

    def test_a_card_alone_and_one_that_cannot_be_read(self, little: Little) -> None:
        """A single row; a card without a row has an address and no name."""

        def fill(world: World) -> None:
            world.card("lead:1")
            world.link("lead:2", "element:0/5")

        sources = little(fill)

        alone = answer(sources, "neighbourhood", card="lead:1")
        assert columns(alone, "ref", "at_depth") == [("lead:1", 1)]
        assert alone.note == "1 card"
        found = answer(sources, "neighbourhood", card="lead:2")
        assert columns(found, "ref", "name", "url") == [
            ("lead:2", None, f"{BASE_URL}/leads/detail/2"),
            ("element:0/5", None, None),
        ]

    def test_an_unknown_card_is_no_card(self, little: Little) -> None:
        """As everywhere: it is named, with what helps."""
        with pytest.raises(InvalidRef, match="no company:5") as caught:
            answer(little(self.fill), "neighbourhood", card=f"{BASE_URL}/companies/detail/5")

        assert caught.value.hint
