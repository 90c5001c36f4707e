"""What a command writes in a terminal: rows that are cut, sentences that wrap, commands to copy."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from linkgraph.cli import tables


def print_lines(lines: Iterator[Text]) -> None:
    """Print lines in a terminal: rows are cut, sentences wrapped, commands left whole.

    A row is a text of `no_wrap`, a command one that ignores overflow: the terminal breaks it, so
    that it can be copied.
    """
    console = tables.terminal()
    for line in lines:
        if line.no_wrap:
            line.truncate(console.width, overflow="ellipsis")
        console.print(line, soft_wrap=bool(line.no_wrap) or line.overflow == "ignore")


def row() -> Text:
    """An empty line of a list, which is cut where the terminal ends."""
    return Text(no_wrap=True)


def command(text: str, indent: str = "    ") -> Text:
    """A line with a command to copy."""
    return Text(f"{indent}{text}", style="dim", overflow="ignore")
