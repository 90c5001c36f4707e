"""Questions: chosen, set, asked, looked into, exported, and their fixes queued."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from linkgraph.accounts import AccountSettings
from linkgraph.edits.states import State
from linkgraph.model import Ref
from linkgraph.settings import Home
from linkgraph.simulator import Simulator
from tests.tui.driving import app_of, browsing, screen_text, settled, type_text, until
from tests.tui.homes import ACCOUNT, session_of
from tests.tui.worlds import HOSTILE
from tui.answerpane import AnswerPane
from tui.catalogue import CatalogueList, FilterInput
from tui.exporting import ExportScreen, PathInput
from tui.parameterform import CardInput, Choice
from tui.state import FILE
from tui.statement import StatementScreen

#: Its three rows all have a fix.
FIXABLE = "their contact has"


@pytest.fixture(autouse=True)
def _first_time(home: Path) -> None:
    """Nobody has asked anything before: the shared home keeps no state of other tests."""
    (home / ACCOUNT / FILE).unlink(missing_ok=True)


async def ask(pilot: Pilot[Any], words: str) -> None:
    """Filter the questions by words of a title, and ask the one that is found."""
    await pilot.press("f")
    pilot.app.screen.query_one(FilterInput).value = words
    await settled(pilot)
    await pilot.press("enter")
    await settled(pilot)


def pane(pilot: Pilot[Any]) -> AnswerPane:
    """Where the answer is."""
    return pilot.app.screen.query_one(AnswerPane)


def own_question(home: Path, name: str, sql: str) -> None:
    """Put a question of one's own into a home."""
    (home / "questions").mkdir(exist_ok=True)
    (home / "questions" / f"{name}.sql").write_text(sql, "utf-8")


def queue(home: Path) -> list[str]:
    """The edits that wait."""
    with session_of(home) as session:
        return [str(one.edit) for one in session.edits.list(states=[State.QUEUED])]


async def test_the_catalogue_tells_how_many_problems_there_are(home: Path) -> None:
    """Every problem question has the number that `health` has; others have none."""
    async with browsing(home, mode="questions", size=(200, 60)) as pilot:
        lines = screen_text(pilot.app).split("\n")
        halves = [line[:51].strip().rpartition(" ") for line in lines]
        listed = {title.strip(): count for title, _, count in halves}
        with session_of(home) as session:
            figures = session.figures().found
            questions = {one.title: one.name for one in session.catalogue.problems()}

        told = {name: figures[name].count for title, name in questions.items() if title in listed}
        assert {
            name: int(listed[title]) for title, name in questions.items() if title in listed
        } == told
        assert len(told) > 10


async def test_a_narrow_screen_shows_one_thing_at_a_time(home: Path) -> None:
    """At 80×24 the list gives way to the question and the answer, and that to a row's card."""
    async with browsing(home, mode="questions", size=(80, 24)) as pilot:
        assert "What it means" not in screen_text(pilot.app)
        await pilot.press("right")
        await settled(pilot)
        assert "What it means" in screen_text(pilot.app)
        await pilot.press("escape")
        await settled(pilot)
        assert "Catalogs\n" in screen_text(pilot.app)

        await ask(pilot, FIXABLE)
        assert "Companies" not in screen_text(pilot.app)
        await pilot.press("right", "left", "left")
        await settled(pilot)
        assert "What it means" in screen_text(pilot.app)
        await pilot.press("escape")
        await settled(pilot)
        assert "Leads without a company that their contact has" in screen_text(pilot.app)

        await pilot.press("enter")
        await settled(pilot)
        assert "3 rows · " in screen_text(pilot.app)
        await pilot.press("enter")
        await settled(pilot)
        assert pilot.app.current_mode == "browse"
        assert "Won deal" in screen_text(pilot.app)


