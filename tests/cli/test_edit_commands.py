"""`linkgraph link`, `unlink`, `main`, `move`, `edits`: the queue as a person uses it."""

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import insert

import linkgraph
from linkgraph.cli.exits import ExitCode
from linkgraph.edits.entries import Base
from linkgraph.edits.states import State
from linkgraph.edits.tables import PUSHES
from linkgraph.mirror.clock import now
from linkgraph.model import Metadata
from tests.cli.conftest import HOSTILE
from tests.cli.here import here
from tests.cli.queues import own_home
from tests.forked import Forked
from tests.terminal import environment, in_terminal
from tests.terminal import linkgraph as run

#: How many edits each of several processes queues, one after the other.
EACH = 12


@pytest.fixture(name="home")
def _home(small_home: Path, tmp_path: Path) -> Path:
    return own_home(small_home, tmp_path)


def queue(home: Path, *more: str) -> list[dict[str, object]]:
    """The queue as a program reads it."""
    done = here(home, "edits", "list", "-f", "json", *more)
    assert done.returncode == ExitCode.OK, done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def texts(home: Path, *more: str) -> list[object]:
    """The edits of the queue as text."""
    return [row["edit"] for row in queue(home, *more)]


def lines(text: str) -> list[dict[str, str]]:
    """What a pipe gets."""
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


def test_link_queues_the_first_card_with_each_of_the_others(home: Path) -> None:
    """In words with the cards' names, and with what to do next."""
    done = here(home, "link", "lead:2", "contact:11", "company:20")

    assert done.returncode == ExitCode.OK
    assert [line["in_words"] for line in lines(done.stdout)] == [
        "link lead:2 «Вторая» to contact:11 «Борис»",
        "link lead:2 «Вторая» to company:20 «ООО «Ромашка»»",
    ]
    assert done.stderr.splitlines()[-1] == "next: linkgraph edits plan"
    assert texts(home) == ["link lead:2 contact:11", "link lead:2 company:20"]


def test_options_say_what_the_link_carries(home: Path) -> None:
    """Main, quantity, price (also none), and in whose name."""
    here(home, "link", "lead:2", "contact:11", "--main", "--updated-by", "77")
    here(home, "link", "element:7/70", "lead:2", "--quantity", "2.5", "--price", "11")
    here(home, "link", "lead:1", "element:7/70", "--price", "none")
    by_hand, element, cleared = queue(home)

    assert by_hand["edit"] == "link lead:2 contact:11 main=yes"
    assert (by_hand["updated_by"], by_hand["origin"]) == (77, "command link")
    assert element["edit"] == "link lead:2 element:7/70 quantity=2.5 price=11"
    assert cleared["edit"] == "link lead:1 element:7/70 price=none"


def test_all_or_none(home: Path) -> None:
    """One card that cannot be linked keeps the others out, and is named."""
    done = here(home, "link", "lead:2", "contact:11", "lead:1", "company:20")

    assert done.returncode == ExitCode.USAGE
    assert "2: a lead cannot be linked to a lead" in done.stderr
    assert (done.stdout, queue(home)) == ("", [])


@pytest.mark.parametrize(
    "arguments",
    [
        ("link", "lead:1"),
        ("link", "lead:1", "contact:x"),
        ("link", "lead:1", "element:7/70", "--quantity", "0"),
        ("link", "lead:1", "element:7/70", "--quantity", "nan"),
        ("link", "lead:1", "element:7/70", "--price", "9" * 30),
        ("link", "lead:1", "element:7/70", "--price", "-1"),
        ("link", "lead:1", "contact:10", "--updated-by", "9" * 30),
        ("main", "lead:1", "company:20"),
        ("main", "lead:1", "contact:13"),
        ("move", "contact:10", "lead:1"),
        ("edits", "drop"),
        ("edits", "drop", "1", "--all"),
        ("edits", "drop", "one"),
        ("edits", "drop", "999"),
        ("edits", "resolve", "1"),
        ("edits", "resolve", "--keep"),
        ("edits", "list", "--state", "done"),
        ("edits", "list", "--card", "card"),
        ("edits", "import", "nowhere.csv"),
        ("edits", "import", "edits.odt"),
        ("edits", "log", "--edit", "9" * 30),
    ],
)
def test_what_makes_no_sense(home: Path, arguments: tuple[str, ...]) -> None:
    """Is refused as such, without a traceback, and queues nothing."""
    done = here(home, *arguments)

    assert done.returncode == ExitCode.USAGE, done.stderr
    assert done.stdout == ""
    assert queue(home) == []


