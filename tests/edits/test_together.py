"""Several processes at one account: queueing, pushing and syncing all at once."""

import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import pytest

from linkgraph import access
from linkgraph.edit import Edit
from linkgraph.edits.edits import Edits
from linkgraph.edits.pushbook import PushState
from linkgraph.edits.pushes import Pushes
from linkgraph.edits.pushing import PushProgress
from linkgraph.edits.states import State
from linkgraph.errors import PlanStale
from linkgraph.mirror.snapshots import Snapshots
from linkgraph.mirror.sync import Plan
from linkgraph.model import Ref
from linkgraph.session import Session
from linkgraph.simulator import Simulator
from tests.edits.played import Played
from tests.forked import Forked
from tests.mirror.accounts import assert_mirrors
from tests.terminal import environment, linkgraph


@pytest.fixture
def crm(little: Played) -> Iterator[Simulator]:
    """The little world, as if nobody had asked for it."""
    with little.fresh() as simulator:
        yield simulator


@pytest.fixture
def session(crm: Simulator, little: Played, tmp_path: Path) -> Iterator[Session]:
    """A session of its account."""
    with little.session(tmp_path / "home") as session:
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


class _Worker:
    """Another process at the account, halted and sent on."""

    def __init__(self, home: Path, what: str, where: str) -> None:
        self._process = Forked(
            *("tests.edits.worker", str(home), what, where),
            environment=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.__exit__()

    def halted(self) -> None:
        """Wait until it has come to its place."""
        self._heard("here\n")

    def go(self) -> None:
        """Let it go on."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def ended(self) -> None:
        """Wait until it has done all, without an error."""
        self._heard("done\n")
        assert self._process.wait() == 0

    def _heard(self, line: str) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == line


def _sent_twice(crm: Simulator) -> list[object]:
    """Items that stood in more than one write."""
    items = [
        (entry["path"], item["entity_id"], item["to_entity_type"], item["to_entity_id"])
        for entry in crm.requests()
        for item in entry["items"] or ()
    ]
    return [item for item, count in Counter(items).items() if count > 1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("push_at", "sync_at"),
    [
        ("checking", "cards and links"),
        ("sending", "completing"),
        ("checking", "merging"),
        ("sending", "publishing"),
    ],
)
def test_all_at_once(
    crm: Simulator, session: Session, others: Edits, push_at: str, sync_at: str
) -> None:
    """Two queue, one pushes, another may not, a sync is somewhere on its way: each edit stands once
    and is sent once, what is queued meanwhile is in the next push, and the snapshot is the world.
    """
    home = session.account.home
    crm.clear_requests()
    with (
        _Worker(home, "queue", "link") as one,
        _Worker(home, "queue", "company") as two,
        _Worker(home, "sync", sync_at) as syncing,
    ):
        for worker in (one, two, syncing):
            worker.halted()
        assert len(others.list()) == 20
        with _Worker(home, "push", push_at) as pushing:
            pushing.halted()
            before = _writes(crm)
            refused = linkgraph("edits", "push", "--yes", "--home", str(home))
            assert refused.returncode == 8, refused.stderr
            assert "another process is pushing" in refused.stderr
            assert _writes(crm) == before
            for worker in (one, two):
                worker.go()
            for worker in (one, two):
                worker.ended()
            pushing.go()
            pushing.ended()
        counts = Counter(edit.state for edit in others.list(states=State))
        assert counts == {State.VERIFIED: 20, State.QUEUED: 20}
        in_turn = linkgraph("edits", "push", "--yes", "--home", str(home))
        assert in_turn.returncode == 0, in_turn.stderr
        syncing.go()
        syncing.ended()
    edits = others.list(states=State)
    assert Counter(edit.state for edit in edits) == {State.VERIFIED: 40}
    assert len({edit.pair for edit in edits}) == 40
    assert [push.state for push in others.pushes()] == [PushState.DONE, PushState.DONE]
    assert _sent_twice(crm) == []
    assert_mirrors(Snapshots(session.account.folder).require(), crm.world)
