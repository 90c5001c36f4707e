"""A program in a terminal of its own: keys go in, and the screen is read as a person reads it.

What comes out is timed as it arrives, before it is made sense of: the time that this side takes to
parse the screen is no part of what is measured.
"""

import fcntl
import os
import pty
import queue
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Self

import pyte

from tests.terminal import environment

# The thread that notes when something arrived is not to wait for the one that parses it.
sys.setswitchinterval(0.0005)

#: Seconds after which what was waited for will not come any more.
PATIENCE = 60.0


class NotShown(Exception):
    """What was waited for did not come; the message is the screen as it is."""


class Terminal:
    """A running program, and what it shows. A context manager: the program ends with it."""

    def __init__(
        self, command: Sequence[str], *, columns: int = 120, rows: int = 40, **more: str
    ) -> None:
        self.began = perf_counter()
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment(**more),
            start_new_session=True,
        )
        os.close(slave)
        self._master = master
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.lines = [""] * rows
        """What the screen shows, a text a row"""
        self._arrived: queue.Queue[tuple[float, bytes]] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.terminate()
        self.process.wait()
        self._reader.join()
        os.close(self._master)

    def until(self, shows: Callable[[list[str]], bool]) -> float:
        """Wait until the screen shows something; the moment when that had arrived.

        Raises:
            NotShown: it does not come.
        """
        moment = ends = perf_counter()
        ends += PATIENCE
        while not shows(self.lines):
            try:
                moment, chunk = self._arrived.get(timeout=max(ends - perf_counter(), 0.01))
            except queue.Empty:
                raise NotShown(self._as_it_is()) from None
            self._take(chunk)
        return moment

    def type(self, keys: str, shows: Callable[[list[str]], bool]) -> float:
        """Type keys, in one go, and wait; the milliseconds until the screen shows something.

        Raises:
            NotShown: it does not come, or was there before.
        """
        if shows(self.lines):
            raise NotShown("what is waited for was there before:\n" + self._as_it_is())
        began = self.press(keys)
        return (self.until(shows) - began) * 1e3

    def press(self, keys: str) -> float:
        """Type keys, in one go; the moment when that was done."""
        began = perf_counter()
        os.write(self._master, keys.encode())
        return began

    def rest(self, seconds: float) -> None:
        """Let it go on until nothing has come for so long."""
        ends = perf_counter() + PATIENCE
        while perf_counter() < ends:
            try:
                self._take(self._arrived.get(timeout=seconds)[1])
            except queue.Empty:
                return
        raise NotShown("it does not come to rest:\n" + self._as_it_is())

    def memory(self) -> dict[str, float]:
        """What the process holds, in MB: that of its own, and its share of what many hold."""
        found = {}
        rollup = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        for line in rollup.splitlines()[1:]:
            name, _, rest = line.partition(":")
            found[name] = int(rest.split()[0]) / 1024
        return {"own": found["Private_Clean"] + found["Private_Dirty"], "share": found["Pss"]}

    def _as_it_is(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines)

    def _take(self, chunk: bytes) -> None:
        self._stream.feed(chunk)
        for row in self._screen.dirty:
            cells = self._screen.buffer[row]
            self.lines[row] = "".join(cells[at].data for at in range(self._screen.columns))
        self._screen.dirty.clear()

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self._master, 65536)
            except OSError:  # the program has ended
                return
            self._arrived.put((perf_counter(), chunk))
