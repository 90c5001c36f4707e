"""`linkgraph health` over a simulated account that was synced twice, and the line of a sync."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from rich.cells import cell_len

from linkgraph.accounts import AccountSettings
from linkgraph.cli.exits import ExitCode
from linkgraph.errors import SnapshotUnusable
from linkgraph.settings import Home
from linkgraph.simulator import Simulator, load_world
from queries.catalogue import Catalogue
from tests.cli.conftest import HOSTILE
from tests.cli.here import here
from tests.terminal import in_terminal, without_escapes

BARE = 8
WORLD = {
    "leads": [
        {"id": 1, "name": "Сделка"},
        *({"id": 100 + number, "name": f"Без контакта {number}"} for number in range(BARE)),
        {"id": 300, "name": HOSTILE, "created_at": 2_000_000_000},
    ],
    "contacts": [{"id": 10, "name": "Анна"}, {"id": 11, "name": "Никто"}],
    "companies": [{"id": 20, "name": "=1+1"}],
    "links": [
        {"entity_type": kind, "entity_id": id_, "to_entity_type": to, "to_entity_id": other}
        for kind, id_, to, other in (
            ("leads", 1, "contacts", 10),
            ("leads", 1, "companies", 20),
            ("contacts", 10, "companies", 20),
        )
    ],
}
BARE_QUESTION = "leads-without-contact"


@dataclass(frozen=True)
class Synced:
    """A home, and what its two syncs said."""

    home: Path
    first: str
    second: str


@pytest.fixture(name="synced", scope="module")
def _synced(tmp_path_factory: pytest.TempPathFactory) -> Synced:
    """Two syncs; in between two leads without a contact vanish, and a contact loses its links."""
    home = tmp_path_factory.mktemp("health") / "home"
    with Simulator(load_world(WORLD), rate=None) as crm:
        Home(home).add("small", AccountSettings(crm.url, rate=float("inf")), crm.token)
        first = here(home, "sync")
        for lead in (100, 101):
            crm.world.remove_card("leads", lead)
        crm.world.remove_card("leads", 1)
        crm.world.remove_card("companies", 20)
        second = here(home, "sync", "--accept-removals")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    return Synced(home, first.stderr, second.stderr)


def report(home: Path, *options: str) -> dict[str, Any]:
    """The report as a program reads it."""
    done = here(home, "health", "-f", "json", *options)
    assert done.returncode == ExitCode.OK, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def of(found: dict[str, Any], name: str) -> dict[str, Any]:
    """A question's part of the report."""
    part: dict[str, Any] = next(each for each in found["questions"] if each["name"] == name)
    return part


def test_a_sync_closes_with_its_line(synced: Synced) -> None:
    """The number of problems that the report tells, and the command that tells more."""
    found = report(synced.home)
    before = sum(each["before"] for each in found["questions"] if each["before"] is not None)

    for said, count in ((synced.first, before), (synced.second, found["problems"])):
        last = said.strip().splitlines()[-1]
        assert re.fullmatch(rf"{count:,} problems, .+ safe fix(es)?: linkgraph health", last), said


def test_json_counts_and_compares(synced: Synced) -> None:
    """Every problem of the library in its order; what the second sync changed; the worst rows."""
    found = report(synced.home, "--worst", "3")
    bare, orphans = of(found, BARE_QUESTION), of(found, "orphan-contacts")

    assert [each["name"] for each in found["questions"]] == [
        question.name for question in Catalogue.load().problems()
    ]
    assert (found["account"], found["snapshot"], found["compared_with"]) == ("small", 2, 1)
    assert found["problems"] == sum(each["count"] or 0 for each in found["questions"])
    assert (bare["before"], bare["count"], bare["change"]) == (BARE + 1, BARE - 1, -2)
    assert (orphans["before"], orphans["count"], orphans["change"]) == (1, 2, 1)
    assert (len(bare["worst"]), bare["worst"][0]["lead_name"]) == (3, HOSTILE)


def test_text_in_a_terminal(synced: Synced) -> None:
    """By groups, in 80 columns: number, change, words, the command, the worst rows; no colours."""
    written = in_terminal(
        [sys.executable, "-m", "linkgraph", "health", "--home", str(synced.home)],
        columns=80,
        rows=200,
        NO_COLOR="1",
    )
    text = without_escapes(written).rpartition("Ctrl-C stops it")[2]  # shown while it was asked
    lines = text.splitlines()

    assert not re.search(r"\x1b\[(?:\d+;)*[349][0-7]m", written)
    assert max(map(cell_len, lines)) <= 80
    assert "snapshot 2 of " in text
    assert "changes since snapshot 1" in text
    assert re.search(rf"^ +{BARE - 1}  −2  leads without a contact$", text, re.MULTILINE)
    assert re.search(r"^ +2  \+1  contacts linked to nothing$", text, re.MULTILINE)
    assert f"linkgraph ask {BARE_QUESTION}" in text
    assert re.search(r"^ +lead:300 +␛\[31m\[bold]red", text, re.MULTILINE)
    assert sum("lead:1" in line for line in lines) == 4  # five of them, the hostile one included
    assert re.search(r"^Leads$", text, re.MULTILINE)


