"""`linkgraph health`: a number for every problem, the worst rows, the safe fixes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linkgraph.cli import progress
from linkgraph.cli.options import account_options, open_session
from linkgraph.cli.output import chosen, narrate
from linkgraph.errors import QueryError
from linkgraph.plaintext import plain
from linkgraph.settings import Home
from linkgraph.wording.numbers import counted

if TYPE_CHECKING:
    from linkgraph.session import Session
    from queries.health import Health
    from queries.runner import Answer

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
@click.option(
    "--queue-fixes", is_flag=True, help="Queue the safe fixes of all questions; nothing is pushed."
)
@account_options
def health(
    format_: str | None,
    output: Path | None,
    worst: int | None,
    timeout: float | None,
    queue_fixes: bool,
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
        _write(found, form, output)
        _tell_rest(found, output)
        if queue_fixes:
            _queue_fixes(session, found, timeout)
        elif found.fixes:
            narrate("the safe fixes into the queue: linkgraph health --queue-fixes")


def _write(found: Health, form: str, output: Path | None) -> None:
    from queries import health_files

    if form == "text":
        from linkgraph.cli import healthlines

        healthlines.write(found)
    elif output is not None:
        health_files.write(found, output, form)
    else:
        health_files.write(found, sys.stdout.buffer, form)
        sys.stdout.flush()


def _queue_fixes(session: Session, found: Health, timeout: float | None) -> None:
    """Ask the questions that have fixes for all their rows, and queue those."""
    from linkgraph.cli import fixlines

    names = [each.name for each in found.findings if each.fixes]
    rows: dict[str, int] = {}
    failed: dict[str, str] = {}

    def answers() -> Iterator[Answer]:
        for name in names:
            try:
                answer = session.ask(name, timeout=timeout)
            except QueryError as error:  # the others are queued all the same
                failed[name] = error.message
                continue
            rows[name] = answer.total
            yield answer

    if not names:
        narrate("there are no safe fixes to queue")
        return
    with progress.waiting(f"asking {counted(len(names), 'question')} for all fixes"):
        fixed = session.queue_fixes(answers())
    for name, why in failed.items():
        narrate(f"{name}: not answered, so none of its fixes is queued: {plain(why, 500)}")
    fixlines.tell(session, fixed, rows)


def _tell_rest(found: Health, output: Path | None) -> None:
    """Say what the report itself has no place for, or what is to be done next."""
    if output is not None:
        narrate(f"{counted(found.problems, 'problem')} of snapshot {found.snapshot}: {output}")
    if found.uncompared:
        narrate(f"what changed is not known: {plain(found.uncompared, 500)}")
    if failed := found.figures.failed:
        narrate(f"not answered: {counted(len(failed), 'question')} ({', '.join(failed)})")
