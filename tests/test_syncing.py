"""A sync in a process of its own: it tells how far it is, can be stopped, and leaves no orphan."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import linkgraph
from linkgraph.accounts import AccountSettings
from linkgraph.errors import Removal, SyncRunning, SyncStopped, TooManyRemovals
from linkgraph.mirror.progress import Progress
from linkgraph.mirror.syncs import sync_lock
from linkgraph.session import Session
from linkgraph.settings import Home
from linkgraph.simulator import Simulator
from linkgraph.syncing import SyncProcess
from tests.mirror.worlds import column

#: A guard against a test that would wait for ever; nothing is measured by it.
LONG = 120
_PARENT = """
import sys
import linkgraph
from linkgraph.syncing import SyncProcess
with linkgraph.open(home=sys.argv[1]) as session:
    SyncProcess.start(session.account).watch(lambda progress: print("here", flush=True))
"""


@pytest.fixture(name="crm")
def _crm() -> Iterator[Simulator]:
    with Simulator(column(300, contacts=10), rate=None) as simulator:
        yield simulator
        simulator.clear_faults()


@pytest.fixture(name="session")
def _session(crm: Simulator, tmp_path: Path) -> Iterator[Session]:
    home = Home(tmp_path / "home")
    home.add("work", AccountSettings(crm.url, rate=float("inf")), crm.token)
    with linkgraph.open(home=home.root) as session:
        yield session


def _hold(crm: Simulator) -> None:
    """Let the account answer no question for links any more."""
    crm.fault("delay", "links", times=None, seconds=LONG)


def test_a_sync_tells_how_far_it_is_and_what_came_of_it(crm: Simulator, session: Session) -> None:
    """Progress comes as plain values, and the report is that of `Session.sync`.

    Errors come over with all they carry.
    """
    seen: list[Progress] = []
    with SyncProcess.start(session.account, read_only=True) as process:
        command = Path(f"/proc/{process.pid}/cmdline")
        said = command.read_bytes() if command.exists() else b""
        report = process.watch(seen.append)

    assert crm.token.encode() not in said
    assert session.snapshot == report.snapshot
    assert report.first
    assert "publishing" in {progress.phase for progress in seen}
    assert seen[-1].requests == report.requests

    for lead in [card["id"] for card in crm.world.to_dict()["leads"]][:150]:
        crm.world.remove_card("leads", lead)
    with (
        SyncProcess.start(session.account) as process,
        pytest.raises(TooManyRemovals, match="nothing was published") as refused,
    ):
        process.watch(seen.append)

    assert refused.value.removals == (Removal("lead_contact", 150, 300),)
    assert "accept-removals" in refused.value.hint


def test_a_sync_stops_when_it_is_asked_to(crm: Simulator, session: Session) -> None:
    """It ends soon, says so, and lets go of the lock; the next one goes on from there."""
    _hold(crm)
    with SyncProcess.start(session.account) as process:
        with pytest.raises(SyncStopped, match="the sync was stopped") as stopped:
            process.watch(lambda progress: process.stop())
        assert "goes on from there" in stopped.value.hint

    assert not session.is_syncing()
    assert [(run.error, run.snapshot) for run in session.runs()] == [("stopped", None)]
    crm.clear_faults()
    assert session.sync().resumed


def test_a_sync_that_is_killed_is_told_plainly(crm: Simulator, session: Session) -> None:
    """The error names the signal and says that nothing is lost."""
    _hold(crm)
    with (
        SyncProcess.start(session.account) as process,
        pytest.raises(SyncStopped, match="ended from outside \\(SIGKILL\\)") as killed,
    ):
        process.watch(lambda progress: os.kill(process.pid, signal.SIGKILL))

    assert "goes on from there" in killed.value.hint
    assert not session.is_syncing()


def test_a_sync_does_not_outlive_who_began_it(crm: Simulator, session: Session) -> None:
    """Killed without a word, a front end leaves nobody behind who holds the lock."""
    _hold(crm)
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(session.account.home)], stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"here\n"
        assert session.is_syncing()
        parent.kill()
    given_up = time.monotonic() + LONG
    while session.is_syncing():
        assert time.monotonic() < given_up, "the sync goes on though nobody waits for it"
        time.sleep(0.05)

    assert [run.error for run in session.runs()] == ["stopped"]


def test_one_sync_at_a_time(session: Session) -> None:
    """Who holds the lock is not disturbed by being looked at, and a second sync is refused."""
    with sync_lock(session.account.folder):
        assert session.is_syncing()
        with pytest.raises(SyncRunning, match="another process is syncing"):
            session.sync()

    assert not session.is_syncing()
