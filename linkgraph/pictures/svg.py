"""A picture as one standalone SVG: nothing is fetched, nothing runs."""

from importlib.resources import files
from xml.etree.ElementTree import Element, SubElement, tostring

from linkgraph.pictures.boxes import scale_for
from linkgraph.pictures.drawing import Drawing
from linkgraph.pictures.layout import Layout, layout
from linkgraph.pictures.legend import legend_mark
from linkgraph.pictures.lettering import FONTS, cut
from linkgraph.pictures.marks import card_mark, line_mark, number
from linkgraph.pictures.signs import Signs
from linkgraph.plaintext import plain

MARGIN = 32.0
_HEADING = 20.0
_NOTE = 12.5
_NARROWEST = 460.0


def svg(drawing: Drawing) -> str:
    """Draw it: heading, cards and lines, and a legend of what occurs."""
    found = layout(drawing)
    across = max(found.width, _NARROWEST)
    legend, legend_height = legend_mark(drawing, across)
    top = MARGIN + _HEADING * 1.3 + (_NOTE * 1.6 if drawing.note else 0) + MARGIN
    bottom = top + found.height + MARGIN * 1.2
    size = (across + 2 * MARGIN, bottom + legend_height + MARGIN * 0.8)
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {number(size[0])} {number(size[1])}",
            "width": number(size[0]),
            "height": number(size[1]),
            "font-family": FONTS,
        },
    )
    SubElement(root, "title").text = plain(drawing.title, 1000)
    SubElement(root, "style").text = stylesheet("picture.css")
    SubElement(root, "rect", {"class": "ground", "width": "100%", "height": "100%"})
    _heading(root, drawing, across)
    stage = stage_mark(drawing, found)
    left = MARGIN + (across - found.width) / 2
    stage.set("transform", f"translate({number(left)} {number(top)})")
    root.append(stage)
    legend.set("transform", f"translate({number(MARGIN)} {number(bottom)})")
    root.append(legend)
    return tostring(root, encoding="unicode") + "\n"


def stage_mark(drawing: Drawing, found: Layout) -> Element:
    """The cards and lines: lines below, then cards, and on top what stands on the lines."""
    scale = scale_for(drawing)
    on_lines = Signs(drawing, found, scale)
    stage = Element("g", {"class": "stage"})
    lines, cards, signs = (
        SubElement(stage, "g", {"class": kind}) for kind in ("lines", "cards", "all-signs")
    )
    for place, (link, curve) in enumerate(zip(drawing.links, found.curves, strict=True)):
        a, b = found.boxes[drawing.place[link.a]], found.boxes[drawing.place[link.b]]
        lines.append(line_mark(link, curve, place, (a.name, b.name)))
        mark = on_lines.mark(link, curve, (a, b))
        if mark is not None:
            mark.set("data-link", str(place))
            signs.append(mark)
    for place, (box, centre) in enumerate(zip(found.boxes, found.centres, strict=True)):
        cards.append(card_mark(box, centre, scale, place))
    return stage


def stylesheet(name: str) -> str:
    """A file of the package, with line ends as they are in the repository."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _heading(root: Element, drawing: Drawing, across: float) -> None:
    at = {"x": number(MARGIN), "y": number(MARGIN + _HEADING * 0.8)}
    heading = {"class": "title", "font-size": number(_HEADING), **at}
    SubElement(root, "text", heading).text = cut(drawing.title, _HEADING * 1.06, across)
    if drawing.note:
        at["y"] = number(MARGIN + _HEADING * 1.3 + _NOTE * 1.1)
        note = {"class": "said", "font-size": number(_NOTE), **at}
        SubElement(root, "text", note).text = cut(drawing.note, _NOTE, across)
