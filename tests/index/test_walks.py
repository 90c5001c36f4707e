"""What the index answers about cards is what networkx says of the same links, whatever the walk."""

import contextlib
from collections.abc import Iterator

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkgraph.errors import InvalidParameter, InvalidRef
from linkgraph.index import LinkIndex, Walk, reach, search
from linkgraph.model import EntityType, Link, Ref, Relation
from tests.index.links import ACCOUNTS, WALKS, Account


@pytest.fixture(scope="module", params=["one by one", "as columns", "scattered"], autouse=True)
def every_way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each way of going through a level gives the same answers."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        if request.param != "one by one":
            monkeypatch.setattr(search, "FEW", -1)
            monkeypatch.setattr(reach, "FEW", -1)
        if request.param == "scattered":
            monkeypatch.setattr(search, "MANY", 0)
            monkeypatch.setattr(reach, "MANY", -1)
        yield


CASES = settings(max_examples=30, deadline=None)


@CASES
@given(ACCOUNTS, st.integers(1, 6))
def test_busiest(account: Account, limit: int) -> None:
    """The busiest cards are those with the most links, to deleted cards too; none is deleted."""
    index = account.index()
    degrees = {
        ref: index.degree(ref, Walk(deleted=True))
        for ref in index.refs(np.arange(len(index)))
        if ref not in account.deleted
    }
    wanted = sorted((ref for ref in degrees if degrees[ref]), key=lambda ref: -degrees[ref])

    assert index.busiest(limit) == {ref: degrees[ref] for ref in wanted[:limit]}


@CASES
@given(ACCOUNTS, WALKS, st.data())
def test_neighbours(account: Account, walk: Walk, data: st.DataObject) -> None:
    """A card's neighbours are those it is linked to, each with its relation and main flag."""
    card = data.draw(st.sampled_from(account.all_cards))
    graph = account.graph(walk, card)
    neighbours = account.index().neighbours(card, walk)

    assert set(neighbours.refs) == set(graph[card])
    assert len(neighbours) == neighbours.total == account.index().degree(card, walk)
    for neighbour in neighbours:
        link: Link = graph[card][neighbour.ref]["link"]
        assert (neighbour.relation, neighbour.is_main) == (link.relation, link.metadata.is_main)
    grouped = neighbours.by_relation()
    assert sum(map(len, grouped.values())) == neighbours.total


@CASES
@given(ACCOUNTS, WALKS, st.data())
def test_neighbourhood(account: Account, walk: Walk, data: st.DataObject) -> None:
    """Within some hops lie the cards that a breadth-first search meets, each from a parent."""
    card = data.draw(st.sampled_from(account.all_cards))
    depth = data.draw(st.integers(0, 5))
    limit = data.draw(st.none() | st.integers(1, 10))
    graph = account.graph(walk, card)
    distance = nx.single_source_shortest_path_length(graph, card, cutoff=depth)
    index = account.index()
    found = index.neighbourhood(card, depth, walk, limit)

    assert found.total == len(distance)
    assert found.cut == (limit is not None and len(distance) > limit)
    assert list(found.counts) == [
        count
        for hops in range(depth + 1)
        if (count := sum(each == hops for each in distance.values()))
    ]
    order = sorted(distance, key=lambda ref: (distance[ref], ref.type.rank, ref.catalog_id, ref.id))
    assert found.refs == order[:limit]
    for step in found:
        assert step.depth == distance[step.ref]
        if step.parent is None:
            assert step.ref == card
        else:
            link: Link = graph[step.parent][step.ref]["link"]
            assert (step.relation, step.is_main) == (link.relation, link.metadata.is_main)
            assert distance[step.parent] == step.depth - 1
    assert index.refs(index.within(card, depth, walk)) == order


@CASES
@given(ACCOUNTS, WALKS, st.data())
def test_paths(account: Account, walk: Walk, data: st.DataObject) -> None:
    """The shortest path is as short, and all shortest paths are as many, as networkx finds."""
    a = data.draw(st.sampled_from(account.all_cards))
    b = data.draw(st.sampled_from(account.all_cards))
    max_hops = data.draw(st.none() | st.integers(0, 6))
    limit = data.draw(st.integers(1, 6))
    graph = account.graph(walk, a, b)
    index = account.index()
    path, paths = index.path(a, b, walk, max_hops), index.paths(a, b, walk, max_hops, limit)
    far = not nx.has_path(graph, a, b) or (
        max_hops is not None and nx.shortest_path_length(graph, a, b) > max_hops
    )
    if far:
        assert path is None
        assert (len(paths), paths.total, paths.hops) == (0, 0, None)
        return

    expected = sorted(
        [_key(refs) for refs in nx.all_shortest_paths(graph, a, b)] if a != b else [_key([a])]
    )
    assert path is not None
    assert _key(path.refs) in expected
    assert paths.total == len(expected)
    assert [_key(each.refs) for each in paths] == expected[:limit]
    assert paths.cut == (len(expected) > limit)
    for hop, near in zip(path.hops, path.refs, strict=False):
        link: Link = graph[near][hop.ref]["link"]
        assert (hop.relation, hop.is_main) == (link.relation, link.metadata.is_main)


