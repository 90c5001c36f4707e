"""The one place that puts the parts together: an account, its snapshots, its questions, its sync.

Commands, the browser and programs all go through a `Session`; none of them knows more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from linkgraph.errors import NothingMirrored, UsageError
from linkgraph.graphing import Graphing
from linkgraph.once import once

if TYPE_CHECKING:
    from linkgraph.amocrm import AmoClient
    from linkgraph.edits.edits import Edits
    from linkgraph.edits.fixes import Fixed
    from linkgraph.edits.pending import Pending
    from linkgraph.edits.states import State
    from linkgraph.mirror.forecast import Forecast
    from linkgraph.mirror.ledger import RunRecord
    from linkgraph.mirror.progress import Progress, Watcher
    from linkgraph.mirror.snapshots import Snapshot
    from linkgraph.mirror.sync import Plan as MirrorPlan
    from linkgraph.mirror.sync import Report
    from linkgraph.model import Ref
    from queries.runner import Answer
    from queries.timeline import SyncEntry


def _unwatched(progress: Progress) -> None:
    """Nobody looks on."""


class Session(Graphing):
    """An account of a home, with the snapshot that was current when it was first asked for.

    >>> with linkgraph.open() as session:                                       # doctest: +SKIP
    ...     session.ask("companies-sharing-contacts", min_shared=2).rows()
    """

    def close(self) -> None:
        """Let go of the snapshot and of the journal."""
        super().close()
        if "edits" in self.__dict__:
            self.edits.close()
            del self.__dict__["edits"]

    @once
    def edits(self) -> Edits:
        """The edits of links that wait to be pushed, and all that became of earlier ones.

        >>> session.edits.link("lead:1", "contact:2", main=True)                # doctest: +SKIP
        """
        from linkgraph.edits.edits import Edits

        return Edits(
            self.account,
            lambda: self.engine,
            self._newest,
            self.ref,
            client=self._client,
            mirror=self._mirror_plan,
        )

    def queue_fixes(self, answers: Iterable[Answer], updated_by: int | None = None) -> Fixed:
        """Queue the edits that the rows of whole answers propose, where they are unambiguous.

        >>> session.queue_fixes([session.ask("leads-without-main-contact")])    # doctest: +SKIP

        A row's edits are queued together or not at all. Those that contradict the fix of another
        row are not queued, and bad ones do not stop the others: both are told of.

        Raises:
            UsageError: a question's rows have no fixes, or its answer is not whole.
        """
        from linkgraph.edits.fixes import Fix, Refused, queue_fixes, read
        from queries.runner import FIX

        found: list[Fix | Refused] = []
        for answer in answers:
            name = answer.question.name
            if FIX not in answer.table.column_names:
                raise UsageError(
                    f"«{name}» proposes no edits: its rows have no column {FIX}",
                    hint="linkgraph health tells which questions have safe fixes",
                )
            if answer.not_shown:
                raise UsageError(
                    f"the answer to «{name}» is cut: {answer.not_shown:,} rows are left out",
                    hint="ask without a limit",
                )
            found += read(name, answer.table.column(FIX).to_pylist())
        return queue_fixes(self.edits, found, updated_by)

    def edit_counts(self) -> dict[State, int]:
        """How many edits are in each state, without those that none is in. Changes nothing."""
        from linkgraph.edits.journalfile import counts

        return counts(self._ledger)

    def pending(self, card: Ref) -> dict[Ref, Pending]:
        """What the queue would do to the links of a card, by the other end; see `Edits.pending`.

        Where nothing was ever queued the journal is not opened for that.
        """
        return self.edits.pending(card) if self.edit_counts() else {}

    def last_push(self) -> dict[str, Any] | None:
        """The newest push, as the table `pushes` has it; None where there was none yet."""
        from linkgraph.edits import journaltables

        pushes = journaltables.read(self._ledger, ["pushes"])["pushes"]
        return pushes.slice(pushes.num_rows - 1).to_pylist()[0] if pushes.num_rows else None

    def _newest(self) -> Snapshot | None:
        """The snapshot that this session reads, if there is one yet."""
        try:
            return self.snapshot
        except NothingMirrored:
            return None

    def sync(
        self,
        refs: Iterable[Ref] = (),
        *,
        watch: Watcher = _unwatched,
        rate: float | None = None,
        accept_removals: bool = False,
    ) -> Report:
        """Mirror the account, or just some cards, and publish a snapshot.

        The session goes on reading the snapshot it has until it is closed.

        Raises:
            SyncRunning, ApiError, TooManyRemovals, PublishFailed: see `mirror.sync.sync`.
        """
        from linkgraph.mirror.sync import sync

        plan = self._mirror_plan(refs, accept_removals=accept_removals)
        return sync(self._client(rate), plan, watch)

    def is_syncing(self) -> bool:
        """Whether this or another process makes a snapshot of the account now."""
        from linkgraph.mirror.syncs import is_syncing

        return is_syncing(self.account.folder)

    def _client(self, rate: float | None = None) -> AmoClient:
        from linkgraph import access  # asking the CRM brings a web client along, reading does not

        return access.client(self.account, rate=rate, read_only=self.read_only)

    def _mirror_plan(
        self, refs: Iterable[Ref] = (), *, accept_removals: bool = False
    ) -> MirrorPlan:
        from linkgraph.index.store import write
        from linkgraph.mirror.sync import Plan

        settings = self.account.settings
        return Plan(
            folder=self.account.folder,
            phone_country=settings.phone_country,
            keep=settings.keep,
            max_removals=1.0 if accept_removals else settings.max_removals,
            refs=tuple(dict.fromkeys(refs)),
            build_index=write,
        )

    def forecast(self, rate: float | None = None) -> Forecast:
        """What a full sync will cost, as far as that is known before it.

        Raises:
            SettingsError: the rate is above what the CRM allows, or none.
        """
        from linkgraph.access import checked_rate
        from linkgraph.amocrm import Address
        from linkgraph.mirror.forecast import forecast
        from linkgraph.mirror.ledger import Ledger, MassListFacts

        last = self.snapshots.current()
        facts = MassListFacts()
        if self._ledger.exists():
            with Ledger(self._ledger) as ledger:
                facts = ledger.mass_list()
        settings = self.account.settings
        pace = checked_rate(settings.rate if rate is None else rate, Address.parse(settings.url))
        if last is None:
            return forecast(None, None, facts, pace)
        return forecast(last.card().cards, last.number, facts, pace)

    def timeline(self, count: int = 500) -> list[SyncEntry]:
        """The newest attempts to sync, newest first: what was published and what failed.

        Raises:
            SnapshotTooNew, SnapshotUnusable: there is nothing to open.
        """
        from queries.timeline import timeline

        kept = self.snapshots.all()
        engine = None if self._newest() is None else self.engine
        return timeline(kept, engine, self.runs(count), count)

    def runs(self, count: int = 10) -> list[RunRecord]:
        """The newest attempts to sync, newest first, with their errors."""
        if not self._ledger.exists():
            return []
        from linkgraph.mirror.ledger import Ledger

        with Ledger(self._ledger) as ledger:
            return ledger.last_runs(count)

    def token_ends(self) -> datetime | None:
        """When the account's token ends (UTC); None where it does not say."""
        from linkgraph.accounts import expiry

        return expiry(self.account.token)
