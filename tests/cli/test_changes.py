"""`linkgraph changes`: what two syncs of an account tell of its links, and what one cannot."""

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import linkgraph
from linkgraph.accounts import AccountSettings
from linkgraph.cli.exits import ExitCode
from linkgraph.errors import InvalidParameter
from linkgraph.settings import Home
from linkgraph.simulator import Metadata, Simulator, load_world
from tests.cli.here import here
from tests.terminal import in_terminal, without_escapes

WORLD = {
    "leads": [{"id": 1, "name": "Сделка"}, {"id": 2, "name": "Вторая"}],
    "contacts": [{"id": 10, "name": "Анна"}, {"id": 11, "name": "Борис"}],
    "companies": [{"id": 20, "name": "Ромашка"}, {"id": 21, "name": "Лютик"}],
    "links": [
        {
            **{"entity_type": "leads", "entity_id": 1},
            **{"to_entity_type": "contacts", "to_entity_id": 10},
            "metadata": {"main_contact": True},
        },
        {
            **{"entity_type": "leads", "entity_id": 1},
            **{"to_entity_type": "companies", "to_entity_id": 20},
        },
        {
            **{"entity_type": "contacts", "entity_id": 10},
            **{"to_entity_type": "companies", "to_entity_id": 20},
        },
    ],
}


@pytest.fixture(name="once", scope="module")
def _once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose account was synced once."""
    home = Home(tmp_path_factory.mktemp("once") / "home")
    with Simulator(load_world(WORLD), rate=None) as crm:
        home.add("work", AccountSettings(crm.url, rate=float("inf")), crm.token)
        with linkgraph.open(home=home.root) as session:
            session.sync()
    return home.root


@pytest.fixture(name="home", scope="module")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose account was synced three times; nothing changed between the last two."""
    home = Home(tmp_path_factory.mktemp("changes") / "home")
    with Simulator(load_world(WORLD), rate=None) as crm:
        home.add("work", AccountSettings(crm.url, rate=float("inf")), crm.token)
        with linkgraph.open(home=home.root) as session:
            session.sync()
            crm.world.unlink("contacts", 10, "companies", 20)
            crm.world.link("contacts", 10, "companies", 21)
            crm.world.link("leads", 2, "contacts", 11, metadata=Metadata(is_main=True))
            session.sync(accept_removals=True)
            session.sync()
        yield home.root


def test_what_changed(home: Path) -> None:
    """The rows on stdout, the summary by relation and the two snapshots beside them."""
    done = here(home, "changes", "--since", "1", "--until", "2")

    assert done.returncode == ExitCode.OK, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout), delimiter="\t"))
    assert [(row["change"], row["owner_ref"], row["other_ref"], row["fix"]) for row in rows] == [
        ("added", "contact:10", "company:21", "unlink contact:10 company:21"),
        ("added", "lead:2", "contact:11", "unlink lead:2 contact:11"),
        ("removed", "contact:10", "company:20", "link contact:10 company:20"),
    ]
    said = done.stderr.splitlines()
    assert said[:2] == [
        "contact_company: 1 added, 1 removed, 0 changed",
        "lead_contact: 1 added, 0 removed, 0 changed",
    ]
    assert said[2].startswith("3 rows · snapshot 2 of ")
    assert said[2].endswith("compared with 1")


def test_by_default_the_last_two(home: Path) -> None:
    """Between them nothing changed: no row, and it is said of which snapshots."""
    done = here(home, "changes")

    assert done.returncode == ExitCode.OK
    assert done.stdout.count("\n") == 1  # the header
    assert "none · snapshot 3" in done.stderr
    assert "compared with 2" in done.stderr


def test_who_moved(home: Path) -> None:
    """With the lead that stayed behind and the edits that take it along."""
    done = here(home, "changes", "--moved", "--since", "1", "-f", "json")

    (row,) = json.loads(done.stdout)
    assert (row["contact_id"], row["from_company_id"], row["to_company_id"]) == (10, 20, 21)
    assert row["fix"] == "unlink lead:1 company:20; link lead:1 company:21"
    told = here(home, "changes", "--moved", "--since", "1").stderr
    assert told.startswith("1 contact left a company, 1 open lead stayed behind\n")


def test_the_syncs_themselves(home: Path) -> None:
    """A row a sync, newest first, with how many links it changed against the one before."""
    done = here(home, "changes", "--syncs", "-f", "json")

    assert done.returncode == ExitCode.OK, done.stderr
    columns = ("sync", "ending", "since", "added", "removed", "changed")
    assert [tuple(row[name] for name in columns) for row in json.loads(done.stdout)] == [
        (3, "published", 2, 0, 0, 0),
        (2, "published", 1, 2, 1, 0),
        (1, "published", None, None, None, None),
    ]
    table = here(home, "changes", "--syncs", "--limit", "1")
    assert table.stdout.count("\n") == 2


def test_files_hold_all_rows(home: Path, tmp_path: Path) -> None:
    """A file has every row unless there is a limit; a table has the first ones."""
    parquet, book = tmp_path / "changes.parquet", tmp_path / "changes.xlsx"

    assert here(home, "changes", "--since", "1", "-o", str(parquet)).returncode == ExitCode.OK
    assert here(home, "changes", "--since", "1", "-o", str(book)).returncode == ExitCode.OK
    limited = here(home, "changes", "--since", "1", "--limit", "1", "-f", "ndjson")

    assert pq.read_table(parquet).num_rows == 3
    assert book.read_bytes()[:2] == b"PK"
    assert limited.stdout.count("\n") == 1
    assert "1 of 3 rows; --limit 0 shows all" in limited.stderr


def test_in_a_terminal(home: Path) -> None:
    """A table of what changed in all stands above the rows."""
    command = [sys.executable, "-m", "linkgraph", "changes", "--since", "1", "--home", str(home)]
    seen = without_escapes(in_terminal(command, columns=160))

    assert "relation          added   removed   changed" in seen
    assert seen.index("contact_company") < seen.index("Links that were added")
    assert "Борис" in seen


def test_one_snapshot_has_nothing_beside_it(once: Path) -> None:
    """It is said plainly, with what to do."""
    done = here(once, "changes")

    assert done.returncode == ExitCode.USAGE
    assert "there is nothing to compare with" in done.stderr
    assert "sync again" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (["--since", "9"], "no snapshot of «9» is kept"),
        (["--since", "2", "--until", "1"], "snapshot 2 is not earlier than 1"),
        (["--since", "yesterday"], "since cannot be «yesterday»"),
    ],
)
def test_what_cannot_be_compared(home: Path, given: list[str], why: str) -> None:
    """Each error says what there is."""
    done = here(home, "changes", *given)

    assert done.returncode == ExitCode.USAGE
    assert why in done.stderr
    assert "→" in done.stderr


def test_a_session_compares(home: Path) -> None:
    """`session.ask` takes the numbers as they are; both snapshots stay open beside the newest."""
    with linkgraph.open(home=home) as session:
        before = session.sql("select count(*) as n from edges").rows()
        answer = session.ask("link-changes", since=1)
        again = session.ask("link-changes", {"since": "1", "until": 2}, change="removed")

        assert [row["change"] for row in answer.rows()] == ["added", "added", "removed"]
        assert (answer.snapshot, answer.compared) == (3, 1)
        assert (again.total, again.snapshot, again.compared) == (1, 2, 1)
        assert session.sql("select count(*) as n from edges").rows() == before
        with pytest.raises(InvalidParameter, match="not earlier"):
            session.ask("link-changes", since="newest")
