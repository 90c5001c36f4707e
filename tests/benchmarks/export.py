"""Large answers as files, beside DuckDB's own COPY of the same query.

As many rows are written as the account has links. Each export is a process of its own, whose peak
memory is told: `python -m tests.benchmarks.export DATABASE FORMAT TARGET ROWS` prints an object.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from linkgraph.mirror import schema
from queries import formats
from queries.engine import open_engine
from queries.sandbox import run_sql
from tests.benchmarks.measures import Measure, peak_memory, timed

ROOT = Path(__file__).parents[2]
#: Rows such as a card's: an id, a name, an amount, a moment and a flag.
QUERY = """
select
    range as lead_id, 'Сделка ' || range as name, range / 7 as price,
    timestamp '2026-01-01' + to_seconds(range) as created_at, range % 2 = 0 as is_deleted
from range({rows})
"""
#: A workbook is for people: more rows than this are no use to them.
MOST_IN_A_BOOK = 200_000


def run(links: int) -> Iterator[Measure]:
    """Time and peak memory of each format; a workbook has no yardstick."""
    with tempfile.TemporaryDirectory() as folder:
        database, target = Path(folder) / "mirror.duckdb", Path(folder) / "rows"
        with duckdb.connect(str(database)) as connection:
            schema.create(connection, "https://example.amocrm.ru")
        for format in ("csv", "parquet"):
            copied = _exported(database, f"copy-{format}", target, links)
            written = _exported(database, format, target, links)
            size = target.stat().st_size / 2**20
            for what, unit in (("seconds", "s"), ("peak", "MB")):
                yield Measure(
                    what=f"{links:,} rows as {format}, {size:,.0f} MB: {what}",
                    value=written[what],
                    unit=unit,
                    yardstick="DuckDB's COPY",
                    yard=copied[what],
                )
        rows = min(links, MOST_IN_A_BOOK)
        book = _exported(database, "xlsx", target, rows)
        yield Measure(f"{rows:,} rows as a workbook: seconds", book["seconds"])
        yield Measure(f"{rows:,} rows as a workbook: peak", book["peak"], "MB")


def _exported(database: Path, format: str, target: Path, rows: int) -> dict[str, float]:
    """Write rows in a process of its own: what it took in seconds, and at most in MB."""
    done = subprocess.run(
        [sys.executable, "-m", __name__, str(database), format, str(target), str(rows)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told


def _peak() -> float:
    """The most memory that this process has held, in MB."""
    status = Path("/proc/self/status")
    if not status.exists():
        return peak_memory()
    # Linux hands on to a new process the peak of the one that started it; this line it does not
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def main() -> None:
    """Export once, and tell."""
    database, format, target, rows = sys.argv[1:]
    query = QUERY.format(rows=rows)
    if format.startswith("copy-"):
        with duckdb.connect(database, read_only=True) as connection, timed() as watch:
            kind = format.removeprefix("copy-")
            options = "format parquet, compression zstd" if kind == "parquet" else f"format {kind}"
            connection.execute(f"copy ({query}) to '{target}' ({options})")
    else:
        engine = open_engine(Path(database), temp_directory=Path(target).parent)
        with timed() as watch, run_sql(engine, query) as result:
            formats.write(result.reader(), Path(target), format)
        engine.dispose()
    print(json.dumps({"seconds": watch.seconds, "peak": _peak()}))  # noqa: T201


if __name__ == "__main__":
    main()
