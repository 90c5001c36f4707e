"""What the mirror adds to a plan, a push or an edit: names, impact, health.

Where nothing is mirrored, or it cannot be counted, it adds nothing; none of this raises for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from linkgraph.errors import LinkgraphError, MirrorError
from linkgraph.wording import planwords

if TYPE_CHECKING:
    from linkgraph.edits.plan import Plan
    from linkgraph.model import Ref
    from linkgraph.session import Session
    from queries.cardlines import CardLine
    from queries.figures import Figures
    from queries.impact import Impact
    from queries.running import Stop


@dataclass(frozen=True, slots=True)
class Compared:
    """The health of the account before a push and after it."""

    before: Figures
    after: Figures
    words: Mapping[str, str]
    """What the rows of each problem question are called, by its name."""

    @property
    def total(self) -> tuple[int, int]:
        """All problems before and after, of what was counted both times."""
        was, now = self.before.found, self.after.found
        both = [name for name in now if name in was]
        return sum(was[name].count for name in both), sum(now[name].count for name in both)

    @property
    def moved(self) -> list[tuple[str, int, int]]:
        """The problems whose number is another: what they are called, before, after."""
        was, now = self.before.found, self.after.found
        return [
            (self.words.get(name, name), was[name].count, now[name].count)
            for name in now
            if name in was and was[name].count != now[name].count
        ]


def card_lines(session: Session, refs: Iterable[Ref]) -> Mapping[Ref, CardLine]:
    """The lines of cards, as far as something is mirrored."""
    try:
        return session.cards(refs)
    except MirrorError:
        return {}


def impact_of(session: Session, plan: Plan) -> Impact | None:
    """What a plan does to the account; None where nothing is mirrored to tell it by."""
    try:
        return session.impact(planwords.deltas(plan))
    except MirrorError:
        return None


def figures_of(session: Session, stop: Stop | None = None) -> Figures | None:
    """The problems as they are; None where they cannot be counted, or it was stopped."""
    try:
        return session.figures(stop=stop)
    except LinkgraphError:
        return None


def compared(session: Session, before: Figures | None, stop: Stop | None = None) -> Compared | None:
    """Problems as a session counts them beside those of before; None where one is not known."""
    after = None if before is None else figures_of(session, stop)
    if before is None or after is None:
        return None
    words = {each.name: each.problem or each.title for each in session.catalogue.problems()}
    return Compared(before, after, words)
