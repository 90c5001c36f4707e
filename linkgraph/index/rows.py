"""Rows of a symmetric graph: picking entries."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]


def kept(indptr: Ints, indices: Ints, keep: Bools) -> tuple[Ints, Ints]:
    """The graph with only the entries where `keep` is true; bool[entries]."""
    before = np.zeros(len(keep) + 1, indptr.dtype)
    np.cumsum(keep, out=before[1:])
    return before.take(indptr), indices[keep]


def between(indptr: Ints, indices: Ints, present: Bools) -> Bools:
    """Which entries have both ends among the nodes where `present` is true; bool[entries]."""
    both = present.take(indices)
    both &= np.repeat(present, np.diff(indptr))
    return both


def without(indptr: Ints, indices: Ints, present: Bools) -> tuple[Ints, Ints]:
    """The graph with only the nodes where `present` is true; the others keep an empty row."""
    return kept(indptr, indices, between(indptr, indices, present))