async def test_a_form_takes_what_the_library_takes(home: Path) -> None:
    """Choices, numbers and yes or no reach the question; what it refuses is told in its place."""
    async with browsing(home, mode="questions") as pilot:
        await pilot.press("f")
        await type_text(pilot, "hubs")
        await settled(pilot)
        assert "Which cards" in screen_text(pilot.app)
        await pilot.press("down", "right")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        field = pilot.app.screen.query(Input).last()
        assert isinstance(pilot.app.focused, Input)
        pilot.app.focused.value = "none"
        await pilot.press("enter")
        await settled(pilot)
        assert "✗ min_degree cannot be «none»" in screen_text(pilot.app)
        assert pane(pilot).answer is None

        pilot.app.focused.value = "7"
        field.value = "0"
        choice = pilot.app.screen.query(Choice).first()
        choice.focus()
        await pilot.press("right", "enter")
        await settled(pilot)
        answer = pane(pilot).answer
        assert answer is not None
        assert answer.parameters["min_degree"] == 7
        assert answer.parameters["relation"] == choice.value
        assert choice.value != "any"
        await pilot.press("s")
        await until(pilot, lambda: "from the link index, not by SQL" in screen_text(pilot.app))


async def test_cards_are_proposed_typed_and_named(own_home: Path) -> None:
    """The card in focus in Browse is proposed; a ref or an address does, and the name is told."""
    async with browsing(own_home) as pilot:
        await pilot.press("alt+1")
        pilot.app.open_card(Ref.parse("lead:101"))  # type: ignore[attr-defined]
        await settled(pilot)
        await pilot.press("alt+2")
        await settled(pilot)
        await ask(pilot, "lies around")
        answer = pane(pilot).answer
        assert answer is not None
        assert answer.parameters["card"] == "lead:101"

        await pilot.press("escape")
        await settled(pilot)
        field = pilot.app.screen.query_one(CardInput)
        assert field.value == "lead:101"
        assert "◆ Roof for the office" in screen_text(pilot.app)
        field.value = "company:999"
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert "✗ the snapshot has no company:999" in screen_text(pilot.app)


async def test_fixes_are_queued_and_taken_back(own_home: Path) -> None:
    """F queues what the marked rows propose and no more, of all rows only when one says so."""
    async with browsing(own_home, mode="questions") as pilot:
        await ask(pilot, FIXABLE)
        answer = pane(pilot).answer
        assert answer is not None
        marked = [str(edit) for row in (0, 2) for edit in answer.edits(row)]
        await pilot.press("space", "down", "space", "F")
        await settled(pilot)
        await until(pilot, lambda: "2 rows, 2 with a fix, 2 edits queued" in screen_text(pilot.app))
        assert queue(own_home) == marked

        await pilot.press("u")
        await settled(pilot)
        await until(pilot, lambda: not queue(own_home))

        await pilot.press("escape", "F")
        await settled(pilot)
        assert "Queue the fixes of all 3 rows?" in screen_text(pilot.app)
        await pilot.press("F", "n")
        await settled(pilot)
        assert queue(own_home) == []
        await pilot.press("F", "y")
        await settled(pilot)
        assert len(queue(own_home)) == 3


async def test_read_only_queues_nothing(own_home: Path) -> None:
    """Where nothing may be written, that is said."""
    async with browsing(own_home, mode="questions", read_only=True) as pilot:
        await ask(pilot, FIXABLE)
        await pilot.press("space", "F")
        await until(pilot, lambda: "read-only: nothing is queued" in screen_text(pilot.app))
    assert queue(own_home) == []


async def test_an_answer_without_fixes_says_so(home: Path) -> None:
    """F does not leave one in doubt whether it has queued something."""
    async with browsing(home, mode="questions") as pilot:
        await ask(pilot, "hubs")
        await pilot.press("F")
        await until(pilot, lambda: "no row of this answer has a fix" in screen_text(pilot.app))


