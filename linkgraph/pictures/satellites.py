"""Cards that belong to one other card only, set on tidy rings around it.

Most cards of a CRM are such: a company's hundred leads, a contact's one deal. Forces would make a
cloud of them; set in rings, they can be read one after another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from linkgraph.model import Ref
from linkgraph.pictures.forces import Points

_FIRST = (46.0, 40.0)
"""Room between a hub and its first ring, across and down, where the lines are seen."""
_SLANT = np.sqrt(2)
"""Ellipses whose axes differ by so many boxes are everywhere a box apart."""
_LIFTS = (1.0, 1.4, 1.9)
"""How much higher than the boxes' own proportions a ring may be."""
_WIDEST = 1.8
_GROWTH = 1.08
_FEW = 0.55
"""Where lines leave less of a ring than this free, boxes are put on the lines after all."""
_SAMPLES = 720


@dataclass(frozen=True, slots=True)
class Hub:
    """A card and its satellites, in the order in which they go round."""

    card: int
    satellites: tuple[int, ...]


def hubs(neighbours: Sequence[set[int]], refs: Sequence[Ref], fixed: set[int]) -> list[Hub]:
    """Which cards are satellites of which: those that link to it alone, single or in pairs.

    Cards in `fixed` (the focus) are nobody's satellites.
    """
    taken: dict[int, int] = {}
    found = []
    order = sorted(range(len(refs)), key=lambda card: (-len(neighbours[card]), _key(refs[card])))
    for hub in order:
        if hub in taken:
            continue
        groups = []
        for card in neighbours[hub]:
            others = neighbours[card] - {hub}
            mate = next(iter(others), card)
            alone = len(others) <= 1 and neighbours[mate] <= {hub, card}
            alone = alone and (mate == card or hub in neighbours[mate])
            if alone and not {card, mate, hub} & (taken.keys() | (fixed - {hub})):
                groups.append(tuple(sorted({card, mate}, key=lambda c: _key(refs[c]))))
        groups = sorted(set(groups), key=lambda group: (len(group), _key(refs[group[0]])))
        satellites = tuple(card for group in groups for card in group)
        taken.update(dict.fromkeys(satellites, hub))
        if satellites:
            found.append(Hub(hub, satellites))
            taken[hub] = hub
    return found


def _key(ref: Ref) -> tuple[int, int, int]:
    return ref.type.rank, ref.catalog_id, ref.id


def rings(count: int, box: Points, hub: Points, gap: float, lines: Points) -> Points:
    """Places for `count` boxes around a hub, as offsets of their centres from its.

    Args:
        box: the width and height of each.
        hub: the hub's own.
        gap: what stays free between two.
        lines: the directions of lines that leave the hub and shall be seen: no box is put there.

    Of one and more rings, narrow and wide, the smallest that has room for all.
    """
    room = box + gap
    first = (hub + box) / 2 + np.maximum(np.array(_FIRST), gap)
    best: tuple[float, list[_Ring]] | None = None
    for number, lift in product(range(1, 10), _LIFTS):
        for stretch in _GROWTH ** np.arange(40):
            inmost = first * stretch * (1, lift)
            axes = [inmost + room * _SLANT * (1, lift) * inner for inner in range(number)]
            across, down = axes[-1] + box / 2
            size = across * down * (1 + (number - 1) / 2) * max(1, across / down / _WIDEST)
            if best is not None and size >= best[0]:
                break
            candidates = [_Ring(axis, room, lines) for axis in axes]
            # The bound is had for little, and tells most of those that are too small.
            if sum(ring.bound for ring in candidates) < count:
                continue
            if sum(ring.capacity for ring in candidates) >= count:
                best = (size, candidates)
                break
    assert best is not None  # a ring can be stretched to have room for any number
    return _filled(best[1], count)


def _filled(candidates: "list[_Ring]", count: int) -> Points:
    """As full as each other: the rest of the division goes to the outer rings."""
    capacities = np.array([ring.capacity for ring in candidates])
    shares = np.floor(count * capacities / capacities.sum()).astype(int)
    for ring in reversed(range(len(shares))):
        more = min(count - int(shares.sum()), int(capacities[ring] - shares[ring]))
        shares[ring] += more
    places = [ring.points(int(n)) for ring, n in zip(candidates, shares, strict=True) if n]
    return np.concatenate(places)


class _Ring:
    """An ellipse around a hub, and how many boxes stand on it without touching."""

    def __init__(self, axes: Points, room: Points, lines: Points) -> None:
        self.room = room
        angles = np.linspace(0, 2 * np.pi, _SAMPLES, endpoint=False)
        points = np.column_stack([np.cos(angles), np.sin(angles)]) * axes
        self.free = ~_in_the_way(points, room, lines)
        if self.free.mean() < _FEW:
            self.free[:] = True
        start = self._start(points)
        self.path, self.free = np.roll(points, -start, axis=0), np.roll(self.free, -start)
        steps = np.abs(np.diff(self.path, axis=0, append=self.path[:1])) / room
        self.way = np.concatenate([[0], np.cumsum(steps.max(axis=1) * self.free)])
        self.bound = max(int(self.way[-1]), 1)

    def _start(self, points: Points) -> int:
        """Begin below the widest gap, so that boxes lie evenly on both its sides."""
        if self.free.all():
            return int(points[:, 1].argmin())
        # The widest run of samples that are not free, on a circle.
        taken = np.concatenate([~self.free, ~self.free])
        ends = np.flatnonzero(taken[:-1] & ~taken[1:])
        starts = np.flatnonzero(~taken[:-1] & taken[1:]) + 1
        runs = [(ends[ends >= s].min() - s, s) for s in starts if (ends >= s).any()]
        length, begin = max(runs)
        return int(begin + length // 2) % len(points)

    @cached_property
    def capacity(self) -> int:
        """How many boxes there is room for."""
        most = self.bound
        while most > 1 and not self._fits(most):
            most -= 1
        return most

    def _fits(self, count: int) -> bool:
        points = self.points(count)
        apart = (np.abs(points - np.roll(points, 1, axis=0)) >= self.room - 1e-6).any(axis=1)
        return bool(apart.all())

    def points(self, count: int) -> Points:
        """So many boxes, evenly along the ring."""
        if count == 1 and self.free.all():
            return self.path[[len(self.path) // 4]]
        along = (np.arange(count) + 0.5) / count * self.way[-1]
        samples = np.searchsorted(self.way, along, side="left") - 1
        places: Points = self.path[np.clip(samples, 0, len(self.path) - 1)]
        return places


def _in_the_way(
    points: Points, room: Points, lines: Points
) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which places are such that a box there would lie on one of the lines."""
    taken = np.zeros(len(points), dtype=bool)
    for line in lines:
        across = np.array([-line[1], line[0]])
        reach = np.abs(across) @ room / 2
        taken |= (np.abs(points @ across) < reach) & (points @ line > 0)
    return taken
