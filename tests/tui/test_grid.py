"""The grid of results: whatever stands in a table is shown plainly, sorted and marked."""

import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import ComposeResult
from textual.pilot import Pilot

import tui
from linkgraph.model import Ref
from tests.tui.driving import screen_text, settled, until
from tests.tui.homes import session_of
from tests.tui.worlds import HOSTILE
from tui.app import LinkgraphApp
from tui.celldetail import CellScreen, lines_of
from tui.grid import ResultsGrid
from tui.gridrows import MARK, NULL, GridRows
from tui.gridtable import GridTable
from tui.modes import ModeScreen

CARDS = pa.table(
    {
        "lead_id": [7, 8, None],
        "lead_name": ["Roof", "", None],
        "lead_url": ["https://x.amocrm.ru/leads/detail/7"] * 3,
        "price": [1_234_567, 20, 3],
        "note": ["b", "C", "a"],
    }
)


class GridScreen(ModeScreen):
    """A grid and nothing else."""

    MODE = "questions"

    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[Ref] = []

    def compose_body(self) -> ComposeResult:
        """The grid."""
        yield ResultsGrid()

    def on_results_grid_card_chosen(self, event: ResultsGrid.CardChosen) -> None:
        """Note which card was chosen."""
        self.chosen.append(event.ref)


class GridApp(LinkgraphApp):
    """The browser with a grid as its only mode."""

    CSS_PATH = str(Path(tui.__path__[0]) / "app.tcss")
    MODES: ClassVar[dict[str, Any]] = {"questions": GridScreen}
    DEFAULT_MODE = "questions"


@asynccontextmanager
async def grid(home: Path, table: pa.Table, **more: Any) -> AsyncIterator[Pilot[None]]:
    """A browser that shows a table in a grid, which has the focus."""
    app = GridApp(session_of(home))
    app.DEFAULT_MODE, app._current_mode = "questions", "questions"  # type: ignore[misc]
    app._screen_stacks = {"questions": []}
    async with app.run_test(size=(100, 24), notifications=True) as pilot:
        await settled(pilot)
        shown = app.screen.query_one(ResultsGrid)
        shown.show(table, **more)
        await settled(pilot)
        shown.focus()
        await settled(pilot)
        yield pilot


def texts(table: pa.Table, row: int = 0, **more: Any) -> list[str]:
    """The cells of a row as a grid shows them, without that of the marks."""
    return [cell.plain.strip() for cell in GridRows(table, **more).get_row_at(row)[1:]]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1_234_567, "1,234,567"),
        (1234.5, "1,234.5"),
        (1e300, "1e+300"),
        (0.00001, "1e-05"),
        (float("nan"), "nan"),
        (Decimal("1234.50"), "1,234.5"),
        (True, "yes"),
        (datetime.fromisoformat("2026-03-01T09:30:59"), "2026-03-01 09:30"),
        ([1, 2, None], "1, 2,"),
        (list(range(1000)), ", ".join(map(str, range(20))) + " …"),
        ({"a": [1, 2], "b": "ы"}, '{"a":[1,2],"b":"ы"}'),
        (None, NULL),
        ("", ""),
        (b"\x00\xff", "b'\\x00\\xff'"),
        (timedelta(days=2), "2 days, 0:00:00"),
    ],
)
def test_values_are_short_and_plain(value: object, shown: str) -> None:
    """Thousands are set apart, times end at the minute, lists and JSON are one line."""
    assert texts(pa.table({"x": [value]})) == [shown]


def test_ids_are_no_quantities() -> None:
    """An id has no thousands."""
    assert texts(pa.table({"status_id": [1_234_567], "id": [1_234_567]})) == ["1234567", "1234567"]


def test_what_python_has_no_word_for_is_shown() -> None:
    """DuckDB's infinite times, enums, uuids, intervals and huge numbers all have a cell."""
    table = duckdb.sql(
        "select 'infinity'::timestamp as a, 'x'::enum('x') as b, 10::hugeint ** 20 as c, "
        "interval 1 month as d, '00000000-0000-0000-0000-000000000007'::uuid as e, "
        "map {'a': 1} as f, timestamptz '2026-01-01 00:00:00+00' as g, null as h"
    ).to_arrow_table()

    assert all(texts(table))
    assert texts(table)[1] == "x"


def test_times_that_python_has_not_are_no_fault_within_others() -> None:
    """A date beyond the year 9999 in a record, a map or a list of lists leaves the grid whole."""
    table = duckdb.sql(
        "select {'a': date '20000-01-01'} as a, map {'a': date '20000-01-01'} as b, "
        "[[date '20000-01-01']] as c, array_value(date '20000-01-01') as d"
    ).to_arrow_table()
    rows = GridRows(table)

    assert all("cannot be shown" in text for text in texts(table))
    assert all("cannot be shown" in rows.whole(0, column) for column in range(4))


