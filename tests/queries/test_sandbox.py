"""Ad-hoc SQL reads the snapshot and nothing else, can be stopped, and is told where it is wrong."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from linkgraph.errors import QueryError, QueryForbidden, QueryStopped
from queries.running import Stop
from queries.sandbox import run_sql
from tests.queries.conftest import World, building

ENDLESS = "select count(*) from range(100000000000)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the snapshot is: whatever is tried, nothing else comes to be there."""
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[Engine]:
    def fill(world: World) -> None:
        for number in (1, 2, 3):
            world.card(f"lead:{number}", f"l{number}")

    with building(folder) as little:
        yield little(fill).engine


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) as n from leads",
        "  /* a */ -- b\n with x as (select 3 as n) select n from x;",
        "from leads select count(*) as n",
        "(select 3 as n)",
        "values (3)",
        "select max(range) + 1 from range(3)",
        "select count(*) from query_table('leads')",
        "select count(*) from (pivot leads on name in ('l1') using count(*) group by lead_id)",
    ],
)
def test_select_like_statements_run(engine: Engine, sql: str) -> None:
    """SELECT in all its spellings."""
    with run_sql(engine, sql) as result:
        (row,) = result.rows()

    assert list(row.values()) == [3]
    assert result.row_count == 1


@pytest.mark.parametrize(
    "sql",
    [
        "describe leads",
        "show tables",
        "summarize leads",
        "explain select 1",
        "explain analyze from leads",
    ],
)
def test_looking_around_is_allowed(engine: Engine, sql: str) -> None:
    """DESCRIBE, SHOW, SUMMARIZE and EXPLAIN only read."""
    with run_sql(engine, sql) as result:
        assert result.rows()


ESCAPES = [
    "copy leads to '{temp}/x.csv'",
    "copy (select 1) to '{file}'",
    "copy leads from '{file}'",
    "explain copy leads to '{temp}/x.csv'",
    "explain analyze copy (select 1) to '{temp}/x.csv'",
    "explain (analyze, format json) copy (select 1) to '{temp}/x.csv'",
    "EXPLAIN /* x */ ANALYZE create temp table t as select 1",
    "attach '{file}' as other",
    "attach ':memory:' as other",
    "detach memory",
    "use memory",
    "select * from read_csv('{file}')",
    "select * from read_csv_auto('{file}')",
    "select * from read_text('{file}')",
    "select * from read_blob('{file}')",
    "select * from read_parquet('{file}')",
    "select * from read_json('{file}')",
    "select * from read_duckdb('{file}')",
    "select * from sniff_csv('{file}')",
    "select * from parquet_metadata('{file}')",
    "select * from glob('{temp}/*')",
    "select * from '{file}'",
    "select (select content from read_text('{file}'))",
    "with x as (select * from read_text('{file}')) select * from x",
    "select * from leads where name in (select content from read_text('{file}'))",
    'select * from "{file}"',
    "table '{file}'",
    "describe '{file}'",
    "summarize '{file}'",
    "describe select * from read_csv('{file}')",
    "explain analyze from '{file}'",
    "from (summarize '{file}')",
    "from leads, lateral (from '{file}')",
    "from leads positional join '{file}'",
    "with recursive x as (select 1 union all (from '{file}')) from x",
    "select exists(from '{file}')",
    "select * from (pivot '{file}' on a in ('x') using count(*))",
    "unpivot '{file}' on a",
    "from 'https://example.com/x.csv'",
    "from 's3://bucket/x.parquet'",
    "from query_table('{file}')",
    "from query_table(['leads', '{file}'], true)",
    "from query_table('pg_settings')",
    "from query_table('pg_' || 'settings')",
    "from query_table({{'a': 'pg_settings'}}.a)",
    "from query_table($anything)",
    "from query('from read_text(''{file}'')')",
    "from histogram('{file}', 'a')",
    "from json_execute_serialized_sql(json_serialize_sql('from read_text(''{file}'')'))",
    "select json_serialize_plan('from ''{file}''')",
    "select getenv('HOME')",
    "select current_setting('secret_directory')",
    "select pg_sleep(1)",
    "select * from duckdb_secrets()",
    "select * from which_secret('s3://x', 's3')",
    "select * from duckdb_settings()",
    "select * from pg_catalog.pg_settings",
    "select * from PG_SETTINGS",
    "select * from pg_catalog.pg_prepared_statements",
    "select * from duckdb_logs",
    "select * from duckdb_logs_parsed('QueryLog')",
    "select * from duckdb_databases",
    "select * from pragma_database_list",
    "select * from pragma_storage_info('leads')",
    "select * from duckdb_variables()",
    "select * from disable_logging()",
    "select * from enable_profiling()",
    "select * from truncate_duckdb_logs()",
    "select * from enable_logging(storage := 'file', storage_path := '{temp}')",
    "select write_log('x')",
    "select system.main.write_log('x')",
    "select ('x').write_log()",
    "select list_transform([1], lambda x: write_log('y'))",
    "select 1 limit (select write_log('x')::int)",
    "select count(*) filter (write_log('x') is null) from leads",
    "select columns(x -> write_log(x) is null) from leads",
    "explain analyze select write_log('x')",
    "select * from checkpoint()",
    "select * from force_checkpoint()",
    "select * from duckdb_temporary_files()",
    "select * from arrow_scan(1, 2, 3)",
    "select * from engine",
    "install httpfs",
    "load httpfs",
    "force install httpfs",
    "update extensions",
    "set threads = 1",
    "set global threads = 1",
    "reset all",
    "set enable_external_access = true",
    "reset lock_configuration",
    "set variable x = 1",
    "pragma version",
    "pragma enable_profiling",
    "pragma import_database('{temp}')",
    "pragma copy_database('mirror', 'other')",
    "call pragma_version()",
    "call enable_logging()",
    "create table t as select 1",
    "create temp table t as select 1",
    "create or replace temp macro f() as 1",
    "create view v as select 1",
    "create secret (type s3)",
    "drop secret x",
    "create sequence s",
    "create macro f() as table select 1",
    "create type t as enum ('x')",
    "select * into x from leads",
    "insert into leads (lead_id, is_deleted) values (1, true)",
    "update leads set name = 'x'",
    "delete from leads",
    "truncate leads",
    "merge into leads using leads as l on true when matched then delete",
    "drop table leads",
    "alter table leads add column x int",
    "comment on table leads is 'x'",
    "with x as (delete from leads returning *) select * from x",
    "with x as (select 1) insert into leads (lead_id, is_deleted) select 1, true",
    "export database '{temp}/x'",
    "import database '{temp}/x'",
    "checkpoint",
    "vacuum",
    "begin",
    "prepare p as delete from leads",
    "execute p",
    "deallocate p",
    "select 1; delete from leads",
    "select 1; select 2",
    "select 1;;copy leads to '{temp}/x.csv';",
    "pivot leads on name",
]


