"""One asking of a question, as the second implementation sees it, and what it expects."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.queries.reference.account import Card, Snapshot, card

Row = dict[str, Any]
"""A row by column. A card stands in its id or ref column as a `Card`; columns that the definition
does not determine are left out, and so are names and addresses of cards, which are compared by
themselves."""


@dataclass(frozen=True)
class Asking:
    """What is asked of what."""

    now: Snapshot
    before: Snapshot
    """The snapshot of the sync before."""
    taken_at: datetime
    """When the earlier one was taken."""
    values: dict[str, Any]
    answered: list[Row]
    """The answer given, for those questions whose definition leaves a choice."""

    def card(self, name: str) -> Card:
        """A parameter that is a card."""
        kind, _, number = self.values[name].partition(":")
        catalog, _, element = number.rpartition("/")
        return card(kind, int(element), int(catalog or 0))


@dataclass(frozen=True)
class Expected:
    """What the answer must be."""

    rows: list[Row]
    """In order."""
    cut: list[Row] | None = None
    """All that the cap cut, in order; None: the question has no cap."""


#: Before every moment that a card can tell of.
_BEGINNING = datetime.fromisoformat("0001-01-01")


def late(moment: datetime | None) -> tuple[bool, float]:
    """Sorts the newest first, an unknown moment last."""
    return moment is None, 0.0 if moment is None else -(moment - _BEGINNING).total_seconds()


def early(moment: datetime | None) -> tuple[bool, datetime]:
    """Sorts the oldest first, an unknown moment last."""
    return moment is None, moment or _BEGINNING


def named(name: str | None, text: object, most: int = 80) -> str:
    """A card or user in a list: «name (id)», or «(id)» where there is no name."""
    return f"{name[:most]} ({text})" if name else f"({text})"
