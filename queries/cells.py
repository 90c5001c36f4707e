"""Columns as the cells of a worksheet: numbers, flags and dates that Excel takes, or plain text.

A number that Excel would round, and a date outside of its calendar, are text: better a cell that
cannot be added up than one that lies.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import pyarrow as pa

from linkgraph.plaintext import plain
from queries.rows import cell_text, times_as_text

Cell: TypeAlias = str | int | float | bool | None
#: How Excel shows the numbers of a column: as they are, whole, or as dates and times.
Form: TypeAlias = Literal["", "0", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "hh:mm:ss"]

#: The most characters a cell holds, counted as Excel counts: in UTF-16.
TEXT = 32_767
#: Excel keeps fifteen digits of a number and turns the others to zeros.
_EXACT = 10**15
#: The day that Excel calls 0, as days before 1970; its calendar is right from March 1900 to 9999.
_EPOCH = 25_569
_FIRST_DAY, _END_DAY = 61, 2_958_466
_DAY = {"s": 86_400, "ms": 86_400 * 10**3, "us": 86_400 * 10**6, "ns": 86_400 * 10**9}
# What XML has no place for, and what reorders a line. Line breaks and tabs are at home in a cell.
_UNWELCOME = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column's cells, and the form in which its numbers are shown."""

    values: Sequence[Cell]
    form: Form = ""


def shown(text: str) -> str:
    """A text as a cell can hold it: control characters written out, and cut where too long."""
    text = _UNWELCOME.sub(_visible, text.replace("\r\n", "\n"))
    if len(text) * 2 > TEXT and len(text.encode("utf-16-le")) // 2 > TEXT:
        cut = text.encode("utf-16-le")[: (TEXT - 1) * 2]
        text = cut.decode("utf-16-le", "ignore") + "…"
    return text


def cells(column: pa.Array) -> Column:
    """The cells of a column, one a row; None stays empty.

    Raises:
        OverflowError: a time is beyond the years 1 to 9999.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return cells(column.cast(kind.value_type))
    if pa.types.is_timestamp(kind):
        return _dated(column, _DAY[kind.unit], "yyyy-mm-dd hh:mm:ss")
    if pa.types.is_date32(kind):
        return _dated(column, 1, "yyyy-mm-dd")
    if pa.types.is_time(kind):
        return Column(_each(_ticks(column), lambda value: value / _DAY[kind.unit]), "hh:mm:ss")
    values = column.to_pylist()
    if pa.types.is_boolean(kind):
        return Column(values)
    if pa.types.is_integer(kind):
        return Column(_each(values, _whole), "0")
    if pa.types.is_floating(kind):
        return Column(_each(values, lambda value: value if math.isfinite(value) else str(value)))
    if pa.types.is_decimal(kind):
        if kind.scale == 0:
            return Column(_each(values, lambda value: _whole(int(value))), "0")
        return Column(_each(values, _decimal))
    return Column(_each(values, lambda value: shown(cell_text(value))))


def _each(values: Sequence[Any], convert: Callable[[Any], Cell]) -> list[Cell]:
    return [None if value is None else convert(value) for value in values]


def _whole(value: int) -> Cell:
    return value if abs(value) < _EXACT else str(value)


def _decimal(value: Decimal) -> Cell:
    return float(value) if len(value.as_tuple().digits) <= 15 else str(value)


def _dated(column: pa.Array, ticks_a_day: int, form: Form) -> Column:
    ticks = _ticks(column)
    days: list[Cell] = [None if tick is None else tick / ticks_a_day + _EPOCH for tick in ticks]
    strange = [
        row
        for row, day in enumerate(days)
        if isinstance(day, float) and not _FIRST_DAY <= day < _END_DAY
    ]
    if strange:
        written = times_as_text(column.take(pa.array(strange))).to_pylist()
        for row, text in zip(strange, written, strict=True):
            days[row] = str(text)
    return Column(days, form)


def _ticks(column: pa.Array) -> list[int | None]:
    """Times as whole numbers of their unit."""
    size = pa.int32() if column.type.bit_width == 32 else pa.int64()
    ticks: list[int | None] = column.cast(size).to_pylist()
    return ticks


def _visible(match: re.Match[str]) -> str:
    return plain(match[0])
