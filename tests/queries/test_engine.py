"""A snapshot as an engine: read-only, shared by threads, one instance a file, closed by dispose."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from sqlalchemy import MetaData, Table, func, inspect, select, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from linkgraph.errors import InvalidParameter, QueryForbidden, SnapshotTooNew, SnapshotUnusable
from linkgraph.mirror import schema
from queries.engine import open_engine
from queries.tablelist import TableInfo, tables
from tests.queries.conftest import Little, Snapshot, World


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "mirror.duckdb"
    world = World(made)
    world.card("lead:1", "one")
    world.save()
    return made


def test_tables_and_comments_are_reflected(path: Path) -> None:
    """SQLAlchemy sees columns, their comments, the tables' and the views'."""
    engine = open_engine(path)
    inspector = inspect(engine)
    leads = Table("leads", MetaData(), autoload_with=engine)

    assert {"leads", "edges", "meta"} <= set(inspector.get_table_names())
    assert "lead_contacts" in inspector.get_view_names()
    assert (inspector.get_table_comment("leads")["text"] or "").startswith("Leads, one row a card")
    assert leads.c.lead_id.comment == "Id of the lead in the CRM"
    with engine.connect() as connection:
        assert connection.execute(select(leads.c.name)).scalars().all() == ["one"]
    engine.dispose()


def test_the_whole_snapshot_is_reflected(path: Path) -> None:
    """All tables and views, each column with a type and a comment, enumerated ones with values."""
    engine = open_engine(path)
    metadata = MetaData()
    metadata.reflect(engine, views=True)
    inspector = inspect(engine)
    columns = {column["name"]: column for column in inspector.get_columns("lead_contacts")}
    engine.dispose()

    assert len(metadata.tables) == len(listed(path))
    for table in metadata.tables.values():
        assert table.comment, table.name
        assert all(column.comment for column in table.columns), table.name
    relation = metadata.tables["edges"].c.relation
    assert "lead_contact" in relation.type.enums  # type: ignore[attr-defined]
    assert columns["contact_id"]["comment"] == "The contact"


def listed(path: Path) -> list[TableInfo]:
    """The tables as `queries.tablelist` lists them."""
    engine = open_engine(path)
    found = tables(engine)
    engine.dispose()
    return found


def test_core_selects_over_reflected_tables(path: Path) -> None:
    """Expressions, grouping and parameters; lists and JSON arrive as such; nothing is written."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("update leads set tags = ['a'], custom_fields = '[{\"id\": 1}]'")
    engine = open_engine(path)
    leads = Table("leads", MetaData(), autoload_with=engine)
    with engine.connect() as connection:
        counted = select(leads.c.is_deleted, func.count().label("n")).group_by(leads.c.is_deleted)
        named = select(leads.c.tags, leads.c.custom_fields, leads.c.url).where(
            leads.c.name == "one"
        )
        assert [tuple(row) for row in connection.execute(counted)] == [(False, 1)]
        assert [tuple(row) for row in connection.execute(named)] == [
            (["a"], [{"id": 1}], "https://example.amocrm.ru/leads/detail/1")
        ]
        with pytest.raises(ProgrammingError, match="read-only"):
            connection.execute(leads.delete())
    engine.dispose()


def test_pandas_reads_it(path: Path) -> None:
    """A table by its name, a query with parameters, an expression, and rows piece by piece."""
    engine = open_engine(path)
    leads = Table("leads", MetaData(), autoload_with=engine)

    table = pd.read_sql_table("leads", engine)
    query = pd.read_sql(
        text("select name from leads where lead_id = :id"), engine, params={"id": 1}
    )
    expression = pd.read_sql(select(leads.c.lead_id, leads.c.created_at), engine)
    pieces = pd.read_sql("select range as n from range(2500)", engine, chunksize=1000)
    sizes = [len(piece) for piece in pieces]
    engine.dispose()

    assert list(table.columns) == [column.name for column in leads.columns]
    assert query["name"].tolist() == ["one"]
    assert expression["lead_id"].dtype == "int64"
    assert sizes == [1000, 1000, 500]


@pytest.mark.parametrize(
    ("size", "told"), [("2", "no amount"), ("much", "no amount"), ("1KB", "too little")]
)
def test_a_wrong_memory_limit_is_told(path: Path, size: str, told: str) -> None:
    """It is not the snapshot's fault."""
    with pytest.raises(InvalidParameter, match=told):
        open_engine(path, memory_limit=size)


def test_results_read_side_by_side_lose_nothing(path: Path) -> None:
    """A second statement does not disturb a result that is being read."""
    engine = open_engine(path)
    with engine.connect() as connection:
        first = connection.exec_driver_sql("select range as n from range(10000)")
        assert first.fetchone() == (0,)
        assert connection.exec_driver_sql("select 1").scalar() == 1
        assert len(first.fetchall()) == 9999
    engine.dispose()


