"""The journal of edits in `linkgraph sql`: tables beside the snapshot, as they are right now."""

import json
from pathlib import Path

import pytest

import linkgraph
from linkgraph.accounts import AccountSettings
from linkgraph.cli.exits import ExitCode
from linkgraph.edits.journaltables import SCHEMAS
from linkgraph.errors import QueryError
from linkgraph.settings import Home
from linkgraph.simulator import Simulator, load_world
from tests.cli.conftest import WORLD
from tests.cli.here import here
from tests.cli.queues import own_home


@pytest.fixture(name="home")
def _home(small_home: Path, tmp_path: Path) -> Path:
    """A home with two edits in its queue."""
    home = own_home(small_home, tmp_path)
    here(home, "link", "lead:2", "contact:11")
    here(home, "link", "lead:1", "element:7/70", "--quantity", "3")
    return home


def rows(home: Path, sql: str) -> list[dict[str, object]]:
    """What a statement finds."""
    done = here(home, "sql", sql, "-f", "json")
    assert done.returncode == ExitCode.OK, done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def test_edits_join_with_cards_and_links(home: Path) -> None:
    """By type and id, with the tables of the snapshot."""
    joined = rows(
        home,
        "select edit_id, leads.name, edges.quantity as was, edits.quantity as wanted "
        "from edits join leads on a_type = 'lead' and lead_id = a_id "
        "left join edges on from_type = a_type and from_id = a_id and to_type = b_type "
        "and to_catalog_id = b_catalog_id and to_id = b_id order by edit_id",
    )

    assert joined == [
        {"edit_id": 1, "name": "Вторая", "was": None, "wanted": None},
        {"edit_id": 2, "name": "Сделка", "was": 2.5, "wanted": 3.0},
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "from EDITS select edit_id",
        'select edit_id from "edits"',
        "select edit_id from query_table('edits')",
        "with edits as (select 1 as edit_id union all select 2) from edits",
        "select edit_id from edit_events group by edit_id order by 1",
        "select edit_id from (select * from edits join edit_events using (edit_id)) order by 1",
    ],
)
def test_however_they_are_named(home: Path, sql: str) -> None:
    """As tables are; a table that the statement makes itself comes first."""
    assert [row["edit_id"] for row in rows(home, sql)] == [1, 2]


@pytest.mark.parametrize("name", SCHEMAS)
def test_they_are_listed_and_described(home: Path, small_home: Path, name: str) -> None:
    """With or without a journal, as every table is."""
    for own in (home, small_home):
        columns = [row["column_name"] for row in rows(own, f"describe {name}")]
        told = json.loads(here(own, "schema", name, "-f", "json").stdout)

        assert columns == SCHEMAS[name].names == [row["column"] for row in told]
        assert all(row["comment"] and row["kind"] == "table" for row in told)
        assert name in [row["name"] for row in rows(own, "show tables")]
        assert here(own, "sql", f"summarize {name}").returncode == ExitCode.OK
        assert here(own, "sql", f"explain from {name}").returncode == ExitCode.OK
    assert rows(small_home, f"from {name}") == []


def test_questions_of_ones_own_read_them(home: Path) -> None:
    """Such as: which edits wait for a lead of mine?"""
    folder = home / "questions"
    folder.mkdir()
    (folder / "waiting.sql").write_text("select edit_id, a as ref from edits order by 1", "utf-8")

    done = here(home, "ask", "waiting", "-f", "json")

    assert [row["ref"] for row in json.loads(done.stdout)] == ["lead:2", "lead:1"]


def test_they_are_as_of_now(home: Path) -> None:
    """A statement sees what was queued since the one before, and since the snapshot."""
    with linkgraph.open(home=home) as session:
        counts = []
        for number in range(3):
            session.edits.link(f"lead:{1000 + number}", "contact:10")
            counts.append(session.sql("select count(*) as n from edits").rows()[0]["n"])

    assert counts == [3, 4, 5]


def test_they_can_only_be_read(home: Path) -> None:
    """As all that SQL sees here."""
    with linkgraph.open(home=home) as session:
        for sql in ("delete from edits", "drop view edits", "insert into pushes values (1)"):
            with pytest.raises(QueryError):
                session.sql(sql)
        with session.engine.connect() as connection, pytest.raises(Exception, match="edits"):
            connection.exec_driver_sql("select * from edits")  # not on connections of other kinds

    assert len(rows(home, "from edits")) == 2


def test_a_statement_that_names_none_reads_none(home: Path) -> None:
    """A journal that cannot be read is in nobody's way who does not ask for it."""
    (home / "small" / "account.sqlite").write_bytes(b"no database, " * 1000)

    fine = here(home, "sql", "select count(*) from leads")
    asked = here(home, "sql", "select count(*) from edits")

    assert fine.returncode == ExitCode.OK
    assert asked.returncode == ExitCode.ACCOUNT
    assert "account.sqlite cannot be read" in asked.stderr


def test_a_push_is_told_of_everywhere(tmp_path: Path) -> None:
    """In `changes` link by link with before and after, in `pushes`, in the log and the status."""
    home = tmp_path / "home"
    with Simulator(load_world(WORLD), rate=None) as crm:
        Home(home).add("small", AccountSettings(crm.url, rate=float("inf")), crm.token)
        assert here(home, "sync").returncode == ExitCode.OK
        here(home, "link", "lead:1", "element:7/70", "--quantity", "4")
        here(home, "unlink", "lead:2", "contact:12")
        pushed = here(home, "edits", "push", "--yes")

    assert pushed.returncode == ExitCode.OK, pushed.stderr
    assert rows(
        home,
        "select owner, other, is_linked_before, quantity_before, is_linked_after, quantity_after, "
        "changes.state, edits.reason <> '' as told from changes, unnest(changes.edits) as _(one) "
        "join edits on edit_id = one join pushes on pushes.push_id = changes.push_id "
        "where pushes.state = 'done' order by owner",
    ) == [
        {"owner": "lead:1", "other": "element:7/70", "is_linked_before": True}
        | {"quantity_before": 2.5, "is_linked_after": True, "quantity_after": 4.0}
        | {"state": "verified", "told": True},
        {"owner": "lead:2", "other": "contact:12", "is_linked_before": True}
        | {"quantity_before": None, "is_linked_after": False, "quantity_after": None}
        | {"state": "verified", "told": True},
    ]
    told = json.loads(here(home, "edits", "log", "--push", "1", "-f", "json").stdout)
    assert {row["edit_id"] for row in told} == {1, 2}
    assert {row["push_id"] for row in told} == {1}
    assert told[0]["state"] == "verified"
    assert json.loads(here(home, "status", "-f", "json").stdout)["last_push"]["state"] == "done"
