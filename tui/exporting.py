"""Writing results to a file: asks where and in which format, writes in a thread, tells how far.

What stands in the file's place is replaced only when somebody said so, and at once when all is
written: an export that is broken off leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pyarrow as pa
from rich.text import Text
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Static

from linkgraph.errors import LinkgraphError, QueryStopped, UsageError
from linkgraph.plaintext import plain
from linkgraph.wording.numbers import counted
from queries.running import Stop
from tui.app import LinkgraphApp
from tui.calls import Calls
from tui.confirming import ConfirmScreen
from tui.leaving import Leaving
from tui.parameterform import Choice

if TYPE_CHECKING:
    from linkgraph.session import Session
    from queries.runner import Answer

FORMATS = ("csv", "json", "ndjson", "parquet", "xlsx")
#: Rows at a time: while they become text in one go, nothing is painted.
_BATCH = 2_048
#: How often it is told how far it is, in seconds.
_LOOK = 0.2


class Tally:
    """How many rows were written so far, and whether they are to be stopped."""

    def __init__(self, stop: Stop) -> None:
        self.rows = 0
        self.stop = stop

    def counting(self, rows: pa.Table | pa.RecordBatchReader) -> pa.RecordBatchReader:
        """The rows as a stream that counts them, and ends where it is stopped."""

        def batches() -> Iterator[pa.RecordBatch]:
            for batch in rows.to_batches(65_536) if isinstance(rows, pa.Table) else rows:
                if self.stop.asked:
                    raise QueryStopped("the export was stopped")
                yield batch
                self.rows += batch.num_rows

        return pa.RecordBatchReader.from_batches(rows.schema, batches())


#: Writes the rows to a file in a format, in a thread; returns how many they were.
Write = Callable[["Session", Path, str, Tally], int]


def table_writer(table: pa.Table) -> Write:
    """Writes a table's rows."""

    def write(session: Session, path: Path, format_: str, tally: Tally) -> int:
        from queries import formats

        return formats.write(tally.counting(table), path, format_)

    return write


def answer_writer(answer: Answer) -> Write:
    """Writes an answer's rows, all of them though the screen has only the first.

    A workbook says itself what it shows, of when, and what was left out.
    """

    def write(session: Session, path: Path, format_: str, tally: Tally) -> int:
        from queries import formats
        from queries.answersheets import sheets_of
        from queries.sheets import write_book

        whole = answer
        if answer.not_shown:
            whole = session.ask(answer.question.name, answer.parameters, stop=tally.stop)
        if format_ != "xlsx":
            return formats.write(tally.counting(whole.table), path, format_)
        first, *others = sheets_of(whole)
        write_book(path, [replace(first, rows=tally.counting(whole.table)), *others])
        return int(whole.table.num_rows)

    return write


