"""Queueing edits: checked, met with those that stand, and written, in one transaction.

Two processes that queue at once take turns, so neither overlooks what the other has queued. Either
all edits of a group are queued or none.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import msgspec
from sqlalchemy import Connection, select

from linkgraph.edit import Edit, Verb
from linkgraph.edits.changes import Way
from linkgraph.edits.checks import problem, refusal, warnings
from linkgraph.edits.entries import Entry, QueuedEdit
from linkgraph.edits.journal import Journal
from linkgraph.edits.known import Known
from linkgraph.edits.meeting import Meeting
from linkgraph.edits.states import OPEN, State
from linkgraph.edits.tables import CHANGES
from linkgraph.errors import InvalidEdit, UsageError
from linkgraph.model import Metadata, Ref

#: Edits that the next one may meet: those that can still be replaced, and those that were sent.
_MET = (*OPEN, State.SENT, State.UNKNOWN)
_FEW = 400
"""Cards up to which the journal is asked for their edits alone."""
_SHOWN = 20
"""Bad edits that are named; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Queued:
    """What came of edits that were to be queued."""

    edits: tuple[QueuedEdit, ...] = ()
    """What stands in the queue now for what was asked."""
    replaced: tuple[QueuedEdit, ...] = ()
    """Edits that were replaced or cancelled, with the reason."""
    cancelled: tuple[QueuedEdit, ...] = ()
    """Asked for and cancelled at once, since an earlier one and this one meet to nothing."""
    warnings: tuple[str, ...] = ()
    """What a person should know, each once."""
    new: frozenset[int] = frozenset()
    """Ids of the edits that were not in the journal before."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks say of one edit."""

    entry: Entry
    error: UsageError | None
    """Why it cannot be queued; None where it can."""
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Tried:
    """Entries that met the queue, on paper."""

    meeting: Meeting
    checked: tuple[Checked, ...]
    """One an entry, in order."""
    keys: tuple[int | None, ...]
    """What stands for each entry; None for a refused one."""
    standing: Mapping[int, QueuedEdit]


@dataclass(frozen=True, slots=True)
class _Written:
    """Ids of what came of a transaction."""

    standing: set[int]
    replaced: set[int]
    cancelled: set[int]
    warnings: tuple[str, ...]
    new: frozenset[int]


def check(journal: Journal, entries: Sequence[Entry], known: Known) -> list[Checked]:
    """The checks alone: nothing is queued."""
    with journal.file.reading() as connection:
        return list(_try(journal, connection, entries, known).checked)


def queue(journal: Journal, entries: Sequence[Entry], known: Known) -> Queued:
    """Queue all entries, in order.

    Raises:
        InvalidEdit, InvalidRef: one is bad, and none was queued; several are named by number.
    """
    with journal.file.writing() as connection:
        tried = _try(journal, connection, entries, known)
        bad = [(number, one.error) for number, one in enumerate(tried.checked, 1) if one.error]
        if bad:
            raise _refused(bad, len(entries))
        written = _write(journal, connection, tried)
    return _told(journal, written)


def queue_groups(
    journal: Journal, groups: Sequence[Sequence[Entry]], known: Known, *, partial: bool = True
) -> tuple[Queued, dict[int, UsageError]]:
    """Queue what can be queued, each group whole or not at all.

    Args:
        journal: where to.
        groups: edits that belong together.
        known: what the snapshot knows of them.
        partial: whether good groups are queued although there are bad ones.

    Returns:
        What was queued, and why groups were not, by their place (from 0).
    """
    refused: dict[int, UsageError] = {}
    with journal.file.writing() as connection:
        while True:
            # Anew without the refused ones: another may have counted on what they were to link.
            places = [place for place in range(len(groups)) if place not in refused]
            entries = [entry for place in places for entry in groups[place]]
            tried = _try(journal, connection, entries, known)
            found = refusals([groups[place] for place in places], tried.checked)
            if not found:
                written = _write(journal, connection, tried)
                break
            refused |= {places[place]: error for place, error in found.items()}
            if not partial:
                return Queued(), refused
    return _told(journal, written), refused


def refusals(
    groups: Sequence[Sequence[Entry]], checked: Sequence[Checked]
) -> dict[int, UsageError]:
    """The first error of each group that has one, by its place; `checked` goes through them all."""
    found: dict[int, UsageError] = {}
    results = iter(checked)
    for place, group in enumerate(groups):
        errors = [one.error for one in islice(results, len(group)) if one.error is not None]
        if errors:
            found[place] = errors[0]
    return found


def requeue(journal: Journal, edits: Sequence[QueuedEdit], on: Connection) -> Queued:
    """Drop edits and queue the same anew, upon whatever stands when they are planned next.

    `on` is the transaction in which it was found that they may be.
    """
    carried = _unlinked_for(edits, on)
    entries = [Entry(carried.get(one.id, one.edit), one.origin, one.updated_by) for one in edits]
    leaving = [one.id for one in edits]
    written = _write(journal, on, _try(journal, on, entries, Known(), leaving), leaving)
    return replace(_told(journal, written, on), warnings=())


