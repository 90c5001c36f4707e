"""What came of statements: a line that tells it, and the rows below, or samples to begin with.

Rows stay until others have come, and the line always tells which statement they are of.
"""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from linkgraph.errors import LinkgraphError
from linkgraph.plaintext import plain
from tui.grid import ResultsGrid
from tui.samples import Samples
from tui.sqlcolours import one_line
from tui.sqlrun import Came, Running, seconds

_TICK_SECONDS = 0.1


class Mistake(Static):
    """Why a statement did not run, or not to its end; hidden while nothing is wrong."""

    DEFAULT_CSS = """
    Mistake {
        display: none;
        height: auto;
        max-height: 7;
        padding: 0 1;
        background: $surface;
        color: $foreground;
        border-left: outer $error;
    }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)

    def show(self, error: LinkgraphError, where: str) -> None:
        """Say what is wrong, where that is, and what to do about it."""
        text = Text(f"✗ {plain(error.message, 600)}", "bold")
        if where:
            text.append(f"  {where}", "not bold dim")
        if error.hint:
            text.append(f"\n→ {plain(error.hint, 400)}", "not bold")
        self.update(text)
        self.display = True

    def hide(self) -> None:
        """Nothing is wrong any more."""
        self.display = False


class Outcome(Vertical):
    """The lower half of the screen."""

    DEFAULT_CSS = """
    Outcome {
        & > #told {
            height: 1;
            padding: 0 1;
            background: $panel;
            text-wrap: nowrap;
            text-overflow: ellipsis;
        }
        & > ResultsGrid { display: none; }
        &.-answered > ResultsGrid { display: block; }
        &.-answered > Samples { display: none; }
        &.-old GridTable { text-opacity: 55%; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.running: Running | None = None
        """The statement that runs, if one does."""
        self.came: Came | None = None
        """The rows that are shown, if any were ever asked for."""
        self.sql = ""
        """The statement they are of."""
        self._words = ""

    def compose(self) -> ComposeResult:
        """The line, and below it the samples until there are rows."""
        yield Static(id="told", markup=False)
        yield Samples()
        yield ResultsGrid(joined=False)

    def on_mount(self) -> None:
        """Tell how to begin."""
        self._ticking = self.set_interval(_TICK_SECONDS, self._tell, pause=True)
        self._tell()

    def begin(self, running: Running) -> None:
        """A statement runs from now on."""
        self.running, self._words = running, ""
        self.set_class(self.came is not None, "-old")
        self._ticking.resume()
        self._tell()

    def show(self, came: Came, sql: str) -> None:
        """It has brought rows."""
        self.came, self.sql = came, sql
        self.query_one(ResultsGrid).show(came.table)
        self.add_class("-answered")
        self.remove_class("-old")
        self._end("")

    def fail(self, what: str) -> None:
        """It has failed, or was cancelled; `what` is the word for it."""
        after = f" after {seconds(self.running.seconds)}" if self.running is not None else ""
        self._end(f"{what}{after}")

    def outdate(self) -> None:
        """There is a newer snapshot than the one the rows are of."""
        if self.came is not None and self.running is None and not self._words:
            self.add_class("-old")
            self._end("a newer snapshot is here; F5 asks it")

    def enter(self) -> None:
        """Go to the rows, or to the samples in their place."""
        (self.query_one(ResultsGrid) if self.came is not None else self.query_one(Samples)).focus()

    def _end(self, words: str) -> None:
        self.running, self._words = None, words
        self._ticking.pause()
        self._tell()

    def _tell(self) -> None:
        line = Text(no_wrap=True, overflow="ellipsis", end="")
        if self.running is not None:
            line.append(f"▶ running {self.running.words}", "bold").append("  esc cancels", "dim")
        elif self.came is not None:
            if self._words:
                line.append(self._words, "bold").append("  below: ", "dim")
            line.append(self.came.words(), "dim" if self._words else "bold")
            line.append(f"  {plain(one_line(self.sql), 200)}", "dim")
        elif self._words:
            line.append(self._words, "bold")
        else:
            line.append("F5 runs the statement under the cursor; F4 goes to these samples", "dim")
        self.query_one("#told", Static).update(line)
