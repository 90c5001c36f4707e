"""What the graph hangs on: nodes and links without which a component breaks, and what falls off.

The method is that of Tarjan and Vishkin ("An Efficient Parallel Biconnectivity Algorithm", SIAM
J. Comput. 14, 1985) as Dong, Wang, Gu and Sun put it ("Provably Fast and Space-Efficient Parallel
Biconnectivity", PPoPP 2023), over a breadth-first forest:

- number the forest in preorder, so that a subtree is a range of numbers;
- find the lowest and the highest number that each subtree reaches by cross links, those outside
  the forest;
- a forest link is a *fence* if the subtree below it reaches nothing outside its parent's subtree,
  and a bridge if it reaches nothing outside itself;
- what stays connected when the fences are taken out is a *block*. With the node above, its *head*,
  it is a biconnected component; a node is an articulation point if blocks hang from it.

In a breadth-first forest only forest links lead to an ancestor, so a cross link always joins two
subtrees, and needs no second look. Shapes of `indptr` and `indices`: see connectivity.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from linkgraph.index.connectivity import Int32s, Int64s, label_components
from linkgraph.index.spanning import Forest, gather, runs

_LINKS_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Points:
    """Articulation points: nodes whose removal breaks their component. Ascending by `node`."""

    node: Int32s
    """The node itself, int32[points]."""

    pieces: Int32s
    """How many pieces its component is in without it, 2 or more, int32[points]."""

    falls_off: Int64s
    """How many nodes are then outside the largest piece, itself not counted, int64[points]."""


@dataclass(frozen=True, slots=True)
class Bridges:
    """Links whose removal breaks their component. Ascending by (`a`, `b`)."""

    a: Int32s
    """The lower end, int32[bridges]."""

    b: Int32s
    """The higher end, int32[bridges]."""

    outer: Int32s
    """The end on the smaller side, `b` where both are of one size, int32[bridges]."""

    falls_off: Int64s
    """How many nodes the smaller side has, `outer` among them, int64[bridges]."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """All the single nodes and single links that hold a component together."""

    points: Points
    bridges: Bridges


def cuts(indptr: Int32s, indices: Int32s, labels: Int32s | None = None) -> Cuts:
    """The articulation points and bridges of the graph, each with what falls off without it.

    `labels`, int32[n], are the components of this very graph as `label_components` numbers them,
    where they are known already; a node without links may be below 0. Self links never matter.
    """
    if labels is None:
        labels = label_components(indptr, indices)
    forest = Forest(indptr, indices, labels)
    size = forest.sizes()
    first = forest.preorder(size)
    last = first + size - np.int32(1)
    a, b, low, high = _cross_links(indptr, indices, forest, first)
    # The links to the made-up root are none, but the trees below it are as good as fenced off.
    fence = (low >= gather(first, forest.parent)) & (high <= gather(last, forest.parent))
    fence[0] = False
    bridge = (low >= first) & (high <= last)
    bridge[: forest.trees + 1] = False
    roots = slice(1, forest.trees + 1)
    sizes = np.zeros(int(labels.max(initial=-1)) + 1, dtype=np.int64)  # of components with links
    sizes[labels[forest.node[roots]]] = size[roots]
    fences = np.flatnonzero(fence).astype(np.int32)
    # A block is the subtrees that the fences leave, as far as cross links join them. It is known
    # by its first fence; fences are counted from 0 in order of position.
    fence_above = forest.nearest(fence)
    block = _joined(len(fences), gather(fence_above, a), gather(fence_above, b))
    return Cuts(
        _points(forest, size, fences, block, labels, sizes),
        _bridges(forest, size, np.flatnonzero(bridge).astype(np.int32), labels, sizes),
    )


def _cross_links(
    indptr: Int32s, indices: Int32s, forest: Forest, first: Int32s
) -> tuple[Int32s, Int32s, Int32s, Int32s]:
    """The links outside the forest, and how far each subtree reaches by them.

    Returns the two positions of each link, and for each position the lowest and the highest
    preorder number that its subtree holds or reaches.
    """
    parent = forest.parent_node
    nears, fars = [np.empty(0, dtype=np.int32)], [np.empty(0, dtype=np.int32)]
    low, high = first.copy(), first.copy()
    starts = np.arange(0, len(indices), _LINKS_AT_ONCE, dtype=np.int32)
    blocks = np.unique(np.append(np.searchsorted(indptr, starts), len(indptr) - 1))
    # By blocks of rows: what a block needs stays in the cache, and memory stays small.
    for start, end in pairwise(blocks.tolist()):
        nodes = np.arange(start, end, dtype=np.int32)
        a = np.repeat(nodes, np.diff(indptr[start : end + 1]))
        b = indices[indptr[start] : indptr[end]]
        once = np.flatnonzero(a < b)
        a, b = a[once], b[once]
        cross = np.flatnonzero((gather(parent, a) != b) & (gather(parent, b) != a))
        a, b = gather(forest.position, a[cross]), gather(forest.position, b[cross])
        first_a, first_b = gather(first, a), gather(first, b)
        swap = first_a > first_b
        near, far = np.where(swap, b, a), np.where(swap, a, b)
        np.minimum.at(low, far, np.minimum(first_a, first_b))
        np.maximum.at(high, near, np.maximum(first_a, first_b))
        nears.append(near)
        fars.append(far)
    forest.fold(low, np.minimum)
    forest.fold(high, np.maximum)
    return np.concatenate(nears), np.concatenate(fars), low, high


def _joined(count: int, a: Int32s, b: Int32s) -> Int32s:
    """The components of `count` nodes linked by the pairs (a, b): of each node, its lowest one.

    Hooking and jumping (Shiloach and Vishkin 1982): the higher end of each pair goes below the
    lower one, whichever pair says so last. Tops that are then still paired with another are a
    smaller graph of the same kind.
    """
    lowest = np.arange(count, dtype=np.int32)
    a, b = _unequal(a, b)
    lowest[np.maximum(a, b)] = np.minimum(a, b)
    while not np.array_equal(lowest, jumped := gather(lowest, lowest)):
        lowest = jumped
    a, b = _unequal(gather(lowest, a), gather(lowest, b))
    if len(a):
        tops, place = np.unique(np.concatenate((a, b)), return_inverse=True)
        pairs = place.astype(np.int32).reshape(2, -1)
        lowest[tops] = tops[_joined(len(tops), pairs[0], pairs[1])]
        lowest = gather(lowest, lowest)
    return lowest


def _unequal(a: Int32s, b: Int32s) -> tuple[Int32s, Int32s]:
    """The pairs of two different nodes."""
    unequal = np.flatnonzero(a != b)
    return a[unequal], b[unequal]


def _points(
    forest: Forest, size: Int32s, fences: Int32s, block: Int32s, labels: Int32s, sizes: Int64s
) -> Points:
    """The articulation points, from the fences' positions and the blocks below them."""
    # A fence inside its block has its parent there too; only those below the head count.
    above = forest.parent[fences]
    hanging = above == above[block]
    weight = np.zeros(len(fences), dtype=np.int64)
    np.add.at(weight, block[hanging], size[fences[hanging]].astype(np.int64))
    # Without the trees' own roots, which hang from nothing; they are the first fences.
    leading = np.flatnonzero(block == np.arange(len(block), dtype=np.int32))
    leading = leading[leading >= forest.trees]
    head, weight = above[leading], weight[leading]
    each = runs(head)
    head = head[each]
    # What does not hang from the head holds its parent, unless it has none.
    is_root = head <= forest.trees
    pieces = np.diff(np.append(each, len(leading))) + ~is_root
    node = forest.node[head]
    total = sizes[labels[node]] - 1
    largest = np.maximum(np.maximum.reduceat(weight, each), total - np.add.reduceat(weight, each))
    keep = np.flatnonzero(pieces > 1)
    keep = keep[np.argsort(node[keep])]
    return Points(node[keep], pieces[keep].astype(np.int32), (total - largest)[keep])


def _bridges(forest: Forest, size: Int32s, below: Int32s, labels: Int32s, sizes: Int64s) -> Bridges:
    """The bridges, from the positions of their lower ends in the forest."""
    child, parent = forest.node[below], forest.node[forest.parent[below]]
    a, b = np.minimum(child, parent), np.maximum(child, parent)
    order = np.argsort(a.astype(np.int64) << 32 | b)
    child_side = size[below].astype(np.int64)
    parent_side = sizes[labels[child]] - child_side
    outer = np.where(child_side < parent_side, child, np.where(child_side > parent_side, parent, b))
    return Bridges(a[order], b[order], outer[order], np.minimum(child_side, parent_side)[order])
