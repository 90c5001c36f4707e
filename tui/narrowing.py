"""Which links of a card are listed: chosen by relation, or by a part of their names, or by both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui.dialog import Dialog
from tui.walking import Narrowing


class NarrowingScreen(Dialog[Narrowing]):
    """Up and down choose a relation, letters a part of the name, Enter takes both."""

    BINDING_GROUP_TITLE = "Filter"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="filter.close"),
        Binding("up", "cursor(-1)", "Up", show=False, id="filter.up", priority=True),
        Binding("down", "cursor(1)", "Down", show=False, id="filter.down", priority=True),
    ]
    DEFAULT_CSS = """
    NarrowingScreen {
        & > Vertical { width: 44; max-height: 80%; }
        & Input { margin-bottom: 1; }
        & OptionList {
            height: auto; max-height: 100%; border: none; padding: 0; background: transparent;
        }
    }
    """

    def __init__(self, relations: Sequence[tuple[str, str, int]], now: Narrowing) -> None:
        """`relations` are each with its word, what its cards are called, and how many there are."""
        super().__init__()
        total = sum(count for _, _, count in relations)
        self._relations = [("", "all", total), *relations]
        self._now = now

    def compose(self) -> ComposeResult:
        """A part of the name, and the relations with their counts."""
        with Vertical():
            yield Input(self._now.text, placeholder="part of a name", compact=True)
            yield OptionList(
                *(Option(Text(f"{title:<22}{count:>12,}")) for _, title, count in self._relations)
            )

    def on_mount(self) -> None:
        """Begin with what is listed now."""
        words = [word for word, _, _ in self._relations]
        options = self.query_one(OptionList)
        options.can_focus = False
        options.highlighted = words.index(self._now.relation) if self._now.relation in words else 0

    def action_cursor(self, by: int) -> None:
        """Choose another relation."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if by > 0 else options.action_cursor_up()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take both."""
        event.stop()
        self._take(self.query_one(OptionList).highlighted or 0)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A relation was clicked."""
        event.stop()
        self._take(event.option_index)

    def _take(self, number: int) -> None:
        text = self.query_one(Input).value.strip()
        self.dismiss(Narrowing(self._relations[number][0], text))
