"""The legend: the types, the relations and the signs that occur in a drawing, and no others."""

from xml.etree.ElementTree import Element, SubElement

from linkgraph.model import EntityType, Relation
from linkgraph.pictures.drawing import Change, Drawing
from linkgraph.pictures.icons import TYPE_WORDS, relation_words
from linkgraph.pictures.lettering import width
from linkgraph.pictures.marks import number, type_sign
from linkgraph.pictures.signs import change_sign, star_sign

_SIZE = 12.0
_ROW = 26.0
_BETWEEN = 22.0
_SAMPLE = 34.0
_SIGN = 18.0


def types_in(drawing: Drawing) -> list[EntityType]:
    """The types that occur, in their own order."""
    found = {card.ref.type for card in drawing.cards}
    return [type_ for type_ in EntityType if type_ in found]


def relations_in(drawing: Drawing) -> list[Relation]:
    """The relations that occur, in their own order."""
    found = {link.relation for link in drawing.links}
    return [relation for relation in Relation if relation in found]


def type_sample(type_: EntityType) -> Element:
    """The coloured end of a card of that type."""
    sample = Element("g", {"class": type_.value})
    type_sign(sample, type_, _SIGN, _SIGN)
    return sample


def line_sample(kinds: str) -> Element:
    """A piece of line."""
    sample = Element("g", {"class": kinds})
    SubElement(sample, "path", {"class": "line", "d": f"M1 9H{number(_SAMPLE - 1)}"})
    return sample


def legend_mark(drawing: Drawing, across: float) -> tuple[Element, float]:
    """The legend in rows of a width, and how high it came out."""
    legend = Element("g", {"class": "legend"})
    rows = [
        [(type_sample(type_), _SIGN, TYPE_WORDS[type_]) for type_ in types_in(drawing)],
        [
            (line_sample(relation.value), _SAMPLE, relation_words(relation))
            for relation in relations_in(drawing)
        ],
        _signs(drawing),
    ]
    top = 0.0
    for row in filter(None, rows):
        left = 0.0
        for sample, sample_width, words in row:
            needed = sample_width + 8 + width(words, _SIZE)
            if left > 0 and left + needed > across:
                left, top = 0.0, top + _ROW
            sample.set("transform", f"translate({number(left)} {number(top)})")
            legend.append(sample)
            at = {"x": number(left + sample_width + 8), "y": number(top + 13)}
            text = {"class": "said", "font-size": number(_SIZE), **at}
            SubElement(legend, "text", text).text = words
            left += needed + _BETWEEN
        top += _ROW
    return legend, top


def _signs(drawing: Drawing) -> list[tuple[Element, float, str]]:
    signs = []
    if any(link.is_main for link in drawing.links):
        star = Element("g")
        star_sign(star, 9, 9, 8)
        signs.append((star, _SIGN, "main contact"))
    changes: tuple[Change, ...] = ("added", "removed")
    for change in changes:
        if any(link.change == change for link in drawing.links):
            sample = line_sample(change)
            change_sign(sample, change, _SAMPLE / 2, 9, 7)
            signs.append((sample, _SAMPLE, f"would be {change}"))
    if any(card.hidden > 0 for card in drawing.cards):
        more = Element("g")
        at = {"x": "0", "y": "2", "width": number(_SAMPLE), "height": "15", "rx": "7.5"}
        SubElement(more, "rect", {"class": "more-box", **at})
        at = {"x": number(_SAMPLE / 2), "y": "13", "font-size": "9.5"}
        SubElement(more, "text", {"class": "more", **at}).text = "+5"
        signs.append((more, _SAMPLE, "links to cards not shown"))
    return signs
