"""What is known of cards in words: their names, and what they are found by. Beside the link index.

Names stand one after the other in the order of the index's nodes, read where they are wanted: a
few hundred of ten million take less than a millisecond, and no query. Beside them stand the same
names, and phones and e-mails, as `textfile` has them, for scanning.
"""

import json
import os
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkgraph.index.arrays import IndexUnfit
from linkgraph.index.mapping import let_go, mapped
from linkgraph.index.textfile import TextFile
from linkgraph.mirror.snapshots import SnapshotCard

#: Raised whenever files written before could not be read by the code after.
FORMAT = 1
STAMP = "texts.json"
NAMES, ENDS, STATES = "names.utf8", "name-ends.npy", "states.npy"
FOLDED, IDENTIFIERS = "names.folded", "identifiers.folded"
OWNERS, KINDS = "identifier-owners.npy", "identifier-kinds.npy"

# States of a card, in a byte each.
NAMED, WON, LOST = 1, 2, 4
#: What an identifier is; a place here is its code.
IDENTIFIER_KINDS = ("phone", "email")
_UTF8 = 4
"""Bytes that a character takes at most."""


class CardText(NamedTuple):
    """What a list says of a card beside what the index knows."""

    name: str | None
    is_won: bool
    is_lost: bool


class CardTexts:
    """The names, phones and e-mails of a snapshot's cards. Safe to share between threads."""

    def __init__(self, folder: Path, nodes: int) -> None:
        """Open the files in a folder.

        Raises:
            OSError, ValueError: they are not whole, or not of an index of so many nodes.
        """
        self._ends = mapped(folder / ENDS)
        self._states = mapped(folder / STATES)
        self.folded = TextFile(folder / FOLDED)
        """Names by node, as far as the last one that has one"""
        self.identifiers = TextFile(folder / IDENTIFIERS)
        """Phones and e-mails as normalised, by numbers of their own"""
        self.owners: NDArray[np.int32] = mapped(folder / OWNERS)
        """The node that carries each"""
        self.kinds: NDArray[np.uint8] = mapped(folder / KINDS)
        """What each is: a place in `IDENTIFIER_KINDS`"""
        size = int(self._ends[-1]) if nodes else 0
        fits = (
            len(self._ends) == len(self._states) == nodes >= len(self.folded)
            and len(self.owners) == len(self.kinds) == len(self.identifiers)
            and (folder / NAMES).stat().st_size == size
        )
        if not fits:
            raise ValueError(f"{folder}: its files do not fit each other")
        self._names = _Reads(folder / NAMES)

    @classmethod
    def load(cls, folder: Path, card: SnapshotCard, nodes: int) -> "CardTexts":
        """Open the files in a folder.

        Raises:
            IndexUnfit: they are not those of the snapshot `card`, or not whole.
        """
        try:
            stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
            if stamp != stamp_of(card, nodes):
                raise IndexUnfit(f"{folder} holds the texts of something else")
            return cls(folder, nodes)
        except (OSError, EOFError, ValueError, TypeError, IndexError) as error:
            raise IndexUnfit(f"{folder}: {error}") from error

    def let_go(self) -> None:
        """Give back the memory that looking up has taken."""
        let_go((self._ends, self._states, self.owners, self.kinds))

    def lengths(self, nodes: NDArray[np.integer]) -> NDArray[np.int64]:
        """How many bytes the names of nodes take."""
        starts = np.where(nodes > 0, self._ends.take(nodes - 1), 0)
        lengths: NDArray[np.int64] = self._ends.take(nodes).astype(np.int64) - starts
        return lengths

    def of(self, nodes: Sequence[int], limit: int) -> list[CardText]:
        """What is known of nodes, in their order; of names `limit` characters at most."""
        found = []
        for node in nodes:
            state = self._states.item(node)
            name = self._name(node, limit) if state & NAMED else None
            found.append(CardText(name, bool(state & WON), bool(state & LOST)))
        return found

    def _name(self, node: int, limit: int) -> str:
        start = self._ends.item(node - 1) if node else 0
        size = min(self._ends.item(node) - start, limit * _UTF8)
        # A cut may part a character: what is left of it is dropped.
        return self._names.read(start, size).decode("utf-8", "ignore")[:limit]


class _Reads:
    """Pieces of a file, read by whichever thread; nothing of it is mapped."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115 - as long as the texts are
        self._lock = threading.Lock()

    def read(self, start: int, size: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), size, start)
        with self._lock:
            self._file.seek(start)
            return self._file.read(size)

    def __del__(self) -> None:
        self._file.close()


def stamp_of(card: SnapshotCard, nodes: int) -> dict[str, Any]:
    """What a folder says of whose texts it holds."""
    return {"format": FORMAT, "snapshot": asdict(card), "nodes": nodes}
