"""Where a command's data goes: stdout or a file, in one of the formats of the question library."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from linkgraph.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = ("csv", "json", "ndjson", "parquet")


def chosen(format_: str | None, output: Path | None) -> str:
    """The format to write: as asked, as the file's name says, else a table.

    Raises:
        UsageError: the name says nothing, or a table is to go to a file.
    """
    if format_ is None and output is not None:
        suffix = output.suffix.lower().removeprefix(".")
        if suffix not in FORMATS:
            raise UsageError(
                f"the name {output.name} does not tell the format",
                hint=f"end it in .{', .'.join(FORMATS)}, or say -f",
            )
        return suffix
    wanted = format_ or "table"
    if wanted == "table" and output is not None:
        raise UsageError("a table is for the screen", hint=f"for a file: -f {'|'.join(FORMATS)}")
    if wanted == "parquet" and output is None and sys.stdout.isatty():
        raise UsageError("Parquet is no text for a terminal", hint="write it to a file: -o FILE")
    return wanted


def write(rows: pa.Table | pa.RecordBatchReader, format_: str, output: Path | None) -> int:
    """Write rows in a format other than a table; returns how many they were."""
    from queries import formats  # brings Arrow along

    if output is not None:
        return formats.write(rows, output, format_)
    count = formats.write(rows, sys.stdout.buffer, format_)
    sys.stdout.flush()
    return count


def narrate(line: str = "") -> None:
    """Say something beside the data."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def close_quietly() -> None:
    """Give up on a stdout that nobody reads any more (`linkgraph ask … | head`)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
