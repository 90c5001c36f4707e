"""How cards, ages and foreign text look: one line, plain, told without colour too.

Whatever was typed into the CRM passes through `shown`: nothing of it is markup, an escape code or a
newline on the screen.
"""

from datetime import datetime

from rich.text import Text

from linkgraph.model import EntityType, Ref
from linkgraph.plaintext import plain
from queries.cardlines import CardLine

#: The type of a card, told by shape.
GLYPHS: dict[EntityType, str] = {
    EntityType.LEAD: "◆",
    EntityType.CUSTOMER: "▲",
    EntityType.CONTACT: "●",
    EntityType.COMPANY: "■",
    EntityType.ELEMENT: "○",
}
#: What cards of a type are called, many of them.
PLURALS: dict[EntityType, str] = {
    EntityType.LEAD: "leads",
    EntityType.CUSTOMER: "customers",
    EntityType.CONTACT: "contacts",
    EntityType.COMPANY: "companies",
    EntityType.ELEMENT: "elements",
}


def shown(value: object, limit: int = 200, style: str = "") -> Text:
    """A value as one plain line of at most `limit` characters, which nothing parses."""
    return Text(plain(value, limit), style=style, no_wrap=True, end="")


def name_of(ref: Ref, line: CardLine | None) -> str:
    """A card's name, or its ref where it has none, or none that is known yet."""
    return plain(line.name) if line is not None and line.name else str(ref)


def card_name(ref: Ref, line: CardLine | None = None) -> Text:
    """A card in a line: its type by shape, its name, and what a reader must know of it."""
    text = Text(f"{GLYPHS[ref.type]} ", no_wrap=True, end="")
    gone = line is not None and (line.is_deleted or not line.is_known)
    text.append(name_of(ref, line), "dim strike" if gone and line and line.is_deleted else "")
    note = line.note() if line is not None else ""
    if note:
        text.append(f"  {note}", "dim")
    return text


def age(moment: datetime, now: datetime) -> str:
    """How long ago a moment was, in a word: «3 min», «2 h», «5 days»."""
    seconds = max(0, round((now - moment).total_seconds()))
    for length, word in ((86_400, "day"), (3_600, "h"), (60, "min")):
        if seconds >= length * (2 if word == "day" else 1):
            count = seconds // length
            return f"{count} {word}{'s' if word == 'day' and count != 1 else ''}"
    return "just now"
