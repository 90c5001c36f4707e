"""A list of rows that are drawn when they are seen: ten thousand rows cost what is on the screen.

Rows are told apart by their keys: when others come in their place, the cursor and the marks stay
with the keys they were on. A row without a key is a heading; the cursor skips it. The names of the
cards that rows tell of are read as they come into view.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from linkgraph.wording.mirrored import card_lines
from tui.calls import Calls
from tui.moving import moves
from tui.rows import INKS, Cards, Draw, Ink, Row

if TYPE_CHECKING:
    from linkgraph.model import Ref
    from linkgraph.session import Session
    from queries.cardlines import CardLine
    from queries.running import Stop

#: Rows around those in view whose names are read along with theirs.
_MARGIN = 40
#: Lines that are kept drawn.
_KEPT = 600


class RowList(Calls, ScrollView, can_focus=True):
    """Rows, a cursor and marks."""

    BINDING_GROUP_TITLE = "List"
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *moves("list"),
        Binding("space", "mark", "Mark", show=False, tooltip="Mark the row, or take the mark off"),
        Binding("enter", "choose", "Open", show=False, tooltip="Open the row"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"row--{ink}" for ink in INKS),
        "row--cursor",
        "row--marked",
    }
    DEFAULT_CSS = """
    RowList {
        background: $background;
        scrollbar-size-vertical: 1;
        overflow-x: hidden;
        & > .row--added { color: $success; }
        & > .row--removed { color: $error; }
        & > .row--changed { color: $warning; }
        & > .row--trouble { color: $error; text-style: bold; }
        & > .row--quiet { color: $text-muted; }
        & > .row--strong { text-style: bold; }
        & > .row--accent { color: $accent; }
        & > .row--good { color: $success; text-style: bold; }
        & > .row--marked { color: $accent; text-style: bold; }
        & > .row--cursor { background: $block-cursor-blurred-background; }
        &:focus > .row--cursor { background: $block-cursor-background; }
    }
    """

    class Highlighted(Message):
        """The cursor stands on another row."""

        def __init__(self, rows: RowList, row: Row | None) -> None:
            super().__init__()
            self.rows = rows
            self.row = row

        @property
        def control(self) -> RowList:
            """The list."""
            return self.rows

    class Chosen(Message):
        """A row was chosen with enter or a double click."""

        def __init__(self, rows: RowList, row: Row) -> None:
            super().__init__()
            self.rows = rows
            self.row = row

        @property
        def control(self) -> RowList:
            """The list."""
            return self.rows

    def __init__(
        self, draw: Draw, *, id: str | None = None, empty: Text | None = None, marks: bool = False
    ) -> None:
        """`empty` is shown where there are no rows; with `marks`, space marks rows."""
        super().__init__(id=id)
        self._draw_row = draw
        self._empty = empty or Text()
        self._can_mark = marks
        self._rows: Sequence[Row] = ()
        self._ends: list[int] = []
        self._cursor = -1
        self._drawn: dict[tuple[int, int], Sequence[Text]] = {}
        self._ink: Ink | None = None
        self.cards: dict[Ref, CardLine] = {}
        self.marks: set[Hashable] = set()

    # What is shown

    def show(
        self,
        rows: Sequence[Row],
        cards: Cards | None = None,
        *,
        empty: Text | None = None,
    ) -> None:
        """Show other rows; the cursor stays with its key, or at its place where that is gone."""
        before = self._cursor
        known = self.current.key if self.current is not None else None
        self._rows = rows
        self._ends = list(accumulate(row.height for row in rows))
        self.cards.update(cards or {})
        if empty is not None:
            self._empty = empty
        keys = {row.key: place for place, row in enumerate(rows) if row.key is not None}
        self.marks &= keys.keys()
        self._cursor = keys.get(known, -1) if known is not None else -1
        if self._cursor < 0:
            self._cursor = self._nearest(min(max(before, 0), len(rows) - 1))
        self._redraw()
        self._follow()
        self._tell()

    @property
    def rows(self) -> Sequence[Row]:
        """All rows, headings too."""
        return self._rows

    @property
    def current(self) -> Row | None:
        """The row under the cursor; None where there is none."""
        return self._rows[self._cursor] if 0 <= self._cursor < len(self._rows) else None

    @property
    def chosen(self) -> list[Row]:
        """The marked rows; where none is, the one under the cursor."""
        marked = [row for row in self._rows if row.key is not None and row.key in self.marks]
        if marked:
            return marked
        return [] if self.current is None else [self.current]

    def forget_names(self) -> None:
        """Read names anew: another snapshot may have others."""
        self.cards.clear()
        self._redraw()
        self._read_names()

    def clear_marks(self) -> bool:
        """Take all marks off; whether there were any."""
        had = bool(self.marks)
        self.marks.clear()
        self._redraw()
        return had

    def go_to(self, key: Hashable) -> bool:
        """Put the cursor on the row of a key; whether there is one."""
        for place, row in enumerate(self._rows):
            if row.key == key:
                self._go(place)
                return True
        return False

    # Drawing

    def render_line(self, y: int) -> Strip:
        """A line of what is in view."""
        width = self.scrollable_content_region.width
        line = y + self.scroll_offset.y
        blank = self.rich_style
        if not self._rows:
            lines = self._empty.split("\n", allow_blank=True)
            text = lines[line] if line < len(lines) else Text()
            return self._strip(text, width, blank)
        place = bisect_right(self._ends, line)
        if place >= len(self._rows):
            return Strip.blank(width, blank)
        row = self._rows[place]
        part = line - (self._ends[place] - row.height)
        drawn = self._drawn_lines(place, width)
        text = drawn[part] if part < len(drawn) else Text()
        if place == self._cursor:
            blank += self._background("row--cursor")
        return self._strip(text, width, blank)

    def _strip(self, text: Text, width: int, style: Style) -> Strip:
        text = text.copy()
        text.truncate(width, overflow="ellipsis")
        text.no_wrap, text.end = True, ""
        segments = list(text.render(self.app.console))
        return Strip(segments).adjust_cell_length(width).apply_style(style)

    def _background(self, name: str) -> Style:
        return Style(bgcolor=self.get_component_rich_style(name).bgcolor)

    def _style(self, name: str) -> Style:
        """A component's style as it comes out on our background, without a background of its own.

        A colour that follows the background would be none without it.
        """
        whole = self.get_component_rich_style(name)
        return Style(
            color=whole.color, bold=whole.bold, italic=whole.italic, underline=whole.underline
        )

    def _drawn_lines(self, place: int, width: int) -> Sequence[Text]:
        key = place, width
        if key not in self._drawn:
            if len(self._drawn) > _KEPT:
                self._drawn.clear()
            row = self._rows[place]
            lines = list(self._draw_row(row, width - 1, self.ink, self.cards))
            if row.key is not None and row.key in self.marks and lines:
                mark = Text(no_wrap=True, end="").append("✓", self._style("row--marked"))
                lines[0] = mark.append_text(lines[0][1:])
            self._drawn[key] = lines
        return self._drawn[key]

    @property
    def ink(self) -> Ink:
        """The styles of the theme."""
        if self._ink is None:
            self._ink = Ink(*(self._style(f"row--{name}") for name in INKS))
        return self._ink

    def notify_style_update(self) -> None:
        """Draw anew where the theme or the focus changed what things look like."""
        super().notify_style_update()
        self._ink = None
        self._drawn.clear()

    def _redraw(self) -> None:
        self._drawn.clear()
        lines = self._ends[-1] if self._ends else 1 + self._empty.plain.count("\n")
        # Without a width of its own: lines are as wide as there is room.
        self.virtual_size = Size(0, lines)
        self.refresh()

    def on_resize(self) -> None:
        """Other widths draw other lines, and show other rows."""
        self._drawn.clear()
        self._follow()
        self._read_names()

    # Names

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Read the names of what comes into view."""
        super().watch_scroll_y(old_value, new_value)
        self._read_names()

    def _read_names(self) -> None:
        if not self._rows or not self.is_mounted:
            return
        first = bisect_right(self._ends, self.scroll_offset.y)
        last = bisect_right(self._ends, self.scroll_offset.y + self.size.height)
        near = self._rows[max(0, first - _MARGIN) : last + _MARGIN]
        missing = {ref for row in near for ref in row.refs if ref not in self.cards}
        if not missing:
            return

        def read(session: Session, stop: Stop) -> Cards:
            return card_lines(session, missing)

        self.ask("names", read, self._named, lambda error: None, after=0.02)

    def _named(self, found: Cards) -> None:
        self.cards.update(found)
        self._drawn.clear()
        self.refresh()

    # Moving

    def action_move(self, by: int) -> None:
        """Go some rows up or down."""
        place = self._cursor
        while 0 <= place + by < len(self._rows):
            place += by
            if self._rows[place].key is not None:
                self._go(place)
                return
        if by < 0:
            self.scroll_home(animate=False)  # the headings above the first row

    def action_page(self, by: int) -> None:
        """Go a page up or down."""
        if not self._ends:
            return
        line = self._ends[max(self._cursor, 0)] - 1 + by * max(1, self.size.height - 1)
        line = min(max(line, 0), self._ends[-1] - 1)
        self._go(self._nearest(bisect_right(self._ends, line), by))

    def action_first(self) -> None:
        """Go to the first row."""
        self._go(self._nearest(0))

    def action_last(self) -> None:
        """Go to the last row."""
        self._go(self._nearest(len(self._rows) - 1))

    def action_mark(self) -> None:
        """Mark the row under the cursor, or take its mark off, and go on to the next."""
        if not self._can_mark:
            self.app.say("rows of this list are not marked\n→ keys are about the one at the cursor")
        if not self._can_mark or self.current is None:
            return
        self.marks ^= {self.current.key}
        self._drawn.clear()
        self.refresh()
        self.action_move(1)

    def action_choose(self) -> None:
        """Open the row under the cursor."""
        if self.current is not None:
            self.post_message(self.Chosen(self, self.current))

    def on_click(self, event: events.Click) -> None:
        """Go to the row that was clicked; a second click opens it."""
        place = bisect_right(self._ends, event.y + self.scroll_offset.y)
        if place >= len(self._rows) or self._rows[place].key is None:
            return
        self._go(place)
        if event.chain == 2:
            self.action_choose()

    def _go(self, place: int) -> None:
        if not 0 <= place < len(self._rows):
            return
        moved, self._cursor = place != self._cursor, place
        self._follow()
        self.refresh()
        if moved:
            self._tell()

    def _tell(self) -> None:
        self._read_names()
        self.post_message(self.Highlighted(self, self.current))

    def _follow(self) -> None:
        """Scroll so that the cursor's row is in view, with the heading above it."""
        if self.current is None or not self.size.height:
            return
        first = self._ends[self._cursor] - self.current.height
        if self._cursor and self._rows[self._cursor - 1].key is None:
            first -= self._rows[self._cursor - 1].height
        if all(row.key is None for row in self._rows[: self._cursor]):
            first = 0
        top, height = self.scroll_offset.y, self.size.height
        if first < top:
            self.scroll_to(y=first, animate=False)
        elif self._ends[self._cursor] > top + height:
            self.scroll_to(y=self._ends[self._cursor] - height, animate=False)

    def _nearest(self, place: int, by: int = 1) -> int:
        """The place of the row that is nearest to one, first in a direction; -1 for none."""
        for step in (by, -by):
            at = place
            while 0 <= at < len(self._rows):
                if self._rows[at].key is not None:
                    return at
                at += step
        return -1
