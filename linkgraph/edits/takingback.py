"""Taking back what was queued last, and queueing it again: the queue is as it was.

What a queueing added is dropped, and what it had replaced or cancelled waits again under its old
number, in its old place among the edits. All of it or nothing: what was sent or replaced meanwhile,
or stands in the way, is named and refused, and the queue is left alone.
"""

import re
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, func, or_, select

from linkgraph.edits.entries import QueuedEdit
from linkgraph.edits.journal import Journal
from linkgraph.edits.known import Known
from linkgraph.edits.meeting import Meeting
from linkgraph.edits.queueing import Queued
from linkgraph.edits.states import OPEN, State
from linkgraph.edits.tables import EDIT_EVENTS, EDITS
from linkgraph.errors import UsageError

_TAKEN_BACK = "taken back by "
#: How an edit came to its end that a later one has met (`meeting.Ending`).
_MET = re.compile(r"(?:replaced|cancelled) by #(?P<other>\d+)\b", re.ASCII)
_HINT = "see: linkgraph edits list"
_FEW = 400
"""Cards up to which the journal is asked for their edits alone."""


def take_back(journal: Journal, queued: Queued) -> Queued:
    """Drop what a queueing added, and let what it had replaced or cancelled wait again.

    Args:
        journal: where it was queued.
        queued: what came of the queueing.

    Returns:
        `edits`: what waits again; `replaced`: what was dropped.

    Raises:
        UsageError: it cannot be, because of what was sent, replaced or queued since; nothing was
            changed.
    """
    came, inner, met = _parts(queued)
    if not (came or met) or not all(_MET.match(one.reason) for one in met):
        raise UsageError("nothing was queued there that could be taken back", hint=_HINT)
    by = f"{_TAKEN_BACK}{journal.by}"
    with journal.file.writing() as connection:
        _check_wait(journal, connection, came)
        dropped = {one.id: by for one in (*came, *inner)}
        told = f"queued again: what met it was {by}"
        _revive(journal, connection, {one.id: one.reason for one in met}, told, dropped)
        journal.drop(dropped, connection)
        return _now(journal, connection, met, came)


def queue_again(journal: Journal, queued: Queued) -> Queued:
    """Let what was taken back wait again, and drop again what it replaces or cancels.

    Args:
        journal: where it was queued.
        queued: what came of the queueing that was taken back.

    Returns:
        `edits`: what waits again; `replaced`: what was dropped.

    Raises:
        UsageError: it was not taken back, or it cannot be because of what happened since; nothing
            was changed.
    """
    came, inner, met = _parts(queued)
    by = f"{_TAKEN_BACK}{journal.by}"
    with journal.file.writing() as connection:
        _check_wait(journal, connection, met)
        dropped = {one.id: one.reason for one in (*met, *inner)}
        told = f"queued again by {journal.by}"
        _revive(journal, connection, {one.id: by for one in came}, told, dropped)
        journal.drop(dropped, connection)
        return _now(journal, connection, came, met)


def last(journal: Journal) -> Queued:
    """The last queueing of this person that was not taken back, as `take_back` wants it.

    Raises:
        UsageError: there is none.
    """
    with journal.file.reading() as connection:
        newest = connection.scalar(
            select(func.max(EDITS.c.edit_id)).where(
                EDITS.c.queued_by == journal.by, EDITS.c.reason.not_like(f"{_TAKEN_BACK}%")
            )
        )
        if newest is None:
            raise UsageError("nothing was queued that could be taken back", hint=_HINT)
        ids = _queued_with(newest, connection)
        came = journal.edits(ids=ids, on=connection)
        ended = connection.execute(
            select(EDITS.c.edit_id, EDITS.c.reason).where(
                EDITS.c.state == State.DROPPED.value,
                or_(EDITS.c.reason.like("replaced by #%"), EDITS.c.reason.like("cancelled by #%")),
            )
        )
        met = {number for number, reason in ended if _other(reason) in ids}
        replaced = journal.edits(ids=met, on=connection)
    at_once = {one.id for one in came if one.reason.startswith("cancelled with #")}
    return Queued(
        tuple(one for one in came if one.id not in at_once | met),
        tuple(replaced),
        tuple(one for one in came if one.id in at_once),
        new=frozenset(ids),
    )


