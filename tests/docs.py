"""The page about the graph: its Python is run, and what it prints stands below it.

`python -m tests.docs` writes the outputs anew; `test_docs.py` holds that they are still true.
"""

import contextlib
import io
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.readme import ROOT
from tests.terminal import linkgraph

PAGE = ROOT / "docs" / "graph.md"
_BLOCK = re.compile(
    r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<printed>.*?)```\n)?", re.DOTALL
)


def blocks() -> list[tuple[str, str]]:
    """Each piece of Python on the page, and what the page says it prints."""
    text = PAGE.read_text(encoding="utf-8")
    return [(match["code"], match["printed"] or "") for match in _BLOCK.finditer(text)]


def outputs(home: Path, folder: Path) -> list[str]:
    """What each piece prints, run one after the other as a person would, in a folder."""
    names: dict[str, Any] = {}
    printed = []
    with _settled(home, folder):
        for code, _ in blocks():
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(code, str(PAGE), "exec"), names)
            printed.append(out.getvalue())
    return printed


@contextlib.contextmanager
def _settled(home: Path, folder: Path) -> Iterator[None]:
    before = os.environ.get("LINKGRAPH_HOME")
    os.environ["LINKGRAPH_HOME"] = str(home)
    try:
        with contextlib.chdir(folder):
            yield
    finally:
        if before is None:
            del os.environ["LINKGRAPH_HOME"]
        else:
            os.environ["LINKGRAPH_HOME"] = before


def main() -> None:
    """Write what each piece prints below it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        linkgraph("demo", "--headless", "--size", "5k", "--home", str(home)).check_returncode()
        printed = iter(outputs(home, Path(folder)))

    def told(match: re.Match[str]) -> str:
        said = next(printed)
        return f"```python\n{match['code']}```\n" + (f"\n```text\n{said}```\n" if said else "")

    PAGE.write_text(_BLOCK.sub(told, PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
