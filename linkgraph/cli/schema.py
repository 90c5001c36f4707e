"""`linkgraph schema`: the tables and views of the snapshot, and what their columns mean."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from linkgraph.cli import output as out
from linkgraph.cli import tables
from linkgraph.cli.options import account_options, open_session, output_options
from linkgraph.cli.output import FORMATS, narrate
from linkgraph.plaintext import plain
from linkgraph.settings import Home
from linkgraph.wording.numbers import counted

if TYPE_CHECKING:
    from queries.tablelist import TableInfo


@click.command()
@click.argument("names", nargs=-1, metavar="[TABLE]...")
@output_options(*FORMATS)
@account_options
def schema(
    names: tuple[str, ...],
    format_: str | None,
    output: Path | None,
    account: str | None,
    home: Home,
) -> None:
    """List the tables and views that SQL can read, or just some, with what their columns mean.

    In files and pipes it is a row for each column.
    """
    form = out.chosen(format_, output)
    with open_session(home, account) as session:
        listed = session.schema(*names)
    from queries.tablelist import as_rows

    if form != "table":
        out.write(as_rows(listed), form, output)
    elif tables.is_terminal():
        tables.terminal().print(_shown(listed))
    else:
        tables.write_arrow(as_rows(listed))
    views = sum(table.is_view for table in listed)
    counts = {"table": len(listed) - views, "view": views}
    narrate(", ".join(counted(count, kind) for kind, count in counts.items() if count))


def _shown(listed: Iterable[TableInfo]) -> Group:
    """Tables below each other, their columns in line, and what enumerated types may be."""
    listed = list(listed)
    columns = [column for table in listed for column in table.columns]
    widths = [
        max((len(getattr(column, part)) for column in columns), default=0)
        for part in ("name", "type")
    ]
    parts: list[Text | Padding] = []
    for table in listed:
        heading = Text(table.name, style="bold").append("  view" if table.is_view else "", "dim")
        parts.append(heading.append(f"  {plain(table.comment, 500)}", "not bold"))
        grid = Table.grid(padding=(0, 2, 0, 0))
        for width in widths:
            grid.add_column(no_wrap=True, min_width=width)
        grid.add_column()
        for column in table.columns:
            grid.add_row(column.name, Text(column.type, style="cyan"), plain(column.comment, 500))
        parts.append(Padding(grid, (0, 0, 1, 2)))
    types = {column.type: column.values for column in columns if column.values}
    for name, values in types.items():
        parts.append(Text(name, style="cyan").append(": " + ", ".join(values), style="default"))
    return Group(*parts)
