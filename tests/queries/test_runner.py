"""Answers carry what was asked, what was left out, and of which snapshot they are."""

import threading

import pytest
from sqlalchemy import Engine

from linkgraph.errors import InvalidParameter, InvalidRef, QueryError, QueryStopped
from queries.asked import Sources
from queries.catalogue import Catalogue
from queries.header import parse
from queries.runner import CUT_ROWS, ask
from queries.running import Stop
from queries.statements import runnable_sql
from tests.queries.conftest import TAKEN_AT, Snapshot, World

CATALOGUE = Catalogue.load()
HEADER = """\
-- title: T
-- group: G
-- question: Q
-- definition: D
-- parameters: none
-- columns:
--   n: N
"""


@pytest.fixture
def engine(snapshot: Snapshot) -> Engine:
    def fill(world: World) -> None:
        for number in range(1, 6):
            world.card(f"lead:{number}", f"l{number}")
        for contact in range(1, CUT_ROWS + 6):
            for element in (1, 2, 3):
                world.link(f"contact:{contact}", f"element:7/{element}")

    return snapshot(fill)


def test_an_answer_names_its_snapshot_and_parameters(engine: Engine) -> None:
    """Typed parameters, defaults included; the snapshot's number and age."""
    found = ask(Sources(engine), CATALOGUE.get("elements-together"), {"min_times": "4"})

    assert found.parameters == {"min_times": 4, "owners": "any", "hub_cap": 50}
    assert (found.snapshot, found.taken_at) == (7, TAKEN_AT)
    assert found.seconds > 0


def test_a_limit_counts_what_it_leaves_out(engine: Engine) -> None:
    """The first rows come, the others are counted."""
    question = CATALOGUE.get("leads-without-contact")

    assert [row["lead_id"] for row in ask(Sources(engine), question, limit=2).rows()] == [1, 2]
    for limit, shown in ((None, 5), (0, 0), (2, 2), (5, 5), (9, 5)):
        found = ask(Sources(engine), question, limit=limit)
        assert (found.table.num_rows, found.not_shown, found.total) == (shown, 5 - shown, 5)


def test_of_many_cut_cards_the_worst_come_and_all_are_counted(engine: Engine) -> None:
    """A bounded list, and the true number."""
    found = ask(Sources(engine), CATALOGUE.get("elements-together"), {"hub_cap": 2})

    assert found.cut is not None
    assert found.cut.count == CUT_ROWS + 5
    worst = [f"contact:{number}" for number in range(1, CUT_ROWS + 1)]
    assert [row["owner_ref"] for row in found.cut.rows()] == worst
    assert found.rows() == []


def test_a_wrong_parameter_is_refused_before_anything_runs(engine: Engine) -> None:
    """Out of range, unknown: the hint says what is allowed."""
    question = CATALOGUE.get("elements-together")

    with pytest.raises(InvalidParameter) as caught:
        ask(Sources(engine), question, {"hub_cap": "1"})
    assert caught.value.hint == "hub_cap takes a whole number, at least 2 (default 50)"
    with pytest.raises(InvalidParameter) as caught:
        runnable_sql(question, {"hubcap": 1})
    assert "did you mean hub_cap?" in caught.value.hint


def test_a_question_is_stopped_from_another_thread(engine: Engine) -> None:
    """Also while it waits for its first row."""
    endless = parse("x", HEADER + "select count(*) as n from range(100000000000)", "x.sql")
    stop = Stop()
    timer = threading.Timer(0.2, stop.ask)
    timer.start()

    with pytest.raises(QueryStopped, match="cancelled"):
        ask(Sources(engine), endless, stop=stop)
    timer.join()
    with pytest.raises(QueryStopped, match="stopped after"):
        ask(Sources(engine), endless, timeout=0.1)


def test_a_question_that_needs_too_much_memory_says_so(snapshot: Snapshot) -> None:
    """One line and what to do, not DuckDB's page of advice."""
    huge = parse("x", HEADER + "select repeat('x', 1000000000000) as n", "x.sql")

    with pytest.raises(QueryError) as caught:
        ask(Sources(snapshot(lambda world: None)), huge)

    assert "\n" not in caught.value.message


def test_a_card_that_is_not_there_is_not_none(snapshot: Snapshot) -> None:
    """A mistyped id is told of; a card without a row that something is linked to is there."""

    def fill(world: World) -> None:
        world.link("lead:1", "contact:1")
        world.link("lead:1", "company:1")
        world.link("contact:1", "company:2")

    sources, question = Sources(snapshot(fill)), CATALOGUE.get("shared-contacts")

    with pytest.raises(InvalidRef, match="has no company:99"):
        ask(sources, question, {"a": "company:1", "b": "company:99"})
    assert ask(sources, question, {"a": "company:1", "b": "company:2"}).total == 1
