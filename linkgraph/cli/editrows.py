"""Edits of the journal as rows, with the names and addresses of their cards.

In files an edit is whole: what `edits import` reads stands in the column `edit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from linkgraph.wording.editwords import sets
from linkgraph.wording.mirrored import card_lines

if TYPE_CHECKING:
    from linkgraph.edits.entries import QueuedEdit
    from linkgraph.model import Ref
    from linkgraph.session import Session
    from queries.cardlines import CardLine

#: How much of the cards of an edit is known.
Lines = Mapping["Ref", "CardLine"]

_TEXT, _INTEGER, _MOMENT = pa.string(), pa.int64(), pa.timestamp("us")
#: The columns of the two cards of an edit.
CARDS = [
    (f"{end}_{what}", _TEXT)
    for end in ("a", "b")
    for what in ("ref", "name", "url")
]  # fmt: skip
_WHOLE = pa.schema(
    [
        ("edit_id", _INTEGER),
        ("state", _TEXT),
        ("edit", _TEXT),
        ("verb", _TEXT),
        *CARDS,
        ("is_main", pa.bool_()),
        ("quantity", pa.float64()),
        ("price_id", _INTEGER),
        ("updated_by", _INTEGER),
        ("reason", _TEXT),
        ("queued_by", _TEXT),
        ("queued_at", _MOMENT),
        ("origin", _TEXT),
        ("snapshot", _INTEGER),
        ("push_id", _INTEGER),
        ("uuid", _TEXT),
    ]
)
_SHORT = pa.schema(
    [
        ("edit_id", _INTEGER),
        ("state", _TEXT),
        ("verb", _TEXT),
        *CARDS,
        ("sets", _TEXT),
        ("reason", _TEXT),
        ("queued_by", _TEXT),
        ("queued_at", _MOMENT),
        ("origin", _TEXT),
    ]
)


def lines_of(session: Session, edits: Iterable[QueuedEdit]) -> Lines:
    """What the snapshot knows of the cards of edits; nothing where there is no snapshot to ask."""
    refs = {ref for queued in edits for ref in (queued.edit.a, queued.edit.b)}
    return card_lines(session, refs)


def whole(edits: Sequence[QueuedEdit], lines: Lines) -> pa.Table:
    """All of them with all there is to tell, for files."""
    return pa.Table.from_pylist([_row(queued, lines) for queued in edits], _WHOLE)


def short(edits: Sequence[QueuedEdit], lines: Lines) -> pa.Table:
    """All of them with what a person asks for first, for the screen."""
    return pa.Table.from_pylist([_row(queued, lines) for queued in edits], _SHORT)


def card_row(end: str, ref: Ref, lines: Lines) -> dict[str, Any]:
    """The three columns of a card."""
    line = lines.get(ref)
    return {
        f"{end}_ref": str(ref),
        f"{end}_name": line.name if line else None,
        f"{end}_url": line.url if line else None,
    }


def _row(queued: QueuedEdit, lines: Lines) -> dict[str, Any]:
    edit = queued.edit
    return {
        "edit_id": queued.id,
        "state": queued.state.value,
        "edit": str(edit),
        "verb": edit.verb.value,
        **card_row("a", edit.a, lines),
        **card_row("b", edit.b, lines),
        "is_main": edit.metadata.is_main,
        "quantity": edit.metadata.quantity,
        "price_id": edit.metadata.price_id,
        "sets": sets(edit.metadata) or None,
        "updated_by": queued.updated_by,
        "reason": queued.reason or None,
        "queued_by": queued.by,
        "queued_at": queued.at,
        "origin": str(queued.origin),
        "snapshot": queued.snapshot,
        "push_id": queued.push,
        "uuid": queued.uuid,
    }
