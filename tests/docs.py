"""Pages whose Python and commands are run, with what they print, and the page of all questions.

`python -m tests.docs` writes outputs and questions anew; `test_docs.py` holds that they are true.
"""

import contextlib
import io
import os
import re
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from queries.catalogue import Catalogue
from queries.parameters import shown
from queries.question import Question
from tests.readme import PERSON, README, ROOT, transcript
from tests.running import running_account
from tests.terminal import linkgraph

#: The pages whose Python is run.
PAGES = (README, ROOT / "docs" / "graph.md")
#: The page whose files, commands and Python follow one another, in an account whose CRM runs.
EDITS = ROOT / "docs" / "edits.md"
QUESTIONS = ROOT / "docs" / "questions.md"
_BLOCK = re.compile(
    r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<printed>.*?)```\n)?", re.DOTALL
)
_STEP = re.compile(
    r"```(?P<kind>python|console|csv|json) ?(?P<file>[\w.]*)\n(?P<text>.*?)```\n"
    r"(?:\n```text\n(?P<printed>.*?)```\n)?",
    re.DOTALL,
)


def blocks(page: Path) -> list[tuple[str, str]]:
    """Each piece of Python on a page, and what the page says it prints."""
    text = page.read_text(encoding="utf-8")
    return [(match["code"], match["printed"] or "") for match in _BLOCK.finditer(text)]


def outputs(page: Path, home: Path, folder: Path) -> list[str]:
    """What each piece prints, run one after the other as a person would, in a folder."""
    names: dict[str, Any] = {}
    printed = []
    with _settled(home, folder):
        for code, _ in blocks(page):
            printed.append(_printed(code, page, names))
    return printed


def _printed(code: str, page: Path, names: dict[str, Any]) -> str:
    """What a piece of Python prints; what it defines stays in `names`."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, str(page), "exec"), names)
    return out.getvalue()


def edits_page(home: Path, folder: Path) -> str:
    """The page of edits as it is when all that it does was done, one step after the other.

    A block of a file is written to the folder, the commands of a console are typed in a terminal,
    Python is run.
    """
    names: dict[str, Any] = {}

    def done(match: re.Match[str]) -> str:
        if match["file"]:
            (folder / match["file"]).write_text(match["text"], encoding="utf-8")
        elif match["kind"] == "console":
            lines = match["text"].splitlines()
            commands = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
            return f"```console\n{transcript(home, commands, folder)}```\n"
        elif match["kind"] == "python":
            printed = _printed(match["text"], EDITS, names)
            below = f"\n```text\n{printed}```\n" if printed else ""
            return f"```python\n{match['text']}```\n{below}"
        return match[0]

    with _settled(home, folder):
        return _STEP.sub(done, EDITS.read_text(encoding="utf-8"))


def question_page() -> str:
    """What each question means, takes and returns."""
    parts = [
        "# The questions\n\n"
        "Written by `python -m tests.docs` from the files in `queries/`; `linkgraph ask QUESTION "
        "--help` says the same.\n"
    ]
    for group, questions in Catalogue.load().groups().items():
        parts.append(f"## {group}\n")
        parts += map(_told, questions)
    return "\n".join(parts)


def _told(question: Question) -> str:
    lines = [f"### {question.name}", "", f"*{question.text}* {question.definition}", ""]
    if question.parameters:
        lines += ["| parameter | takes | default | |", "| --- | --- | --- | --- |"]
    for one in question.parameters:
        default = "must be given" if one.default is None else f"`{shown(one.default) or ' '}`"
        lines.append(f"| `{one.name}` | {_cell(one.allowed)} | {default} | {_cell(one.meaning)} |")
    lines += [""] if question.parameters else []
    lines += ["| column | |", "| --- | --- |"]
    lines += [f"| `{one.name}` | {_cell(one.meaning)} |" for one in question.columns]
    if question.cut_meaning:
        lines += ["", f"Left out, counted and named: {_cell(question.cut_meaning)}."]
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


@contextlib.contextmanager
def _settled(home: Path, folder: Path) -> Iterator[None]:
    given = {"LINKGRAPH_HOME": str(home), "LOGNAME": PERSON}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        with contextlib.chdir(folder):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def main() -> None:
    """Write what each piece prints below it, and the page of all questions."""
    QUESTIONS.write_text(question_page(), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        linkgraph("demo", "--headless", "--size", "5k", "--home", str(home)).check_returncode()
        printed = {page: iter(outputs(page, home, Path(folder))) for page in PAGES}
        edited = Path(folder) / "edited"
        with running_account(edited):
            EDITS.write_text(edits_page(edited, Path(folder)), encoding="utf-8")

    for page, said in printed.items():
        text = page.read_text(encoding="utf-8")
        page.write_text(_BLOCK.sub(partial(_with_output, said), text), encoding="utf-8")


def _with_output(printed: Iterator[str], match: re.Match[str]) -> str:
    said = next(printed)
    return f"```python\n{match['code']}```\n" + (f"\n```text\n{said}```\n" if said else "")


if __name__ == "__main__":
    main()
