"""The queue of an account's edits: filled, looked at and changed. Nothing here is sent."""

import builtins
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO

from sqlalchemy import Connection, Engine

from linkgraph.accounts import Account
from linkgraph.edit import Edit, Verb
from linkgraph.edits import importing, queueing, takingback
from linkgraph.edits.checks import problem
from linkgraph.edits.entries import Entry, Event, Origin, QueuedEdit, Source
from linkgraph.edits.importing import Imported
from linkgraph.edits.journal import Journal
from linkgraph.edits.known import Known, known
from linkgraph.edits.queueing import Checked, Queued
from linkgraph.edits.states import OPEN, State
from linkgraph.errors import UsageError
from linkgraph.mirror.snapshots import Snapshot
from linkgraph.model import Metadata, Ref
from linkgraph.once import once

if TYPE_CHECKING:
    from linkgraph.edits.pending import Pending

#: The states in which an edit is not at its end.
UNFINISHED = (*OPEN, State.SENT, State.UNKNOWN, State.FAILED)
#: Where edits come from that a program queues.
PYTHON = Origin(Source.PYTHON)


class Resolution(StrEnum):
    """What to do with an edit that did not come about."""

    KEEP = "keep"
    """The same edit again, knowing what the plan saw; for a conflict."""
    DROP = "drop"
    REQUEUE = "requeue"
    """The same edit anew, upon whatever stands when it is planned next."""


#: In which states an edit can be resolved in which way.
_RESOLVED = {
    Resolution.KEEP: (State.CONFLICT,),
    Resolution.DROP: (State.CONFLICT, State.FAILED, State.UNKNOWN),
    Resolution.REQUEUE: (State.CONFLICT, State.FAILED, State.UNKNOWN),
}


