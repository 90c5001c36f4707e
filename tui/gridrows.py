"""Rows of an Arrow table as the cells of a grid: only what is on the screen is ever converted.

However many rows there are and whatever stands in them, a cell is made in microseconds and is one
plain line. Rows are marked and told apart by their place in the table, however they are sorted.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from rich.cells import cell_len
from rich.text import Text
from textual_fastdatatable.backend import DataTableBackend

from linkgraph.model import Ref
from linkgraph.plaintext import plain
from queries.fields import CardColumn, card_columns, fields, written
from queries.rows import cell_text, unique_names
from tui.shown import GLYPHS

#: What stands for nothing.
NULL = "∅"
#: The sign of a marked row, in a column of its own.
MARK = "✓"
#: The most characters of a value that a cell is made of, and the most cells of its width.
_MOST, WIDEST = 200, 40
#: Items of a list that a cell is made of.
_ITEMS = 20
#: Rows that the width of a column is taken from: so many first, last, and spread between.
_SAMPLE = 40
_READS = "a grid only reads"


@dataclass(frozen=True, slots=True)
class GridColumn:
    """One column of a grid: a column of the table, or the columns of one card."""

    title: str
    place: int
    """Of the column in the table that has the values, or the cards' ids or refs."""
    name: int | None = None
    """Of the column that has the cards' names."""
    meaning: str = ""
    card: CardColumn | None = None
    """How to tell the cards that its values are; None: they are none."""
    is_number: bool = False
    is_id: bool = False


class GridRows(DataTableBackend[pa.Table]):
    """What a grid shows of an Arrow table. Column 0 of the grid has the marks."""

    def __init__(
        self,
        data: pa.Table,
        max_rows: int | None = None,
        column_names: Sequence[str] | None = None,
        *,
        meanings: Mapping[str, str] | None = None,
        joined: bool = True,
    ) -> None:
        """`meanings` by column; `joined` makes one column of a card's id, name and address."""
        super().__init__(data, max_rows, column_names)
        self.data = data.rename_columns(unique_names(data.column_names))
        self.marked: set[int] = set()
        """Places of the marked rows in the table."""
        self._order: pa.Array | None = None
        self._own = {name: place for place, name in enumerate(self.data.column_names)}
        self.shown = _columns(self.data, meanings or {}, joined)
        self._widths: list[int] | None = None
        self.cell = lru_cache(4096)(self._cell)

    # What the table asks

    @property
    def source_data(self) -> pa.Table:
        """The rows as they came."""
        return self.data

    @property
    def source_row_count(self) -> int:
        """All rows."""
        return self.row_count

    @property
    def row_count(self) -> int:
        """All rows."""
        count: int = self.data.num_rows
        return count

    @property
    def columns(self) -> Sequence[str]:
        """Titles of the columns, that of the marks first."""
        return ["", *(column.title for column in self.shown)]

    @property
    def column_content_widths(self) -> Sequence[int]:
        """Cells that the columns want, as far as a sample of the rows tells."""
        if self._widths is None:
            rows = _sample(self.row_count)
            self._widths = [1]
            for place in range(len(self.shown)):
                widths = (cell_len(self.cell(row, place).plain) for row in rows)
                self._widths.append(max(widths, default=1))
        return self._widths

    def get_row_at(self, index: int) -> Sequence[Any]:
        """The cells of a row."""
        return [self.get_cell_at(index, place) for place in range(self.column_count)]

    def get_cell_at(self, row_index: int, column_index: int) -> Text:
        """A cell as plain text."""
        row = self.place(row_index)
        if column_index == 0:
            return Text(MARK if row in self.marked else " ", "bold", end="")
        return self.cell(row, column_index - 1)

    @classmethod
    def from_pydict(
        cls,
        data: Mapping[str, Sequence[Any]],
        max_rows: int | None = None,
        column_names: Sequence[str] | None = None,
    ) -> "GridRows":
        """The rows of a dict of columns."""
        return cls(pa.table(dict(data)), max_rows, column_names)

    # The base wants these too; nothing here calls them, and a grid only reads what is in view.

    def get_column_at(self, index: int) -> Sequence[Any]:
        """All cells of a column are more than a screen has: nothing asks for them."""
        raise TypeError("a grid gives cells and rows, no columns")

    def append_column(self, label: str, default: Any | None = None) -> int:
        """A grid only reads."""
        raise TypeError(_READS)

    def append_rows(self, records: Iterable[Iterable[Any]]) -> list[int]:
        """A grid only reads."""
        raise TypeError(_READS)

    def drop_row(self, row_index: int) -> None:
        """A grid only reads."""
        raise TypeError(_READS)

    def update_cell(self, row_index: int, column_index: int, value: Any) -> None:
        """A grid only reads."""
        raise TypeError(_READS)

    def sort(self, by: object) -> None:
        """Sorting takes its time, so that it is done in two steps: `order_by`, then `arrange`."""
        raise TypeError("a grid is sorted with `order_by` and `arrange`")

    # What the grid asks

    def place(self, index: int) -> int:
        """Where the row that stands at `index` of the grid stands in the table."""
        return index if self._order is None else int(self._order[index].as_py())

    def order_by(self, column: int, *, descending: bool) -> pa.Array:
        """Places of all rows, sorted by a column of the grid; nothing last. For a thread.

        Raises:
            pa.ArrowNotImplementedError: its values have no order.
        """
        shown = self.shown[column]
        values = self.data.column(shown.place if shown.name is None else shown.name)
        if pa.types.is_dictionary(values.type):
            values = values.cast(values.type.value_type)
        if pa.types.is_string(values.type):
            values = pc.utf8_lower(values)
        way = "descending" if descending else "ascending"
        return pc.sort_indices(pa.table({"by": values}), sort_keys=[("by", way)])

    def arrange(self, order: pa.Array | None) -> None:
        """Show the rows in an order; None is that of the table."""
        self._order = order

    def value(self, row: int, column: str | int) -> Any:
        """A value of a row of the table; what Python has no word for comes as its text."""
        place = self._own[column] if isinstance(column, str) else column
        return _python(self.data.column(place)[row])

    def row(self, row: int) -> dict[str, Any]:
        """A row of the table, by column."""
        return {name: self.value(row, name) for name in self.data.column_names}

    def card(self, row: int, column: int) -> Ref | None:
        """The card that a cell of the grid is, by place of its row in the table."""
        card = self.shown[column].card
        return None if card is None else card.ref(lambda name: self.value(row, name))

    def whole(self, row: int, column: int) -> str:
        """All of a value, as text, with its line breaks; it may be a megabyte."""
        value = self.value(row, self.shown[column].place)
        return "" if value is None else value if isinstance(value, str) else cell_text(value)

    def _cell(self, row: int, place: int) -> Text:
        column = self.shown[place]
        if column.name is not None:
            return self._card_cell(row, place, column.name)
        scalar = self.data.column(column.place)[row]
        if not scalar.is_valid:
            return _text(NULL, column, "dim")
        return _text(_written(scalar, column.is_id), column)

    def _card_cell(self, row: int, place: int, name_at: int) -> Text:
        """A card: its type by shape and its name; one without a name is called by its ref."""
        column = self.shown[place]
        ref = self.card(row, place)
        name = plain(_python(self.data.column(name_at)[row]), _MOST).strip()
        if ref is not None:
            return Text(f"{GLYPHS[ref.type]} {name or ref}", end="", no_wrap=True)
        given = _written(self.data.column(column.place)[row], True)
        return _text(name or given or NULL, column, "" if name or given else "dim")


