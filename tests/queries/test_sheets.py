"""Workbooks, read back: types, links, no formulas, and whatever people type stays text."""

import io
import os
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from linkgraph.errors import LinkgraphError
from queries import cells, sheets
from queries.formats import write
from queries.sandbox import run_sql
from queries.sheets import Sheet, write_book

URL = "https://example.amocrm.ru/leads/detail/1"
HOSTILE = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "{=1+1}",
    "+1",
    "-1",
    "@SUM(A1)",
    "http://evil.example",
    "https://evil.example/x",
    "mailto:a@b.c",
    "internal:Sheet1!A1",
    "external:c:\\x.xlsx",
    "file:///etc/passwd",
    "ftp://x",
    "007",
    "1e5",
    "TRUE",
    "#N/A",
    "<r><t>bold</t></r>",
    "<r></broken></r>",
    "</t></is></c>",
    "a & b < c > \"d\" 'e'",
    " blanks ",
    "two\nlines\tand a tab",
]


def book(*tables: Sheet) -> Any:
    """A workbook, written and read back."""
    stream = io.BytesIO()
    write_book(stream, tables)
    return openpyxl.load_workbook(stream)


def sheet(rows: pa.Table, **more: Any) -> Any:
    """The only sheet of a workbook."""
    return book(Sheet("rows", rows, **more)).active


def column(values: Sequence[Any], kind: pa.DataType | None = None) -> list[Any]:
    """Cells of a column of these values, without the heading."""
    return [row[0] for row in sheet(pa.table({"x": pa.array(values, kind)})).iter_rows(min_row=2)]


def values(values: Sequence[Any], kind: pa.DataType | None = None) -> list[Any]:
    """What those cells hold."""
    return [cell.value for cell in column(values, kind)]


def test_numbers_flags_and_dates_are_typed(empty: Engine) -> None:
    """What can be added up, filtered and sorted by date in Excel, can."""
    sql = """
    select 1 as n, 1.5::double as price, 2.50::decimal(9, 2) as money, true as yes,
        timestamp '2026-01-02 03:04:05.25' as at, timestamptz '2026-01-02 03:04:05+03' as there,
        date '2026-01-02' as day, time '03:04:05' as clock, sum(n) as total,
        timestamp_s '2026-01-02 03:04:05' as coarse, timestamp_ns '2026-01-02 03:04:05' as precise
    from (select 1 as n)
    """
    stream = io.BytesIO()
    with run_sql(empty, sql) as result:
        assert write(result.reader(), stream, "xlsx") == 1
    head, row = openpyxl.load_workbook(stream).active.iter_rows()
    at = datetime.fromisoformat("2026-01-02T03:04:05")

    assert {title.value: cell.value for title, cell in zip(head, row, strict=True)} == {
        "n": 1,
        "price": 1.5,
        "money": 2.5,
        "yes": True,
        "at": at.replace(microsecond=250_000),
        "there": at.replace(hour=0),
        "day": datetime.fromisoformat("2026-01-02"),
        "clock": time(3, 4, 5),
        "total": 1,
        "coarse": at,
        "precise": at,
    }
    assert [cell.number_format for cell in row][4] == "yyyy-mm-dd hh:mm:ss"
    assert [cell.number_format for cell in row][6] == "yyyy-mm-dd"


def test_numbers_that_excel_would_change_are_text() -> None:
    """Excel keeps fifteen digits, and knows neither NaN nor infinity."""
    assert values([999_999_999_999_999, 2**53 + 1, -(2**62)]) == [
        999_999_999_999_999,
        "9007199254740993",
        "-4611686018427387904",
    ]
    assert values([float("nan"), float("inf"), -float("inf"), 0.1]) == ["nan", "inf", "-inf", 0.1]
    assert values([Decimal("1.25"), Decimal("12345678901234567.25")]) == [
        1.25,
        "12345678901234567.25",
    ]
    assert values([Decimal(10) ** 30], pa.decimal128(38, 0)) == ["1" + "0" * 30]
    assert column([123_456_789_012])[0].number_format == "0"  # else it is shown as 1.23E+11


def test_dates_outside_of_excels_calendar_are_text() -> None:
    """Excel begins in 1900, with a day that never was."""
    assert values([date(1899, 12, 31), date(1900, 3, 1), date(9999, 12, 31)]) == [
        "1899-12-31",
        datetime.fromisoformat("1900-03-01"),
        datetime.fromisoformat("9999-12-31"),
    ]
    assert values([datetime(1812, 9, 7, 6, tzinfo=UTC)]) == ["1812-09-07T06:00:00Z"]


def test_lists_and_the_like_are_json(empty: Engine) -> None:
    """A cell holds one text."""
    stream = io.BytesIO()
    with run_sql(
        empty,
        "select ['a', null] as l, {'a': 1} as s, '{\"b\": 2}'::json as j, 'lead'::entity_type",
    ) as result:
        write(result.reader(), stream, "xlsx")

    _, row = openpyxl.load_workbook(stream).active.iter_rows(values_only=True)
    assert row == ('["a",null]', '{"a":1}', '{"b": 2}', "lead")


