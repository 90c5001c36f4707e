"""What the index says of the whole graph is what networkx says of the same links."""

from collections import Counter, defaultdict
from itertools import combinations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkgraph.errors import InvalidParameter
from linkgraph.index import LinkIndex, Walk
from linkgraph.model import EntityType, Ref
from tests.index.links import ACCOUNTS, WALKS, Account

CASES = settings(max_examples=25, deadline=None)


@CASES
@given(ACCOUNTS, WALKS)
def test_components(account: Account, walk: Walk) -> None:
    """Components are networkx's, the largest first, with the cards of each type counted."""
    expected = sorted(
        (sorted(cards, key=_place) for cards in nx.connected_components(account.graph(walk))),
        key=lambda cards: (-len(cards), _place(cards[0])),
    )
    components = account.index().components(walk)

    assert len(components) == len(expected)
    assert components.sizes.tolist() == [len(cards) for cards in expected]
    rows = components.to_arrow().to_pylist()
    for component, cards, row in zip(components, expected, rows, strict=True):
        assert list(component.refs) == cards[:10]
        assert component.cut == (len(cards) > 10)
        assert component.by_type == Counter(card.type for card in cards)
        assert row["ref"] == str(cards[0])
        assert row["companies"] == component.by_type.get(EntityType.COMPANY, 0)


@CASES
@given(ACCOUNTS, WALKS, st.data())
def test_component_of_a_card(account: Account, walk: Walk, data: st.DataObject) -> None:
    """A card's component is what can be reached from it."""
    card = data.draw(st.sampled_from(account.all_cards))
    expected = nx.node_connected_component(account.graph(walk, card), card)
    component = account.index().component(card, walk, limit=3)

    assert component.total == len(expected)
    assert list(component.refs) == sorted(expected, key=_place)[:3]
    assert component.cut == (len(expected) > 3)


@CASES
@given(ACCOUNTS, WALKS)
def test_cut_points(account: Account, walk: Walk) -> None:
    """Cut points are networkx's; the pieces and what falls off are what is left without them."""
    graph = account.graph(walk)
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    index = account.index()
    points = index.cut_points(walk)

    assert {point.ref for point in points} == set(nx.articulation_points(graph))
    assert [point.falls_off for point in points] == sorted(
        (point.falls_off for point in points), reverse=True
    )
    for point in points:
        whole = nx.node_connected_component(graph, point.ref)
        rest = graph.subgraph(whole - {point.ref})
        pieces = sorted(map(len, nx.connected_components(rest)), reverse=True)
        assert point.component_size == len(whole)
        assert point.pieces == len(pieces)
        assert point.falls_off == sum(pieces[1:])
        told = index.pieces_without(point.ref, walk)
        assert [piece.total for piece in told] == pieces
        assert {frozenset(piece.refs) for piece in told} == set(
            map(frozenset, nx.connected_components(rest))
        )
    assert index.cut_points(walk, limit=1).total == len(points)


@CASES
@given(ACCOUNTS, WALKS, st.data())
def test_pieces_without_a_card(account: Account, walk: Walk, data: st.DataObject) -> None:
    """The pieces are a card's component without it, also where the walk would not meet the card."""
    card = data.draw(st.sampled_from(account.all_cards))
    graph = account.graph(walk, card)
    rest = graph.subgraph(nx.node_connected_component(graph, card) - {card})
    pieces = account.index().pieces_without(card, walk)

    assert {frozenset(piece.refs) for piece in pieces} == set(
        map(frozenset, nx.connected_components(rest))
    )
    assert [piece.total for piece in pieces] == sorted(
        map(len, nx.connected_components(rest)), reverse=True
    )


@CASES
@given(ACCOUNTS, WALKS)
def test_cards_that_a_walk_meets(account: Account, walk: Walk) -> None:
    """The cards of a walk are those that its graph has."""
    index = account.index()
    met = index.cards(walk)

    assert met == sorted(account.graph(walk), key=_place)
    assert index.meets(account.all_cards, walk) == [ref in set(met) for ref in account.all_cards]


@CASES
@given(ACCOUNTS, WALKS)
def test_bridges(account: Account, walk: Walk) -> None:
    """Bridges are networkx's, with the cards on the smaller side."""
    graph = account.graph(walk)
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    bridges = account.index().bridges(walk)

    assert {frozenset((bridge.inner, bridge.outer)) for bridge in bridges} == {
        frozenset(bridge) for bridge in nx.bridges(graph)
    }
    for bridge in bridges:
        cut = graph.copy()
        cut.remove_edge(bridge.inner, bridge.outer)
        sides = [len(nx.node_connected_component(cut, end)) for end in (bridge.outer, bridge.inner)]
        assert bridge.falls_off == sides[0] == min(sides)
        assert bridge.relation == graph[bridge.inner][bridge.outer]["link"].relation


