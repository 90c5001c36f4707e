"""The SQL of a question, to be read, copied, or carried on into SQL mode."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Label, Static

from linkgraph.plaintext import plain
from tui.app import LinkgraphApp
from tui.leaving import Leaving
from tui.sqlcolours import PARTS, painted


class StatementScreen(Leaving, ModalScreen[bool]):
    """Shows a statement; its result says whether it is to be carried into SQL mode."""

    app = getters.app(LinkgraphApp)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,ctrl+j,ctrl+enter", "dismiss(True)", "To SQL", id="statement.carry",
            tooltip="Go on with it in SQL mode",
        ),
        Binding("y", "copy", "Copy", id="statement.copy", tooltip="Copy the statement"),
        Binding("escape,s,q", "dismiss(False)", "Close", id="statement.close"),
    ]  # fmt: skip
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"sql--{part}" for part in PARTS}
    DEFAULT_CSS = """
    StatementScreen {
        align: center middle;
        & > Vertical {
            width: 92%; max-width: 120; height: 90%; padding: 0 1;
            background: $surface; border: round $primary;
        }
        & .title { text-style: bold; padding-bottom: 1; }
        & VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
        & Horizontal { height: auto; padding-top: 1; }
        & Button { margin-right: 2; }
    }
    """

    def __init__(self, title: str, sql: str) -> None:
        super().__init__()
        self._title = title
        self._sql = sql

    def compose(self) -> ComposeResult:
        """The statement in colours, with what can be done with it."""
        with Vertical():
            yield Label(Text(plain(self._title, 200)), classes="title")
            with VerticalScroll():
                yield Static(painted(self._sql, (), self._style))
            with Horizontal():
                yield Button(Text("To SQL mode  ⏎"), variant="primary", id="carry", compact=True)
                yield Button(Text("Copy  y"), id="copy", compact=True)
                yield Button(Text("Close  esc"), id="close", compact=True)

    def on_mount(self) -> None:
        """The keys are for the statement first."""
        self.query_one(VerticalScroll).focus()

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"sql--{part}", partial=True)

    def action_copy(self) -> None:
        """Copy the statement."""
        self.app.copy_to_clipboard(self._sql)
        self.app.say("the statement is copied")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "copy":
            self.action_copy()
        else:
            self.dismiss(event.button.id == "carry")
