"""The arrays of an index on disk: written once, mapped read-only by every process.

A folder holds an `.npy` file an array and `index.json`, which says of which snapshot they are and
what shape they have. What does not fit is refused, never half used.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from linkgraph.index.mapping import let_go, mapped
from linkgraph.index.numbering import Range
from linkgraph.mirror.snapshots import SnapshotCard
from linkgraph.model import EntityType

#: Raised whenever arrays written before could not be read by the code after.
FORMAT = 1
STAMP = "index.json"


class IndexUnfit(Exception):
    """A folder holds no index of the snapshot: missing, damaged, or of another one."""


@dataclass(frozen=True, slots=True)
class Arrays:
    """n nodes and their rows: one entry for each end of a link, a card linked to itself has one.

    Rows are sorted by neighbour and hold nobody twice.
    """

    offsets: NDArray[np.integer]
    """[n] ids, as distances from their range's first id; uint32, int64 where those are too short"""
    indptr: NDArray[np.int32]
    """[n + 1] where each node's row begins"""
    indices: NDArray[np.int32]
    """[entries] neighbours"""
    marks: NDArray[np.uint8]
    """[entries] what is known of the link: `marks`"""
    flags: NDArray[np.uint8]
    """[n] what is known of the card: deleted, closed, unlisted"""
    labels: NDArray[np.int32]
    """[n] connected components over all links, the largest first; a deleted card joins nothing"""
    ranges: tuple[Range, ...]
    """Which nodes are of which type and catalog"""
    deleted: int
    """How many cards are known to be deleted"""

    def save(self, folder: Path, card: SnapshotCard) -> None:
        """Write the arrays of the snapshot `card` into a folder that does not exist yet.

        Raises:
            OSError: the disk is full, or the folder is there already.
        """
        folder.mkdir()
        for name, array in self._arrays().items():
            np.save(folder / f"{name}.npy", array)
        stamp = {
            "format": FORMAT,
            "snapshot": asdict(card),
            "shapes": {name: _shape(array) for name, array in self._arrays().items()},
            "ranges": [list(range_) for range_ in self.ranges],
            "deleted": self.deleted,
        }
        with open(folder / STAMP, "w", encoding="utf-8") as file:
            json.dump(stamp, file)

    @classmethod
    def load(cls, folder: Path, card: SnapshotCard) -> "Arrays":
        """Map the arrays in a folder.

        Raises:
            IndexUnfit: they are not those of the snapshot `card`, or not whole.
        """
        try:
            stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
            if (stamp["format"], stamp["snapshot"]) != (FORMAT, asdict(card)):
                raise IndexUnfit(f"{folder} is an index of something else")
            arrays = {name: _mapped(folder, name, stamp["shapes"][name]) for name in _NAMES}
            ranges = tuple(_range(row) for row in stamp["ranges"])
            found = cls(**arrays, ranges=ranges, deleted=int(stamp["deleted"]))
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise IndexUnfit(f"{folder}: {error}") from error
        found._check(folder)
        return found

    def let_go(self) -> None:
        """Give back the memory that looking up has taken."""
        let_go(self._arrays().values())

    def _arrays(self) -> dict[str, NDArray[Any]]:
        return {name: getattr(self, name) for name in _NAMES}

    def _check(self, folder: Path) -> None:
        """That the parts fit each other, as far as that shows without reading them."""
        nodes, entries = len(self.offsets), len(self.indices)
        fits = (
            len(self.indptr) == nodes + 1
            and len(self.flags) == len(self.labels) == nodes
            and len(self.marks) == entries
            and int(self.indptr[-1]) == entries
            and _without_gaps(self.ranges, nodes)
        )
        if not fits:
            raise IndexUnfit(f"{folder}: its arrays do not fit each other")


_NAMES = tuple(field.name for field in fields(Arrays) if field.name not in {"ranges", "deleted"})


def _shape(array: NDArray[Any]) -> list[Any]:
    return [array.dtype.str, len(array)]


def _mapped(folder: Path, name: str, shape: list[Any]) -> NDArray[Any]:
    path = folder / f"{name}.npy"
    array = mapped(path)
    if _shape(array) != shape:
        raise IndexUnfit(f"{path} is not what it was")
    return array


def _range(row: Sequence[Any]) -> Range:
    entity_type, *numbers = row
    return Range(EntityType(entity_type), *map(int, numbers))


def _without_gaps(ranges: Sequence[Range], nodes: int) -> bool:
    at = 0
    for range_ in ranges:
        if range_.start != at or range_.stop < at:
            return False
        at = range_.stop
    return at == nodes
