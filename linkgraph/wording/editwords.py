"""An edit in words: what it does to which cards, and what the link is to carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from linkgraph.edit import Verb
from linkgraph.plaintext import plain

if TYPE_CHECKING:
    from linkgraph.edit import Edit
    from linkgraph.model import Metadata, Ref
    from queries.cardlines import CardLine

#: Most characters of a card's name.
_NAME = 60
_FORMS = {
    Verb.LINK: "link {a} to {b}",
    Verb.UNLINK: "unlink {a} from {b}",
    Verb.MAIN: "make {b} the main contact of {a}",
    Verb.MOVE: "move all links of {a} to {b}",
}


def in_words(edit: Edit, lines: Mapping[Ref, CardLine]) -> str:
    """An edit as a person says it, its cards by ref and name as far as they are known."""
    a, b = edit.a, edit.b
    if edit.verb is Verb.MAIN and a.type.rank > b.type.rank:
        a, b = b, a
    text = _FORMS[edit.verb].format(a=_card(a, lines), b=_card(b, lines))
    carried = sets(edit.metadata)
    return f"{text}: {carried}" if carried else text


def sets(metadata: Metadata) -> str:
    """What a link is to carry, in words: `main, × 2.5, price 11`."""
    parts = {None: [], True: ["main"], False: ["not main"]}[metadata.is_main]
    if metadata.quantity is not None:
        parts.append(f"× {metadata.quantity:.15g}")
    if metadata.price_id is not None:
        parts.append(f"price {metadata.price_id}" if metadata.price_id else "no price")
    return ", ".join(parts)


def _card(ref: Ref, lines: Mapping[Ref, CardLine]) -> str:
    line = lines.get(ref)
    name = plain(line.name, _NAME).strip() if line else ""
    return f"{ref} «{name}»" if name else str(ref)
