"""Places for cards whose distances in the picture are to be like their distances in the graph.

Stress majorization (Gansner, Koren and North): each step is a matrix product, so a few hundred
cards take a few hundredths of a second, and nothing is left to chance.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path
from scipy.spatial.distance import cdist

Points: TypeAlias = npt.NDArray[np.float64]
Pairs: TypeAlias = tuple[tuple[int, int], ...]

_STEPS = 250
_CENTRED = 10.0
_LINES = 300
_GOLDEN = np.pi * (3 - np.sqrt(5))


def distances(pairs: Pairs, lengths: Points, count: int) -> Points:
    """How far apart any two points are along the links, all of which are connected."""
    if not pairs:
        return np.zeros((count, count))
    a, b = np.asarray(pairs).T
    links = csr_array((lengths, (a, b)), shape=(count, count))
    found: Points = shortest_path(links, directed=False)
    return found


def spread(wanted: Points) -> Points:
    """A first guess by classical scaling: the plane that shows most of the distances.

    Points that fall on one place there are put on a small spiral, so that they can part.
    """
    count = len(wanted)
    centring = np.eye(count) - 1 / count
    values, vectors = np.linalg.eigh(-centring @ wanted**2 @ centring / 2)
    points = vectors[:, -2:][:, ::-1] * np.sqrt(np.maximum(values[-2:][::-1], 0))
    if points.shape[1] < 2:
        points = np.column_stack([points, np.zeros(count)])
    # An eigenvector's sign is arbitrary: the point farthest out is put to the right, and above.
    farthest = np.abs(points).argmax(axis=0)
    points *= np.where(points[farthest, [0, 1]] < 0, -1, 1)
    placed: Points = points + spiral(count) * wanted.mean() * 0.02
    return placed


def around(centre: int, wanted: Points, order: list[int]) -> Points:
    """A first guess around a centre: as far from it as wanted, one after another in `order`."""
    angles = np.empty(len(wanted))
    angles[order] = np.linspace(0, 2 * np.pi, len(order), endpoint=False)
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    placed: Points = circle * wanted[centre][:, None]
    return placed


def spiral(count: int) -> Points:
    """Points evenly strewn over the unit disc."""
    places = np.arange(count)
    radii, angles = np.sqrt((places + 0.5) / max(count, 1)), places * _GOLDEN
    return np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])


def settle(points: Points, wanted: Points, centre: int | None = None) -> Points:
    """Move points until their distances are as near to the wanted ones as they get.

    Near pairs count most. Distances from `centre` count more than others: cards equally far from
    a focus then stand on a ring around it.
    """
    count = len(points)
    if count < 2:
        return points
    weights = 1 / np.maximum(wanted, 1e-9) ** 2
    np.fill_diagonal(weights, 0)
    if centre is not None:
        weights[centre] *= _CENTRED
        weights[:, centre] *= _CENTRED
    laplacian = np.diag(weights.sum(axis=1)) - weights
    # Its only null vector is that of moving everything alike: this is its pseudo-inverse.
    everything = np.full_like(laplacian, weights.mean())
    inverse = np.linalg.inv(laplacian + everything)
    inverse -= inverse.mean()
    pull = weights * wanted
    for _ in range(_STEPS):
        ratio = pull / np.maximum(cdist(points, points), 1e-9)
        moved = inverse @ (ratio.sum(axis=1)[:, None] * points - ratio @ points)
        change = np.abs(moved - points).max()
        points = moved
        if change < wanted.max() * 3e-4:
            break
    return points


def laid_flat(points: Points) -> Points:
    """The points turned so that they are spread most from left to right."""
    points = points - points.mean(axis=0)
    _, axes = np.linalg.eigh(points.T @ points)
    turned: Points = points @ axes[:, ::-1]
    return turned


def crossings(points: Points, pairs: Pairs) -> int:
    """How many pairs of lines cross; of very many lines, how many of an even choice of them."""
    if len(pairs) < 2:
        return 0
    ends = np.asarray(pairs)[:: 1 + len(pairs) // _LINES]
    start, end = points[ends[:, 0]], points[ends[:, 1]]
    side_start = _side(start, end, start)
    side_end = _side(start, end, end)
    apart = side_start * side_end < 0
    shared = (ends[:, None, :, None] == ends[None, :, None, :]).any(axis=(2, 3))
    return int((apart & apart.T & ~shared).sum() // 2)


def _side(start: Points, end: Points, points: Points) -> Points:
    """On which side of line i point j lies."""
    along = (end - start)[:, None, :]
    to = points[None, :, :] - start[:, None, :]
    side: Points = along[..., 0] * to[..., 1] - along[..., 1] * to[..., 0]
    return side
