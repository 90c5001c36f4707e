"""The journal of edits: who wants what, and all that became of it.

Invariants: nothing is ever deleted; every change of an edit's state stands in `edit_events`, in the
same transaction; several processes may write at once.
"""

import getpass
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from linkgraph.edit import Edit, Verb
from linkgraph.edits.entries import Base, Entry, Event, Origin, QueuedEdit, Source
from linkgraph.edits.states import State
from linkgraph.edits.tables import EDIT_EVENTS, EDITS, METADATA, PUSHES
from linkgraph.errors import HomeUnusable, UsageError
from linkgraph.mirror.accountfile import AccountFile
from linkgraph.mirror.clock import now
from linkgraph.model import Metadata, Ref
from linkgraph.plaintext import plain

T = TypeVar("T")

_NOTE = 500
"""Characters kept of a reason: a server may send a megabyte."""
_AT_ONCE = 500
"""Ids in one statement: SQLite takes some 32,000 parameters, older ones 999."""


class Journal:
    """The edits of an account, in its `account.sqlite`.

    Args:
        path: the file; made where it is missing.
        by: who acts; the user of this machine where it is not said.

    All methods raise `HomeUnusable` where the file cannot be read or written.
    """

    def __init__(self, path: Path, by: str = "") -> None:
        self.by = plain(by or person(), 80)
        self.file = AccountFile(path, METADATA)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()

    # Writing

    def add(
        self, entries: Sequence[Entry], snapshot: int | None, on: Connection | None = None
    ) -> list[int]:
        """Queue edits; returns their ids, in order. One whose uuid is known keeps its id.

        `on` is the transaction to do it in, from `file.writing()`, where there is one already.
        """
        if on is None:
            with self.file.writing() as connection:
                return self.add(entries, snapshot, connection)
        known = {edit.uuid: edit.id for edit in self.with_uuids(entries, on)}
        fresh = [entry for entry in entries if entry.uuid not in known]
        # Nobody else writes meanwhile, and no row ever goes.
        first = 1 + (on.scalar(select(func.max(EDITS.c.edit_id))) or 0)
        numbers = range(first, first + len(fresh))
        rows = [
            {"edit_id": number, **self._row(entry, snapshot)}
            for number, entry in zip(numbers, fresh, strict=True)
        ]
        if rows:
            on.execute(insert(EDITS), rows)
        against = f", against snapshot {snapshot}" if snapshot else ""
        notes = [f"from {entry.origin}{against}" for entry in fresh]
        self._tell_each(on, dict(zip(numbers, notes, strict=True)), State.QUEUED)
        ids = iter(numbers)
        return [known[entry.uuid] if entry.uuid in known else next(ids) for entry in entries]

    def move(
        self,
        ids: Iterable[int],
        state: State,
        reason: str,
        *,
        push: int | None = None,
        on: Connection | None = None,
    ) -> None:
        """Put edits into a state, and say why."""
        if on is None:
            with self.file.writing() as connection:
                self.move(ids, state, reason, push=push, on=connection)
            return
        wanted = list(ids)
        reason = plain(reason, _NOTE)
        values: dict[str, Any] = {"state": state.value, "reason": reason}
        if push is not None:
            values["push_id"] = push
        for part in in_parts(wanted):
            on.execute(update(EDITS).where(EDITS.c.edit_id.in_(part)).values(values))
        self._tell(on, wanted, state, reason, push)

    def drop(self, reasons: Mapping[int, str], on: Connection) -> None:
        """Drop edits, each for a reason of its own (by id)."""
        rows = [{"which": edit, "why": plain(why, _NOTE)} for edit, why in reasons.items()]
        if rows:
            on.execute(
                update(EDITS)
                .where(EDITS.c.edit_id == bindparam("which"))
                .values(state=State.DROPPED.value, reason=bindparam("why")),
                rows,
            )
        self._tell_each(on, reasons, State.DROPPED)

    def conflict(self, edit_id: int, seen: Base, reason: str, on: Connection | None = None) -> None:
        """Mark that what an edit is about changed since it was queued.

        `seen` is how things stood then: what the edit is decided upon if it is kept.
        """
        if on is None:
            with self.file.writing() as connection:
                self.conflict(edit_id, seen, reason, connection)
            return
        on.execute(update(EDITS).where(EDITS.c.edit_id == edit_id).values(seen=_json_of(seen)))
        self.move([edit_id], State.CONFLICT, reason, on=on)

    def rebase(
        self, bases: Mapping[int, Base | None], reason: str, on: Connection | None = None
    ) -> None:
        """Queue edits again upon another state of things."""
        if on is None:
            with self.file.writing() as connection:
                self.rebase(bases, reason, connection)
            return
        for edit_id, base in bases.items():
            on.execute(
                update(EDITS)
                .where(EDITS.c.edit_id == edit_id)
                .values(base=_json_of(base), seen=None)
            )
        self.move(bases, State.QUEUED, reason, on=on)

    # Reading

    def edits(
        self,
        *,
        ids: Iterable[int] | None = None,
        states: Iterable[State] | None = None,
        cards: Iterable[Ref] = (),
        push: int | None = None,
        by: str | None = None,
        limit: int | None = None,
        on: Connection | None = None,
    ) -> list[QueuedEdit]:
        """Edits in the order in which they were queued: all, or those that fit all that is said.

        Args:
            ids: of these ids.
            states: in one of these states.
            cards: about one of these cards, at either end.
            push: last taken up by this push.
            by: queued by this person.
            limit: the newest so many.
            on: a transaction to read in.
        """
        if on is None:
            with self.file.reading() as connection:
                return self.edits(
                    ids=ids,
                    states=states,
                    cards=cards,
                    push=push,
                    by=by,
                    limit=limit,
                    on=connection,
                )
        query = select(EDITS)
        if states is not None:
            query = query.where(EDITS.c.state.in_([state.value for state in states]))
        if push is not None:
            query = query.where(EDITS.c.push_id == push)
        if by is not None:
            query = query.where(EDITS.c.queued_by == by)
        named = [str(ref) for ref in cards]
        if named:
            query = query.where(or_(EDITS.c.a.in_(named), EDITS.c.b.in_(named)))
        if limit is not None:
            query = query.order_by(EDITS.c.edit_id.desc()).limit(limit)
        queries = (
            [query]
            if ids is None
            else [query.where(EDITS.c.edit_id.in_(part)) for part in in_parts(list(ids))]
        )
        with self._readable():
            found = [_edit(row) for one in queries for row in on.execute(one).mappings()]
        return sorted(found, key=lambda edit: edit.id)

    def events(self, ids: Iterable[int] | None = None) -> list[Event]:
        """What happened to edits, oldest first."""
        query = select(EDIT_EVENTS).order_by(EDIT_EVENTS.c.event_id)
        queries = (
            [query]
            if ids is None
            else [query.where(EDIT_EVENTS.c.edit_id.in_(part)) for part in in_parts(list(ids))]
        )
        with self.file.reading() as connection, self._readable():
            return [
                Event(
                    row["edit_id"],
                    row["at"],
                    State(row["state"]),
                    row["by"],
                    row["push_id"],
                    row["note"],
                )
                for one in queries
                for row in connection.execute(one).mappings()
            ]

    def with_uuids(self, entries: Iterable[Entry], on: Connection) -> list[QueuedEdit]:
        """The edits that entries bring along from elsewhere, where they are here already."""
        wanted = [entry.uuid for entry in entries if entry.uuid]
        with self._readable():
            return [
                _edit(row)
                for start in range(0, len(wanted), _AT_ONCE)
                for row in on.execute(
                    select(EDITS).where(EDITS.c.uuid.in_(wanted[start : start + _AT_ONCE]))
                ).mappings()
            ]

    def pushed(self, on: Connection) -> set[int]:
        """The edits that a push has which is under way, or was broken off and will go on."""
        under_way = select(PUSHES.c.push_id).where(PUSHES.c.state.in_(("running", "interrupted")))
        return set(on.scalars(select(EDITS.c.edit_id).where(EDITS.c.push_id.in_(under_way))))

    def waiting(self, on: Connection) -> set[int]:
        """The edits that a push may take up: queued or planned, and in no push that is open."""
        states = [State.QUEUED.value, State.PLANNED.value]
        found = set(on.scalars(select(EDITS.c.edit_id).where(EDITS.c.state.in_(states))))
        return found - self.pushed(on)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Say plainly of rows that they are none of this version's."""
        try:
            yield
        except (ValueError, TypeError, KeyError, UsageError, msgspec.MsgspecError) as error:
            raise HomeUnusable(
                f"{self.file.path} holds an edit that cannot be read: {plain(str(error), 120)}",
                hint="a newer linkgraph may have written it: use that one; else the file is "
                "damaged: put back a copy of it",
            ) from error

    def _row(self, entry: Entry, snapshot: int | None) -> dict[str, Any]:
        told = entry.edit.metadata
        return {
            "uuid": entry.uuid or str(uuid4()),
            "verb": entry.edit.verb.value,
            "a": str(entry.edit.a),
            "b": str(entry.edit.b),
            "is_main": told.is_main,
            "quantity": told.quantity,
            "price_id": told.price_id,
            "updated_by": entry.updated_by,
            "state": State.QUEUED.value,
            "reason": "",
            "queued_by": self.by,
            "queued_at": now(),
            "origin": entry.origin.source.value,
            "origin_detail": plain(entry.origin.detail, _NOTE),
            "snapshot": snapshot,
            "base": _json_of(entry.base),
        }

    def _tell(
        self, on: Connection, ids: Sequence[int], state: State, note: str, push: int | None
    ) -> None:
        self._tell_each(on, dict.fromkeys(ids, note), state, push)

    def _tell_each(
        self, on: Connection, notes: Mapping[int, str], state: State, push: int | None = None
    ) -> None:
        moment = now()
        rows = [
            {
                "edit_id": edit_id,
                "at": moment,
                "state": state.value,
                "by": self.by,
                "push_id": push,
                "note": plain(note, _NOTE),
            }
            for edit_id, note in notes.items()
        ]
        if rows:
            on.execute(insert(EDIT_EVENTS), rows)


