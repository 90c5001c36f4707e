"""A card as part of a line in a terminal: its name, which leads to its page, and its state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from linkgraph.plaintext import plain

if TYPE_CHECKING:
    from linkgraph.model import Relation
    from queries.cardlines import CardLine

#: Most characters of a name.
NAME = 60


def name_of(card: CardLine, most: int = NAME) -> Text:
    """The name, cut to `most` characters; a dash where there is none."""
    return Text(plain(card.name, most).strip() or "—", style=Style(link=card.url))


def ref_of(card: CardLine, links: int) -> Text:
    """The ref, and whatever must be known of the card."""
    return Text(str(card.ref), style="cyan").append_text(note_of(card, links))


def note_of(card: CardLine, links: int) -> Text:
    """Its state and its links if they are many, after a dot; nothing as a rule."""
    note = card.note(links)
    return Text(f" · {note}" if note else "", style="dim")


def relation_text(relation: Relation | None, is_main: bool | None) -> str:
    """A kind of link, with a star where the contact is the main one."""
    return f"{relation}{' ★' if is_main else ''}"
