"""Rows written as files: the same values in every format, whole or not at all."""

import csv
import io
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine

from linkgraph.errors import LinkgraphError, QueryStopped, UsageError
from queries.formats import FORMATS, write
from queries.sandbox import run_sql

TEXT = 'a "quote", a\nline, =1+1, \x00 and «ё»'
SQL = """
select 1 as id, $text as text, timestamp '2026-01-02 03:04:05' as at,
    timestamp '2026-01-02 03:04:05.25' as fine, ['a', null] as tags, {'a': 1} as box,
    1.5::double as price, 2.50::decimal(9, 2) as money, true as yes, null as nothing,
    'lead'::entity_type as kind, 12::hugeint as huge, 2 as id
union all
select null, null, null, null, null, null, 'nan'::double, null, null, null, null, null, null
"""


def written(engine: Engine, format: str) -> bytes:
    stream = io.BytesIO()
    with run_sql(engine, SQL, parameters={"text": TEXT}) as result:
        assert write(result.reader(), stream, format) == 2
    return stream.getvalue()


def objects(engine: Engine, format: str) -> list[dict[str, Any]]:
    text = written(engine, format)
    if format == "json":
        found: list[dict[str, Any]] = json.loads(text)
        return found
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("format", ["json", "ndjson"])
def test_json_keeps_types(empty: Engine, format: str) -> None:
    """Numbers stay numbers, times are ISO 8601 in UTC, lists are lists; NaN is null."""
    first, second = objects(empty, format)

    assert first == {
        "id": 1,
        "text": TEXT,
        "at": "2026-01-02T03:04:05Z",
        "fine": "2026-01-02T03:04:05.250000Z",
        "tags": ["a", None],
        "box": {"a": 1},
        "price": 1.5,
        "money": 2.5,
        "yes": True,
        "nothing": None,
        "kind": "lead",
        "huge": 12,
        "id_2": 2,
    }
    assert set(second.values()) == {None}


def test_csv_is_text_as_it_is(empty: Engine) -> None:
    """Quotes and line breaks survive; lists are JSON; nothing is empty."""
    first, second = csv.DictReader(io.StringIO(written(empty, "csv").decode(), newline=""))

    assert first == {
        "id": "1",
        "text": TEXT,
        "at": "2026-01-02T03:04:05Z",
        "fine": "2026-01-02T03:04:05.250000Z",
        "tags": '["a",null]',
        "box": '{"a":1}',
        "price": "1.5",
        "money": "2.50",
        "yes": "true",
        "nothing": "",
        "kind": "lead",
        "huge": "12",
        "id_2": "2",
    }
    assert second["id"] == ""


