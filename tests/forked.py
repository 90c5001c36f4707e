"""Commands as processes of their own that have nothing left to import: see `tests.forker`.

For tests of what a command says, writes and returns. Where the start of Python itself is what is
tested (imports, streams that are closed, memory), `subprocess` has its place.
"""

import atexit
import contextlib
import functools
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TextIO

from tests.forker import Wanted

ROOT = Path(__file__).parents[1]


class Forked:
    """A command that runs; `with` waits for its end, and kills it where the test has failed.

    Attributes:
        pid: its process.
        stdin, stdout, stderr: the ends here of the pipes that were asked for, of text.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        environment: Mapping[str, str],
        folder: Path | None = None,
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> None:
        """Run `module` as `python -m` does.

        Args:
            module: its name.
            arguments: what is said behind it.
            environment: all variables.
            folder: where it runs; here unless told.
            stdin, stdout, stderr: as `subprocess.Popen` takes them; nothing of this process's is
                inherited unless told, and `subprocess.STDOUT` is for `stderr`.
        """
        self.stdin, theirs_in = _ends(stdin, "w")
        self.stdout, theirs_out = _ends(stdout, "r")
        self.stderr, theirs_err = _ends(stderr, "r")
        self.returncode: int | None = None
        self._told, back = socket.socketpair()
        nothing = os.open(os.devnull, os.O_RDWR)
        streams = [_or(theirs_in, nothing), _or(theirs_out, nothing)]
        streams.append(streams[1] if stderr == subprocess.STDOUT else _or(theirs_err, nothing))
        _server().start([*streams, back.fileno()])
        back.close()
        os.close(nothing)
        for own, theirs in (
            (self.stdin, theirs_in),
            (self.stdout, theirs_out),
            (self.stderr, theirs_err),
        ):
            if own is not None and theirs is not None:
                os.close(theirs)
        wanted: Wanted = {
            "module": module,
            "arguments": list(arguments),
            "environment": dict(environment),
            "folder": str(folder or Path.cwd()),
        }
        self._told.sendall(json.dumps(wanted).encode() + b"\n")
        self._lines = self._told.makefile("r")
        self.pid = int(self._lines.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object = None, *_: object) -> None:
        if kind is not None:
            self.kill()
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        self.wait()

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, as `subprocess` tells it: a code, or a signal's number below nothing.

        Raises:
            subprocess.TimeoutExpired: it did not, in so many seconds.
        """
        if self.returncode is None:
            ready = select.poll()  # `select.select` takes no file beyond the first 1,024
            ready.register(self._told, select.POLLIN)
            if not ready.poll(None if timeout is None else timeout * 1e3):
                assert timeout is not None
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            self.returncode = os.waitstatus_to_exitcode(int(self._lines.readline()))
            self._lines.close()
            self._told.close()
        return self.returncode

    def poll(self) -> int | None:
        """How it ended; None while it has not."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended; of that nothing may be known here yet."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, said: str = "", timeout: float | None = None) -> tuple[str, str]:
        """Say something on stdin, and return all of stdout and stderr when it has ended.

        Raises:
            subprocess.TimeoutExpired: it did not, in so many seconds; it was killed then.
        """
        with ThreadPoolExecutor(3) as pool:
            reading = [pool.submit(_all_of, one) for one in (self.stdout, self.stderr)]
            if self.stdin is not None:
                pool.submit(_say, self.stdin, said)
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
            out, err = (one.result() for one in reading)
        return out, err


def _or(number: int | None, other: int) -> int:
    return other if number is None or number < 0 else number


def _ends(wanted: int | None, mode: str) -> tuple[TextIO | None, int | None]:
    """The end of a pipe that is for here, where one is wanted, and what is for the child."""
    if wanted != subprocess.PIPE:
        return None, wanted
    reading, writing = os.pipe()
    own, theirs = (writing, reading) if mode == "w" else (reading, writing)
    return io.TextIOWrapper(open(own, f"{mode}b"), "utf-8", write_through=True), theirs


def _all_of(stream: TextIO | None) -> str:
    return "" if stream is None else stream.read()


def _say(stream: TextIO, said: str) -> None:
    with contextlib.suppress(BrokenPipeError), stream:
        stream.write(said)


class _Server:
    """The process that forks; one for all tests of a process."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forker", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
            start_new_session=True,  # a Ctrl-C that ends the tests finds it by its socket
        )
        theirs.close()
        atexit.register(self.close)

    def start(self, files: Sequence[int]) -> None:
        """Have a child forked that is given these files."""
        with self._lock:
            socket.send_fds(self._control, [b"!"], list(files))

    def close(self) -> None:
        """Tell it that nobody will ask any more."""
        self._control.close()
        self._process.wait()


@functools.cache
def _server() -> _Server:
    return _Server()
