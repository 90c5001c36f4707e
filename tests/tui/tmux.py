"""A real terminal, run by tmux: bytes go in as keys, paste and mouse, and its screen is read."""

import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

_FOUND = shutil.which("tmux")
#: Longer than anything takes on a machine that is busy; a wait that ends before costs nothing.
_PATIENCE = 90.0
#: What a newcomer's terminal does not say, or says of a terminal that is not this one.
_NOT_PASSED = ("LINKGRAPH_", "TMUX", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")
#: Tells the program's process and its exit code by files: tmux does not always hear of its end,
#: and the program is then a zombie whose code nobody asks for.
_TELLING = """
sh -c 'echo $$ >"$0"; exec "$@"' "$0/pid" "$@"
echo $? >"$0/ended.new" && mv "$0/ended.new" "$0/ended"
"""


def needs_tmux() -> None:
    """Skip a test where there is no tmux, unless there has to be one."""
    if _FOUND is None:
        assert "LINKGRAPH_NEEDS_TMUX" not in os.environ, "LINKGRAPH_NEEDS_TMUX is set: no tmux"
        pytest.skip("tmux is not installed")


class Terminal:
    """A terminal of a size with a program in it; ends with the program, or at its exit."""

    def __init__(
        self, command: Sequence[str], *, columns: int = 100, rows: int = 30, **environment: str
    ) -> None:
        """`environment` is added to that of a newcomer."""
        self._socket = f"linkgraph-{uuid.uuid4().hex[:12]}"
        self._told = Path(tempfile.mkdtemp(prefix="terminal-"))
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED)
        }
        given = {"LC_ALL": "C.UTF-8", "TERM": "xterm-256color", **kept, **environment}
        # The pane's own TERM is set by tmux; what it may be is said by an option.
        term = environment.get("TERM", "tmux-256color")
        settings = ["set", "-g", "default-terminal", term, ";", "set", "-g", "mouse", "off", ";"]
        settings += ["set", "-g", "remain-on-exit", "on", ";"]
        size = ["-x", str(columns), "-y", str(rows)]
        passed = [part for name, value in environment.items() for part in ("-e", f"{name}={value}")]
        started = [*settings, "new-session", "-d", *size, *passed]
        started += ["sh", "-c", _TELLING, str(self._told), *command]
        subprocess.run(
            ["tmux", "-L", self._socket, "-f", os.devnull, *started],
            env=given,
            check=True,
            capture_output=True,
            timeout=60,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tmux("kill-server", check=False)
        shutil.rmtree(self._told)

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names: `Enter`, `Down`, `C-q`, `/`."""
        for key in keys:
            self._tmux("send-keys", key)

    def type(self, text: str) -> None:
        """Type letters."""
        self._tmux("send-keys", "-l", text)

    def paste(self, text: str) -> None:
        """Paste, as a terminal does: bracketed, where the program asked for that."""
        self._tmux("set-buffer", text)
        self._tmux("paste-buffer", "-p")

    def click(self, column: int, row: int) -> None:
        """Press and let go the left button of the mouse at a cell, counted from 0."""
        at = f"{column + 1};{row + 1}"
        self._tmux("send-keys", "-l", f"\x1b[<0;{at}M\x1b[<0;{at}m")

    def resize(self, columns: int, rows: int) -> None:
        """Make the terminal larger or smaller."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def screen(self, *, colours: bool = False) -> str:
        """What stands on the screen; with `colours` the escape codes too."""
        return self._tmux("capture-pane", "-p", *(["-e"] if colours else []))

    def wait_for(self, *texts: str, gone: bool = False) -> str:
        """Wait until all the texts stand on the screen, or none of them; returns the screen."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            shown = self.screen()
            if all((text in shown) != gone for text in texts):
                return shown
            if time.monotonic() > deadline:
                raise AssertionError(f"waited for {texts}, and there was:\n{shown}")
            time.sleep(0.05)

    def place_of(self, text: str) -> tuple[int, int]:
        """Column and row at which a text stands."""
        for row, line in enumerate(self.screen().split("\n")):
            if text in line:
                return line.index(text), row
        raise AssertionError(f"{text!r} is not on the screen:\n{self.screen()}")

    @property
    def pid(self) -> int:
        """The process of the program."""
        return self._number("pid")

    def ended(self) -> int:
        """Wait until the program has ended; returns its exit code, as a shell tells it."""
        return self._number("ended")

    def _number(self, name: str) -> int:
        """Wait until the shell that runs the program has told a number."""
        told = self._told / name
        deadline = time.monotonic() + _PATIENCE
        while not told.exists() or not told.read_text():
            assert time.monotonic() < deadline, f"never told «{name}»:\n{self.screen()}"
            time.sleep(0.05)
        return int(told.read_text())

    def _tmux(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._socket, *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert not check or done.returncode == 0, f"tmux {arguments}: {done.stderr}"
        return done.stdout


def installed() -> str:
    """The program as an installation puts it."""
    import sys

    return str(Path(sys.executable).parent / "linkgraph")