def test_parquet_keeps_types_and_zone(empty: Engine) -> None:
    """Times carry their zone, so that no reader takes them for local ones."""
    table = pq.read_table(io.BytesIO(written(empty, "parquet")))

    assert table.to_pylist()[0]["at"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert table.to_pylist()[0]["money"] == Decimal("2.50")
    assert table.column_names[-1] == "id_2"


@pytest.mark.parametrize("format", FORMATS)
def test_no_rows_are_a_file_too(empty: Engine, tmp_path: Path, format: str) -> None:
    """An empty answer is a valid file, with its columns where the format has them."""
    with run_sql(empty, "select lead_id, name, created_at from leads") as result:
        assert write(result.reader(), tmp_path / "x", format) == 0

    text = (tmp_path / "x").read_bytes()
    if format == "json":
        assert json.loads(text) == []
    elif format == "csv":
        assert text == b'"lead_id","name","created_at"\n'
    elif format == "parquet":
        assert pq.read_table(tmp_path / "x").column_names == ["lead_id", "name", "created_at"]


@pytest.mark.parametrize("format", FORMATS)
def test_many_rows_stream(empty: Engine, tmp_path: Path, format: str) -> None:
    """Rows go out batch by batch and all arrive."""
    with run_sql(empty, "select range as n from range(200000)") as result:
        assert write(result.reader(), tmp_path / "x", format) == 200_000

    if format == "json":
        assert msgspec.json.decode((tmp_path / "x").read_bytes())[-1] == {"n": 199_999}


@pytest.mark.parametrize("format", FORMATS)
def test_a_failure_leaves_what_was_there(empty: Engine, tmp_path: Path, format: str) -> None:
    """An error half way keeps its kind, the old file stands, and no other is left."""
    target = tmp_path / "out" / "x"
    target.parent.mkdir()
    target.write_text("old")

    with run_sql(empty, "select range as n from range(100000000000)") as result:

        def stopped_later() -> Iterator[pa.RecordBatch]:
            for batch in result.batches():
                yield batch
                result.interrupt()

        reader = pa.RecordBatchReader.from_batches(result.schema, stopped_later())
        with pytest.raises(QueryStopped):
            write(reader, target, format)

    assert target.read_text() == "old"
    assert [path.name for path in target.parent.iterdir()] == ["x"]


def test_an_unwritable_place_is_told_in_one_line(tmp_path: Path) -> None:
    """No such folder, a folder in the place, a full disk: one line and what to do."""
    table = pa.table({"n": list(range(100_000))})
    (tmp_path / "folder").mkdir()

    for target in (tmp_path / "nowhere" / "x", tmp_path / "folder"):
        with pytest.raises(LinkgraphError, match="cannot write") as caught:
            write(table, target, "csv")
        assert caught.value.hint
    assert sorted(os.listdir(tmp_path)) == ["folder"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
@pytest.mark.parametrize("format", FORMATS)
def test_a_full_disk_is_told(format: str) -> None:
    """A stream that takes no more is one line too."""
    table = pa.table({"n": list(range(100_000))})

    with (
        pytest.raises(LinkgraphError, match="No space left"),
        Path("/dev/full").open("wb", buffering=0) as stream,
    ):
        write(table, stream, format)


@pytest.mark.parametrize(
    ("sql", "format"),
    [
        ("select interval '1 month' as x", "parquet"),
        ("select 'infinity'::timestamp_s as x", "parquet"),
        ("select 'infinity'::timestamp as x", "csv"),
        ("select '5000-01-01 (BC)'::date as x", "json"),
        ("select ['infinity'::timestamp] as x", "ndjson"),
        ("select '-infinity'::timestamptz as x", "xlsx"),
    ],
)
def test_a_value_without_a_place_is_told(
    empty: Engine, tmp_path: Path, sql: str, format: str
) -> None:
    """What a format has no place for is one line with a way out, neither wrong nor half a file."""
    with run_sql(empty, sql) as result, pytest.raises(LinkgraphError, match=format) as caught:
        write(result.reader(), tmp_path / "x", format)

    assert "::varchar" in caught.value.hint
    assert not (tmp_path / "x").exists()


def test_an_unknown_format_lists_the_known_ones() -> None:
    """A typing error is met with the formats there are."""
    with pytest.raises(UsageError) as caught:
        write(pa.table({}), io.BytesIO(), "xml")

    assert "parquet" in caught.value.hint


def test_what_is_no_file_is_written_to_as_it_is(empty: Engine, tmp_path: Path) -> None:
    """A pipe stays a pipe: whoever reads it gets the rows."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as reader:
        read = reader.submit(pipe.read_text)
        with run_sql(empty, "select 1 as x") as result:
            write(result.reader(), pipe, "csv")
        assert read.result(10) == '"x"\n1\n'
    assert pipe.is_fifo()


def test_a_symlink_stays_one(empty: Engine, tmp_path: Path) -> None:
    """What it leads to is replaced, and keeps its rights."""
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "real.csv").chmod(0o600)
    (tmp_path / "link.csv").symlink_to("real.csv")
    with run_sql(empty, "select 1 as x") as result:
        write(result.reader(), tmp_path / "link.csv", "csv")

    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == '"x"\n1\n'
    assert (tmp_path / "real.csv").stat().st_mode & 0o777 == 0o600


def test_a_full_device_says_so(empty: Engine) -> None:
    """And is still a device afterwards."""
    full = Path("/dev/full")
    if not full.is_char_device():
        pytest.skip("no device here is always full")
    with run_sql(empty, "select 1 as x") as result, pytest.raises(LinkgraphError, match="space"):
        write(result.reader(), full, "csv")
    assert full.is_char_device()
