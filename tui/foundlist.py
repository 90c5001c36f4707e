"""The cards that a search shows, one a line; where there are none, what there is to say instead.

Drawn a line at a time, without any layout; the cursor moves by the search's input, which keeps the
focus. The part of a name that was typed is underlined, so that one sees why the card is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from linkgraph.model import EntityType, Ref
from linkgraph.plaintext import plain
from tui.lines import ink, spread
from tui.shown import GLYPHS

if TYPE_CHECKING:
    from queries.cardlines import CardLine
    from queries.lookup import Found

_NAME = 300
"""Characters kept of a name: more than any line has."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A card in the list."""

    ref: Ref
    name: str | None = None
    why: str = ""
    """By what it was found, where that is not its name"""
    note: str = ""
    """What a reader must know of it"""
    is_gone: bool = False

    @classmethod
    def of(cls, line: CardLine) -> Hit:
        """A card that nobody had to search for."""
        return cls(line.ref, line.name, "", line.note(), line.is_deleted)

    @classmethod
    def found(cls, one: Found) -> Hit:
        """A card that a search found."""
        why = "" if one.matched == "name" else f"by {one.matched}"
        return cls(one.ref, one.name, why, "deleted" if one.is_deleted else "", one.is_deleted)

    @property
    def is_sure(self) -> bool:
        """Whether no other goes before it: it was found by an id, a phone or an e-mail."""
        return bool(self.why) and not self.is_gone


class FoundList(Widget, can_focus=False):
    """Some cards and a cursor."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "found--cursor",
        "found--muted",
        *(f"found--{kind}" for kind in EntityType),
        "found--struck",
        "found--hit",
        "found--title",
        "found--trouble",
    }
    DEFAULT_CSS = """
    FoundList {
        height: 1fr;
        & > .found--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: bold;
        }
        & > .found--muted { color: $text-muted; }
        & > .found--lead { color: $primary; }
        & > .found--customer { color: $secondary; }
        & > .found--contact { color: $success; }
        & > .found--company { color: $warning; }
        & > .found--element { color: $text-muted; }
        & > .found--struck { color: $text-muted; text-style: strike; }
        & > .found--hit { text-style: underline; }
        & > .found--title { text-style: bold; }
        & > .found--trouble { color: $error; }
    }
    """

    class Clicked(Message):
        """A card was clicked."""

        def __init__(self, ref: Ref) -> None:
            super().__init__()
            self.ref = ref

    def __init__(self) -> None:
        super().__init__()
        self.hits: Sequence[Hit] = ()
        self.cursor = 0
        self._typed = ""
        self._words: Sequence[Text] = ()
        self._top = 0

    @property
    def current(self) -> Ref | None:
        """The card under the cursor."""
        return self.hits[self.cursor].ref if self.hits else None

    def show(self, hits: Sequence[Hit], typed: str = "", at: Ref | None = None) -> None:
        """Show cards, the cursor on the card `at` where it is among them, else on the first."""
        self.hits, self._typed, self._words = hits, typed.casefold(), ()
        self.cursor = next((place for place, hit in enumerate(hits) if hit.ref == at), 0)
        self._top = min(self._top, self.cursor)
        self.move(0)

    def tell(self, words: Sequence[Text]) -> None:
        """Show words instead; their styles are «muted», «title» or «trouble»."""
        self.hits, self._words, self.cursor, self._top = (), words, 0, 0
        self.refresh()

    def move(self, by: int) -> None:
        """Move the cursor, as far as there are cards."""
        self.cursor = min(max(self.cursor + by, 0), max(len(self.hits) - 1, 0))
        height = max(self.size.height, 1)
        self._top = min(max(self._top, self.cursor - height + 1), self.cursor)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line, as wide as the widget."""
        width, place = self.size.width, self._top + y
        base = self.rich_style
        if self.hits:
            line = self._drawn(place, width) if place < len(self.hits) else Text()
            if place == self.cursor:
                base += self._style("cursor")
        else:
            line = self._dressed(self._words[y]) if y < len(self._words) else Text()
        line.truncate(width, overflow="ellipsis", pad=True)
        return Strip(line.render(self.app.console), width).apply_style(base)

    def _drawn(self, place: int, width: int) -> Text:
        hit, at = self.hits[place], place == self.cursor
        left = Text(end="").append(f" {GLYPHS[hit.ref.type]} ", self._style(hit.ref.type, at))
        name = plain(hit.name, _NAME) if hit.name else str(hit.ref)
        begin = len(left)
        left.append(name, self._style("struck", at) if hit.is_gone else None)
        found = name.casefold().find(self._typed) if self._typed and not hit.why else -1
        if found >= 0:
            begin += found
            left.stylize(self._style("hit"), begin, begin + len(self._typed))
        told = "  ".join(filter(None, (hit.note, hit.why, str(hit.ref) if hit.name else "")))
        return spread(left, Text(f"{told} ", self._style("muted", at)), width)

    def _dressed(self, words: Text) -> Text:
        style = self._style(str(words.style)) if words.style else None
        return Text(no_wrap=True, end="").append(f" {words.plain}", style)

    def _style(self, name: str, at_cursor: bool = False) -> Style:
        """The style of a component; under the cursor the cursor's colours go before it."""
        if name == "cursor":
            return self.get_component_rich_style(f"found--{name}", partial=True)
        style = ink(self.get_component_rich_style(f"found--{name}"))
        if at_cursor or name == "hit":
            return Style(underline=style.underline, strike=style.strike)
        return style

    def on_click(self, event: events.Click) -> None:
        """Take the card that was clicked."""
        place = self._top + event.y
        if event.y >= 0 and place < len(self.hits):
            self.post_message(self.Clicked(self.hits[place].ref))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the cursor."""
        event.stop()
        self.move(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """And up again."""
        event.stop()
        self.move(-1)
