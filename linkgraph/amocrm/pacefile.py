"""The pace's state: of one process, or shared by several through a small file.

The file is locked for well under a millisecond at a time, and never while somebody waits for a
turn. One that is missing, torn or of an earlier boot (monotonic clocks start anew) is begun afresh
as if the last second had been used up.
"""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import filelock
import msgspec

from linkgraph import errors
from linkgraph.amocrm.pace import PaceState, sane
from linkgraph.plaintext import plain

T = TypeVar("T")
Change = Callable[[PaceState, float], T]
"""Looks at a state at a moment of the clock, and alters it in place."""

_SIZE = 16 * 1024
"""Bytes of the file, always: one write of padded JSON replaces all that was there."""
_UNKNOWN_WAIT = 1.4
"""Seconds to wait after a state was lost: a window, and the greatest lateness."""
_PATIENCE = 30.0
"""Seconds after which a lock that nobody gives back is reported."""
_POLL = 0.002
_decoder = msgspec.json.Decoder(PaceState)


class Memory:
    """The state of one process alone."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._state = PaceState()

    async def change(self, change: Change[T]) -> T:
        """Apply a change and return its result."""
        return change(self._state, self._clock())


class PaceFile:
    """The state of all processes that name the same file. `clock` is one that they share."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._path = path
        self._clock = clock
        self._sleep = sleep
        self._lock = filelock.FileLock(f"{path}.lock", mode=0o600, thread_local=False)

    async def change(self, change: Change[T]) -> T:
        """Apply a change under the lock and return its result; nothing is kept if it raises.

        Raises:
            HomeUnusable: the file cannot be read or written, or stays locked.
        """
        waited = 0.0
        while True:
            try:
                with self._lock.acquire(blocking=False):
                    return self._change(change)
            except filelock.Timeout:
                pass
            except OSError as exc:
                raise self._unusable(plain(exc.strerror or exc, 100)) from exc
            if waited >= _PATIENCE:
                raise self._unusable("another process holds it and does not give it back")
            await self._sleep(_POLL)
            waited += _POLL

    def _change(self, change: Change[T]) -> T:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        with open(descriptor, "r+b", buffering=0) as file:
            now = self._clock()
            state = _read(file.read(), now)
            result = change(state, now)
            file.seek(0)
            file.write(msgspec.json.encode(state).ljust(_SIZE))
        return result

    def _unusable(self, why: str) -> errors.HomeUnusable:
        return errors.HomeUnusable(
            f"the file that paces requests cannot be used: {why} ({plain(self._path, 120)})",
            hint="see that the folder exists and can be written, or stop the other process",
        )


def _read(text: bytes, now: float) -> PaceState:
    if not text:
        return PaceState()
    try:
        state = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        state = None
    if state is None or not sane(state, now):
        return PaceState(not_before=now + _UNKNOWN_WAIT)
    return state
