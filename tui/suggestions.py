"""The list of words that complete what is being typed: it lies over all else, at the word's place.

It takes no focus: the editor keeps the keys and moves it.
"""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.geometry import Offset
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from linkgraph.plaintext import plain
from tui.completion import Completion, Suggestion

#: Lines and cells that are seen at once; a word and what is told of it have so many cells.
_LINES, _CELLS, _WORD, _TOLD = 9, 60, 40, 44


class Suggestions(OptionList, can_focus=False):
    """The list; hidden while there is nothing to offer."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"suggestions--sign", "suggestions--told"}
    DEFAULT_CSS = """
    Suggestions {
        display: none;
        overlay: screen;
        height: auto;
        padding: 0;
        border: none;
        background: $panel;
        color: $foreground;
        scrollbar-size-vertical: 1;
        & > .option-list--option { padding: 0 1; }
        & > .option-list--option-highlighted {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: none;
        }
        & > .suggestions--sign { color: $accent; }
        & > .suggestions--told { text-style: dim; }
    }
    """

    def __init__(self) -> None:
        super().__init__(markup=False, compact=True)
        self._completion: Completion | None = None
        self.moved = False
        """Whether one was chosen with the arrow keys, so that Enter means it."""

    @property
    def completion(self) -> Completion | None:
        """What is offered now; None while hidden."""
        return self._completion

    @property
    def chosen(self) -> Suggestion | None:
        """The suggestion under the cursor."""
        if self._completion is None or self.highlighted is None:
            return None
        return self._completion.suggestions[self.highlighted]

    def offer(self, completion: Completion, at: Offset, screen: Offset) -> None:
        """Show what is offered, below the word that begins `at`, or above it near the end."""
        self._completion, self.moved = completion, False
        suggestions = completion.suggestions
        word = min(max(cell_len(plain(one.text, _WORD)) for one in suggestions), _WORD)
        told = max((min(cell_len(one.told), _TOLD) for one in suggestions), default=0)
        width = min(word + told + (9 if told else 6), _CELLS, screen.x)
        lines = min(len(suggestions), _LINES, max(screen.y - 4, 1))
        self.set_options(Option(self._line(one, word, width - 3)) for one in suggestions)
        self.highlighted = 0
        below = at.y + 1 + lines <= screen.y
        self.styles.width, self.styles.max_height = width, lines
        place = Offset(
            max(0, min(at.x - 3, screen.x - width)), at.y + 1 if below else max(0, at.y - lines)
        )
        if place != self.absolute_offset:
            self.absolute_offset = place
            self.refresh(layout=True)
        self.display = True

    def hide(self) -> None:
        """Offer nothing."""
        if self._completion is not None:
            self._completion = None
            self.display = False

    def move(self, by: int) -> None:
        """Choose one further down or up; behind the last comes the first."""
        if self._completion is not None and self.highlighted is not None:
            self.highlighted = (self.highlighted + by) % len(self._completion.suggestions)
            self.moved = True

    def _line(self, one: Suggestion, word: int, width: int) -> Text:
        sign = self.get_component_rich_style("suggestions--sign", partial=True)
        quiet = self.get_component_rich_style("suggestions--told", partial=True)
        text = plain(one.text, _WORD)
        line = Text(no_wrap=True, overflow="ellipsis", end="")
        line.append(f"{one.sort.value} ", sign).append(text)
        if one.told:
            line.append(" " * (word - cell_len(text) + 2)).append(plain(one.told, _TOLD), quiet)
        line.truncate(width, overflow="ellipsis")
        return line
