"""The way one came: a column of its own, or one line of crumbs where there is no room for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text
from textual import events
from textual.message import Message

from linkgraph.model import Ref
from tui.lines import Lines
from tui.shown import GLYPHS, name_of
from tui.walking import Walking

if TYPE_CHECKING:
    from queries.cardlines import CardLine

START = "⌂ Start"
#: Cards that one was at lately, at most.
_LATELY = 8


class Chosen(Message):
    """A step of the trail was clicked, so many steps back."""

    def __init__(self, back: int) -> None:
        super().__init__()
        self.back = back


@dataclass
class Wanted(Message):
    """A card beside the trail was clicked: the pinned one, or one of lately."""

    ref: Ref


class TrailColumn(Lines):
    """A line a step; below, the pinned card and where one was lately."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._targets: list[Message | None] = []

    def tell(self, walking: Walking, names: Mapping[Ref, CardLine]) -> None:
        """Show where one is."""
        lines, targets = [], []
        last = len(walking.trail) - 1
        room = max(self.size.height - 4, 3)
        for number, step in enumerate(walking.trail):
            if last - number >= room:
                continue
            here = number == last
            line = Text.assemble(("▌" if here else " ", "accent"))
            line.append_text(_card(step.ref, names, "title" if here else ""))
            lines.append(line)
            targets.append(Chosen(last - number))
        below: list[tuple[Text, Message | None]] = []
        if walking.pin is not None:
            below += [(Text(), None), (Text(" pinned", "muted"), None)]
            line = Text(" ").append_text(_card(walking.pin, names, ""))
            below.append((line, Wanted(walking.pin)))
        before = lately(walking)
        if before:
            below += [(Text(), None), (Text(" lately", "muted"), None)]
            below += [
                (Text(" ").append_text(_card(ref, names, "muted")), Wanted(ref)) for ref in before
            ]
        self._targets = [*targets, *(target for _, target in below)]
        self.show([*lines, *(line for line, _ in below)])

    def on_click(self, event: events.Click) -> None:
        """Go to what was clicked."""
        line = event.get_content_offset_capture(self).y
        if 0 <= line < len(self._targets) and (target := self._targets[line]) is not None:
            self.post_message(target)


class Crumbs(Lines):
    """The trail in one line; what lies far back gives way."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ends: list[int] = []

    def tell(self, walking: Walking, names: Mapping[Ref, CardLine]) -> None:
        """Show where one is."""
        self._ends = []
        parts: list[Text] = []
        room = max(self.size.width, 20) - 2
        for back, step in enumerate(reversed(walking.trail)):
            part = _card(step.ref, names, "title" if back == 0 else "muted")
            part.truncate(26, overflow="ellipsis")
            if part.cell_len + 3 > room and parts:
                parts.append(Text("…", "muted"))
                break
            room -= part.cell_len + 3
            parts.append(part)
        line = Text(" ")
        for number, part in enumerate(reversed(parts)):
            if number:
                line.append(" › ", "muted")
            line.append_text(part)
            self._ends.append(line.cell_len)
        if walking.pin is not None:
            line.append("   ⚑ ", "accent").append_text(_card(walking.pin, names, "muted"))
        self.show([line])

    def on_click(self, event: events.Click) -> None:
        """Go to the step that was clicked."""
        x = event.get_content_offset_capture(self).x
        for number, end in enumerate(self._ends):
            if x < end:
                self.post_message(Chosen(len(self._ends) - 1 - number))
                return


def _card(ref: Ref | None, names: Mapping[Ref, CardLine], style: str) -> Text:
    if ref is None:
        return Text.assemble((START, style))
    return Text.assemble(
        (f"{GLYPHS[ref.type]} ", ref.type.value), (name_of(ref, names.get(ref)), style)
    )


def named(walking: Walking) -> list[Ref]:
    """The cards whose names stand beside the list."""
    pin = [] if walking.pin is None else [walking.pin]
    return [*walking.way, *pin, *lately(walking)]


def lately(walking: Walking) -> list[Ref]:
    """The cards one was at lately, the newest first, without those of the trail."""
    seen = {walking.pin, *walking.way}
    found: dict[Ref, None] = {}
    for trail in reversed(walking.trails):
        ref = trail[-1].ref
        if ref is not None and ref not in seen:
            found[ref] = None
    return list(found)[:_LATELY]
