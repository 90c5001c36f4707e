"""A question that is answered by yes or no, and never by the key that brought it up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Label, Static

from linkgraph.plaintext import plain
from tui.leaving import Leaving


class ConfirmScreen(Leaving, ModalScreen[bool]):
    """Asks; `y` or the button says yes, `n` and escape say no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes", id="confirm.yes"),
        Binding("n,escape", "dismiss(False)", "No", id="confirm.no"),
    ]
    DEFAULT_CSS = """
    ConfirmScreen {
        align: center middle;
        & > Vertical {
            width: 76; max-width: 90%; height: auto; max-height: 90%;
            padding: 1 2; background: $surface; border: round $warning;
        }
        & .title { width: 1fr; text-style: bold; margin-bottom: 1; }
        & .lines { width: 1fr; margin-bottom: 1; }
        & Horizontal { height: auto; width: auto; }
        & Button { margin-right: 2; }
    }
    """

    def __init__(self, title: str, lines: Sequence[str | Text] = (), yes: str = "Yes") -> None:
        """`title` is the question, `lines` what there is to know before it is answered."""
        super().__init__()
        self._title = title
        self._lines = lines
        self._yes = yes

    def compose(self) -> ComposeResult:
        """The question in the middle of the screen."""
        told = Text("\n").join(
            line if isinstance(line, Text) else Text(plain(line, 400)) for line in self._lines
        )
        with Vertical():
            yield Label(Text(plain(self._title, 400)), classes="title")
            if self._lines:
                yield Static(told, classes="lines", markup=False)
            with Horizontal():
                yield Button(Text(f"{self._yes}  y"), variant="warning", id="yes")
                yield Button(Text("No  esc"), id="no")

    def on_mount(self) -> None:
        """Enter says no: a yes is meant."""
        self.query_one("#no", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by the mouse."""
        self.dismiss(event.button.id == "yes")
