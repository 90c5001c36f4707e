"""What a command says of edits that it queued: each in words, what it replaced, what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from linkgraph.cli import tables
from linkgraph.cli.editrows import Lines, lines_of
from linkgraph.cli.output import narrate
from linkgraph.plaintext import plain
from linkgraph.wording.editwords import in_words
from linkgraph.wording.numbers import counted

if TYPE_CHECKING:
    from linkgraph.edits.entries import QueuedEdit
    from linkgraph.edits.queueing import Queued
    from linkgraph.session import Session

#: Most lines of a kind; the others are counted.
MOST = 20
NEXT = "next: linkgraph edits plan"


def tell(session: Session, queued: Queued) -> None:
    """Print what was queued; say what was replaced, what to mind, and what to do next."""
    gone = (*queued.replaced, *queued.cancelled)
    lines = lines_of(session, (*queued.edits, *gone))
    _write(queued.edits, lines)
    tell_beside(queued, lines)
    narrate(NEXT if queued.edits else "nothing of it is queued")


def tell_beside(queued: Queued, lines: Lines) -> None:
    """Say what was replaced or cancelled, and what to mind; the first of many."""
    for gone in (queued.replaced, queued.cancelled):
        tell_some(
            [f"#{one.id} is {plain(one.reason, 200)}: {in_words(one.edit, lines)}" for one in gone],
            "edit",
        )
    tell_some([f"warning: {plain(warning, 500)}" for warning in queued.warnings], "warning")


def tell_some(told: Sequence[str], word: str) -> None:
    """Say the first lines of many, and how many more there are."""
    for line in told[:MOST]:
        narrate(line)
    if len(told) > MOST:
        narrate(f"… and {counted(len(told) - MOST, f'more {word}')}")


def _write(edits: Sequence[QueuedEdit], lines: Lines) -> None:
    if not edits:
        return
    if not tables.is_terminal():
        names = ["edit_id", "state", "edit", "in_words"]
        rows = [[one.id, one.state, str(one.edit), in_words(one.edit, lines)] for one in edits]
        tables.write_rows(names, rows)
        return
    console = tables.terminal()
    width = len(f"#{edits[-1].id}")
    for one in edits[:MOST]:
        line = Text(f"{f'#{one.id}':>{width}}  ", style="cyan")
        console.print(line.append(in_words(one.edit, lines), style="default"), soft_wrap=True)
    if len(edits) > MOST:
        console.print(f"… and {counted(len(edits) - MOST, 'more edit')}: linkgraph edits list")
