"""Several processes at one account: queueing, pushing and syncing all at once."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from linkgraph import access
from linkgraph.edit import Edit
from linkgraph.edits.edits import Edits
from linkgraph.edits.pushes import Pushes
from linkgraph.edits.pushing import PushProgress
from linkgraph.edits.states import State
from linkgraph.errors import PlanStale
from linkgraph.mirror.sync import Plan
from linkgraph.model import Ref
from linkgraph.session import Session
from linkgraph.simulator import Simulator
from tests.edits.homes import little_world, mirrored


@pytest.fixture
def crm() -> Iterator[Simulator]:
    """The little world, played."""
    with Simulator(little_world(), rate=None) as simulator:
        yield simulator


@pytest.fixture
def session(crm: Simulator, tmp_path: Path) -> Iterator[Session]:
    """A session of its account."""
    with mirrored(crm, tmp_path / "home") as session:
        yield session


@pytest.fixture
def others(session: Session) -> Iterator[Edits]:
    """What somebody else's process would have of the same account."""
    with Session(session.account) as other:
        yield other.edits


def _writes(crm: Simulator) -> int:
    return sum(entry["method"] == "POST" for entry in crm.requests())


def test_an_edit_dropped_while_a_plan_is_made_stays_dropped(
    crm: Simulator, session: Session, others: Edits
) -> None:
    """The plan, whose notes come later, does not bring it back to life; its push is refused."""
    edit = session.edits.link("lead:1", "contact:102").edits[0].id
    already = session.edits.link("lead:2", "contact:103").edits[0].id
    crm.world.link("leads", 2, "contacts", 103)

    def known(edits: Sequence[Edit]) -> set[Ref]:  # asked between the queue and the CRM
        others.drop([edit, already])
        return {ref for one in edits for ref in (one.a, one.b)}

    account = session.account
    pushes = Pushes(
        account,
        session.edits.journal,
        lambda: access.client(account),
        Plan(account.folder, "RU", 3, 1.0),
        known,
        lambda elements: {},
    )
    plan = pushes.plan()
    found = session.edits.journal.edits(ids=[edit, already])
    assert [one.state for one in found] == [State.DROPPED, State.DROPPED]
    assert [one.reason[:10] for one in found] == ["dropped by", "dropped by"]
    with pytest.raises(PlanStale, match=f"#{edit} was dropped"):
        pushes.push(plan)
    assert _writes(crm) == 0


def test_an_edit_dropped_while_a_push_checks_is_not_sent(
    crm: Simulator, session: Session, others: Edits
) -> None:
    """Between the check against the live links and the first request the journal has its say."""
    first = session.edits.link("lead:1", "contact:102").edits[0].id
    second = session.edits.link("lead:2", "contact:103").edits[0].id
    plan = session.edits.plan()

    def watch(progress: PushProgress) -> None:
        if progress.phase == "checking":
            others.drop([second])

    with pytest.raises(PlanStale, match=f"#{second} was dropped"):
        session.edits.push(plan, watch)
    assert _writes(crm) == 0
    assert session.edits.pushes() == []
    assert [one.id for one in session.edits.list()] == [first]
    assert session.edits.push(session.edits.plan()).outcome.count(State.VERIFIED) == 1
