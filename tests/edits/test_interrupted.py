"""Ctrl-C in the middle of a push: it stops between two requests, says how to go on, and goes on."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from linkgraph.edits.journal import Journal
from linkgraph.edits.pushbook import PushBook, PushState, records
from linkgraph.edits.states import State
from linkgraph.simulator import Simulator
from tests.edits.kills import WRITES, account_file
from tests.edits.killworld import fresh, links_of, set_up, world
from tests.edits.sentagain import sent_again_unread
from tests.forked import Forked
from tests.terminal import environment, linkgraph

#: A minute: a machine may be busy.
PATIENCE = 60.0


def _interrupted(simulator: Simulator, home: Path, writes: int, *, twice: bool) -> tuple[int, str]:
    """Push by command, and press Ctrl-C when so many writes came; its code and words."""
    before = _writes(simulator)
    simulator.fault("delay", match=WRITES, seconds=0.3, skip=writes - 1, times=8)
    with Forked(
        *("linkgraph", "edits", "push", "--yes", "--home", str(home)),
        environment=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        end = time.monotonic() + PATIENCE
        while _writes(simulator) < before + writes:
            assert process.poll() is None, process.stdout.read()
            assert time.monotonic() < end
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        told = ""
        if twice:
            while "Ctrl-C again" not in told:
                told += process.stdout.readline()
            process.send_signal(signal.SIGINT)
        told += process.stdout.read()
        code = process.wait()
    simulator.clear_faults()
    return code, told


def _writes(simulator: Simulator) -> int:
    return sum(one["method"] == "POST" for one in simulator.requests())


@pytest.mark.slow
def test_ctrl_c(tmp_path: Path) -> None:
    """Once, and all that was sent is answered; twice, and the rest is found out. Then as unbroken.

    Both times the exit code is 130, the command that goes on is named, and nothing is sent blindly.
    """
    with Simulator(world(), rate=None) as simulator:
        template = set_up(simulator, tmp_path)
        home = fresh(simulator, template, tmp_path / "unbroken")
        done = linkgraph("edits", "push", "--yes", "--home", str(home))
        assert done.returncode == 0, done.stderr
        unbroken = links_of(simulator)
        for writes in (1, 15):  # among the first few, and among the rest
            home = fresh(simulator, template, tmp_path / f"run{writes}")
            code, told = _interrupted(simulator, home, writes, twice=False)
            assert (code, "linkgraph edits push" in told) == (130, True), told
            asked = [one for one in simulator.requests() if one["method"] == "POST"]
            assert all(one["answered_at"] for one in asked)
            with Journal(account_file(home)) as journal:
                assert records(journal)[0].state is PushState.INTERRUPTED
                items = PushBook.of(journal, 1).items
            assert all(item.answer for item in items if item.state is State.SENT)
            assert any(item.state is State.PLANNED for item in items)

            code, told = _interrupted(simulator, home, 3, twice=True)
            assert (code, "linkgraph edits push" in told) == (130, True), told
            at_home = "--home", str(home)
            assert linkgraph("edits", "push", "--yes", *at_home).returncode in (0, 8)
            # A quantity that was under way is not sent again unless its owner says so.
            again = "--all", "--state", "unknown", "--requeue"
            assert linkgraph("edits", "resolve", *again, *at_home).returncode == 0
            done = linkgraph("edits", "push", "--yes", *at_home)
            assert done.returncode == 0, done.stderr
            assert links_of(simulator) == unbroken
            assert sent_again_unread(simulator.requests()) == []


#: A push that does not come to its end when it is stopped.
_HELD_UP = """
import sys, time
from linkgraph.cli import pushrun
pushrun._AT_ONCE = float(sys.argv[1])
with pushrun._stoppable():
    try:
        print("pushing", flush=True)
        time.sleep(600)
    finally:
        print("tidying", flush=True)
        time.sleep(600)
"""


@pytest.mark.parametrize(("seconds", "presses"), [(0.2, 2), (600, 3)])
def test_at_once_is_at_once(seconds: float, presses: int) -> None:
    """Whatever holds up its end, a push that is stopped twice ends soon, the third time now."""
    with subprocess.Popen(
        [sys.executable, "-c", _HELD_UP, str(seconds)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        for awaited in ("pushing", "Ctrl-C again", "tidying")[:presses]:
            while awaited not in process.stdout.readline():
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
