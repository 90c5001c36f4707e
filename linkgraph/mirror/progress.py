"""How far a sync is, as plain counts that any front end can show.

Nothing here is guessed: a total stands only once it is known (a list was walked to its end) or is
the last sync's, and then says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from linkgraph.model import CARD_TYPES, EntityType

Phase = Literal["account", "cards and links", "completing", "merging", "publishing"]


@dataclass(slots=True)
class Progress:
    """A sync's counts. The same object is updated and handed to the watcher each time."""

    phase: Phase = "account"
    step: str = ""
    """What is being done within the phase, where that tells something."""
    cards_listed: dict[EntityType, int] = field(default_factory=dict)
    """Cards that the lists have shown, by type."""
    walked: set[EntityType] = field(default_factory=set)
    """Types whose lists were walked to the end: their count is known."""
    cards_read: dict[EntityType, int] = field(default_factory=dict)
    """Cards whose links were read, by type."""
    links: int = 0
    """Links that came, both sides counted."""
    requests: int = 0
    """Requests sent in this run."""
    rate: float = 0.0
    """Requests a second of late."""
    held_for: float = 0.0
    """Seconds for which the CRM has asked, by a 429, that nothing be sent; 0 as a rule."""
    last_counts: dict[EntityType, int] = field(default_factory=dict)
    """Cards of each type in the last snapshot; empty before the first."""

    def total(self, entity_type: EntityType) -> int | None:
        """How many cards of a type there are, once that is known."""
        return self.cards_listed.get(entity_type, 0) if entity_type in self.walked else None

    def expected(self, entity_type: EntityType) -> int | None:
        """The known total, else the last snapshot's count, else None."""
        known = self.total(entity_type)
        return self.last_counts.get(entity_type) if known is None else known

    @property
    def totals_known(self) -> bool:
        """Whether every list was walked to its end."""
        return all(entity_type in self.walked for entity_type in CARD_TYPES)


Watcher = Callable[[Progress], None]
