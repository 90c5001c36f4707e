"""Writes rows as CSV, JSON, NDJSON or Parquet, batch by batch, whatever their number.

Times are UTC and written so: ISO 8601 with a Z in text, a UTC type in Parquet. Text is written as
it is; in CSV that includes text which a spreadsheet would take for a formula (`=…`): CSV is data,
import its columns as text.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from linkgraph.errors import UsageError
from linkgraph.plaintext import plain
from queries.wholefiles import unwritable, whole_file

#: The names that `write` knows.
FORMATS = ("csv", "json", "ndjson", "parquet")

Rows: TypeAlias = pa.Table | pa.RecordBatchReader
_BATCH_ROWS = 65_536
_NO_FRACTION = r"\.0+Z$"


def write(rows: Rows, target: Path | BinaryIO, format: str) -> int:
    """Write all rows and return how many they were.

    A path is replaced at once when all is written: a failure leaves what stood there before.
    Columns of the same name get a number: `id`, `id_2`.

    Raises:
        UsageError: there is no such format.
        LinkgraphError: it could not be written (no such folder, no rights, disk full).
    """
    if format not in FORMATS:
        raise UsageError(
            f"no format is called «{plain(format, 40)}»", hint=f"formats: {', '.join(FORMATS)}"
        )
    if isinstance(target, Path):
        with whole_file(target) as stream:
            return _WRITERS[format](rows, stream)
    with _told():
        return _WRITERS[format](rows, target)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise  # whoever read the stream has seen enough, which is no failure
    except OSError as exc:
        raise unwritable("the rows", exc) from exc


def _write_csv(rows: Rows, stream: BinaryIO) -> int:
    count = 0
    schema = pa.schema([(name, _csv_type(kind)) for name, kind in _columns(rows)])
    with pa_csv.CSVWriter(stream, schema) as writer:
        for batch in _batches(rows):
            columns = [
                _csv_text(_text(column), field.type)
                for column, field in zip(batch.columns, schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))
            count += batch.num_rows
    return count


def _write_ndjson(rows: Rows, stream: BinaryIO) -> int:
    count = 0
    for batch in _objects(rows):
        stream.write(_ENCODER.encode_lines(batch))
        count += len(batch)
    return count


def _write_json(rows: Rows, stream: BinaryIO) -> int:
    count = 0
    stream.write(b"[")
    for batch in _objects(rows):
        lines = b",\n".join(map(_ENCODER.encode, batch))
        stream.write((b"\n" if count == 0 else b",\n") + lines)
        count += len(batch)
    stream.write(b"\n]\n" if count else b"]\n")
    return count


def _write_parquet(rows: Rows, stream: BinaryIO) -> int:
    count = 0
    schema = pa.schema([(name, _utc(kind)) for name, kind in _columns(rows)])
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        for batch in _batches(rows):
            columns = [
                column.cast(field.type) for column, field in zip(batch.columns, schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))
            count += batch.num_rows
    return count


_WRITERS: dict[str, Callable[[Rows, BinaryIO], int]] = {
    "csv": _write_csv,
    "json": _write_json,
    "ndjson": _write_ndjson,
    "parquet": _write_parquet,
}


def _columns(rows: Rows) -> list[tuple[str, pa.DataType]]:
    """Names and types, each name once: neither JSON nor Parquet readers bear two of one name."""
    return list(zip(unique_names(rows.schema.names), rows.schema.types, strict=True))


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


def _batches(rows: Rows) -> Iterator[pa.RecordBatch]:
    for batch in rows.to_batches(_BATCH_ROWS) if isinstance(rows, pa.Table) else rows:
        for start in range(0, batch.num_rows, _BATCH_ROWS):
            yield batch.slice(start, _BATCH_ROWS)


def _objects(rows: Rows) -> Iterator[list[dict[str, Any]]]:
    names = [name for name, _ in _columns(rows)]
    for batch in _batches(rows):
        columns = [_text(column).to_pylist() for column in batch.columns]
        yield [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _text(column: pa.Array) -> pa.Array:
    """A column with its times as ISO 8601 text; others as they are."""
    if pa.types.is_dictionary(column.type):
        return column.cast(column.type.value_type)
    if not pa.types.is_timestamp(column.type):
        return column
    if column.type.tz is not None:
        column = column.cast(pa.timestamp(column.type.unit, "UTC"))
    text = pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
    return pc.replace_substring_regex(text, pattern=_NO_FRACTION, replacement="Z")


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
        (None if value is None else _cell(value) for value in column.to_pylist()), type=kind
    )


def _cell(value: Any) -> str:
    return _ENCODER.encode(value).decode() if isinstance(value, list | dict) else str(value)


def _plain_value(value: Any) -> str:
    return str(value)


_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=_plain_value)