def test_main_and_move_say_who_becomes_what(home: Path) -> None:
    """Whichever way a lead and its contact are named."""
    main = here(home, "main", "contact:11", "lead:1")
    move = here(home, "move", "contact:12", "contact:11")

    assert "make contact:11 «Борис» the main contact of lead:1 «Сделка»" in main.stdout
    assert "move all links of contact:12 «Вера» to contact:11 «Борис»" in move.stdout


def test_a_later_edit_replaces_an_earlier_one_and_says_so(home: Path) -> None:
    """As does one that takes another back: both end, and nothing stays queued."""
    here(home, "link", "lead:2", "company:20")
    replaced = here(home, "link", "lead:2", "company:21")
    cancelled = here(home, "unlink", "lead:2", "company:21")

    assert "#1 is replaced by #2" in replaced.stderr
    assert "link lead:2 «Вторая» to company:20" in replaced.stderr
    assert "#2 is cancelled by #3" in cancelled.stderr
    assert "nothing of it is queued" in cancelled.stderr
    assert (cancelled.stdout, queue(home)) == ("", [])
    assert [row["state"] for row in queue(home, "--all")] == ["dropped"] * 3


def test_a_card_that_the_snapshot_lacks_is_warned_of(home: Path) -> None:
    """It may be newer, so it is queued."""
    done = here(home, "link", "lead:2", "contact:999")

    assert done.returncode == ExitCode.OK
    assert "warning: contact:999 is not in snapshot" in done.stderr
    assert texts(home) == ["link lead:2 contact:999"]


def test_hostile_names_stay_on_their_line(home: Path) -> None:
    """What people typed into the CRM moves no cursor, wherever an edit is shown."""
    done = here(home, "link", "lead:3", "contact:10")
    command = [sys.executable, "-m", "linkgraph"]
    shown = [
        in_terminal([*command, *words], LINKGRAPH_HOME=str(home))
        for words in (("edits", "list"), ("edits", "log"), ("unlink", "lead:3", "contact:12"))
    ]

    assert len(done.stdout.splitlines()) == 2
    for text in (done.stdout, *shown):
        assert HOSTILE[:5] not in text
        assert "\u202e" not in text
        assert "␛[31m" in text


def test_list_shows_what_waits(home: Path) -> None:
    """By state and by card; what is over stands with --all alone."""
    here(home, "link", "lead:2", "contact:11", "company:20")
    here(home, "unlink", "lead:1", "contact:11")
    here(home, "edits", "drop", "2")

    assert texts(home) == ["link lead:2 contact:11", "unlink lead:1 contact:11"]
    assert texts(home, "--card", "lead:2") == ["link lead:2 contact:11"]
    assert texts(home, "--card", "lead:1", "--card", "company:20", "--all") == [
        "link lead:2 company:20",
        "unlink lead:1 contact:11",
    ]
    assert texts(home, "--state", "dropped") == ["link lead:2 company:20"]
    assert texts(home, "--limit", "1") == ["unlink lead:1 contact:11"]
    assert "the newest 1 of 2 edits: 2 queued" in here(home, "edits", "list", "--limit", "1").stderr
    assert here(home, "edits", "list", "--state", "sent").stderr == "no such edits\n"


def test_list_can_be_imported_elsewhere(home: Path, small_home: Path, tmp_path: Path) -> None:
    """What is exported as CSV or NDJSON is the same queue again."""
    here(home, "link", "lead:1", "element:7/70", "--quantity", "3", "--price", "none")
    here(home, "move", "contact:12", "contact:11", "--updated-by", "5")

    for name in ("a.csv", "a.ndjson"):
        assert here(home, "edits", "list", "-o", str(tmp_path / name)).returncode == ExitCode.OK
        other = own_home(small_home, tmp_path / name.replace(".", "-"))
        done = here(other, "edits", "import", str(tmp_path / name))
        assert done.returncode == ExitCode.OK, done.stderr
        assert texts(other) == texts(home)
        assert all(str(row["origin"]).startswith(f"file {name}:") for row in queue(other))


def test_empty_queue(home: Path) -> None:
    """Says so, and is an empty file where a file is wanted."""
    assert here(home, "edits", "list").stderr == "the queue is empty\n"
    assert queue(home) == []
    assert here(home, "edits", "log").stderr == "nothing of the kind happened\n"
    assert here(home, "edits", "drop", "--all").stderr == "no such edit is queued\n"
    assert here(home, "edits", "resolve", "--all", "--keep").returncode == ExitCode.OK


