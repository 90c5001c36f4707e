"""The elements that a picture is made of: cards and lines.

Built as a tree, never as text: markup in a name cannot become markup of the picture.
"""

from xml.etree.ElementTree import Element, SubElement

from linkgraph.model import EntityType
from linkgraph.pictures.boxes import Box, Scale, is_named
from linkgraph.pictures.curves import Curve
from linkgraph.pictures.drawing import DrawnCard, DrawnLink
from linkgraph.pictures.icons import ICONS, TYPE_WORDS, relation_words
from linkgraph.pictures.lettering import width
from linkgraph.plaintext import plain

TITLE = 1000
"""How much of a name is told where there is room for all of it."""


def card_mark(box: Box, centre: tuple[float, float], scale: Scale, place: int) -> Element:
    """A card: a box that leads to its page in the CRM."""
    card = box.card
    kinds = ["card", card.ref.type.value]
    kinds += ["focus"] if card.is_focus else []
    kinds += [] if is_named(card) else ["nameless"]
    left, top = centre[0] - box.width / 2, centre[1] - box.height / 2
    mark = Element("g")
    if card.address is not None:
        mark = Element(
            "a", {"href": card.address, "target": "_blank", "rel": "noopener noreferrer"}
        )
    mark.attrib |= {
        "class": " ".join(kinds),
        "transform": f"translate({number(left)} {number(top)})",
        "data-card": str(place),
    }
    SubElement(mark, "title").text = told(card)
    _rect(mark, "halo", (-3, -3, box.width + 6, box.height + 6), 9)
    _rect(mark, "box", (0, 0, box.width, box.height), 7)
    type_sign(mark, card.ref.type, box.height, scale.icon)
    text = {"x": number(scale.icon + scale.padding)}
    one_line = not box.under
    name = {**text, "y": number(box.height * (0.62 if one_line else 0.46))}
    name |= {"class": "name", "font-size": number(scale.name)}
    SubElement(mark, "text", name).text = box.name
    if not one_line:
        under = {**text, "y": number(box.height * 0.46 + scale.small * 1.35)}
        under |= {"class": "under", "font-size": number(scale.small)}
        SubElement(mark, "text", under).text = box.under
    if card.hidden > 0:
        _more(mark, f"+{card.hidden:,}", box, scale)
    return mark


def type_sign(parent: Element, type_: EntityType, height: float, across: float) -> None:
    """The coloured end of a card with its type's sign."""
    right, bottom = number(across), number(height)
    shape = f"M7 0H{right}V{bottom}H7A7 7 0 0 1 0 {number(height - 7)}V7A7 7 0 0 1 7 0Z"
    SubElement(parent, "path", {"class": "end", "d": shape})
    size = across * 0.62
    at = f"translate({number((across - size) / 2)} {number((height - size) / 2)})"
    at += f" scale({size / 16:.3f})"
    SubElement(parent, "path", {"class": "icon", "d": ICONS[type_], "transform": at})


def line_mark(link: DrawnLink, curve: Curve, place: int, names: tuple[str, str]) -> Element:
    """A line between two cards."""
    mark = Element("g", {"class": line_kinds(link), "data-link": str(place)})
    SubElement(mark, "title").text = f"{names[0]} – {names[1]}\n{line_told(link)}"
    way = " ".join(map(number, (*curve.leaving, *curve.arriving, *curve.end)))
    way = f"M{number(curve.start[0])} {number(curve.start[1])}C{way}"
    SubElement(mark, "path", {"class": "line", "d": way})
    return mark


def line_kinds(link: DrawnLink) -> str:
    """What a line is drawn by."""
    return " ".join(filter(None, ["link", link.relation.value, link.change]))


def told(card: DrawnCard) -> str:
    """All that a picture knows of a card."""
    lines = [plain(card.name, TITLE).strip() or "no name"]
    lines.append(f"{TYPE_WORDS[card.ref.type]} · {card.ref}")
    lines += [plain(card.note, TITLE)] if card.note else []
    lines += [f"{card.hidden:,} links to cards not shown"] if card.hidden > 0 else []
    return "\n".join(lines)


def line_told(link: DrawnLink) -> str:
    """What a link is, in words."""
    words = [relation_words(link.relation)]
    words += ["main contact"] if link.is_main else []
    words += [f"quantity {link.quantity:.12g}"] if link.quantity is not None else []
    words += [link.change] if link.change else []
    return " · ".join(words)


def number(value: float) -> str:
    """A length as short as will do."""
    return f"{round(value, 1) + 0.0:g}" if abs(value) < 1e5 else f"{value:.0f}"


def _more(mark: Element, text: str, box: Box, scale: Scale) -> None:
    """How many links lead out of the picture, on the card's corner."""
    across = width(text, scale.small) * 1.08 + scale.small
    height = scale.small * 1.5
    left = box.width - across - 4
    _rect(mark, "more-box", (left, box.height - height * 0.3, across, height), height / 2)
    at = {"x": number(left + across / 2), "y": number(box.height + height * 0.45)}
    SubElement(mark, "text", {"class": "more", "font-size": number(scale.small), **at}).text = text


def _rect(
    parent: Element, kind: str, frame: tuple[float, float, float, float], radius: float
) -> None:
    left, top, across, down = map(number, frame)
    at = {"x": left, "y": top, "width": across, "height": down, "rx": number(radius)}
    SubElement(parent, "rect", {"class": kind, **at})
