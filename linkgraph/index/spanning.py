"""A breadth-first spanning forest over all components, and work over its subtrees.

Nodes are known here by their *position*: the order in which the walk met them. A parent stands
before its children, the children of one parent stand together, and parents never decrease along
the positions. A step up the forest therefore reads memory nearly in order, which is most of what
makes it quick.

The levels next to the roots are taken one by one. What lies deeper, a chain of a thousand nodes,
is taken by pointer doubling (Wyllie 1979): in as many rounds as the depth has binary digits, so
that no graph is slow for being long.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import breadth_first_order

from linkgraph.index.connectivity import Bools, Int32s, as_matrix

_LEVELS = 64


class Forest:
    """The breadth-first trees of all components with links, hung below one made-up root.

    The made-up root has position 0, the roots of the trees have positions 1 to `trees`.
    """

    def __init__(self, indptr: Int32s, indices: Int32s, labels: Int32s) -> None:
        n = len(indptr) - 1
        # Any node of a component will do. The place past the labels takes those below 0.
        roots = np.zeros(int(labels.max(initial=-1)) + 2, dtype=np.int32)
        roots[labels] = np.arange(n, dtype=np.int32)
        roots = roots[:-1]
        roots = roots[indptr[roots + 1] > indptr[roots]]
        # A node n that leads to every root makes one walk of them all.
        node, parent_node = breadth_first_order(
            as_matrix(
                np.append(indptr, np.int32(len(indices) + len(roots))),
                np.concatenate((indices, roots)),
            ),
            n,
        )
        self.trees = len(roots)
        """How many trees there are."""
        self.node: Int32s = node
        """The node at each position, int32[positions]; n for the made-up root."""
        self.parent_node: Int32s = parent_node
        """The parent of each node, as a node, int32[n + 1]; below 0 for nodes without links."""
        self.position = np.zeros(n + 1, dtype=np.int32)
        """The position of each node, int32[n + 1]; 0 for nodes without links."""
        self.position[node] = np.arange(len(node), dtype=np.int32)
        self.parent = gather(self.position, gather(parent_node, node))
        """The position of the parent of each position, int32[positions]; 0 for the first."""
        self.parent[0] = 0
        self._births = runs(self.parent[1:]) + 1  # the first child of each node that has any
        self._levels = self._level_starts()

    def __len__(self) -> int:
        """The number of positions: nodes with links, and the made-up root."""
        return len(self.node)

    def sizes(self) -> Int32s:
        """The number of nodes in the subtree of each position, itself among them."""
        size = np.ones(len(self), dtype=np.int32)
        self.fold(size, np.add)
        return size

    def fold(self, values: Int32s, combine: np.ufunc) -> None:
        """Make each value, in place, the combination of those of its whole subtree.

        `combine` is commutative and associative, such as np.minimum. The made-up root's value is
        of no use afterwards.
        """
        self._fold_deep(values, combine)
        births = self._births
        for start, end in reversed(list(pairwise(self._levels))):
            first, last = np.searchsorted(births, (start, end))
            parents = self.parent[births[first:last]]
            found = combine.reduceat(values[start:end], births[first:last] - start)
            values[parents] = combine(values[parents], found)

    def preorder(self, size: Int32s) -> Int32s:
        """The number of each position in a walk that finishes a subtree before the next one.

        The subtree of a position p has the numbers first[p] to first[p] + size[p] - 1.
        """
        # A child comes after its parent and its elder sisters' subtrees. The running total may
        # pass 32 bits, where it wraps round; the differences are right all the same.
        before = np.cumsum(size, dtype=np.int32) - size
        first = np.zeros(len(self), dtype=np.int32)
        family = np.diff(np.append(self._births, len(self)))
        first[1:] = before[1:] - np.repeat(before[self._births], family) + 1
        for start, end in pairwise(self._levels[1:]):
            first[start:end] += gather(first, self.parent[start:end])
        deep = self._levels[-1]
        own, above = first[deep:], self.parent[deep:].copy()
        known = int(np.searchsorted(above, np.int32(deep)))
        while known < len(above):
            step = above[known:] - np.int32(deep)
            own[known:] += gather(own, step)
            above[known:] = gather(above, step)
            known = int(np.searchsorted(above, np.int32(deep)))
        own += gather(first, above)
        return first

    def nearest(self, marked: Bools) -> Int32s:
        """For each position, which of the marked ones is the nearest at or above it.

        They are counted from 0 in order of position. The roots of the trees must be marked; the
        made-up root is left out of account.
        """
        number = np.cumsum(marked, dtype=np.int32) - np.int32(1)
        for start, end in pairwise(self._levels):
            inherited = gather(number, self.parent[start:end])
            np.copyto(number[start:end], inherited, where=~marked[start:end])
        deep = self._levels[-1]
        above = np.where(marked, np.arange(len(self), dtype=np.int32), self.parent)[deep:]
        while True:
            inside = np.flatnonzero(above >= deep)
            step = above[above[inside] - deep]
            if np.array_equal(step, above[inside]):
                break
            above[inside] = step
        number[deep:] = gather(number, above)
        return number

    def _fold_deep(self, values: Int32s, combine: np.ufunc) -> None:
        """Fold what lies below the last of the levels into that level."""
        start = self._levels[-1]
        above = self.parent[start:]
        while len(above):
            # In round k each value holds 2^k generations and takes in as many from below.
            births = runs(above)
            ancestors = above[births]
            found = combine.reduceat(values[start:], births)
            values[ancestors] = combine(values[ancestors], found)
            known = int(np.searchsorted(above, np.int32(start)))
            above = gather(above, above[known:] - np.int32(start))
            start += known

    def _level_starts(self) -> list[int]:
        """Where each of the first levels begins, and where the last of them ends."""
        starts = [1]
        while starts[-1] < len(self) and len(starts) <= _LEVELS:
            # The same width as the array, or all of it would be converted to look one up.
            starts.append(int(np.searchsorted(self.parent, np.int32(starts[-1]))))
        return starts


def gather(table: Int32s, index: Int32s) -> Int32s:
    """`table[index]`, for an index that is known to be inside the table, in half the time."""
    return np.take(table, index, mode="clip")


def runs(values: Int32s) -> NDArray[np.intp]:
    """Where each run of equal values begins."""
    if not len(values):
        return np.empty(0, dtype=np.intp)
    return np.concatenate(([0], np.flatnonzero(values[1:] != values[:-1]) + 1))
