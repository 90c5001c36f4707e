"""Which two kept snapshots are meant: by number, by the moment at which one stood, by a word."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from linkgraph.errors import InvalidParameter
from linkgraph.mirror.clock import now
from linkgraph.mirror.snapshots import Snapshot
from linkgraph.plaintext import plain
from queries.parameters import NEWEST, PREVIOUS, WEEKDAYS


def compared(
    kept: Sequence[Snapshot], current: Snapshot, since: str, until: str
) -> tuple[Snapshot, Snapshot]:
    """The earlier and the later snapshot of a comparison.

    Args:
        kept: Every snapshot there is, oldest first.
        current: The one that is read.
        since: Number, moment (UTC; a day is its beginning) or weekday (the last one before now);
            «previous» is the one kept before the later one.
        until: The same; «newest» is `current`.

    Raises:
        InvalidParameter: no such snapshot is kept, or they stand the wrong way round.
    """
    later = current if until == NEWEST else _meant(kept, current, until)
    before = [one for one in kept if one.number < later.number]
    if since == PREVIOUS and not before:
        raise InvalidParameter(
            f"snapshot {later.number} is the oldest that is kept: there is nothing to compare with",
            hint="sync again later; how many are kept: the account's setting `keep`",
        )
    earlier = before[-1] if since == PREVIOUS else _meant(kept, current, since)
    if earlier.number >= later.number:
        raise InvalidParameter(
            f"snapshot {earlier.number} is not earlier than {later.number}",
            hint=f"kept are {_named(kept)}",
        )
    return earlier, later


def _meant(kept: Sequence[Snapshot], current: Snapshot, text: str) -> Snapshot:
    if text == NEWEST:
        return current
    if text == PREVIOUS:
        found = [one for one in kept if one.number < current.number]
    elif text.isdigit():
        found = [one for one in kept if one.number == int(text)]
    else:
        moment = _moment(text)
        # By the minute, as `_named` shows it and people type it.
        found = [one for one in kept if _taken_at(one).replace(second=0, microsecond=0) <= moment]
    if not found:
        raise InvalidParameter(
            f"no snapshot of «{plain(text, 40)}» is kept", hint=f"kept are {_named(kept)}"
        )
    return found[-1]


def _moment(text: str) -> datetime:
    if text not in WEEKDAYS:
        return datetime.fromisoformat(text)
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    days = (today.weekday() - WEEKDAYS.index(text)) % 7
    return today - timedelta(days=days or 7)


def _taken_at(snapshot: Snapshot) -> datetime:
    return datetime.fromisoformat(snapshot.card().taken_at)


def _named(kept: Sequence[Snapshot]) -> str:
    return ", ".join(f"{one.number} of {_taken_at(one):%Y-%m-%d %H:%M}" for one in kept) or "none"
