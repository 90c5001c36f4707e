"""SQL: an editor over the snapshot's tables, what they mean beside it, what came of it below.

Statements only read, which the core sees to. One runs at a time, in a thread, and is cancelled at
once; what it brought stays until another has brought something. Nothing typed is ever lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

import msgspec
from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import TextArea

from linkgraph.errors import LinkgraphError, QueryError
from queries.scripts import Statement, appended, statement_at
from tui.app import LinkgraphApp
from tui.completion import Vocabulary
from tui.grid import ResultsGrid
from tui.lacking import otherwise
from tui.modes import ModeScreen
from tui.samples import Samples
from tui.schematree import SchemaTree, TableTree
from tui.sqleditor import SqlEditor
from tui.sqlhistory import LONGEST, Run, SqlHistory, Walk
from tui.sqloutcome import Mistake, Outcome
from tui.sqlrun import Came, Running, sql_writer
from tui.suggestions import Suggestions

if TYPE_CHECKING:
    from linkgraph.session import Session
    from queries.functions import FunctionInfo
    from queries.running import Stop
    from queries.tablelist import TableInfo

#: Where SQL keeps its part of the state.
PART = "sql"
#: Columns of the terminal from which on the tables stand beside the editor by themselves.
_WIDE = 120


class SqlState(msgspec.Struct):
    """What is kept between starts: what stands in the editor, and where the cursor is."""

    text: str = ""
    place: int = 0
    tables: bool | None = None
    """Whether the tables are shown; None leaves it to the terminal's width."""


