"""Queues of edits for the browser's tests: real journals, filled without a browser."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from linkgraph.edit import Edit
from linkgraph.edits.entries import Base, Entry, Origin, QueuedEdit, Source
from linkgraph.edits.states import State
from linkgraph.model import Metadata, Ref
from tests.tui.driving import LATER, app_of
from tests.tui.homes import session_of
from tui.app import LinkgraphApp

BROWSER = Origin(Source.BROWSER)
#: When, and by whom, edits are queued where the time is to stand still.
AT = datetime.fromisoformat("2024-03-01T09:30:00")
BY = "anna"


def queue(home: Path, *texts: str, origin: Origin = BROWSER) -> list[QueuedEdit]:
    """Queue edits in the words of `Edit.parse`; returns them as they stand."""
    with session_of(home) as session:
        queued = session.edits.add([Entry(Edit.parse(text), origin) for text in texts])
        return list(queued.edits)


def states(home: Path) -> dict[str, State]:
    """Every edit there ever was, with its state."""
    with session_of(home) as session:
        return {str(one.edit): one.state for one in session.edits.list(states=list(State))}


def stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the journal of this test write one person and one time, for pictures of it."""
    ticks = iter(range(100_000))
    monkeypatch.setattr("linkgraph.edits.journal.now", lambda: AT + timedelta(seconds=next(ticks)))
    monkeypatch.setattr("linkgraph.edits.journal.person", lambda: BY)


def still_app(home: Path) -> LinkgraphApp:
    """A browser in the mode «Edits» whose clock stands two hours after `AT`.

    The snapshot is younger than that, so that its age is none however long it was made ago.
    """
    app = app_of(session_of(home), "edits")
    app.now = lambda: AT.replace(tzinfo=UTC) + LATER
    return app


def fill(home: Path) -> None:
    """Queue an edit in every state, with hostile cards and answers among them."""
    queue(home, "main lead:101 contact:202", "link lead:104 contact:201 main=yes")
    queue(home, "link lead:106 company:302", origin=Origin(Source.FILE, "links.csv:7"))
    wanted: Iterable[tuple[str, State, str]] = (
        ("link lead:104 element:7/701 quantity=2.5", State.PLANNED, "planned at 09:30"),
        ("unlink lead:103 contact:201", State.SENT, "push 3"),
        ("link lead:105 contact:202", State.FAILED, "refused: \x1b[31m[red]no such card[/x]"),
        ("unlink customer:401 company:301", State.UNKNOWN, "sent, and no answer was seen"),
        ("unlink lead:102 company:302", State.VERIFIED, "read back: not linked"),
        ("link contact:204 company:302", State.DROPPED, "replaced by #12"),
    )
    with session_of(home) as session:
        journal = session.edits.journal
        for text, state, reason in wanted:
            origin = Origin(Source.QUESTION, "leads-without-company")
            (edit,) = session.edits.add([Entry(Edit.parse(text), origin)]).edits
            journal.move([edit.id], state, reason)
        (edit,) = session.edits.link("lead:101", "element:7/702", quantity=4).edits
        reason = "was linked, quantity 1.5 when it was queued, is linked, quantity 9 now"
        journal.conflict(edit.id, Base(Metadata(quantity=9.0, price_id=901)), reason)
        (edit,) = session.edits.link("lead:105", "company:301").edits
        holders = (Ref.parse("company:303"),)
        journal.conflict(
            edit.id,
            Base(None, holders),
            "was free when it was queued, is taken by company:303 now",
        )