def person() -> str:
    """Who sits at this machine, as far as it says."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "somebody"


def _edit(row: Any) -> QueuedEdit:
    metadata = Metadata(row["is_main"], row["quantity"], row["price_id"])
    edit = Edit(Verb(row["verb"]), Ref.parse(row["a"]), Ref.parse(row["b"]), metadata)
    return QueuedEdit(
        id=row["edit_id"],
        uuid=row["uuid"],
        edit=edit,
        state=State(row["state"]),
        reason=row["reason"],
        by=row["queued_by"],
        at=row["queued_at"],
        origin=Origin(Source(row["origin"]), row["origin_detail"]),
        updated_by=row["updated_by"],
        snapshot=row["snapshot"],
        base=_base(row["base"]),
        seen=_base(row["seen"]),
        push=row["push_id"],
    )


def _json_of(base: Base | None) -> Any:
    if base is None:
        return None
    link = None if base.link is None else msgspec.to_builtins(base.link)
    return {"link": link, "slot": [str(ref) for ref in base.slot]}


def _base(value: Any) -> Base | None:
    if value is None:
        return None
    link = None if value["link"] is None else msgspec.convert(value["link"], Metadata)
    return Base(link, tuple(map(Ref.parse, value["slot"])))


def in_parts(ids: Sequence[T]) -> list[Sequence[T]]:
    """Ids, or refs, in as many lists as statements take that name them."""
    return [ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)]