def test_threads_share_an_engine(path: Path) -> None:
    """Each connection is a cursor of its own on the one instance."""
    engine = open_engine(path)

    def count(number: int) -> int:
        with engine.connect() as connection:
            found = connection.exec_driver_sql(f"select sum(range + {number}) from range(1000)")
            return int(found.scalar_one())

    with ThreadPoolExecutor(8) as pool:
        sums = list(pool.map(count, range(40)))
    engine.dispose()

    assert sums == [499500 + 1000 * number for number in range(40)]


def test_two_engines_of_one_snapshot_share_it(path: Path, tmp_path: Path) -> None:
    """The second takes over the first one's settings, and the last to go closes the file."""
    first = open_engine(path, memory_limit="100MB", temp_directory=tmp_path)
    second = open_engine(path, memory_limit="200MB", temp_directory=tmp_path)
    first.dispose()
    with second.connect() as connection:
        limit = connection.exec_driver_sql("select current_setting('memory_limit')").scalar()
    assert limit == "95.3 MiB"
    second.dispose()

    assert list(tmp_path.glob("linkgraph-*")) == []
    with duckdb.connect(str(path)) as writer:  # which a reader in this process would not allow
        writer.execute("insert into users (user_id) values (1)")


def test_a_disposed_engine_opens_again(path: Path) -> None:
    """As SQLAlchemy has it: dispose lets go, the next connection opens anew, locked as before."""
    engine = open_engine(path)
    engine.dispose()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select current_setting('lock_configuration')").scalar()
    engine.dispose()


def test_dispose_closes_what_is_still_checked_out(path: Path) -> None:
    """The file is let go for certain; the engine may be used again."""
    engine = open_engine(path)
    held = engine.connect()
    engine.dispose()
    with pytest.raises(OperationalError, match="already closed"):
        held.exec_driver_sql("select 1")
    held.close()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from leads").scalar() == 1
    engine.dispose()


@pytest.mark.parametrize(
    "sql",
    [
        "insert into leads (lead_id, is_deleted) values (2, false)",
        "set threads = 1",
        "set enable_external_access = true",
        "attach '{path}2' as other",
        "copy leads to '{path}.csv'",
        "select * from read_text('{path}')",
    ],
)
def test_the_lock_holds_without_the_sandbox(path: Path, sql: str) -> None:
    """Whoever uses the engine directly cannot write, reach a file or undo the lock either."""
    engine = open_engine(path)
    with engine.connect() as connection:
        native = connection.connection.driver_connection
        assert native is not None
        with pytest.raises(duckdb.Error):
            native.execute(sql.format(path=path)).fetchall()
    engine.dispose()

    assert [found.name for found in path.parent.iterdir()] == [path.name]


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """An earlier snapshot beside `path`: the lead had another name, and a contact."""
    made = tmp_path / "before.duckdb"
    world = World(made)
    world.card("lead:1", "before")
    world.link("lead:1", "contact:2")
    world.save(5)
    return made


def test_two_snapshots_side_by_side(path: Path, older: Path) -> None:
    """The newer one's tables and views by their names, the older one's in the schema `older`."""
    engine = open_engine(path, older=older)
    with engine.connect() as connection:
        names = connection.exec_driver_sql(
            "select n.name, o.name from leads as n join older.leads as o on o.lead_id = n.lead_id"
        )
        assert names.fetchall() == [("one", "before")]
        for table, count in (("lead_contacts", 0), ("older.lead_contacts", 1)):
            sql = f"select count(*) from {table}"
            assert connection.exec_driver_sql(sql).scalar() == count
        snapshots = "select m.snapshot, o.snapshot from meta as m cross join older.meta as o"
        assert connection.exec_driver_sql(snapshots).fetchall() == [(7, 5)]
    engine.dispose()


def test_a_comparison_is_open_beside_the_snapshots_themselves(path: Path, older: Path) -> None:
    """In one process, whichever is opened first; each is closed by its own dispose."""
    plain = open_engine(path)
    both = open_engine(path, older=older)
    swapped = open_engine(older, older=path)
    again = open_engine(path, older=older)
    alone = open_engine(older)
    plain.dispose()
    again.dispose()
    names = []
    for engine in (both, swapped, alone, plain):
        with engine.connect() as connection:
            names.append(connection.exec_driver_sql("select name from leads").scalar())
    for engine in (both, swapped, alone, plain):
        engine.dispose()

    assert names == ["one", "before", "before", "one"]
    for file in (path, older):
        with duckdb.connect(str(file)) as writer:  # which a reader in this process would not allow
            writer.execute("insert into users (user_id) values (1)")


