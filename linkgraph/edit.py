"""An edit: a goal for one link, as a question proposes it and a person queues it.

In text an edit is a verb, two refs and what the link is to carry; several are joined by «; »:

    main lead:1 contact:2
    unlink lead:1 company:2; link lead:1 company:3
    link lead:1 element:4521/7 quantity=2.5 price=11

`price=none` takes a price from an element's link; its `price_id` is 0, which no field has.
"""

import math
import re
from dataclasses import dataclass
from enum import StrEnum

from linkgraph.errors import InvalidEdit, InvalidRef
from linkgraph.model import MAX_ID, EntityType, Metadata, Ref, linkable

_BETWEEN = "; "
_INTEGER = re.compile(r"\d{1,19}", re.ASCII)
_HINT = "write for instance: link lead:1 contact:2 main=yes"
_NOTHING = Metadata()
_NO_PRICE = "none"
#: The types of which one has the other for its main contact.
MAIN_ENDS = (
    {EntityType.LEAD, EntityType.CONTACT},
    {EntityType.CUSTOMER, EntityType.CONTACT},
)
_YES_OR_NO = {"yes": True, "no": False}


class Verb(StrEnum):
    """What an edit does."""

    LINK = "link"
    UNLINK = "unlink"
    MAIN = "main"
    """Make a linked contact the main one."""
    MOVE = "move"
    """Move all links of a card to another card of its type, as for duplicates."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit. Which of the two cards comes first matters for `move` alone: from, to."""

    verb: Verb
    a: Ref
    b: Ref
    metadata: Metadata = _NOTHING
    """What the link is to carry; for `link` alone."""

    def __str__(self) -> str:
        told = self.metadata
        words = [self.verb.value, str(self.a), str(self.b)]
        if told.is_main is not None:
            words.append(f"main={'yes' if told.is_main else 'no'}")
        if told.quantity is not None:
            words.append(f"quantity={repr(told.quantity).removesuffix('.0')}")
        if told.price_id is not None:
            words.append(f"price={told.price_id or _NO_PRICE}")
        return " ".join(words)

    @classmethod
    def parse(cls, text: str) -> "Edit":
        """Read one edit.

        Raises:
            InvalidEdit: it is none, or joins cards that cannot be linked.
        """
        verb, *rest = text.split()[:6] or [""]
        if verb not in set(Verb) or len(rest) < 2:
            raise InvalidEdit(f"«{text[:120]}» is no edit", hint=_HINT)
        try:
            edit = cls(Verb(verb), Ref.parse(rest[0]), Ref.parse(rest[1]), _metadata(rest[2:]))
        except InvalidRef as error:
            raise InvalidEdit(error.message, hint=error.hint) from error
        check(edit)
        return edit


def check(edit: Edit) -> None:
    """Refuse an edit that no account could take, whatever its cards are.

    Raises:
        InvalidEdit: it joins cards that cannot be linked, or says what its verb does not set.
    """
    if edit.verb is Verb.MOVE:
        if edit.a.type is not edit.b.type or edit.a == edit.b:
            raise InvalidEdit(f"«{edit}» does not join two cards of a type", hint=_HINT)
    elif not linkable(edit.a.type, edit.b.type):
        raise InvalidEdit(f"a {edit.a.type} cannot be linked to a {edit.b.type}", hint=_HINT)
    if edit.verb is not Verb.LINK and edit.metadata != _NOTHING:
        raise InvalidEdit(f"«{edit.verb}» sets nothing else", hint=_HINT)
    if edit.verb is Verb.MAIN and {edit.a.type, edit.b.type} not in MAIN_ENDS:
        raise InvalidEdit("only a lead or a customer has a main contact", hint=_HINT)


def edits_of(text: str | None) -> tuple[Edit, ...]:
    """The edits that a `fix` column proposes; none where it is empty.

    Raises:
        InvalidEdit: a part of it is no edit.
    """
    return tuple(Edit.parse(part) for part in text.split(_BETWEEN)) if text else ()


def in_text(edits: tuple[Edit, ...]) -> str | None:
    """Edits as a `fix` column holds them; None for none."""
    return _BETWEEN.join(map(str, edits)) or None


def _metadata(words: list[str]) -> Metadata:
    given = dict(word.partition("=")[::2] for word in words)
    try:
        main, quantity, price = (given.pop(name, None) for name in ("main", "quantity", "price"))
        found = Metadata(
            None if main is None else _YES_OR_NO[main],
            None if quantity is None else float(quantity),
            None if price is None else 0 if price == _NO_PRICE else _id(price),
        )
    except (KeyError, ValueError):
        found = None
    if found is None or given or not math.isfinite(found.quantity or 0):
        raise InvalidEdit(
            f"«{' '.join(words)[:120]}» is nothing that a link carries",
            hint="main=yes, quantity=2.5, price=11",
        )
    return found


def _id(text: str) -> int:
    if not _INTEGER.fullmatch(text) or int(text) > MAX_ID:
        raise ValueError(text)
    return int(text)