class SqlScreen(ModeScreen):
    """The mode in which one writes SQL."""

    MODE = "sql"
    CSS_PATH = "sql.tcss"
    BINDING_GROUP_TITLE = "SQL"
    HELP = """
**SQL** runs the statement under the cursor, or what is selected, over the snapshot and the journal
of edits (`edits`, `edit_events`, `pushes`, `changes`). Statements end with `;` and only read. `Tab`
takes what is offered while you type; a card in the result opens with `Enter`. While you write,
letters are letters: `Esc` leaves the editor, `F3` returns.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+enter,f5,ctrl+j",
            "run",
            "Run",
            key_display="F5",
            tooltip="Run what is selected, else the statement under the cursor (also Ctrl+Enter)",
            id="sql.run",
        ),
        Binding(
            "f2",
            "tables",
            "Tables",
            key_display="F2",
            tooltip="Go to the tables, or put them away",
            id="sql.tables",
        ),
        Binding(
            "f3,i",
            "editor",
            "Editor",
            key_display="F3",
            tooltip="Go to the editor",
            id="sql.editor",
        ),
        Binding("f4", "rows", "Rows", key_display="F4", tooltip="Go to the rows", id="sql.rows"),
        Binding(
            "ctrl+up",
            "walk(-1)",
            "Earlier",
            show=False,
            tooltip="The statement that was run before",
            id="sql.earlier",
        ),
        Binding(
            "ctrl+down",
            "walk(1)",
            "Later",
            show=False,
            tooltip="The statement that was run after, and at last what you were writing",
            id="sql.later",
        ),
        Binding(
            "ctrl+r",
            "past",
            "History",
            tooltip="Search the statements that were run",
            id="sql.history",
        ),
        Binding("e", "export", "Export", tooltip="Write all rows to a file", id="sql.export"),
        Binding("escape", "cancel", "Cancel", tooltip="Cancel what runs", id="sql.cancel"),
        Binding(
            "escape",
            "rows",
            "Leave",
            show=False,
            tooltip="Leave the editor, so that letters are keys",
            id="sql.leave",
        ),
        otherwise("e", "export"),
    ]
    LACKS: ClassVar[dict[str, str]] = {
        "export": "there are no rows to write to a file\n→ F5 runs the statement of the editor",
    }

    app = getters.app(LinkgraphApp)
    clock: Callable[[], float] = staticmethod(time.monotonic)
    """Measures how long statements take, in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._walk: Walk | None = None
        self._tables: bool | None = None

    def compose_body(self) -> ComposeResult:
        """The tables beside the editor and the results."""
        kept = self.app.state.get(PART, SqlState)
        self._tables = kept.tables
        with Horizontal(id="sql"):
            yield SchemaTree()
            with Vertical():
                yield SqlEditor(kept.text, id="writing")
                yield Mistake()
                yield Outcome()
        yield Suggestions()

    def on_mount(self) -> None:
        """Begin where one left off, and read what tables there are."""
        kept = self.app.state.get(PART, SqlState)
        self.editor.go(min(kept.place, len(self.editor.sql)))
        self.editor.focus()
        self.app.snapshot_changed.subscribe(self, self._snapshot_changed)
        self.app.status_changed.subscribe(self, lambda _: self._say_why_empty())
        if self.app.status.mirrored:
            self._read_schema()
        self._say_why_empty()

    @property
    def editor(self) -> SqlEditor:
        """Where SQL is written."""
        return self.query_one(SqlEditor)

    @property
    def outcome(self) -> Outcome:
        """What came of it."""
        return self.query_one(Outcome)

    def carry(self, text: str) -> None:
        """Put a statement into an empty editor, else below what stands in it."""
        sql, start = appended(self.editor.sql, text)
        if sql != self.editor.sql:
            self.editor.put(sql)
        self.editor.go(start)
        self.editor.focus()

    def palette(self) -> Iterable[tuple[str, str, Callable[[], object]]]:
        """What can be done here and now."""
        yield "sql: Run", "Run the statement under the cursor (F5)", self.action_run
        if self.outcome.running is not None:
            yield "sql: Cancel", "Cancel the statement that runs (Esc)", self.action_cancel
        if self.outcome.came is not None:
            yield "rows: Export", "Write all rows of the result to a file", self.action_export
        yield "sql: History", "Search the statements that were run (Ctrl+R)", self.action_past
        yield "tables: Show or hide", "The tables and their columns (F2)", self.action_tables

    # Running

    def action_run(self) -> None:
        """Run what is selected, else the statement under the cursor."""
        self.query_one(Suggestions).hide()
        statement = self._chosen()
        session = self.app.session
        if session is None:
            return  # nobody gets here without an account
        if statement is None:
            self._fail(QueryError("there is no statement here", hint="write one and run it"), None)
            return
        self._forgive()
        self._walk = None
        running = Running(statement, self.app.now(), self.clock, session.account.folder)
        self.outcome.begin(running)
        self.refresh_bindings()
        self.ask(
            "run",
            running.run,
            lambda came: self._answered(running, came),
            lambda error: self._ended_badly(running, error),
        )

    def _chosen(self) -> Statement | None:
        """What is to be run, and where it stands in the editor."""
        sql = self.editor.sql
        start, end = self.editor.selected
        if sql[start:end].strip():
            return Statement(start, end, sql[start:end])
        return statement_at(sql, self.editor.place)

    def _answered(self, running: Running, came: Came) -> None:
        was_below = self.focused is None or self.outcome in self.focused.ancestors
        self.outcome.show(came, running.statement.text)
        if was_below:  # what had the focus, samples or older rows, goes away
            self.call_after_refresh(self.outcome.enter)
        self.refresh_bindings()

    def _ended_badly(self, running: Running, error: LinkgraphError) -> None:
        self.outcome.fail("failed")
        self._fail(error, running.statement)
        self.refresh_bindings()

    def action_cancel(self) -> None:
        """Cancel the statement that runs."""
        self.stop("run")
        self.outcome.fail("cancelled")
        self.refresh_bindings()

    def _fail(self, error: LinkgraphError, statement: Statement | None) -> None:
        """Say what is wrong below the editor, and mark the place in it."""
        where = ""
        if statement is not None and isinstance(error, QueryError) and error.position is not None:
            place = statement.start + error.position
            # What was typed since may have moved it.
            if self.editor.sql[statement.start : statement.end] == statement.text:
                row, column = self.editor.location_of(place)
                where = f"line {row + 1}, column {column + 1}"
                self.editor.mark(place)
        self.query_one(Mistake).show(error, where)

    def _forgive(self) -> None:
        self.query_one(Mistake).hide()
        self.editor.unmark()

    # The tables

    def _read_schema(self) -> None:
        def read(session: Session, stop: Stop) -> tuple[list[TableInfo], list[FunctionInfo]]:
            return session.schema(), session.functions()

        self.ask("schema", read, lambda found: self._know(*found))

    def _say_why_empty(self) -> None:
        if self.app.status.mirrored is False:
            self.query_one(SchemaTree).tell(
                "nothing is mirrored yet: S syncs, then there are tables"
            )

    def _know(self, tables: list[TableInfo], functions: list[FunctionInfo]) -> None:
        self.query_one(SchemaTree).show(tables)
        self.editor.know(Vocabulary(tables, functions))

    def _snapshot_changed(self, session: Session) -> None:
        self._read_schema()
        self.outcome.outdate()

    def on_resize(self, event: events.Resize) -> None:
        """The tables stand beside the editor where there is room."""
        self._place_tables(event.size.width)

    def _place_tables(self, width: int) -> None:
        shown = self._tables if self._tables is not None else width >= _WIDE
        self.set_class(shown, "-tables")

    def action_tables(self) -> None:
        """Go to the tables; from there, put them away."""
        tree = self.query_one(TableTree)
        self._tables = not tree.has_focus
        self._place_tables(self.size.width)
        (tree if self._tables else self.editor).focus()
        self._keep()

    @on(SchemaTree.Chosen)
    def _insert_name(self, event: SchemaTree.Chosen) -> None:
        self.editor.write(event.name)

    # The rows

    @on(ResultsGrid.CardChosen)
    def _open_card(self, event: ResultsGrid.CardChosen) -> None:
        self.app.open_card(event.ref)

    def action_rows(self) -> None:
        """Go to the rows, or to what can be chosen in their place."""
        self.outcome.enter()

    def action_export(self) -> None:
        """Write all rows to a file: those that are shown, or more."""
        came = self.outcome.came
        if came is None:
            return
        from tui.exporting import ExportScreen, table_writer

        write = sql_writer(self.outcome.sql) if came.more else table_writer(came.table)
        rows = None if came.more else came.table.num_rows
        self.app.push_screen(ExportScreen("rows", rows, write))

    @on(Samples.Taken)
    def _take_sample(self, event: Samples.Taken) -> None:
        self.carry(event.sql)

    # The editor

    def action_editor(self) -> None:
        """Go to the editor."""
        self.editor.focus()

    @on(TextArea.Changed)
    def _changed(self) -> None:
        if self._walk is not None and self._walk.text != self.editor.sql:
            self._walk = None
        self._keep()

    @on(TextArea.SelectionChanged)
    def _moved(self) -> None:
        self._keep()

    def _keep(self) -> None:
        text = self.editor.sql
        if len(text) <= LONGEST:
            self.app.state.put(PART, SqlState(text, self.editor.place, self._tables))

    # What was run before

    def action_walk(self, by: int) -> None:
        """Go to an earlier statement, or to a later one."""
        if self._walk is not None:
            self._go(self._walk, by)
            return
        unsent = self.editor.sql

        def begin(runs: list[Run]) -> None:
            if self._walk is None and self.editor.sql == unsent:
                self._go(Walk.begin([run.sql for run in runs], unsent), by)

        self.ask("history", lambda session, stop: _past(session), begin)

    def _go(self, walk: Walk, by: int) -> None:
        self._walk = walk.back() if by < 0 else walk.forth()
        if self._walk.text != self.editor.sql:
            self._forgive()
            self.editor.put(self._walk.text)
        self.editor.focus()

    def action_past(self) -> None:
        """Search the statements that were run."""
        from tui.sqlpast import PastScreen

        def show(runs: list[Run]) -> None:
            tables = self.editor.vocabulary.sources
            self.app.push_screen(PastScreen(runs, self.app.now(), tables), taken)

        def taken(sql: str | None) -> None:
            if sql is not None:
                self.carry(sql)

        self.ask("history", lambda session, stop: _past(session), show)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What makes no sense now is not offered."""
        if action == "export":
            return self.outcome.came is not None
        if action == "editor":
            return not self.editor.has_focus
        if action == "rows":
            return self.focused is None or self.outcome not in self.focused.ancestors
        if action == "cancel":
            return self.outcome.running is not None
        return True


def _past(session: Session) -> list[Run]:
    return SqlHistory(session.account.folder).read()
