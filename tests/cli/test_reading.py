"""The commands that read the mirror: data on stdout, narration on stderr, in every format."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from linkgraph.cli.exits import ExitCode
from tests.terminal import environment, in_terminal, linkgraph, without_escapes

QUESTION = "contacts-touching-many-companies"


def run(home: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command that must succeed."""
    done = linkgraph(*arguments, "--home", str(home), stdin=stdin)
    assert done.returncode == ExitCode.OK, done.stderr
    return done


def test_formats_say_the_same(demo_home: Path, tmp_path: Path) -> None:
    """CSV, JSON, NDJSON and Parquet hold the same rows, whole."""
    as_json = json.loads(run(demo_home, "ask", QUESTION, "-f", "json").stdout)
    lines = run(demo_home, "ask", QUESTION, "-f", "ndjson").stdout.splitlines()
    as_csv = list(csv.DictReader(io.StringIO(run(demo_home, "ask", QUESTION, "-f", "csv").stdout)))
    parquet = tmp_path / "answer.parquet"
    run(demo_home, "ask", QUESTION, "-o", str(parquet))

    ids = [row["contact_id"] for row in as_json]

    assert len(ids) > 20
    assert [json.loads(line) for line in lines] == as_json
    assert [int(row["contact_id"]) for row in as_csv] == ids
    assert pq.read_table(parquet).column("contact_id").to_pylist() == ids


def test_pipe_gets_plain_lines(demo_home: Path) -> None:
    """In a pipe a table is a header and tab-separated lines, all with as many fields."""
    done = run(demo_home, "ask", QUESTION, "--limit", "0")

    header, *rows = done.stdout.splitlines()
    assert {row.count("\t") for row in rows} == {header.count("\t")}
    assert f"{len(rows):,} rows" in done.stderr


def test_what_is_not_shown_is_counted(demo_home: Path) -> None:
    """A limit tells what it cut, and how to see it."""
    done = run(demo_home, "ask", QUESTION, "--limit", "2")

    assert len(done.stdout.splitlines()) == 3
    assert "2 of " in done.stderr
    assert "--limit 0" in done.stderr


def test_sql_that_ask_prints_runs(demo_home: Path) -> None:
    """What `ask --sql` prints gives, in a DuckDB shell, the rows that `ask` gives."""
    import duckdb

    question = "wrong-main-contact"
    text = linkgraph("ask", question, "--sql").stdout
    database = json.loads(run(demo_home, "status", "-f", "json").stdout)["database"]

    rows: list[tuple[object, ...]] = []
    with duckdb.connect(database, read_only=True) as connection:
        for statement in connection.extract_statements(text):
            rows = connection.execute(statement).fetchall() or rows

    assert rows
    assert len(rows) == len(json.loads(run(demo_home, "ask", question, "-f", "json").stdout))


def test_find_narrows_to_types(demo_home: Path) -> None:
    """A search keeps to the types that are named, and counts only those."""
    everything = run(demo_home, "find", "а", "--limit", "1")
    people = json.loads(run(demo_home, "find", "а", "--type", "contact", "-f", "json").stdout)
    both = run(demo_home, "find", "а", "--type", "contact", "--type", "company", "--limit", "1")
    refused = linkgraph("find", "а", "--type", "person", "--home", str(demo_home))

    def total(done: subprocess.CompletedProcess[str]) -> int:
        return int(done.stderr.split(" of ")[1].split()[0].replace(",", ""))

    assert {card["ref"].partition(":")[0] for card in people} == {"contact"}
    assert 0 < len(people) < total(both) < total(everything)
    assert refused.returncode == ExitCode.USAGE


def test_sql_from_everywhere(demo_home: Path, tmp_path: Path) -> None:
    """A query comes as an argument, from a file or from stdin, with parameters."""
    query = "select count(*) as n from leads where lead_id > $least::bigint"
    file = tmp_path / "query.sql"
    file.write_text(query)

    outputs = {
        run(demo_home, "sql", query, "-p", "least=0").stdout,
        run(demo_home, "sql", "-i", str(file), "-p", "least=0").stdout,
        run(demo_home, "sql", "-", "-p", "least=0", stdin=query).stdout,
    }

    assert len(outputs) == 1
    assert outputs.pop().startswith("n\n")


