"""Stories of SQL in the browser: write, run, cancel, go wrong, look back, and lose nothing."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from linkgraph.accounts import AccountSettings
from linkgraph.settings import Home
from linkgraph.simulator import Simulator
from queries.sandbox import check
from tests.tui.driving import app_of, browsing, screen_text, settled, type_text, until
from tests.tui.homes import session_of
from tests.tui.worlds import HOSTILE
from tui import sqlrun
from tui.app import LinkgraphApp
from tui.grid import ResultsGrid
from tui.samples import SAMPLES
from tui.schematree import TableTree
from tui.sql import SqlScreen
from tui.sqleditor import SqlEditor, clean
from tui.sqloutcome import Mistake, Outcome
from tui.sqlrun import seconds
from tui.suggestions import Suggestions

#: Ten tables of which each row meets each row of all others: it would run for years.
ENDLESS = "select count(*) from " + ", ".join(f"edges e{number}" for number in range(10))
PEOPLE = "select contact_id, name from contacts where contact_id < 204 order by contact_id"


def editor(pilot: Pilot[Any]) -> SqlEditor:
    return pilot.app.screen.query_one(SqlEditor)


def offered(pilot: Pilot[Any]) -> list[str]:
    completion = pilot.app.screen.query_one(Suggestions).completion
    return [] if completion is None else [one.text for one in completion.suggestions]


def rows(pilot: Pilot[Any]) -> list[dict[str, Any]]:
    grid = pilot.app.screen.query_one(ResultsGrid)
    table = grid._table
    return [] if table is None else [grid.row(place) for place in range(table.row_count)]


async def run(pilot: Pilot[Any], sql: str, key: str = "f5") -> None:
    """Write a statement in the place of all there is, and run it to its end."""
    editor(pilot).put(sql)
    await pilot.press(key)
    await settled(pilot)


async def test_from_the_first_letter_to_a_card(own_home: Path) -> None:
    """Words complete themselves while one types, the rows come, and a card of them opens."""
    async with browsing(own_home, mode="sql") as pilot:
        editor(pilot).put("select name, contact_id from ")
        await type_text(pilot, "con")
        assert offered(pilot)[0] == "contacts"
        await pilot.press("tab")
        editor(pilot).write(" as c where ")
        await type_text(pilot, "c.n")
        assert offered(pilot)[0] == "name"
        await pilot.press("tab")
        editor(pilot).write(" like 'Bridge%'")
        await pilot.press("ctrl+j")
        await settled(pilot)
        sql = "select name, contact_id from contacts as c where c.name like 'Bridge%'"
        assert editor(pilot).sql == sql
        assert rows(pilot) == [{"name": "Bridge Person", "contact_id": 203}]
        assert "1 row · " in screen_text(pilot.app)

        await pilot.press("escape", "right", "enter")
        await settled(pilot)
        assert pilot.app.current_mode == "browse"
        assert "Bridge Person" in screen_text(pilot.app)


async def test_enter_is_a_new_line_unless_a_word_was_chosen(own_home: Path) -> None:
    """What is offered never takes a key that was meant for the text."""
    async with browsing(own_home, mode="sql") as pilot:
        editor(pilot).put("select 1 from ")
        await type_text(pilot, "le")
        assert offered(pilot)[0] == "leads"
        await pilot.press("enter")
        assert (editor(pilot).sql, offered(pilot)) == ("select 1 from le\n", [])

        await pilot.press("backspace")
        await type_text(pilot, "a")
        await pilot.press("down", "enter")
        assert (editor(pilot).sql, offered(pilot)) == ("select 1 from lead_companies", [])

        await type_text(pilot, " whe")
        await pilot.press("escape")
        assert offered(pilot) == []
        assert editor(pilot).has_focus
        await pilot.press("ctrl+@")
        assert offered(pilot)[0] == "where"
        await pilot.press("left")
        await settled(pilot)
        assert offered(pilot) == []


async def test_the_statement_under_the_cursor_runs(own_home: Path) -> None:
    """Of several, the one where the cursor is; of a selection, what is selected."""
    async with browsing(own_home, mode="sql") as pilot:
        script = "select 1 as a;\nselect ';' as b; -- not here; nor here\nselect 3 as c"
        editor(pilot).put(script, place=script.index("as b"))
        await pilot.press("f5")
        await settled(pilot)
        assert rows(pilot) == [{"b": ";"}]

        await pilot.press("ctrl+home", "shift+end", "f5")
        editor(pilot).selection = type(editor(pilot).selection)((2, 0), (2, 8))
        await pilot.press("f5")
        await settled(pilot)
        assert rows(pilot) == [{"3": 3}]


async def test_a_query_of_years_is_cancelled_at_once(own_home: Path) -> None:
    """One may go elsewhere meanwhile. Escape stops it, the rows of before stay and say whose they
    are, and the next statement runs."""
    async with browsing(own_home, mode="sql") as pilot:
        await run(pilot, PEOPLE)
        editor(pilot).put(ENDLESS)
        await pilot.press("f5")
        await until(pilot, lambda: "running" in screen_text(pilot.app))
        assert pilot.app.screen.query_one(Outcome).has_class("-old")
        await pilot.press("alt+c")
        await until(pilot, lambda: pilot.app.current_mode == "changes")
        await pilot.press("alt+3")
        await until(pilot, lambda: "running" in screen_text(pilot.app))

        await pilot.press("escape")
        await settled(pilot)
        await until(
            pilot, lambda: not any("statement" in one.name for one in threading.enumerate())
        )
        assert "cancelled after" in screen_text(pilot.app)
        assert "below: 3 rows" in screen_text(pilot.app)
        assert len(rows(pilot)) == 3

        await run(pilot, "select 7 as seven")
        assert rows(pilot) == [{"seven": 7}]
        assert not pilot.app.screen.query_one(Outcome).has_class("-old")


async def test_a_mistake_is_told_where_it_is(own_home: Path) -> None:
    """The place is marked in the text and told, with what might have been meant."""
    async with browsing(own_home, mode="sql") as pilot:
        await run(pilot, "select 'Ж';\n\nselect\n  nam from leads")
        screen = screen_text(pilot.app)

        assert '✗ Referenced column "nam" not found' in screen
        assert "line 4, column 3" in screen
        assert "→ Candidate bindings" in screen
        assert [part for part in editor(pilot)._highlights[3] if part[2] == "mistake"] == [
            (2, 5, "mistake")
        ]

        await type_text(pilot, ";")
        assert not any(part[2] == "mistake" for part in editor(pilot)._highlights[3])
        await run(pilot, "select name from leads")
        assert "✗" not in screen_text(pilot.app)


async def test_what_cannot_run_says_why(own_home: Path) -> None:
    """The sandbox's own words, with what to do instead."""
    async with browsing(own_home, mode="sql", size=(80, 24)) as pilot:
        for sql, told in (
            ("delete from leads", "DELETE is not allowed: SQL here only reads"),
            ("select * from read_csv('/etc/passwd')", "reads something other than the snapshot"),
            ("select $x", "no value was given for $x"),
            ("select 1; select 2 from", "syntax error at end of input"),
            ("  -- nothing", "there is no statement here"),
        ):
            await run(pilot, sql)
            assert told in " ".join(screen_text(pilot.app).split())


