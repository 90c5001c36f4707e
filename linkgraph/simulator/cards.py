"""The cards of one type: parallel numpy columns, and the rest of a card made when asked for.

Invariant: `columns["id"]` is sorted and every column has a row per card, whether the card was
generated or given by hand.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from linkgraph.simulator.relation import Column, Ints

Card = dict[str, Any]
"""A card as a world file has it: what is not there is the server's default."""

Columns = dict[str, Column]
CardMaker = Callable[[Columns, int], Card]
"""Makes the card of one row; the same row always makes the same card."""

NUMBERS = ("created_at", "updated_at", "responsible_user_id", "pipeline_id", "status_id", "price")
"""Columns that every table has, 0 where a card says nothing."""


LARGEST_ID = 2**63 - 1


class CardTable:
    """Sorted cards with constant-time rendering of any row."""

    def __init__(self, columns: Columns, maker: CardMaker | None = None) -> None:
        """Hold `columns`, of which "id" is sorted; `maker` renders the cards not given by hand."""
        self.columns = columns
        self._maker = maker
        self._given: dict[int, Card] = {}
        self._orders: dict[str, Ints] = {}

    @classmethod
    def of(cls, cards: Iterable[Card]) -> "CardTable":
        """A table of cards given by hand, in any order."""
        given = {card["id"]: card for card in cards}
        ids = np.array(sorted(given), np.int64)
        columns: Columns = {"id": ids}
        for name in NUMBERS:
            values = [_number(given[id_].get(name)) for id_ in ids.tolist()]
            columns[name] = np.array(values, np.int64)
        if any(card.get("is_deleted") for card in given.values()):
            flags = [bool(given[id_].get("is_deleted")) for id_ in ids.tolist()]
            columns["is_deleted"] = np.array(flags, np.bool_)
        table = cls(columns)
        table._given = given
        return table

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def ids(self) -> Ints:
        """The ids, ascending."""
        ids: Ints = self.columns["id"]
        return ids

    def position(self, id_: int) -> int | None:
        """The row of a card, or None where there is no such card."""
        if abs(id_) > LARGEST_ID:
            return None
        row = int(self.ids.searchsorted(id_))
        return row if row < len(self.ids) and int(self.ids[row]) == id_ else None

    def __contains__(self, id_: int) -> bool:
        return self.position(id_) is not None

    def present(self, ids: Iterable[int]) -> list[int]:
        """Those of `ids` that are cards here, ascending and each once."""
        wanted = np.unique(np.array([id_ for id_ in ids if id_ <= LARGEST_ID], np.int64))
        rows = self.ids.searchsorted(wanted)
        rows[rows == len(self.ids)] = 0
        known: list[int] = wanted[self.ids[rows] == wanted].tolist() if len(self) else []
        return known

    def card(self, row: int) -> Card:
        """The card of a row, as a world file has it."""
        id_ = int(self.ids[row])
        if id_ in self._given or self._maker is None:
            return self._given[id_]
        return self._maker(self.columns, row)

    def get(self, id_: int) -> Card | None:
        """The card with this id, or None."""
        row = self.position(id_)
        return None if row is None else self.card(row)

    def cards(self) -> Iterable[Card]:
        """Every card, by id."""
        return map(self.card, range(len(self)))

    def put(self, card: Card) -> None:
        """Add a card, or put another in the place of the one with its id."""
        row = self.position(card["id"])
        if row is None:
            row = int(self.ids.searchsorted(card["id"]))
            self.columns = {
                name: np.insert(column, row, np.zeros(1, column.dtype)[0])
                for name, column in self.columns.items()
            }
            self.ids[row] = card["id"]
        self._given[card["id"]] = card
        if card.get("is_deleted") and "is_deleted" not in self.columns:
            self.columns["is_deleted"] = np.zeros(len(self), np.bool_)
        for name in (*NUMBERS, "is_deleted"):
            if name in self.columns:
                self.columns[name][row] = _number(card.get(name))
        self._orders.clear()

    def remove(self, id_: int) -> bool:
        """Take a card away as if it had never been; False where it was not there."""
        row = self.position(id_)
        if row is None:
            return False
        self.columns = {name: np.delete(column, row) for name, column in self.columns.items()}
        self._given.pop(id_, None)
        self._orders.clear()
        return True

    def touch(self, id_: int, at: int) -> None:
        """Move a card's `updated_at`."""
        card = self.get(id_)
        if card is not None:
            self.put({**card, "updated_at": at})

    def order(self, name: str) -> Ints | None:
        """Rows sorted by a column and then id; None for the id itself: rows are in that order."""
        if name == "id":
            return None
        if name not in self._orders:
            self._orders[name] = np.argsort(self.columns[name], kind="stable")
        return self._orders[name]

    def rows_of(self, ids: Iterable[int]) -> Ints:
        """The rows of those of `ids` that are here, ascending."""
        rows: Ints = self.ids.searchsorted(np.array(self.present(ids), np.int64))
        return rows

    def live(self) -> NDArray[np.bool_] | None:
        """Which rows are not deleted; None where none ever was."""
        deleted = self.columns.get("is_deleted")
        return None if deleted is None else ~deleted.astype(np.bool_)


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0
