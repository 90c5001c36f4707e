"""Where DuckDB spills what no memory holds: a folder of its own, which outlives nobody for long.

A killed process leaves its folder behind, with gigabytes in it perhaps. So the lock beside a folder
is taken before there is one, and held as long as its process lives: a folder whose lock can be had
is nobody's, and whoever makes the next one takes it away.
"""

import secrets
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

_PREFIX = "linkgraph-spill-"


class Spill:
    """A private folder, until it is closed.

    Attributes:
        path: the folder; it stands, and is empty.
    """

    def __init__(self, beside: Path | None = None) -> None:
        """Make it in the folder `beside`, by default that of the system for such things.

        Raises:
            OSError: nothing can be made there.
        """
        folder = beside or Path(tempfile.gettempdir())
        _sweep(folder)
        self.path = folder / f"{_PREFIX}{secrets.token_hex(8)}"
        self._lock = _lock_of(self.path)
        self._lock.acquire()
        try:
            self.path.mkdir(mode=0o700)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Take the folder away, and all that is in it."""
        _remove(self.path, self._lock)


def _sweep(folder: Path) -> None:
    """Take away what dead processes left; several may do so at once."""
    for path in folder.glob(f"{_PREFIX}*"):
        # A lock without its folder is let alone: perhaps somebody is about to make that.
        if not path.is_dir():
            continue
        lock = _lock_of(path)
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):  # somebody's who lives, or another account's of this machine
            continue
        _remove(path, lock)


def _lock_of(path: Path) -> FileLock:
    # Whoever closes a spill need not be of the thread that made it.
    return FileLock(path.with_suffix(".lock"), mode=0o600, thread_local=False)


def _remove(path: Path, lock: FileLock) -> None:
    shutil.rmtree(path, ignore_errors=True)
    # Where a file that is open cannot be removed, its release does so.
    with suppress(OSError):
        Path(lock.lock_file).unlink(missing_ok=True)
    lock.release()
