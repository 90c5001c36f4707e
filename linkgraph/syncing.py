"""A sync in a process of its own, for a front end that has to go on answering meanwhile.

`python -m linkgraph.syncing` reads on its stdin what it is to do: the account's name and home, and
never a token. It tells on its stdout how far it is and, last, what came of it. Its stdin is its
lifeline too: when that ends, because the sync is to stop or because whoever began it is gone, it
stops as at Ctrl-C. However it ends, what was read is kept, and nobody goes on holding the lock.
"""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self, TypeAlias

import msgspec

import linkgraph
from linkgraph.accounts import Account
from linkgraph.errors import LinkgraphError, MirrorError, SyncStopped
from linkgraph.mirror.progress import Phase, Progress, Watcher
from linkgraph.model import Ref
from linkgraph.plaintext import plain

if TYPE_CHECKING:
    from linkgraph.mirror.sync import Report

#: Seconds between two tellings of the same step.
_TELL_EVERY = 0.1
#: Seconds that a sync has to stop by itself.
PATIENCE = 10.0
#: How much later than the front end the sync is served where both want the processor.
_NICENESS = 10
_KEPT = "what was read is kept: the next sync goes on from there"

#: What a sync tells of itself: how far it is, again and again; then, once, how it ended.
_Told: TypeAlias = "Progress | Report | LinkgraphError"


class _Task(msgspec.Struct, frozen=True):
    """What a sync is to do."""

    account: str
    home: str
    refs: tuple[str, ...]
    accept_removals: bool
    read_only: bool


class SyncProcess:
    """A sync of an account that runs in another process.

    >>> with SyncProcess.start(session.account) as process:                     # doctest: +SKIP
    ...     report = process.watch(print)
    """

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._stopped = False

    @classmethod
    def start(
        cls,
        account: Account,
        refs: Iterable[Ref] = (),
        *,
        accept_removals: bool = False,
        read_only: bool = False,
    ) -> Self:
        """Begin to mirror an account, or just some of its cards.

        Raises:
            MirrorError: the system gives no process.
        """
        task = _Task(
            account.name, str(account.home), tuple(map(str, refs)), accept_removals, read_only
        )
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # Python looks for modules where it is started first: not among a person's files.
                cwd=Path(linkgraph.__file__).parents[1],
                process_group=0,  # keys typed into the terminal are not for it
            )
        except OSError as error:
            raise MirrorError(
                f"no process could be started for the sync: {error.strerror or error}",
                hint="free some memory, or run it in another terminal: linkgraph sync",
            ) from error
        assert process.stdin is not None
        with contextlib.suppress(OSError):  # gone already: `watch` tells
            process.stdin.write(msgspec.json.encode(task) + b"\n")
            process.stdin.flush()
        return cls(process)

    @property
    def pid(self) -> int:
        """Its number in the system."""
        return self._process.pid

    def watch(self, watcher: Watcher) -> "Report":
        """Hand on how far it is until it has ended; to be called once, in a thread that may wait.

        Raises:
            SyncStopped: it was stopped, by `stop` or from outside.
            LinkgraphError: what the sync itself met; see `mirror.sync.sync`.
        """
        end: Report | LinkgraphError | None = None
        for told in self._told():
            if isinstance(told, Progress):
                watcher(told)
            else:
                end = told
        code = self._process.wait()
        if end is None:
            raise SyncStopped(_ended(code, asked=self._stopped), hint=_KEPT)
        if isinstance(end, LinkgraphError):
            raise end
        return end

    def stop(self) -> None:
        """Ask it to stop; it has ended a moment later, after `PATIENCE` seconds at the latest."""
        self._stopped = True
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def close(self) -> None:
        """Stop it if it has not ended, and wait until it has."""
        self.stop()
        try:
            self._process.wait(PATIENCE + 2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _told(self) -> "Iterator[_Told]":
        assert self._process.stdout is not None
        # A process that was killed may leave half a message.
        with contextlib.suppress(EOFError, pickle.UnpicklingError):
            while True:
                yield pickle.load(self._process.stdout)


def _ended(code: int, *, asked: bool) -> str:
    """What to say of a sync that ended without a word."""
    if asked:
        return "the sync was stopped"
    if code < 0:
        names = {one.value: one.name for one in signal.Signals}
        return f"the sync's process was ended from outside ({names.get(-code, -code)})"
    return f"the sync's process ended before its time (exit code {code})"


class _Teller:
    """Tells the other side; a side that does not listen just now does not hold up the sync."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._last: tuple[Phase, str] | None = None
        self._next = 0.0
        self._waiting: bytes | None = None
        self._ended = False
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def watch(self, progress: Progress) -> None:
        """Tell of progress, now and then; only the newest is kept for who does not listen."""
        step, moment = (progress.phase, progress.step), time.monotonic()
        if step == self._last and moment < self._next:
            return
        self._last, self._next = step, moment + _TELL_EVERY
        self._put(pickle.dumps(progress))

    def end(self, told: "Report | LinkgraphError") -> None:
        """Tell how it ended, and wait until that is told."""
        self._put(pickle.dumps(told), ended=True)
        self._thread.join()

    def _put(self, message: bytes, *, ended: bool = False) -> None:
        with self._news:
            self._waiting, self._ended = message, ended
            self._news.notify()

    def _write(self) -> None:
        ended = False
        with contextlib.suppress(OSError):  # nobody is there any more: the lifeline tells too
            while not ended:
                with self._news:
                    self._news.wait_for(lambda: self._waiting is not None)
                    message, self._waiting, ended = self._waiting, None, self._ended
                self._stream.write(message or b"")
                self._stream.flush()


def _hold_lifeline() -> None:
    """End this process, cleanly if it can be done in time, when stdin ends."""
    while os.read(0, 1024):
        pass
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    time.sleep(PATIENCE)
    os._exit(1)


def _sync(task: _Task, watch: Watcher) -> "Report | LinkgraphError":
    """Sync, and return what came of it."""
    try:
        from linkgraph.session import Session

        with Session.open(task.account, task.home, read_only=task.read_only) as session:
            refs = [Ref.parse(ref) for ref in task.refs]
            return session.sync(refs, watch=watch, accept_removals=task.accept_removals)
    except LinkgraphError as error:
        return error
    except KeyboardInterrupt:
        return SyncStopped("the sync was stopped", hint=_KEPT)
    except Exception as error:  # whatever it is: who waits is to be told
        return MirrorError(
            f"the sync met what it should not: {type(error).__name__}: {plain(error, 500)}",
            hint="what was read is kept; linkgraph sync in a terminal shows where it happens",
        )


def main() -> None:
    """Do what stdin says."""
    # Whatever a library prints is not to get between what is told.
    stream = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # A browser that was begun in the background of a shell hands on that Ctrl-C is not heard.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    task = msgspec.json.decode(sys.stdin.buffer.readline(), type=_Task)
    os.nice(_NICENESS)
    threading.Thread(target=_hold_lifeline, daemon=True).start()
    teller = _Teller(stream)
    teller.end(_sync(task, teller.watch))


if __name__ == "__main__":
    main()
