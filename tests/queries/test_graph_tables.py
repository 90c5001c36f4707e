"""The graph of a snapshot as tables: every card and live link once, or those between some cards."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from linkgraph import graphml
from linkgraph.errors import QueryStopped
from linkgraph.model import EntityType, Ref
from queries import graph_tables
from queries.engine import open_engine
from queries.running import Stop
from tests.queries.conftest import BASE_URL, TAKEN_AT, Snapshot, World

HOSTILE = '</data></node>\x00 "&\x1b[31m'


def account(world: World) -> None:
    """A little of everything that a node or a link can be."""
    world.row("users", user_id=5, name="Анна")
    world.row("users", user_id=5, name="Анна, come twice")
    world.row("pipelines", pipeline_id=1, name="Продажи")
    world.row(
        "statuses", pipeline_id=1, status_id=142, name="Won", is_unsorted=False, is_closed=True
    )
    world.card(
        "lead:1",
        HOSTILE,
        price=1.5,
        pipeline_id=1,
        status_id=142,
        responsible_user_id=5,
        created_at=TAKEN_AT,
    )
    world.card("contact:1", "x" * 3_000)
    world.card("contact:2", "Gone", deleted=True)
    world.card("company:1", None)
    world.card("customer:9", "Alone")
    world.row("elements", catalog_id=4, element_id=1, name="Товар", is_deleted=False)
    world.link("lead:1", "contact:1", main=True)
    world.link("lead:1", "contact:2", main=False)
    world.link("lead:1", "element:4/1")
    world.link("lead:1", "element:5/1")
    world.link("contact:1", "company:1")
    world.link("contact:1", "company:2")


@pytest.fixture
def engine(snapshot: Snapshot) -> Engine:
    return snapshot(account)


def nodes(engine: Engine, *refs: str, deleted: bool = False) -> dict[str, dict[str, Any]]:
    """Nodes by ref, all or those of the refs; none comes twice."""
    asked = [Ref.parse(ref) for ref in refs] if refs else None
    batches = graph_tables.nodes(engine, asked, deleted=deleted)
    rows = [row for batch in batches for row in batch.to_pylist()]
    found = {row.pop("ref"): row for row in rows}
    assert len(found) == len(rows)
    return found


def links(
    engine: Engine, *refs: str, deleted: bool = False
) -> dict[tuple[str, str], dict[str, Any]]:
    asked = [Ref.parse(ref) for ref in refs] if refs else None
    batches = graph_tables.links(engine, asked, deleted=deleted)
    rows = [row for batch in batches for row in batch.to_pylist()]
    found = {(row.pop("source"), row.pop("target")): row for row in rows}
    assert len(found) == len(rows)
    return found


def test_all_cards_are_nodes(engine: Engine) -> None:
    """Cards of every type, deleted ones, lonely ones, and those that only live links name."""
    found = nodes(engine)

    known = {"lead:1", "contact:1", "contact:2", "company:1", "customer:9", "element:4/1"}
    assert {ref for ref, node in found.items() if node["is_known"]} == known
    assert {ref for ref, node in found.items() if not node["is_known"]} == {
        "company:2",
        "element:5/1",
    }
    assert {ref for ref, node in found.items() if node["is_deleted"]} == {"contact:2"}


def test_a_node_tells_what_the_card_is(engine: Engine) -> None:
    """Status, pipeline and user come by name, and what the type does not have is NULL."""
    found = nodes(engine)

    assert found["lead:1"] == {
        "name": HOSTILE,
        "type": "lead",
        "url": f"{BASE_URL}/leads/detail/1",
        "is_deleted": False,
        "is_known": True,
        "price": 1.5,
        "pipeline": "Продажи",
        "status": "Won",
        "responsible": "Анна",
        "created_at": TAKEN_AT,
        "updated_at": None,
    }
    filled = {name for name, value in found["element:5/1"].items() if value is not None}
    assert filled == {"type", "is_known"}
    assert len(found["contact:1"]["name"]) == 2_000


def test_live_links_are_links(engine: Engine) -> None:
    """Each with its metadata, owner first; links of deleted cards are none."""
    nothing = {"is_main": None, "quantity": None, "price_id": None}

    assert links(engine) == {
        ("lead:1", "contact:1"): nothing | {"relation": "lead_contact", "is_main": True},
        ("lead:1", "element:4/1"): nothing | {"relation": "lead_element", "quantity": 1.0},
        ("lead:1", "element:5/1"): nothing | {"relation": "lead_element", "quantity": 1.0},
        ("contact:1", "company:1"): nothing | {"relation": "contact_company"},
        ("contact:1", "company:2"): nothing | {"relation": "contact_company"},
    }


def test_links_of_deleted_cards_are_kept(snapshot: Snapshot) -> None:
    """Who asks for them gets them as they were, with quantities, and the cards that they name."""

    def fill(world: World) -> None:
        account(world)
        world.link("contact:2", "element:4/1")
        world.link("contact:2", "company:3")

    engine = snapshot(fill)
    nothing = {"is_main": None, "quantity": None, "price_id": None}
    more = {
        ("lead:1", "contact:2"): nothing | {"relation": "lead_contact", "is_main": False},
        ("contact:2", "element:4/1"): nothing | {"relation": "contact_element", "quantity": 1.0},
        ("contact:2", "company:3"): nothing | {"relation": "contact_company"},
    }
    whole = nodes(engine, deleted=True)
    some = ("contact:2", "element:4/1", "company:3")

    assert links(engine, deleted=True) == links(engine) | more
    assert whole.keys() - nodes(engine).keys() == {"company:3"}
    assert whole["company:3"]["is_known"] is False
    assert nodes(engine, *some, deleted=True) == {ref: whole[ref] for ref in sorted(some)}
    assert links(engine, *some, deleted=True) == dict(list(more.items())[1:])
    assert (list(nodes(engine, "company:3")), links(engine, *some)) == ([], {})


def test_some_cards_and_what_lies_between(engine: Engine) -> None:
    """Cards asked for come once and in order, with the links among them, whatever shares an id."""
    refs = ("element:5/1", "lead:1", "company:2", "contact:1", "lead:1", "lead:404", "company:404")

    assert list(nodes(engine, *refs)) == ["lead:1", "contact:1", "company:2", "element:5/1"]
    assert list(links(engine, *refs)) == [
        ("lead:1", "contact:1"),
        ("contact:1", "company:2"),
        ("lead:1", "element:5/1"),
    ]


def test_no_cards_are_no_graph(engine: Engine) -> None:
    """To ask for none is not to ask for all."""
    assert sum(batch.num_rows for batch in graph_tables.nodes(engine, [])) == 0
    assert sum(batch.num_rows for batch in graph_tables.links(engine, [])) == 0


def test_a_hundred_thousand_cards_can_be_asked_for(engine: Engine) -> None:
    """However many refs are asked for, also such as nobody knows, the answer comes."""
    refs = [Ref(EntityType.LEAD, number) for number in range(1, 100_001)]

    assert sum(batch.num_rows for batch in graph_tables.nodes(engine, refs)) == 1


def test_it_can_be_stopped(engine: Engine) -> None:
    """A stop that was asked for before the first row ends it."""
    stop = Stop()
    stop.ask()

    for batches in (
        graph_tables.nodes(engine, stop=stop),
        graph_tables.links(engine, [], stop=stop),
    ):
        with pytest.raises(QueryStopped):
            next(batches)


def test_an_empty_account_is_an_empty_graph(empty: Engine) -> None:
    """No card, no link, and a file that opens."""
    file = io.BytesIO()

    assert graphml.write(graph_tables.nodes(empty), graph_tables.links(empty), file) == (0, 0)
    file.seek(0)
    assert len(nx.read_graphml(file)) == 0


def opened(engine: Engine, refs: list[Ref] | None = None, *, deleted: bool = False) -> Any:
    """The graph as another program reads it from GraphML."""
    file = io.BytesIO()
    nodes_ = graph_tables.nodes(engine, refs, deleted=deleted)
    graphml.write(nodes_, graph_tables.links(engine, refs, deleted=deleted), file)
    file.seek(0)
    return nx.read_graphml(file)


def test_graphml_holds_the_same_graph(engine: Engine) -> None:
    """Nodes, links and all that they carry come back from the file; NULLs do not."""
    graph = opened(engine)

    expected = nodes(engine)
    for node in expected.values():
        node["label"] = node.pop("name")
        if node["created_at"]:
            node["created_at"] = f"{node['created_at']:%Y-%m-%dT%H:%M:%SZ}"
    expected["lead:1"]["label"] = '</data></node> "&[31m'
    expected["contact:1"]["label"] = "x" * 999 + "…"
    assert dict(graph.nodes(data=True)) == {
        ref: {name: value for name, value in node.items() if value is not None}
        for ref, node in expected.items()
    }
    assert {frozenset(ends): data for *ends, data in graph.edges(data=True)} == {
        frozenset(ends): {name: value for name, value in link.items() if value is not None}
        for ends, link in links(engine).items()
    }


CARDS = st.builds(Ref, st.sampled_from(list(EntityType)), st.integers(1, 3), st.just(0)).map(
    lambda ref: Ref(ref.type, ref.id, 7) if ref.type is EntityType.ELEMENT else ref
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(CARDS.filter(lambda ref: ref.type is not EntityType.ELEMENT), st.booleans()),
    st.sets(st.tuples(CARDS, CARDS).filter(lambda ends: ends[0].type.rank < ends[1].type.rank)),
    st.lists(CARDS),
)
def test_the_part_between_cards_is_part_of_the_whole(
    cards: dict[Ref, bool], ends: set[tuple[Ref, Ref]], asked: list[Ref]
) -> None:
    """In any account the graph between cards is the whole graph's, cut down to those cards."""
    with TemporaryDirectory() as folder:
        world = World(Path(folder) / "world.duckdb")
        for ref, deleted in cards.items():
            world.card(str(ref), str(ref), deleted=deleted)
        for owner, other in ends:
            world.link(str(owner), str(other))
        world.save()
        engine = open_engine(Path(folder) / "world.duckdb", temp_directory=Path(folder))
        try:
            graphs = {
                flag: (opened(engine, deleted=flag), opened(engine, asked, deleted=flag))
                for flag in (False, True)
            }
        finally:
            engine.dispose()

    gone = {ref for ref, deleted in cards.items() if deleted}
    for with_deleted, (whole, part) in graphs.items():
        kept = [(str(a), str(b)) for a, b in ends if with_deleted or not {a, b} & gone]
        assert {frozenset(link) for link in whole.edges} == {frozenset(link) for link in kept}
        assert set(whole) == {str(ref) for ref in cards} | {ref for link in kept for ref in link}
        cut_down = whole.subgraph([str(ref) for ref in asked])
        assert nx.utils.graphs_equal(nx.Graph(part), nx.Graph(cut_down))