@CASES
@given(
    ACCOUNTS,
    WALKS,
    st.sampled_from(EntityType),
    st.sampled_from(EntityType),
    st.frozensets(st.sampled_from(EntityType), max_size=2),
    st.integers(1, 2),
    st.none() | st.integers(0, 3),
)
def test_projection(
    account: Account,
    walk: Walk,
    of: EntityType,
    through: EntityType,
    via: frozenset[EntityType],
    min_weight: int,
    hub_cap: int | None,
) -> None:
    """Pairs of cards that share others, at first hand or over a third, by sets in Python."""
    graph = account.graph(walk)
    touch: dict[Ref, set[Ref]] = defaultdict(set)
    for card in (ref for ref in graph if ref.type is of):
        for near in graph[card]:
            touch[card] |= {near} if near.type is through else set()
            if near.type in via:
                touch[card] |= {far for far in graph[near] if far.type is through}
    degree = Counter(middle for middles in touch.values() for middle in middles)
    cut = {m: d for m, d in degree.items() if hub_cap is not None and d > hub_cap}
    kept = {card: middles - set(cut) for card, middles in touch.items()}
    expected = {
        (a, b): len(kept[a] & kept[b])
        for a, b in combinations(sorted(kept, key=_place), 2)
        if len(kept[a] & kept[b]) >= min_weight
    }
    found = account.index().projection(
        of, through, via, walk, min_weight=min_weight, hub_cap=hub_cap
    )

    assert {(pair.a, pair.b): pair.weight for pair in found} == expected
    assert {hub.ref: hub.degree for hub in found.cut} == cut
    for pair in found:
        assert pair.jaccard == pytest.approx(pair.weight / len(kept[pair.a] | kept[pair.b]))
    groups = found.communities(seed=1)
    assert sorted((ref for group in groups for ref in group), key=_place) == sorted(
        {ref for pair in expected for ref in pair}, key=_place
    )
    assert list(groups) == list(found.communities(seed=1))


@CASES
@given(ACCOUNTS, WALKS)
def test_to_networkx(account: Account, walk: Walk) -> None:
    """The graph that networkx gets is the graph that the walk sees."""
    graph = account.index().to_networkx(walk=walk)
    expected = account.graph(walk)

    assert set(graph) == {str(ref) for ref in expected}
    assert {frozenset(edge) for edge in graph.edges} == {
        frozenset(map(str, edge)) for edge in expected.edges
    }
    for a, b, relation in graph.edges(data="relation"):
        assert relation == str(expected[Ref.parse(a)][Ref.parse(b)]["link"].relation)


def test_tables_of_answers() -> None:
    """Answers are Arrow tables and pandas frames too, with cards as columns."""
    index = LinkIndex.of([("lead:1", "contact:2"), ("contact:2", "element:7/3")], ["company:5"])

    assert index.cut_points().to_pandas().to_dict("records") == [
        {
            **{"ref": "contact:2", "type": "contact", "catalog_id": 0, "id": 2},
            **{"degree": 2, "component_size": 3, "pieces": 2, "falls_off": 1},
        }
    ]
    assert index.neighbourhood("lead:1", 2).to_arrow().select(
        ["depth", "ref", "parent_ref", "relation"]
    ).to_pylist() == [
        {"depth": 0, "ref": "lead:1", "parent_ref": None, "relation": None},
        {"depth": 1, "ref": "contact:2", "parent_ref": "lead:1", "relation": "lead_contact"},
        {
            **{"depth": 2, "ref": "element:7/3"},
            **{"parent_ref": "contact:2", "relation": "contact_element"},
        },
    ]
    assert index.bridges().to_arrow()["outer_ref"].to_pylist() == ["lead:1", "element:7/3"]
    path = index.path("lead:1", "element:7/3")
    assert path is not None
    assert path.to_arrow()["ref"].to_pylist() == ["lead:1", "contact:2", "element:7/3"]
    assert index.paths("lead:1", "company:5").to_arrow().num_rows == 0
    assert index.neighbours("lead:1").to_arrow()["is_main"].to_pylist() == [None]


def test_an_unknown_type_is_named() -> None:
    """A type that is none is told by name."""
    with pytest.raises(InvalidParameter, match="«task» is no type of card"):
        LinkIndex.of([]).projection("task", "contact")


def test_numbers_that_make_no_sense_are_refused() -> None:
    """A negative bound, a weight of nothing, a resolution of nothing: told, not guessed at."""
    index = LinkIndex.of([("lead:1", "contact:2"), ("lead:3", "contact:2")])
    for ask in (
        lambda: index.neighbours("lead:1", limit=-1),
        lambda: index.neighbourhood("lead:1", -1),
        lambda: index.within("lead:1", -1),
        lambda: index.paths("lead:1", "lead:3", limit=-1),
        lambda: index.cut_points(limit=-1),
        lambda: index.projection("lead", "contact", min_weight=0),
        lambda: index.projection("lead", "contact", hub_cap=-1),
        lambda: index.projection("lead", "contact").communities(resolution=0),
    ):
        with pytest.raises(InvalidParameter):
            ask()
    assert index.paths("lead:1", "lead:3", limit=0).hops == 2
    assert "no card" not in index
    with pytest.raises(IndexError):
        index.neighbourhood("lead:1", 2)[-4]


def test_a_single_card_or_type_need_not_be_a_list() -> None:
    """One card, one type: taken as it is."""
    index = LinkIndex.of(
        [("lead:1", "contact:2"), ("lead:1", "company:3"), ("lead:4", "company:5")]
    )

    assert set(index.to_networkx("lead:1")) == {"lead:1"}
    assert len(index.projection("company", "contact", via="lead")) == 0


def test_every_component_in_turn() -> None:
    """Going through all components takes one pass over the cards, not one for each."""
    index = LinkIndex.of([(f"lead:{n}", f"contact:{n}") for n in range(1, 3000)])
    parts = list(index.components())

    assert [part.total for part in parts] == [2] * 2999
    assert {ref for part in parts for ref in part.refs} == set(index.cards())
    assert index.components()[-1] == parts[-1]


def _place(ref: Ref) -> tuple[int, int, int]:
    return ref.type.rank, ref.catalog_id, ref.id
