"""What is typed in the search: text for the search, and keys that move among its cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.widgets import Input

from linkgraph.plaintext import plain

if TYPE_CHECKING:
    from tui.search import SearchScreen

LONGEST = 400
"""Characters of a text to look for: no name and no address is longer."""
_MOVES = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "ctrl+p": -1, "ctrl+n": 1}


class SearchInput(Input):
    """What is typed. It handles its keys itself, in order: none overtakes another."""

    def __init__(self, search: SearchScreen) -> None:
        super().__init__(
            placeholder="name, phone, e-mail, id, or a card's address", select_on_focus=False
        )
        self._search = search

    def on_key(self, event: events.Key) -> None:
        """Enter takes a card, arrows move among them; all else is typed."""
        if self._search.holds(event):
            event.stop().prevent_default()
        elif event.key == "enter":
            event.stop().prevent_default()
            self._search.take()
        elif event.key in _MOVES:
            event.stop().prevent_default()
            self._search.move(_MOVES[event.key])

    def on_paste(self, event: events.Paste) -> None:
        """Type the first line of it, plainly: an address brings a newline along now and then."""
        event.stop().prevent_default()
        if not self._search.holds(event):
            self.insert_text_at_cursor(plain(event.text.strip().partition("\n")[0], LONGEST))
