"""`linkgraph demo` ends with commands to type next: each works as it stands there."""

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from linkgraph.cli.exits import ExitCode
from tests.terminal import environment, in_terminal, linkgraph, without_escapes

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

    for line in told[: len(READING)]:
        done = subprocess.run(
            shlex.split(line),
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env=environment(),
            timeout=60,
        )
        assert done.returncode == ExitCode.OK, (line, done.stderr)
        assert "no path" not in done.stderr
    assert (tmp_path / "around.html").stat().st_size

    with started(told[len(READING)]):
        *_, pushed = [
            without_escapes(in_terminal(shlex.split(line), answers={"[y/N] ": "y"}))
            for line in told[len(READING) + 1 :]
        ]
    assert "Push 1 is done" in pushed
    assert "linkgraph edits undo 1" in pushed


@contextmanager
def started(line: str) -> Iterator[None]:
    """A simulated CRM, started by its command; there as soon as it has told its address."""
    with subprocess.Popen(
        shlex.split(line),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(),
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("url ")
            yield
        finally:
            process.terminate()
