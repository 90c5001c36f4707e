"""The mode «sql»: being built."""

from typing import Any

from textual.app import ComposeResult
from textual.widgets import Static

from tui.modes import ModeScreen


class SqlScreen(ModeScreen):
    """A place for what is being built."""

    MODE = "sql"

    def compose_body(self) -> ComposeResult:
        """Nothing yet."""
        yield Static("being built", markup=False)

    def open(self, ref: Any) -> None:
        """Take what others hand over."""

    def carry(self, text: str) -> None:
        """Take what others hand over."""
