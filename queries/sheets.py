"""Excel workbooks: rows as worksheets that a person can sort, filter and click through.

A name beside its card's address (`x_id` or `x_ref`, `x_name`, `x_url`) is a link to the card. Text
is text: nothing that was typed into the CRM becomes a formula or a link. Times are UTC.

Sheets are written row by row, through files in a folder of their own, so that memory is bounded.
"""

import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
from rich.cells import cell_len
from xlsxwriter import Workbook

from linkgraph.errors import LinkgraphError
from queries.cells import Cell, Column, Form, cells, shown
from queries.rows import Rows, batches_of, unique_names
from queries.wholefiles import placed
from queries.workbook import PlainSheet, free_name, workbook

#: What Excel allows on a sheet.
ROWS, COLUMNS, LINKS = 1_048_576, 16_384, 65_530
_ADDRESS = 2_000
_SAMPLE = 200  # rows that a column's width is taken from
_WIDEST, _NARROWEST = 60, 8
_WIDTHS: dict[Form, int] = {"yyyy-mm-dd hh:mm:ss": 19, "yyyy-mm-dd": 10, "hh:mm:ss": 8}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a workbook."""

    name: str
    """As on its tab; made valid and unique."""
    rows: Rows
    title: str = ""
    """A line above the table."""
    notes: Sequence[str] = ()
    """Further lines above the table, a line each."""


def write_book(target: Path | BinaryIO, sheets: Iterable[Sheet]) -> int:
    """Write a workbook and return how many rows it has, all sheets together.

    A path is replaced at once when all is written: a failure leaves what stood there before.
    Rows beyond what a sheet holds go on in further ones: «Name (2)».

    Raises:
        LinkgraphError: it could not be written (no such folder, no rights, disk full), or a sheet
            has more columns than Excel knows.
        OverflowError: a time is beyond the years 1 to 9999.
    """
    beside = target.parent if isinstance(target, Path) else None  # where the room was looked for
    with (
        placed(target, "the workbook") as stream,
        tempfile.TemporaryDirectory(prefix=".linkgraph-", dir=beside) as folder,
        workbook(stream, folder) as book,
    ):
        return sum(_Table(book, sheet).write() for sheet in sheets)


@dataclass(frozen=True, slots=True)
class _Link:
    """Columns that belong together: the address, and where its link may stand, best first."""

    url: int
    places: tuple[int, ...]


class _Table:
    """A sheet on its way into the book, with those that it goes on in."""

    def __init__(self, book: Workbook, sheet: Sheet) -> None:
        self._book = book
        self._sheet = sheet
        self._names = unique_names(sheet.rows.schema.names)
        self._links = _links(self._names)
        self._bold = book.add_format({"bold": True})
        self._head = book.add_format({"bold": True, "bottom": 1})
        self._forms: dict[tuple[Form, bool], Any] = {}
        self._widths: list[int] = []
        self._links_left = LINKS  # of all its sheets: each takes a kilobyte until the end
        if len(self._names) > COLUMNS:
            raise LinkgraphError(
                f"{len(self._names):,} columns are more than Excel knows: {COLUMNS:,}",
                hint="choose fewer columns, or another format",
            )

    def write(self) -> int:
        """Write all rows; returns their number."""
        count = 0
        batches = batches_of(self._sheet.rows)
        first = next(batches, None)
        if first is not None:
            self._widths = [
                _width(name, cells(column))
                for name, column in zip(self._names, first.slice(0, _SAMPLE).columns, strict=True)
            ]
        else:
            self._widths = [_width(name, Column(())) for name in self._names]
        self._begin(1)
        for batch in chain([first] if first is not None else [], batches):
            self._write_batch(batch)
            count += batch.num_rows
        self._end()
        return count

    def _begin(self, number: int) -> None:
        """Start the sheet, or the next one that it goes on in."""
        name = free_name(self._book, self._sheet.name, number)
        self._tab = self._book.add_worksheet(name, PlainSheet)
        self._number = number
        for column, width in enumerate(self._widths):
            self._tab.set_column(column, column, width)
        above = [line for line in (self._sheet.title, *self._sheet.notes) if line]
        for row, line in enumerate(above if number == 1 else []):
            style = self._bold if row == 0 and self._sheet.title else None
            self._tab.write_string(row, 0, shown(line), style)
        self._heading = len(above) + 1 if above and number == 1 else 0
        for column, name in enumerate(self._names):
            self._tab.write_string(self._heading, column, shown(name), self._head)
        self._tab.freeze_panes(self._heading + 1, 0)
        self._row = self._heading + 1

    def _end(self) -> None:
        if self._names:
            last = max(self._row - 1, self._heading)
            self._tab.autofilter(self._heading, 0, last, len(self._names) - 1)

    def _write_batch(self, batch: pa.RecordBatch) -> None:
        columns = [cells(column) for column in batch.columns]
        addresses = {link: batch.column(link.url).to_pylist() for link in self._links}
        plan = [(number, each.values, self._form(each.form)) for number, each in enumerate(columns)]
        for index in range(batch.num_rows):
            if self._row == ROWS:
                self._end()
                self._begin(self._number + 1)
            for number, values, form in plan:
                self._put(number, values[index], form)
            for link, urls in addresses.items():
                self._link(link, urls[index], columns, index)
            self._row += 1

    def _put(self, column: int, value: Cell, form: Any) -> None:
        if value is None:
            return
        if isinstance(value, str):
            self._tab.write_string(self._row, column, value)
        elif isinstance(value, bool):
            self._tab.write_boolean(self._row, column, value)
        else:
            self._tab.write_number(self._row, column, value, form)

    def _link(self, link: _Link, url: object, columns: Sequence[Column], index: int) -> None:
        """Make a link of the name, or of the id where there is no name."""
        if not self._links_left or not _is_address(url):
            return
        for place in link.places:
            value = columns[place].values[index]
            if value is None or value == "":
                continue
            self._links_left -= 1
            style = self._form(columns[place].form, linked=True)
            self._tab.write_url(self._row, place, url, style, str(value))
            if not isinstance(value, str):  # the same cell again: a link's own text is a string
                self._tab.write_number(self._row, place, value, style)
            return

    def _form(self, form: Form, *, linked: bool = False) -> Any:
        if not form and not linked:
            return None
        if (form, linked) not in self._forms:
            look: dict[str, object] = {"num_format": form} if form else {}
            if linked:
                look |= {"font_color": "#0563C1", "underline": 1}
            self._forms[form, linked] = self._book.add_format(look)
        return self._forms[form, linked]


def _links(names: Sequence[str]) -> list[_Link]:
    numbers = {name: number for number, name in enumerate(names)}
    found = []
    for name in names:
        if name != "url" and not name.endswith("_url"):
            continue
        stem = name.removesuffix("url")
        places = (numbers.get(f"{stem}{kind}") for kind in ("name", "id", "ref"))
        known = tuple(place for place in places if place is not None)
        if known:
            found.append(_Link(numbers[name], known))
    return found


def _is_address(url: object) -> bool:
    """Whether it is an address on the web, and nothing that a click would run or open."""
    if not isinstance(url, str) or len(url) > _ADDRESS or not url.isprintable():
        return False
    return re.fullmatch(r"https?://[^\s/]\S*", url, re.IGNORECASE) is not None


def _width(name: str, sample: Column) -> int:
    """How wide a column is, in characters."""
    fixed = _WIDTHS.get(sample.form)
    values = (value for value in sample.values if value is not None)
    texts = (f"{value:.10g}" if isinstance(value, float) else str(value) for value in values)
    lines = [cell_len(line) for text in texts for line in text[:500].split("\n")]
    heading = cell_len(name) + 3  # for the arrow of the filter
    return max(min(fixed or max(lines, default=0), _WIDEST) + 1, heading, _NARROWEST)
