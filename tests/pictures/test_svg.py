"""The picture is valid, standalone and harmless, whatever the CRM's texts say."""

import re
from dataclasses import replace
from xml.etree.ElementTree import Element, fromstring

import pytest

from linkgraph.model import EntityType, Ref, Relation
from linkgraph.pictures.drawing import Drawing, DrawnCard, DrawnLink
from linkgraph.pictures.svg import svg
from tests.pictures import drawings
from tests.pictures.hostile import HOSTILE, hostile_drawing

SVG = "{http://www.w3.org/2000/svg}"


def parsed(drawing: Drawing) -> Element:
    """The picture as an XML parser sees it."""
    return fromstring(svg(drawing))


def marks(root: Element, kind: str) -> list[Element]:
    """The elements of a class."""
    return [element for element in root.iter() if kind in element.get("class", "").split()]


def texts(root: Element, kind: str) -> list[str]:
    """What the elements of a class say."""
    return [element.text or "" for element in marks(root, kind)]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_text(name: str) -> None:
    """No text becomes markup or holds a character that acts, and the picture stays valid."""
    drawing = hostile_drawing(name)
    root = parsed(drawing)
    said = "".join(root.itertext())

    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "style", "rect", "text", "g", "a", "path", "circle")
    }
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800]", said
    )
    assert len(marks(root, "card")) == len(drawing.cards)
    assert len(svg(drawing)) < 60_000


def test_names_are_shown_as_they_are() -> None:
    """An ordinary name is written in full on its card and told with its ref."""
    root = parsed(drawings.path(2))

    assert texts(root, "name") == ["Поставка № 4117", "Игорь Ершов"]
    assert marks(root, "card")[0][0].text == "Поставка № 4117\nLead · lead:2500000"


def test_a_long_name_is_cut_and_told_in_full() -> None:
    """The card shows what fits, with an ellipsis; the tooltip tells the whole name."""
    name = "Ремонт офиса · филиал на Ленинском проспекте"
    root = parsed(Drawing("x", (DrawnCard(Ref(EntityType.LEAD, 1), name, None),), (), "component"))

    assert texts(root, "name")[0].endswith("…")
    assert name in (marks(root, "card")[0][0].text or "")


def test_a_card_without_a_name_shows_its_ref() -> None:
    """No name, and a name of blanks, are told from a name."""
    cards = tuple(
        DrawnCard(Ref(EntityType.LEAD, n), name, None) for n, name in enumerate((None, "  "), 1)
    )
    root = parsed(Drawing("x", cards, (), "component"))

    assert texts(root, "name") == ["lead:1", "lead:2"]
    assert texts(root, "under") == ["no name", "no name"]


def test_cards_lead_to_the_crm_and_nowhere_else() -> None:
    """A card is a link to its page, opened apart; one without a safe address is none."""
    drawing = drawings.path(2)
    cards = (drawing.cards[0], replace(drawing.cards[1], url="javascript:alert(1)"))
    root = parsed(replace(drawing, cards=cards))
    linked, unlinked = marks(root, "card")

    assert linked.tag == f"{SVG}a"
    assert linked.get("href") == "https://example.amocrm.ru/leads/detail/2500000"
    assert (linked.get("target"), linked.get("rel")) == ("_blank", "noopener noreferrer")
    assert unlinked.tag == f"{SVG}g"
    assert "javascript:" not in svg(replace(drawing, cards=cards))


def test_nothing_is_fetched_and_nothing_runs() -> None:
    """The picture names no other file: no script, no image, no font, no import."""
    picture = svg(drawings.neighbourhood(30))

    assert not re.search(r"<script|<image|<use|<foreignObject|@import|url\(|\son\w+=", picture)
    assert set(re.findall(r"https?://[^/\"]+", picture)) == {
        "http://www.w3.org",
        "https://example.amocrm.ru",
    }


def test_the_legend_tells_what_occurs() -> None:
    """Types, relations and signs that occur are explained, and no others."""
    said = texts(parsed(drawings.what_if()), "said")

    assert said == [
        *("Lead", "Contact", "Company", "Element"),
        *("lead – contact", "lead – company", "contact – company", "contact – element"),
        *("main contact", "would be added", "would be removed", "links to cards not shown"),
    ]
    assert texts(parsed(drawings.star(2)), "said") == ["Lead", "Company", "lead – company"]


def test_types_and_changes_are_told_without_colour() -> None:
    """Each type has a sign of its own, each change too, each kind of line its own dashes."""
    root = parsed(drawings.what_if())
    signs = {
        kind: {icon.get("d") for card in marks(root, kind) for icon in marks(card, "icon")}
        for kind in ("lead", "contact", "company", "element")
    }

    assert all(len(paths) == 1 for paths in signs.values())
    assert len(set.union(*signs.values())) == 4
    assert len({sign.get("d") for sign in marks(root, "sign")}) == 2


def test_quantities_and_hidden_links_are_told() -> None:
    """A quantity stands on its line, and on a card how many links lead out of the picture."""
    root = parsed(drawings.what_if())

    assert texts(root, "count") == ["×2.5"]
    assert texts(root, "more")[:3] == ["+1", "+2", "+3"]


@pytest.mark.parametrize("contact_first", [True, False])
def test_the_star_is_by_the_main_contact(contact_first: bool) -> None:
    """Whichever way round a main link comes, the star stands nearer to the contact."""
    lead, contact = Ref(EntityType.LEAD, 1), Ref(EntityType.CONTACT, 2)
    ends = (contact, lead) if contact_first else (lead, contact)
    cards = (
        DrawnCard(lead, "Lead", None, is_focus=True),
        DrawnCard(contact, "Contact", None, ring=1),
    )
    link = DrawnLink(*ends, Relation.LEAD_CONTACT, is_main=True)
    root = parsed(Drawing("x", cards, (link,), "path"))
    star = next(s for s in marks(root, "star") if s not in marks(root, "legend")[0].iter())
    at = {card.get("data-card"): _x(card) for card in marks(root, "card")}

    assert at["0"] < (at["0"] + at["1"]) / 2 < _x(star) < at["1"]


def _x(element: Element) -> float:
    found = re.search(r"translate\(([\d.]+)", element.get("transform", ""))
    assert found is not None
    return float(found[1])


def test_the_same_drawing_gives_the_same_text() -> None:
    """A picture can be kept under version control."""
    assert svg(drawings.neighbourhood(30)) == svg(drawings.neighbourhood(30))


def test_an_empty_drawing_is_a_picture() -> None:
    """Nothing to draw is no failure."""
    assert texts(parsed(Drawing("Nobody", (), (), "component")), "title") == ["Nobody"]
