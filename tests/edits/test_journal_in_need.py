"""A journal that cannot be written for a while, or not at all, in the middle of a push."""

import contextlib
import sqlite3
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from linkgraph.edit import Edit, Verb
from linkgraph.edits.entries import Entry, Origin, Source
from linkgraph.edits.pushbook import PushState
from linkgraph.edits.pushing import PushProgress
from linkgraph.edits.states import State
from linkgraph.errors import HomeUnusable
from linkgraph.model import EntityType, Ref
from linkgraph.session import Session
from linkgraph.simulator import Simulator
from tests.edits.homes import LEADS
from tests.edits.played import Played
from tests.forked import Forked
from tests.terminal import environment


@pytest.fixture
def crm(little: Played) -> Iterator[Simulator]:
    """The little world, as if nobody had asked for it."""
    with little.fresh() as simulator:
        yield simulator


@pytest.fixture
def session(crm: Simulator, little: Played, tmp_path: Path) -> Iterator[Session]:
    """A session of its account that writes five links a request, with sixty edits queued."""
    with little.session(tmp_path / "home", batch=5) as session:
        company = Ref.parse("company:201")
        edits = (Edit(Verb.LINK, Ref(EntityType.LEAD, lead), company) for lead in LEADS)
        session.edits.add([Entry(edit, Origin(Source.PYTHON)) for edit in edits])
        crm.clear_requests()
        yield session


def _items(crm: Simulator) -> Counter[int]:
    """How often each lead stood in a write."""
    return Counter(item["entity_id"] for entry in crm.requests() for item in entry["items"] or ())


def test_a_disk_that_fills_up_in_a_push_doubles_nothing(crm: Simulator, session: Session) -> None:
    """A plain error; nothing leaves that is not marked on disk; with room again it goes on."""
    with Forked(
        *("tests.edits.worker", str(session.account.home), "push", "full disk"),
        environment=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as worker:
        told, failed = worker.communicate()
    assert worker.returncode == 0, failed
    assert "account.sqlite cannot be used" in told
    sent = _items(crm)
    assert 10 < len(sent) < len(LEADS)
    marked = {
        edit.edit.a.id
        for edit in session.edits.list(states=State)
        if edit.state in (State.SENT, State.VERIFIED)
    }
    assert set(sent) <= marked
    taken_up = session.edits.resume()
    assert taken_up is not None
    assert taken_up.outcome.state is PushState.DONE
    assert taken_up.outcome.count(State.VERIFIED) == len(LEADS)
    assert set(_items(crm).values()) == {1}
    assert len(_items(crm)) == len(LEADS)


def test_a_journal_held_by_another_is_waited_for(crm: Simulator, session: Session) -> None:
    """Some seconds in which another process writes cost a push those seconds, and nothing else."""
    other = sqlite3.connect(
        session.account.folder / "account.sqlite", isolation_level=None, check_same_thread=False
    )
    letting_go = threading.Timer(2.0, other.execute, ["rollback"])
    plan = session.edits.plan()

    def watch(progress: PushProgress) -> None:
        if progress.phase == "sending" and not other.in_transaction and not letting_go.ident:
            other.execute("begin immediate")
            letting_go.start()

    try:
        outcome = session.edits.push(plan, watch).outcome
    finally:
        letting_go.join()
        other.close()
    assert outcome.state is PushState.DONE
    assert outcome.count(State.VERIFIED) == len(LEADS)
    assert set(_items(crm).values()) == {1}


@pytest.mark.parametrize(
    "damage",
    [
        "state = 'merged'",
        "verb = 'swap'",
        "origin = 'moon'",
        "a = 'leed:1'",
        "base = '{'",
        "base = '[1]'",
        "queued_at = 'yesterday'",
    ],
)
def test_rows_of_another_version_are_told_of_plainly(session: Session, damage: str) -> None:
    """One error that names the file and what to do; not whatever Python says of it."""
    session.close()
    path = session.account.folder / "account.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as file, file:
        file.execute(f"update edits set {damage} where edit_id = 7")
    with pytest.raises(HomeUnusable, match=r"account\.sqlite holds an edit that cannot be read"):
        session.edits.journal.edits()
