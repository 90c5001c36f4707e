"""One statement on its way from the editor to the grid: what a thread does, and how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from linkgraph.errors import LinkgraphError, QueryStopped
from linkgraph.wording.numbers import counted
from queries.running import Stop
from queries.scripts import Statement
from tui.sqlhistory import CANCELLED, Run, SqlHistory

if TYPE_CHECKING:
    from linkgraph.session import Session
    from queries.sandbox import SqlResult
    from tui.exporting import Tally

#: What is read of a result to be shown: so many rows, and so much of memory.
ROWS, BYTES = 1_000_000, 256 * 2**20


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a statement."""

    table: pa.Table
    more: bool
    """Whether there are more rows than were read."""
    seconds: float

    def words(self) -> str:
        """How many rows, whether that is all, and how long it took."""
        rows = (
            f"the first {counted(self.table.num_rows, 'row')} of more"
            if self.more
            else (counted(self.table.num_rows, "row"))
        )
        return f"{rows} · {seconds(self.seconds)}"


class Running:
    """A statement that runs. Made on the event loop; `run` is called in a thread."""

    def __init__(
        self, statement: Statement, at: datetime, clock: Callable[[], float], folder: Path
    ) -> None:
        """`at` is when it began, `clock` measures how long it takes, `folder` is the account's."""
        self.statement = statement
        self._at = at
        self._clock = clock
        self._began = clock()
        self._history = SqlHistory(folder)
        self._result: SqlResult | None = None

    @property
    def words(self) -> str:
        """How long it runs, and how many rows have come."""
        read = self._result.row_count if self._result is not None else 0
        rows = f" · {counted(read, 'row')} so far" if read else ""
        return f"{self._clock() - self._began:,.1f} s{rows}"

    @property
    def seconds(self) -> float:
        """How long it runs."""
        return self._clock() - self._began

    def run(self, session: Session, stop: Stop) -> Came:
        """Read what is to be shown, and keep the statement with what came of it.

        Raises:
            QueryForbidden, QueryStopped, QueryError: see `queries.sandbox.run_sql`.
            NothingMirrored, SnapshotTooNew, SnapshotUnusable: there is nothing to open.
        """
        try:
            with session.sql(self.statement.text, stop=stop) as result:
                self._result = result
                table, more = result.first(ROWS, BYTES)
        except LinkgraphError as error:
            cancelled = isinstance(error, QueryStopped)
            self._keep(failed=CANCELLED if cancelled else error.message)
            raise
        came = Came(table, more, self.seconds)
        self._keep(rows=table.num_rows, more=more)
        return came

    def _keep(self, rows: int | None = None, *, more: bool = False, failed: str = "") -> None:
        run = Run(self.statement.text, self._at, round(self.seconds, 3), rows, more, failed)
        self._history.add(run)


def sql_writer(sql: str) -> Callable[[Session, Path, str, Tally], int]:
    """Writes all rows of a statement to a file, which are more than are shown of it."""

    def write(session: Session, path: Path, format_: str, tally: Tally) -> int:
        from queries import formats

        with session.sql(sql, stop=tally.stop) as result:
            return formats.write(tally.counting(result.reader()), path, format_)

    return write


def seconds(taken: float) -> str:
    """A time as people read it: «4 ms», «0.31 s», «12.5 s», «3 min 05 s»."""
    if taken < 0.1:
        return f"{taken * 1000:.0f} ms"
    if taken < 59.95:
        return f"{taken:.2f} s" if taken < 9.995 else f"{taken:.1f} s"
    return f"{round(taken) // 60} min {round(taken) % 60:02} s"
