"""One statement on its way: streamed, stoppable, its errors in the words of linkgraph.errors."""

import threading
import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa
from sqlalchemy import Engine

from linkgraph.errors import QueryStopped
from queries.complaints import query_error
from queries.parameters import Value

#: Rows a batch: large enough for Arrow, small enough to stop between two.
BATCH_ROWS = 100_000
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
    """A statement that runs on a connection of its own, until it is read out or closed."""

    def __init__(
        self,
        engine: Engine,
        sql: str,
        parameters: Mapping[str, Value] | None = None,
        *,
        timeout: float | None = None,
        stop: Stop | None = None,
    ) -> None:
        self._sql = sql
        self._stop = stop or Stop()
        self._timeout = timeout
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._done = threading.Event()
        self._pooled = engine.raw_connection()
        self._native: Any = self._pooled.driver_connection
        try:
            threading.Thread(target=self._watch, name="statement-watch", daemon=True).start()
            self._reader = self._start(parameters)
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
            while True:
                self._raise_if_stopped()
                try:
                    batch = self._reader.read_next_batch()
                except StopIteration:
                    return
                except (duckdb.Error, OSError, RuntimeError) as exc:
                    # Arrow hands DuckDB's errors on as OSError, with the message as it was
                    raise self._error(exc) from exc
                yield batch
        finally:
            self.close()

    def interrupt(self) -> None:
        """Stop it, from any thread."""
        self._stop.ask()

    def close(self) -> None:
        """Let go of the connection; what was not read is lost."""
        if not self._done.is_set():
            self._done.set()
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

    def _start(self, parameters: Mapping[str, Value] | None) -> pa.RecordBatchReader:
        self._raise_if_stopped()
        try:
            result = self._native.execute(self._sql, dict(parameters or {}))
            return result.to_arrow_reader(BATCH_ROWS)
        except (duckdb.Error, RuntimeError) as exc:
            raise self._error(exc) from exc

    def _watch(self) -> None:
        # Asked again and again: DuckDB forgets an interrupt that comes just before a statement.
        while not self._done.wait(_POLL_SECONDS):
            if self._stopped() is not None:
                self._native.interrupt()

    def _stopped(self) -> str | None:
        if self._stop.asked:
            return "the query was cancelled"
        if self._deadline is not None and time.monotonic() >= self._deadline:
            return f"the query was stopped after {self._timeout:g} s"
        return None

    def _raise_if_stopped(self) -> None:
        reason = self._stopped()
        if reason is not None:
            raise QueryStopped(reason)

    def _error(self, exc: Exception) -> BaseException:
        if isinstance(exc.__cause__, KeyboardInterrupt):
            return exc.__cause__  # Ctrl-C, which DuckDB wraps
        reason = self._stopped()
        return QueryStopped(reason) if reason is not None else query_error(str(exc), self._sql)
