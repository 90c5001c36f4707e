"""Pushes a queue in a process of its own, to be killed: `python -m tests.edits.pusher`.

A line on stdin is a home and where to halt; a child is forked for it, which has nothing left to
import. Prints `pid N`, `here` where the child halts, `ended STATUS` when it is no more. A halted
child goes on at a line `go`; one that ended is reaped at a line `reap`, so that its id stays its
own until then.
"""

import os
import sys
import traceback
from pathlib import Path
from typing import NoReturn

import linkgraph.edits.pushes
import linkgraph.index.store
import linkgraph.mirror.reread  # noqa: F401 - imported before the fork
import queries.engine  # noqa: F401
from linkgraph.edits.pushing import PushProgress
from linkgraph.session import Session


def say(line: str) -> None:
    """A line to whoever started this, at once: buffers die with the process."""
    os.write(1, f"{line}\n".encode())


def heard() -> str:
    """The next line of stdin, read so that nothing of a later one is taken."""
    line = b""
    while not line.endswith(b"\n"):
        letter = os.read(0, 1)
        if not letter:
            sys.exit()
        line += letter
    return line.decode().strip()


class Halt:
    """Where a child halts: `marked:3` at the third request about to leave, or `PHASE:2`.

    A phase is one of `pushing.Phase`, counted by the times that it is told of.
    """

    def __init__(self, where: str) -> None:
        self.what, _, count = where.partition(":")
        self.left = int(count or 0)
        self._sent = 0

    def watch(self, progress: PushProgress) -> None:
        """Count a step of the push, and halt where it is the one."""
        marked = progress.sent > self._sent
        self._sent = progress.sent
        if (self.what == "marked" and marked) or self.what == progress.phase:
            self.left -= 1
            if self.left == 0:
                say("here")
                heard()


def push_all(home: Path, halt: Halt) -> None:
    """What `linkgraph edits push --yes` does: take up what was broken off, plan, push."""
    with Session.open(home=home) as session:
        taken_up = session.edits.resume(halt.watch)
        plan = session.edits.plan()
        pushed = session.edits.push(plan, halt.watch) if plan.changes else None
        for one in (taken_up, pushed):
            if one is not None and (one.outcome.error or one.unmirrored):
                raise RuntimeError(f"{one.outcome.error} {one.unmirrored}")


def child(home: Path, halt: Halt) -> NoReturn:
    """Push, and leave without running what the parent has to clean up."""
    try:
        push_all(home, halt)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def main() -> None:
    """Fork a child for every line."""
    say("ready")
    while True:
        home, _, where = heard().partition("\t")
        number = os.fork()
        if number == 0:
            child(Path(home), Halt(where))
        say(f"pid {number}")
        ended = os.waitid(os.P_PID, number, os.WEXITED | os.WNOWAIT)
        assert ended is not None  # without WNOHANG it waits
        say(f"ended {ended.si_status}")
        while heard() != "reap":
            pass  # a «go» that came too late
        os.waitpid(number, 0)


if __name__ == "__main__":
    main()
