"""A line of choices of which one is in force: a filter with how many there are of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import RenderResult
from textual.message import Message
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Chip:
    """One choice."""

    key: str
    label: str
    count: int | None = None
    troubled: bool = False


class Chips(Widget):
    """The choices in a line; a click takes one."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chips--current",
        "chips--quiet",
        "chips--trouble",
    }
    DEFAULT_CSS = """
    Chips {
        height: 1;
        padding: 0 1;
        & > .chips--current { color: $text; background: $panel; text-style: bold; }
        & > .chips--quiet { color: $text-muted; }
        & > .chips--trouble { color: $error; }
    }
    """

    class Picked(Message):
        """Another choice was taken."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._chips: Sequence[Chip] = ()
        self.current = ""

    def show(self, chips: Sequence[Chip], current: str) -> None:
        """Show choices, one of them in force."""
        if (list(chips), current) != (list(self._chips), self.current):
            self._chips, self.current = chips, current
            self.refresh()

    def step(self, by: int) -> None:
        """Take the next choice, or the one before."""
        keys = [chip.key for chip in self._chips]
        if self.current in keys:
            self.post_message(self.Picked(keys[(keys.index(self.current) + by) % len(keys)]))

    def render(self) -> RenderResult:
        """The line, cut where the room ends."""
        line = Text("", no_wrap=True, end="")
        for chip in self._chips:
            line.append_text(self._drawn(chip))
        return line

    def _drawn(self, chip: Chip) -> Text:
        name = "current" if chip.key == self.current else "trouble" if chip.troubled else "quiet"
        count = "" if chip.count is None else f" {chip.count:,}"
        style = self.get_component_rich_style(f"chips--{name}")
        return Text.assemble((f" {chip.label}{count} ", style))

    def on_click(self, event: events.Click) -> None:
        """Take the choice that was clicked."""
        place = event.get_content_offset(self)
        if place is None:
            return
        end = 0
        for chip in self._chips:
            end += self._drawn(chip).cell_len
            if place.x < end:
                self.post_message(self.Picked(chip.key))
                return
