"""Room between boxes: pushing apart what lies over each other, and setting pieces side by side."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from linkgraph.pictures.forces import Pairs, Points

Places: TypeAlias = npt.NDArray[np.int64]
_ROUNDS = 60
_STRETCH = 1.05
_TURNS = 24
_AWAY = 0.35


def overlaps(centres: Points, sizes: Points, gap: float = 0) -> bool:
    """Whether any two boxes lie over each other or nearer than `gap`."""
    return len(_touching(centres, *_reaches(sizes + gap))[0]) > 0


def pushed_apart(centres: Points, sizes: Points, gap: float) -> Points:
    """Centres moved as little as it takes for no two boxes to be nearer than `gap`.

    Each round moves every two that overlap apart, the way that is shorter. Should they block each
    other for long, all is stretched a little, which ends in the end.
    """
    reaches = _reaches(sizes + gap)
    turn = 0
    while True:
        a, b, depth = _touching(centres, *reaches)
        if not len(a):
            return centres
        across = depth[:, 0] < depth[:, 1]
        # A bit more than half of it each, so that the last hairbreadth goes too.
        push = np.where(np.column_stack([across, ~across]), depth * 0.51 + 0.01, 0)
        push *= np.where(centres[a] < centres[b], -1, 1)  # those on one place part too
        moves, crowd = np.zeros_like(centres), np.ones(len(centres))
        np.add.at(moves, a, push)
        np.add.at(moves, b, -push)
        np.add.at(crowd, np.concatenate([a, b]), 0.3)
        centres = centres + moves / np.sqrt(crowd)[:, None]
        turn += 1
        if turn % _ROUNDS == 0:
            centres = centres * _STRETCH


def _reaches(sizes: Points) -> tuple[Places, Places, Points]:
    """Any two boxes, and how far apart their centres must be, across or down."""
    a, b = np.triu_indices(len(sizes), 1)
    return a, b, (sizes[a] + sizes[b]) / 2


def _touching(
    centres: Points, a: Places, b: Places, reach: Points
) -> tuple[Places, Places, Points]:
    """Which boxes lie over each other, and how deep, across and down."""
    across = centres[:, 0]
    near = np.flatnonzero(np.abs(across[a] - across[b]) < reach[:, 0] - 1e-9)
    a, b = a[near], b[near]
    depth = reach[near] - np.abs(centres[a] - centres[b])
    touching = depth[:, 1] > 1e-9
    return a[touching], b[touching], depth[touching]


def off_lines(centres: Points, sizes: Points, pairs: Pairs, gap: float) -> Points:
    """Centres moved so that fewer boxes lie on lines between two others."""
    if not pairs:
        return centres
    best, fewest = centres, np.inf
    for _ in range(_TURNS):
        push, number = _off(centres, sizes + gap, np.asarray(pairs))
        if number < fewest:
            best, fewest = centres, number
        if not number:
            break
        centres = pushed_apart(centres + push, sizes, gap)
    return best


def lying_on_lines(centres: Points, sizes: Points, pairs: Pairs) -> int:
    """How many times a box lies on a line between two others."""
    return _off(centres, sizes, np.asarray(pairs))[1] if pairs else 0


def _off(centres: Points, sizes: Points, pairs: Places) -> tuple[Points, int]:
    """How to move each box off the lines it lies on, and how many times one does."""
    start, end = centres[pairs[:, 0]], centres[pairs[:, 1]]
    along = end - start
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    along = along / length
    across = np.column_stack([-along[:, 1], along[:, 0]])
    to = centres[None, :, :] - start[:, None, :]
    off = (to * across[:, None]).sum(axis=2)
    share = (to * along[:, None]).sum(axis=2) / length
    depth = np.abs(across) @ sizes.T / 2 - np.abs(off)
    lies = (depth > 0) & (share > 0) & (share < 1)
    lines = np.arange(len(pairs))
    lies[lines, pairs[:, 0]] = lies[lines, pairs[:, 1]] = False
    away = np.where(lies, depth * np.where(off < 0, -1, 1), 0)[:, :, None] * across[:, None]
    push = away.sum(axis=0) * _AWAY
    # The line gives way too.
    np.add.at(push, pairs[:, 0], -away.sum(axis=1) * _AWAY / 3)
    np.add.at(push, pairs[:, 1], -away.sum(axis=1) * _AWAY / 3)
    return push, int(lies.sum())


def fitting(centres: Points, sizes: Points, spared: int) -> float:
    """By how much to stretch or shrink all, so that at most `spared` pairs of boxes overlap."""
    a, b = np.triu_indices(len(sizes), 1)
    if not len(a):
        return 1.0
    ratios = (sizes[a] + sizes[b]) / 2 / np.maximum(np.abs(centres[a] - centres[b]), 1e-9)
    needed = np.sort(ratios.min(axis=1))[::-1]
    return float(needed[min(spared, len(needed) - 1)])


def side_by_side(sizes: Points, gap: float, proportion: float) -> Points:
    """Corners for pieces set in rows, the tallest first, together about so wide to so high."""
    widths = np.cumsum(np.sort(sizes[:, 0])[::-1] + gap)
    tried = [_rows(sizes, gap, across) for across in widths]

    def misfit(corners: Points) -> float:
        across, down = (corners + sizes).max(axis=0)
        return max(float(across) / proportion, float(down))

    return min(tried, key=misfit)


def _rows(sizes: Points, gap: float, across: float) -> Points:
    corners = np.zeros_like(sizes)
    left = top = height = 0.0
    for place in np.argsort(-sizes[:, 1], kind="stable"):
        if left > 0 and left + sizes[place, 0] > across - gap + 1e-6:
            left, top, height = 0.0, top + height + gap, 0.0
        corners[place] = left, top
        left += sizes[place, 0] + gap
        height = max(height, sizes[place, 1])
    return corners
