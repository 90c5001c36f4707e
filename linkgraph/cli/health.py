"""`linkgraph health`: a number for every problem, the worst rows, the safe fixes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linkgraph.cli import progress
from linkgraph.cli.options import account_options, open_session
from linkgraph.cli.output import chosen, counted, narrate
from linkgraph.plaintext import plain
from linkgraph.settings import Home

if TYPE_CHECKING:
    from queries.health import Health

FORMATS = ("html", "xlsx", "json")


@click.command()
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(("text", *FORMATS)),
    help="Form of the report; by default text, or what the file's name says.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to a file instead of stdout.",
)
@click.option(
    "--worst",
    type=click.IntRange(min=0),
    help="Rows of each question at most: 5 by default, in a workbook 10,000.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    help="Seconds at most, for each question.",
)
@account_options
def health(
    format_: str | None,
    output: Path | None,
    worst: int | None,
    timeout: float | None,
    account: str | None,
    home: Home,
) -> None:
    """Count every problem of the account, show the worst, and what changed since the last sync.

    Each number is that of a question of the library: `linkgraph ask QUESTION` lists all its rows.
    """
    form = chosen(format_, output, shown="text", formats=FORMATS)
    from queries import health as examining
    from queries import health_files

    usual = health_files.SHEET_ROWS if form == "xlsx" else examining.WORST
    with open_session(home, account) as session:
        asked = counted(len(session.catalogue.problems()), "question")
        with progress.waiting(f"asking {asked}"):
            found = session.health(usual if worst is None else worst, timeout=timeout)
    if form == "text":
        from linkgraph.cli import healthlines

        healthlines.write(found)
    elif output is not None:
        health_files.write(found, output, form)
    else:
        health_files.write(found, sys.stdout.buffer, form)
        sys.stdout.flush()
    _tell_rest(found, output)


def _tell_rest(found: Health, output: Path | None) -> None:
    """Say what the report itself has no place for, or what is to be done next."""
    if output is not None:
        narrate(f"{counted(found.problems, 'problem')} of snapshot {found.snapshot}: {output}")
    if found.uncompared:
        narrate(f"what changed is not known: {plain(found.uncompared, 500)}")
    if failed := found.figures.failed:
        narrate(f"not answered: {counted(len(failed), 'question')} ({', '.join(failed)})")