def _parts(
    queued: Queued,
) -> tuple[list[QueuedEdit], list[QueuedEdit], list[QueuedEdit]]:
    """What a queueing added; what it added and ended itself; what it found, and ended."""
    came = [one for one in queued.edits if one.id in queued.new]
    inner = [one for one in (*queued.replaced, *queued.cancelled) if one.id in queued.new]
    met = [one for one in queued.replaced if one.id not in queued.new]
    return came, inner, met


def _queued_with(edit: int, on: Connection) -> set[int]:
    """The edits that were queued together with one: they are told of at the same moment."""
    moment = select(func.min(EDIT_EVENTS.c.at)).where(EDIT_EVENTS.c.edit_id == edit)
    return set(
        on.scalars(
            select(EDIT_EVENTS.c.edit_id).where(
                EDIT_EVENTS.c.at == moment.scalar_subquery(),
                EDIT_EVENTS.c.state == State.QUEUED.value,
                EDIT_EVENTS.c.note.like("from %"),
            )
        )
    )


def _check_wait(journal: Journal, on: Connection, edits: Iterable[QueuedEdit]) -> None:
    """Refuse to drop what was sent, or what a later edit stands for; what is dropped is dropped."""
    pushed = journal.pushed(on)
    for one in journal.edits(ids=[edit.id for edit in edits], on=on):
        if one.state is State.DROPPED and _MET.match(one.reason):
            raise UsageError(f"#{one.id} was {one.reason} meanwhile", hint=_HINT)
        if one.state is not State.DROPPED and (one.state not in OPEN or _is_busy(one, pushed)):
            raise UsageError(
                f"#{one.id} was taken up by push {one.push} meanwhile: it is {one.state}",
                hint="what was pushed is taken back by: linkgraph edits undo",
            )


def _revive(
    journal: Journal,
    on: Connection,
    was: Mapping[int, str],
    why: str,
    leaving: Collection[int],
) -> None:
    """Let dropped edits wait again: `was` is by id why they were dropped, which must still be so.

    Raises:
        UsageError: something has become of one, or another is queued for the same by now.
    """
    found = journal.edits(ids=was, on=on)
    for one in found:
        if one.state is not State.DROPPED or one.reason != was[one.id]:
            told = f" ({one.reason})" if one.reason else ""
            raise UsageError(f"#{one.id} is {one.state} by now{told}", hint=_HINT)
    _check_free(journal, on, found, leaving)
    journal.move(was, State.QUEUED, why, on=on)


def _check_free(
    journal: Journal, on: Connection, coming: Collection[QueuedEdit], leaving: Collection[int]
) -> None:
    """Refuse to bring edits back beside others that are queued for the same by now."""
    cards = {ref for one in coming for ref in (one.edit.a, one.edit.b)}
    if not cards:
        return
    near = cards if len(cards) <= _FEW else ()
    states = (*OPEN, State.SENT, State.UNKNOWN)
    staying = [
        one for one in journal.edits(states=states, cards=near, on=on) if one.id not in leaving
    ]
    pushed = journal.pushed(on)
    busy = {one.id for one in staying if one.state not in OPEN or _is_busy(one, pushed)}
    back = {one.id for one in coming}
    together = sorted((*staying, *coming), key=lambda one: one.id)
    for number, ending in Meeting.of(Known(), together, busy).ended.items():
        own, other = (number, ending.other) if number in back else (ending.other, number)
        if own in back:
            named = f"#{other}" if other > 0 else "another edit"  # a part of one has no number
            raise UsageError(
                f"#{own} cannot wait again: {named} is queued for the same by now", hint=_HINT
            )


def _now(
    journal: Journal, on: Connection, waiting: Iterable[QueuedEdit], dropped: Iterable[QueuedEdit]
) -> Queued:
    return Queued(
        tuple(journal.edits(ids=[one.id for one in waiting], on=on)),
        tuple(journal.edits(ids=[one.id for one in dropped], on=on)),
    )


def _is_busy(one: QueuedEdit, pushed: set[int]) -> bool:
    return one.state is State.PLANNED and one.id in pushed


def _other(reason: str) -> int | None:
    """The edit that has replaced or cancelled one, by the reason why that is dropped."""
    met = _MET.match(reason)
    return int(met["other"]) if met else None
