"""What `--queue-fixes` says: how many fixes there were, what was queued, what not and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from linkgraph.cli.editrows import lines_of
from linkgraph.cli.output import narrate
from linkgraph.cli.queuedlines import MOST, NEXT, tell_beside
from linkgraph.wording import fixwords

if TYPE_CHECKING:
    from linkgraph.edits.fixes import Fixed
    from linkgraph.session import Session


def tell(session: Session, fixed: Fixed, rows: Mapping[str, int]) -> None:
    """Say what came of the fixes of questions, with how many rows each has."""
    for name, count in rows.items():
        narrate(f"{name}: {fixwords.summary(fixed, name, count)}")
    if standing := fixwords.standing(fixed):
        narrate(standing)
    gone = (*fixed.queued.replaced[:MOST], *fixed.queued.cancelled[:MOST])
    tell_beside(fixed.queued, lines_of(session, gone))
    for line in fixwords.reasons(fixed):
        narrate(line)
    if fixed.new:
        first, last = fixed.new[0].id, fixed.new[-1].id
        numbers = f"{first}" if first == last else f"{first}-{last}"
        narrate(f"{NEXT}; to take them back: linkgraph edits drop {numbers}")
    elif fixed.queued.edits:
        narrate(NEXT)
    else:
        narrate("nothing of it is queued")
