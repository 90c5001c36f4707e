"""The parts of README.md that a program writes: its transcript, its questions, its pictures.

`python -m tests.readme` writes them anew; `test_readme.py` holds that they are still true.
"""

import io
import re
import shlex
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from queries.catalogue import Catalogue
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
#: What the picture of a neighbourhood is of.
NEIGHBOURHOOD = ("--around", "contact:2012776")
COLUMNS = 100
WIDE = 132
_TRANSCRIPT = re.compile(
    r"(<!-- transcript: [^\n]*-->\n```console\n)(.*?)(```\n<!-- end of transcript -->)", re.DOTALL
)
_QUESTIONS = re.compile(r"(<!-- questions: [^\n]*-->\n)(.*?)(<!-- end of questions -->)", re.DOTALL)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC")


def transcript(home: Path) -> str:
    """The commands of the README with what they print in a terminal."""
    parts = []
    for command in COMMANDS:
        words = shlex.split(command)
        written = in_terminal(
            [sys.executable, "-m", *words], columns=COLUMNS, LINKGRAPH_HOME=str(home)
        )
        parts.append(f"$ {command}\n{without_escapes(written).strip(chr(10))}\n")
    return "\n".join(parts)


def questions() -> str:
    """The question library as a table, by group."""
    lines = ["| | question | what it asks |", "| --- | --- | --- |"]
    for group, members in Catalogue.load().groups().items():
        for place, question in enumerate(members):
            first = group if place == 0 else ""
            lines.append(f"| {first} | `{question.name}` | {question.text} |")
    return "\n".join(lines) + "\n"


def written_transcript() -> str:
    """The transcript that stands in the README."""
    match = _TRANSCRIPT.search(README.read_text(encoding="utf-8"))
    assert match, "README.md lacks its transcript"
    return match[2]


def written_questions() -> str:
    """The table of questions that stands in the README."""
    match = _QUESTIONS.search(README.read_text(encoding="utf-8"))
    assert match, "README.md lacks its questions"
    return match[2]


def without_moments(text: str) -> str:
    """A transcript without the moment at which its snapshot was taken."""
    return _MOMENT.sub("… UTC", text)


def pictures(home: Path) -> None:
    """Draw the README's pictures of a terminal."""
    _picture(home, "linkgraph ask companies-sharing-contacts --limit 8", "ask.svg")
    _picture(home, "linkgraph health --worst 1", "health.svg")


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
    # The demo listens at another port each time.
    drawn = re.sub(r"http://127\.0\.0\.1:\d+", "https://example.amocrm.ru", drawn)
    return re.sub(rf" of {_MOMENT.pattern}", "", drawn)


def written_neighbourhood() -> str:
    """The other picture as it stands in `docs`."""
    return (ROOT / "docs" / "neighbourhood.svg").read_text(encoding="utf-8")


def main() -> None:
    """Write them all anew."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        done = linkgraph("demo", "--headless", "--size", "5k", "--home", str(home))
        done.check_returncode()
        text = README.read_text(encoding="utf-8")
        told = transcript(home)
        text = _TRANSCRIPT.sub(lambda match: match[1] + told + match[3], text)
        text = _QUESTIONS.sub(lambda match: match[1] + questions() + match[3], text)
        README.write_text(text, encoding="utf-8")
        pictures(home)
        drawn = neighbourhood(home)
        (ROOT / "docs" / "neighbourhood.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
