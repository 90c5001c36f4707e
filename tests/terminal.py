"""Commands run as a person runs them: in a real terminal of a given width."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.forked import Forked

_ESCAPES = re.compile(r"\x1b\][^\x1b\x07]*(?:\x1b\\|\x07)|\x1b\[[0-9;?]*[A-Za-z]|\r")
#: What moves on to another line, or wipes one: of what is shown for a while nothing stays.
_MOVES = re.compile(r"(\n|\x1b\[\d*A|\x1b\[2K)")
_SETTINGS = ("LINKGRAPH_", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING")


def environment(**more: str) -> dict[str, str]:
    """The environment of a newcomer: nothing of linkgraph's set, nor of how to show things."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)}
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "", **more}


def linkgraph(
    *arguments: str,
    stdin: str | None = None,
    timeout: float = 120,
    folder: Path | None = None,
    **more: str,
) -> subprocess.CompletedProcess[str]:
    """Run the program as a script would: stdout and stderr are pipes."""
    with Forked(
        "linkgraph",
        *arguments,
        environment=environment(**more),
        folder=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        out, err = running.communicate(stdin or "", timeout)
    assert running.returncode is not None
    return subprocess.CompletedProcess(list(arguments), running.returncode, out, err)


def in_terminal(
    command: Sequence[str],
    *,
    columns: int = 100,
    rows: int = 40,
    cwd: Path | None = None,
    answers: Mapping[str, str] | None = None,
    whole: bool = False,
    **more: str,
) -> str:
    """Run a command in a pseudo-terminal and return what it left there, escapes included.

    With `whole` that is all that was ever there, what was wiped included. Each of `answers` is
    typed, once, when the question that it answers is there.
    """
    open_questions = dict(answers or {})
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    with _running(command, environment(**more), cwd, slave):
        os.close(slave)
        written = bytearray()
        while True:
            try:
                chunk = os.read(master, 65536)
            except OSError:  # Linux says EIO when the last writer has gone
                break
            if not chunk:
                break
            written += chunk
            for question in [each for each in open_questions if each.encode() in written]:
                os.write(master, f"{open_questions.pop(question)}\n".encode())
    os.close(master)
    text = written.decode("utf-8", "replace")
    return text if whole else _left(text)


def _running(
    command: Sequence[str], environment: Mapping[str, str], folder: Path | None, terminal: int
) -> Forked | subprocess.Popen[bytes]:
    """A command that runs in a terminal: for a module Python need not start anew."""
    python, flag, *words = command
    if (python, flag) == (sys.executable, "-m"):
        return Forked(
            *words,
            environment=environment,
            folder=folder,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
        )
    return subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment, cwd=folder
    )


def _left(written: str) -> str:
    """The lines that are there at the end, after all moving up and wiping, with their colours."""
    rows, at = [""], 0
    for part in _MOVES.split(written):
        if part == "\n":
            at += 1
            rows += [""] * (at == len(rows))
        elif part.endswith("A") and part.startswith("\x1b["):
            at = max(at - int(part[2:-1] or 1), 0)
        elif part == "\x1b[2K":
            rows[at] = ""
        else:
            rows[at] += part
    return "\n".join(rows)


def without_escapes(text: str) -> str:
    """What is left to read: no colours, links or carriage returns, no blanks at line ends."""
    lines = _ESCAPES.sub("", text).split("\n")
    return "\n".join(line.rstrip() for line in lines)
