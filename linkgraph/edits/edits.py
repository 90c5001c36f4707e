"""The edits of an account, as commands, the browser and programs see them.

Queueing sends nothing: an edit waits in the journal until a plan is made and pushed.
"""

import builtins
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from linkgraph.accounts import Account
from linkgraph.edits.editqueue import PYTHON, EditQueue, Resolution
from linkgraph.edits.entries import Entry, QueuedEdit
from linkgraph.edits.known import element_owners
from linkgraph.edits.states import OPEN, State
from linkgraph.errors import PlanStale, UsageError
from linkgraph.mirror.snapshots import Snapshot
from linkgraph.model import Ref
from linkgraph.once import once
from linkgraph.plaintext import plain

if TYPE_CHECKING:
    from linkgraph.amocrm import AmoClient
    from linkgraph.edits.dryrun import Request
    from linkgraph.edits.plan import Plan
    from linkgraph.edits.planfile import PlanFile
    from linkgraph.edits.pushbook import Item, PushRecord
    from linkgraph.edits.pushes import Pushed, Pushes
    from linkgraph.edits.pushing import PushProgress
    from linkgraph.mirror.sync import Plan as MirrorPlan

__all__ = ["Edits", "Resolution"]


class Edits(EditQueue):
    """The edits of an account: queued, planned, pushed and taken back.

    >>> session.edits.link("lead:1", "contact:2", main=True)                    # doctest: +SKIP
    >>> session.edits.push(session.edits.plan())                                # doctest: +SKIP

    Args:
        account: whose edits they are.
        engine: opens the snapshot that edits are checked against.
        snapshot: that snapshot; None where there is none yet.
        ref: reads a card's ref or its address in this account.
        client: makes a client of the account, closed.
        mirror: what the mirror is told when a push is published.

    All methods raise `HomeUnusable` where the journal cannot be read or written.
    """

    def __init__(
        self,
        account: Account,
        engine: Callable[[], Engine],
        snapshot: Callable[[], Snapshot | None],
        ref: Callable[[str], Ref] = Ref.parse,
        *,
        client: "Callable[[], AmoClient]",
        mirror: "Callable[[], MirrorPlan]",
    ) -> None:
        super().__init__(account, engine, snapshot, ref)
        self._client = client
        self._mirror = mirror

    def close(self) -> None:
        """Let go of the journal; it is opened again when it is used."""
        super().close()
        self.__dict__.pop("_pushes", None)

    def plan(self, *, first: int | None = None, note: bool = True) -> "Plan":
        """Plan what is queued against what is live; nothing is sent.

        Args:
            first: take the first so many edits only.
            note: write into the journal what was planned, dropped, and is in conflict.

        Raises:
            ApiError: the CRM did not answer.
        """
        return self._pushes.plan(first=first, note=note)

    def plan_of(self, file: "PlanFile") -> "Plan":
        """Take the edits of a plan's file into this journal, and plan them anew.

        Raises:
            UsageError: the file is of another account, or an edit cannot be queued here.
            PlanStale: it is too old, or what is live gives another plan by now; what was taken in
                is dropped again, and what it had replaced in the queue is queued anew.
            ApiError: the CRM did not answer; what was taken in waits in the queue.
        """
        from linkgraph.edits.planfile import fingerprint
        from linkgraph.edits.pushes import check_age

        if file.base_url.rstrip("/") != self.account.settings.url.rstrip("/"):
            raise UsageError(
                f"{file.name} is a plan for {plain(file.base_url, 80)}, and account "
                f"{self.account.name} is {self.account.settings.url}",
                hint="name the account that it is for: --account NAME",
            )
        check_age(file.made_at)
        with self.journal.file.reading() as connection:
            known = {one.uuid for one in self.journal.with_uuids(file.entries, connection)}
        brought = {entry.uuid for entry in file.entries}
        queued = self.add(file.entries)
        plan = self._pushes.plan(only=[one.id for one in queued.edits])
        if fingerprint(plan.changes) == file.shown:
            return plan
        new = [one.id for one in queued.edits if one.uuid not in known]
        self.journal.move(new, State.DROPPED, f"the plan {file.name} was stale")
        self._queue_anew(one for one in queued.replaced if one.uuid not in brought)
        raise PlanStale(
            f"{file.name} shows {len(file.shown):,} changes, and what is live now gives "
            f"{len(plan.changes):,}, not the same ones; nothing was sent",
            hint="have it planned and approved again: linkgraph edits plan -o plan.json",
        )

    def dry_run(self, plan: "Plan") -> "Iterator[Request]":
        """The exact requests that a push of a plan would send, when nothing goes wrong."""
        return self._pushes.dry_run(plan)

    def push(
        self,
        plan: "Plan",
        watch: "Callable[[PushProgress], None]" = lambda progress: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> "Pushed":
        """Push a plan that a person approved of, and verify it; see `Pushes.push`."""
        return self._pushes.push(plan, watch, stop)

    def resume(
        self,
        watch: "Callable[[PushProgress], None]" = lambda progress: None,
        stop: Callable[[], bool] = lambda: False,
        *,
        settle_only: bool = False,
    ) -> "Pushed | None":
        """Take up a push that was broken off; see `Pushes.resume`."""
        return self._pushes.resume(watch, stop, settle_only=settle_only)

    def undo(self, push: int | None = None) -> "tuple[Plan, tuple[str, ...]]":
        """Queue and plan what takes a push back (the last one, where none is named).

        Returns:
            The plan, to be pushed like any other, and what the API cannot take back.

        Raises:
            UsageError: there is no such push, or it did nothing.
            PushOpen: it was broken off, and is not at its end.
            ApiError: the CRM did not answer.
        """
        number, undo = self._pushes.inverse(push)
        queued = self.add(undo.entries)
        own = [one.id for one in queued.edits]
        self._ask_again(own)
        made = self._pushes.plan(only=own, undo_of=number)
        return replace(made, gave_way=queued.replaced), undo.impossible

    def plan_again(self, plan: "Plan", added: Iterable[int] = ()) -> "Plan":
        """Plan anew what a plan was made of: the queue, or the edits of an undo that still wait.

        Args:
            plan: the plan that is not to be pushed as it is.
            added: edits that have come in the place of some of an undo's.

        Raises:
            ApiError: the CRM did not answer.
        """
        if plan.undo_of is None:
            return self._pushes.plan()
        own = {*(edit.id for edit in plan.edits), *added}
        again = self._pushes.plan(only=own, undo_of=plan.undo_of)
        # Those in conflict are not planned, and belong to the undo all the same.
        known = {edit.id for edit in again.edits}
        left = [edit for edit in plan.edits if edit.id not in known]
        return replace(again, edits=(*left, *again.edits), gave_way=plan.gave_way)

    def pushes(self) -> "builtins.list[PushRecord]":
        """All pushes, newest first."""
        from linkgraph.edits.pushbook import records

        return records(self.journal)

    def changes(self, push: int) -> "builtins.list[Item]":
        """The changes of a push, each with what has become of it; none where there is no such."""
        from linkgraph.edits.pushbook import PushBook

        return PushBook.of(self.journal, push).items

    def open_push(self) -> "PushRecord | None":
        """The push that is under way in another process, or was broken off."""
        from linkgraph.edits.pushbook import OPEN_PUSHES

        return next((one for one in self.pushes() if one.state in OPEN_PUSHES), None)

    def withdraw(self, plan: "Plan") -> None:
        """Drop the edits of an undo that is not to be pushed, as if it was never asked for.

        What they had replaced in the queue is queued anew.
        """
        own = {edit.id for edit in plan.edits}
        open_ = [edit.id for edit in self.list(states=OPEN) if edit.id in own]
        if open_:
            self.drop(open_)
        self._queue_anew(plan.gave_way)

    def _queue_anew(self, edits: Iterable[QueuedEdit]) -> None:
        """Queue the same as edits that were replaced by what is not to be after all."""
        self.add_groups([Entry(one.edit, one.origin, one.updated_by, one.base)] for one in edits)

    def _ask_again(self, ids: Iterable[int]) -> None:
        """Queue again what an earlier undo found in conflict: this one is to tell of it too."""
        journal = self.journal
        with journal.file.writing() as connection:
            found = journal.edits(ids=ids, states=[State.CONFLICT], on=connection)
            bases = {one.id: one.base for one in found}
            journal.rebase(bases, "the undo was asked for again", connection)

    @once
    def _pushes(self) -> "Pushes":
        from linkgraph.edits.pushes import Pushes  # asking the CRM brings a web client along

        return Pushes(
            self.account,
            self.journal,
            self._client,
            self._mirror(),
            lambda edits: self._known([Entry(edit, PYTHON) for edit in edits]).cards,
            lambda elements: (
                element_owners(self._engine(), elements) if self._snapshot() is not None else {}
            ),
        )