async def test_more_rows_than_are_shown(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line says that there are more, and the export writes all of them."""
    monkeypatch.setattr(sqlrun, "ROWS", 10)
    async with browsing(own_home, mode="sql") as pilot:
        await run(pilot, "select range as n from range(30000)")
        assert "the first 10 rows of more" in screen_text(pilot.app)

        await pilot.press("escape", "e")
        await settled(pilot)
        file = tmp_path / "all.csv"
        pilot.app.screen.query_one(Input).value = str(file)
        await pilot.press("enter")
        await until(pilot, file.exists)
        await settled(pilot)
    assert len(file.read_text().splitlines()) == 30_001


async def test_what_was_run_is_there_the_next_time(own_home: Path) -> None:
    """Ctrl+up walks back through it, Ctrl+down returns to what was being written."""
    async with browsing(own_home, mode="sql") as pilot:
        await run(pilot, "select 1")
        await run(pilot, "select 2 from")
        editor(pilot).put("select 3 -- unsent")
        await pilot.press("ctrl+q")
    async with browsing(own_home, mode="sql") as pilot:
        assert editor(pilot).sql == "select 3 -- unsent"

        seen = []
        for key in ("ctrl+up", "ctrl+up", "ctrl+up", "ctrl+down", "ctrl+down", "ctrl+down"):
            await pilot.press(key)
            await settled(pilot)
            seen.append(editor(pilot).sql)
        unsent = "select 3 -- unsent"
        assert seen == ["select 2 from", *["select 1"] * 2, "select 2 from", *[unsent] * 2]

        await pilot.press("ctrl+r")
        await settled(pilot)
        assert "failed  select 2 from" in screen_text(pilot.app)
        await type_text(pilot, "1 SEL")
        await settled(pilot)
        assert "failed" not in screen_text(pilot.app)
        await pilot.press("enter")
        await settled(pilot)
        assert editor(pilot).sql == "select 3 -- unsent\n;\n\nselect 1"


async def test_a_statement_that_is_carried_here_takes_nothing_away(own_home: Path) -> None:
    """It fills an empty editor, else stands below, once; what was typed can be had back."""
    async with browsing(own_home) as pilot:
        app = pilot.app
        assert isinstance(app, LinkgraphApp)
        for sql in ("select 1", "select 2;", "select 1\n", "select 10"):
            app.open_sql(sql)
            await settled(pilot)
        assert app.current_mode == "sql"
        assert editor(pilot).sql == "select 1;\n\nselect 2;\n\nselect 10"
        assert editor(pilot).cursor_location == (4, 0)

        await pilot.press("ctrl+z")
        assert editor(pilot).sql == "select 1;\n\nselect 2;"


async def test_tables_tell_what_they_mean_and_write_their_names(own_home: Path) -> None:
    """Beside the editor where there is room, by a key where there is none."""
    async with browsing(own_home, mode="sql", size=(80, 24)) as pilot:
        tree = pilot.app.screen.query_one(TableTree)
        assert not tree.is_on_screen

        await pilot.press("f2")
        await settled(pilot)
        assert tree.has_focus
        assert "Every edge from both ends" in screen_text(pilot.app)
        await pilot.press(*["down"] * 6, "right", "right", "enter")
        await settled(pilot)
        assert editor(pilot).sql == "relation"
        assert "lead_contact, lead_company" in " ".join(screen_text(pilot.app).split())

        await pilot.press("left", "left", "f2")
        await settled(pilot)
        assert editor(pilot).has_focus
        assert not tree.is_on_screen

        await pilot.resize_terminal(160, 40)
        await pilot.press("f2")
        await settled(pilot)
        await pilot.click(TableTree, offset=(4, 4), times=2)
        await settled(pilot)
        assert editor(pilot).sql == "relationcontacts"


async def test_hostile_text_is_shown_plainly(own_home: Path) -> None:
    """In the editor, the rows, the mistake and the history nothing moves the cursor."""
    ill = "select '\x1b[31m[red]x[/red]' as \"[/x]\u202e\", name from contacts -- \u2066[b"
    async with browsing(own_home, mode="sql") as pilot:
        editor(pilot).post_message(events.Paste(ill + "\x9b2J\r\n" + " ".join(HOSTILE)))
        await settled(pilot)
        assert "\x1b" not in editor(pilot).sql
        await run(pilot, clean(ill))
        assert len(rows(pilot)) > 10
        await run(pilot, clean(f'select "{ill}"'))
        assert pilot.app.screen.query_one(Mistake).display
        await pilot.press("ctrl+r")
        await settled(pilot)

        assert pilot.app.screen.query_one(OptionList).option_count == 2
        for _ in range(2):
            text = screen_text(pilot.app)
            assert all(one.isprintable() for one in text.replace("\n", "").replace("\u200d", ""))
            await pilot.press("escape")
            await settled(pilot)


async def test_lines_become_comments_and_statements_again(own_home: Path) -> None:
    """Ctrl+/ on what is selected, and once more."""
    async with browsing(own_home, mode="sql") as pilot:
        editor(pilot).put("select 1\n  from range(3)\n\nx", place=0)
        await pilot.press("shift+down", "shift+down", "shift+down", "ctrl+underscore")
        assert editor(pilot).sql == "-- select 1\n--   from range(3)\n\nx"
        await pilot.press("ctrl+underscore")
        assert editor(pilot).sql == "select 1\n  from range(3)\n\nx"


def synced(home: Path) -> None:
    with session_of(home) as session:
        session.sync()


async def test_a_newer_snapshot_is_told_and_asked(crm: Simulator, tmp_path: Path) -> None:
    """The rows stay, and say that they are of the one before; running again asks the new one."""
    async with browsing(tmp_path / "home", mode="sql") as pilot:
        app = pilot.app
        assert isinstance(app, LinkgraphApp)
        await run(pilot, "select snapshot from meta")
        assert rows(pilot) == [{"snapshot": 1}]
        await asyncio.to_thread(synced, tmp_path / "home")
        app.look_for_snapshot()
        await until(pilot, lambda: "a newer snapshot is here" in screen_text(app))

        assert rows(pilot) == [{"snapshot": 1}]
        await run(pilot, "select snapshot from meta", key="ctrl+enter")
        assert rows(pilot) == [{"snapshot": 2}]


async def test_before_the_first_sync_it_says_what_to_do(tmp_path: Path) -> None:
    """There is nothing to read yet, and that is no fault."""
    Home(tmp_path).add("new", AccountSettings("https://example.amocrm.ru"), "token")
    async with browsing(tmp_path, mode="sql") as pilot:
        assert "nothing is mirrored yet: S syncs" in " ".join(screen_text(pilot.app).split())

        await run(pilot, "select 1")
        assert "✗" in screen_text(pilot.app)
        assert "→" in screen_text(pilot.app)


def test_samples_run(own_home: Path) -> None:
    """What is offered to begin with can be run over every account."""
    with session_of(own_home) as session:
        for sample in SAMPLES:
            check(session.engine, sample.sql)
            with session.sql(sample.sql) as result:
                assert result.columns


@pytest.mark.parametrize(
    ("taken", "told"),
    [(0.0041, "4 ms"), (0.31, "0.31 s"), (12.54, "12.5 s"), (59.96, "1 min 00 s"),
     (185, "3 min 05 s")],
)  # fmt: skip
def test_seconds_are_told_as_people_read_them(taken: float, told: str) -> None:
    """Short times in milliseconds, long ones in minutes."""
    assert seconds(taken) == told


# Pictures


class Clock:
    """A clock that stands still until it is put forward."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What measures statements in these pictures."""
    clock = Clock()
    monkeypatch.setattr(SqlScreen, "clock", clock)
    return clock


async def still(pilot: Pilot[Any]) -> None:
    """Come to rest, with a cursor that does not blink."""
    await settled(pilot)
    editor(pilot).cursor_blink = False
    editor(pilot).notify_style_update()
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_picture_of_an_unused_editor(
    own_home: Path, snap_compare: Any, size: tuple[int, int]
) -> None:
    """It teaches: three statements to begin with, the tables, and the key that runs."""
    app = app_of(session_of(own_home), "sql")
    assert snap_compare(app, terminal_size=size, run_before=still)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_picture_of_rows(
    own_home: Path, snap_compare: Any, clock: Clock, size: tuple[int, int]
) -> None:
    """Hostile names among them, each on one line."""

    async def story(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        sql = "-- who is linked\nselect contact_id, name, count(*) as links\nfrom contacts"
        sql += " join adjacency on type = 'contact' and id = contact_id\n"
        await run(pilot, sql + "where is_live group by all order by links desc, contact_id;")
        await still(pilot)

    app = app_of(session_of(own_home), "sql")
    assert snap_compare(app, terminal_size=size, run_before=story)


def test_picture_of_a_mistake(own_home: Path, snap_compare: Any, clock: Clock) -> None:
    """Marked in the text, told below, and the rows of before still there."""

    async def story(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await run(pilot, PEOPLE)
        await run(pilot, f"{PEOPLE};\n\nselect name, prise\nfrom leads\nwhere price > 1000")
        await still(pilot)

    app = app_of(session_of(own_home), "sql")
    assert snap_compare(app, terminal_size=(120, 40), run_before=story)


def test_picture_of_words_that_complete(own_home: Path, snap_compare: Any) -> None:
    """Over the text, at the word, with types and meanings."""

    async def story(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        editor(pilot).put("select e.relation, c.name from edges e join contacts c\non c.")
        await type_text(pilot, "l")
        await pilot.press("backspace")
        await still(pilot)

    app = app_of(session_of(own_home), "sql")
    assert snap_compare(app, terminal_size=(120, 40), run_before=story)


def test_picture_of_a_statement_that_runs(own_home: Path, snap_compare: Any, clock: Clock) -> None:
    """How long it runs, how to cancel it, and the rows of before, paler."""

    async def story(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await run(pilot, PEOPLE)
        editor(pilot).put(ENDLESS)
        await pilot.press("f5")
        clock.now += 12.3
        line = pilot.app.screen.query_one("#told", Static)
        await until(pilot, lambda: "12.3 s" in str(line.content))
        editor(pilot).cursor_blink = False
        editor(pilot).notify_style_update()
        await pilot.pause()

    app = app_of(session_of(own_home), "sql")
    assert snap_compare(app, terminal_size=(120, 40), run_before=story)


async def test_who_left_the_editor_before_comes_to_the_rows(own_home: Path) -> None:
    """Run from beside the editor, once and again, the rows have the keys; Enter opens a card."""
    async with browsing(own_home, mode="sql") as pilot:
        app: Any = pilot.app
        app.screen.carry("select contact_id, name from contacts order by 1")
        await settled(pilot)
        for _ in range(2):
            await pilot.press("escape", "f5")
            await settled(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.current_mode == "browse")
        await settled(pilot)

        assert "contact:201" in screen_text(app)
