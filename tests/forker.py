"""Forks a process for every command that a test starts: `python -m tests.forker FD`.

Python takes more than a second to import what a command needs; here that is done once. A forked
child has its own streams, environment, folder and end, and runs a module as `python -m` does.

Over the socket FD come a byte and four files for each command: stdin, stdout, stderr and a socket
on which the command is told (`Wanted`, a line of JSON). On that socket goes back a line with the
process id, then one with the status that `waitpid` gave.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn, TypedDict

#: What commands import sooner or later; the terminal browser imports a library of its own.
PACKAGES = ("linkgraph", "queries")


class Wanted(TypedDict):
    """A command: a module, its arguments, and where it runs."""

    module: str
    arguments: list[str]
    environment: dict[str, str]
    folder: str


def main() -> None:
    """Import all, then fork until nobody asks any more."""
    for package in PACKAGES:
        _import_all(package)
    gc.collect()
    gc.freeze()  # what is shared with a child is not copied as soon as it collects garbage
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    while True:
        told, files, _, _ = socket.recv_fds(control, 1, 4)
        if not told:
            return
        if os.fork() == 0:
            control.close()
            _watch(files)
        for each in files:
            os.close(each)
        _reap()


def _import_all(package: str) -> None:
    found = importlib.import_module(package)
    for module in pkgutil.walk_packages(found.__path__, f"{package}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    assert threading.active_count() == 1, "a fork has but the thread that forked"


def _reap() -> None:
    """Let those go that have told how their command ended."""
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        return


def _watch(files: Iterable[int]) -> NoReturn:
    """Fork the command, and tell how it ended: whoever wants to know is not its parent."""
    *streams, back = files
    with socket.socket(fileno=back) as asker:
        wanted: Wanted = json.loads(asker.makefile("rb").readline())
        number = os.fork()
        if number == 0:
            asker.close()
            _become(wanted, streams)
        for each in streams:
            os.close(each)
        try:
            asker.sendall(f"{number}\n".encode())
            _, status = os.waitpid(number, 0)
            asker.sendall(f"{status}\n".encode())
        except BrokenPipeError:  # nobody waits for it
            os._exit(0)
    os._exit(0)


def _become(wanted: Wanted, streams: Iterable[int]) -> NoReturn:
    """Be the process that `python -m module` would be, and end as it ends."""
    for number, each in enumerate(streams):
        os.dup2(each, number)
        os.close(each)
    # As Python does where it starts: the streams of the forker are nobody's here.
    encoding = wanted["environment"].get("PYTHONIOENCODING", "utf-8")
    sys.stdin = open(0, encoding=encoding, closefd=False)  # noqa: SIM115
    for name, number in (("stdout", 1), ("stderr", 2)):
        line_by_line = number == 2 or os.isatty(number)
        stream = open(  # noqa: SIM115
            number, "w", 1 if line_by_line else -1, encoding=encoding, closefd=False
        )
        setattr(sys, name, stream)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    os.chdir(wanted["folder"])
    sys.path[0] = wanted["folder"]
    sys.argv[1:] = wanted["arguments"]
    _end(_run(wanted["module"]))


def _run(module: str) -> int:
    """Run a module as the main one; returns the exit code, as Python tells it."""
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return error.code or 0
        sys.stderr.write(f"{error.code}\n")
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _end(code: int) -> NoReturn:
    """End as Python ends, but for taking all modules apart, which would take longer than most
    commands."""
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, as Python does
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = 120
    os._exit(code)


if __name__ == "__main__":
    if Path.cwd() != Path(__file__).parents[1]:
        raise SystemExit("start it where the project is")
    main()