def test_text_in_a_pipe(synced: Synced) -> None:
    """Tab-separated, a line a question and one a row, whatever the names are."""
    done = here(synced.home, "health", "--worst", "1")
    header, *lines = (line.split("\t") for line in done.stdout.splitlines())
    rows = [dict(zip(header, line, strict=True)) for line in lines]
    question, row = (each for each in rows if each["question"] == BARE_QUESTION)

    assert "\x1b" not in done.stdout
    assert (question["group"], question["problems"], question["change"]) == (
        *("Leads", str(BARE - 1)),
        "-2",
    )
    assert (question["ref"], question["what"]) == ("", "leads without a contact")
    assert (row["ref"], row["problems"], row["fixes"]) == ("lead:300", "", "0")
    assert row["name"].startswith("␛[31m")


class _Links(HTMLParser):
    """The tags and addresses of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses |= {value or "" for name, value in attrs if name in ("href", "src")}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_page(synced: Synced, tmp_path: Path) -> None:
    """A file named so is a page, with the hostile name as text and cards that lead to the CRM."""
    target = tmp_path / "report.html"
    done = here(synced.home, "health", "-o", str(target))
    page = _Links(target.read_text(encoding="utf-8"))

    assert (done.returncode, done.stdout) == (ExitCode.OK, "")
    assert str(target) in done.stderr
    assert "script" not in page.tags
    assert "<script>alert('&')</script>" in page.text
    assert any(each.endswith("/leads/detail/300") for each in page.addresses)
    assert all(each.startswith(("http://127.0.0.1", "#")) for each in page.addresses)


def test_workbook(synced: Synced, tmp_path: Path) -> None:
    """All rows, not only the worst, a sheet a question; `--worst` cuts them and it is said."""
    whole, cut = tmp_path / "whole.xlsx", tmp_path / "cut.xlsx"
    here(synced.home, "health", "-o", str(whole))
    here(synced.home, "health", "-o", str(cut), "--worst", "2")

    counts = []
    for path in (whole, cut):
        book = load_workbook(path)
        assert book.sheetnames[0] == "Health"
        rows = list(book["Leads without a contact"].values)
        counts.append(sum(isinstance(row[0], int) for row in rows))
        assert not [c for sheet in book for r in sheet.iter_rows() for c in r if c.data_type == "f"]
    assert counts == [BARE - 1, 2]
    assert "at most 2 rows" in str([row[0] for row in load_workbook(cut)["Health"].values])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-o", "report.txt"), "does not tell the form"),
        (("-f", "text", "-o", "report"), "text is for the screen"),
        (("-f", "pdf"), "pdf"),
        (("--worst", "-1"), "worst"),
        (("--timeout", "0"), "timeout"),
    ],
)
def test_options_that_make_no_sense(synced: Synced, options: tuple[str, ...], said: str) -> None:
    """They are told before anything is asked."""
    done = here(synced.home, "health", *options)

    assert done.returncode == ExitCode.USAGE
    assert said in done.stderr


def test_a_page_is_not_for_a_terminal(synced: Synced) -> None:
    """Nobody reads HTML or a workbook there: a file is asked for."""
    command = [sys.executable, "-m", "linkgraph", "health", "--home", str(synced.home)]

    for form in ("html", "xlsx"):
        assert "-o FILE" in without_escapes(in_terminal([*command, "-f", form]))


def test_without_a_snapshot(tmp_path: Path) -> None:
    """Nothing is mirrored: the same error as everywhere."""
    Home(tmp_path).add("new", AccountSettings("https://new.amocrm.ru"), "token")

    assert here(tmp_path, "health").returncode == ExitCode.MIRROR


@pytest.fixture(name="crm")
def _crm(tmp_path: Path) -> Iterator[Simulator]:
    clean = {"leads": [{"id": 1, "name": "Сделка"}], "contacts": [{"id": 10, "name": "Анна"}]}
    link = {"entity_type": "leads", "entity_id": 1, "to_entity_type": "contacts"}
    world = clean | {"links": [link | {"to_entity_id": 10, "metadata": {"main_contact": True}}]}
    with Simulator(load_world(world), rate=None) as crm:
        Home(tmp_path).add("clean", AccountSettings(crm.url, rate=float("inf")), crm.token)
        yield crm


def test_no_problems(crm: Simulator, tmp_path: Path) -> None:
    """A clean account is told so, by the sync and by the report; the exit code is 0."""
    synced = here(tmp_path, "sync")
    command = [sys.executable, "-m", "linkgraph", "health", "--home", str(tmp_path)]
    shown = without_escapes(in_terminal(command, columns=80))

    assert synced.stderr.splitlines()[-1] == "no problems found"
    assert "No problems found" in shown
    assert report(tmp_path)["problems"] == 0


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (SnapshotUnusable("it is\x1b[31m gone"), r"could not be counted (it is␛[31m gone)"),
        (KeyboardInterrupt(), "the problems were not counted; later: linkgraph health"),
    ],
)
def test_a_sync_does_not_fail_for_its_line(
    crm: Simulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    failure: BaseException,
    said: str,
) -> None:
    """An error is told in half a line, Ctrl-C skips the counting: the sync was done."""

    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr("queries.health.figures_of", fail)
    done = here(tmp_path, "sync")

    assert done.returncode == ExitCode.OK
    assert "snapshot 1: " in done.stderr
    assert said in done.stderr.splitlines()[-1]