async def test_rows_are_exported(home: Path, tmp_path: Path) -> None:
    """The name tells the format and the format the name; no file is replaced unasked."""
    folder = tmp_path / "out"
    folder.mkdir()
    async with browsing(home, mode="questions") as pilot:
        await ask(pilot, FIXABLE)
        for name in ("rows.ndjson", "rows.xlsx"):
            await pilot.press("e")
            await settled(pilot)
            pilot.app.screen.query_one(PathInput).value = str(folder / name)
            await settled(pilot)
            assert pilot.app.screen.query_one(Choice).value == name.split(".")[1]
            await pilot.press("enter")
            await settled(pilot)
            assert not isinstance(pilot.app.screen, ExportScreen)
        rows = [json.loads(line) for line in (folder / "rows.ndjson").read_text().splitlines()]
        answer = pane(pilot).answer
        assert answer is not None
        assert [row["lead_id"] for row in rows] == [row["lead_id"] for row in answer.rows()]
        assert (folder / "rows.xlsx").read_bytes()[:2] == b"PK"

        (folder / "rows.csv").write_text("mine")
        await pilot.press("e")
        pilot.app.screen.query_one(PathInput).value = str(folder / "rows.csv")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert "Replace rows.csv?" in screen_text(pilot.app)
        await pilot.press("n", "escape")
        await settled(pilot)
        assert (folder / "rows.csv").read_text() == "mine"

        await pilot.press("e")
        pilot.app.screen.query_one(PathInput).value = str(tmp_path / "nowhere" / "x.csv")
        await pilot.press("tab", "right", "enter")
        await settled(pilot)
        assert pilot.app.screen.query_one(PathInput).value.endswith("nowhere/x.json")
        assert "✗ there is no folder" in screen_text(pilot.app)

        pilot.app.screen.query_one(PathInput).value = "~nobody-of-this-name/x.csv"
        await settled(pilot)
        pilot.app.screen.query_one(PathInput).value = str(folder / ("x" * 300 + ".csv"))
        await pilot.press("enter")
        await settled(pilot)
        assert "cannot be written" in screen_text(pilot.app)


async def test_sql_is_shown_and_carried_on(home: Path) -> None:
    """`s` shows one SELECT with the values in it; enter goes on with it in SQL mode."""
    async with browsing(home, mode="questions") as pilot:
        await ask(pilot, "one main contact")
        await pilot.press("s")
        await settled(pilot)
        assert isinstance(pilot.app.screen, StatementScreen)
        assert "'none' <> 'several'" in screen_text(pilot.app)
        await pilot.press("enter")
        await settled(pilot)
        assert pilot.app.current_mode == "sql"


async def test_what_takes_long_is_stopped(own_home: Path) -> None:
    """While one waits the time is told, and escape ends it; the next answer comes all the same."""
    own_question(
        own_home, "endless", "select count(*) as n from range(1000000000000) where random() > 2"
    )
    async with browsing(own_home, mode="questions") as pilot:
        await pilot.press("f")
        pilot.app.screen.query_one(FilterInput).value = "endless"
        await pilot.press("enter")
        await until(pilot, lambda: "asking endless · " in screen_text(pilot.app))
        await pilot.press("escape")
        await settled(pilot)
        assert "asking endless" not in screen_text(pilot.app)
        assert pane(pilot).answer is None

        await pilot.press("escape")
        await ask(pilot, FIXABLE)
        assert "3 rows · " in screen_text(pilot.app)


async def test_own_questions_are_plain_and_broken_ones_say_why(own_home: Path) -> None:
    """Whatever a file or a card holds is text; a file that does not hold together hides nothing."""
    values = ", ".join("('" + text.replace("'", "''") + "')" for text in HOSTILE[:5])
    own_question(
        own_home, "odd", f"-- title: [/b] odd {HOSTILE[1]}\nselect * from (values {values}) as _(n)"
    )
    own_question(own_home, "unsound", "-- title: x\n-- nonsense: y\nselect 1 as a")
    async with browsing(own_home, mode="questions") as pilot:
        await ask(pilot, "odd")
        assert "[/b] odd [red]x[/red]" in screen_text(pilot.app)
        assert "␛[31mred␛[0m" in screen_text(pilot.app)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: "answer: Export rows" in screen_text(pilot.app))
        await type_text(pilot, "odd")
        await until(pilot, lambda: "question: [/b] odd [red]x[/red]" in screen_text(pilot.app))
        await pilot.press("escape")
        await settled(pilot)
        await pilot.press("escape", "escape", "f")
        await settled(pilot)
        pilot.app.screen.query_one(FilterInput).value = "unsound"
        await settled(pilot)
        assert "Cannot be asked" in screen_text(pilot.app)
        assert "unsound.sql" in screen_text(pilot.app)