@pytest.mark.parametrize("sql", ESCAPES)
def test_escapes_are_refused_and_write_nothing(engine: Engine, folder: Path, sql: str) -> None:
    """Nothing but the snapshot is read, and nothing at all is written."""
    file = folder / "outside.csv"
    file.write_text("let me out")
    spill = next(path for path in folder.glob("linkgraph-*") if path.is_dir())
    with engine.connect() as connection:
        native = connection.connection.driver_connection
        assert native is not None
        before = native.execute("select count(*) from duckdb_tables()").fetchone()

        with (
            pytest.raises(QueryError) as caught,
            run_sql(engine, sql.format(file=file, temp=spill)) as it,
        ):
            it.rows()

        assert "let me out" not in caught.value.message
        assert native.execute("select count(*) from duckdb_tables()").fetchone() == before
    assert list(spill.iterdir()) == []
    assert file.read_text() == "let me out"
    assert sorted(path.name for path in folder.iterdir()) == [
        "0.duckdb",
        spill.name,
        f"{spill.name}.lock",
        "outside.csv",
    ]


def test_a_refusal_says_why(engine: Engine) -> None:
    """What was refused and what to write instead."""
    with pytest.raises(
        QueryForbidden, match=r"^DELETE is not allowed: SQL here only reads$"
    ) as caught:
        run_sql(engine, "delete from leads")

    assert "SELECT" in caught.value.hint


@pytest.mark.parametrize(
    ("sql", "at"),
    [
        ("delete from leads", "delete"),
        ("-- a comment\n  delete from leads", "delete"),
        ("explain analyze delete from leads", "delete"),
        ("select 'яя', write_log('x')", "write_log"),
        ("select *\nfrom leads, read_text('x')", "read_text"),
        ("explain select * from duckdb_logs", "duckdb_logs"),
    ],
)
def test_a_refusal_says_where(engine: Engine, sql: str, at: str) -> None:
    """The offset of what was refused."""
    with pytest.raises(QueryForbidden) as caught:
        run_sql(engine, sql)

    assert caught.value.position == sql.index(at)