class EditQueue:
    """The edits of an account that wait, in its journal.

    Args:
        account: whose journal it is.
        engine: opens the snapshot that edits are checked against.
        snapshot: that snapshot; None where there is none yet.
        ref: reads a card's ref or its address in this account.

    All methods raise `HomeUnusable` where the journal cannot be read or written.
    """

    def __init__(
        self,
        account: Account,
        engine: Callable[[], Engine],
        snapshot: Callable[[], Snapshot | None],
        ref: Callable[[str], Ref] = Ref.parse,
    ) -> None:
        self.account = account
        self._engine = engine
        self._snapshot = snapshot
        self._ref = ref

    @once
    def journal(self) -> Journal:
        """The journal in the account's `account.sqlite`."""
        return Journal(self.account.folder / "account.sqlite")

    def close(self) -> None:
        """Let go of the journal; it is opened again when it is used."""
        if "journal" in self.__dict__:
            self.journal.close()
            del self.__dict__["journal"]

    # Queueing

    def link(
        self,
        a: Ref | str,
        b: Ref | str,
        *,
        main: bool | None = None,
        quantity: float | None = None,
        price: int | None = None,
        updated_by: int | None = None,
        origin: Origin = PYTHON,
    ) -> Queued:
        """Queue the link of two cards, or what a link is to carry.

        Args:
            a, b: the cards: refs, their text or their addresses.
            main: whether the contact is the main one; None leaves it.
            quantity: of a catalog element; None leaves it, to one where the link is new.
            price: id of the price field of a catalog element; 0 takes it away, None leaves it.
            updated_by: id of the CRM user in whose name it is written.
            origin: where the edit comes from.

        Raises:
            InvalidEdit, InvalidRef: it cannot be; nothing was queued.
        """
        edit = Edit(Verb.LINK, self._card(a), self._card(b), Metadata(main, quantity, price))
        return self.add([Entry(edit, origin, updated_by)])

    def unlink(
        self,
        a: Ref | str,
        b: Ref | str,
        *,
        updated_by: int | None = None,
        origin: Origin = PYTHON,
    ) -> Queued:
        """Queue that two cards are not linked any more.

        Raises:
            InvalidEdit, InvalidRef: it cannot be; nothing was queued.
        """
        edit = Edit(Verb.UNLINK, self._card(a), self._card(b))
        return self.add([Entry(edit, origin, updated_by)])

    def main(
        self,
        owner: Ref | str,
        contact: Ref | str,
        *,
        updated_by: int | None = None,
        origin: Origin = PYTHON,
    ) -> Queued:
        """Queue that a linked contact becomes the main one of its lead or customer.

        Raises:
            InvalidEdit, InvalidRef: it cannot be; nothing was queued.
        """
        edit = Edit(Verb.MAIN, self._card(owner), self._card(contact))
        return self.add([Entry(edit, origin, updated_by)])

    def move(
        self,
        from_: Ref | str,
        to: Ref | str,
        *,
        updated_by: int | None = None,
        origin: Origin = PYTHON,
    ) -> Queued:
        """Queue that all links of a card go to another card of its type.

        Raises:
            InvalidEdit, InvalidRef: it cannot be; nothing was queued.
        """
        edit = Edit(Verb.MOVE, self._card(from_), self._card(to))
        return self.add([Entry(edit, origin, updated_by)])

    def add(self, entries: Iterable[Entry]) -> Queued:
        """Queue edits in order, all of them or none.

        Raises:
            InvalidEdit, InvalidRef: of one alone, what is wrong with it; of several, which are bad
                by their numbers (from 1), and why.
        """
        wanted = list(entries)
        return queueing.queue(self.journal, wanted, self._known(wanted))

    def add_groups(self, groups: Iterable[Sequence[Entry]]) -> tuple[Queued, dict[int, UsageError]]:
        """Queue what can be queued: each group of edits whole or not at all.

        Returns:
            What was queued, and why groups were not, by their place (from 0).
        """
        wanted = [tuple(group) for group in groups]
        facts = self._known([entry for group in wanted for entry in group])
        return queueing.queue_groups(self.journal, wanted, facts)

    def check(self, entries: Iterable[Entry]) -> builtins.list[Checked]:
        """What queueing edits would say of each; nothing is queued."""
        wanted = list(entries)
        return queueing.check(self.journal, wanted, self._known(wanted))

    def import_lines(
        self,
        stream: BinaryIO,
        format: str,
        *,
        name: str,
        partial: bool = False,
        updated_by: int | None = None,
    ) -> Imported:
        """Queue the edits of a file; see `linkgraph.edits.importing` for what it may look like.

        Args:
            stream: the file.
            format: one of `importing.FORMATS`.
            name: the file's name, which stands with every edit.
            partial: queue the good lines although there are bad ones; else none is queued then.
            updated_by: for lines that do not say in whose name they are written.

        Returns:
            What was queued and which lines are bad; bad lines raise nothing.

        Raises:
            UsageError: it is no such file at all.
        """
        good, bad = importing.read(stream, format, name, updated_by, self._ref)
        count = len(good) + len(bad)
        groups = [line.entries for line in good]
        entries = [entry for group in groups for entry in group]
        facts = self._known(entries)
        if bad and not partial:
            queued = Queued()
            refused = queueing.refusals(groups, queueing.check(self.journal, entries, facts))
        else:
            queued, refused = queueing.queue_groups(self.journal, groups, facts, partial=partial)
        bad += [good[place].bad(error) for place, error in refused.items()]
        return Imported(queued, tuple(sorted(bad, key=lambda line: line.number)), count)

    # Looking

    def list(
        self,
        *,
        states: Iterable[State] | None = None,
        cards: Iterable[Ref | str] = (),
        push: int | None = None,
        by: str | None = None,
        limit: int | None = None,
    ) -> builtins.list[QueuedEdit]:
        """Edits in the order in which they were queued: all that fit what is said.

        Args:
            states: in one of these; None for all that are not at their end.
            cards: about one of these cards.
            push: last taken up by this push.
            by: queued by this person.
            limit: the newest so many.
        """
        return self.journal.edits(
            states=UNFINISHED if states is None else states,
            cards=[self._card(card) for card in cards],
            push=push,
            by=by,
            limit=limit,
        )

    def events(self, ids: Iterable[int] | None = None) -> builtins.list[Event]:
        """What happened to edits (None: to all), oldest first."""
        return self.journal.events(ids)

    def pending(self, card: Ref | str) -> "dict[Ref, Pending]":
        """What the queue would do to the links of a card, by the card at the other end.

        What pushes have verified since the snapshot is among it, with edits that are verified.
        Nothing is, where there is no snapshot yet.

        Raises:
            SnapshotUnusable: the snapshot cannot be read.
        """
        from linkgraph.edits.nearlinks import NearLinks
        from linkgraph.edits.pending import Waiting, pending

        snapshot = self._snapshot()
        if snapshot is None:
            return {}
        waiting = Waiting(self.journal, NearLinks(self._engine()), _taken_at(snapshot))
        return {} if waiting.is_empty else pending(self._card(card), waiting)

    # Changing

    def last_queued(self) -> Queued:
        """What this person queued last, as far as it was not taken back, for `take_back`.

        Raises:
            UsageError: nothing was.
        """
        return takingback.last(self.journal)

    def take_back(self, queued: Queued) -> Queued:
        """Drop what a queueing added; what it had replaced or cancelled waits again.

        Returns:
            `edits`: what waits again; `replaced`: what was dropped.

        Raises:
            UsageError: it cannot be, for what was sent, replaced or queued since; nothing was
                changed.
        """
        return takingback.take_back(self.journal, queued)

    def queue_again(self, queued: Queued) -> Queued:
        """Queue again what was taken back: the opposite of `take_back`, of the same queueing.

        Raises:
            UsageError: it cannot be, for what happened since; nothing was changed.
        """
        return takingback.queue_again(self.journal, queued)

    def drop(self, ids: Iterable[int] | None) -> builtins.list[QueuedEdit]:
        """Drop edits that were not sent; None for all such.

        Raises:
            UsageError: one is not there, was sent, or is at its end; none was dropped.
        """
        with self.journal.file.writing() as connection:
            pushed = self.journal.pushed(connection)
            if ids is None:
                found = self.journal.edits(states=OPEN, on=connection)
                dropped = [one for one in found if not _is_busy(one, pushed)]
            else:
                dropped = self._found(ids, OPEN, "dropped", pushed, connection)
            numbers = [one.id for one in dropped]
            self.journal.move(
                numbers, State.DROPPED, f"dropped by {self.journal.by}", on=connection
            )
            return self.journal.edits(ids=numbers, on=connection)

    def resolve(self, ids: Iterable[int], way: Resolution) -> Queued:
        """Decide what becomes of edits that are in conflict, failed or unknown.

        Raises:
            UsageError: one is not there, or in a state that this is no way out of; none was
                touched.
        """
        journal = self.journal
        with journal.file.writing() as connection:
            pushed = journal.pushed(connection)
            wanted = self._found(ids, _RESOLVED[way], f"resolved ({way})", pushed, connection)
            numbers = [one.id for one in wanted]
            if way is Resolution.KEEP:
                bases = {one.id: one.seen for one in wanted}
                journal.rebase(bases, f"kept by {journal.by}", connection)
                return Queued(edits=tuple(journal.edits(ids=numbers, on=connection)))
            if way is Resolution.DROP:
                journal.move(numbers, State.DROPPED, f"dropped by {journal.by}", on=connection)
                return Queued(replaced=tuple(journal.edits(ids=numbers, on=connection)))
            return queueing.requeue(journal, wanted, connection)

    def _found(
        self,
        ids: Iterable[int],
        states: Sequence[State],
        done: str,
        pushed: set[int],
        connection: Connection,
    ) -> builtins.list[QueuedEdit]:
        numbers = list(dict.fromkeys(ids))
        found = {one.id: one for one in self.journal.edits(ids=numbers, on=connection)}
        for number in numbers:
            if number not in found:
                raise UsageError(f"there is no edit #{number}", hint="see: linkgraph edits list")
            one = found[number]
            if one.state not in states:
                raise UsageError(
                    f"#{number} is {one.state} and cannot be {done}",
                    hint=f"only edits that are {', '.join(states)} can; see: linkgraph edits list",
                )
            if _is_busy(one, pushed):
                raise UsageError(
                    f"#{number} cannot be {done} now: push {one.push} has it under way",
                    hint="wait for the push, or take it up again: linkgraph edits push",
                )
        return [found[number] for number in numbers]

    def _card(self, card: Ref | str) -> Ref:
        return card if isinstance(card, Ref) else self._ref(card)

    def _known(self, entries: Iterable[Entry]) -> Known:
        snapshot = self._snapshot()
        if snapshot is None:
            return Known()
        from linkgraph.edits.pushbook import verified_since

        possible = [entry.edit for entry in entries if problem(entry) is None]
        # What was pushed since is so, whether or not the mirror shows it already.
        pushed = verified_since(self.journal, _taken_at(snapshot))
        return known(self._engine(), snapshot.number, possible, pushed)


def _taken_at(snapshot: Snapshot) -> datetime:
    return datetime.fromisoformat(snapshot.card().taken_at)


def _is_busy(edit: QueuedEdit, pushed: set[int]) -> bool:
    return edit.id in pushed and edit.state in (State.PLANNED, State.SENT, State.UNKNOWN)
