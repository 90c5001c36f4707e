"""One of several processes at an account: `python -m tests.edits.worker HOME WHAT [WHERE]`.

`queue link` and `queue company` queue twenty edits each, one by one; `push` plans and pushes;
`sync` mirrors. Each prints `here` once, where it is told to halt, and goes on at a line on stdin;
then it prints `done`. Queueing halts half-way, a push or a sync where its phase is WHERE.
"""

import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from linkgraph.errors import HomeUnusable
from linkgraph.session import Session

#: Leads for each of the two that queue: half of them before the halt, half after.
LEADS = {"link": range(1, 21), "company": range(21, 41)}


def halt() -> None:
    """Say that this is the place, and wait."""
    sys.stdout.write("here\n")
    sys.stdout.flush()
    sys.stdin.readline()


def halting_at(phase: str) -> Callable[[Any], None]:
    """A watcher of pushes or syncs that halts when a phase is told of first."""
    left = [phase]

    def watch(progress: Any) -> None:
        if left and progress.phase == left[0]:
            left.clear()
            halt()

    return watch


def queue(session: Session, kind: str) -> None:
    """Queue an edit for each of the leads."""
    for place, lead in enumerate(LEADS[kind]):
        if place == len(LEADS[kind]) // 2:
            halt()
        other = f"contact:{lead + 101}" if kind == "link" else f"company:{201 + lead % 3}"
        session.edits.link(f"lead:{lead}", other)


def push_on_a_full_disk(session: Session) -> None:
    """Push, and let no file of the journal grow any more once some edits were sent."""
    plan = session.edits.plan()
    log = session.account.folder / "account.sqlite-wal"

    def watch(progress: Any) -> None:
        if progress.phase == "sending" and progress.sent > 10:
            resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, resource.RLIM_INFINITY))

    try:
        session.edits.push(plan, watch)
    except HomeUnusable as error:
        sys.stdout.write(f"{error.message}\n")


def main() -> None:
    """Do what is asked."""
    home, what, where = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    with Session.open(home=home) as session:
        if what == "queue":
            queue(session, where)
        elif where == "full disk":
            push_on_a_full_disk(session)
        elif what == "push":
            pushed = session.edits.push(session.edits.plan(), halting_at(where))
            assert pushed.outcome.error is None, pushed.outcome.error
            assert not pushed.unmirrored, pushed.unmirrored
        else:
            session.sync(watch=halting_at(where))
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main()