def _columns(table: pa.Table, meanings: Mapping[str, str], joined: bool) -> list[GridColumn]:
    names = table.column_names
    places = {name: place for place, name in enumerate(names)}
    cards = card_columns(names)
    found = []
    if joined:
        plan = [(one.title, one.column, one.name) for one in fields(names)]
    else:
        plan = [(plain(name, WIDEST) or " ", name, None) for name in names]
    for title, name, named in plan:
        kind = table.schema.field(places[name]).type
        number = (
            pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        )
        found.append(
            GridColumn(
                title,
                places[name],
                None if named is None else places[named],
                plain(meanings.get(name, ""), 300),
                cards.get(name),
                number and named is None,
                name == "id" or name.endswith("_id"),
            )
        )
    return found


def _sample(rows: int) -> list[int]:
    step = max(rows // _SAMPLE, 1)
    ends = (*range(min(rows, _SAMPLE)), *range(max(rows - _SAMPLE, 0), rows))
    return sorted({*ends, *range(0, rows, step)})


def _text(value: str, column: GridColumn, style: str = "") -> Text:
    text = Text(value, style=style, end="", no_wrap=True)
    text.justify = "right" if column.is_number else "left"
    return text


def _written(scalar: pa.Scalar, is_id: bool) -> str:
    """A value on one line, short; lists and the like as far as they are shown."""
    if not scalar.is_valid:
        return ""
    kind = scalar.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        items = [_python(item) for item in scalar.values[:_ITEMS]]
        more = " …" if len(scalar.values) > _ITEMS else ""
        return plain(", ".join("" if one is None else _inner(one) for one in items) + more, _MOST)
    value: Any = _python(scalar)
    if isinstance(value, float | Decimal):
        return _number(value)
    if isinstance(value, str | dict | bytes):
        return plain(_inner(value), _MOST)
    return written(value, is_id=is_id, most=_MOST)


def _inner(value: Any) -> str:
    return cell_text(value[:_MOST] if isinstance(value, str | bytes) else value)


def _number(value: float | Decimal) -> str:
    """A number with its thousands; very large and very small ones by their power of ten."""
    if not math.isfinite(value):
        return str(value)
    if value and not 0.001 <= abs(float(value)) < 1e15:
        return f"{value:.6g}"
    return f"{value:,.3f}".rstrip("0").rstrip(".")


def _python(scalar: pa.Scalar) -> Any:
    """What Python makes of a value; its text where it makes nothing (years beyond 9999)."""
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        pass
    try:
        return str(scalar.cast(pa.string()).as_py())
    except (pa.ArrowException, OverflowError, ValueError):  # such a value within a list or a record
        return f"({scalar.type} that cannot be shown)"
