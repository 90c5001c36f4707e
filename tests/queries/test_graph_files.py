"""Graph files hold what a walk may meet, and no link that ends in nothing."""

from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from sqlalchemy import Engine

from linkgraph.index import LinkIndex, Walk
from linkgraph.model import Ref
from queries.graph_files import write_graphml
from tests.queries.conftest import Snapshot, World

LINKS = [
    ("lead:1", "contact:1"),
    ("lead:2", "contact:1"),
    ("lead:2", "element:4/1"),
    ("lead:2", "company:3"),
]


@pytest.fixture
def engine(snapshot: Snapshot) -> Engine:
    """Lead 2 is deleted, and its links are kept; nothing else names company 3."""

    def fill(world: World) -> None:
        world.card("lead:1", "Here")
        world.card("lead:2", "Gone", deleted=True)
        world.card("contact:1", "Анна")
        world.row("elements", catalog_id=4, element_id=1, name="Товар", is_deleted=False)
        for owner, other in LINKS:
            world.link(owner, other)

    return snapshot(fill)


def written(engine: Engine, folder: Path, walk: Walk, *cards: str) -> Any:
    """The file of the whole graph, or of some cards, as another program reads it."""
    index = LinkIndex.of(LINKS, deleted=["lead:2"])
    named = [Ref.parse(card) for card in cards] if cards else None
    counts = write_graphml(engine, index, named, walk, folder / "graph.graphml")
    graph = nx.read_graphml(folder / "graph.graphml")
    # A link that ends in nothing would make a node of its end, which was not counted.
    assert counts == (graph.number_of_nodes(), graph.number_of_edges())
    return graph


@pytest.mark.parametrize("walk", [Walk(), Walk.of(max_degree=100)])
def test_deleted_cards_stay_out(engine: Engine, tmp_path: Path, walk: Walk) -> None:
    """Neither they nor their links are written, nor the cards that only those links name."""
    graph = written(engine, tmp_path, walk)

    assert set(graph) == {"lead:1", "contact:1", "element:4/1"}
    assert list(graph.edges) == [("lead:1", "contact:1")]


@pytest.mark.parametrize("walk", [Walk.of(deleted=True), Walk.of(deleted=True, max_degree=100)])
def test_deleted_cards_come_as_they_were(engine: Engine, tmp_path: Path, walk: Walk) -> None:
    """With their links, what is known of these, and the cards that nothing else names."""
    graph = written(engine, tmp_path, walk)

    assert {frozenset(ends) for ends in graph.edges} == {frozenset(ends) for ends in LINKS}
    assert graph.edges["lead:2", "element:4/1"] == {"relation": "lead_element", "quantity": 1.0}
    assert graph.nodes["lead:2"]["is_deleted"] is True
    assert graph.nodes["company:3"] == {"type": "company", "is_known": False}


def test_a_walk_keeps_types_and_relations_out(engine: Engine, tmp_path: Path) -> None:
    """What it does not go over is not written, whether deleted cards are or not."""
    walk = Walk.of("lead_contact", "lead_element", skip=["contact"], deleted=True)
    graph = written(engine, tmp_path, walk)

    assert set(graph) == {"lead:1", "lead:2", "element:4/1", "company:3"}
    assert list(graph.edges) == [("lead:2", "element:4/1")]


def test_a_named_card_is_written_whatever_it_is(engine: Engine, tmp_path: Path) -> None:
    """Also a deleted one, and one that only a deleted card's links name."""
    around = written(engine, tmp_path, Walk(), "lead:2", "contact:1", "company:3")

    assert set(around) == {"lead:2", "contact:1", "company:3"}
    assert around.number_of_edges() == 2
    assert set(written(engine, tmp_path, Walk(), "company:3")) == {"company:3"}
