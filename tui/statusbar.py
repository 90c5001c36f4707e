"""The status line of every mode: whose account, how old, what waits, what runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import RenderResult
from textual.widget import Widget

from linkgraph.plaintext import plain
from tui.shown import age

if TYPE_CHECKING:
    from tui.app import LinkgraphApp


class StatusBar(Widget):
    """One line; what does not fit gives way from the right, warnings last."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "status--warning",
        "status--busy",
        "status--account",
        "status--quiet",
    }
    DEFAULT_CSS = """
    StatusBar {
        height: 1;
        background: $panel;
        color: $text;
        padding: 0 1;
        & > .status--warning { color: $warning; text-style: bold; }
        & > .status--busy { color: $accent; }
        & > .status--account { text-style: bold; }
        & > .status--quiet { color: $text-muted; }
    }
    """

    def on_mount(self) -> None:
        """Show the newest, now and whenever it changes."""
        app: LinkgraphApp = self.app  # type: ignore[assignment]
        app.status_changed.subscribe(self, lambda _: self.refresh())

    def render(self) -> RenderResult:
        """The line, cut to the width there is."""
        app: LinkgraphApp = self.app  # type: ignore[assignment]
        status = app.status
        warning = self.get_component_rich_style("status--warning", partial=True)
        busy = self.get_component_rich_style("status--busy", partial=True)
        quiet = self.get_component_rich_style("status--quiet", partial=True)
        parts: list[Text] = []
        if status.read_only:
            parts.append(Text("READ-ONLY", warning))
        name = self.get_component_rich_style("status--account", partial=True)
        parts.append(Text(plain(status.account, 40) or "no account", name))
        if status.snapshot is not None and status.taken_at is not None:
            old = age(status.taken_at, app.now())
            word = old if old == "just now" else f"{old} old"
            parts.append(Text(f"snapshot {status.snapshot}, {word}"))
        elif status.opening:
            parts.append(Text(status.opening, busy))
        elif status.mirrored is False:
            parts.append(Text("nothing mirrored yet", warning))
        if status.waiting:
            parts.append(Text(f"{status.waiting:,} queued", busy))
        else:
            parts.append(Text("queue empty", quiet))
        if status.conflicts:
            parts.append(Text(f"{status.conflicts:,} in conflict", warning))
        parts += [Text(plain(words), busy) for words in (status.push, status.sync) if words]
        line = Text(" · ", quiet).join(parts)
        line.truncate(max(1, self.content_size.width), overflow="ellipsis")
        line.no_wrap = True
        return line
