"""One edit: both cards, what it carries, where it came from, and all that happened to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.editrows import story
from tui.pairdetail import PairScreen

if TYPE_CHECKING:
    from linkgraph.edits.entries import Event, QueuedEdit
    from linkgraph.session import Session
    from queries.running import Stop
    from tui.rows import Cards


class EditDetail(PairScreen):
    """Tells everything of an edit, with its history."""

    def __init__(self, edit: QueuedEdit) -> None:
        """`edit` is told of as it was read; its history as it is now."""
        verb = edit.edit.verb.value
        super().__init__(f"Edit #{edit.id} · {verb}", (edit.edit.a, edit.edit.b))
        self._edit = edit

    def on_mount(self) -> None:
        """Read the edit's history and its cards' names."""
        number, refs = self._edit.id, self._refs

        def read(session: Session, stop: Stop) -> tuple[list[Event], Cards]:
            from linkgraph.wording.mirrored import card_lines

            return session.edits.events([number]), card_lines(session, refs)

        self.ask("events", read, self._show)

    def _show(self, read: tuple[list[Event], Cards]) -> None:
        events, cards = read
        self.cards.cards.update(cards)
        self.tell(story(self._edit, events, self.cards.ink, cards, self.app.now()))
