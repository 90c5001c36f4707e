"""A link that came, went or changed between two snapshots, in words."""

from __future__ import annotations

from linkgraph.model import Metadata
from linkgraph.wording.editwords import sets

#: What happened to a link, in the order in which it is shown, with its sign.
SIGNS = {"added": "+", "removed": "−", "changed": "~"}


def carried(change: str, old: Metadata, new: Metadata) -> str:
    """What a link carries, or of a changed one what differs: `× 3 → × 2, main → not main`."""
    if change != "changed":
        return sets(new if change == "added" else old)
    parts = [
        f"{_told(was)} → {_told(now)}"
        for was, now in (
            (Metadata(is_main=old.is_main), Metadata(is_main=new.is_main)),
            (Metadata(quantity=old.quantity), Metadata(quantity=new.quantity)),
            (Metadata(price_id=old.price_id), Metadata(price_id=new.price_id)),
        )
        if was != now
    ]
    return ", ".join(parts)


def _told(metadata: Metadata) -> str:
    return sets(metadata) or "not told"
