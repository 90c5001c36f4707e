"""What `--queue-fixes` says: how many fixes there were, what was queued, what not and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from linkgraph.cli.editrows import lines_of
from linkgraph.cli.output import narrate
from linkgraph.cli.queuedlines import MOST, NEXT, tell_beside
from linkgraph.plaintext import plain
from linkgraph.wording.numbers import counted

if TYPE_CHECKING:
    from linkgraph.edits.fixes import Fixed, Refused
    from linkgraph.session import Session

#: Fixes that were not queued, so many are named.
_NAMED = 5


def tell(session: Session, fixed: Fixed, rows: Mapping[str, int]) -> None:
    """Say what came of the fixes of questions, with how many rows each has."""
    new = Counter(one.origin.detail for one in fixed.new)
    refused = Counter(one.question for one in fixed.refused)
    contradictory = Counter(one.question for one in fixed.contradictory)
    for name, count in rows.items():
        fixes = fixed.fixes.get(name, 0)
        parts = [counted(count, "row"), f"{fixes:,} with a fix"]
        if fixes:
            parts.append(f"{counted(new[name], 'edit')} queued")
        parts += [f"{refused[name]:,} refused"] if refused[name] else []
        parts += [f"{contradictory[name]:,} contradictory"] if contradictory[name] else []
        narrate(f"{name}: {', '.join(parts)}")
    if standing := len(fixed.queued.edits) - len(fixed.new):
        narrate(f"in the queue already: {counted(standing, 'edit')}")
    gone = (*fixed.queued.replaced[:MOST], *fixed.queued.cancelled[:MOST])
    tell_beside(fixed.queued, lines_of(session, gone))
    _tell_refused("refused", fixed.refused)
    _tell_refused("not queued, for fixes contradict each other", fixed.contradictory)
    if fixed.new:
        first, last = fixed.new[0].id, fixed.new[-1].id
        numbers = f"{first}" if first == last else f"{first}-{last}"
        narrate(f"{NEXT}; to take them back: linkgraph edits drop {numbers}")
    elif fixed.queued.edits:
        narrate(NEXT)
    else:
        narrate("nothing of it is queued")


def _tell_refused(word: str, refused: Sequence[Refused]) -> None:
    for one in refused[:_NAMED]:
        narrate(f"{word}: {plain(one.fix, 200)}: {plain(one.reason, 300)}")
    if len(refused) > _NAMED:
        narrate(f"… and {len(refused) - _NAMED:,} more {word}")
