"""Cards that are all connected: each hub with its rings, and all hubs set by forces."""

import numpy as np

from linkgraph.pictures.drawing import Drawing
from linkgraph.pictures.forces import (
    Pairs,
    Points,
    around,
    crossings,
    distances,
    laid_flat,
    settle,
    spread,
)
from linkgraph.pictures.satellites import hubs, rings
from linkgraph.pictures.spacing import fitting, lying_on_lines, off_lines, pushed_apart

PROPORTION = 1.5
"""Pictures are wider than high, as boxes and screens are."""
_LINE = 46.0
"""How much of a line should be seen between two cards."""
_TURNS = 4
"""How often distances are reckoned anew from the directions that came of them."""
_FEW = 80
"""Up to so many cards there is time to try more than one start, and to free lines of cards."""
_TRIES = 12
_BEST = 4


class Piece:
    """Cards that are all connected with each other."""

    def __init__(
        self,
        drawing: Drawing,
        cards: list[int],
        neighbours: list[set[int]],
        sizes: Points,
        gap: float,
    ) -> None:
        inside = {card: place for place, card in enumerate(cards)}
        self.sizes, self.gap = sizes[cards], gap
        self.neighbours = [{inside[other] for other in neighbours[card]} for card in cards]
        drawn = [drawing.cards[card] for card in cards]
        focus = {place for place, card in enumerate(drawn) if card.is_focus}
        self.hubs = {hub.card: hub for hub in hubs(self.neighbours, [c.ref for c in drawn], focus)}
        self.satellites = {card for hub in self.hubs.values() for card in hub.satellites}
        self.core = [card for card in range(len(cards)) if card not in self.satellites]
        place = {card: number for number, card in enumerate(self.core)}
        self.pairs: Pairs = tuple(
            (place[a], place[b])
            for a in self.core
            for b in sorted(self.neighbours[a])
            if a < b and b in place
        )
        self.centre = next((place[card] for card in self.core if card in focus), None)
        if drawing.shape != "neighbourhood":
            self.centre = None

    def centres(self) -> Points:
        """The core by forces first: only then is it known which way lines leave the hubs."""
        stretch = np.array([PROPORTION, 1.0])
        rings = [self._rings(card, np.zeros((0, 2))) for card in self.core]
        _, extents = self._extents(rings)
        points = self._settled(extents / stretch) * stretch
        rings = [self._rings(c, self._directions(n, points)) for n, c in enumerate(self.core)]
        middles, extents = self._extents(rings)
        points *= min(1.1, fitting(points + middles, extents + self.gap, len(self.core) // 8))
        points = pushed_apart(points + middles, extents, self.gap)
        if len(self.core) <= _FEW:
            points = off_lines(points, extents, self.pairs, self.gap)
        points -= middles
        centres = np.zeros_like(self.sizes)
        centres[self.core] = points
        for place, card in enumerate(self.core):
            if card in self.hubs:
                centres[list(self.hubs[card].satellites)] = points[place] + rings[place]
        return centres

    def _settled(self, extents: Points) -> Points:
        """The core's cards, so far apart that their rings have room and their lines are seen."""
        radii = np.sqrt(np.prod(extents, axis=1)) / 2
        lengths = np.array([radii[a] + radii[b] + _LINE for a, b in self.pairs])
        wanted = distances(self.pairs, lengths, len(self.core))
        settled = [settle(start, wanted, self.centre) for start in self._starts(wanted)]
        settled.sort(key=lambda points: crossings(points, self.pairs))
        best = settled[: _BEST if len(self.core) <= _FEW else 1]
        return min(
            (self._spaced(laid_flat(points), extents) for points in best),
            key=lambda points: self._tangle(points, extents),
        )

    def _starts(self, wanted: Points) -> list[Points]:
        """First guesses: where forces end depends on where they begin."""
        middle = self.centre
        if middle is None:
            middle = int(np.bincount(np.ravel(self.pairs).astype(int), minlength=1).argmax())
        starts = [spread(wanted), around(middle, wanted, self._walk(middle))]
        if len(self.core) <= _FEW:
            chance = np.random.default_rng(len(self.core))  # always the same
            orders = [chance.permutation(len(self.core)).tolist() for _ in range(_TRIES)]
            starts += [around(middle, wanted, order) for order in orders]
        return starts

    def _spaced(self, points: Points, extents: Points) -> Points:
        """Points moved so that boxes have room in just the directions in which they stand."""
        for _ in range(_TURNS):
            apart = _apart(points, extents, self.gap / PROPORTION)
            lengths = np.array([apart[a, b] for a, b in self.pairs]) + _LINE / PROPORTION
            wanted = distances(self.pairs, lengths, len(self.core))
            points = settle(points, np.maximum(wanted, apart), self.centre)
        return points

    def _tangle(self, points: Points, extents: Points) -> float:
        """How hard a picture is to read: lines that cross or run under boxes; towers, too."""
        faults = crossings(points, self.pairs) + 2 * lying_on_lines(points, extents, self.pairs)
        low, high = (points - extents / 2).min(axis=0), (points + extents / 2).max(axis=0)
        across, down = high - low
        return float((faults + 1) * max(1, down / across) ** 2)

    def _walk(self, start: int) -> list[int]:
        """The core depth first: what hangs together follows each other."""
        following: list[set[int]] = [set() for _ in self.core]
        for a, b in self.pairs:
            following[a].add(b)
            following[b].add(a)
        seen: dict[int, None] = {}
        waiting = [start]
        while waiting:
            place = waiting.pop()
            if place not in seen:
                seen[place] = None
                waiting.extend(sorted(following[place] - seen.keys(), reverse=True))
        return list(seen)

    def _rings(self, card: int, lines: Points) -> Points:
        hub = self.hubs.get(card)
        if hub is None:
            return np.zeros((0, 2))
        box = self.sizes[list(hub.satellites)].max(axis=0)
        return rings(len(hub.satellites), box, self.sizes[card], self.gap, lines)

    def _directions(self, place: int, points: Points) -> Points:
        """Which way the lines to other cards of the core leave a card."""
        others = [b if a == place else a for a, b in self.pairs if place in (a, b)]
        away = points[others] - points[place]
        length = np.maximum(np.hypot(away[:, :1], away[:, 1:]), 1e-9)
        directions: Points = away / length
        return directions

    def _extents(self, placed: list[Points]) -> tuple[Points, Points]:
        """Middle (from the card's centre) and size of each core card with its satellites."""
        middles, extents = [], []
        for card, ring in zip(self.core, placed, strict=True):
            cards = [card, *(self.hubs[card].satellites if card in self.hubs else ())]
            at = np.concatenate([np.zeros((1, 2)), ring])
            low = (at - self.sizes[cards] / 2).min(axis=0)
            high = (at + self.sizes[cards] / 2).max(axis=0)
            middles.append((low + high) / 2)
            extents.append(high - low)
        return np.array(middles), np.array(extents)


def _apart(points: Points, extents: Points, gap: float) -> Points:
    """How far apart any two boxes must be, in the direction in which they stand, not to touch."""
    away = np.abs(points[:, None] - points[None, :])
    away /= np.maximum(np.hypot(away[..., :1], away[..., 1:]), 1e-9)
    reach = (extents[:, None] + extents[None, :]) / 2 + gap
    apart: Points = (reach / np.maximum(away, 1e-9)).min(axis=2)
    np.fill_diagonal(apart, 0)
    return apart