def test_found_cards_can_be_shown(demo_home: Path) -> None:
    """What `find` prints is what `show` takes; the links of both ends agree."""
    query = "select contact_id from lead_contacts order by contact_id limit 1"
    contact = run(demo_home, "sql", query).stdout.splitlines()[1]
    shown = json.loads(run(demo_home, "show", f"contact:{contact}", "-f", "json").stdout)
    groups = {group["relation"]: group["cards"] for group in shown["links"]}
    lead = groups["lead_contact"][0]["ref"]
    back = json.loads(run(demo_home, "show", lead, "-f", "json", "--limit", "1000").stdout)
    found = json.loads(run(demo_home, "find", shown["url"], "-f", "json").stdout)

    refs = [card["ref"] for group in back["links"] for card in group["cards"]]

    assert f"contact:{contact}" in refs
    assert [card["ref"] for card in found] == [f"contact:{contact}"]


@pytest.mark.parametrize("kind", ["phone", "email"])
def test_found_by_phone_or_mail(kind: str, demo_home: Path) -> None:
    """A phone as a person types it, and an address in capitals, find their card."""
    query = (
        "select entity_type || ':' || entity_id, value, normalised from identifiers "
        f"where kind = '{kind}' and normalised is not null order by entity_id limit 1"
    )
    ref, value, normalised = run(demo_home, "sql", query).stdout.splitlines()[1].split("\t")
    typed = (
        [value, value.upper()]
        if kind == "email"
        else [value, f" {normalised[:5]} {normalised[5:]}"]
    )

    for text in typed:
        found = json.loads(run(demo_home, "find", text, "-f", "json", "--limit", "99").stdout)
        assert ref in [card["ref"] for card in found], text


def test_export_is_the_snapshot(demo_home: Path, tmp_path: Path) -> None:
    """Every table is exported with every row, in both formats."""
    count = run(demo_home, "sql", "select count(*) from edges").stdout.splitlines()[1]

    run(demo_home, "export", str(tmp_path / "parquet"))
    run(demo_home, "export", str(tmp_path / "csv"), "-f", "csv", "-t", "edges")

    assert pq.read_table(tmp_path / "parquet" / "edges.parquet").num_rows == int(count)
    assert [path.name for path in (tmp_path / "csv").iterdir()] == ["edges.csv"]
    with (tmp_path / "csv" / "edges.csv").open(encoding="utf-8", newline="") as file:
        assert sum(1 for _ in csv.reader(file)) == int(count) + 1


def test_reader_that_stops_early(demo_home: Path) -> None:
    """`linkgraph ask … | head` ends without a complaint."""
    command = f"{sys.executable} -m linkgraph sql 'select * from links' -f csv --home {demo_home}"

    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -n 1"],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
        timeout=60,
    )

    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr
    assert done.stdout.startswith("entity_type") or done.stdout.startswith('"entity_type"')


def test_timeout_stops_a_query(demo_home: Path) -> None:
    """A query without an end is stopped in time, and says so."""
    endless = "select count(*) from links a, links b, links c"

    done = linkgraph("sql", endless, "--timeout", "0.5", "--home", str(demo_home))

    assert done.returncode == ExitCode.STOPPED
    assert "error: " in done.stderr


def test_hostile_names_stay_text(demo_home: Path) -> None:
    """No name of the simulated account, some of them hostile, reaches the terminal unescaped."""
    names = (
        "select lead_id, name as lead_name from leads where regexp_matches(name, '[[:cntrl:]]') "
        "or contains(name, chr(8238)) limit 50"
    )

    piped = run(demo_home, "sql", names).stdout
    written = in_terminal(
        [sys.executable, "-m", "linkgraph", "sql", names, "--home", str(demo_home)]
    )

    assert piped.count("\n") > 1, "the account has no hostile names to show"
    for text in (piped, without_escapes(written)):
        rest = {char for char in text if not char.isprintable()} - {"\n", "\t"}
        assert rest == set()
