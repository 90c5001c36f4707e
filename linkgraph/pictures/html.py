"""A picture as one page to walk about in: pan, zoom, search, and a panel for each card.

The page is one file that works offline. Its policy lets run and style only what stands in it, by
hash; what the CRM wrote is in it as text and as data, and the script only ever shows it as text.
"""

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from string import Template
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from linkgraph.pictures.drawing import Drawing, DrawnCard, DrawnLink
from linkgraph.pictures.icons import TYPE_WORDS, relation_words
from linkgraph.pictures.layout import Layout, layout
from linkgraph.pictures.legend import line_sample, relations_in, type_sample, types_in
from linkgraph.pictures.lettering import FONTS
from linkgraph.pictures.marks import TITLE, line_told, number
from linkgraph.pictures.svg import stage_mark, stylesheet
from linkgraph.plaintext import plain

# What could end the script element early, or be read as a line's end in it.
_HARMLESS = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def html(drawing: Drawing) -> str:
    """Make the page."""
    found = layout(drawing)
    style = stylesheet("picture.css") + stylesheet("page.css")
    script = stylesheet("page.js")
    page = Template(stylesheet("page.html"))
    return page.substitute(
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'",
        title=escape(plain(drawing.title, TITLE)),
        note=escape(plain(drawing.note, TITLE)),
        style=style,
        script=script,
        picture=_picture(drawing, found),
        legend=_legend(drawing),
        data=_data(drawing, found),
    )


def _picture(drawing: Drawing, found: Layout) -> str:
    frame = f"0 0 {number(found.width)} {number(found.height)}"
    picture = Element("svg", {"id": "picture", "viewBox": frame, "font-family": FONTS})
    picture.append(stage_mark(drawing, found))
    return _written(picture)


def _legend(drawing: Drawing) -> str:
    """A box to tick for each type and each relation that occurs."""
    rows = [
        _tick("data-type", type_, TYPE_WORDS[type_], type_sample(type_))
        for type_ in types_in(drawing)
    ]
    rows += [
        _tick("data-relation", relation, relation_words(relation), line_sample(relation))
        for relation in relations_in(drawing)
    ]
    return "\n".join(map(_written, rows))


def _tick(attribute: str, value: str, words: str, sample: Element) -> Element:
    row = Element("label")
    SubElement(row, "input", {"type": "checkbox", "checked": "", attribute: value})
    across = "18" if attribute == "data-type" else "34"
    picture = SubElement(row, "svg", {"width": across, "height": "18", "aria-hidden": "true"})
    picture.append(sample)
    SubElement(row, "span").text = words
    return row


def _data(drawing: Drawing, found: Layout) -> str:
    """All that the script knows of the drawing, as JSON."""
    data = {
        "frame": [round(found.width, 1), round(found.height, 1)],
        "cards": [
            _card(card, [round(x - box.width / 2, 1), round(y - box.height / 2, 1)])
            | {"size": [round(box.width, 1), round(box.height, 1)]}
            for card, box, (x, y) in zip(drawing.cards, found.boxes, found.centres, strict=True)
        ],
        "links": [_link(drawing, link) for link in drawing.links],
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_HARMLESS)


def _card(card: DrawnCard, corner: list[float]) -> dict[str, Any]:
    return {
        "ref": str(card.ref),
        "type": card.ref.type.value,
        "kind": TYPE_WORDS[card.ref.type],
        "name": plain(card.name, TITLE).strip(),
        "note": plain(card.note, TITLE),
        "url": card.address,
        "hidden": card.hidden,
        "corner": corner,
    }


def _link(drawing: Drawing, link: DrawnLink) -> dict[str, Any]:
    a, b = (drawing.place[ref] for ref in (link.a, link.b))
    words = line_told(link).split(" · ")
    return {
        "ends": [a, b],
        "relation": link.relation.value,
        "words": words[0],
        "told": " · ".join(words[1:]),
        "main": bool(link.is_main),
    }


def _written(element: Element) -> str:
    return tostring(element, encoding="unicode", method="html")


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()
