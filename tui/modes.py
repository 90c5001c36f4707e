"""What the five modes have in common: the line of modes above, the status below, help, palette."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static, TextArea

from tui.calls import Calls
from tui.keybar import KeyBar
from tui.lacking import Lacking
from tui.leaving import Leaving
from tui.statusbar import StatusBar

if TYPE_CHECKING:
    from tui.app import LinkgraphApp

#: The modes in the order of their digits: name, title, and the letter that opens it with alt.
#: Alt+b would be a word to the left in most terminals.
TITLES = (
    ("browse", "Browse", "r"),
    ("questions", "Questions", "q"),
    ("sql", "SQL", "s"),
    ("edits", "Edits", "e"),
    ("changes", "Changes", "c"),
)


class ModeTab(Static):
    """One mode in the top line; a click opens it."""

    ALLOW_SELECT = False

    def __init__(self, number: int, name: str, title: str, letter: str) -> None:
        super().__init__(classes=f"mode-{name}", markup=False)
        self.mode = name
        self._number = str(number)
        self._title = title
        self._letter = letter

    def show_key(self, typing: bool) -> None:
        """Say which key opens the mode: a digit, or a letter with alt while one types."""
        key = self._letter if typing else self._number
        self.update(Content.assemble((key, "bold"), f" {self._title}"))

    def on_mount(self) -> None:
        """Nobody types yet."""
        self.show_key(typing=False)

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
        yield Static("alt+", id="alt")
        for number, (name, title, letter) in enumerate(TITLES, 1):
            tab = ModeTab(number, name, title, letter)
            tab.set_class(name == self._current, "-current")
            yield tab


class ModeScreen(Calls, Lacking, Leaving, Screen[None]):
    """A mode: its body between the line of modes and the status bar."""

    MODE: ClassVar[str]
    HELP = ""
    is_settling = False
    """Whether it shows very soon what the last key has led to: the next one is meant for that."""

    def compose(self) -> ComposeResult:
        """The frame, and the mode's own body in it."""
        yield ModeBar(self.MODE)
        with Vertical(id="body"):
            yield from self.compose_body()
        yield StatusBar()
        yield KeyBar()

    @abstractmethod  # Textual's metaclass heeds it not, mypy does
    def compose_body(self) -> ComposeResult:
        """What is between the top line and the status bar."""

    def on_descendant_focus(self) -> None:
        """Say how modes are opened while a digit would be written into a text."""
        typing = isinstance(self.focused, Input | TextArea)
        bar = self.query_one(ModeBar)
        if bar.has_class("-typing") != typing:
            bar.set_class(typing, "-typing")
            for tab in bar.query(ModeTab):
                tab.show_key(typing)

    def palette(self) -> Iterable[tuple[str, str, Callable[[], object]]]:
        """What the command palette offers here and now: «noun: Verb object», help, what to do."""
        return ()