@pytest.mark.parametrize(
    ("sql", "at", "message"),
    [
        ("select * from leadz", "leadz", "Table with name leadz does not exist!"),
        (
            "select 'яя',\n  naem from leads",
            "naem",
            'Referenced column "naem" not found in FROM clause!',
        ),
        ("selec 1", "selec", 'syntax error at or near "selec"'),
        ("select 1,\n" + " " * 300 + "naem from leads", "naem", "naem"),
        ("select " + "1, " * 200 + "naem, " + "1, " * 200 + "2 from leads", "naem", "naem"),
        ("explain select naem from leads", "naem", "naem"),
    ],
)
def test_broken_sql_is_told_where(engine: Engine, sql: str, at: str, message: str) -> None:
    """One line without noise, and the offset of the place."""
    with pytest.raises(QueryError) as caught:
        run_sql(engine, sql)

    assert message in caught.value.message
    assert "\n" not in caught.value.message
    assert "Error:" not in caught.value.message
    assert caught.value.position == sql.index(at)


def test_a_near_name_is_offered(engine: Engine) -> None:
    """DuckDB's own suggestion is kept as the hint."""
    with pytest.raises(QueryError) as caught:
        run_sql(engine, "select * from leadz")

    assert caught.value.hint == 'Did you mean "leads"?'


@pytest.mark.parametrize("sql", ["", " ;", "-- nothing"])
def test_nothing_is_no_statement(engine: Engine, sql: str) -> None:
    """An empty text is told so."""
    with pytest.raises(QueryError, match="no SQL"):
        run_sql(engine, sql)


def test_parameters_are_bound(engine: Engine) -> None:
    """Values go in as values."""
    with run_sql(engine, "select $a as a, $b as b", parameters={"a": "x'y", "b": 2}) as result:
        assert result.rows() == [{"a": "x'y", "b": 2}]
    with pytest.raises(QueryError, match=r"for \$b"):
        run_sql(engine, "select $a, $b", parameters={"a": 1})


@pytest.mark.parametrize(
    "sql", [ENDLESS, f"select 1 union all {ENDLESS}", "from range(100000000000)"]
)
def test_a_timeout_stops_it(engine: Engine, sql: str) -> None:
    """Before the first row and between two."""
    with (
        pytest.raises(QueryStopped, match=r"stopped after 0\.2 s"),
        run_sql(engine, sql, timeout=0.2) as it,
    ):
        for _ in it.batches():
            pass


@pytest.mark.parametrize("sql", [ENDLESS, f"select 1 union all {ENDLESS}"])
def test_another_thread_stops_it(engine: Engine, sql: str) -> None:
    """`Stop` reaches a statement that has not yet returned a row."""
    stop = Stop()
    timer = threading.Timer(0.2, stop.ask)
    timer.start()
    with pytest.raises(QueryStopped, match="cancelled"), run_sql(engine, sql, stop=stop) as it:
        it.table()
    timer.join()


def test_an_open_result_is_interrupted(engine: Engine) -> None:
    """`interrupt` ends a stream between two batches, whoever reads it."""
    with run_sql(engine, "from range(100000000000)") as result:
        reader = result.reader()
        assert reader.read_next_batch().num_rows
        result.interrupt()
        with pytest.raises(QueryStopped):
            reader.read_all()


def test_the_engine_serves_on_after_a_stop(engine: Engine) -> None:
    """A stopped statement leaves nothing behind."""
    with pytest.raises(QueryStopped):
        run_sql(engine, ENDLESS, timeout=0.1)

    with run_sql(engine, "select 1 as one") as result:
        assert result.rows() == [{"one": 1}]


@pytest.mark.parametrize(
    ("rows", "most_bytes", "expected", "more"),
    [
        pytest.param(None, None, 50_000, False, id="all"),
        pytest.param(50_000, None, 50_000, False, id="just as many as there are"),
        pytest.param(49_999, None, 49_999, True, id="all but one"),
        pytest.param(30_000, None, 30_000, True, id="over batches"),
        pytest.param(None, 1, 20_480, True, id="a batch, although it is too large"),
        pytest.param(0, None, 0, True, id="none"),
    ],
)
def test_first_rows_say_truly_whether_there_are_more(
    engine: Engine, rows: int | None, most_bytes: int | None, expected: int, more: bool
) -> None:
    """A bound cuts where it is, and what fits is not called cut."""
    with run_sql(engine, "select range as n from range(50000)") as result:
        table, cut = result.first(rows, most_bytes)

    assert (table.num_rows, cut) == (expected, more)
    assert table.column("n").to_pylist() == list(range(expected))
