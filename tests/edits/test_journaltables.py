"""The journal as tables for SQL: all of it, in types and refs that join with the snapshot's."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from sqlalchemy import insert

from linkgraph.edit import Edit
from linkgraph.edits import journaltables
from linkgraph.edits.entries import Base, Entry, Origin, Source
from linkgraph.edits.journal import Journal
from linkgraph.edits.states import State
from linkgraph.edits.tables import CHANGES, METADATA, PUSHES
from linkgraph.errors import HomeUnusable
from linkgraph.mirror.clock import now
from linkgraph.model import Metadata, Ref

#: Columns of the journal that have another name in SQL, or stand there in parts.
ELSEWHERE = {"at", "by", "before", "after"}
#: What only a push itself needs to know.
INWARD = {"write", "seen"}


def entry(text: str, base: Base | None = None) -> Entry:
    return Entry(Edit.parse(text), Origin(Source.FILE, "a.csv, line 2"), base=base)


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    """A journal with two edits, one dropped, and a push with two changes."""
    path = tmp_path / "account.sqlite"
    with Journal(path, by="Анна") as journal:
        held = Base(Metadata(is_main=True), (Ref.parse("company:6"),))
        journal.add(
            [
                entry("link lead:1 element:4521/7 quantity=2.5 price=0"),
                entry("unlink lead:1 company:6", held),
            ],
            3,
        )
        journal.move([2], State.DROPPED, "changed my mind")
        with journal.file.writing() as connection:
            connection.execute(
                insert(PUSHES).values(uuid="u", began_at=now(), by="Анна", state="running")
            )
            links = [
                {"owner": "lead:1", "other": "element:4521/7", "before": None}
                | {"after": {"is_main": None, "quantity": 2, "price_id": None}},
                {"owner": "lead:1", "other": "contact:5", "after": None}
                | {"before": {"is_main": True, "quantity": None, "price_id": 11}},
            ]
            connection.execute(
                insert(CHANGES),
                [
                    {**link, "push_id": 1, "number": number, "way": "link", "phase": 1}
                    | {"edits": [1, 2], "state": "planned", "moved_at": now(), "write": None}
                    for number, link in enumerate(links)
                ],
            )
    return path


def asked(path: Path, sql: str) -> list[tuple[object, ...]]:
    """Rows of SQL over the journal alone."""
    with duckdb.connect() as connection:
        for name, table in journaltables.read(path, journaltables.SCHEMAS).items():
            connection.register(name, table)
        return connection.execute(sql).fetchall()


def test_edits_join_by_type_and_id(path: Path) -> None:
    """A ref stands whole, for commands, and in parts, for joins; an element with its catalog."""
    rows = asked(
        path, "select a, a_type, a_catalog_id, a_id, b, b_type, b_catalog_id, b_id from edits"
    )

    assert rows == [
        ("lead:1", "lead", 0, 1, "element:4521/7", "element", 4521, 7),
        ("lead:1", "lead", 0, 1, "company:6", "company", 0, 6),
    ]


def test_edits_tell_all_of_an_edit(path: Path) -> None:
    """What it sets, who queued it where, upon what, and what became of it."""
    first, second = asked(
        path,
        "select edit_id, verb, quantity, price_id, is_main, state, reason, queued_by, origin, "
        "origin_detail, snapshot, base ->> '$.slot[0]', push_id, queued_at <= now()::timestamp "
        "from edits",
    )

    told = ("Анна", "file", "a.csv, line 2", 3)
    assert first == (1, "link", 2.5, 0, None, "queued", "", *told, None, None, True)
    assert second == (
        *(2, "unlink", None, None, None, "dropped", "changed my mind", *told),
        *("company:6", None, True),
    )


def test_events_tell_the_whole_story(path: Path) -> None:
    """Each state that an edit was in, in order."""
    rows = asked(path, "select edit_id, state, done_by, note from edit_events order by event_id")

    assert rows == [
        (1, "queued", "Анна", "from file a.csv, line 2, against snapshot 3"),
        (2, "queued", "Анна", "from file a.csv, line 2, against snapshot 3"),
        (2, "dropped", "Анна", "changed my mind"),
    ]


def test_changes_tell_before_and_after(path: Path) -> None:
    """What a link carried and is to carry stands in columns; «not linked» is no empty metadata."""
    rows = asked(
        path,
        "select other, is_linked_before, price_id_before, is_main_before, is_linked_after, "
        "quantity_after, edits from changes join pushes using (push_id)",
    )

    assert rows == [
        ("element:4521/7", False, None, None, True, 2.0, [1, 2]),
        ("contact:5", True, 11, True, False, None, [1, 2]),
    ]


def test_nothing_of_the_journal_is_missing() -> None:
    """Each column that the journal keeps stands in SQL, but for what only a push needs."""
    for name, schema in journaltables.SCHEMAS.items():
        kept = {column.name for column in METADATA.tables[name].columns}
        assert kept - set(schema.names) <= ELSEWHERE | INWARD, name


def test_everything_is_told_of() -> None:
    """No table and no column is without a comment."""
    for schema in journaltables.SCHEMAS.values():
        assert schema.metadata[b"comment"]
        assert all(field.metadata[b"comment"] for field in schema)


def test_reading_makes_nothing(tmp_path: Path) -> None:
    """Where there is no journal the tables are empty, and there is none afterwards."""
    path = tmp_path / "account.sqlite"

    tables = journaltables.read(path, ["edits", "pushes"])

    assert {name: table.num_rows for name, table in tables.items()} == {"edits": 0, "pushes": 0}
    assert all(isinstance(table, pa.Table) for table in tables.values())
    assert not path.exists()


def test_a_file_that_is_none_is_told_of(tmp_path: Path) -> None:
    """One line that names the file."""
    path = tmp_path / "account.sqlite"
    path.write_text("no database at all, and long enough to be looked at as one" * 20)

    with pytest.raises(HomeUnusable, match=r"account\.sqlite"):
        journaltables.read(path, ["edits"])


def test_odd_names_in_the_path_are_names(tmp_path: Path) -> None:
    """A home may be called anything."""
    folder = tmp_path / "a?b#c% d"
    folder.mkdir()
    with Journal(folder / "account.sqlite") as journal:
        journal.add([entry("main lead:1 contact:2")], None)

    assert journaltables.read(folder / "account.sqlite", ["edits"])["edits"].num_rows == 1