@given(st.text(max_size=300))
def test_any_text_becomes_one_printable_line(text: str) -> None:
    """Whatever was typed: nothing that moves a cursor or turns a line round."""
    encodable = text.encode("utf-8", "ignore").decode()
    (cell,) = texts(pa.table({"x": [encodable]}))

    kinds = {unicodedata.category(letter) for letter in cell if letter not in "\u200c\u200d"}
    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert len(cell) <= 200


def test_a_megabyte_is_cut_before_it_is_looked_at() -> None:
    """A huge text or list is no more work than what is shown of it."""
    table = pa.table({"x": ["\x1b" * 10**6], "y": [["ы" * 10**6] * 50]})

    assert [len(text) <= 200 for text in texts(table)] == [True, True]


def test_a_card_is_one_column() -> None:
    """Id, name and address are told as the card; without a name it is called by its ref."""
    rows = GridRows(CARDS)

    assert list(rows.columns) == ["", "lead", "price", "note"]
    assert [rows.get_cell_at(row, 1).plain for row in range(3)] == ["◆ Roof", "◆ lead:8", NULL]
    assert [rows.card(row, 0) for row in range(3)] == [
        Ref.parse("lead:7"),
        Ref.parse("lead:8"),
        None,
    ]


def test_columns_stand_as_selected_where_that_is_wanted() -> None:
    """Unjoined, every column keeps its name, and ids are cards still; names may be the same."""
    table = pa.table([[7], ["x"], ["y"]], names=["lead_id", "a", "a"])
    rows = GridRows(table, joined=False)

    assert list(rows.columns) == ["", "lead_id", "a", "a_2"]
    assert rows.card(0, 0) == Ref.parse("lead:7")
    assert rows.row(0) == {"lead_id": 7, "a": "x", "a_2": "y"}


@pytest.mark.parametrize(
    ("columns", "card"),
    [
        ({"ref": "contact:5"}, "contact:5"),
        ({"other_ref": "element:7/701"}, "element:7/701"),
        ({"id": 5, "type": "company"}, "company:5"),
        ({"to_id": 701, "to_type": "element", "to_catalog_id": 7}, "element:7/701"),
        ({"element_id": 701, "catalog_id": 7}, "element:7/701"),
        ({"entity_id": 5, "entity_type": "contact"}, "contact:5"),
        ({"id": 5, "type": "pipeline"}, None),
        ({"company_id": -1}, None),
        ({"ref": "no card"}, None),
        ({"element_id": 701}, None),
        ({"id": 5}, None),
        ({"ref": None}, None),
    ],
)
def test_cards_are_known_however_a_table_has_them(
    columns: dict[str, object], card: str | None
) -> None:
    """Refs, ids of one type, ids beside their type: as the snapshot's tables have them."""
    rows = GridRows(pa.table({name: [value] for name, value in columns.items()}), joined=False)

    assert rows.card(0, 0) == (None if card is None else Ref.parse(card))


@given(st.lists(st.one_of(st.none(), st.integers(-5, 5)), min_size=1, max_size=30), st.booleans())
def test_sorting_is_that_of_the_values(values: list[int | None], descending: bool) -> None:
    """Rows come in the order of a column, empty ones last, and equal ones as they were."""
    rows = GridRows(pa.table({"x": pa.array(values, pa.int64())}))
    rows.arrange(rows.order_by(0, descending=descending))
    sign = -1 if descending else 1
    expected = sorted(
        range(len(values)),
        key=lambda row: (values[row] is None, sign * (values[row] or 0)),
    )

    assert [rows.place(index) for index in range(len(values))] == expected


def test_only_what_is_on_the_screen_is_converted() -> None:
    """Of a million rows so many cells are made as are looked at, and a few for the widths."""
    rows = GridRows(pa.table({"x": range(10**6), "y": ["ы"] * 10**6}))
    assert rows.column_content_widths == [1, 7, 1]
    measured = rows.cell.cache_info().misses

    rows.get_row_at(999_999)

    assert rows.row_count == 10**6
    assert measured < 500
    assert rows.cell.cache_info().misses <= measured + 2


