"""What Browse has at hand of the snapshot: names, cards that were read, words behind ids.

Bounded, however long one walks; emptied when another snapshot appears.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from linkgraph.model import Ref
from queries.accountnames import AccountNames

if TYPE_CHECKING:
    from queries.cardlines import CardLine
    from tui.cardreading import Beginning, Reading

#: Cards that are at hand without being read again, and names before all are let go.
_CARDS, _NAMES = 48, 30_000


class Shelf:
    """Filled on the event loop alone; calls in threads may look up names meanwhile."""

    def __init__(self) -> None:
        self.names: dict[Ref, CardLine] = {}
        """What is known of cards, of whichever list"""
        self.words = AccountNames()
        self.beginning: Beginning | None = None
        """What the start page shows, once it was read"""
        self._cards: OrderedDict[Ref, Reading] = OrderedDict()

    def card(self, ref: Ref) -> Reading | None:
        """A card that was read of late."""
        found = self._cards.get(ref)
        if found is not None:
            self._cards.move_to_end(ref)
        return found

    def put(self, reading: Reading) -> None:
        """Keep a card at hand."""
        self.name(reading.lines)
        self._cards[reading.links.ref] = reading
        self._cards.move_to_end(reading.links.ref)
        while len(self._cards) > _CARDS:
            self._cards.popitem(last=False)

    def name(self, lines: Mapping[Ref, CardLine]) -> None:
        """Keep names."""
        if len(self.names) > _NAMES:
            self.names.clear()
        self.names.update(lines)

    def forget_queue(self) -> None:
        """Another queue makes other cards of all that has been read."""
        self._cards.clear()

    def forget(self) -> None:
        """Another snapshot appeared."""
        self.names.clear()
        self._cards.clear()
        self.beginning = None
