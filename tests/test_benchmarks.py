"""The benchmarks' graph is the account's, and every engine that is installed sees the same one."""

import sys
from pathlib import Path

import numpy as np
import pytest

from linkgraph.model import EntityType
from linkgraph.simulator import World, generate
from tests.benchmarks import export
from tests.benchmarks.graphworld import GraphWorld, graph_of, graph_world
from tests.benchmarks.rivals import (
    ENGINES,
    TASKS,
    Disagreement,
    RivalResult,
    TaskResult,
    agree,
    measure,
)
from tests.benchmarks.rivals.__main__ import run
from tests.benchmarks.rivals.tasks import VARIANTS, answer
from tests.benchmarks.rivals.with_linkgraph import publish

LINKS = 2_000
ALWAYS = ("scipy", "networkx", "duckdb")
"""Engines that linkgraph itself depends on; the others come with the extra `bench`."""


@pytest.fixture(scope="module")
def account() -> tuple[World, GraphWorld]:
    """A small account and its graph."""
    return graph_world(LINKS)


@pytest.fixture(scope="module")
def graph(account: tuple[World, GraphWorld]) -> GraphWorld:
    """The graph alone."""
    return account[1]


def test_graph_has_the_links_of_the_account(account: tuple[World, GraphWorld]) -> None:
    """Each node is a card, and its neighbours are the cards that the account links to it."""
    world, graph = account
    for node in range(0, int(graph.starts[4]), 97):
        card = graph.ref(node)
        linked = world.links.of_card(card.type.api_name, card.id)
        expected = {(EntityType.from_api(type_), to.id, to.catalog_id) for type_, to in linked}
        refs = map(graph.ref, graph.neighbours(node).tolist())

        assert expected == {(ref.type, ref.id, ref.catalog_id) for ref in refs}
    assert graph.links == LINKS == len(graph.indices) // 2
    assert graph.nodes == sum(len(world.card_columns(kind.api_name)["id"]) for kind in EntityType)


def test_graph_survives_its_folder(graph: GraphWorld, tmp_path: Path) -> None:
    """What is mapped from a folder is what was saved there; the same seed draws the same."""
    graph.save(tmp_path / "graph")
    mapped, again = GraphWorld.load(tmp_path / "graph"), graph_world(LINKS)[1]

    for name in ("pairs", "indptr", "indices", "starts", "ids", "catalogs", "ends", "cards"):
        assert np.array_equal(getattr(graph, name), getattr(mapped, name))
        assert np.array_equal(getattr(graph, name), getattr(again, name))
    assert 0.9 <= float(mapped.giant) < 1


def test_no_pairs_are_drawn_from_a_scattered_account() -> None:
    """An account whose cards are mostly unconnected is no benchmark, and is refused."""
    with pytest.raises(ValueError, match="too few"):
        graph_of(generate(LINKS, links_per_lead=0.5))


def test_engines_agree(account: tuple[World, GraphWorld], tmp_path: Path) -> None:
    """The link index and every engine that is installed give the same answers."""
    world, graph = account
    graph.save(tmp_path)
    publish(tmp_path, world)
    results = measure(tmp_path, ["linkgraph", *ENGINES], budget=0.4)

    assert set(results) == {"linkgraph", *ENGINES}
    ours = results.pop("linkgraph")
    assert set(ours.tasks) == {*TASKS, *VARIANTS} - {"distance"}
    for name in ALWAYS:
        assert not results[name].missing
    for result in results.values():
        assert result.missing or {"path", "three_hops"} <= set(result.tasks) <= set(TASKS)
    paths = results["networkx"].tasks["path"]
    assert paths.n == len(graph.ends)
    assert 0 < paths.median <= paths.p99
    assert min(length for length in paths.answers if isinstance(length, int)) >= 3


def test_disagreement_is_told() -> None:
    """Who disagrees with whom, and about what, is in the message."""
    one, other = (
        RivalResult(name, tasks={"path": TaskResult([1, 1], [4, length])})
        for name, length in (("one", 5), ("other", 6))
    )

    agree({"one": one})
    with pytest.raises(Disagreement, match=r"path, query 1: other says 6, one says 5"):
        agree({"one": one, "other": other})


def test_path_is_checked(graph: GraphWorld) -> None:
    """A path of the right length that is none is no answer."""
    one, other = graph.ends[0].tolist()
    with pytest.raises(ValueError, match="does not lead"):
        answer(graph, "path", (one, other), [one, one, one, other])


def test_missing_library_is_skipped(
    graph: GraphWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that is not installed is told of, not a failure; a misspelt one is a failure."""
    graph.save(tmp_path)
    monkeypatch.setitem(sys.modules, "igraph", None)
    report = run("igraph", tmp_path, list(TASKS), 1.0)

    assert RivalResult.from_report(report).missing == "igraph"
    with pytest.raises(ModuleNotFoundError):
        run("igrph", tmp_path, list(TASKS), 1.0)


def test_exports_are_measured() -> None:
    """CSV and Parquet have their yardstick, in time and in memory."""
    measures = list(export.run(LINKS))

    assert [measure.unit for measure in measures] == ["s", "MB"] * 3
    assert all(measure.value > 0 for measure in measures)
    assert [measure.yard is not None for measure in measures] == [True] * 4 + [False] * 2
