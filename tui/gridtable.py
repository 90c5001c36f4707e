"""The table of a grid: its keys, its mouse, and how its rows are painted.

What is asked of it by keys it hands on to the grid; rows it only shows. Some of what it overrides
is private to the table of the library, whose version is therefore pinned exactly.
"""

from __future__ import annotations

from typing import Any, ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.message import Message
from textual_fastdatatable import DataTable

from tui.gridrows import NULL, WIDEST, GridRows

_MOVES = (
    ("up,k", "cursor_up"),
    ("down,j", "cursor_down"),
    ("left,h", "cursor_left"),
    ("right,l", "cursor_right"),
    ("ctrl+left", "cursor_row_start"),
    ("ctrl+right", "cursor_row_end"),
    ("pageup", "page_up"),
    ("pagedown", "page_down"),
    ("home,g", "scroll_home"),
    ("end,G", "scroll_end"),
)


class GridTable(DataTable, inherit_bindings=False):
    """The table itself: made anew for each result."""

    BINDING_GROUP_TITLE = "Results"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="grid.open", tooltip="Open the card, or show all"),
        Binding("space", "mark", "Mark", id="grid.mark", tooltip="Mark the row, or unmark it"),
        Binding("o", "sort", "Sort", id="grid.sort", tooltip="Sort by this column: up, down, not"),
        Binding(
            "y", "copy", "Copy", show=False, id="grid.copy", tooltip="Copy the value, or the ref"
        ),
        Binding(
            "Y", "copy_row", "Copy row", show=False, id="grid.copy-row", tooltip="Copy the row"
        ),
        Binding(
            "escape", "unmark", "Unmark all", show=False, id="grid.unmark",
            tooltip="Unmark all rows",
        ),
        *(Binding(keys, action, show=False) for keys, action in _MOVES),
    ]  # fmt: skip

    COMPONENT_CLASSES: ClassVar[set[str]] = {"grid--marked"}

    class Wanted(Message):
        """Something was asked of the grid that only it can do."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    def __init__(self, rows: GridRows) -> None:
        super().__init__(
            backend=rows,
            column_labels=["", *(Text(column.title, end="") for column in rows.shown)],
            max_column_content_width=WIDEST,
            fixed_columns=1,
            zebra_stripes=True,
            null_rep=NULL,
            render_markup=False,
        )
        self.set_reactive(DataTable.cursor_coordinate, Coordinate(0, 1))
        self.rows = rows

    def validate_cursor_coordinate(self, value: Coordinate) -> Coordinate:
        """The column of the marks is no place for the cursor."""
        row, column = super().validate_cursor_coordinate(value)
        return Coordinate(row, max(column, 1))

    def on_resize(self) -> None:
        """Keep the card in view that a row is about, where there is room for more beside it."""
        columns = self.ordered_columns
        keep = len(columns) > 2 and self.rows.shown[0].card is not None
        self.fixed_columns = 2 if keep and columns[1].render_width <= self.size.width // 3 else 1

    def repaint(self) -> None:
        """Show the rows as they are marked and sorted now."""
        self._update_count += 1
        self.refresh()

    def entitle(self, column: int, sign: str) -> None:
        """Put a sign behind the title of a column, and take it from all others."""
        for place, shown in enumerate(self.ordered_columns[1:]):
            title = self.rows.shown[place].title
            shown.label = Text(f"{title} {sign}" if place == column and sign else title, end="")
            shown.content_width = max(shown.content_width, self._measure(shown.label))
        self._require_update_dimensions = True
        self.repaint()

    def action_open(self) -> None:
        """Open the card of the cell, or show all of its value."""
        self.post_message(self.Wanted("open"))

    def action_mark(self) -> None:
        """Mark the row, or unmark it, and go on to the next."""
        self.post_message(self.Wanted("mark"))

    def action_sort(self) -> None:
        """Sort by the column of the cursor; once more turns it round, then back."""
        self.post_message(self.Wanted("sort"))

    def action_copy(self) -> None:
        """Copy the value of the cell, or the ref of its card."""
        self.post_message(self.Wanted("copy"))

    def action_copy_row(self) -> None:
        """Copy the row, its values separated by tabs."""
        self.post_message(self.Wanted("copy row"))

    def action_unmark(self) -> None:
        """Unmark all rows; with none marked the key is for others."""
        if not self.rows.marked:
            raise SkipAction
        self.post_message(self.Wanted("unmark"))

    def action_cursor_left(self, select: bool = False) -> None:
        """Go left; from the first column the key is for others."""
        if self.cursor_column <= 1:
            raise SkipAction
        super().action_cursor_left(select)

    def on_click(self, event: events.Click) -> None:
        """A click on the signs marks; two clicks on a cell open it."""
        meta = event.style.meta
        if meta.get("row", -1) < 0:
            return
        if meta.get("column") == 0:
            self.post_message(self.Wanted("mark here"))
        elif event.chain == 2:
            self.action_open()

    def _render_cell(
        self, row_index: int, column_index: int, base_style: Style, *args: Any, **more: Any
    ) -> Any:
        # columns that stay in view look like the others of their row
        if row_index >= 0 and column_index < self.fixed_columns:
            base_style = self._get_row_style(row_index, base_style)
        return super()._render_cell(row_index, column_index, base_style, *args, **more)

    def _get_row_style(self, row_index: int, base_style: Style) -> Style:
        if row_index >= 0 and self.rows.place(row_index) in self.rows.marked:
            return self.get_component_styles("grid--marked").rich_style
        return super()._get_row_style(row_index, base_style)

    def _set_tooltip_from_cell_at(self, coordinate: Coordinate) -> None:
        # what a column means is told where its title is pointed at
        if coordinate.row == -1:
            column = self.rows.shown[coordinate.column - 1] if coordinate.column > 0 else None
            self.tooltip = Text(column.meaning) if column is not None and column.meaning else None
            return
        super()._set_tooltip_from_cell_at(coordinate)
