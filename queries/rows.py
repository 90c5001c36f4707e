"""Rows as files need them: in batches, every column once by name, times and lists as text."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from linkgraph.errors import LinkgraphError
from linkgraph.plaintext import plain

Rows: TypeAlias = pa.Table | pa.RecordBatchReader
BATCH_ROWS = 65_536
_NO_FRACTION = r"\.0+$"
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
#: Seconds from 1970 to the first moment of the year 1, and to the last of the year 9999.
_YEARS = (-62_135_596_800, 253_402_300_799)


@contextmanager
def all_placed(where: str) -> Iterator[None]:
    """Tell of a value that `where` (a format, a table) has no place for.

    Raises:
        LinkgraphError: there was one: an interval in Parquet, a year before 1 or after 9999.
    """
    try:
        yield
    except (OverflowError, pa.ArrowInvalid, pa.ArrowNotImplementedError) as exc:
        raise LinkgraphError(
            f"{where} has no place for a value: {plain(exc)}",
            hint="cast its column to text: select x::varchar",
        ) from exc


def unique_names(names: Sequence[str]) -> list[str]:
    """Names of columns, each once: `id`, `id_2`."""
    taken: dict[str, None] = {}
    for given in names:
        name, number = given, 1
        while name in taken:
            number += 1
            name = f"{given}_{number}"
        taken[name] = None
    return list(taken)


def typed_names(rows: Rows) -> list[tuple[str, pa.DataType]]:
    """Names and types, each name once: no reader of files bears two of one name."""
    return list(zip(unique_names(rows.schema.names), rows.schema.types, strict=True))


def batches_of(rows: Rows) -> Iterator[pa.RecordBatch]:
    """The rows in batches of at most `BATCH_ROWS`."""
    for batch in rows.to_batches(BATCH_ROWS) if isinstance(rows, pa.Table) else rows:
        for start in range(0, batch.num_rows, BATCH_ROWS):
            yield batch.slice(start, BATCH_ROWS)


def times_as_text(column: pa.Array) -> pa.Array:
    """A column with its times as ISO 8601 text; others as they are.

    Raises:
        OverflowError: a time is beyond the years 1 to 9999, which DuckDB's «infinity» is too.
    """
    if pa.types.is_dictionary(column.type):
        return column.cast(column.type.value_type)
    if not pa.types.is_timestamp(column.type):
        return column
    second = _PER_SECOND[column.type.unit]
    ends = pc.min_max(column.cast(pa.int64())).as_py()
    if ends["min"] is not None and (
        ends["min"] // second < _YEARS[0] or ends["max"] // second > _YEARS[1]
    ):
        raise OverflowError("a time is beyond the years 1 to 9999")
    # a cast is ten times as fast as strftime; without its zone a time is written as UTC
    written = column.cast(pa.timestamp(column.type.unit)).cast(pa.string())
    written = pc.replace_substring(written, " ", "T", max_replacements=1)
    written = pc.replace_substring_regex(written, pattern=_NO_FRACTION, replacement="")
    return pc.binary_join_element_wise(written, "Z", "")


def cell_text(value: Any) -> str:
    """A value as the text of one cell: lists and the like as JSON."""
    return ENCODER.encode(value).decode() if isinstance(value, list | dict) else str(value)


def _plain_value(value: Any) -> str:
    return str(value)


ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=_plain_value)