def test_text_is_never_more_than_text() -> None:
    """No formula, no link, no markup and no number comes out of what people type."""
    cells = column(HOSTILE)

    assert [cell.value for cell in cells] == HOSTILE
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert [cell.hyperlink for cell in cells] == [None] * len(HOSTILE)
    titled = sheet(pa.table({text: [1] for text in HOSTILE}), title="=1+1", notes=["=2", "<r></r>"])
    assert {cell.data_type for row in titled.iter_rows(max_row=4) for cell in row} <= {
        "s",
        "inlineStr",
        "n",
    }
    assert titled["A1"].value == "=1+1"


@given(st.lists(st.text(max_size=30), max_size=8))
def test_any_text_arrives(texts: list[str]) -> None:
    """Any text is a valid workbook, with whatever XML can hold as it was."""
    encodable = [text for text in texts if text == text.encode("utf-8", "ignore").decode()]

    found = values(encodable, pa.string())

    for text, cell in zip(encodable, found, strict=True):
        if text.isprintable():
            assert (cell or "").replace("_x005F_x", "_x") == text
        assert len(cell or "") >= len(text.replace("\r\n", "\n"))


def test_control_characters_are_shown() -> None:
    """What XML has no place for, and what turns a line round, is written out."""
    assert values(["a\x00b\x1b[31m\r\n\u202ec\x85", "\ufffe"]) == [
        "a␀b␛[31m\n\\u202ec\\x85",
        "\\ufffe",
    ]
    assert cells.shown("x\ud800y") == "x\\ud800y"


def test_long_text_is_cut() -> None:
    """A cell takes 32,767 characters, of which an emoji is two."""
    long, emoji = values(["x" * 40_000, "😀" * 20_000])

    assert long == "x" * 32_766 + "…"
    assert emoji == "😀" * 16_383 + "…"
    assert values(["x" * 32_767]) == ["x" * 32_767]


def test_names_lead_to_their_cards() -> None:
    """A name is a link to its card, or the id where there is no name; the address stays text."""
    rows = pa.table(
        {
            "lead_id": [1, 2, None, 4],
            "lead_name": ["One", "", None, "Four"],
            "lead_url": [URL, URL + "2", URL, None],
            "other_id": [5, 6, 7, 8],
            "other_url": [URL, "javascript:alert(1)", "file:///etc/passwd", "https://a b"],
            "url": [URL] * 4,
        }
    )

    found = sheet(rows)

    links = {
        cell.coordinate: cell.hyperlink.target
        for row in found.iter_rows()
        for cell in row
        if cell.hyperlink
    }
    assert links == {"B2": URL, "A3": URL + "2", "D2": URL}
    assert (found["B2"].value, found["A3"].value, found["C2"].value) == ("One", 2, URL)
    assert found["A3"].data_type == "n"


def test_a_hostile_name_keeps_its_link() -> None:
    """The text of a link is text as well."""
    rows = pa.table({"x_id": [1] * len(HOSTILE), "x_name": HOSTILE, "x_url": [URL] * len(HOSTILE)})

    cells = [row[1] for row in sheet(rows).iter_rows(min_row=2)]

    assert [cell.value for cell in cells] == HOSTILE
    assert {cell.hyperlink.target for cell in cells} == {URL}


def test_links_beyond_what_excel_allows_are_text() -> None:
    """Excel would call a sheet of 65,531 links broken."""
    count = sheets.LINKS + 10
    rows = pa.table(
        {"x_id": range(count), "x_name": ["a"] * count, "x_url": [URL] * count},
    )
    stream = io.BytesIO()
    write_book(stream, [Sheet("rows", rows)])

    with zipfile.ZipFile(stream) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert xml.count("<hyperlink ") == 65_530
    assert xml.count("<row ") == count + 1


