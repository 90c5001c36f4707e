"""What stands on the lines: the star at a main contact, quantities, what a what-if does."""

from collections import Counter
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from linkgraph.model import EntityType, Ref
from linkgraph.pictures.boxes import Box, Scale
from linkgraph.pictures.curves import Curve
from linkgraph.pictures.drawing import Change, Drawing, DrawnLink
from linkgraph.pictures.icons import CROSS, PLUS, STAR
from linkgraph.pictures.layout import Layout
from linkgraph.pictures.marks import line_kinds, number

_MANY = 5
_FARTHEST = 36.0  # still before the first ring of cards around a hub


class Signs:
    """Puts signs where they do not lie on each other, which is a matter of a card's other links."""

    def __init__(self, drawing: Drawing, found: Layout, scale: Scale) -> None:
        self.scale = scale
        self.centres = np.array(found.centres)
        self.halves = np.array([(box.width / 2, box.height / 2) for box in found.boxes])
        self.links: Counter[Ref] = Counter(ref for link in drawing.links for ref in link.ends)
        self.stars: Counter[Ref] = Counter(starred(link) for link in drawing.links if link.is_main)

    def mark(self, link: DrawnLink, curve: Curve, boxes: tuple[Box, Box]) -> Element | None:
        """The signs of one link, if it has any."""
        mark = Element("g", {"class": f"signs {line_kinds(link)}"})
        leaves = curve.leaves((boxes[0].width, boxes[0].height))
        arrives = curve.arrives((boxes[1].width, boxes[1].height))
        if link.is_main:
            self._star(mark, link, curve, leaves, arrives)
        x, y = curve.at(leaves + (arrives - leaves) * self._share(link))
        if link.change:
            change_sign(mark, link.change, x, y, self.scale.name * 0.6)
        if link.quantity is not None:
            y += self.scale.small * (1.9 if link.change else 0.35)
            at = {"x": number(x), "y": number(y), "font-size": number(self.scale.small + 1)}
            SubElement(mark, "text", {"class": "count", **at}).text = f"×{link.quantity:.12g}"
        return mark if len(mark) else None

    def _star(
        self, mark: Element, link: DrawnLink, curve: Curve, leaves: float, arrives: float
    ) -> None:
        """By the contact; the more there are, the farther off, where their lines have parted."""
        radius = self.scale.name * 0.52
        crowd = self.stars[starred(link)] - 1
        off = min(radius * (1.2 + crowd * 0.35), _FARTHEST)
        while True:
            x, y = curve.near(leaves, arrives, off, at_start=starred(link) == link.a)
            if off <= radius * 1.2 or self._is_free(x, y, radius):
                break
            off *= 0.8
        star_sign(mark, x, y, radius)

    def _is_free(self, x: float, y: float, radius: float) -> bool:
        away = np.abs(self.centres - (x, y))
        return not (away < self.halves + radius * 0.7).all(axis=1).any()

    def _share(self, link: DrawnLink) -> float:
        """Half way, or nearer to the end where there are fewer other lines."""
        a, b = self.links[link.a], self.links[link.b]
        if max(a, b) <= _MANY:
            return 0.5
        return 0.68 if a > b else 0.32


def starred(link: DrawnLink) -> Ref:
    """The end of a main link that is the main contact."""
    at_a = link.a.type is EntityType.CONTACT and link.b.type is not EntityType.CONTACT
    return link.a if at_a else link.b


def star_sign(parent: Element, x: float, y: float, radius: float) -> None:
    """A star."""
    at = f"translate({number(x)} {number(y)}) scale({number(radius)})"
    SubElement(parent, "path", {"class": "star", "d": STAR, "transform": at})


def change_sign(parent: Element, change: Change, x: float, y: float, radius: float) -> None:
    """A disc with a plus or a cross: what is added and removed is told without colour too."""
    at = {"cx": number(x), "cy": number(y), "r": number(radius)}
    SubElement(parent, "circle", {"class": "disc", **at})
    place = f"translate({number(x)} {number(y)}) scale({number(radius * 0.55)})"
    sign = PLUS if change == "added" else CROSS
    SubElement(parent, "path", {"class": "sign", "d": sign, "transform": place})
