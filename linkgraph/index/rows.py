"""Rows of a symmetric graph: picking entries, and spreading from many nodes at once."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]


def kept(indptr: Ints, indices: Ints, keep: Bools) -> tuple[Ints, Ints]:
    """The graph with only the entries where `keep` is true; bool[entries]."""
    before = np.zeros(len(keep) + 1, indptr.dtype)
    np.cumsum(keep, out=before[1:])
    return before.take(indptr), indices[keep]


def sources(indptr: Ints) -> Ints:
    """The node of each entry's row; int32[entries]."""
    return np.repeat(np.arange(len(indptr) - 1, dtype=np.int32), np.diff(indptr))


def without(indptr: Ints, indices: Ints, present: Bools) -> tuple[Ints, Ints]:
    """The graph with only the nodes where `present` is true; the others keep an empty row."""
    keep = present.take(indices)
    keep &= np.repeat(present, np.diff(indptr))
    return kept(indptr, indices, keep)
