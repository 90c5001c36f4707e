"""The phones and e-mails of cards, out of their custom fields, as typed and as normalised."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import pyarrow as pa

from linkgraph.amocrm import wire
from linkgraph.mirror.normalising import normalised
from linkgraph.model import EntityType

_KINDS = {"PHONE": "phone", "EMAIL": "email"}
_FIELDS = msgspec.json.Decoder(list[dict[str, Any]])


def identifiers_of(entity_type: EntityType, cards: Iterable[wire.Card], country: str) -> pa.Table:
    """A table with a row for each phone and e-mail of the cards (columns as in the schema).

    A value that holds several has a row for each; one that holds none has a row too.
    """
    rows = [
        (kind, value, form, label, card.id)
        for card in cards
        for kind, value, label in _values(card)
        for form in normalised(kind, value, country) or (None,)
    ]
    return pa.table(
        {
            "kind": pa.array([row[0] for row in rows], pa.string()),
            "value": pa.array([row[1] for row in rows], pa.string()),
            "normalised": pa.array([row[2] for row in rows], pa.string()),
            "label": pa.array([row[3] for row in rows], pa.string()),
            "entity_type": pa.array([entity_type.value] * len(rows), pa.string()),
            "entity_id": pa.array([row[4] for row in rows], pa.int64()),
        }
    )


def _values(card: wire.Card) -> Iterator[tuple[str, str, str | None]]:
    text = card.custom_fields_json
    # Most cards have no such field: reading their JSON would be most of the work of a page.
    if text is None or ("PHONE" not in text and "EMAIL" not in text):
        return
    try:
        fields = _FIELDS.decode(text)
    except msgspec.DecodeError:
        return  # a shape that no account has shown; the text itself is kept with the card
    for item in fields:
        kind = _KINDS.get(str(item.get("field_code")))
        values = item.get("values")
        if kind is None or not isinstance(values, list):
            continue
        for entry in values:
            value = entry.get("value") if isinstance(entry, dict) else None
            if isinstance(value, str | int) and str(value).strip():
                label = entry.get("enum_code") or entry.get("enum")
                yield kind, str(value), None if label is None else str(label)
