"""A push that was broken off knows its own work again, and a move loses nothing on its way."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from linkgraph.edits.edits import Edits, Resolution
from linkgraph.edits.pushbook import PushState
from linkgraph.edits.states import State
from linkgraph.session import Session
from tests.edits.killworld import CATALOG, SETTINGS, links_of, world
from tests.edits.played import Played, playing

ELEMENTS = f"element:{CATALOG}/402", f"element:{CATALOG}/408"
OLD = "leads", 10, "catalog_elements", 402, CATALOG
NEW = "leads", 10, "catalog_elements", 408, CATALOG
LINK_LEADS = r"POST /api/v4/leads/link$"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The account of the kills, mirrored."""
    with playing(world, tmp_path_factory.mktemp("played")) as played:
        yield played


def _queued(played: Played, home: Path, fill: Callable[[Edits], object]) -> Path:
    """A home of the account with a queue."""
    with played.session(home, **SETTINGS) as session:
        fill(session.edits)
    return home


def _states(edits: Edits) -> set[State]:
    return {one.state for one in edits.journal.edits()}


def _several_of_one_card(edits: Edits) -> None:
    for lead in range(1, 9):
        edits.link(f"lead:{lead}", f"contact:{130 + lead}")
        edits.link(f"lead:{lead}", f"company:{210 + lead}")
        edits.unlink(f"lead:{lead}", f"contact:{101 + lead}")


@pytest.mark.parametrize("asked", [1, 2, 3, 6])
def test_what_it_did_before_is_no_surprise(played: Played, tmp_path: Path, asked: int) -> None:
    """Stopped between any two requests, it goes on where it was, and is done."""
    with played.fresh():
        home = _queued(played, tmp_path, _several_of_one_card)
        with Session.open(home=home) as session:
            edits, left = session.edits, iter([False] * asked)
            pushed = edits.push(edits.plan(), stop=lambda: next(left, True))
            assert pushed.outcome.state is PushState.INTERRUPTED
            taken_up = edits.resume()
            assert taken_up is not None
            outcome = taken_up.outcome
            assert (outcome.state, outcome.error, outcome.surprises) == (PushState.DONE, None, ())
            assert _states(edits) == {State.VERIFIED}


def test_a_main_flag_that_it_moved_itself_is_no_conflict(played: Played, tmp_path: Path) -> None:
    """A change without an answer that was made all the same explains what others look like."""
    with played.fresh() as simulator:
        home = _queued(played, tmp_path, lambda edits: edits.move("contact:136", "contact:148"))
        with Session.open(home=home) as session:
            edits = session.edits
            plan = edits.plan()
            lost = simulator.fault("drop_connection", match=LINK_LEADS, when="after")
            pushed = edits.push(plan, stop=lambda: lost.fired > 0)
            assert pushed.outcome.state is PushState.INTERRUPTED
            assert pushed.outcome.count(State.UNKNOWN) > 0
            assert edits.resume() is not None
            assert _states(edits) == {State.VERIFIED}


def test_a_move_keeps_what_it_could_not_link(played: Played, tmp_path: Path) -> None:
    """A quantity that may have been lost is not unlinked where it stood, and can be moved again."""
    with played.fresh() as simulator:
        home = _queued(played, tmp_path, lambda edits: edits.move(*ELEMENTS))
        before = links_of(simulator)
        with Session.open(home=home) as session:
            edits = session.edits
            simulator.fault("drop_connection", match=LINK_LEADS, when="before")
            edits.push(edits.plan())
            assert _states(edits) == {State.UNKNOWN}
            assert links_of(simulator) == before
            edits.resolve([one.id for one in edits.list()], Resolution.REQUEUE)
            edits.push(edits.plan())
            after = links_of(simulator)
            assert (after.get(OLD), after[NEW]) == (None, before[OLD])


def test_a_move_keeps_what_was_refused(played: Played, tmp_path: Path) -> None:
    """Where the new link is refused, the old one stays."""
    with played.fresh() as simulator:
        home = _queued(played, tmp_path, lambda edits: edits.move(*ELEMENTS))
        before = links_of(simulator)
        with Session.open(home=home) as session:
            edits = session.edits
            plan = edits.plan()
            simulator.fault("status", match=LINK_LEADS, status=400, times=None)
            edits.push(plan)
            assert _states(edits) == {State.FAILED}
            assert links_of(simulator) == before


def test_a_new_price_keeps_the_quantity(played: Played, tmp_path: Path) -> None:
    """A link that had to be unlinked first is queued anew with all that it carried."""
    lead, element = "lead:5", f"element:{CATALOG}/401"
    with played.fresh(relink="500") as simulator:
        home = _queued(played, tmp_path, lambda edits: edits.link(lead, element, price=11))
        pair = "leads", 5, "catalog_elements", 401, CATALOG
        assert links_of(simulator)[pair]["quantity"] == 5
        with Session.open(home=home) as session:
            edits = session.edits
            plan = edits.plan()
            # Two fail as such; the third comes after the unlink, and is lost.
            simulator.fault("drop_connection", match=LINK_LEADS, skip=2)
            edits.push(plan)
            assert (pair in links_of(simulator), _states(edits)) == (False, {State.UNKNOWN})
            edits.resolve([one.id for one in edits.list()], Resolution.REQUEUE)
            edits.push(edits.plan())
        carried = links_of(simulator)[pair]
        assert (carried["quantity"], carried["price_id"]) == (5, 11)
