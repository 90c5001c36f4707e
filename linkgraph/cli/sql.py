"""`linkgraph sql`: ad-hoc SQL over the snapshot, sandboxed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linkgraph.cli import output as out
from linkgraph.cli import tables
from linkgraph.cli.options import (
    account_options,
    named_values,
    open_session,
    output_options,
    parameter_option,
)
from linkgraph.cli.output import FORMATS, narrate
from linkgraph.errors import QueryError, UsageError
from linkgraph.settings import Home
from linkgraph.wording.numbers import counted

if TYPE_CHECKING:
    from queries.sandbox import SqlResult

#: Rows that a table shows unless asked for more.
ROWS = 100


@click.command()
@click.argument("query", required=False)
@click.option(
    "-i", "--input", "file", type=click.Path(dir_okay=False, path_type=Path), help="Read it there."
)
@parameter_option
@click.option("--limit", type=click.IntRange(min=0), help="Rows a table shows; 0 is all.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), help="Seconds at most.")
@click.option("--memory", metavar="SIZE", help="Memory at most, such as 2GB.")
@output_options(*FORMATS)
@account_options
def sql(
    query: str | None,
    file: Path | None,
    parameters: tuple[str, ...],
    limit: int | None,
    timeout: float | None,
    memory: str | None,
    format_: str | None,
    output: Path | None,
    account: str | None,
    home: Home,
) -> None:
    """Run QUERY, one SELECT over the snapshot's tables; - or nothing reads it from stdin.

    `$name` in it stands for a parameter (-p name=value). The tables, and what their columns mean:
    linkgraph schema.
    """
    text = _text(query, file)
    form = out.chosen(format_, output)
    with open_session(home, account, memory) as session:
        try:
            with session.sql(text, named_values(parameters), timeout=timeout) as result:
                if form == "table":
                    _show(result, ROWS if limit is None else limit)
                else:
                    count = out.write(result.reader(), form, output)
                    narrate(counted(count, "row"))
        except QueryError as error:
            error.source = text  # so that the place can be marked
            raise


def _text(query: str | None, file: Path | None) -> str:
    if query is not None and file is not None:
        raise UsageError("a query and a file were both given", hint="give one of them")
    if file is not None:
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"{file} cannot be read: {getattr(error, 'strerror', None) or error}",
                hint="check its name",
            ) from error
    if query is not None and query != "-":
        return query
    if sys.stdin.isatty() and query is None:
        raise UsageError("there is no query", hint='linkgraph sql "select count(*) from edges"')
    return sys.stdin.read()


def _show(result: SqlResult, limit: int) -> None:
    table, more = result.first(limit or None)
    tables.write_arrow(table)
    rows = counted(table.num_rows, "row")
    narrate(f"the first {rows}; --limit 0 shows all" if more else rows)
