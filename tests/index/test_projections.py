"""Pairs by what they share: the same as sets say, whatever the graph and however it is cut up."""

from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from linkgraph.index import projections
from linkgraph.index.projections import Pairs, pairs_through

ROWS, MIDDLES = 9, 12
TOUCHES = st.lists(
    st.tuples(st.integers(0, ROWS - 1), st.integers(0, MIDDLES - 1)), max_size=ROWS * MIDDLES
)


def matrix(
    touches: Iterable[tuple[int, int]], rows: int = ROWS, middles: int = MIDDLES
) -> sp.csr_array:
    """As it comes from joins: routes that repeat are entries that repeat."""
    pairs = np.array(sorted(touches, key=lambda touch: touch[0]), np.int64).reshape(-1, 2)
    indptr = np.searchsorted(pairs[:, 0], np.arange(rows + 1))
    ones = np.ones(len(pairs), np.int8)
    return sp.csr_array((ones, pairs[:, 1], indptr), shape=(rows, middles))


def listed(pairs: Pairs) -> list[tuple[int, int, int, float]]:
    columns = (pairs.a, pairs.b, pairs.weight, pairs.jaccard)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def expected(
    touches: Iterable[tuple[int, int]], min_weight: int, max_degree: int | None
) -> tuple[list[tuple[int, int, int, float]], dict[int, int]]:
    """The same by sets, pair by pair; and the degrees of the middles that are cut."""
    degrees = {middle: len({a for a, m in touches if m == middle}) for middle in range(MIDDLES)}
    cut = {m: d for m, d in degrees.items() if max_degree is not None and d > max_degree}
    of_row = [{m for a, m in touches if a == row and m not in cut} for row in range(ROWS)]
    pairs = [
        (a, b, len(of_row[a] & of_row[b]), len(of_row[a] & of_row[b]) / len(of_row[a] | of_row[b]))
        for a, b in combinations(range(ROWS), 2)
        if len(of_row[a] & of_row[b]) >= min_weight
    ]
    return sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1])), cut


@given(TOUCHES, st.integers(1, 4), st.none() | st.integers(0, ROWS))
def test_pairs_are_those_of_sets(
    touches: list[tuple[int, int]], min_weight: int, max_degree: int | None
) -> None:
    """Pairs, weights, jaccard, their order and what is cut are as sets have them."""
    pairs = pairs_through(matrix(touches), min_weight=min_weight, max_degree=max_degree)

    wanted, cut = expected(touches, min_weight, max_degree)
    assert listed(pairs) == wanted
    assert dict(zip(pairs.cut.tolist(), pairs.cut_degree.tolist(), strict=True)) == cut
    assert pairs.cut_degree.tolist() == sorted(cut.values(), reverse=True)


@given(TOUCHES, st.integers(1, 3), st.integers(1, 30))
def test_the_size_of_blocks_does_not_show(
    touches: list[tuple[int, int]], min_weight: int, block: int
) -> None:
    """Counting by blocks of any size gives what counting all at once gives."""
    with pytest.MonkeyPatch.context() as patch:
        whole = pairs_through(matrix(touches), min_weight=min_weight)
        patch.setattr(projections, "_BLOCK_PRODUCTS", block)
        assert listed(pairs_through(matrix(touches), min_weight=min_weight)) == listed(whole)


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0), (1, 5), (5, 5)])
def test_nothing_shared_is_no_pairs(shape: tuple[int, int]) -> None:
    """No company, one, or some without contacts: empty arrays, of the right types too."""
    pairs = pairs_through(sp.csr_array(shape, dtype=np.bool_), max_degree=3)

    assert len(pairs) == 0
    assert {x.dtype for x in (pairs.a, pairs.b, pairs.weight)} == {np.dtype(np.int32)}
    assert {x.dtype for x in (pairs.cut, pairs.cut_degree)} == {np.dtype(np.int32)}
    assert pairs.jaccard.dtype == np.float64


def test_one_row_has_no_pair() -> None:
    """A row is no pair of its own, however many middles it has."""
    assert len(pairs_through(matrix([(0, m) for m in range(5)], rows=1))) == 0


def test_a_hub_is_cut_told_and_left_out_of_jaccard() -> None:
    """What the cap cut counts in no figure and comes back with how many rows it has."""
    touches = [(row, 0) for row in range(6)] + [(0, 1), (1, 1), (1, 2)]

    pairs = pairs_through(matrix(touches), max_degree=5)

    assert listed(pairs) == [(0, 1, 1, 0.5)]
    assert (pairs.cut.tolist(), pairs.cut_degree.tolist()) == ([0], [6])


def test_stored_zeros_touch_nothing() -> None:
    """Zeros that a product left in the matrix are no entries, and the matrix stays as it was."""
    touch = sp.csr_array((np.array([1, 0, 1, 1]), [0, 1, 0, 1], [0, 2, 4]), shape=(2, 2))

    assert listed(pairs_through(touch)) == [(0, 1, 1, 0.5)]
    assert touch.nnz == 4


@pytest.mark.parametrize("kind", [np.bool_, np.int8, np.float64])
def test_any_kind_of_entry_counts_once(kind: type[np.generic]) -> None:
    """Weights run past 127 whatever the entries are made of, also where entries repeat."""
    middles = np.tile(np.repeat(np.arange(200), 2), 2)
    entries = np.ones(800).astype(kind)
    touch = sp.csr_array((entries, middles, [0, 400, 800]), shape=(2, 200))

    assert listed(pairs_through(touch)) == [(0, 1, 200, 1.0)]


def test_what_makes_no_sense_is_refused() -> None:
    """A pair that shares nothing is no pair, and no middle has fewer rows than none."""
    with pytest.raises(ValueError, match="min_weight is 1 or more"):
        pairs_through(matrix([]), min_weight=0)
    with pytest.raises(ValueError, match="max_degree is 0 or more"):
        pairs_through(matrix([]), max_degree=-1)
