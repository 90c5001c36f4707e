"""The box of a card: how large it is and what is written in it, before it has a place."""

from dataclasses import dataclass

from linkgraph.pictures.drawing import Drawing, DrawnCard
from linkgraph.pictures.lettering import cut, width
from linkgraph.plaintext import plain


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes that go together: the more cards, the smaller each."""

    name: float
    """Font size of names."""
    small: float
    """Font size of refs and notes."""
    height: float
    widest: float
    gap: float
    """Room that stays free between two cards."""

    @property
    def icon(self) -> float:
        """Width of the coloured end that holds the type's sign."""
        return self.height * 0.72

    @property
    def padding(self) -> float:
        """Between a text and what stands beside it."""
        return self.name * 0.6


_SCALES = (
    (40, Scale(name=13, small=9.5, height=40, widest=196, gap=18)),
    (160, Scale(name=12, small=8.5, height=34, widest=164, gap=14)),
    (10**9, Scale(name=11, small=7.5, height=28, widest=132, gap=10)),
)


@dataclass(frozen=True, slots=True)
class Box:
    """A card with its size and its two lines."""

    card: DrawnCard
    width: float
    height: float
    name: str
    under: str
    """Ref and note; empty where the ref stands for a name that is missing."""


def scale_for(drawing: Drawing) -> Scale:
    """The sizes for as many cards as the drawing has."""
    return next(scale for most, scale in _SCALES if len(drawing.cards) <= most)


def box_of(card: DrawnCard, scale: Scale) -> Box:
    """A card's box: as wide as its name, within limits."""
    room = scale.widest - scale.icon - 2 * scale.padding
    name = cut((card.name or "").strip() or str(card.ref), scale.name * _boldness(card), room)
    under = cut(_under(card), scale.small, room)
    text = max(width(name, scale.name * _boldness(card)), width(under, scale.small))
    return Box(card, text + scale.icon + 2 * scale.padding, scale.height, name, under)


def is_named(card: DrawnCard) -> bool:
    """Whether the card has a name that can be seen."""
    return bool((card.name or "").strip())


def _boldness(card: DrawnCard) -> float:
    return 1.08 if card.is_focus else 1.0  # the focus is written in bold


def _under(card: DrawnCard) -> str:
    words = [str(card.ref) if is_named(card) else "no name", plain(card.note, 60).strip()]
    return " · ".join(word for word in words if word)
