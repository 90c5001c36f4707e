"""What is to be drawn: some cards, the links between them, and what the picture is of.

Pure values. Names, notes and addresses are kept as the CRM wrote them; whoever draws makes them
plain.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from linkgraph.model import Ref, Relation

Shape: TypeAlias = Literal["neighbourhood", "path", "component"]
Change: TypeAlias = Literal["", "added", "removed"]

# What addresses are written with: quotes, blanks and letters beyond ASCII stand in them as %XX.
_ADDRESS = re.compile(r"(?i:https?)://[\w.~:/?#\[\]@!$&()*+,;=%-]{1,2000}", re.ASCII)


def web_address(url: str | None) -> str | None:
    """An address, if it is one that a browser may safely be sent to."""
    return url if url and _ADDRESS.fullmatch(url) else None


@dataclass(frozen=True, slots=True)
class DrawnCard:
    """A card in a picture."""

    ref: Ref
    name: str | None
    url: str | None
    """The card's page in the CRM."""
    note: str = ""
    """A word or two on its state: «deleted», «closed», a status."""
    ring: int = 0
    """Its distance from the focus, in links."""
    is_focus: bool = False
    hidden: int = 0
    """How many links it has to cards that are not in the picture."""

    @property
    def address(self) -> str | None:
        """The card's page, if it is one that a browser may safely be sent to."""
        return web_address(self.url)


@dataclass(frozen=True, slots=True)
class DrawnLink:
    """A link in a picture."""

    a: Ref
    b: Ref
    relation: Relation
    is_main: bool | None = None
    quantity: float | None = None
    change: Change = ""
    """What a what-if does to it."""

    @property
    def ends(self) -> frozenset[Ref]:
        """Both ends, in no order."""
        return frozenset((self.a, self.b))


@dataclass(frozen=True)
class Drawing:
    """A part of the graph, ready to be drawn.

    Raises:
        ValueError: a card or a link comes twice, a link leads out of the drawing or to its own
            card.
    """

    title: str
    cards: tuple[DrawnCard, ...]
    links: tuple[DrawnLink, ...]
    shape: Shape
    note: str = ""
    """What a reader must know of it: how much is left out, how old it is."""

    def __post_init__(self) -> None:
        if twice := [ref for ref, times in Counter(c.ref for c in self.cards).items() if times > 1]:
            raise ValueError(f"cards drawn twice: {_listed(twice)}")
        pairs = Counter(link.ends for link in self.links)
        if strays := {ref for ends in pairs for ref in ends if ref not in self.place}:
            raise ValueError(f"links lead to cards that are not drawn: {_listed(strays)}")
        if loops := [link.a for link in self.links if link.a == link.b]:
            raise ValueError(f"links of cards to themselves: {_listed(loops)}")
        if again := [ref for ends, times in pairs.items() if times > 1 for ref in ends]:
            raise ValueError(f"links drawn twice, between: {_listed(again)}")

    @cached_property
    def place(self) -> dict[Ref, int]:
        """Each card's place in `cards`."""
        return {card.ref: place for place, card in enumerate(self.cards)}

    @cached_property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The links as places of their two cards."""
        return tuple((self.place[link.a], self.place[link.b]) for link in self.links)


def _listed(refs: "set[Ref] | list[Ref]") -> str:
    return ", ".join(sorted(map(str, refs))[:10])