class PathInput(Input):
    """The file's name; up and down go on to what stands around it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]


class ExportScreen(Calls, Leaving, ModalScreen[Path | None]):
    """Asks for a file and writes it; its result is the file, or None where none was written."""

    app = getters.app(LinkgraphApp)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "write", "Write", id="export.write"),
        Binding("escape", "leave", "Cancel", id="export.cancel"),
    ]
    DEFAULT_CSS = """
    ExportScreen {
        align: center middle;
        & > Vertical {
            width: 76; max-width: 96%; height: auto; padding: 1 2;
            background: $surface; border: round $primary;
        }
        & .title { text-style: bold; margin-bottom: 1; }
        & .line { height: auto; margin-bottom: 1; }
        & .word { width: 9; color: $text-muted; }
        & PathInput {
            width: 1fr; height: 1; border: none !important; padding: 0 1 !important;
            background: $panel;
            &:focus { background: $block-cursor-blurred-background; }
        }
        & .place { color: $text-muted; margin: 0 0 1 9; height: auto; }
        & .told { height: auto; margin-bottom: 1; display: none; }
        & .told.-shown { display: block; }
        & .told.-failed { color: $error; }
        & .buttons { height: auto; }
        & Button { margin-right: 2; }
    }
    """

    def __init__(self, name: str, rows: int | None, write: Write) -> None:
        """Args:
        name: proposed for the file, without its ending.
        rows: how many are to be written; None where that shows only when all are.
        write: writes them.
        """
        super().__init__()
        self._file = f"{name}.csv"
        self._rows = "all rows" if rows is None else counted(rows, "row")
        self._write = write
        self._tally: Tally | None = None

    def compose(self) -> ComposeResult:
        """Where to, and in which format."""
        with Vertical():
            yield Label(Text(f"Export {self._rows}"), classes="title")
            with Horizontal(classes="line"):
                yield Label("file", classes="word")
                yield PathInput(self._file, compact=True, select_on_focus=False)
            yield Static("", classes="place", markup=False)
            with Horizontal(classes="line"):
                yield Label("format", classes="word")
                yield Choice(FORMATS, "csv")
            yield Static("", classes="told", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(Text("Write  ⏎"), variant="primary", id="write", compact=True)
                yield Button(Text("Cancel  esc"), id="cancel", compact=True)

    def on_mount(self) -> None:
        """The name is there to be changed."""
        self.query_one(PathInput).focus()
        self.watch(self.query_one(Choice), "place", self._format_chosen, init=False)
        self.set_interval(_LOOK, self._tell_progress)

    @property
    def path(self) -> Path:
        """The file that is named, wherever one is."""
        named = Path(self.query_one(PathInput).value.strip())
        with suppress(RuntimeError):  # `~name` of nobody: a name like any other
            named = named.expanduser()
        return named.absolute()

    def action_write(self) -> None:
        """Write the file; asks first where there is one."""
        if self._tally is not None:
            return
        path = self.path
        try:
            size = self._check(path)
        except LinkgraphError as error:
            self._failed(error)
            return
        if size is None:
            self._start(path)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._start(path)

        lines = (f"It has {size:,} bytes, which will be gone.",)
        asking = ConfirmScreen(f"Replace {plain(path.name, 80)}?", lines, "Replace")
        self.app.push_screen(asking, answered)

    def action_leave(self) -> None:
        """Stop what is being written; else leave."""
        if self._tally is None:
            self.dismiss(None)
            return
        self.stop("export")
        self._tally = None
        self._tell("stopped: nothing was written")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_write()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "write":
            self.action_write()
        else:
            self.action_leave()

    @on(Input.Changed)
    def _named(self, event: Input.Changed) -> None:
        """A name that tells a format chooses it."""
        event.stop()
        self.query_one(".place", Static).update(Text(plain(self.path, 400)))
        ending = Path(event.value.strip()).suffix.removeprefix(".").lower()
        choice = self.query_one(Choice)
        if ending in FORMATS and choice.value != ending:
            choice.place = FORMATS.index(ending)

    def _format_chosen(self) -> None:
        """The name is to tell the format that is chosen."""
        field = self.query_one(PathInput)
        given, ending = Path(field.value.strip()), self.query_one(Choice).value
        if given.suffix.removeprefix(".").lower() == ending:
            return
        known = given.suffix.removeprefix(".").lower() in FORMATS
        named = f"{given.stem if known else given.name}.{ending}"
        field.value = str(given.with_name(named)) if given.name else f"{self._file[:-4]}.{ending}"

    def _check(self, path: Path) -> int | None:
        """The size of the file that stands there, in bytes; None where none does."""
        if not self.query_one(PathInput).value.strip():
            raise UsageError("the file has no name", hint="give it one")
        try:
            if path.is_dir():
                raise UsageError(f"{plain(path, 200)} is a folder", hint="name a file in it")
            if not path.parent.is_dir():
                raise UsageError(
                    f"there is no folder {plain(path.parent, 200)}", hint="name one that there is"
                )
            return path.stat().st_size if path.exists() else None
        except OSError as error:  # too long a name, a folder that is closed to one
            raise UsageError(
                f"{plain(path.name, 40)} cannot be written: {error.strerror}",
                hint="name another file",
            ) from error

    def _start(self, path: Path) -> None:
        format_ = self.query_one(Choice).value
        tally = self._tally = Tally(Stop())

        def write(session: Session, stop: Stop) -> int:
            tally.stop = stop
            return self._write(session, path, format_, tally)

        self._tell("writing…")
        self.ask("export", write, lambda rows: self._written(path, rows), self._failed)

    def _written(self, path: Path, rows: int) -> None:
        self.app.say(f"{counted(rows, 'row')} written to {plain(path, 400)}")
        self.dismiss(path)

    def _failed(self, error: LinkgraphError) -> None:
        self._tally = None
        hint = f"\n→ {plain(error.hint, 300)}" if error.hint else ""
        self._tell(f"✗ {plain(error.message, 400)}{hint}", failed=True)

    def _tell_progress(self) -> None:
        if self._tally is not None and self._tally.rows:
            self._tell(f"writing… {self._tally.rows:,} of {self._rows}")

    def _tell(self, text: str, *, failed: bool = False) -> None:
        told = self.query_one(".told", Static)
        told.update(Text(text))
        told.add_class("-shown")
        told.set_class(failed, "-failed")
