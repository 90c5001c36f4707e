"""Writes rows as CSV, JSON, NDJSON, Parquet or an Excel workbook, whatever their number.

Times are UTC and written so: ISO 8601 with a Z in text, a UTC type in Parquet. Text is written as
it is; in CSV that includes text which a spreadsheet would take for a formula (`=…`): CSV is data,
import its columns as text. A workbook (`queries.sheets`) has no such trap.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from linkgraph.errors import UsageError
from linkgraph.plaintext import plain
from queries.rows import (
    ENCODER,
    Rows,
    all_placed,
    batches_of,
    cell_text,
    times_as_text,
    typed_names,
)
from queries.wholefiles import placed

#: The names that `write` knows.
FORMATS = ("csv", "json", "ndjson", "parquet", "xlsx")
#: When a row group of Parquet is full.
_GROUP_ROWS, _GROUP_BYTES = 120_000, 2**24


def write(rows: Rows, target: Path | BinaryIO, format: str) -> int:
    """Write all rows and return how many they were.

    A path is replaced at once when all is written: a failure leaves what stood there before.
    Columns of the same name get a number: `id`, `id_2`.

    Raises:
        UsageError: there is no such format.
        LinkgraphError: it could not be written (no such folder, no rights, disk full), or the
            format has no place for a value (an interval in Parquet, a time before year 1 in text).
    """
    if format not in FORMATS:
        raise UsageError(
            f"no format is called «{plain(format, 40)}»", hint=f"formats: {', '.join(FORMATS)}"
        )
    with all_placed(format):
        if format == "xlsx":
            from queries.sheets import Sheet, write_book  # not for every command

            return write_book(target, [Sheet("rows", rows)])
        with placed(target, "the rows") as stream:
            return _WRITERS[format](rows, stream)


def _write_csv(rows: Rows, stream: BinaryIO) -> int:
    count = 0
    schema = pa.schema([(name, _csv_type(kind)) for name, kind in typed_names(rows)])
    with pa_csv.CSVWriter(stream, schema) as writer:
        for batch in batches_of(rows):
            columns = [
                _csv_text(times_as_text(column), field.type)
                for column, field in zip(batch.columns, schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))
            count += batch.num_rows
    return count


def _write_ndjson(rows: Rows, stream: BinaryIO) -> int:
    count = 0
    for batch in _objects(rows):
        stream.write(ENCODER.encode_lines(batch))
        count += len(batch)
    return count


def _write_json(rows: Rows, stream: BinaryIO) -> int:
    count = 0
    stream.write(b"[")
    for batch in _objects(rows):
        lines = b",\n".join(map(ENCODER.encode, batch))
        stream.write((b"\n" if count == 0 else b",\n") + lines)
        count += len(batch)
    stream.write(b"\n]\n" if count else b"]\n")
    return count


def _write_parquet(rows: Rows, stream: BinaryIO) -> int:
    count = 0
    schema = pa.schema([(name, _utc(kind)) for name, kind in typed_names(rows)])
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        for group in _groups(rows):
            columns = [
                column.cast(field.type) for column, field in zip(group.columns, schema, strict=True)
            ]
            writer.write_table(pa.table(columns, schema=schema))
            count += group.num_rows
    return count


_WRITERS: dict[str, Callable[[Rows, BinaryIO], int]] = {
    "csv": _write_csv,
    "json": _write_json,
    "ndjson": _write_ndjson,
    "parquet": _write_parquet,
}


def _objects(rows: Rows) -> Iterator[list[dict[str, Any]]]:
    names = [name for name, _ in typed_names(rows)]
    for batch in batches_of(rows):
        columns = [times_as_text(column).to_pylist() for column in batch.columns]
        yield [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _groups(rows: Rows) -> Iterator[pa.Table]:
    """Batches put together: Parquet of many little row groups is large and slow to read."""
    gathered: list[pa.RecordBatch] = []
    count = size = 0
    for batch in batches_of(rows):
        gathered.append(batch)
        count += batch.num_rows
        size += batch.nbytes
        if count >= _GROUP_ROWS or size >= _GROUP_BYTES:
            yield pa.Table.from_batches(gathered)
            gathered, count, size = [], 0, 0
    if gathered:
        yield pa.Table.from_batches(gathered)


def _utc(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_timestamp(kind):
        return pa.timestamp(kind.unit, "UTC")
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _csv_type(kind: pa.DataType) -> pa.DataType:
    plain_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if plain_number or pa.types.is_boolean(kind) or pa.types.is_decimal(kind):
        return kind
    return pa.string()


def _csv_text(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """A column that the CSV writer takes: lists and the like become JSON."""
    if column.type == kind:
        return column
    if pa.types.is_null(column.type) or pa.types.is_large_string(column.type):
        return column.cast(kind)
    return pa.array(
        (None if value is None else cell_text(value) for value in column.to_pylist()), type=kind
    )
