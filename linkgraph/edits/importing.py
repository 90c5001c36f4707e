"""Edits from a file: CSV or one JSON object a line.

Columns, or keys:

    verb,a,b,main,quantity,price,updated_by
    link,lead:1,contact:2,yes,,,
    link,lead:1,element:4521/7,,2.5,11,

or a column `edit` or `fix` that holds edits in text, several joined by «; », as `linkgraph ask`
writes them; other columns are then left alone. CSV is separated by comma, semicolon or tab. A line
that is no edit is told by its number, whatever is in it.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from linkgraph.edit import Edit, edits_of
from linkgraph.edits.entries import Entry, Origin, Source
from linkgraph.edits.queueing import Queued
from linkgraph.errors import InvalidEdit, UsageError
from linkgraph.model import Ref
from linkgraph.plaintext import plain

FORMATS = ("csv", "ndjson")
COLUMNS = ("verb", "a", "b", "main", "quantity", "price", "updated_by")
#: Columns that hold edits in text.
TEXT_COLUMNS = ("edit", "fix")
_NEEDED = frozenset({"verb", "a", "b"})
_SEPARATORS = (",", ";", "\t")
_LONGEST = 2**30
"""Characters in a cell: an export's other columns hold whatever people typed."""
_SHOWN = 200
_YES_OR_NO = {"yes": "yes", "true": "yes", "1": "yes", "no": "no", "false": "no", "0": "no"}
_HINT = f"columns: {','.join(COLUMNS)}; or one named edit or fix"


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was not queued."""

    number: int
    """From 1, the header of a CSV file counted; of the line where its row begins."""
    text: str
    """Its beginning, printable."""
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file."""

    queued: Queued
    bad: tuple[BadLine, ...]
    """All bad lines; where there are any, nothing is queued unless the import was partial."""
    count: int
    """Lines that hold edits, good and bad; blank ones and empty fixes are not counted."""


@dataclass(frozen=True, slots=True)
class GoodLine:
    """A line that was read."""

    number: int
    text: str
    entries: tuple[Entry, ...]

    def bad(self, error: UsageError) -> BadLine:
        """The line, if what it says cannot be queued."""
        return BadLine(self.number, self.text, _reason(error))


def read(
    stream: BinaryIO,
    format: str,
    name: str,
    updated_by: int | None = None,
    ref: Callable[[str], Ref] = Ref.parse,
) -> tuple[list[GoodLine], list[BadLine]]:
    """Read the edits of a file.

    Args:
        stream: UTF-8, with a byte order mark or without.
        format: one of `FORMATS`.
        name: what stands with every edit as its origin.
        updated_by: for lines that do not say it.
        ref: reads a card's ref or address.

    Raises:
        UsageError: the file is in another encoding, or has not the columns.
    """
    if format not in FORMATS:
        raise UsageError(
            f"edits are not read from {plain(format, 20)}", hint=f"formats: {', '.join(FORMATS)}"
        )
    text = _decoded(stream.read(), name)
    rows = _csv_rows(text, name) if format == "csv" else _json_rows(text)
    good: list[GoodLine] = []
    bad: list[BadLine] = []
    for number, shown, row in rows:
        try:
            if isinstance(row, UsageError):
                raise row
            edits, by = _edits(row, ref)
        except UsageError as error:
            bad.append(BadLine(number, shown, _reason(error)))
            continue
        origin = Origin(Source.FILE, f"{name}:{number}")
        by = updated_by if by is None else by
        if edits:
            good.append(GoodLine(number, shown, tuple(Entry(one, origin, by) for one in edits)))
    return good, bad


#: A row: number of its line, its beginning, and what it says or why that cannot be told.
_Row = tuple[int, str, Mapping[str, str] | UsageError]


def _decoded(content: bytes, name: str) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content[:2]
    if not wide:
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise UsageError(
                f"{plain(name)} is not in UTF-8 (line {line:,})", hint="save it as CSV UTF-8"
            ) from error
    raise UsageError(f"{plain(name)} is in UTF-16", hint="save it as CSV UTF-8")


