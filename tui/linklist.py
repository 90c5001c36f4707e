"""The list of a card's links: as long as it likes, painted line by line from `LinkRows`.

Only what is on the screen is made. A move of the cursor repaints two lines, and nothing is mounted
or laid out for it. Names come later than links: until then a card is called by its ref.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from linkgraph.model import EntityType, Ref
from tui.lines import fit, ink
from tui.linkpaint import paint_heading, paint_link
from tui.linkrows import Heading, LinkRow, LinkRows
from tui.moving import moves

if TYPE_CHECKING:
    from queries.cardlines import CardLine

#: Lines above and below the window whose names are read along with it.
MARGIN = 40


class LinkList(ScrollView, can_focus=True, inherit_bindings=False):
    """Links by relation, with a cursor and marks."""

    ALLOW_SELECT = False
    BINDING_GROUP_TITLE = "Links"
    BINDINGS: ClassVar[list[BindingType]] = [
        *moves("links"),
        Binding(
            "space",
            "mark",
            "Mark",
            show=False,
            tooltip="Mark this link, to edit several at once",
            id="links.mark",
        ),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "links--cursor",
        "links--heading",
        "links--muted",
        "links--added",
        "links--removed",
        "links--changed",
        "links--star",
        "links--mark",
        "links--gone",
        *(f"links--{kind.value}" for kind in EntityType),
    }
    DEFAULT_CSS = """
    LinkList {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
        scrollbar-color: $border;
        scrollbar-size-vertical: 1;
        & > .links--cursor { background: $block-cursor-blurred-background; }
        &:focus > .links--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: bold;
        }
        & > .links--heading { color: $text-muted; text-style: bold; }
        & > .links--muted { color: $text-muted; }
        & > .links--added { color: $success; }
        & > .links--removed { color: $error; text-style: strike; }
        & > .links--changed { color: $warning; }
        & > .links--star { color: $warning; }
        & > .links--mark { color: $accent; text-style: bold; }
        & > .links--gone { color: $text-muted; text-style: strike; }
        & > .links--lead { color: $primary; }
        & > .links--customer { color: $secondary; }
        & > .links--contact { color: $success; }
        & > .links--company { color: $warning; }
        & > .links--element { color: $text-muted; }
    }
    """

    @dataclass
    class Moved(Message):
        """The cursor stands on another card."""

        ref: Ref | None

    @dataclass
    class Entered(Message):
        """A card is to be stepped into, by the mouse."""

        ref: Ref

    @dataclass
    class Marked(Message):
        """Other links are marked."""

    @dataclass
    class Seen(Message):
        """Other lines are on the screen: their names are wanted."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = LinkRows()
        self.names: Mapping[Ref, CardLine] = {}
        """What is known of cards; whoever shows rows keeps it filled"""
        self.marks: dict[Ref, None] = {}
        """The marked cards, in the order in which they were marked"""
        self.empty: list[Text] = []
        """What stands there when there is nothing to list"""
        self._line: int | None = None
        self._base = Style()

    # What is shown

    def show(self, rows: LinkRows, at: Ref | None = None, rise: int = 0) -> None:
        """Show other rows, the cursor on a card, so many lines below the top of the window.

        Where the card is not listed the cursor goes to the first one.
        """
        self.rows = rows
        self.marks = {ref: None for ref in self.marks if rows.find(ref) is not None}
        found = rows.find(at)
        self._line = found if found is not None else rows.nearest(0)
        self._grow(len(rows))
        top = 0 if found is None else found - rise
        self._scroll(max(0, min(top, len(rows) - self._height)))
        self._keep_in_sight()
        self.refresh()

    def clear(self) -> None:
        """Have no rows; what was there stays painted until there are others, or a refresh."""
        self.rows, self._line = LinkRows(), None

    def keep(self, rows: LinkRows) -> None:
        """Show other rows of the same card: the cursor and the window stay where they are."""
        at, rise = self.at
        line = self._line
        self.show(rows, at, rise)
        if rows.find(at) is None and line is not None:  # it went: its neighbour takes its place
            self._put(rows.nearest(line))

    def named(self, refs: Container[Ref]) -> None:
        """Paint names that have come, if one of them is to be seen."""
        if any(ref in refs for ref in self.rows.refs(self._top, self._top + self._height)):
            self.refresh()

    @property
    def at(self) -> tuple[Ref | None, int]:
        """The card under the cursor, and how many lines below the top of the window it is."""
        return self.ref, 0 if self._line is None else max(self._line - self._top, 0)

    @property
    def ref(self) -> Ref | None:
        """The card under the cursor."""
        row = self.row
        return None if row is None else row.ref

    @property
    def row(self) -> LinkRow | None:
        """The link under the cursor."""
        return None if self._line is None else self.rows.row(self._line)

    @property
    def chosen(self) -> list[LinkRow]:
        """The marked links, in the order of the list; without marks the one under the cursor."""
        if not self.marks:
            return [] if self.row is None else [self.row]
        lines = sorted(line for ref in self.marks if (line := self.rows.find(ref)) is not None)
        return [row for line in lines if (row := self.rows.row(line)) is not None]

    def unmark(self) -> None:
        """Take all marks away."""
        self.marks.clear()
        self.post_message(self.Marked())
        self.refresh()

    def in_sight(self) -> list[Ref]:
        """The cards on the screen and a little beyond."""
        return self.rows.refs(self._top - MARGIN, self._top + self._height + MARGIN)

    # Keys and mouse

    def action_move(self, by: int) -> None:
        """Go up or down, over headings."""
        if self._line is not None:
            self._put(self.rows.nearest(self._line + by, by))

    def action_page(self, by: int) -> None:
        """Go up or down by a window."""
        if self._line is not None:
            self._put(self.rows.nearest(self._line + by * max(self._height - 2, 1), by))

    def action_first(self) -> None:
        """Go to the first link."""
        self._put(self.rows.nearest(0))

    def action_last(self) -> None:
        """Go to the last link."""
        self._put(self.rows.nearest(len(self.rows) - 1, -1))

    def action_mark(self) -> None:
        """Mark the link or take its mark away, and go on to the next."""
        ref = self.ref
        if ref is None:
            return
        if ref in self.marks:
            del self.marks[ref]
        else:
            self.marks[ref] = None
        self.refresh_line(self._line or 0)
        self.post_message(self.Marked())
        self.action_move(1)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on what was clicked; a double click steps in."""
        line = self._top + event.get_content_offset_capture(self).y
        row = self.rows.row(line)
        if row is None:
            return
        event.stop()
        self._put(line)
        if event.chain >= 2:
            self.post_message(self.Entered(row.ref))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell whoever reads names that others are seen."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Seen())

    def on_resize(self) -> None:
        """Keep the cursor in sight, and ask for the names of what is seen now."""
        self._keep_in_sight()
        self.post_message(self.Seen())

    # Within

    @property
    def _top(self) -> int:
        return round(self.scroll_y)

    @property
    def _height(self) -> int:
        return self.size.height

    def _grow(self, lines: int) -> None:
        # Neither size nor place of anything changes by it: the scroll bar is always there. So the
        # layout of the screen, which takes as long as all else of a step, is left alone.
        if self.virtual_size.height != lines:
            size = Size(0, lines)
            self.set_reactive(LinkList.virtual_size, size)
            self._scroll_update(size)

    def _scroll(self, top: int) -> None:
        self.scroll_to(y=top, animate=False, force=True)

    def _put(self, line: int | None) -> None:
        if line is None:
            return
        moved, before = line != self._line, self._line
        self._line = line
        self._keep_in_sight()
        if moved:
            self.refresh_line(line)
            if before is not None:
                self.refresh_line(before)
            self.post_message(self.Moved(self.ref))

    def _keep_in_sight(self) -> None:
        if self._line is None or not self._height:
            return
        top = self._top
        if self._line <= top:
            top = self._line - 1  # the heading that stays above takes a line
        if self._line >= top + self._height:
            top = self._line - self._height + 1
        if top != self._top:
            self._scroll(max(top, 0))

    # Painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """Some lines."""
        self._base = self.rich_style  # takes longer to find out than a line does to paint
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line: what the rows say, or the heading that stays above them."""
        width = self.size.width
        base = self._base
        line = self._top + y
        if not len(self.rows):
            return self._empty(y, width, base)
        if line >= len(self.rows):
            return Strip.blank(width, base)
        shown = self.rows.line(self.rows.heading_above(line) if y == 0 else line)
        if shown is None:
            return Strip.blank(width, base)
        if isinstance(shown, Heading):
            return paint_heading(shown, width, base, self._of)
        here = line == self._line
        if here:
            base = base + self._of("cursor")
        known, is_marked = self.names.get(shown.ref), shown.ref in self.marks
        return paint_link(shown, known, width, base, self._of, here=here, marked=is_marked)

    def _empty(self, y: int, width: int, base: Style) -> Strip:
        if not 1 <= y <= len(self.empty):
            return Strip.blank(width, base)
        text = fit(" " + self.empty[y - 1].plain, width)
        return Strip([Segment(text, base + self._of("muted"))], width)

    def _of(self, name: str) -> Style:
        style = self.get_component_rich_style(f"links--{name}")
        return style if name == "cursor" else ink(style)
