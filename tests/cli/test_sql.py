"""`linkgraph sql` as programs use it: large results, little memory, Ctrl-C, all formats."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from linkgraph.cli.exits import ExitCode
from tests.cli.here import here
from tests.forked import Forked
from tests.terminal import environment, in_terminal, without_escapes

#: Two million rows of 400 bytes, 800 MB.
ROWS = 2_000_000
LARGE = f"select range as id, repeat('x' || range % 10, 200) as text from range({ROWS})"
BYTES = ROWS * 400
#: Runs a command and prints its peak memory in bytes. A process of its own does so, because Linux
#: counts for a new process the peak of the one that starts it, and that of the tests is large.
WEIGHED = """
import os, sys
_, status, used = os.wait4(os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:]), 0)
print(used.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
sys.exit(os.waitstatus_to_exitcode(status))
"""
#: More groups than fit into a little memory.
HUNGRY = "select list(range) from range(30000000)"
#: Rows at once, and then none for hours.
STUCK = "from range(1000000000000) where range < 300000"


def started(home: Path, *arguments: str) -> Forked:
    """A command in a process of its own."""
    return Forked(
        "linkgraph",
        *arguments,
        "--home",
        str(home),
        environment=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _sizes(folder: Path) -> Iterator[int]:
    for path in folder.glob(".rows*"):
        yield path.stat().st_size


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="needs the memory of a process that ended")
@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_large_results_take_little_memory(demo_home: Path, tmp_path: Path, format: str) -> None:
    """Rows are written as they come: the process stays far smaller than what it writes."""
    target = tmp_path / f"large.{format}"
    command = ["sql", LARGE, "-o", str(target), "--home", str(demo_home)]

    done = subprocess.run(
        [sys.executable, "-c", WEIGHED, sys.executable, "-m", "linkgraph", *command],
        env=environment(),
        capture_output=True,
        check=False,
    )

    assert done.returncode == ExitCode.OK, done.stderr.decode()
    assert int(done.stdout) < BYTES / 2  # half of which is Python with its libraries
    if format == "parquet":
        assert pq.read_metadata(target).num_rows == ROWS
    else:
        assert target.stat().st_size > BYTES


def test_ctrl_c_stops_it_between_rows_and_inside(demo_home: Path) -> None:
    """A query that DuckDB is busy with ends at once, in one line, with the code of Ctrl-C."""
    with started(demo_home, "sql", STUCK, "-f", "csv") as process:
        assert process.stdout is not None
        process.stdout.read(600_000)  # the first rows are through: it runs
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)

    assert process.returncode == ExitCode.INTERRUPTED
    assert said.strip() == "interrupted"


def test_ctrl_c_leaves_no_half_file(demo_home: Path, tmp_path: Path) -> None:
    """What is written when Ctrl-C comes is gone, and what stood there stays."""
    target = tmp_path / "rows.csv"
    target.write_text("old")
    with started(demo_home, "sql", STUCK, "-o", str(target)) as process:
        while process.poll() is None and not any(_sizes(tmp_path)):
            time.sleep(0.05)  # until rows were written: nothing tells of it but the file
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)

    assert process.returncode == ExitCode.INTERRUPTED, said
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]
    assert target.read_text() == "old"


@pytest.mark.parametrize("format", ["csv", "parquet", "xlsx"])
def test_a_reader_that_has_seen_enough_is_no_failure(demo_home: Path, format: str) -> None:
    """`linkgraph sql … | head` ends quietly and well, also under `set -o pipefail`."""
    with started(demo_home, "sql", "from range(300000)", "-f", format) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.buffer.read(1)
        process.stdout.close()
        said = process.stderr.read()
        process.wait(timeout=60)

    assert (process.returncode, said) == (ExitCode.OK, "")


def test_memory_is_limited(demo_home: Path) -> None:
    """A query beyond its memory says so and what to do; one within it does not notice."""
    hungry = here(demo_home, "sql", HUNGRY, "--memory", "50MB")
    modest = here(demo_home, "sql", "select count(*) as n from leads", "--memory", "50 mb")

    assert hungry.returncode == ExitCode.QUERY
    assert hungry.stdout == ""
    assert "needs more memory" in hungry.stderr
    assert "→" in hungry.stderr
    assert modest.returncode == ExitCode.OK


@pytest.mark.parametrize("size", ["", "2", "GB", "-1GB", "1e9", "80%", "lots", "1MB", "0GB"])
def test_memory_that_is_none(demo_home: Path, size: str) -> None:
    """An amount that makes no sense is met with one that does."""
    done = here(demo_home, "sql", "select 1", "--memory", size)

    assert done.returncode == ExitCode.USAGE
    assert "MB" in done.stderr


def test_parameters_reach_every_format(demo_home: Path, tmp_path: Path) -> None:
    """Text, and the same rows in all forms of data."""
    query = "select lead_id, name, url from leads where lead_id > $least::bigint and name != $not"
    given = ("sql", query, "-p", "least=0", "-p", "not==1+1", "--limit", "0")

    rows = json.loads(here(demo_home, *given, "-f", "json").stdout)
    for name in ("a.csv", "a.ndjson", "a.parquet", "a.xlsx"):
        done = here(demo_home, *given, "-o", str(tmp_path / name))
        assert done.stderr == f"{len(rows):,} rows\n"
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]

    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
        row["lead_id"] for row in rows
    ]
    assert pq.read_table(tmp_path / "a.parquet").column("name").to_pylist() == [
        row["name"] for row in rows
    ]


@pytest.mark.parametrize("format", ["parquet", "xlsx"])
def test_what_is_no_text_stays_off_the_terminal(demo_home: Path, format: str) -> None:
    """It goes to a file or a pipe."""
    command = [sys.executable, "-m", "linkgraph", "sql", "select 1", "-f", format]

    text = without_escapes(in_terminal(command, LINKGRAPH_HOME=str(demo_home)))

    assert "nothing for a terminal" in text
    assert "-o FILE" in text


def test_a_refusal_is_marked(demo_home: Path) -> None:
    """The place of what the sandbox refuses stands under a mark."""
    done = here(demo_home, "sql", "select *\nfrom leads, read_text('x')")

    assert done.returncode == ExitCode.QUERY
    assert "\n  line 2: from leads, read_text('x')\n                      ^\n" in done.stderr


def test_times_that_nothing_can_show(demo_home: Path) -> None:
    """DuckDB's «infinity» and years before Christ are told of, whatever the form."""
    for form in ("table", "csv", "json", "xlsx"):
        done = here(demo_home, "sql", "select date '5000-01-01 (BC)' as d", "-f", form)

        assert done.returncode == ExitCode.FAILED
        assert "::varchar" in done.stderr
