"""The editor of SQL: colours, a mark where DuckDB found a mistake, words that complete themselves.

Offsets into its text count characters, a line's end being one. What is typed, pasted or put in is
kept as it is, but for control characters: those are nothing in SQL and much in a terminal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.document._document import EditResult, Location
from textual.document._edit import Edit
from textual.geometry import Offset, Region
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from tui.completion import Vocabulary, complete
from tui.sqlcolours import PARTS, Part, coloured, visible
from tui.suggestions import Suggestions

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_WORD = re.compile(r"\w+(?:\.\w+)*|\S|$")


class SqlEditor(TextArea):
    """Where SQL is written."""

    BINDING_GROUP_TITLE = "Editor"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+space,ctrl+@",
            "suggest",
            "Complete",
            show=False,
            key_display="^space",
            tooltip="Offer what completes the word; Tab takes it",
            id="sql.complete",
        ),
        Binding(
            "ctrl+slash,ctrl+underscore",
            "comment",
            "Comment",
            show=False,
            key_display="^/",
            tooltip="Make comments of the lines, or statements again",
            id="sql.comment",
        ),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "sql--mistake",
        *(f"sql--{part}" for part in PARTS),
    }
    DEFAULT_CSS = """
    SqlEditor {
        border: none;
        padding: 0 0 0 1;
        background: $background;
        scrollbar-size: 1 1;
        &:focus { border: none; }
        & .sql--mistake { background: $error; color: $background; text-style: bold underline; }
    }
    """

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        self._mistake: int | None = None
        self.vocabulary = Vocabulary()
        """What completes a word, and which tables are coloured."""
        super().__init__(
            clean(text),
            id=id,
            soft_wrap=True,
            tab_behavior="indent",
            show_line_numbers=True,
            placeholder="write SQL here; it only reads",
        )

    # The text, by offsets

    @property
    def sql(self) -> str:
        """All that is written, its lines ended by newlines."""
        return "\n".join(self.document.lines)

    @property
    def place(self) -> int:
        """The offset of the cursor."""
        return self.offset_of(self.cursor_location)

    @property
    def selected(self) -> tuple[int, int]:
        """Where the selection begins and ends; the same twice where there is none."""
        start, end = sorted(map(self.offset_of, self.selection))
        return start, end

    def offset_of(self, location: Location) -> int:
        """The offset of a line and column."""
        row, column = location
        return sum(len(line) + 1 for line in self.document.lines[:row]) + column

    def location_of(self, offset: int) -> Location:
        """The line and column of an offset."""
        for row, line in enumerate(self.document.lines):
            if offset <= len(line):
                return row, max(offset, 0)
            offset -= len(line) + 1
        return self.document.end

    def know(self, vocabulary: Vocabulary) -> None:
        """Complete with other words from now on, and colour other tables."""
        self.vocabulary = vocabulary
        self._build_highlight_map()
        self.refresh()

    def put(self, text: str, *, place: int | None = None) -> None:
        """Write a text in the place of all that stands here; it can be undone."""
        self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)
        self.go(len(self.sql) if place is None else place)

    def write(self, text: str) -> None:
        """Write a text at the cursor, in the place of what is selected."""
        result = self.replace(text, *self.selection, maintain_selection_offset=False)
        self.move_cursor(result.end_location)

    def go(self, offset: int) -> None:
        """Put the cursor at an offset."""
        self.move_cursor(self.location_of(offset))

    # The mistake

    def mark(self, offset: int) -> None:
        """Mark the word at an offset as a mistake, until something is typed."""
        row, column = self.location_of(offset)
        word = _WORD.match(self.document.get_line(row), column)
        end = max(word.end() if word else column, column + 1)
        if word and word.start() == word.end():  # nothing there: the end is what is wrong
            column, end = max(0, column - 1), max(1, column)
        self._build_highlight_map()
        self._mistake = row
        self._colour(row, [(column, end, "mistake")])
        _, y = self.wrapped_document.location_to_offset((row, column))
        if not 0 <= y - self.scroll_offset.y < self.size.height:
            self.scroll_to(y=max(0, y - self.size.height // 2), animate=False)
        self.refresh()

    def unmark(self) -> None:
        """Mark nothing."""
        if self._mistake is not None:
            self._build_highlight_map()
            self.refresh()

    # How it looks

    def get_line(self, line_index: int) -> Text:
        """A line, every character of it visible."""
        return Text(visible(self.document.get_line(line_index)), end="", no_wrap=True)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines in the colours of the app's theme."""
        self._theme.syntax_styles = {
            part: self.get_component_rich_style(f"sql--{part}", partial=True)
            for part in (*PARTS, "mistake")
        }
        return super().render_lines(crop)

    def _build_highlight_map(self) -> None:
        # What TextArea calls whenever its text changed. Tree-sitter's SQL is not DuckDB's, and does
        # not know which tables there are.
        super()._build_highlight_map()
        self._mistake = None
        for row, parts in coloured(self.sql, self.vocabulary.sources).items():
            self._colour(row, parts)

    def _colour(self, row: int, parts: Iterable[Part]) -> None:
        line = visible(self.document.get_line(row))
        if line.isascii():
            self._highlights[row] += parts
            return
        for start, end, part in parts:  # TextArea counts bytes
            begin, stop = (len(line[:at].encode()) for at in (start, end))
            self._highlights[row].append((begin, stop, part))

    def edit(self, edit: Edit) -> EditResult:
        """Change the text; control characters stay out of it."""
        edit.text = clean(edit.text)
        return super().edit(edit)

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Whether a key is a letter here; Textual does not know that of the slash."""
        return super().check_consume_key(key, character) or key == "slash"

    # What is offered

    @property
    def suggestions(self) -> Suggestions:
        """The list over the editor."""
        return self.screen.query_one(Suggestions)

    def action_suggest(self) -> None:
        """Offer what completes the word, be it not begun."""
        self._suggest(asked=True)

    def action_comment(self) -> None:
        """Make comments of the selected lines, or of the cursor's; of comments, statements."""
        (top, _), (bottom, column) = sorted(self.selection)
        last = bottom - 1 if column == 0 and bottom > top else bottom
        lines = self.document.lines[top : last + 1]
        written = [line for line in lines if line.strip()]
        if all(line.lstrip().startswith("--") for line in written):
            new = [re.sub(r"^(\s*)-- ?", r"\1", line) for line in lines]
        else:
            new = [f"-- {line}" if line.strip() else line for line in lines]
        before = self.selection
        self.replace("\n".join(new), (top, 0), (last, len(lines[-1])))
        moved = [
            (row, max(0, at + len(self.document.get_line(row)) - len(lines[row - top])))
            if top <= row <= last and at
            else (row, at)
            for row, at in before
        ]
        self.selection = Selection(*moved)

    def action_delete_left(self) -> None:
        """Delete a character; what is offered follows."""
        super().action_delete_left()
        if self.suggestions.completion is not None:
            self._suggest(asked=False)

    async def _on_key(self, event: events.Key) -> None:
        suggestions = self.suggestions
        if suggestions.completion is not None and self._is_for_list(event.key):
            event.stop()
            event.prevent_default()
            return
        if event.key == "escape":  # for the screen; TextArea would go to the next widget
            event.prevent_default()
            self._restart_blink()
            return
        await super()._on_key(event)
        event.prevent_default()
        if event.is_printable and event.character is not None:
            self._suggest(asked=False)
        elif event.key in ("enter", "tab"):
            suggestions.hide()

    def _is_for_list(self, key: str) -> bool:
        """Do what a key does to the list of suggestions; False: it does nothing to it."""
        suggestions = self.suggestions
        if key in ("up", "down"):
            suggestions.move(1 if key == "down" else -1)
        elif key == "escape":
            suggestions.hide()
        elif key == "tab" or (key == "enter" and suggestions.moved):
            self.accept()
        else:
            return False
        return True

    def accept(self) -> None:
        """Write the chosen suggestion."""
        completion, chosen = self.suggestions.completion, self.suggestions.chosen
        self.suggestions.hide()
        if completion is None or chosen is None:
            return
        start, end = map(self.location_of, (completion.start, completion.end))
        after = self.document.get_line(end[0])[end[1] : end[1] + 1]
        text = chosen.text
        if text[-1:] in ("(", "'") and after == text[-1]:
            text = text[:-1]
        result = self.replace(text, start, end, maintain_selection_offset=False)
        self.move_cursor(result.end_location)

    def _suggest(self, *, asked: bool) -> None:
        found = None
        if self.selection.is_empty:
            found = complete(self.sql, self.place, self.vocabulary, asked=asked)
        if found is None:
            self.suggestions.hide()
            return
        at = self.cursor_screen_offset - Offset(found.end - found.start, 0)
        self.suggestions.offer(found, at, Offset(*self.screen.size))

    @on(TextArea.SelectionChanged)
    def _cursor_moved(self, event: TextArea.SelectionChanged) -> None:
        completion = self.suggestions.completion
        if completion is not None and self.place != completion.end:
            self.suggestions.hide()

    def _on_blur(self, event: events.Blur) -> None:
        self.suggestions.hide()

    def _watch_scroll_y(self) -> None:
        super()._watch_scroll_y()
        if self.is_mounted and self.screen.is_current:
            self.suggestions.hide()


def clean(text: str) -> str:
    """A text without control characters and halves of surrogate pairs; its lines end in newlines.

    >>> clean("select 1\\r\\n\\x1b[31m")
    'select 1\\n[31m'
    """
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
