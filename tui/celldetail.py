"""All of one value, plainly: a text with its lines, JSON laid out, a megabyte without a pause."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, chop_cells
from rich.text import Text
from textual import events, getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label, Log

from linkgraph.plaintext import plain
from queries.running import Stop
from tui.app import LinkgraphApp
from tui.calls import Calls
from tui.leaving import Leaving

if TYPE_CHECKING:
    from linkgraph.session import Session

#: Longer ones are shown as they are, not laid out.
_LAID_OUT = 200_000
_COPIED = 100_000


class CellScreen(Calls, Leaving, ModalScreen[None]):
    """A window with one value, to be read and copied."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss(None)", "Close", id="cell.close"),
        Binding("y", "copy", "Copy", id="cell.copy", tooltip="Copy the value"),
    ]
    DEFAULT_CSS = """
    CellScreen {
        align: center middle;
        & > Vertical {
            width: 90%; max-width: 120; height: auto; max-height: 90%;
            padding: 0 1; background: $surface; border: round $primary;
            & > Label { text-style: bold; padding-bottom: 1; }
            & > Log { height: auto; max-height: 100%; background: $surface; }
            & > .keys { color: $text-muted; padding-top: 1; text-style: none; }
        }
    }
    """

    app = getters.app(LinkgraphApp)

    def __init__(self, title: str, value: str) -> None:
        """`title` names the column, `value` is the text as it came."""
        super().__init__()
        self._title = title
        self._value = value

    def compose(self) -> ComposeResult:
        """The value below its title."""
        count = len(self._value)
        size = f" · {count:,} character{'' if count == 1 else 's'}"
        with Vertical():
            yield Label(Text.assemble(plain(self._title), (size, "not bold dim")))
            yield Log(max_lines=None)
            yield Label(Text("y copy · esc close"), classes="keys")

    def on_mount(self) -> None:
        """Scroll from the start."""
        log = self.query_one(Log)
        log.auto_scroll = False
        log.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Break the lines anew."""
        width = max(min(event.size.width * 9 // 10, 120) - 6, 10)

        def broken(session: Session, stop: Stop) -> list[str]:
            return lines_of(self._value, width)

        self.ask("lines", broken, self._show)

    def action_copy(self) -> None:
        """Copy the value."""
        self.app.copy_to_clipboard(self._value[:_COPIED])
        cut = len(self._value) > _COPIED
        self.app.say(f"the first {_COPIED:,} characters are copied" if cut else "copied")

    def _show(self, lines: list[str]) -> None:
        log = self.query_one(Log)
        log.clear()
        log.write_lines(lines, scroll_end=False)


def lines_of(value: str, width: int) -> list[str]:
    """A text as plain lines of at most `width` cells; JSON is laid out."""
    found: list[str] = []
    for line in _laid_out(value).split("\n"):
        text = plain(line, max(len(line), 1) * 10)
        if len(text) <= width and cell_len(text) <= width:
            found.append(text)
        elif text.isascii():
            found += [text[start : start + width] for start in range(0, len(text), width)]
        else:
            found += chop_cells(text, width)
    return found


def _laid_out(value: str) -> str:
    text = value.replace("\r\n", "\n")
    if text[:1] not in ("{", "[") or len(text) > _LAID_OUT:
        return text
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text
