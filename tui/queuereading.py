"""What the mode «Edits» shows, read in one go: the edits of a filter, the pushes, the names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from linkgraph.edits.states import State
from linkgraph.wording.mirrored import card_lines
from tui.rows import Cards

if TYPE_CHECKING:
    from linkgraph.edits.entries import QueuedEdit
    from linkgraph.edits.pushbook import PushRecord
    from linkgraph.session import Session

#: Filters that are no state: what is not at its end, and what is.
ALL, DONE = "all", "done"
#: The states in which an edit is at its end.
ENDED = (State.VERIFIED, State.UNDONE, State.DROPPED)
#: Of those the newest so many are shown.
_MOST_DONE = 1_000
#: Names that are read along with the queue; the others as they come into view.
_NAMED = 120


@dataclass(frozen=True, slots=True)
class Loaded:
    """The queue as it stood."""

    edits: tuple[QueuedEdit, ...]
    counts: dict[State, int]
    pushes: tuple[PushRecord, ...]
    open_push: PushRecord | None
    cards: Cards


def read(session: Session, shown: str, known: Collection[Any]) -> Loaded:
    """Read the edits of a filter (`ALL`, `DONE` or a state); names that are not known already."""
    edits = session.edits
    if shown == DONE:
        found = edits.list(states=ENDED, limit=_MOST_DONE)[::-1]
    else:
        found = edits.list(states=None if shown == ALL else [State(shown)])
    pushes = edits.pushes()
    named = dict.fromkeys(ref for one in found[:_NAMED] for ref in (one.edit.a, one.edit.b))
    cards = card_lines(session, [ref for ref in named if ref not in known])
    return Loaded(tuple(found), session.edit_counts(), tuple(pushes), edits.open_push(), cards)