@pytest.mark.parametrize(
    "sql",
    [
        "insert into leads (lead_id, is_deleted) values (2, false)",
        "insert into older.leads (lead_id, is_deleted) values (2, false)",
        "create table older.x (y int)",
        "set threads = 1",
        "set enable_external_access = true",
        "attach '{path}2' as other",
        "attach '{folder}/third.duckdb' as other (read_only)",
        "copy older.leads to '{path}.csv'",
        "select * from read_blob('{folder}/third.duckdb')",
    ],
)
def test_the_lock_holds_with_two_snapshots(path: Path, older: Path, sql: str) -> None:
    """No other file can be reached, nothing written, the lock not undone; it goes on reading."""
    third = path.with_name("third.duckdb")
    World(third).save()
    engine = open_engine(path, older=older)
    with engine.connect() as connection:
        native = connection.connection.driver_connection
        assert native is not None
        with pytest.raises(duckdb.Error):
            native.execute(sql.format(path=path, folder=path.parent)).fetchall()
        assert connection.exec_driver_sql("select count(*) from older.leads").scalar() == 1
    engine.dispose()

    assert {found.name for found in path.parent.iterdir()} == {path.name, older.name, third.name}


def test_the_memory_of_a_connection_takes_no_tables_home(path: Path, older: Path) -> None:
    """Temporary tables are a connection's own: the next one finds none, and the same snapshots."""
    engine = open_engine(path, older=older)
    with engine.connect() as connection:
        native = connection.connection.driver_connection
        assert native is not None
        native.execute("create temp table leads as select 1 as lead_id")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select name from leads").scalar() == "one"
    engine.dispose()


def test_an_older_file_that_is_none_is_told(path: Path, tmp_path: Path) -> None:
    """Missing or of something else: in one line, and nothing stays open."""
    with duckdb.connect(str(tmp_path / "other")) as connection:
        connection.execute("create table x (y int)")

    for name in ("missing", "other"):
        with pytest.raises(SnapshotUnusable) as caught:
            open_engine(path, older=tmp_path / name)
        assert "\n" not in caught.value.message
    with duckdb.connect(str(path)) as writer:
        writer.execute("insert into users (user_id) values (1)")
    assert list(tmp_path.glob("linkgraph-*")) == []


def test_an_older_snapshot_of_a_newer_version(path: Path, older: Path) -> None:
    """The version of both is looked at."""
    with duckdb.connect(str(older)) as connection:
        connection.execute(f"update meta set schema_version = {schema.SCHEMA_VERSION + 1}")

    with pytest.raises(SnapshotTooNew, match=f"version {schema.SCHEMA_VERSION + 1}"):
        open_engine(path, older=older)


def test_what_is_no_snapshot_is_told_in_one_line(tmp_path: Path, snapshot: Snapshot) -> None:
    """No file, a file of something else, a database of something else."""
    (tmp_path / "text").write_text("hello " * 1000)
    with duckdb.connect(str(tmp_path / "other")) as connection:
        connection.execute("create table x (y int)")

    for name in ("missing", "text", "other"):
        with pytest.raises(SnapshotUnusable) as caught:
            open_engine(tmp_path / name)
        assert "\n" not in caught.value.message
        assert "sync" in caught.value.hint


def test_a_newer_snapshot_is_left_alone(tmp_path: Path) -> None:
    """A version that this code cannot know is refused by number."""
    path = tmp_path / "new.duckdb"
    World(path).save()
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"update meta set schema_version = {schema.SCHEMA_VERSION + 1}")

    with pytest.raises(SnapshotTooNew, match=f"version {schema.SCHEMA_VERSION + 1}"):
        open_engine(path)


@pytest.mark.parametrize(
    "statement",
    [
        "copy (select 1) to '{path}.wal'",
        "attach '{path}' as again",
        "detach older",
        "export database '{path}.folder'",
        "select 1; copy (select 1) to '{path}.wal'",
        "prepare later as copy (select 1) to '{path}.wal'",
    ],
)
def test_nothing_is_written_beside_the_snapshot(little: Little, statement: str) -> None:
    """DuckDB's lock spares the paths of its open files: an engine's own connections do not."""
    sources = little(lambda world: None, older=lambda world: None)
    assert sources.compare is not None

    for engine in (sources.engine, sources.compare("previous", "newest")):
        path = engine.url.database
        with engine.connect() as connection, pytest.raises(QueryForbidden, match="only read"):
            connection.exec_driver_sql(statement.format(path=path))
        assert not Path(f"{path}.wal").exists()