def _csv_rows(text: str, name: str) -> Iterator[_Row]:
    csv.field_size_limit(max(_LONGEST, csv.field_size_limit()))
    separator, header = _header(text, name)
    used = [column for column in TEXT_COLUMNS if column in header][:1] or list(COLUMNS)
    places = {column: header.index(column) for column in used if column in header}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    next(reader)
    begins = reader.line_num + 1
    for cells in reader:
        number, begins = begins, reader.line_num + 1
        row = {column: cells[at] for column, at in places.items() if at < len(cells)}
        if any(cell.strip() for cell in row.values()):
            yield number, _shown(row.values()), row


def _header(text: str, name: str) -> tuple[str, list[str]]:
    """The separator, and the columns' names."""
    found: list[str] = []
    for separator in _SEPARATORS:
        cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
        header = [cell.strip().lower() for cell in cells]
        if set(header) & set(TEXT_COLUMNS):
            return separator, header
        if set(header) >= _NEEDED:
            odd = [column for column in header if column not in COLUMNS]
            if odd:
                raise UsageError(
                    f"{plain(name)} has a column «{plain(odd[0], 40)}» that no edit has",
                    hint=_HINT,
                )
            return separator, header
        found = max(found, header, key=len)
    shown = ", ".join(plain(cell, 40) for cell in found[:10])
    raise UsageError(
        f"{plain(name)} has no columns of edits, but: {shown or 'nothing'}", hint=_HINT
    )


def _json_rows(text: str) -> Iterator[_Row]:
    for number, line in enumerate(io.StringIO(text), 1):
        if not line.strip():
            continue
        row: Mapping[str, str] | UsageError
        try:
            row = _keys(msgspec.json.decode(line))
        except UsageError as error:
            row = error
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            row = InvalidEdit("this is not JSON")
        if isinstance(row, UsageError) or any(row.values()):
            yield number, _shown([line]), row


def _keys(value: object) -> dict[str, str]:
    """A JSON object as a row of CSV would have it."""
    if not isinstance(value, dict):
        raise InvalidEdit("this is not a JSON object")
    texts = [key for key in TEXT_COLUMNS if key in value][:1]
    odd = [key for key in value if key not in COLUMNS]
    if not texts and odd:
        raise InvalidEdit(f"no edit has a key «{plain(odd[0], 40)}»")
    row: dict[str, str] = {}
    for key in texts or list(value):
        cell = value[key]
        if isinstance(cell, (dict, list)):
            raise InvalidEdit(f"«{key}» holds more than one value")
        row[key] = "" if cell is None else str(cell)
    return row


def _edits(
    row: Mapping[str, str], ref: Callable[[str], Ref]
) -> tuple[tuple[Edit, ...], int | None]:
    """The edits of a row, and in whose name they are written."""
    for column in TEXT_COLUMNS:
        if column in row:
            return _in_text(row[column], ref), None
    cells = {column: row.get(column, "").strip() for column in COLUMNS}
    missing = [column for column in ("verb", "a", "b") if not cells[column]]
    if missing:
        raise InvalidEdit(f"«{missing[0]}» is missing")
    if any(len(cell) > _SHOWN or len(cell.split()) > 1 for cell in cells.values()):
        raise InvalidEdit("a cell holds more than one word")
    words = [cells["verb"].lower(), str(ref(cells["a"])), str(ref(cells["b"]))]
    if cells["main"]:
        words.append(f"main={_YES_OR_NO.get(cells['main'].lower(), cells['main'])}")
    words += [f"{name}={cells[name]}" for name in ("quantity", "price") if cells[name]]
    by = cells["updated_by"]
    if by and not (by.isascii() and by.isdigit() and len(by) < 20):
        raise InvalidEdit(f"«{plain(by, 40)}» is no user's id")
    return (Edit.parse(" ".join(words)),), int(by) if by else None


def _in_text(text: str, ref: Callable[[str], Ref]) -> tuple[Edit, ...]:
    edits = edits_of(text.strip())
    for word in text.replace(";", " ").split():
        if "://" in word:
            ref(word)  # the address of another account's card is no card here
    return edits


def _shown(cells: Iterable[str]) -> str:
    return plain(" ".join(cell[:_SHOWN].strip() for cell in cells if cell), _SHOWN)


def _reason(error: UsageError) -> str:
    return f"{error.message} ({error.hint})" if error.hint else error.message
