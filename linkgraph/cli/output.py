"""Where a command's data goes: stdout or a file, in one of the formats of the question library."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from linkgraph.errors import UsageError
from linkgraph.plaintext import plain

if TYPE_CHECKING:
    import pyarrow as pa

    from queries.runner import Answer

FORMATS = ("csv", "json", "ndjson", "parquet", "xlsx")
#: Those that no terminal shows, by what people call them.
_NOT_SHOWN = {"parquet": "Parquet", "xlsx": "A workbook", "html": "A page"}


def chosen(
    format_: str | None,
    output: Path | None,
    *,
    shown: str = "table",
    formats: tuple[str, ...] = FORMATS,
) -> str:
    """The form to write: as asked, as the file's name says, else `shown`, which is for the screen.

    Raises:
        UsageError: the name says nothing, or a form and where it is to go do not fit.
    """
    if format_ is None and output is not None:
        suffix = output.suffix.lower().removeprefix(".")
        if suffix not in formats:
            raise UsageError(
                f"the name {plain(output.name, 80)} does not tell the format",
                hint=f"end it in .{', .'.join(formats)}, or say -f",
            )
        return suffix
    wanted = format_ or shown
    if wanted == shown and output is not None:
        raise UsageError(f"a {shown} is for the screen", hint=f"for a file: -f {'|'.join(formats)}")
    if wanted in _NOT_SHOWN and output is None and sys.stdout.isatty():
        raise UsageError(
            f"{_NOT_SHOWN[wanted]} is nothing for a terminal", hint="write it to a file: -o FILE"
        )
    return wanted


def write(rows: pa.Table | pa.RecordBatchReader, format_: str, output: Path | None) -> int:
    """Write rows in a format other than a table; returns how many they were."""
    from queries import formats  # brings Arrow along

    if output is not None:
        return formats.write(rows, output, format_)
    count = formats.write(rows, sys.stdout.buffer, format_)
    sys.stdout.flush()
    return count


def write_answer(answer: Answer, format_: str, output: Path | None) -> None:
    """Write an answer's rows in a format other than a table.

    A workbook is there to be handed over: it says itself what it shows, of when, and what was cut.
    """
    if format_ != "xlsx":
        write(answer.table, format_, output)
        return
    from queries.answersheets import sheets_of
    from queries.sheets import write_book

    write_book(sys.stdout.buffer if output is None else output, sheets_of(answer))
    sys.stdout.flush()


def write_json(value: object) -> None:
    """Print a value as JSON that a person can read as well."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def narrate(line: str = "") -> None:
    """Say something beside the data, after what was written of that.

    A sync is not to fail because its log is full: a stderr that takes nothing is given up.
    """
    sys.stdout.flush()
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except OSError:
        close_quietly(sys.stderr)


def close_quietly(stream: TextIO) -> None:
    """Give up on a stream that nobody reads any more (`linkgraph ask … | head`)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def prepare_streams() -> None:
    """Make stdin, stdout and stderr take whatever comes, as they are in cron, pipes and old shells.

    A closed one reads and writes nothing; a character that its encoding lacks is written out.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="surrogateescape" if name == "stdin" else "backslashreplace")


def program() -> str:
    """How to call this program from here: by its name where that is found, else by its path."""
    if shutil.which("linkgraph"):
        return "linkgraph"
    called = Path(sys.argv[0])
    if called.name != "linkgraph":
        return f"{sys.executable} -m linkgraph"
    return os.path.relpath(called)
