"""Killing a push at a chosen moment, and telling afterwards which moment it was.

What a kill hit is told from the journal as the dead process left it and from the requests that the
account got, never from what was aimed at.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from linkgraph.edits.journal import Journal
from linkgraph.edits.pushbook import OPEN_PUSHES, Item, PushBook, records
from linkgraph.edits.states import State
from linkgraph.simulator import Simulator
from linkgraph.simulator.requestlog import LoggedRequest
from tests.edits.sentagain import item_key, keys_of

ROOT = Path(__file__).parents[2]
#: A minute: a machine may be busy, but a push that takes so long will never come.
PATIENCE = 60.0
WRITES = r"POST .*/(link|unlink)$"
READS = r"GET .*/links"


class Stage(StrEnum):
    """Where a push was when it was killed."""

    PLANNING = "planning"
    """Nothing was written down of the push yet."""
    PLANNED = "planned"
    """The push was written down, nothing of it was sent."""
    MARKED = "marked sent"
    """A change was marked as sent, and its request never arrived."""
    IN_FLIGHT = "in flight"
    """A request had arrived, and was not applied."""
    UNANSWERED = "applied but unanswered"
    READ_BACK = "read-back"
    """All that was sent was answered, and the reading back had begun."""
    UNREAD = "answered, unread"
    """An answer was on its way."""
    SETTLING = "settling"
    """An earlier kill's outcome was being found out."""
    BETWEEN = "between"
    PUBLISHING = "publishing"
    """The push was at its end, the snapshot that shows it was not."""


#: The stages of which the kill test must have seen enough.
NAMED = (Stage.PLANNED, Stage.MARKED, Stage.IN_FLIGHT, Stage.UNANSWERED, Stage.READ_BACK)


@dataclass(frozen=True, slots=True)
class Aim:
    """When to kill: where the process halts, when a fault has fired, after some seconds."""

    halt: str = ""
    fault: dict[str, Any] = field(default_factory=dict)
    after_a_write: bool = False
    """Whether the fault is set only when a write has arrived."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Kill:
    """A process that was killed, and what it left."""

    began: float
    died: float
    """By the monotonic clock of the machine, as is the log's."""
    pushes: int
    """How many pushes are in the journal."""
    is_open: bool
    items: tuple[Item, ...]
    """The changes of the last of them."""


class Pushers:
    """A process that forks another for every push."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.edits.pusher"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            bufsize=0,
        )
        self._heard = b""
        assert self._line() == "ready"
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()
        self._process.wait()

    def kill(self, home: Path, aim: Aim, simulator: Simulator) -> Kill | None:
        """Push the queue of a home and kill it; None where it came to its end before that."""
        began = time.monotonic()
        self._say(f"{home}\t{aim.halt}")
        pid = int(self._line().removeprefix("pid "))
        line = self._line() if aim.halt else ""
        if not line.startswith("ended"):
            line = self._wait(aim, simulator, began)
        if not line.startswith("ended"):
            time.sleep(aim.seconds)
            os.kill(pid, signal.SIGKILL)
            line = self._line()
        while not line.startswith("ended"):
            line = self._line()  # it came to where it halts in that very moment
        died = time.monotonic()
        self._say("reap")
        status = int(line.removeprefix("ended "))
        assert status in (0, signal.SIGKILL), "the push failed; its error is on stderr"
        simulator.clear_faults()
        return None if status == 0 else _left_by(home, began, died)

    def _wait(self, aim: Aim, simulator: Simulator, began: float) -> str:
        """Until the fault has fired, or the process has said something."""
        if not aim.fault:
            return ""
        while aim.after_a_write and not any(
            entry["method"] == "POST" and entry["monotonic"] > began
            for entry in simulator.requests()
        ):
            if line := self._line(0.001):
                return line
        fault = simulator.fault(**aim.fault)
        if aim.halt:
            self._say("go")
        while not fault.fired:
            if line := self._line(0.001):
                return line
        return ""

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())

    def _line(self, seconds: float = PATIENCE) -> str:
        """The next line; nothing where none comes in so many seconds."""
        assert self._process.stdout is not None
        end = time.monotonic() + seconds
        while b"\n" not in self._heard:
            left = end - time.monotonic()
            if left < 0 or not select.select([self._process.stdout], [], [], left)[0]:
                assert seconds < PATIENCE, "nothing was heard of the push for a minute"
                return ""
            heard = os.read(self._process.stdout.fileno(), 4096)
            assert heard, "the process that forks the pushes is gone"
            self._heard += heard
        line, _, self._heard = self._heard.partition(b"\n")
        return line.decode()


def account_file(home: Path) -> Path:
    """Where the journal of the only account of a home is."""
    return next(home.rglob("account.sqlite"))


def _left_by(home: Path, began: float, died: float) -> Kill:
    with Journal(account_file(home)) as journal:
        pushes = records(journal)
        if not pushes:
            return Kill(began, died, 0, False, ())
        items = PushBook.of(journal, pushes[0].id).items
        return Kill(began, died, len(pushes), pushes[0].state in OPEN_PUSHES, tuple(items))


# Which moment it was


def stage_of(kill: Kill, log: Sequence[LoggedRequest]) -> Stage:
    """The stage that a kill hit: the first of those of which there is a witness.

    Args:
        kill: what was left.
        log: all requests of the run, when none is under way any more.
    """
    if not kill.is_open:
        return Stage.PUBLISHING if kill.pushes else Stage.PLANNING
    if all(item.state is State.PLANNED and not item.tries for item in kill.items):
        return Stage.PLANNED
    asked = [item for item in kill.items if item.state is State.SENT and not item.answer]
    if asked:
        found = {_fate(item, kill, log) for item in asked}
        order = (Stage.MARKED, Stage.IN_FLIGHT, Stage.UNANSWERED, Stage.UNREAD)
        return next(stage for stage in order if stage in found)
    if any(item.state is State.UNKNOWN for item in kill.items):
        return Stage.SETTLING
    own = [one for one in log if kill.began < one["monotonic"] < kill.died]
    if own and own[-1]["method"] == "GET" and any(one["method"] == "POST" for one in own):
        return Stage.READ_BACK
    return Stage.BETWEEN


def _fate(item: Item, kill: Kill, log: Sequence[LoggedRequest]) -> Stage:
    """What had become of the last request with a change when the kill came."""
    held = [one for one in log if item_key(item) in keys_of(one) and one["monotonic"] <= kill.died]
    if len(held) < item.tries:
        return Stage.MARKED
    last = held[-1]
    if last["applied_at"] is None or last["applied_at"] > kill.died:
        return Stage.IN_FLIGHT
    if last["answered_at"] is None or last["answered_at"] > kill.died:
        return Stage.UNANSWERED
    return Stage.UNREAD
