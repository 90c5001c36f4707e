"""Planning, pushing and undoing the edits of an account: what asks the CRM, and who may.

One push at a time per account, held by a lock; whoever pushes takes up first what an earlier push
left open. After a push the mirror gets what was read back.
"""

import asyncio
import contextlib
from collections.abc import (
    Callable,
    Collection,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from filelock import FileLock, Timeout

from linkgraph.accounts import Account
from linkgraph.amocrm import Address, AmoClient
from linkgraph.edit import Edit, Verb
from linkgraph.edits import habits
from linkgraph.edits.dryrun import Request, requests
from linkgraph.edits.entries import QueuedEdit
from linkgraph.edits.journal import Journal
from linkgraph.edits.plan import Plan, Terms, make
from linkgraph.edits.pushbook import (
    OPEN_PUSHES,
    PushBook,
    PushRecord,
    PushState,
    check_waiting,
    records,
)
from linkgraph.edits.pushing import Outcome, Pushing, PushProgress
from linkgraph.edits.reading import Reader
from linkgraph.edits.sending import Sending
from linkgraph.edits.states import State
from linkgraph.edits.undo import Undo, inverse
from linkgraph.errors import (
    HomeUnusable,
    LinkgraphError,
    NothingToPush,
    PlanStale,
    PushOpen,
    PushRunning,
    UsageError,
)
from linkgraph.mirror.clock import now
from linkgraph.mirror.ledger import Ledger, MassListFacts
from linkgraph.mirror.reread import publish_reads
from linkgraph.mirror.sync import Plan as MirrorPlan
from linkgraph.mirror.sync import sync
from linkgraph.model import EntityType, Ref

if TYPE_CHECKING:
    from linkgraph.mirror.sync import Report

T = TypeVar("T")
#: A plan older than this is made anew: too much may have changed.
MAX_AGE = timedelta(hours=24)


def check_age(made_at: datetime) -> None:
    """Whether a plan that was made at a moment (UTC) may still be pushed.

    Raises:
        PlanStale: it is too old.
    """
    if now() - made_at > MAX_AGE:
        raise PlanStale(
            f"the plan is older than {MAX_AGE.total_seconds() / 3600:.0f} hours",
            hint="make a new one: linkgraph edits plan",
        )


def _unwatched(progress: PushProgress) -> None:
    """Nobody looks on."""


def _never() -> bool:
    return False


def _asked(work: Coroutine[Any, Any, T]) -> T:
    """What some asking comes to.

    Not returned through `asyncio.run`, which in giving back the interrupt handler writes its task's
    result out as text (the message of an error that `signal` swallows): seconds for a large plan.
    """
    found: list[T] = []

    async def run() -> None:
        found.append(await work)

    asyncio.run(run())
    return found[0]


@dataclass(frozen=True, slots=True)
class Pushed:
    """A push that has come to an end, and what the mirror made of it."""

    outcome: Outcome
    mirrored: "Report | None"
    """The snapshot that shows it; None where a sync that is running will, or nothing was read."""
    unmirrored: str = ""
    """Why the mirror could not take it in, where that failed."""


@dataclass(slots=True)
class Pushes:
    """Plans and pushes of one account.

    Args:
        account: the account.
        journal: its journal.
        client: makes a client, closed.
        mirror: what a sync is told, for the snapshot after a push.
        known: which of the cards that edits name the snapshot has.
        owners: the cards that have some elements, by the snapshot.
    """

    account: Account
    journal: Journal
    client: Callable[[], AmoClient]
    mirror: MirrorPlan
    known: Callable[[Sequence[Edit]], Collection[Ref]]
    owners: Callable[[Sequence[Ref]], Mapping[Ref, Sequence[Ref]]]

    # Looking

    def records(self) -> list[PushRecord]:
        """All pushes, newest first."""
        return records(self.journal)

    def open_push(self) -> PushRecord | None:
        """A push that was broken off, or is under way in another process."""
        book = PushBook.open_one(self.journal)
        return None if book is None else book.record()

    # Planning

    def plan(
        self,
        *,
        first: int | None = None,
        only: Collection[int] | None = None,
        undo_of: int | None = None,
        note: bool = True,
    ) -> Plan:
        """Plan what is queued, against what is live.

        Args:
            first: take the first so many edits only.
            only: take these edits only.
            undo_of: the push that they take back.
            note: write into the journal what was planned, dropped, and is in conflict.

        Raises:
            ApiError: the CRM did not answer.
        """
        edits = self._waiting(only)[:first]
        return _asked(self._plan(edits, undo_of, note=note))

    async def _plan(self, edits: Sequence[QueuedEdit], undo_of: int | None, *, note: bool) -> Plan:
        with self._facts() as facts:
            client = self.client()
            address = Address.parse(self.account.settings.url)
            terms = Terms(
                self.account.name,
                address.url,
                client.pacer.rate,
                self._sending().batch,
                facts.max_ids,
            )
            named = dict.fromkeys(ref for one in edits for ref in (one.edit.a, one.edit.b))
            there = self.known([one.edit for one in edits])
            async with client:
                plan = await make(
                    client,
                    Reader(client, facts),
                    edits,
                    habits.known(self.journal),
                    terms,
                    unknown=[ref for ref in named if ref not in there],
                    owners=self._owners(edits),
                    undo_of=undo_of,
                )
        if note:
            self._note(plan)
        return plan

    # Pushing

    def dry_run(self, plan: Plan) -> Iterator[Request]:
        """The exact requests that a push of a plan would send, when nothing goes wrong."""
        with self._facts() as facts:
            return requests(plan, self._sending().batch, facts.max_ids)

    def push(
        self,
        plan: Plan,
        watch: Callable[[PushProgress], None] = _unwatched,
        stop: Callable[[], bool] = _never,
    ) -> Pushed:
        """Push a plan that a person approved of, verify it, and show it in the mirror.

        Args:
            plan: the plan.
            watch: told how far it is, after every step.
            stop: asked before every request; True breaks the push off, to be resumed.

        Raises:
            NothingToPush: the plan has no changes.
            PlanStale: it is too old, or what is live has changed; nothing was sent.
            PushRunning, PushOpen: another push is under way, or was broken off.
            ReadOnly: the account may not be written to; nothing was sent.
            ApiError: the CRM did not answer the check; nothing was sent.
        """
        if not plan.changes:
            raise NothingToPush("nothing has to be sent", hint="see: linkgraph edits plan")
        with self._alone():
            if PushBook.open_one(self.journal) is not None:
                raise PushOpen(
                    "an earlier push was broken off, and comes first",
                    hint="take it up again: linkgraph edits push",
                )
            check_age(plan.made_at)
            self._still_waiting(plan)
            return self._run(lambda pushing: pushing.push(plan), watch, stop)

    def resume(
        self,
        watch: Callable[[PushProgress], None] = _unwatched,
        stop: Callable[[], bool] = _never,
        *,
        settle_only: bool = False,
    ) -> Pushed | None:
        """Take up a push that was broken off; None where there is none.

        Args:
            watch, stop: as for `push`.
            settle_only: only find out what became of what was sent.

        Raises:
            PushRunning: it is not broken off but under way.
            ReadOnly, ApiError: as for `push`.
        """
        with self._alone():
            book = PushBook.open_one(self.journal)
            if book is None:
                return None
            return self._run(
                lambda pushing: pushing.resume(book, settle_only=settle_only), watch, stop
            )

    def inverse(self, push: int | None = None) -> tuple[int, Undo]:
        """The number of a push (the last one that did something), and what takes it back.

        Raises:
            UsageError: there is no such push, or it did nothing.
            PushOpen: it was broken off, and is not at its end.
        """
        found = [one for one in self.records() if push is None or one.id == push]
        if push is None:
            found = [one for one in found if State.VERIFIED in one.counts]
        if not found:
            which = "no push that did anything" if push is None else f"no push {push}"
            raise UsageError(f"there is {which}", hint="see: linkgraph edits log")
        record = found[0]
        if record.state in OPEN_PUSHES:
            raise PushOpen(
                f"push {record.id} was broken off, and is not at its end",
                hint="take it up again first: linkgraph edits push",
            )
        book = PushBook.of(self.journal, record.id)
        return record.id, inverse(record.id, book.items, book.cards("before"), book.cards("after"))

    # Inside

    def _run(
        self,
        work: Callable[[Pushing], Coroutine[Any, Any, Outcome]],
        watch: Callable[[PushProgress], None],
        stop: Callable[[], bool],
    ) -> Pushed:
        client = self.client()
        client.require_writes("the push")
        with self._facts() as facts, Ledger(self.mirror.folder / "account.sqlite") as ledger:
            reader = Reader(client, facts)
            pushing = Pushing(client, self.journal, ledger, reader, self._sending(), watch, stop)

            async def run() -> Outcome:
                async with client:
                    return await work(pushing)

            outcome = _asked(run())
        return self._show(outcome, pushing)

    def _show(self, outcome: Outcome, pushing: Pushing) -> Pushed:
        """Hand what was read back to the mirror: the graph shows the new state."""
        if outcome.state is PushState.INTERRUPTED:
            return Pushed(outcome, None)  # not all of it was read since it was written
        pushing.tell_publishing()
        base_url, reads = pushing.client.address.url, pushing.reader.last.values()
        try:
            report = publish_reads(self.mirror, base_url, reads, outcome.requests)
            if report is not None and report.unknown:
                # Cards that are newer than the mirror were linked: it is to know them too.
                report = sync(self.client(), replace(self.mirror, refs=report.unknown))
        except LinkgraphError as error:
            return Pushed(outcome, None, error.message)
        return Pushed(outcome, report)

    def _waiting(self, only: Collection[int] | None) -> list[QueuedEdit]:
        """The edits to plan: queued or planned before, and not in a push that is under way."""
        with self.journal.file.reading() as connection:
            found = self.journal.edits(states=(State.QUEUED, State.PLANNED), on=connection)
            waiting = self.journal.waiting(connection)
        if only is not None:
            waiting &= set(only)
        return [one for one in found if one.id in waiting]

    def _still_waiting(self, plan: Plan) -> None:
        """Whether nobody has dropped or replaced an edit of a plan since it was made."""
        with self.journal.file.reading() as connection:
            check_waiting(self.journal, (edit.id for edit in plan.pushed), connection)

    def _note(self, plan: Plan) -> None:
        journal = self.journal
        with journal.file.writing() as connection:
            # Of those that others dropped, replaced or pushed meanwhile there is nothing to say.
            waiting = journal.waiting(connection)
            reasons = {edit.id: reason for edit, reason in plan.dropped if edit.id in waiting}
            if reasons:
                journal.drop(reasons, connection)
            for conflict in plan.conflicts:
                if conflict.edit.id in waiting:
                    journal.conflict(conflict.edit.id, conflict.seen, conflict.reason, connection)
            planned = [
                edit.id
                for edit in plan.pushed
                if edit.id in waiting and edit.state is not State.PLANNED
            ]
            if planned:
                note = f"planned against what was live at {plan.made_at:%Y-%m-%d %H:%M:%S} UTC"
                journal.move(planned, State.PLANNED, note, on=connection)

    def _owners(self, edits: Iterable[QueuedEdit]) -> Mapping[Ref, Sequence[Ref]]:
        moved = [edit.edit.a for edit in edits if edit.edit.verb is Verb.MOVE]
        elements = [ref for ref in moved if ref.type is EntityType.ELEMENT]
        return self.owners(elements) if elements else {}

    def _sending(self) -> Sending:
        settings = self.account.settings
        answered = habits.known(self.journal).max_items or settings.batch
        return Sending(batch=min(settings.batch, answered), settle=settings.settle)

    @contextmanager
    def _facts(self) -> Iterator[MassListFacts]:
        """What is known of the mass lists; what is learned meanwhile is kept."""
        with Ledger(self.mirror.folder / "account.sqlite") as ledger:
            facts = ledger.mass_list()
            try:
                yield facts
            finally:
                with contextlib.suppress(HomeUnusable):  # else the first error is lost
                    ledger.learn_mass_list(facts)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the push lock.

        Raises:
            PushRunning: another process holds it.
            HomeUnusable: the folder cannot be written.
        """
        lock = FileLock(self.mirror.folder / "push.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise PushRunning(
                "another process is pushing edits of this account",
                hint="wait for it: linkgraph status",
            ) from error
        except OSError as error:
            raise HomeUnusable(
                f"{self.mirror.folder} cannot be used: {error.strerror or error}",
                hint="check the disk and the rights of the home",
            ) from error
        try:
            yield
        finally:
            lock.release()
