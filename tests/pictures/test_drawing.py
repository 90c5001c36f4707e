"""A drawing holds together, and only addresses of pages are addresses."""

from dataclasses import replace

import pytest

from linkgraph.model import EntityType, Ref, Relation
from linkgraph.pictures.drawing import Drawing, DrawnCard, DrawnLink

LEAD, CONTACT = Ref(EntityType.LEAD, 1), Ref(EntityType.CONTACT, 2)
LINK = DrawnLink(LEAD, CONTACT, Relation.LEAD_CONTACT)
DRAWING = Drawing(
    "Two", (DrawnCard(LEAD, "a", None), DrawnCard(CONTACT, "b", None)), (LINK,), "component"
)


@pytest.mark.parametrize(
    ("cards", "links", "told"),
    [
        (DRAWING.cards * 2, (), "cards drawn twice: contact:2, lead:1"),
        (DRAWING.cards[:1], (LINK,), "links lead to cards that are not drawn: contact:2"),
        (DRAWING.cards, (replace(LINK, b=LEAD),), "links of cards to themselves: lead:1"),
        (DRAWING.cards, (LINK, replace(LINK, a=CONTACT, b=LEAD)), "links drawn twice"),
    ],
)
def test_what_does_not_hold_together_is_refused(
    cards: tuple[DrawnCard, ...], links: tuple[DrawnLink, ...], told: str
) -> None:
    """A card or link that comes twice, a link out of the drawing or to its own card is an error."""
    with pytest.raises(ValueError, match=told):
        replace(DRAWING, cards=cards, links=links)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.amocrm.ru/leads/detail/1?compact=yes#x",
        "http://127.0.0.1:8080/contacts/detail/2",
        "HTTPS://example.kommo.com/",
    ],
)
def test_pages_are_addresses(url: str) -> None:
    """http and https addresses are linked."""
    assert replace(DRAWING.cards[0], url=url).address == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example/",
        "/leads/detail/1",
        "https:///x y",
        'https://example.com/"onclick="alert(1)',
        "https://example.com/\u202egnp.exe",
        "https://example.com/\ud800",
        "https://example.com/" + "x" * 1_000_000,
        "httpſ://example.com/",
    ],
)
def test_all_else_is_no_address(url: str | None) -> None:
    """Scripts, data, local files and what no address is written with are not linked."""
    assert replace(DRAWING.cards[0], url=url).address is None