@CASES
@given(ACCOUNTS, WALKS, st.data())
def test_common_neighbours(account: Account, walk: Walk, data: st.DataObject) -> None:
    """Common neighbours are those of both, and Jaccard is their share of those of either."""
    a = data.draw(st.sampled_from(account.all_cards))
    b = data.draw(st.sampled_from(account.all_cards))
    of_a, of_b = set(account.graph(walk, a)[a]), set(account.graph(walk, b)[b])
    common = account.index().common_neighbours(a, b, walk, limit=2)

    assert common.total == len(of_a & of_b)
    assert set(common.neighbours) <= of_a & of_b
    assert len(common.neighbours) == min(common.total, 2)
    assert common.jaccard == (len(of_a & of_b) / len(of_a | of_b) if of_a | of_b else 0)


@CASES
@given(ACCOUNTS, WALKS, st.data())
def test_links_among(account: Account, walk: Walk, data: st.DataObject) -> None:
    """Among some cards lie the links that have both ends there, once each, owner first."""
    cards = data.draw(st.sets(st.sampled_from(account.all_cards)))
    links = list(account.index().links_among(cards, walk))
    relations = walk.relations

    assert {(link.owner, link.other) for link in links} == {
        (link.owner, link.other)
        for link in account.links
        if {link.owner, link.other} <= cards and (relations is None or link.relation in relations)
    }
    assert len(set(links)) == len(links)


@given(ACCOUNTS)
def test_every_card_is_known_by_ref_and_text(account: Account) -> None:
    """An index holds every card, listed or only linked, and no other."""
    index = account.index()

    assert len(index) == len(account.all_cards)
    assert all(ref in index and str(ref) in index for ref in account.all_cards)
    assert "lead:999" not in index
    assert "company:1" not in LinkIndex.of([])


def test_an_index_of_nothing_answers() -> None:
    """An empty account has no components, no cut points, no bridges, and knows no card."""
    index = LinkIndex.of([])

    assert len(index) == len(index.components()) == len(index.cut_points()) == 0
    assert len(index.bridges()) == len(index.projection("company", "contact")) == 0
    assert index.components().to_arrow().num_rows == 0
    with pytest.raises(InvalidRef, match="has no lead:1"):
        index.neighbours("lead:1")


def test_more_paths_than_a_float_can_count() -> None:
    """The number of shortest paths is exact, however many there are."""
    layers = 60
    links: list[tuple[str, str]] = []
    for layer in range(layers):
        for one in (0, 1):
            near = "contact" if layer % 2 else "lead"
            far = "lead" if layer % 2 else "contact"
            links += [
                (f"{near}:{1 + 2 * layer + one}", f"{far}:{3 + 2 * layer + other}")
                for other in (0, 1)
            ]
    paths = LinkIndex.of(links).paths("lead:1", f"lead:{1 + 2 * layers}", limit=3)

    assert paths.total == 2 ** (layers - 1)
    assert (len(paths), paths.hops) == (3, layers)


def test_words_of_a_walk() -> None:
    """Relations and types are taken as words, and a word that is none is named."""
    walk = Walk.of("lead-contact", "company_lead", skip=["elements"], max_degree=5)

    assert walk.relations == frozenset({Relation.LEAD_CONTACT, Relation.LEAD_COMPANY})
    assert walk.skip == {EntityType.ELEMENT}
    with pytest.raises(InvalidParameter, match="«lead_task» is no kind of link"):
        Walk.of("lead_task")
    with pytest.raises(InvalidParameter, match="no type of card"):
        Walk.of(skip="task")
    with pytest.raises(InvalidParameter):
        Walk.of(max_degree=-1)


def test_ids_of_any_size_are_told_apart() -> None:
    """Ids up to 2^63 - 1 are found, and elements of two catalogs with one id are two cards."""
    refs = [Ref.parse(text) for text in (f"lead:{2**63 - 1}", "lead:1", "lead:4294967297")]
    elements = [Ref.parse("element:1/5"), Ref.parse("element:2/5")]
    index = LinkIndex.of([(ref, element) for ref in refs for element in elements])

    assert [index.neighbours(ref).refs for ref in refs] == [elements] * 3
    assert index.neighbours("element:2/5").refs == sorted(refs, key=lambda ref: ref.id)


def test_interrupted_walks_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a walk is stopped, the next one over the same index answers as if nothing was."""
    links = [(f"lead:{n}", f"contact:{n * 7 % 90 + 1}") for n in range(1, 200)]
    links += [(f"lead:{n}", f"contact:{n * 11 % 90 + 1}") for n in range(1, 200)]
    index = LinkIndex.of(links)
    pairs = [(f"lead:{n}", f"lead:{200 - n}") for n in range(1, 60)]
    alone = [str(index.path(*pair)) for pair in pairs]

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    for name in ("_add", "forget", "_prepared", "_new"):
        with monkeypatch.context() as broken:
            broken.setattr(search.Search, name, interrupted)
            for pair in pairs[:5]:
                with contextlib.suppress(KeyboardInterrupt):
                    index.path(*pair)
                with contextlib.suppress(KeyboardInterrupt):
                    index.neighbourhood(pair[0], 3)
        assert [str(index.path(*pair)) for pair in pairs] == alone


def _key(refs: list[Ref]) -> list[tuple[int, int, int]]:
    return [(ref.type.rank, ref.catalog_id, ref.id) for ref in refs]
