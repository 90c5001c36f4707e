"""Changes and the states of cards as rows of the journal, and back."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, insert, select

from linkgraph.edits.changes import Change, Way
from linkgraph.edits.live import Live
from linkgraph.edits.states import State
from linkgraph.edits.tables import CARD_STATES
from linkgraph.model import Metadata, Ref


def row_of(push: int, change: Change, moment: datetime) -> dict[str, Any]:
    """A planned change as a row of `changes`."""
    return {
        "push_id": push,
        "number": change.number,
        "owner": str(change.pair[0]),
        "other": str(change.pair[1]),
        "before": in_json(change.before),
        "after": in_json(change.after),
        "write": in_json(change.write),
        "way": change.way.value,
        "phase": change.phase,
        "updated_by": change.updated_by,
        "edits": list(change.edits),
        "state": State.PLANNED.value,
        "note": change.note,
        "moved_at": moment,
    }


def change_of(row: RowMapping) -> Change:
    """The change that a row of `changes` holds."""
    return Change(
        number=row["number"],
        pair=(Ref.parse(row["owner"]), Ref.parse(row["other"])),
        before=state_of(row["before"]),
        after=state_of(row["after"]),
        write=state_of(row["write"]) or Metadata(),
        way=Way(row["way"]),
        phase=row["phase"],
        edits=tuple(row["edits"]),
        updated_by=row["updated_by"],
        note=row["note"],
    )


def put_cards(connection: Connection, push: int, live: Live, moment: str) -> None:
    """Keep cards as they are «before» or «after» a push."""
    rows = [
        {
            "push_id": push,
            "card": str(card),
            "moment": moment,
            "links": {str(far): in_json(link) for far, link in live.told_by(card).items()},
            "whole": live.is_whole(card),
        }
        for card in sorted(live.cards, key=str)
    ]
    if rows:
        connection.execute(insert(CARD_STATES).prefix_with("or replace"), rows)


def cards_of(connection: Connection, push: int, moment: str) -> Live:
    """Cards as they were kept «before» or «after» a push."""
    rows = connection.execute(
        select(CARD_STATES.c.card, CARD_STATES.c.links, CARD_STATES.c.whole).where(
            CARD_STATES.c.push_id == push, CARD_STATES.c.moment == moment
        )
    ).all()
    told = {
        Ref.parse(card): {
            Ref.parse(far): state_of(link) or Metadata() for far, link in kept.items()
        }
        for card, kept, _ in rows
    }
    return Live(told, [Ref.parse(card) for card, _, whole in rows if whole])


def in_json(state: Metadata | None) -> Any:
    """What a link carries, as the journal keeps it; None: not linked."""
    return None if state is None else msgspec.to_builtins(state)


def state_of(value: Any) -> Metadata | None:
    """What a link carries, from the journal."""
    return None if value is None else msgspec.convert(value, Metadata)
