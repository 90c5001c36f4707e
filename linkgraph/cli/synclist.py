"""The syncs of an account as rows: when each was, what it read, what it changed, why it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linkgraph.cli import progress

if TYPE_CHECKING:
    import pyarrow as pa

    from linkgraph.session import Session
    from queries.timeline import SyncEntry

_KINDS = ("added", "removed", "changed")


def synced(session: Session) -> pa.Table:
    """A row a sync, newest first; what cannot be compared has no numbers of links."""
    import pyarrow as pa

    schema = pa.schema(
        [
            ("sync", pa.int64()),
            ("ending", pa.string()),
            ("kind", pa.string()),
            ("started_at", pa.timestamp("s")),
            ("finished_at", pa.timestamp("s")),
            ("cards", pa.int64()),
            ("links", pa.int64()),
            ("since", pa.int64()),
            *((kind, pa.int64()) for kind in _KINDS),
            ("error", pa.string()),
        ]
    )
    with progress.waiting("counting what each sync changed"):
        rows = [_row(session, entry) for entry in session.timeline()]
    return pa.Table.from_pylist(rows, schema)


def _row(session: Session, entry: SyncEntry) -> dict[str, object]:
    row: dict[str, object] = {
        "sync": entry.number,
        "ending": entry.ending.value,
        "kind": entry.kind,
        "started_at": entry.started_at.replace(microsecond=0),
        "finished_at": entry.finished_at and entry.finished_at.replace(microsecond=0),
        "cards": entry.cards,
        "links": entry.links,
        "since": entry.before,
        "error": entry.error or None,
    }
    if entry.number is not None and entry.before is not None:
        changes = session.change_counts(entry.before, entry.number)
        row |= {kind: sum(getattr(one, kind) for one in changes) for kind in _KINDS}
    return row