def test_rows_beyond_a_sheet_go_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each further sheet has its heading, frozen and filtered; none is lost or doubled."""
    monkeypatch.setattr(sheets, "ROWS", 4)
    rows = pa.table({"n": range(7)})

    found = book(Sheet("Cards", rows, title="All"), Sheet("cards (2)", rows.slice(0, 1)))

    assert {
        each.title: [row[0] for row in each.iter_rows(values_only=True)]
        for each in found.worksheets
    } == {
        "Cards": ["All", None, "n", 0],
        "Cards (2)": ["n", 1, 2, 3],
        "Cards (3)": ["n", 4, 5, 6],
        "cards (2) (2)": ["n", 0],
    }
    assert {each.freeze_panes for each in found.worksheets[1:]} == {"A2"}
    assert [each.auto_filter.ref for each in found.worksheets[:2]] == ["A3:A4", "A1:A4"]


def test_heading_is_frozen_and_filtered() -> None:
    """The first thing one does with a table is there, below a title as well."""
    plain_one = sheet(pa.table({"a": [1, 2], "b": ["x", "y"]}))
    titled = sheet(pa.table({"a": [1]}), title="A title", notes=["of today", "10 more"])

    assert (plain_one.freeze_panes, plain_one.auto_filter.ref) == ("A2", "A1:B3")
    assert plain_one["A1"].font.bold
    assert (titled.freeze_panes, titled.auto_filter.ref) == ("A6", "A5:A6")
    assert [row[0] for row in titled.iter_rows(values_only=True)] == [
        "A title",
        "of today",
        "10 more",
        None,
        "a",
        1,
    ]


def test_columns_are_as_wide_as_their_contents() -> None:
    """Names and dates are seen whole, long texts do not push the others away."""
    dimensions = sheet(
        pa.table({"id": [1], "at": [datetime(2026, 1, 1, tzinfo=UTC)], "text": ["x" * 500]})
    ).column_dimensions
    widths = [dimensions[letter].width for letter in "ABC"]

    assert widths[0] < 12
    assert 19 <= widths[1] < 25
    assert 50 <= widths[2] < 70


def test_nothing_is_an_empty_cell() -> None:
    """NULLs of every type, a column of nothing else, no rows and no columns at all."""
    kinds = [
        *(pa.int64(), pa.float64(), pa.string(), pa.bool_(), pa.timestamp("us"), pa.date32()),
        *(pa.time64("us"), pa.decimal128(9, 2), pa.list_(pa.string()), pa.null()),
        pa.dictionary(pa.int8(), pa.string()),
    ]
    rows = pa.table({str(kind): pa.array([None], kind) for kind in kinds})

    assert list(sheet(rows).iter_rows(min_row=2)) == []
    assert [cell.value for cell in next(sheet(rows.slice(0, 0)).iter_rows())] == rows.column_names
    assert sheet(pa.table({})).max_row == 1


def test_columns_of_one_name() -> None:
    """Each heading is there once, as in all formats."""
    rows = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["id", "id"])

    assert list(sheet(rows).iter_rows(values_only=True)) == [("id", "id_2"), (1, 2)]


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("a/b\\c[d]e:f*g?", "a-b-c-d-e-f-g-"),
        ("x" * 40, "x" * 31),
        ("😀" * 20, "😀" * 15),
        ("'quoted'", "quoted"),
        ("", "Sheet"),
        ("History", "History (2)"),
        ("a\x00b", "a␀b"),
    ],
)
def test_names_of_sheets_are_made_valid(wanted: str, given: str) -> None:
    """Excel takes 31 characters and not every one."""
    assert book(Sheet(wanted, pa.table({"a": [1]}))).sheetnames == [given]


def test_names_of_sheets_are_unique() -> None:
    """Also where they differ in case only, or by what is cut off."""
    rows = pa.table({"a": [1]})
    names = book(*(Sheet(name, rows) for name in ("A", "a", "x" * 40, "x" * 50))).sheetnames

    assert names == ["A", "a (2)", "x" * 31, "x" * 27 + " (2)"]


def test_the_same_rows_are_the_same_file(tmp_path: Path) -> None:
    """Neither the moment nor the machine or its user are in it."""
    table = Sheet("rows", pa.table({"a_id": [1], "a_name": ["x"], "a_url": [URL]}))
    streams = io.BytesIO(), io.BytesIO()
    for stream in streams:
        write_book(stream, [table])

    assert streams[0].getvalue() == streams[1].getvalue()
    properties = openpyxl.load_workbook(streams[0]).properties
    assert (properties.creator, properties.lastModifiedBy) == ("linkgraph", "linkgraph")


def test_more_columns_than_excel_knows() -> None:
    """Told before anything is written."""
    rows = pa.table({f"c{number}": [1] for number in range(sheets.COLUMNS + 1)})

    with pytest.raises(LinkgraphError, match="16,385 columns"):
        write_book(io.BytesIO(), [Sheet("rows", rows)])


def test_a_failure_leaves_no_file_and_no_open_one(tmp_path: Path) -> None:
    """Rows that fail half way, in the second sheet: the old book stands, alone in its folder."""
    target = tmp_path / "book.xlsx"
    target.write_text("old")
    schema = pa.schema([("n", pa.int64())])

    def failing() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch([pa.array([1])], schema=schema)
        raise KeyError("gone")

    good = pa.table({"n": [1]})
    bad = pa.RecordBatchReader.from_batches(schema, failing())
    with pytest.raises(KeyError):
        write_book(target, [Sheet("good", good), Sheet("bad", bad)])

    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["book.xlsx"]


def test_a_book_goes_through_a_pipe() -> None:
    """A stream that cannot go back is good enough."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as stream:
        write_book(stream, [Sheet("rows", pa.table({"n": [1, 2]}))])
    with os.fdopen(reading, "rb") as stream:
        found = openpyxl.load_workbook(io.BytesIO(stream.read())).active

    assert list(found.iter_rows(values_only=True)) == [("n",), (1,), (2,)]
