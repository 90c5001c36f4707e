"""The README tells the truth."""

import re
from dataclasses import fields
from pathlib import Path
from xml.etree import ElementTree

from linkgraph.accounts import AccountSettings
from linkgraph.cli import COMMANDS
from linkgraph.cli.exits import ExitCode
from tests import readme
from tests.running import running_account


def test_transcript_is_what_the_commands_print(demo_home: Path) -> None:
    """Whoever types the transcript's commands after `linkgraph demo --size 5k` sees the same."""
    _check("transcript", readme.transcript(demo_home))


def test_editing_is_what_the_commands_do(tmp_path: Path) -> None:
    """Whoever types the commands that change links, with the simulated CRM running, sees that."""
    with running_account(tmp_path / "home"):
        printed = readme.transcript(tmp_path / "home", readme.EDITING)

    _check("editing", printed)


def _check(name: str, printed: str) -> None:
    """Hold a transcript that stands in the README against what was printed."""
    written = readme.written_transcripts()[name]

    assert readme.without_moments(written) == readme.without_moments(printed), (
        "python -m tests.readme writes it anew"
    )


def test_questions_are_those_of_the_catalogue() -> None:
    """The README lists every question of the library and no other."""
    assert readme.written_questions() == readme.questions(), "python -m tests.readme"


def test_neighbourhood_is_what_an_export_draws(demo_home: Path) -> None:
    """The picture of a neighbourhood shows the cards and links that an export shows today."""

    def told(picture: str) -> list[str]:
        # Layouts get better; what is drawn stays the same.
        root = ElementTree.fromstring(picture)
        titles = (mark.text or "" for mark in root.iter("{http://www.w3.org/2000/svg}title"))
        return sorted(titles)

    assert told(readme.written_neighbourhood()) == told(readme.neighbourhood(demo_home)), (
        "python -m tests.readme draws it anew"
    )


def test_every_command_is_told_of() -> None:
    """Each command that there is stands in the README's table, and no other does."""
    text = readme.README.read_text(encoding="utf-8")

    told = set(re.findall(r"^\| `linkgraph (\w+)", text, re.MULTILINE))

    assert told == set(COMMANDS)


def test_exit_codes_are_told_of() -> None:
    """Each exit code that there is stands in the README's sentence about them."""
    text = readme.README.read_text(encoding="utf-8")
    sentence = text[text.index("Exit codes:") :].split("\n\n")[0]

    told = {int(number) for number in re.findall(r"\b(\d+) [a-zA-Z]", sentence)}

    assert told == set(ExitCode)


def test_settings_are_told_of() -> None:
    """What may be set of an account stands in the README's table, with what it is by default."""
    text = readme.README.read_text(encoding="utf-8")
    table = text[text.index("| setting |") :].split("\n\n")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", table, re.MULTILINE))
    there = {each.name: each.default for each in fields(AccountSettings) if each.name != "url"}

    assert told == {
        name: str(value).lower() if isinstance(value, bool) else str(value).removesuffix(".0")
        for name, value in there.items()
    }


def test_makefile_has_the_two_commands() -> None:
    """`make demo` and `make test`, which the README promises, are targets."""
    makefile = (readme.ROOT / "Makefile").read_text(encoding="utf-8")

    assert re.search(r"^demo:", makefile, re.MULTILINE)
    assert re.search(r"^test:", makefile, re.MULTILINE)