async def test_rows_are_marked_by_a_sign_and_keep_their_marks(home: Path) -> None:
    """Space marks and goes on; sorting takes marks along; escape unmarks all."""
    async with grid(home, CARDS) as pilot:
        shown = pilot.app.screen.query_one(ResultsGrid)
        await pilot.press("space", "up", "right", "right", "o")
        await settled(pilot)

        lines = screen_text(pilot.app).split("\n")
        marked = [line for line in lines if MARK in line]
        assert [("Roof" in line, "1,234,567" in line) for line in marked] == [(True, True)]
        assert "note ▲" in lines[1]
        assert [line.rstrip()[-1] for line in lines[2:5]] == ["a", "b", "C"]
        assert (shown.marked_rows, shown.current_row) == ([0], 2)
        assert "1 marked · 1 of 3" in screen_text(pilot.app)

        await pilot.press("o")
        await settled(pilot)
        assert "note ▼" in screen_text(pilot.app)
        await pilot.press("o", "escape")
        await settled(pilot)
        assert (shown.marked_rows, shown.current_row) == ([], 0)
        assert MARK not in screen_text(pilot.app)


async def test_a_cell_is_opened_copied_and_told_of(home: Path) -> None:
    """Enter chooses a card, and shows all of what is none; `y` copies the ref or the value."""
    async with grid(home, CARDS, meanings={"price": "What it is worth"}) as pilot:
        screen = pilot.app.screen
        assert "lead · lead:7 · ◆ Roof" in screen_text(pilot.app)
        await pilot.press("enter", "y")
        await settled(pilot)
        assert isinstance(screen, GridScreen)
        assert screen.chosen == [Ref.parse("lead:7")]
        assert pilot.app.clipboard == "lead:7"

        await pilot.press("right")
        await settled(pilot)
        assert "price · 1,234,567 · What it is worth" in screen_text(pilot.app)
        await pilot.press("Y")
        assert pilot.app.clipboard == "7\t1234567\tb"
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, CellScreen)
        await pilot.press("escape")
        assert pilot.app.screen_stack == [screen]


async def test_the_mouse_sorts_marks_and_opens(home: Path) -> None:
    """A click on a title sorts, one on the signs marks, two on a card open it."""
    async with grid(home, CARDS) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, GridScreen)
        shown = screen.query_one(ResultsGrid)
        await pilot.click(GridTable, offset=(22, 0))
        await settled(pilot)
        assert "price ▲" in screen_text(pilot.app)
        await pilot.click(GridTable, offset=(1, 1))
        await settled(pilot)
        assert shown.marked_rows == [2]
        await pilot.click(GridTable, offset=(6, 3), times=2)
        await settled(pilot)
        assert screen.chosen == [Ref.parse("lead:7")]


async def test_results_follow_each_other(home: Path) -> None:
    """A new result takes the place of the old one and keeps the focus; none leaves nothing."""
    async with grid(home, CARDS) as pilot:
        shown = pilot.app.screen.query_one(ResultsGrid)
        shown.show(pa.table({"other": ["there"]}))
        shown.show(pa.table({"last": ["here"]}))
        await settled(pilot)
        assert "here" in screen_text(pilot.app)
        assert "there" not in screen_text(pilot.app)
        assert isinstance(pilot.app.focused, GridTable)

        shown.show(pa.table({"last": pa.array([], pa.string())}))
        await pilot.press("enter", "space", "o", "y", "down", "end")
        await settled(pilot)
        assert "no rows" in screen_text(pilot.app)
        assert (shown.marked_rows, shown.current_row) == ([], None)
        shown.clear()
        await settled(pilot)
        assert not shown.query(GridTable)


async def test_hostile_cells_are_shown_as_they_are(home: Path) -> None:
    """No markup, escape code or megabyte of the CRM's takes hold of the screen."""
    table = pa.table({"name": [*HOSTILE, "[/b]" * 250_000]})
    async with grid(home, table) as pilot:
        text = screen_text(pilot.app)
        for said in ("[/x] closing [b", "[red]x[/red] [@click=app.quit]go[/]", "␛[31mred␛[0m"):
            assert said in text
        await pilot.hover(GridTable, offset=(6, 2))
        await pilot.press("end", "enter")
        await settled(pilot)
        assert "1,000,000 characters" in screen_text(pilot.app)
        assert "[/b][/b]" in screen_text(pilot.app)


async def test_a_column_without_an_order_says_so(home: Path) -> None:
    """Lists cannot be sorted by, which is told and harms nothing."""
    async with grid(home, pa.table({"members": [[1], [2]]})) as pilot:
        await pilot.press("o")
        await until(pilot, lambda: "members has no order to sort by" in screen_text(pilot.app))


def test_a_whole_value_is_laid_out() -> None:
    """Lines stay lines, JSON is laid out, wide letters count twice, nothing is lost."""
    assert lines_of('{"a": [1, "ы"]}', 40) == ["{", '  "a": [', "    1,", '    "ы"', "  ]", "}"]
    assert lines_of("one\ntwo\x1b", 40) == ["one", "two␛"]
    assert lines_of("漢字漢字", 4) == ["漢字", "漢字"]
    assert "".join(lines_of("x" * 10**6, 77)) == "x" * 10**6
    assert lines_of("{broken", 40) == ["{broken"]
