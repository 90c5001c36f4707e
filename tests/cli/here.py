"""Commands run in this process, for tests of many: a process of its own takes a second each."""

import contextlib
import io
import subprocess
from pathlib import Path

from linkgraph.cli import main


def here(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as `tests.terminal.linkgraph` does, with stdout and stderr as in pipes."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="\n") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([*arguments, "--home", str(home)])
    said = []
    for stream in (out, err):
        stream.flush()
        stream.seek(0)
        said.append(stream.read())
    return subprocess.CompletedProcess(list(arguments), code, *said)
