"""All links of a card as columns: the same links as the tables hold, in the order of a list."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkgraph.errors import InvalidRef
from linkgraph.model import EntityType, Link, Metadata, Ref, Relation
from linkgraph.session import Session
from queries.cardlinks import CardLink
from tests.index.links import REFS
from tests.queries.conftest import World
from tests.queries.looking import session_of

ORDER = [str(relation) for relation in Relation]
HUB = 120


def metadata(link: Link) -> st.SearchStrategy[Link]:
    """A link with what the CRM may say of it: quantity and price only of elements."""
    of_element = link.other.type is EntityType.ELEMENT
    told = st.builds(
        Metadata,
        is_main=st.sampled_from([None, True, False]),
        quantity=st.sampled_from([None, 0.5, 3.0]) if of_element else st.none(),
        price_id=st.sampled_from([None, 0, 7]) if of_element else st.none(),
    )
    return told.map(lambda one: Link.between(link.owner, link.other, one))


#: Elements are not linked to each other: a link keeps the catalog of one end.
LINKS = (
    st.tuples(REFS, REFS)
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: Link.between(*pair))
    .filter(lambda link: link.owner.type is not EntityType.ELEMENT)
    .flatmap(metadata)
)
ACCOUNTS = st.lists(LINKS, min_size=1, max_size=60, unique_by=lambda link: (link.owner, link.other))


def fill(world: World, links: list[Link]) -> None:
    """Links between cards of which every other one is in a list."""
    for ref in {end for link in links for end in (link.owner, link.other)}:
        if ref.id % 2:
            world.card(str(ref), f"card {ref.id}", deleted=ref.id == 3)
    for link in links:
        told = link.metadata
        ends = str(link.owner), str(link.other)
        world.link(*ends, told.is_main, quantity=told.quantity, price_id=told.price_id)


def by_sql(session: Session, ref: Ref) -> list[CardLink]:
    """A card's links as the table `adjacency` has them, in the order of a list."""
    rows = session.sql(
        "select relation::varchar as relation, to_type::varchar as type, to_catalog_id, to_id, "
        "is_main, quantity, price_id from adjacency "
        "where type = $type::entity_type and id = $id and catalog_id = $catalog",
        {"type": str(ref.type), "id": ref.id, "catalog": ref.catalog_id},
    ).rows()
    links = [
        CardLink(
            row["relation"],
            Ref.parse(f"{row['type']}:{row['to_catalog_id']}/{row['to_id']}")
            if row["type"] == "element"
            else Ref.parse(f"{row['type']}:{row['to_id']}"),
            row["is_main"],
            row["quantity"],
            row["price_id"],
        )
        for row in rows
    ]
    return sorted(
        links,
        key=lambda link: (
            ORDER.index(link.relation),
            not link.is_main,
            *(link.ref.type.rank, link.ref.catalog_id, link.ref.id),
        ),
    )


@settings(max_examples=5, deadline=None)
@given(ACCOUNTS)
def test_links_are_those_of_the_tables(
    tmp_path_factory: pytest.TempPathFactory, links: list[Link]
) -> None:
    """Every card's links, with main flags, quantities and prices, as SQL tells them."""
    with session_of(tmp_path_factory.mktemp("links"), lambda world: fill(world, links)) as session:
        for ref in {end for link in links for end in (link.owner, link.other)}:
            found = session.links(ref)
            expected = by_sql(session, ref)

            assert list(found) == expected
            assert [found[place] for place in range(len(found))] == expected
            assert found[1:3] == expected[1:3]
            for relation, count in found.relations:
                own = [place for place, link in enumerate(expected) if link.relation == relation]
                assert list(found.of(relation)) == own
                assert len(own) == count
            for place, link in enumerate(expected):
                assert found.place_of(link.ref) == place


@settings(max_examples=3, deadline=None)
@given(ACCOUNTS, st.integers(1, 3))
def test_a_card_is_shown_with_its_first_links(
    tmp_path_factory: pytest.TempPathFactory, links: list[Link], limit: int
) -> None:
    """What is shown of a card are its facts and the beginning of each relation's links."""
    with session_of(tmp_path_factory.mktemp("shown"), lambda world: fill(world, links)) as session:
        ref = links[0].owner
        view, facts, found = session.show(ref, limit), session.card(ref), session.links(ref)

        assert (view.fields, view.identifiers) == (facts.fields, facts.identifiers)
        assert facts.line == session.cards([ref])[ref]
        assert facts.line.is_known == bool(facts.fields)
        assert [(group.relation, group.total) for group in view.links] == list(found.relations)
        for group in view.links:
            assert [card.ref for card in group.cards] == [
                link.ref for link in found if link.relation == group.relation
            ][:limit]


def test_a_hub_is_looked_at_in_windows(tmp_path: Path) -> None:
    """Many links under one card: any window of them, the main ones first, and its names."""

    def hub(world: World) -> None:
        world.card("company:1", "Завод")
        for number in range(1, HUB + 1):
            world.link(f"contact:{number}", "company:1")
            world.link("customer:1", f"contact:{number}", main=number == HUB)

    with session_of(tmp_path, hub) as session:
        links = session.links(Ref.parse("company:1"))
        window = links[100:105]

        assert len(links) == HUB
        assert [str(link.ref) for link in window] == [f"contact:{n}" for n in range(101, 106)]
        assert str(links[-1].ref) == f"contact:{HUB}"
        assert not any(
            line.is_known for line in session.cards(link.ref for link in window).values()
        )
        with pytest.raises(IndexError):
            links[HUB]
        assert str(session.links(Ref.parse("customer:1"))[0].ref) == f"contact:{HUB}"


def test_a_card_that_is_nowhere(tmp_path: Path) -> None:
    """A card that no list and no link knows is refused; one that only links name is not."""

    def lonely(world: World) -> None:
        world.card("lead:1", "Сделка")
        world.link("lead:1", "contact:9")

    with session_of(tmp_path, lonely) as session:
        assert [str(link.ref) for link in session.links(Ref.parse("contact:9"))] == ["lead:1"]
        assert not session.card(Ref.parse("contact:9")).line.is_known
        assert session.links(Ref.parse("lead:1")).of("lead_company") == range(0)
        assert session.links(Ref.parse("lead:1")).place_of(Ref.parse("lead:1")) is None
        for look in (session.links, session.card):
            with pytest.raises(InvalidRef, match="snapshot 7 has no contact:8"):
                look(Ref.parse("contact:8"))
