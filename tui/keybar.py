"""The last line of every mode: the keys that do something here, in a line that is painted.

Textual's own footer makes a widget a key, and all of them anew whenever one key more makes sense:
that takes longer than a step in Browse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class _Key:
    """A key as the line tells it."""

    key: str
    shown: str
    does: str
    tooltip: str
    makes_sense: bool

    @property
    def width(self) -> int:
        return len(self.shown) + len(self.does) + 3


class KeyBar(Widget):
    """Keys and what they do; a click presses one. What has no room is in the help."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--key", "keys--does", "keys--hover"}
    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        height: 1;
        background: $panel;
        & > .keys--key {
            color: $footer-key-foreground;
            background: $panel;
            text-style: bold;
        }
        & > .keys--does { color: $footer-description-foreground; background: $panel; }
        & > .keys--hover { background: $block-hover-background; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[_Key, ...] = ()
        self._under_mouse: _Key | None = None

    @property
    def text(self) -> str:
        """What is shown, without styles."""
        return "".join(f" {key.shown} {key.does} " for key in self._keys)

    def on_mount(self) -> None:
        """Tell the keys, now and whenever others make sense."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self._tell())
        self._tell()

    def _tell(self) -> None:
        if self.is_attached and self.app.app_focus:
            self.call_after_refresh(self._gather)

    def _gather(self) -> None:
        if not self.is_attached:  # the screen has been left since
            return
        found: dict[str, _Key] = {}
        for _, binding, enabled, tooltip in self.screen.active_bindings.values():
            if binding.show and binding.action not in found:
                shown = self.app.get_key_display(binding)
                found[binding.action] = _Key(
                    binding.key, shown, binding.description, tooltip, enabled
                )
        keys = tuple(found.values())
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The keys, from the left."""
        width, base = self.size.width, self.rich_style
        styles = [self.get_component_rich_style(f"keys--{name}") for name in ("key", "does")]
        hover = Style(bgcolor=self.get_component_rich_style("keys--hover").bgcolor)
        segments = []
        for key in self._keys:
            for style, text in zip(styles, (f" {key.shown} ", f"{key.does} "), strict=True):
                if key is self._under_mouse:
                    style += hover
                if not key.makes_sense:
                    style += Style(dim=True)
                segments.append(Segment(text, base + style))
        return Strip(segments).adjust_cell_length(width, base)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say more of the key under the mouse."""
        self._point_at(self._at(event.x))

    def on_leave(self) -> None:
        """The mouse has gone."""
        self._point_at(None)

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        key = self._at(event.x)
        if key is not None and key.makes_sense:
            self.app.simulate_key(key.key)

    def _at(self, x: int) -> _Key | None:
        for key in self._keys:
            x -= key.width
            if x < 0:
                return key
        return None

    def _point_at(self, key: _Key | None) -> None:
        if key is not self._under_mouse:
            self._under_mouse = key
            self.tooltip = key.tooltip if key is not None and key.tooltip else None
            self.refresh()
