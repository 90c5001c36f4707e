"""Where everything stands. The same drawing always gives the same picture.

A path goes from left to right. Anything else is taken apart into its connected pieces; in each,
cards that belong to one other card alone go on rings around it, the rest is settled by forces,
around the focus if there is one.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from linkgraph.pictures.boxes import Box, box_of, scale_for
from linkgraph.pictures.curves import Curve, curves, waves
from linkgraph.pictures.drawing import Drawing
from linkgraph.pictures.forces import Points
from linkgraph.pictures.layers import columns
from linkgraph.pictures.pieces import PROPORTION, Piece
from linkgraph.pictures.spacing import pushed_apart, side_by_side


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes by card and curves by link, in the order of the drawing, in a frame from (0, 0)."""

    boxes: tuple[Box, ...]
    centres: tuple[tuple[float, float], ...]
    curves: tuple[Curve, ...]
    width: float
    height: float


def layout(drawing: Drawing) -> Layout:
    """Find a place for each card and a way for each link."""
    scale = scale_for(drawing)
    boxes = tuple(box_of(card, scale) for card in drawing.cards)
    if not boxes:
        return Layout((), (), (), 0, 0)
    sizes = np.array([(box.width, box.height) for box in boxes])
    neighbours = _neighbours(drawing)
    spokes: set[int] = set()
    if drawing.shape == "path":
        ringed = [card.ring for card in drawing.cards]
        centres = columns(ringed, neighbours, sizes, scale.gap)
    else:
        centres, spokes = _in_pieces(drawing, neighbours, sizes, scale.gap)
    centres = pushed_apart(centres, sizes, scale.gap)
    corner = (centres - sizes / 2).min(axis=0)
    centres -= corner
    extent = (centres + sizes / 2).max(axis=0)
    if drawing.shape == "path":
        lines = waves(centres, sizes, drawing.pairs)
    else:
        lines = curves(centres, sizes, drawing.pairs, spokes)
    return Layout(
        boxes,
        tuple((float(x), float(y)) for x, y in centres),
        tuple(lines),
        float(extent[0]),
        float(extent[1]),
    )


def _neighbours(drawing: Drawing) -> list[set[int]]:
    neighbours: list[set[int]] = [set() for _ in drawing.cards]
    for a, b in drawing.pairs:
        neighbours[a].add(b)
        neighbours[b].add(a)
    return neighbours


def _in_pieces(
    drawing: Drawing, neighbours: list[set[int]], sizes: Points, gap: float
) -> tuple[Points, set[int]]:
    """Each connected piece by itself, all side by side; and which cards stand on rings."""
    spokes: set[int] = set()
    centres = np.zeros_like(sizes)
    pieces = _pieces(drawing)
    extents = []
    for cards in pieces:
        piece = Piece(drawing, cards, neighbours, sizes, gap)
        placed = piece.centres()
        corner = (placed - sizes[cards] / 2).min(axis=0)
        centres[cards] = placed - corner
        spokes |= {cards[place] for place in piece.satellites}
        extents.append((placed + sizes[cards] / 2).max(axis=0) - corner)
    corners = side_by_side(np.array(extents), 3 * gap, PROPORTION)
    for cards, corner in zip(pieces, corners, strict=True):
        centres[cards] += corner
    return centres, spokes


def _pieces(drawing: Drawing) -> list[list[int]]:
    count = len(drawing.cards)
    ends = np.array(drawing.pairs, dtype=int).reshape(-1, 2)
    links = csr_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count))
    number, labels = connected_components(links, directed=False)
    return [np.flatnonzero(labels == label).tolist() for label in range(number)]
