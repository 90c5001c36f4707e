"""`linkgraph demo` ends with commands to type next: each works as it stands there."""

import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from linkgraph.cli.exits import ExitCode
from tests.forked import Forked
from tests.terminal import environment, in_terminal, linkgraph, without_escapes

PYTHON = (sys.executable, "-m", "linkgraph")
READING = ["health", "ask", "ask", "show", "path", "export", "sql"]
EDITING = ["health --queue-fixes", "edits plan", "edits push"]


def test_what_to_type_next(tmp_path: Path) -> None:
    """The report, questions, SQL, a card and what lies around it, a path, a picture; then, with
    the simulated CRM started again, the safe fixes: queued, planned, pushed, verified."""
    demo = linkgraph("demo", "--headless", "--size", "1k", "--home", str(tmp_path / "home"))
    assert demo.returncode == ExitCode.OK, demo.stderr
    _, _, after = demo.stderr.partition("What to type next:\n")
    told = [line.strip() for line in after.splitlines() if line.startswith("  ")]
    for line, command in zip(told, [*READING, "simulate", *EDITING], strict=True):
        assert f"linkgraph {command} " in line

    as_it_stands = subprocess.run(
        shlex.split(told[0]), capture_output=True, check=False, cwd=tmp_path, env=environment()
    )
    assert as_it_stands.returncode == ExitCode.OK, as_it_stands.stderr.decode()
    (called,) = {line.partition("linkgraph ")[0] for line in told}
    assert called in ("", f"{sys.executable} -m ")
    for line in told[: len(READING)]:
        done = linkgraph(*_arguments(line), folder=tmp_path)
        assert done.returncode == ExitCode.OK, (line, done.stderr)
        assert "no path" not in done.stderr
    assert (tmp_path / "around.html").stat().st_size

    with started(told[len(READING)]):
        *_, pushed = [
            without_escapes(in_terminal([*PYTHON, *_arguments(line)], answers={"[y/N] ": "y"}))
            for line in told[len(READING) + 1 :]
        ]
    assert "Push 1 is done" in pushed
    assert "linkgraph edits undo 1" in pushed


def _arguments(line: str) -> list[str]:
    """What stands behind the program, which is called alike in every line."""
    words = shlex.split(line)
    return words[words.index("linkgraph") + 1 :]


@contextmanager
def started(line: str) -> Iterator[None]:
    """A simulated CRM, started by its command; there as soon as it has told its address."""
    with Forked(
        "linkgraph", *_arguments(line), environment=environment(), stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("url ")
        yield
        process.send_signal(signal.SIGTERM)
