"""Pairs of rows that share middles: companies by common contacts, elements by common owners.

A projection of a two-sided graph onto one of its sides (questions, 1, 27 and 28). It multiplies
neighbours: a middle of d rows makes d²/2 pairs, so one shared test contact can make billions. The
cap is what bounds the answer; what it cut comes back with the answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

#: Products counted at a time: about 50 MB of work arrays, and small enough to stay in the caches.
#: One row may exceed it, by no more than the middles' lists hold together.
_BLOCK_PRODUCTS = 2_000_000


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of rows `a < b`, heaviest first, then by a and b; arrays of one length but the cut's.

    All figures are over the middles that were not cut.
    """

    a: NDArray[np.int32]
    b: NDArray[np.int32]
    weight: NDArray[np.int32]
    """Distinct middles that both have."""
    jaccard: NDArray[np.float64]
    """Those as a part of the distinct middles that either has, above 0 and at most 1."""
    cut: NDArray[np.int32]
    """Columns of the middles of too many rows, the one with most first, then by column."""
    cut_degree: NDArray[np.int32]
    """How many rows each of them has."""

    def __len__(self) -> int:
        return len(self.a)


def pairs_through(
    touch: sp.csr_array, *, min_weight: int = 1, max_degree: int | None = None
) -> Pairs:
    """All pairs of rows that share at least `min_weight` middles.

    Memory follows the entries and the answer, not the pairs that `min_weight` leaves out.

    Args:
        touch: Rows × middles, fewer than 2³¹ entries. One that is stored and not zero says that
            they touch; one that is stored twice counts once. It is not changed.
        min_weight: Fewest distinct middles that make a pair, 1 or more.
        max_degree: Most rows that a middle may have before it is cut; None cuts none.

    Raises:
        ValueError: `min_weight` is below 1 or `max_degree` below 0.
    """
    if min_weight < 1:
        raise ValueError(f"min_weight is 1 or more, not {min_weight}")
    if max_degree is not None and max_degree < 0:
        raise ValueError(f"max_degree is 0 or more, not {max_degree}")
    touch = _plain(touch)
    degree = np.bincount(touch.indices, minlength=touch.shape[1]).astype(np.int32)
    cut = np.empty(0, np.int32)
    if max_degree is not None:
        cut = np.flatnonzero(degree > max_degree).astype(np.int32)
        cut = cut[np.argsort(-degree[cut], kind="stable")]
        touch = _columns(touch, degree <= max_degree)
    sizes = np.diff(touch.indptr)
    # a middle of one row makes no pair, and most middles are such
    touch = _columns(touch, degree >= 2)
    blocks = [np.empty((3, 0), np.int32), *_blocks(touch, degree, min_weight)]
    a, b, weight = np.concatenate(blocks, axis=1)
    # the blocks come by a and b already
    order = _descending(weight)
    a, b, weight = a[order], b[order], weight[order]
    jaccard = weight / (sizes[a] + sizes[b] - weight)
    return Pairs(a, b, weight, jaccard, cut, degree[cut])


def _plain(touch: sp.csr_array) -> sp.csr_array:
    """The same as ones without repeats, indices in int32; a copy only of what has to change."""
    ones = np.ones(touch.nnz, np.int32)
    if not touch.has_canonical_format or np.count_nonzero(touch.data) < touch.nnz:
        touch = touch.copy()
        touch.eliminate_zeros()
        # as truths, so that what cancels out or overflows when added up stays
        touch.data = np.ones(touch.nnz, np.bool_)
        touch.sum_duplicates()
        ones = ones[: touch.nnz]
    return _csr(ones, touch.indices, touch.indptr, touch.shape)


def _columns(touch: sp.csr_array, kept: NDArray[np.bool_]) -> sp.csr_array:
    """Without the entries of the columns that are not kept; the columns keep their numbers."""
    mask = kept[touch.indices]
    before = np.concatenate([[0], np.cumsum(mask)])
    indices = touch.indices[mask]
    return _csr(touch.data[: len(indices)], indices, before[touch.indptr], touch.shape)


def _csr(
    ones: NDArray[np.int32],
    indices: NDArray[np.integer[Any]],
    indptr: NDArray[np.integer[Any]],
    shape: tuple[int, int],
) -> sp.csr_array:
    # both in int32, else scipy makes int64 of both: twice the memory, and products half as quick
    parts = (ones, indices.astype(np.int32, copy=False), indptr.astype(np.int32, copy=False))
    return sp.csr_array(parts, shape=shape)


def _blocks(
    touch: sp.csr_array, degree: NDArray[np.int32], min_weight: int
) -> Iterator[NDArray[np.int32]]:
    """The pairs as rows a, b and weight of an array, by blocks of rows, in the order of a and b.

    Measured at 10 M links against enumerating pairs and sorting them: the product takes half as
    long again where pairs are few, and is quicker and smaller where hubs make millions.
    """
    transposed = touch.T.tocsr()
    spent = np.concatenate([[0], np.cumsum(degree[touch.indices], dtype=np.int64)])[touch.indptr]
    start, n = 0, touch.shape[0]
    while start < n:
        stop = int(np.searchsorted(spent, spent[start] + _BLOCK_PRODUCTS, side="right")) - 1
        stop = min(max(stop, start + 1), n)
        shared = touch[start:stop] @ transposed
        a = np.repeat(np.arange(start, stop, dtype=np.int32), np.diff(shared.indptr))
        kept = (shared.indices > a) & (shared.data >= min_weight)
        a, b, weight = a[kept], shared.indices[kept], shared.data[kept]
        order = np.argsort((a - start) * np.int64(n) + b)
        yield np.stack([a, b[order], weight[order]])
        start = stop


def _descending(weight: NDArray[np.int32]) -> NDArray[np.intp]:
    """The order from heavy to light that leaves equals where they are."""
    if not len(weight):
        return np.empty(0, np.intp)
    top = int(weight.max())
    # numbers of 16 bits are sorted by radix: a tenth of the time for millions of pairs
    return np.argsort((top - weight).astype(np.min_scalar_type(top)), kind="stable")
