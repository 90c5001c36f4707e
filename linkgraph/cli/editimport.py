"""`linkgraph edits import`: the edits of a file into the queue."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from linkgraph.cli.options import account_options, open_session
from linkgraph.cli.output import narrate
from linkgraph.cli.queueing import updated_by_option
from linkgraph.errors import UsageError
from linkgraph.plaintext import plain
from linkgraph.settings import Home
from linkgraph.wording.numbers import counted

if TYPE_CHECKING:
    from linkgraph.edits.importing import Imported

FORMATS = ("csv", "ndjson")
#: Bad lines that are shown; the others are counted.
SHOWN = 20


@click.command()
@click.argument("file", metavar="FILE|-")
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    help="Form of the file; by default what its name says, on stdin csv.",
)
@click.option("--partial", is_flag=True, help="Queue the good lines although there are bad ones.")
@updated_by_option
@account_options
def import_(
    file: str,
    format_: str | None,
    partial: bool,
    updated_by: int | None,
    account: str | None,
    home: Home,
) -> None:
    """Queue the edits of a file, or of stdin (-): all, or none where a line is bad.

    \b
    CSV has a header. Either a column edit (or fix) holds edits as text:
        link lead:1 contact:2 main=yes
    or they stand in columns: verb, a, b, main, quantity, price, updated_by.
    NDJSON has the same names as keys. What `ask -f csv` wrote can be imported as it is.
    """
    form = format_ or _format_of(file)
    from linkgraph.cli import queuedlines

    with open_session(home, account) as session:
        name = "stdin" if file == "-" else Path(file).name
        with _opened(file) as stream:
            imported = session.edits.import_lines(
                stream, form, name=name, partial=partial, updated_by=updated_by
            )
        _tell_bad(imported, name)
        if imported.bad and not partial:
            raise UsageError(
                f"{counted(len(imported.bad), 'line')} of {imported.count:,} "
                f"{'is' if len(imported.bad) == 1 else 'are'} bad: "
                "nothing was queued",
                hint="correct them, or queue the good ones alone: --partial",
            )
        queuedlines.tell(session, imported.queued)


def _opened(file: str) -> AbstractContextManager[BinaryIO]:
    if file == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise UsageError(
            f"{plain(file, 200)} cannot be read: {error.strerror}", hint="check its name"
        ) from error


def _format_of(file: str) -> str:
    if file == "-":
        return FORMATS[0]
    suffix = Path(file).suffix.lower().removeprefix(".")
    form = {"jsonl": "ndjson", "tsv": "csv"}.get(suffix, suffix)
    if form not in FORMATS:
        raise UsageError(
            f"the name {plain(Path(file).name, 80)} does not tell the format",
            hint=f"say it: -f {'|'.join(FORMATS)}",
        )
    return form


def _tell_bad(imported: Imported, name: str) -> None:
    for bad in imported.bad[:SHOWN]:
        narrate(
            f"{plain(name, 80)}, line {bad.number:,}: {plain(bad.reason, 300)}: "
            f"«{plain(bad.text, 120)}»"
        )
    if len(imported.bad) > SHOWN:
        narrate(f"… and {counted(len(imported.bad) - SHOWN, 'more bad line')}")
