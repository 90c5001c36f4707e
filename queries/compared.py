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
        since: Number, or moment (UTC) at which it stood; a day or a weekday (the last one before
            now) is its beginning, or else the first snapshot of it; «previous» is the one kept
            before the later one.
        until: The same, but a day is its end; «newest» is `current`.

    Raises:
        InvalidParameter: no such snapshot is kept, or they stand the wrong way round.
    """
    later = current if until == NEWEST else _meant(kept, current, until, is_end=True)
    before = [one for one in kept if one.number < later.number]
    if since == PREVIOUS and not before:
        raise InvalidParameter(
            f"snapshot {later.number} is the oldest that is kept: there is nothing to compare with",
            hint="sync again later; how many are kept: the account's setting `keep`",
        )
    earlier = before[-1] if since == PREVIOUS else _meant(kept, current, since, is_end=False)
    if earlier.number >= later.number:
        raise InvalidParameter(
            f"snapshot {earlier.number} is not earlier than {later.number}",
            hint=f"kept are {_named(kept)}",
        )
    return earlier, later


def _meant(kept: Sequence[Snapshot], current: Snapshot, text: str, *, is_end: bool) -> Snapshot:
    if text == NEWEST:
        return current
    if text == PREVIOUS:
        found = [one for one in kept if one.number < current.number]
    elif text.isdigit():
        found = [one for one in kept if one.number == int(text)]
    elif (day := _day(text)) is None:
        found = _upto(kept, datetime.fromisoformat(text))
    elif is_end:
        found = _upto(kept, day + timedelta(days=1, minutes=-1))
    else:
        of_it = [one for one in kept if _taken_at(one).date() == day.date()]
        found = _upto(kept, day) or of_it[:1]
    if not found:
        raise InvalidParameter(
            f"no snapshot of «{plain(text, 40)}» is kept", hint=f"kept are {_named(kept)}"
        )
    return found[-1]


def _upto(kept: Sequence[Snapshot], moment: datetime) -> list[Snapshot]:
    # By the minute, as `_named` shows it and people type it.
    return [one for one in kept if _taken_at(one).replace(second=0, microsecond=0) <= moment]


def _day(text: str) -> datetime | None:
    """The beginning of a day; None for a moment."""
    if text not in WEEKDAYS:
        return None if ":" in text else datetime.fromisoformat(text)
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    days = (today.weekday() - WEEKDAYS.index(text)) % 7
    return today - timedelta(days=days or 7)


def _taken_at(snapshot: Snapshot) -> datetime:
    return datetime.fromisoformat(snapshot.card().taken_at)


def _named(kept: Sequence[Snapshot]) -> str:
    return ", ".join(f"{one.number} of {_taken_at(one):%Y-%m-%d %H:%M}" for one in kept) or "none"
