"""Names that break careless pictures, and a drawing that has them wherever a text may stand."""

from linkgraph.model import EntityType, Ref, Relation
from linkgraph.pictures.drawing import Drawing, DrawnCard, DrawnLink

HOSTILE = {
    "script": "</script><script>alert(1)</script>",
    "style": "</style><style>*{display:none}</style>",
    "title": "</title><img src=x onerror=alert(1)>",
    "svg": "</text></svg><svg onload=alert(1)>",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "comment": "<!-- --!> <!--<script>",
    "cdata": "]]> <![CDATA[",
    "entity": "&lt;b&gt; &#60; &nope;",
    "template": "$title ${data} {{x}} %s",
    "ansi": "\x1b[31mred\x1b[0m",
    "bidi": "abc\u202etxt.exe\u2066x",
    "newline": "one\r\ntwo\u2028three\u2029four\x85five",
    "nul": "a\x00b\x08c",
    "surrogate": "half \ud83d of a pair",
    "noncharacter": "\ufffe\uffff",
    "megabyte": "<" * 1_000_000,
}


def hostile_drawing(kind: str) -> Drawing:
    """A lead and two contacts, all with that text; one address is a trap too."""
    text = HOSTILE[kind]
    lead = DrawnCard(
        Ref(EntityType.LEAD, 1), text, "https://example.amocrm.ru/1", note=text, is_focus=True
    )
    near = DrawnCard(Ref(EntityType.CONTACT, 2), text, "javascript:alert(1)", note=text, ring=1)
    far = DrawnCard(Ref(EntityType.CONTACT, 3), text, f"https://x/{text}", note=text, ring=1)
    links = (
        DrawnLink(lead.ref, near.ref, Relation.LEAD_CONTACT, is_main=True),
        DrawnLink(lead.ref, far.ref, Relation.LEAD_CONTACT),
    )
    return Drawing(text, (lead, near, far), links, "neighbourhood", note=text)


def hostile_gathering() -> Drawing:
    """A lead whose address is a trap, with a contact for each hostile text."""
    lead = DrawnCard(Ref(EntityType.LEAD, 1), "A lead", "javascript:alert(1)", is_focus=True)
    contacts = [
        DrawnCard(Ref(EntityType.CONTACT, n), text, f"https://example.amocrm.ru/{n}", note=text)
        for n, text in enumerate(HOSTILE.values(), 2)
    ]
    links = (DrawnLink(lead.ref, card.ref, Relation.LEAD_CONTACT) for card in contacts)
    return Drawing("Hostile", (lead, *contacts), tuple(links), "neighbourhood")
