"""The grid of results: rows of an Arrow table, however many, of questions and of SQL.

It shows, sorts and marks, and tells which card a cell is. It never changes the table: rows are told
by their place in it, in whichever order they stand on the screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
from rich.text import Text
from textual import getters, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static
from textual_fastdatatable import DataTable

from linkgraph.errors import LinkgraphError
from linkgraph.model import Ref
from linkgraph.plaintext import plain
from queries.running import Stop
from tui.app import LinkgraphApp
from tui.calls import Calls
from tui.gridrows import GridRows
from tui.gridtable import GridTable

if TYPE_CHECKING:
    from linkgraph.session import Session

#: The most characters that go to the clipboard: terminals drop more.
_COPIED = 100_000


class ResultsGrid(Calls, Widget):
    """Results in rows and columns, and below them a line that tells of the cell one is on."""

    DEFAULT_CSS = """
    ResultsGrid {
        height: 1fr;
        layout: vertical;

        & > GridTable {
            height: 1fr;
            background: $background;
            color: $foreground;
            scrollbar-size: 1 1;
            scrollbar-color: $border;
            scrollbar-color-hover: $secondary;
            scrollbar-background: $background;
            scrollbar-background-hover: $background;
            scrollbar-background-active: $background;
            scrollbar-corner-color: $background;
            & > .datatable--header { background: $panel; color: $text; text-style: bold; }
            & > .datatable--odd-row { background: $background; }
            & > .datatable--even-row, &:dark > .datatable--even-row { background: $surface; }
            & > .datatable--fixed { background: $background; color: $foreground; }
            & > .grid--marked { background: $accent 25%; }
            & > .datatable--cursor {
                background: $block-cursor-blurred-background; color: $text; text-style: none;
            }
            & > .datatable--fixed-cursor { background: $block-cursor-blurred-background; }
            &:focus > .datatable--cursor, &:focus > .datatable--fixed-cursor {
                background: $block-cursor-background;
                color: $block-cursor-foreground;
                text-style: bold;
            }
            & > .datatable--hover { background: $panel; }
            & > .datatable--header-hover { background: $boost; text-style: bold underline; }
        }
        & > .cell {
            height: 1;
            background: $panel;
            color: $foreground;
            & > .what { width: 1fr; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
            & > .where { width: auto; padding: 0 1; color: $text-muted; }
        }
    }
    """

    app = getters.app(LinkgraphApp)

    @dataclass
    class CardChosen(Message):
        """A card was chosen, by enter or two clicks on its cell."""

        ref: Ref

    @dataclass
    class MarksChanged(Message):
        """Rows were marked or unmarked."""

        count: int
        """Rows that are marked now."""

    def __init__(
        self, *, id: str | None = None, classes: str | None = None, joined: bool = True
    ) -> None:
        """`joined` shows a card's id, name and address as one column, as answers mean them."""
        super().__init__(id=id, classes=classes)
        self._joined = joined
        self._table: GridTable | None = None
        self._sorted: tuple[int, bool] | None = None

    def compose(self) -> ComposeResult:
        """The line below the table, which comes with the first result."""
        with Horizontal(classes="cell"):
            yield Static("", classes="what", markup=False)
            yield Static("", classes="where", markup=False)

    # What its screen asks

    def show(self, table: pa.Table, meanings: Mapping[str, str] | None = None) -> None:
        """Show a result in the place of what was there; `meanings` of columns by their names."""
        rows = GridRows(table, meanings=meanings, joined=self._joined)
        focused = self._table is not None and self._table.has_focus
        self._take_away()
        self._table = GridTable(rows)
        self.mount(self._table, before=0)
        if focused:
            self._table.focus()
        self._tell_cell()

    def clear(self) -> None:
        """Show nothing."""
        self._take_away()
        self._tell_cell()

    def focus(self, scroll_visible: bool = True, *, from_app_focus: bool = False) -> Self:
        """Go to the table, if there is one."""
        if self._table is not None:
            self._table.focus(scroll_visible)
        return self

    @property
    def marked_rows(self) -> list[int]:
        """Places of the marked rows in the table, in its order."""
        return [] if self._table is None else sorted(self._table.rows.marked)

    @property
    def current_row(self) -> int | None:
        """The place in the table of the row one is on."""
        if self._table is None or not self._table.row_count:
            return None
        return self._table.rows.place(self._table.cursor_row)

    @property
    def columns(self) -> Sequence[str]:
        """Titles of the columns."""
        return [] if self._table is None else self._table.rows.columns[1:]

    def row(self, place: int) -> dict[str, Any]:
        """The values of a row, by column, by its place in the table."""
        assert self._table is not None, "there is no result"
        return self._table.rows.row(place)

    # What keys and the mouse ask

    @on(GridTable.Wanted)
    def _do(self, event: GridTable.Wanted) -> None:
        event.stop()
        table = self._table
        row = self.current_row
        if table is None or row is None:
            return
        column = table.cursor_column - 1
        if event.what == "open":
            self._open(table.rows, row, column)
        elif event.what in ("mark", "mark here"):
            table.rows.marked ^= {row}
            self._marks_changed(table)
            if event.what == "mark":
                table.action_cursor_down()
        elif event.what == "unmark":
            table.rows.marked.clear()
            self._marks_changed(table)
        elif event.what == "sort":
            self._sort(table, column)
        elif event.what == "copy":
            ref = table.rows.card(row, column)
            self._copy(str(ref) if ref is not None else table.rows.whole(row, column))
        else:
            values = (table.rows.whole(row, place) for place in range(len(table.rows.shown)))
            self._copy("\t".join(plain(value, _COPIED) for value in values))

    @on(DataTable.HeaderSelected)
    def _sort_by_title(self, event: DataTable.HeaderSelected) -> None:
        event.stop()
        if self._table is not None and event.column_index > 0:
            self._sort(self._table, event.column_index - 1)

    @on(DataTable.CellHighlighted)
    def _cell_changed(self, event: DataTable.CellHighlighted) -> None:
        event.stop()
        self._tell_cell()

    def _open(self, rows: GridRows, row: int, column: int) -> None:
        ref = rows.card(row, column)
        if ref is not None:
            self.post_message(self.CardChosen(ref))
            return
        from tui.celldetail import CellScreen

        self.app.push_screen(CellScreen(rows.shown[column].title, rows.whole(row, column)))

    def _marks_changed(self, table: GridTable) -> None:
        table.repaint()
        self._tell_cell()
        self.post_message(self.MarksChanged(len(table.rows.marked)))

    def _sort(self, table: GridTable, column: int) -> None:
        turn = {None: (column, False), (column, False): (column, True), (column, True): None}
        wanted = turn.get(self._sorted, (column, False))
        if wanted is None:
            self.stop("sort")
            self._arranged(table, None, None)
            return
        column, descending = wanted

        def sort(session: Session, stop: Stop) -> pa.Array:
            try:
                return table.rows.order_by(column, descending=descending)
            except pa.ArrowException as error:
                raise LinkgraphError(
                    f"{plain(table.rows.shown[column].title)} has no order to sort by",
                    hint="sort by another column",
                ) from error

        self.ask("sort", sort, lambda order: self._arranged(table, order, wanted))

    def _arranged(
        self, table: GridTable, order: pa.Array | None, by: tuple[int, bool] | None
    ) -> None:
        if table is not self._table:
            return
        self._sorted = by
        table.rows.arrange(order)
        column, descending = by or (-1, False)
        table.entitle(column, "▼" if descending else "▲")
        table.move_cursor(row=0)
        self._tell_cell()

    def _copy(self, text: str) -> None:
        self.app.copy_to_clipboard(text[:_COPIED])
        cut = f", the first {_COPIED:,} characters" if len(text) > _COPIED else ""
        self.app.say(f"copied{cut}: {plain(text, 60)}")

    def _take_away(self) -> None:
        self.stop("sort")
        for table in self.query(GridTable):
            table.remove()
        self._table = self._sorted = None

    def _tell_cell(self) -> None:
        what, where = self.query(".what"), self.query(".where")
        table, row = self._table, self.current_row
        if table is None or row is None:
            what.only_one(Static).update(Text("no rows", "dim") if table is not None else "")
            where.only_one(Static).update("")
            return
        what.only_one(Static).update(_cell_line(table.rows, row, table.cursor_column - 1))
        marked = f"{len(table.rows.marked):,} marked · " if table.rows.marked else ""
        place = f"{marked}{table.cursor_row + 1:,} of {table.row_count:,}"
        where.only_one(Static).update(Text(place))


def _cell_line(rows: GridRows, row: int, column: int) -> Text:
    """Which column it is, what that means, and the value or the card with its ref."""
    shown = rows.shown[column]
    line = Text(f"{shown.title}", "bold", no_wrap=True, end="")
    ref = rows.card(row, column)
    value = rows.cell(row, column).plain.strip()
    if ref is not None:
        line.append(f" · {ref}", "not bold")
        value = "" if shown.name is None else value
    elif shown.name is None:
        value = (
            plain(whole, 400) if isinstance(whole := rows.value(row, shown.place), str) else value
        )
    if value:
        line.append(f" · {value}", "not bold")
    if shown.meaning.casefold() not in ("", shown.title.casefold()):
        line.append(f" · {shown.meaning}", "not bold dim")
    return line
