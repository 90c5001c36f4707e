"""The lines: straight where they can be, bent round the cards in their way where they cannot."""

import math
from collections.abc import Container
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from linkgraph.pictures.forces import Pairs, Points

_BENDS = (0.0, 0.08, -0.08, 0.16, -0.16, -0.26, 0.26)
_FARTHEST = 130.0
_SAMPLES = np.linspace(0, 1, 33)
_FINE = [share / 100 for share in range(101)]

Place: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """A cubic curve from the centre of one card to that of another, by its four points."""

    start: Place
    leaving: Place
    arriving: Place
    end: Place

    def at(self, share: float) -> Place:
        """The point at a share of the way, 0 to 1."""
        rest = 1 - share
        parts = (rest**3, 3 * rest**2 * share, 3 * rest * share**2, share**3)
        points = (self.start, self.leaving, self.arriving, self.end)
        x, y = (sum(parts[i] * points[i][axis] for i in range(4)) for axis in (0, 1))
        return x, y

    def leaves(self, box: tuple[float, float]) -> float:
        """The share of the way at which it comes out of a box around its start."""
        return next((share for share in _FINE if not _within(self.at(share), self.start, box)), 0.5)

    def arrives(self, box: tuple[float, float]) -> float:
        """The share of the way at which it comes into a box around its end."""
        back = reversed(_FINE)
        return next((share for share in back if not _within(self.at(share), self.end, box)), 0.5)

    def near(self, leaves: float, arrives: float, off: float, *, at_start: bool) -> Place:
        """A point between two shares of the way, `off` from the one or the other of them."""
        seen = math.dist(self.at(leaves), self.at(arrives))
        step = min(off / max(seen, 1e-9), 0.5) * (arrives - leaves)
        return self.at(leaves + step if at_start else arrives - step)


def curves(centres: Points, sizes: Points, pairs: Pairs, spokes: Container[int]) -> list[Curve]:
    """A line for each pair, past as many of the other boxes as can be.

    The lines of `spokes`, cards on rings around a hub, are straight: bent ones would be a tangle.
    """
    return [
        _bent(centres[a], centres[b], (centres[a] + centres[b]) / 2)
        if a in spokes or b in spokes
        else _curve(centres, sizes, a, b)
        for a, b in pairs
    ]


def waves(centres: Points, sizes: Points, pairs: Pairs) -> list[Curve]:
    """Lines between columns, which leave and arrive level."""
    return [
        _wave(centres[a], centres[b])
        if abs(centres[a, 0] - centres[b, 0]) > (sizes[a, 0] + sizes[b, 0]) / 2
        else _curve(centres, sizes, a, b)
        for a, b in pairs
    ]


def _wave(start: Points, end: Points) -> Curve:
    half = np.array([(end[0] - start[0]) / 2, 0])
    return Curve(_point(start), _point(start + half), _point(end - half), _point(end))


def _bent(start: Points, end: Points, bend: Points) -> Curve:
    """The curve that is pulled towards one point."""
    leaving, arriving = start + (bend - start) * 2 / 3, end + (bend - end) * 2 / 3
    return Curve(_point(start), _point(leaving), _point(arriving), _point(end))


def _curve(centres: Points, sizes: Points, a: int, b: int) -> Curve:
    start, end = centres[a], centres[b]
    along = end - start
    length = max(float(np.hypot(*along)), 1e-9)
    across = np.array([-along[1], along[0]]) / length
    reach = min(_BENDS[-1] * length, _FARTHEST)
    low, high = np.minimum(start, end) - reach, np.maximum(start, end) + reach
    others = ((centres + sizes / 2 > low) & (centres - sizes / 2 < high)).all(axis=1)
    others[[a, b]] = False
    bends = np.clip(np.array(_BENDS) * length, -_FARTHEST, _FARTHEST)
    # The control point lies twice as far out as the curve gets.
    middles = (start + end) / 2 + across * bends[:, None] * 2
    straight = _hits(start, middles[:1], end, centres[others], sizes[others])
    if straight[0] == 0:
        return _bent(start, end, middles[0])
    hits = _hits(start, middles, end, centres[others], sizes[others])
    # A wide bend must be worth it: one that only spares one card of many is but a detour.
    best = int(np.argmin(hits * (1 / max(straight[0], 1)) + np.abs(_BENDS)))
    return _bent(start, end, middles[best])


def _hits(start: Points, middles: Points, end: Points, centres: Points, sizes: Points) -> Points:
    """How many boxes each of the curves, given by their control points, runs through."""
    t = _SAMPLES[None, :, None]
    points = (1 - t) ** 2 * start + 2 * t * (1 - t) * middles[:, None, :] + t**2 * end
    inside = np.abs(points[:, :, None, :] - centres) < sizes / 2 + 2
    through = np.logical_and(inside[..., 0], inside[..., 1])
    hits: Points = np.count_nonzero(through.any(axis=1), axis=1).astype(float)
    return hits


def _within(point: Place, centre: Place, box: tuple[float, float]) -> bool:
    return all(abs(point[i] - centre[i]) <= box[i] / 2 for i in (0, 1))


def _point(values: Points) -> Place:
    return float(values[0]), float(values[1])
