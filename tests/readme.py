"""The parts of README.md that a program writes: its transcripts, its questions, its pictures.

`python -m tests.readme` writes them anew; `test_readme.py` holds that they are still true.
"""

import io
import re
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from queries.catalogue import Catalogue
from tests.running import running_account
from tests.terminal import in_terminal, linkgraph, without_escapes

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
COMMANDS = (
    "linkgraph ask companies-sharing-contacts -p min_shared=2 --limit 3",
    'linkgraph sql "select relation, count(*) as links from edges group by relation '
    'order by links desc limit 3"',
    "linkgraph find Иванов --limit 3",
    "linkgraph path contact:2028649 company:2502418 --skip element",
)
#: Asked of an account whose CRM runs, since they write to it.
EDITING = (
    "linkgraph link lead:1048452 company:2505708",
    "linkgraph link lead:1001106 element:4521/500107 --quantity 6",
    "linkgraph edits push",
)
#: What is queued for the picture of a plan.
PLANNED = (
    "linkgraph move contact:2018098 contact:2032336",
    "linkgraph link lead:1048452 company:2505708",
    "linkgraph unlink lead:1000135 company:2500988",
    "linkgraph link lead:1001106 element:4521/500107 --quantity 6",
    "linkgraph main lead:1000779 contact:2030010",
)
#: Who queues and pushes.
PERSON = "anna"
#: What a person types when a push asks.
ANSWERS = {"[y/N] ": "y"}
#: What the picture of a neighbourhood is of.
NEIGHBOURHOOD = ("--around", "contact:2012776")
COLUMNS = 100
WIDE = 132
_TRANSCRIPT = re.compile(
    r"(<!-- (?P<name>transcript|editing): [^\n]*-->\n```console\n)(?P<told>.*?)"
    r"(```\n<!-- end of transcript -->)",
    re.DOTALL,
)
_QUESTIONS = re.compile(r"(<!-- questions: [^\n]*-->\n)(.*?)(<!-- end of questions -->)", re.DOTALL)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: UTC)?")
#: The demo listens at another port each time.
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_EXAMPLE = "https://example.amocrm.ru"


def transcript(home: Path, commands: Sequence[str] = COMMANDS, folder: Path | None = None) -> str:
    """Commands of a page with what they print in a terminal, as in no account."""
    parts = []
    for command in commands:
        words = shlex.split(command)
        written = in_terminal(
            [sys.executable, "-m", *words],
            columns=COLUMNS,
            cwd=folder,
            answers=ANSWERS,
            LINKGRAPH_HOME=str(home),
            LOGNAME=PERSON,
        )
        told = _ADDRESS.sub(_EXAMPLE, without_escapes(written))
        parts.append(f"$ {command}\n{told.strip(chr(10))}\n")
    return "\n".join(parts)


def questions() -> str:
    """The question library as a table, by group."""
    lines = ["| | question | what it asks |", "| --- | --- | --- |"]
    for group, members in Catalogue.load().groups().items():
        for place, question in enumerate(members):
            first = group if place == 0 else ""
            lines.append(f"| {first} | `{question.name}` | {question.text} |")
    return "\n".join(lines) + "\n"


def written_transcripts() -> dict[str, str]:
    """The transcripts that stand in the README, by name."""
    found = _TRANSCRIPT.finditer(README.read_text(encoding="utf-8"))
    return {match["name"]: match["told"] for match in found}


def written_questions() -> str:
    """The table of questions that stands in the README."""
    match = _QUESTIONS.search(README.read_text(encoding="utf-8"))
    assert match, "README.md lacks its questions"
    return match[2]


def without_moments(text: str) -> str:
    """A transcript without the moment at which its snapshot was taken."""
    return _MOMENT.sub("…", text)


def pictures(home: Path) -> None:
    """Draw the README's pictures of a terminal."""
    _picture(home, "linkgraph ask companies-sharing-contacts --limit 8", "ask.svg")
    _picture(home, "linkgraph health --worst 1", "health.svg")


def picture_of_a_plan(home: Path) -> None:
    """Draw what a plan looks like in a terminal."""
    for command in PLANNED:
        linkgraph(*shlex.split(command)[1:], "--home", str(home)).check_returncode()
    _picture(home, "linkgraph edits plan", "plan.svg")


def _picture(home: Path, command: str, name: str) -> None:
    """Draw what a command really writes in a real terminal, as SVG."""
    written = in_terminal(
        [sys.executable, "-m", *shlex.split(command)], columns=WIDE, LINKGRAPH_HOME=str(home)
    )
    console = Console(record=True, width=WIDE, file=io.StringIO(), force_terminal=True)
    console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
    console.print(Text.from_ansi(written.replace("\r\n", "\n")), soft_wrap=True)
    drawn = console.export_svg(title="linkgraph", unique_id="linkgraph")
    # A picture that fetches its font from elsewhere shows differently everywhere.
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    drawn = drawn.replace("Fira Code, monospace", "ui-monospace, DejaVu Sans Mono, monospace")
    (ROOT / "docs" / name).write_text(drawn, encoding="utf-8")


def neighbourhood(home: Path) -> str:
    """The other picture: what an export draws around a card, as of no time and in no account."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "around.svg"
        done = linkgraph("export", str(target), *NEIGHBOURHOOD, "--home", str(home))
        done.check_returncode()
        drawn = target.read_text(encoding="utf-8")
    drawn = _ADDRESS.sub(_EXAMPLE, drawn)
    return re.sub(rf" of {_MOMENT.pattern}", "", drawn)


def written_neighbourhood() -> str:
    """The other picture as it stands in `docs`."""
    return (ROOT / "docs" / "neighbourhood.svg").read_text(encoding="utf-8")


def main() -> None:
    """Write them all anew."""
    with tempfile.TemporaryDirectory() as folder:
        home, edited, planned = (Path(folder) / name for name in ("home", "edited", "planned"))
        done = linkgraph("demo", "--headless", "--size", "5k", "--home", str(home))
        done.check_returncode()
        told = {"transcript": transcript(home)}
        with running_account(edited):
            told["editing"] = transcript(edited, EDITING)
        text = README.read_text(encoding="utf-8")
        text = _TRANSCRIPT.sub(lambda match: match[1] + told[match["name"]] + match[4], text)
        text = _QUESTIONS.sub(lambda match: match[1] + questions() + match[3], text)
        README.write_text(text, encoding="utf-8")
        pictures(home)
        with running_account(planned):
            picture_of_a_plan(planned)
        drawn = neighbourhood(home)
        (ROOT / "docs" / "neighbourhood.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
