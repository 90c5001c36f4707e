"""What came of fixes that were to be queued, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from linkgraph.plaintext import plain
from linkgraph.wording.numbers import counted

if TYPE_CHECKING:
    from linkgraph.edits.fixes import Fixed

#: Fixes that were not queued, so many are named.
_NAMED = 5


def summary(fixed: Fixed, question: str, rows: int) -> str:
    """The fixes of a question's rows in numbers: how many there were, were queued, were not."""
    new = sum(one.origin.detail == question for one in fixed.new)
    refused = sum(one.question == question for one in fixed.refused)
    contradictory = sum(one.question == question for one in fixed.contradictory)
    fixes = fixed.fixes.get(question, 0)
    parts = [counted(rows, "row"), f"{fixes:,} with a fix"]
    parts += [f"{counted(new, 'edit')} queued"] if fixes else []
    parts += [f"{refused:,} refused"] if refused else []
    parts += [f"{contradictory:,} contradictory"] if contradictory else []
    return ", ".join(parts)


def standing(fixed: Fixed) -> str:
    """How many of the edits were in the queue before; empty for none."""
    count = len(fixed.queued.edits) - len(fixed.new)
    return f"in the queue already: {counted(count, 'edit')}" if count else ""


def reasons(fixed: Fixed, named: int = _NAMED) -> Iterator[str]:
    """Why fixes were not queued, a line each; of many the first are named."""
    for word, those in (
        ("refused", fixed.refused),
        ("not queued, for fixes contradict each other", fixed.contradictory),
    ):
        for one in those[:named]:
            yield f"{word}: {plain(one.fix, 200)}: {plain(one.reason, 300)}"
        if len(those) > named:
            yield f"… and {len(those) - named:,} more {word}"
