"""One statement on its way: streamed, stoppable, its errors in the words of linkgraph.errors.

A `Stop` is for whatever else takes its time as well: importing it brings no database along.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from linkgraph.errors import QueryError, QueryStopped
from linkgraph.plaintext import plain

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlalchemy import Engine

    from queries.beside import Beside
    from queries.parameters import Value

#: Rows a batch: more are not faster, and cards with all their fields take kilobytes each.
BATCH_ROWS = 20_480
#: How soon a stop is noticed.
_POLL_SECONDS = 0.05


class Stop:
    """Stops a statement from any thread, also one that has not begun yet."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def ask(self) -> None:
        """Stop whatever runs with this; it raises `QueryStopped` where it runs."""
        self._asked.set()

    @property
    def asked(self) -> bool:
        """Whether a stop was asked for."""
        return self._asked.is_set()


class Running:
    """A statement that runs on a connection of its own, until it is read out or closed.

    DuckDB works in a thread of ours while the caller waits: a thread that is inside DuckDB sees no
    Ctrl-C, no timeout and no stop.
    """

    def __init__(
        self,
        engine: Engine,
        sql: str,
        parameters: Mapping[str, Value] | None = None,
        *,
        timeout: float | None = None,
        stop: Stop | None = None,
        began: float | None = None,
        beside: Beside | None = None,
    ) -> None:
        """`timeout` is in seconds, from `began` (a moment of the monotonic clock) or from now."""
        for text in (sql, *(parameters or {}).values()):
            if isinstance(text, str):
                check_text(text)
        self._sql = sql
        self._beside = beside
        self._stop = stop or Stop()
        self._timeout = timeout
        began = time.monotonic() if began is None else began
        self._deadline = None if timeout is None else began + timeout
        self._closed = False
        self._pooled = engine.raw_connection()
        self._native: Any = self._pooled.driver_connection
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="statement")
        try:
            self._reader = self._wait_for(lambda: self._start(dict(parameters or {})))
        except BaseException:
            self.close()
            raise

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns."""
        return self._reader.schema

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, as they come; closes when they are through.

        Raises:
            QueryStopped: it timed out or was stopped.
            QueryError: it failed on the way.
        """
        try:
            while not self._closed:
                batch = self._wait_for(self._next)
                if batch is None:
                    return
                yield batch
        finally:
            self.close()

    def interrupt(self) -> None:
        """Stop it, from any thread."""
        self._stop.ask()

    def close(self) -> None:
        """Let go of the connection; what was not read is lost."""
        if not self._closed:
            self._closed = True
            self._worker.shutdown(wait=True)
            self._pooled.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _start(self, parameters: dict[str, Value]) -> pa.RecordBatchReader:
        if self._beside is not None:
            self._beside.put_on(self._native, self._sql)
        return self._native.execute(self._sql, parameters).to_arrow_reader(BATCH_ROWS)

    def _next(self) -> pa.RecordBatch | None:
        try:
            return self._reader.read_next_batch()
        except StopIteration:
            return None

    def _wait_for(self, call: Callable[[], Any]) -> Any:
        import duckdb

        from queries.complaints import query_error

        reason = self._stopped()
        if reason is not None:
            raise QueryStopped(reason)
        future = self._worker.submit(call)
        try:
            self._mind(future)
        except BaseException:  # Ctrl-C: what runs has to end before its connection is let go
            self._stop.ask()
            self._mind(future)
            raise
        try:
            return future.result()
        except (duckdb.Error, OSError) as exc:
            # Arrow hands DuckDB's errors on as OSError, with the message as it was
            reason = self._stopped()
            raise QueryStopped(reason) if reason else query_error(str(exc), self._sql) from exc

    def _mind(self, future: Future[Any]) -> None:
        # Interrupts again and again: DuckDB forgets one that comes just before a statement.
        while not wait([future], _POLL_SECONDS).done:
            if self._stopped() is not None:
                self._native.interrupt()

    def _stopped(self) -> str | None:
        if self._stop.asked:
            return "the query was cancelled"
        if self._deadline is not None and time.monotonic() >= self._deadline:
            return f"the query was stopped after {self._timeout:g} s"
        return None


def check_text(text: str) -> None:
    """Refuse what DuckDB cannot keep: UTF-8 has no place for halves of surrogate pairs.

    Raises:
        QueryError: the text holds one.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as exc:
        raise QueryError(
            f"«{plain(text[exc.start : exc.end], 20)}» is no text, at character {exc.start + 1}",
            hint="type it in UTF-8",
        ) from exc
