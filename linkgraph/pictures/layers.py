"""A path, or several of one length, drawn from left to right: a column for each distance."""

from collections.abc import Sequence

import numpy as np

from linkgraph.pictures.forces import Points

_SWEEPS = 12
_BETWEEN = 72.0  # room between two columns, where the lines are


def columns(
    rings: Sequence[int], neighbours: Sequence[set[int]], sizes: Points, gap: float
) -> Points:
    """Centres of the boxes, those of one ring below each other.

    Within a column cards stand in the order of what they are linked with in the columns beside it
    (Sugiyama's barycentres), swept to and fro.
    """
    layers = [
        [card for card, ring in enumerate(rings) if ring == wanted] for wanted in sorted(set(rings))
    ]
    height = np.zeros(len(rings))
    for layer in layers:
        height[layer] = np.arange(len(layer)) - (len(layer) - 1) / 2
    for sweep in range(_SWEEPS):
        forwards = sweep % 2 == 0
        for layer in layers[1:] if forwards else layers[-2::-1]:
            behind = {
                card: [
                    height[other]
                    for other in neighbours[card]
                    if (rings[other] < rings[card]) == forwards and rings[other] != rings[card]
                ]
                for card in layer
            }
            middle = {
                card: float(np.mean(behind[card])) if behind[card] else float(height[card])
                for card in layer
            }
            layer.sort(key=lambda card: (middle[card], height[card]))
            height[layer] = np.arange(len(layer)) - (len(layer) - 1) / 2
    centres = np.zeros((len(rings), 2))
    left = 0.0
    for layer in layers:
        across = sizes[layer, 0].max()
        centres[layer, 0] = left + across / 2
        centres[layer, 1] = height[layer] * (sizes[:, 1].max() + 2 * gap)
        left += across + _BETWEEN
    return centres