def test_nothing_mirrored_yet(small_home: Path, tmp_path: Path) -> None:
    """Edits can be queued without a snapshot; nobody knows names then, and the plan will see."""
    home = own_home(small_home, tmp_path)
    (home / "small" / "current").unlink()
    for version in sorted((home / "small" / "versions").rglob("*"), reverse=True):
        version.chmod(0o700)
        version.unlink() if version.is_file() else version.rmdir()

    done = here(home, "link", "lead:1", "contact:999")

    assert done.returncode == ExitCode.OK, done.stderr
    assert "there is no snapshot to check against yet" in done.stderr
    assert texts(home) == ["link lead:1 contact:999"]


def test_drop_takes_numbers_ranges_and_all(home: Path) -> None:
    """Of a range only what waits still; what is dropped stays in the journal."""
    here(home, "link", "lead:2", "contact:11", "contact:13", "contact:14", "company:20")
    here(home, "link", "lead:4", "company:20")

    assert "dropped #2: link lead:2" in here(home, "edits", "drop", "2").stderr
    assert here(home, "edits", "drop", "1-3").stderr.endswith("2 edits dropped\n")
    assert here(home, "edits", "drop", "2").returncode == ExitCode.USAGE
    assert here(home, "edits", "drop", "100-200").stderr == "no such edit is queued\n"
    assert texts(home) == ["link lead:2 company:20", "link lead:4 company:20"]
    here(home, "edits", "drop", "--all")
    assert queue(home) == []
    assert len(queue(home, "--all")) == 5


def conflicting(home: Path) -> None:
    """Two edits in the queue, the first in conflict as a plan leaves it."""
    here(home, "link", "lead:2", "contact:11", "company:20")
    with linkgraph.open(home=home) as session:
        seen = Base(Metadata(is_main=False))
        session.edits.journal.conflict(1, seen, "linked meanwhile, not main")


@pytest.mark.parametrize(
    ("way", "states"),
    [
        ("--keep", {1: "queued", 2: "queued"}),
        ("--drop", {1: "dropped", 2: "queued"}),
        ("--requeue", {1: "dropped", 2: "queued", 3: "queued"}),
    ],
)
def test_conflicts_have_three_ways_out(home: Path, way: str, states: dict[int, str]) -> None:
    """By number or all at once; the list says that a decision is wanted."""
    conflicting(home)
    listed = here(home, "edits", "list")
    done = here(home, "edits", "resolve", "--all", way)

    assert "linkgraph edits resolve" in listed.stderr
    assert done.returncode == ExitCode.OK, done.stderr
    assert {row["edit_id"]: row["state"] for row in queue(home, "--all")} == states


def test_resolve_is_for_what_a_plan_or_push_left(home: Path) -> None:
    """What is queued needs no decision, and is told so."""
    conflicting(home)
    done = here(home, "edits", "resolve", "2", "--keep")

    assert done.returncode == ExitCode.USAGE
    assert "#2 is queued" in done.stderr


def test_log_tells_who_did_what_and_why(home: Path) -> None:
    """Newest first; by edit, card and person."""
    here(home, "link", "lead:2", "company:20")
    here(home, "link", "lead:2", "company:21")
    here(home, "edits", "drop", "2")

    told = json.loads(here(home, "edits", "log", "-f", "json").stdout)
    person = told[0]["done_by"]

    assert [(row["edit_id"], row["state"]) for row in told] == [
        *((2, "dropped"), (1, "dropped"), (2, "queued"), (1, "queued")),
    ]
    for option in (("--edit", "1"), ("--card", "company:20")):
        own = json.loads(here(home, "edits", "log", "-f", "json", *option).stdout)
        assert {row["edit_id"] for row in own} == {1}
        assert own[0]["note"].startswith("replaced by #2")
        assert own[0]["a_name"] == "Вторая"
    assert len(json.loads(here(home, "edits", "log", "-f", "json", "--by", person).stdout)) == 4
    for option in (("--by", "nobody"), ("--push", "1"), ("--edit", "77")):
        assert json.loads(here(home, "edits", "log", "-f", "json", *option).stdout) == []


