"""What a newcomer sees who has no account yet: the two ways to get one."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from linkgraph.errors import LinkgraphError
from linkgraph.plaintext import plain
from tui.keybar import KeyBar

_WAYS = (
    ("Try it without a CRM", "linkgraph demo", "A simulated account on this machine, mirrored."),
    (
        "Mirror your own account",
        "linkgraph account add work --url https://example.amocrm.ru",
        "Asks for a token without showing it, and says where the CRM makes one.",
    ),
)


class WelcomeScreen(Screen[None]):
    """Stands in for all modes while there is no account."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,escape", "app.quit", "Quit")]
    DEFAULT_CSS = """
    WelcomeScreen {
        align: center middle;
        & > VerticalScroll {
            width: 78; max-width: 96%; height: auto; max-height: 90%;
            padding: 1 3; background: $surface; border: round $primary;
        }
        & .title { text-style: bold; color: $primary; margin-bottom: 1; }
        & .problem { color: $text-muted; margin-bottom: 1; }
        & .way { margin-bottom: 1; }
    }
    """

    def __init__(self, problem: LinkgraphError | None) -> None:
        """`problem` is why there is no account."""
        super().__init__()
        self._problem = problem

    def compose(self) -> ComposeResult:
        """Why, and the ways out with a command each."""
        with VerticalScroll():
            yield Static(Text("linkgraph"), classes="title")
            if self._problem is not None:
                yield Static(Text(plain(self._problem.message, 300)), classes="problem")
            for title, command, told in _WAYS:
                text = Text.assemble((title, "bold"), f"\n  {command}\n", (f"  {told}", "dim"))
                yield Static(text, classes="way")
            yield Static(Text("Then start linkgraph again: it opens here."), classes="problem")
        yield KeyBar()
