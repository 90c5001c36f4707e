"""The statements that were run over an account, kept between starts, and walks through them.

One line of JSON each, in a file for its owner alone. Lines are only added, under a lock, and the
oldest are cut off now and then under the same lock: of two browsers at once neither loses a line.
"""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

FILE = "sql-history.jsonl"
#: How many statements are kept; twice as many may be in the file before it is cut.
KEPT = 500
#: A statement of more characters than this is not kept: a file of those would not be read at once.
LONGEST = 50_000
#: Why no rows came of a statement that was cancelled.
CANCELLED = "cancelled"
_LOCK_SECONDS = 5.0


class Run(msgspec.Struct, frozen=True):
    """One statement that was run, and what came of it."""

    sql: str
    at: datetime
    """When it began (UTC)."""
    seconds: float
    rows: int | None = None
    """Rows that came; None where it failed or was cancelled."""
    more: bool = False
    """Whether there were more rows than were read."""
    failed: str = ""
    """Why no rows came."""


class SqlHistory:
    """The file of an account's statements."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the account's."""
        self._path = folder / FILE
        self._lock = FileLock(folder / f"{FILE}.lock", timeout=_LOCK_SECONDS, mode=0o600)

    def add(self, run: Run) -> None:
        """Keep a statement.

        A disk that is full, or another browser that hangs, takes away the comfort, not the work:
        nothing is said of it.
        """
        if len(run.sql) > LONGEST:
            return
        try:
            with self._lock:
                self._append(msgspec.json.encode(run))
        except (OSError, Timeout, UnicodeEncodeError):
            return

    def read(self) -> list[Run]:
        """The statements, oldest first, each once: as it was run last. Broken lines are passed."""
        try:
            lines = self._path.read_bytes().splitlines()
        except OSError:
            return []
        found: dict[str, Run] = {}
        for line in reversed(lines[-2 * KEPT :]):
            try:
                run = msgspec.json.decode(line, type=Run)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
            found.setdefault(run.sql, run)
        return list(found.values())[:KEPT][::-1]

    def _append(self, line: bytes) -> None:
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "r+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            # A browser that was killed may have left half a line.
            file.seek(max(0, size - 1))
            gap = b"\n" if size and file.read(1) != b"\n" else b""
            file.write(gap + line + b"\n")
            file.seek(0)
            lines = file.read().splitlines(keepends=True)
        if len(lines) > 2 * KEPT:
            self._replace(b"".join(lines[-KEPT:]))

    def _replace(self, kept: bytes) -> None:
        temporary = self._path.with_name(f".{FILE}.{secrets.token_hex(6)}")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(kept)
            os.replace(temporary, self._path)
        finally:
            temporary.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk back through statements, from a text that nobody has run yet.

    >>> walk = Walk.begin(["select 1", "select 2"], "sel")
    >>> walk.text, walk.back().text, walk.back().back().text, walk.back().forth().text
    ('sel', 'select 2', 'select 1', 'sel')
    """

    texts: tuple[str, ...]
    """The statements, oldest first, and last what was there before."""
    place: int

    @classmethod
    def begin(cls, statements: Sequence[str], unsent: str) -> "Walk":
        """Begin at what stands in the editor."""
        before = [each for each in statements if each.strip() != unsent.strip()]
        return cls((*before, unsent), len(before))

    @property
    def text(self) -> str:
        """What is to stand in the editor."""
        return self.texts[self.place]

    def back(self) -> "Walk":
        """To the statement before; the oldest has none."""
        return Walk(self.texts, max(0, self.place - 1))

    def forth(self) -> "Walk":
        """To the one after, and at last to what was there before the walk."""
        return Walk(self.texts, min(len(self.texts) - 1, self.place + 1))


def matching(runs: Sequence[Run], words: str) -> list[Run]:
    """Those that have every one of the words, newest first, however they are cased."""
    wanted = words.casefold().split()
    return [run for run in reversed(runs) if all(word in run.sql.casefold() for word in wanted)]