def test_import_queues_all_or_names_every_bad_line(home: Path, tmp_path: Path) -> None:
    """With --partial the good ones are queued."""
    file = tmp_path / "edits.csv"
    file.write_text(
        "verb,a,b,main,quantity,price,updated_by\n"
        "link,lead:2,contact:11,yes,,,\n"
        "link,lead:2,lead:1,,,,\n"
        "unlink,lead:1,contact:11,,,,8\n"
        "jump,lead:1,contact:11,,,,\n",
        encoding="utf-8",
    )

    refused = here(home, "edits", "import", str(file))
    after_refusal = queue(home)
    partial = here(home, "edits", "import", str(file), "--partial")

    assert refused.returncode == ExitCode.USAGE
    assert "edits.csv, line 3: " in refused.stderr
    assert "edits.csv, line 5: " in refused.stderr
    assert "2 lines of 4 are bad: nothing was queued" in refused.stderr
    assert after_refusal == []
    assert partial.returncode == ExitCode.OK
    assert "edits.csv, line 3: " in partial.stderr
    assert texts(home) == ["link lead:2 contact:11 main=yes", "unlink lead:1 contact:11"]
    assert [row["origin"] for row in queue(home)] == ["file edits.csv:2", "file edits.csv:4"]


def test_import_reads_stdin(home: Path) -> None:
    """As CSV, or as what -f says; line numbers are told all the same."""
    command = ["edits", "import", "-", "--home", str(home)]
    given = '{"edit": "link lead:2 contact:11"}\n{"edit": "link lead:2"}\n'

    done = run(*command, "-f", "ndjson", "--partial", stdin=given)

    assert done.returncode == ExitCode.OK, done.stderr
    assert "stdin, line 2: " in done.stderr
    assert texts(home) == ["link lead:2 contact:11"]


def test_status_tells_what_waits(home: Path) -> None:
    """And what wants a decision; without edits it says nothing of them."""
    before = here(home, "status").stdout
    conflicting(home)
    text = here(home, "status").stdout
    facts = json.loads(here(home, "status", "-f", "json").stdout)

    assert "edits" not in before
    assert "edits     1 queued, 1 conflict: linkgraph edits resolve\n" in text
    assert (facts["edits"], facts["last_push"]) == ({"queued": 1, "conflict": 1}, None)


def test_status_tells_of_a_push_that_was_broken_off(home: Path) -> None:
    """Who began it, when, and how to go on with it; one that ended is a line."""
    with linkgraph.open(home=home) as session, session.edits.journal.file.writing() as connection:
        row = {"uuid": "a", "began_at": now(), "by": "Анна\x1b[31m", "state": "done"}
        connection.execute(insert(PUSHES).values(row))
    ended = here(home, "status")
    with linkgraph.open(home=home) as session, session.edits.journal.file.writing() as connection:
        connection.execute(insert(PUSHES).values({**row, "uuid": "b", "state": "interrupted"}))
    broken = here(home, "status")

    assert "push      1, 0 seconds ago by Анна␛[31m: done\n" in _aged(ended.stdout)
    assert ended.stderr == ""
    assert "push      2, 0 seconds ago by Анна␛[31m: interrupted\n" in _aged(broken.stdout)
    assert broken.stderr == (
        "push 2 is under way or was broken off: linkgraph edits push goes on with it\n"
    )


def _aged(text: str) -> str:
    """A status, as if no time had passed."""
    return re.sub(r"\d+ \w+ ago", "0 seconds ago", text)


def test_looking_makes_no_journal(home: Path) -> None:
    """`status` and `sql` leave a home without edits as it is."""
    ledger = home / "small" / "account.sqlite"
    before = ledger.read_bytes()

    here(home, "status")
    here(home, "sql", "select * from edits, pushes")

    assert ledger.read_bytes() == before


def test_processes_that_queue_at_once_lose_and_double_nothing(home: Path) -> None:
    """Each edit stands once, whoever came first; what two want alike is one edit."""
    others = ("contact:11", "contact:12", "contact:13")
    running = [
        Forked(
            *("tests.cli.queuer", str(home), str(EACH), other),
            environment=environment(),
            stderr=subprocess.PIPE,
        )
        for other in others
    ]
    for process in running:
        with process:
            _, said = process.communicate(timeout=240)
        assert process.returncode == 0, said

    wanted = {
        f"link lead:{1000 + number} {other}"
        for number in range(EACH)
        for other in ("contact:10", *others)
    }
    found = texts(home, "--all")
    assert sorted(map(str, found)) == sorted(wanted)


def test_a_table_shows_the_newest(home: Path) -> None:
    """Fifty of them unless more are asked for, and says so; a file has them all."""
    here(home, "link", "company:20", *(f"lead:{1000 + number}" for number in range(60)))
    with linkgraph.open(home=home) as session:
        assert session.edit_counts() == {State.QUEUED: 60}

    shown = here(home, "edits", "list")

    assert shown.stderr.startswith("the newest 50 of 60 edits")
    assert shown.stdout.splitlines()[-1].startswith("60\t")
    assert len(lines(here(home, "edits", "list", "--limit", "0").stdout)) == len(queue(home)) == 60