async def test_the_last_question_is_kept(own_home: Path) -> None:
    """Who comes back finds the question and what was given; it is not asked by itself."""
    async with browsing(own_home, mode="questions") as pilot:
        await pilot.press("f")
        pilot.app.screen.query_one(FilterInput).value = "hubs"
        await pilot.press("down", "right")
        await settled(pilot)
        pilot.app.screen.query("ParameterField Input").first(Input).value = "3"
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("ctrl+q")
    async with browsing(own_home, mode="questions") as pilot:
        assert pane(pilot).answer is None
        assert pilot.app.screen.query_one(CatalogueList).current == "hubs"
        assert pilot.app.screen.query("ParameterField Input").first(Input).value == "3"


async def test_an_answer_of_an_older_snapshot_says_so(crm: Simulator, tmp_path: Path) -> None:
    """When a newer snapshot appears the answer stays, says its age, and R asks again."""
    home = tmp_path / "home"
    async with browsing(home, mode="questions") as pilot:
        await ask(pilot, FIXABLE)
        await asyncio.to_thread(_sync, home)
        pilot.app.look_for_snapshot()  # type: ignore[attr-defined]
        await settled(pilot)
        assert "of snapshot 1; snapshot 2 is here: R asks again" in screen_text(pilot.app)
        await pilot.press("R")
        await settled(pilot)
        assert "R asks again" not in screen_text(pilot.app)
        assert "snapshot 2" in screen_text(pilot.app)


def _sync(home: Path) -> None:
    with session_of(home) as session:
        session.sync()


async def test_without_a_snapshot_questions_can_be_read(empty_home: Path) -> None:
    """Nothing mirrored is no failure until one asks."""
    Home(empty_home).add(ACCOUNT, AccountSettings("http://127.0.0.1:9"), "a.b.c")
    async with browsing(empty_home, mode="questions") as pilot:
        await ask(pilot, "without a contact")
        assert "nothing is mirrored" in screen_text(pilot.app)


#: What each picture shows: keys from the start, and the size of the screen.
PICTURES: dict[str, tuple[str, list[str], tuple[int, int]]] = {
    "catalogue": ("", [], (120, 40)),
    "catalogue narrow": ("", [], (80, 24)),
    "form": ("two cards", ["down", "right"], (120, 40)),
    "answer": (FIXABLE, ["enter", "space"], (120, 40)),
    "answer narrow": (FIXABLE, ["enter", "space"], (80, 24)),
    "answer wide": (FIXABLE, ["enter", "space"], (200, 60)),
    "sql": (FIXABLE, ["enter", "s"], (120, 40)),
    "empty": ("orphan customers", ["enter"], (80, 24)),
    "export": (FIXABLE, ["enter", "e"], (80, 24)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_it_looks_so(home: Path, name: str, snap_compare: Any, monkeypatch: Any) -> None:
    """Catalogue, form, answer, SQL, an empty answer and the export, at three sizes."""
    monkeypatch.chdir("/")
    words, keys, size = PICTURES[name]

    async def story(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        if words:
            await pilot.press("f")
            pilot.app.screen.query_one(FilterInput).value = words
            await settled(pilot)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
            for shown in pilot.app.screen.query(AnswerPane):
                if key == "enter" and shown.answer is not None:
                    shown.show(replace(shown.answer, seconds=0.31))
                    shown.to_rows()
                    await settled(pilot)
        for field in pilot.app.screen.query(Input):
            field.cursor_blink = False
        await settled(pilot)

    app = app_of(session_of(home), "questions")
    assert snap_compare(app, terminal_size=size, run_before=story)
