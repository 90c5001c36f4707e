"""Cards that share values, joined into groups around one of them each: arrays in, arrays out.

Cards and values are numbers from 0 on. A step joins two cards that share a value; a card's way goes
to the survivor of its group in the fewest steps.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

Longs = NDArray[np.int64]


class Ties(NamedTuple):
    """The pairs of cards that share a value, each once, the lower card first; int64[pairs]."""

    a: Longs
    b: Longs
    shared: Longs
    """How many values they share"""
    value: Longs
    """The lowest of these"""


class Ways(NamedTuple):
    """For each card its way to the survivor of its group; int64[cards], 0 steps for a survivor."""

    survivor: Longs
    steps: Longs
    via: Longs
    """The next card on the way"""
    tie: Longs
    """The tie with that card"""
    weakest: Longs
    """The tie on the way that rests on the fewest values, of several the one nearest the end"""


def ties_of(values: Longs, cards: Longs) -> Ties:
    """The pairs of cards that share values.

    Args:
        values: A value for each time that a card carries one, ascending.
        cards: The card that carries it, ascending in a value.
    """
    starts = np.flatnonzero(np.diff(values, prepend=-1))
    sizes = np.diff(np.append(starts, len(values)))
    parts = [np.empty((3, 0), np.int64)]
    for size in np.unique(sizes[sizes > 1]).tolist():
        of_size = starts[sizes == size]
        carriers = cards[of_size[:, None] + np.arange(size)]
        one, other = np.triu_indices(size, 1)
        value = np.repeat(values[of_size], len(one))
        parts.append(np.stack((carriers[:, one].ravel(), carriers[:, other].ravel(), value)))
    a, b, value = np.concatenate(parts, axis=1)
    order = np.lexsort((value, b, a))
    a, b, value = a[order], b[order], value[order]
    new = np.flatnonzero(np.diff(a, prepend=-1) | np.diff(b, prepend=-1))
    return Ties(a[new], b[new], np.diff(np.append(new, len(a))), value[new])


def labels_of(ties: Ties, cards: int) -> Longs:
    """The group of each card, numbered from 0 on; int64[cards]."""
    joined = sparse.coo_array((np.ones(len(ties.a), np.int8), (ties.a, ties.b)), (cards, cards))
    labels: Longs = csgraph.connected_components(joined, directed=False)[1].astype(np.int64)
    return labels


def ways_of(ties: Ties, labels: Longs, survivors: Longs) -> Ways:
    """Every card's way.

    Args:
        ties: Between the cards.
        labels: The group of each card.
        survivors: The survivor of each group. Every other card has a tie.
    """
    steps = _steps(ties, len(labels), survivors)
    near, far = np.append(ties.a, ties.b), np.append(ties.b, ties.a)
    number = np.tile(np.arange(len(ties.a)), 2)
    closer = np.flatnonzero(steps[near] + 1 == steps[far])
    near, far, number = near[closer], far[closer], number[closer]
    order = np.lexsort((near, -ties.shared[number], far))
    best = order[np.flatnonzero(np.diff(far[order], prepend=-1))]
    via, tie = np.arange(len(labels)), np.full(len(labels), -1)
    via[far[best]], tie[far[best]] = near[best], number[best]
    return Ways(survivors[labels], steps, via, tie, _weakest(ties, steps, via, tie))


def _steps(ties: Ties, cards: int, survivors: Longs) -> Longs:
    """How many steps each card is away from its survivor: one search from all of them at once."""
    root = np.full(len(survivors), cards)  # a card before all survivors
    rows = np.concatenate((ties.a, ties.b, root))
    columns = np.concatenate((ties.b, ties.a, survivors))
    graph = sparse.csr_array((np.ones(len(rows), np.int8), (rows, columns)), (cards + 1, cards + 1))
    before = csgraph.breadth_first_order(graph, cards, directed=True)[1].astype(np.int64)
    before[cards] = cards
    steps = np.ones(cards + 1, np.int64)
    steps[cards] = 0
    while (before != cards).any():  # each round looks twice as far
        steps += steps[before]
        before = before[before]
    return steps[:cards] - 1


def _weakest(ties: Ties, steps: Longs, via: Longs, tie: Longs) -> Longs:
    """The weakest tie of each way; -1 for a survivor."""
    rank = (ties.shared[tie] << 32) + steps if len(ties.a) else np.zeros(len(tie), np.int64)
    rank[tie < 0] = np.iinfo(np.int64).max
    weakest, ahead = tie.copy(), via
    while (ahead != ahead[ahead]).any():  # each round looks twice as far
        weaker = rank[ahead] < rank
        weakest = np.where(weaker, weakest[ahead], weakest)
        rank = np.minimum(rank, rank[ahead])
        ahead = ahead[ahead]
    return weakest
