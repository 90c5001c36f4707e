"""A snapshot as an engine: read-only, shared by threads, one instance a file, closed by dispose."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import MetaData, Table, inspect, select
from sqlalchemy.exc import OperationalError

from linkgraph.errors import SnapshotTooNew, SnapshotUnusable
from linkgraph.mirror import schema
from queries.engine import open_engine
from tests.queries.conftest import Snapshot, World


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
