"""`linkgraph edits log`: what became of edits, event by event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linkgraph.cli import output as out
from linkgraph.cli import tables
from linkgraph.cli.editlist import ROWS, card_option
from linkgraph.cli.options import Id, account_options, open_session, output_options
from linkgraph.cli.output import FORMATS, narrate
from linkgraph.edits.states import State
from linkgraph.settings import Home
from linkgraph.wording.numbers import counted

if TYPE_CHECKING:
    import pyarrow as pa

    from linkgraph.cli.editrows import Lines
    from linkgraph.edits.entries import Event, QueuedEdit


@click.command()
@click.option("--push", type=Id(), metavar="N", help="Only what this push did.")
@card_option
@click.option("--by", metavar="PERSON", help="Only what this person did.")
@click.option("--edit", "ids", type=Id(), metavar="ID", multiple=True, help="Only of this edit.")
@click.option("--limit", type=click.IntRange(min=0), help="The newest so many; 0 is all.")
@output_options(*FORMATS)
@account_options
def log(
    push: int | None,
    cards: tuple[str, ...],
    by: str | None,
    ids: tuple[int, ...],
    limit: int | None,
    format_: str | None,
    output: Path | None,
    account: str | None,
    home: Home,
) -> None:
    """Tell what became of edits, newest first: every state that each came to, by whom, and why.

    The journal forgets nothing. In SQL it is the tables edits, edit_events, pushes and changes.
    """
    from linkgraph.cli import editrows

    form = out.chosen(format_, output)
    most = (ROWS if form == "table" else 0) if limit is None else limit
    with open_session(home, account) as session:
        named = [session.ref(card) for card in cards]
        edits = {one.id: one for one in session.edits.list(states=list(State), cards=named)}
        chosen = [one for one in edits if not ids or one in ids]
        events = [
            event
            for event in reversed(session.edits.events(chosen))
            if (push is None or event.push == push) and (by is None or event.by == by)
        ]
        shown = events[:most] if most else events
        told = {event.edit: edits[event.edit] for event in shown}
        lines = editrows.lines_of(session, told.values())
    rows = _table(shown, told, lines, short=form == "table")
    if form != "table":
        out.write(rows, form, output)
    elif shown or not tables.is_terminal():
        tables.write_arrow(rows)
    newest = f"the newest {len(shown):,} of " if len(shown) < len(events) else ""
    narrate(
        f"{newest}{counted(len(events), 'event')}" if events else "nothing of the kind happened"
    )


def _table(
    events: Iterable[Event], edits: Mapping[int, QueuedEdit], lines: Lines, *, short: bool
) -> pa.Table:
    """A row an event; `short` leaves out what has no place on a screen."""
    import pyarrow as pa

    from linkgraph.cli.editrows import CARDS

    whole = [] if short else [("edit", pa.string())]
    schema = pa.schema(
        [
            ("happened_at", pa.timestamp("us")),
            ("edit_id", pa.int64()),
            ("verb", pa.string()),
            *whole,
            *CARDS,
            ("state", pa.string()),
            ("note", pa.string()),
            ("done_by", pa.string()),
            ("push_id", pa.int64()),
        ]
    )
    return pa.Table.from_pylist([_row(event, edits[event.edit], lines) for event in events], schema)


def _row(event: Event, queued: QueuedEdit, lines: Lines) -> dict[str, Any]:
    from linkgraph.cli.editrows import card_row

    return {
        "happened_at": event.at,
        "edit_id": event.edit,
        "state": event.state.value,
        "done_by": event.by,
        "push_id": event.push,
        "verb": queued.edit.verb.value,
        "edit": str(queued.edit),
        **card_row("a", queued.edit.a, lines),
        **card_row("b", queued.edit.b, lines),
        "note": event.note or None,
    }