def _unlinked_for(edits: Sequence[QueuedEdit], on: Connection) -> dict[int, Edit]:
    """Edits that say all that a link is to carry which a push unlinked to link it anew, by id.

    Where linking it was refused or is unknown, the link may be gone, and with it whatever the edit
    itself does not say: a quantity beside the new price.
    """
    pushes = {one.push for one in edits if one.push is not None}
    rows = on.execute(
        select(CHANGES.c.push_id, CHANGES.c.owner, CHANGES.c.other, CHANGES.c.write).where(
            CHANGES.c.push_id.in_(pushes),
            CHANGES.c.way == Way.REPLACE.value,
            CHANGES.c.step > 0,
            CHANGES.c.state.in_((State.FAILED.value, State.UNKNOWN.value)),
        )
    )
    write = {(push, owner, other): said for push, owner, other, said in rows}
    found: dict[int, Edit] = {}
    for one in edits:
        if one.pair is not None:
            owner, other = one.pair
            said = write.get((one.push, str(owner), str(other)))
            if said is not None:
                found[one.id] = Edit(Verb.LINK, owner, other, msgspec.convert(said, Metadata))
    return found


def _try(
    journal: Journal,
    on: Connection,
    entries: Sequence[Entry],
    known: Known,
    leaving: Collection[int] = (),
) -> _Tried:
    named = dict.fromkeys(ref for one in entries for ref in (one.edit.a, one.edit.b))
    cards: Iterable[Ref] = named if len(named) <= _FEW else ()
    standing = {one.id: one for one in journal.edits(states=_MET, cards=cards, on=on)}
    here = {one.uuid: one for one in journal.with_uuids(entries, on)}
    pushed = journal.pushed(on)
    busy = {
        one.id
        for one in standing.values()
        if one.state in (State.SENT, State.UNKNOWN)
        or (one.state is State.PLANNED and one.id in pushed)
    }
    staying = [one for one in standing.values() if one.id not in leaving]
    meeting = Meeting.of(known, staying, busy)
    standing |= {one.id: one for one in here.values()}
    checked: list[Checked] = []
    keys: list[int | None] = []
    came: dict[str, int] = {one.uuid: one.id for one in here.values()}
    for entry in entries:
        if entry.uuid in came:
            checked.append(Checked(entry, None, ()))
            keys.append(came[entry.uuid])
            continue
        error = problem(entry) or refusal(entry, known, meeting)
        told = () if error else tuple(warnings(entry, known, meeting))
        key = None if error else meeting.add(entry)
        if key is not None and entry.uuid:
            came[entry.uuid] = key
        if key is not None and key > 0 and standing[key].state is State.CONFLICT:
            told += (f"#{key} says so already and is in conflict: linkgraph edits resolve {key}",)
        checked.append(Checked(entry, error, told))
        keys.append(key)
    return _Tried(meeting, tuple(checked), tuple(keys), standing)


def _write(
    journal: Journal, on: Connection, tried: _Tried, leaving: Sequence[int] = ()
) -> _Written:
    """Write what came; `leaving` are the edits that the entries take the place of, if any."""
    meeting = tried.meeting
    ids = journal.add([one.entry for one in meeting.came], meeting.known.snapshot, on)
    id_of = {one.key: edit for one, edit in zip(meeting.came, ids, strict=True)}
    reasons = {
        id_of.get(key, key): ending.text.format(f"#{id_of.get(ending.other, ending.other)}")
        for key, ending in meeting.ended.items()
    }
    asked = [id_of.get(key, key) for key in tried.keys if key is not None]
    reasons |= {edit: f"queued again as #{new}" for edit, new in zip(leaving, asked, strict=False)}
    journal.drop(reasons, on)
    at_once = {id_of[key] for key, ending in meeting.ended.items() if ending.at_once}
    told = dict.fromkeys(warning for one in tried.checked for warning in one.warnings)
    if meeting.known.snapshot is None and tried.checked:
        told["there is no snapshot to check against yet; the plan will see"] = None
    standing = {*asked, *ids} - set(reasons)
    return _Written(standing, set(reasons) - at_once, at_once, tuple(told), frozenset(ids))


def _told(journal: Journal, written: _Written, on: Connection | None = None) -> Queued:
    """What was written, as the journal has it: read when others may write again."""
    wanted = written.standing | written.replaced | written.cancelled
    found = {one.id: one for one in journal.edits(ids=wanted, on=on)}

    def of(ids: set[int]) -> tuple[QueuedEdit, ...]:
        return tuple(found[one] for one in sorted(ids))

    return Queued(
        of(written.standing),
        of(written.replaced),
        of(written.cancelled),
        written.warnings,
        written.new,
    )


def _refused(bad: Sequence[tuple[int, UsageError]], count: int) -> UsageError:
    if count == 1:
        return bad[0][1]
    shown = [f"{number}: {error.message}" for number, error in bad[:_SHOWN]]
    if len(bad) > _SHOWN:
        shown.append(f"and {len(bad) - _SHOWN:,} more")
    return InvalidEdit(
        f"{len(bad):,} of {count:,} edits cannot be queued, so none was: {'; '.join(shown)}",
        hint=bad[0][1].hint,
    )
