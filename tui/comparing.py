"""A list to choose from with which earlier snapshot one is compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from queries.timeline import SyncEntry
from tui.dialog import Dialog
from tui.shown import age


class ComparingScreen(Dialog[int]):
    """Asks for a snapshot; dismissed with its number."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="comparing.close"),
        Binding("j", "app.simulate_key('down')", "Down", show=False),
        Binding("k", "app.simulate_key('up')", "Up", show=False),
    ]
    DEFAULT_CSS = """
    ComparingScreen {
        & > Vertical { width: 60; max-width: 90%; max-height: 80%; border: round $accent; }
        & Label { text-style: bold; margin-bottom: 1; }
        & OptionList { height: auto; max-height: 16; border: none; background: $surface; }
    }
    """

    def __init__(
        self, number: int, earlier: Sequence[SyncEntry], chosen: int | None, now: datetime
    ) -> None:
        """`earlier` are the snapshots kept before `number`; `chosen` the one in use."""
        super().__init__()
        self._number = number
        self._earlier = earlier
        self._chosen = chosen
        self._now = now

    def compose(self) -> ComposeResult:
        """The snapshots, newest first."""
        with Vertical():
            yield Label(Text(f"Compare snapshot {self._number} with"))
            yield OptionList(
                *(Option(self._line(entry), str(entry.number)) for entry in self._earlier)
            )

    def on_mount(self) -> None:
        """Begin at the one in use."""
        options = self.query_one(OptionList)
        numbers = [entry.number for entry in self._earlier]
        options.highlighted = numbers.index(self._chosen) if self._chosen in numbers else 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take it."""
        self.dismiss(int(event.option.id or 0))

    def _line(self, entry: SyncEntry) -> Text:
        moment = (entry.finished_at or entry.started_at).replace(tzinfo=UTC)
        old = age(moment, self._now)
        text = Text(f"{entry.number:>4}   {old:<9}", no_wrap=True)
        text.append(f"  {moment:%Y-%m-%d %H:%M} UTC", "dim")
        return text.append("   in use", "dim") if entry.number == self._chosen else text
