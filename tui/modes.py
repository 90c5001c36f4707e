"""What the five modes have in common: the line of modes above, the status below, help, palette."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from tui.calls import Calls
from tui.statusbar import StatusBar

if TYPE_CHECKING:
    from tui.app import LinkgraphApp

#: The modes in the order of their keys: name, title.
TITLES = (
    ("browse", "Browse"),
    ("questions", "Questions"),
    ("sql", "SQL"),
    ("edits", "Edits"),
    ("changes", "Changes"),
)


class ModeTab(Static):
    """One mode in the top line; a click opens it."""

    ALLOW_SELECT = False

    def __init__(self, number: int, name: str, title: str) -> None:
        text = Content.assemble((f"{number}", "bold"), f" {title}")
        super().__init__(text, classes=f"mode-{name}", markup=False)
        self.mode = name

    def on_click(self, event: events.Click) -> None:
        """Open the mode."""
        event.stop()
        app: LinkgraphApp = self.app  # type: ignore[assignment]
        app.open_mode(self.mode)


class ModeBar(Horizontal):
    """The top line: which modes there are, and which one is open."""

    def __init__(self, current: str) -> None:
        super().__init__()
        self._current = current

    def compose(self) -> ComposeResult:
        """A tab a mode."""
        yield Static("linkgraph", id="brand")
        for number, (name, title) in enumerate(TITLES, 1):
            tab = ModeTab(number, name, title)
            tab.set_class(name == self._current, "-current")
            yield tab


class ModeScreen(Calls, Screen[None]):
    """A mode: its body between the line of modes and the status bar."""

    MODE: ClassVar[str]
    HELP = ""

    def compose(self) -> ComposeResult:
        """The frame, and the mode's own body in it."""
        yield ModeBar(self.MODE)
        with Vertical(id="body"):
            yield from self.compose_body()
        yield StatusBar()
        yield Footer(show_command_palette=False)

    def compose_body(self) -> ComposeResult:
        """What is between the top line and the status bar."""
        raise NotImplementedError

    def palette(self) -> Iterable[tuple[str, str, Callable[[], object]]]:
        """What the command palette offers here and now: «noun: Verb object», help, what to do."""
        return ()
