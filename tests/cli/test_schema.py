"""`linkgraph schema` tells what SQL can read, in a terminal, a pipe and a file."""

import json
import sys
from pathlib import Path

import openpyxl
import pytest
from rich.cells import cell_len

from linkgraph.cli.exits import ExitCode
from tests.cli.here import here
from tests.terminal import in_terminal, without_escapes


def shown(home: Path, *arguments: str, columns: int = 80) -> str:
    """What a person sees."""
    command = [sys.executable, "-m", "linkgraph", "schema", *arguments]
    return without_escapes(in_terminal(command, columns=columns, LINKGRAPH_HOME=str(home)))


def test_pipe_gets_a_line_a_column(demo_home: Path) -> None:
    """As many lines as SQL sees columns, those of the journal among them."""
    query = (
        "select count(*) from duckdb_columns() "
        "where database_name in (current_database(), 'temp') and not internal"
    )
    count = int(here(demo_home, "sql", query).stdout.split()[-1])

    header, *lines = here(demo_home, "schema").stdout.splitlines()

    assert len(lines) == count
    assert {line.count("\t") for line in lines} == {header.count("\t")}
    assert header.startswith("table\tkind\t")


def test_formats(demo_home: Path, tmp_path: Path) -> None:
    """All formats of data, on stdout and in files."""
    listed = json.loads(here(demo_home, "schema", "users", "-f", "json").stdout)
    done = here(demo_home, "schema", "users", "-o", str(tmp_path / "schema.xlsx"))
    sheet = openpyxl.load_workbook(tmp_path / "schema.xlsx").active

    assert [column["column"] for column in listed] == ["user_id", "name", "email", "is_active"]
    assert sheet is not None
    assert sheet.max_row == 5
    assert done.stderr == "1 table\n"


@pytest.mark.parametrize("columns", [40, 80, 132])
def test_terminal_shows_it_in_its_width(columns: int, demo_home: Path) -> None:
    """Names, types and meanings stand in columns; types that are lists of words are explained."""
    text = shown(demo_home, "edges", "lead_contacts", columns=columns)
    words = " ".join(text.split())

    assert max(map(cell_len, text.splitlines())) <= columns
    assert "edges One row a link" in words
    assert "lead_contacts view LC: live links of leads and contacts" in words
    assert "from_type entity_type Type of the owner" in words
    assert "entity_type: lead, customer, contact, company, element" in words
    assert words.endswith("1 table, 1 view")


def test_unknown_table(demo_home: Path) -> None:
    """One line, a remedy, nothing on stdout."""
    done = here(demo_home, "schema", "leadz")

    assert done.returncode == ExitCode.USAGE
    assert done.stdout == ""
    assert done.stderr == "error: there is no table «leadz»\n  → did you mean leads?\n"
