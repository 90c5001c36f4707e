"""`linkgraph demo` ends with commands to type next: each works as it stands there."""

import shlex
import subprocess
from pathlib import Path

from linkgraph.cli.exits import ExitCode
from tests.terminal import environment, linkgraph


def test_what_to_type_next(tmp_path: Path) -> None:
    """The report, questions, SQL, a card and what lies around it, a path, a picture."""
    demo = linkgraph("demo", "--headless", "--size", "1k", "--home", str(tmp_path / "home"))
    assert demo.returncode == ExitCode.OK, demo.stderr
    _, _, after = demo.stderr.partition("What to type next:\n")
    told = [line for line in after.splitlines() if line.startswith("  ")]

    for line, command in zip(
        told, ["health", "ask", "ask", "show", "path", "export", "sql", "simulate"], strict=True
    ):
        assert f"linkgraph {command} " in line
        if command == "simulate":  # it would run on
            continue
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
