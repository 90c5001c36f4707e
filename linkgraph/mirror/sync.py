"""One sync from end to end: lock, read, merge, publish, book.

A sync that stops for whatever reason leaves its staging; the next one goes on from there. The
snapshot that stands is replaced in a single step, or not at all.
"""

import asyncio
import contextlib
import errno
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import duckdb

from linkgraph.amocrm import AmoClient
from linkgraph.errors import (
    HomeUnusable,
    LinkgraphError,
    NothingMirrored,
    PublishFailed,
    SnapshotUnusable,
)
from linkgraph.mirror.asking import Asking
from linkgraph.mirror.causes import first_cause
from linkgraph.mirror.clerk import Clerk
from linkgraph.mirror.clock import now
from linkgraph.mirror.ledger import STOPPED, Ledger
from linkgraph.mirror.merge import Change
from linkgraph.mirror.overtaken import overtaken_in_snapshot, take_back
from linkgraph.mirror.progress import Progress, Watcher
from linkgraph.mirror.publishing import publish
from linkgraph.mirror.pull import Extra, Pull
from linkgraph.mirror.snapshots import Snapshot, Snapshots
from linkgraph.mirror.staging import Run, Staging, discard
from linkgraph.mirror.syncs import Plan, Report, sync_lock
from linkgraph.mirror.witness import Witness
from linkgraph.model import EntityType, Ref

__all__ = ["Plan", "Report", "sync"]

#: What a disk or its rights can refuse.
_DISK = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM}
)
#: How often a sync looks, after it has published, for what a push wrote meanwhile.
FOLLOW_UPS = 5
#: Seconds to wait for a publication of somebody else's before that.
FOLLOW_UP_PATIENCE = 60


def sync(client: AmoClient, plan: Plan, watch: Watcher = lambda progress: None) -> Report:
    """Mirror the account that `client` asks, or some of its cards, and publish a snapshot.

    What a push writes meanwhile is read again: before the snapshot is published, and, where that
    was too early, once more after it, as a snapshot of its own; the report tells of the last.

    Raises:
        SyncRunning: another process is syncing this account.
        NothingMirrored: single cards were asked for before there is a mirror.
        SnapshotTooNew: a newer linkgraph made the last snapshot.
        ApiError: the CRM did not answer as it should; what was read is kept.
        TooManyRemovals: see `merge`; what was read is kept.
        PublishFailed: the disk; what was read is kept, and the last snapshot stands.
    """
    with Asking(client) as asking:
        with sync_lock(plan.folder), Ledger(plan.folder / "account.sqlite") as ledger:
            report = _Sync(asking, plan, ledger, watch).run()
        with Ledger(plan.folder / "account.sqlite") as ledger:
            return _follow_up(asking, plan, ledger, watch, report)


def _follow_up(
    asking: Asking, plan: Plan, ledger: Ledger, watch: Watcher, report: Report
) -> Report:
    """Repair what a push wrote while this sync was publishing.

    A push that finds the lock taken leaves its cards to the sync that holds it. It notes them
    before it tries the lock, and this looks after it has let go of the lock: either this sees the
    note, or the push got the lock.
    """
    repairs = replace(plan, refs=(), max_removals=1.0)  # what a push removed was meant
    overtaken: list[Ref] = []
    # What was asked for is published: whatever goes wrong from here on, the report stands, and
    # the next sync sees these cards again. A sync that holds the lock for so long sees them too.
    with contextlib.suppress(LinkgraphError):
        for _ in range(FOLLOW_UPS):
            overtaken = _overtaken(plan, ledger)
            if not overtaken:
                break
            with sync_lock(plan.folder, wait=FOLLOW_UP_PATIENCE):
                overtaken = _overtaken(plan, ledger)
                if overtaken:
                    more = _Sync(asking, repairs, ledger, watch, overtaken).run()
                    report = _together(report, more)
                    overtaken = []
        else:
            overtaken = _overtaken(plan, ledger)
    return replace(report, overtaken=len(overtaken))


def _overtaken(plan: Plan, ledger: Ledger) -> list[Ref]:
    """What the newest snapshot has from before it was touched."""
    while True:
        snapshot = Snapshots(plan.folder).require()
        try:
            return overtaken_in_snapshot(snapshot, ledger)
        except duckdb.Error:
            if snapshot.path.exists():
                raise
            # Somebody else published meanwhile and removed it as an old one: look at the newest.


def _together(report: Report, more: Report) -> Report:
    """The report of a sync whose snapshot was followed by another: what it did, and that one."""
    counts: dict[str, tuple[int, int, int]] = {}
    for change in (*report.changes, *more.changes):
        added, removed, changed = counts.get(change.relation, (0, 0, 0))
        counts[change.relation] = (
            added + change.added,
            removed + change.removed,
            changed + change.changed,
        )
    return replace(
        report,
        snapshot=more.snapshot,
        card=more.card,
        changes=tuple(Change(relation, *three) for relation, three in sorted(counts.items())),
        disagreements=more.disagreements,
        not_whole=report.not_whole + more.not_whole,
        requests=report.requests + more.requests,
        seconds=report.seconds + more.seconds,
        index_failed=more.index_failed,
    )


class _Sync:
    """The state of one sync that holds the lock; with `overtaken`, of just these cards' links."""

    def __init__(
        self,
        asking: Asking,
        plan: Plan,
        ledger: Ledger,
        watch: Watcher,
        overtaken: Sequence[Ref] = (),
    ) -> None:
        self._asking = asking
        self._client = asking.client
        self._asked_before = asking.client.stats.requests
        self._plan = plan
        self._ledger = ledger
        self._watch = watch
        self._overtaken = overtaken
        self._progress = Progress()
        self._snapshots = Snapshots(plan.folder)
        self._began = now()
        # A sync of named cards does not touch a full one that was stopped half-way.
        self._kind = "push" if overtaken else "cards" if plan.refs else "full"
        name = "staging.duckdb" if self._kind == "full" else f"staging-{self._kind}.duckdb"
        self._path = plan.folder / name
        self._extra = Extra()
        self._unproved: tuple[EntityType, ...] = ()
        self._absent: tuple[Ref, ...] = ()
        self._read_cards = 0

    @property
    def _requests(self) -> int:
        """Requests of this run."""
        return self._client.stats.requests - self._asked_before

    def run(self) -> Report:
        last = self._snapshots.to_go_on_from()
        if last is None and self._plan.refs:
            raise NothingMirrored(
                "single cards are read into a mirror, and there is none yet",
                hint="mirror the account first: linkgraph sync",
            )
        staging, resumed = self._open()
        run_id = self._ledger.begin_run(staging.run.kind, resumed=resumed)
        try:
            with staging:
                self._read(staging, last)
            written = self._ledger.touched(_moment_of(last))
            published = publish(self._plan, self._path, last, self._progress, self._watch, written)
        except BaseException as error:
            cause = self._cause(error)
            text = _told(cause)
            with contextlib.suppress(HomeUnusable):  # the same full disk, most likely
                self._ledger.end_run(run_id, requests=self._requests, error=text)
            if cause is error:
                raise
            raise cause from None if isinstance(error, BaseExceptionGroup) else error
        discard(self._path)
        snapshot, merged = published.snapshot, published.merged
        self._ledger.end_run(run_id, requests=self._requests, snapshot=snapshot.number)
        return Report(
            snapshot=snapshot,
            card=merged.card,
            changes=merged.changes,
            first=merged.first,
            resumed=resumed,
            cards=self._read_cards,
            disagreements=merged.disagreements,
            not_whole=merged.not_whole,
            links_expected=merged.links_expected,
            links_received=merged.links_received,
            requests=self._requests,
            seconds=(now() - self._began).total_seconds(),
            extra=self._extra,
            unproved=self._unproved,
            absent=self._absent,
            index_failed=published.index_failed,
        )

    def _open(self) -> tuple[Staging, bool]:
        wanted = tuple(str(ref) for ref in self._plan.refs)
        kind, url = self._kind, self._client.address.url
        try:
            # What a push wrote is read anew: it costs little, and other cards are asked about.
            found = None if self._overtaken else Staging.resume(self._path, now=now())
            if found is not None:
                same = (found.run.kind, found.run.base_url, found.run.wanted) == (kind, url, wanted)
                refused = found.run.refused
                # What was refused for its removals is published if more are allowed now, else
                # read anew: it may have been the CRM that was wrong.
                if same and (refused is None or refused < self._plan.max_removals):
                    return found, True
                found.close()
            run = Run(kind, self._began, url, self._plan.phone_country, wanted)
            return Staging.begin(self._path, run), False
        except (duckdb.Error, OSError) as error:
            raise PublishFailed(
                f"{self._path} cannot be written: {str(error).splitlines()[0]}",
                hint="make room on the disk, or check the rights of the home",
            ) from error

    def _read(self, staging: Staging, last: Snapshot | None) -> None:
        witness = Witness(staging, last)
        self._progress.last_counts = witness.last_counts() if last else {}
        self._read_cards = staging.link_reads()
        if staging.is_finished:
            touched = self._ledger.touched(staging.run.started_at)
            if not take_back(staging, touched):
                return
        facts = self._ledger.mass_list()
        pull = None
        try:
            with Clerk() as clerk:
                pull = Pull(
                    self._client,
                    staging,
                    witness,
                    facts,
                    self._progress,
                    self._watch,
                    clerk,
                    self._ledger.touched,
                )
                self._asking.run(partial(self._ask, pull))
        finally:
            # The clerk's thread has ended: nobody else is using the staging now.
            if pull is not None:
                self._extra, self._unproved = pull.extra, pull.unproved
                self._absent = pull.absent
            with contextlib.suppress(HomeUnusable, duckdb.Error):  # else the first error is lost
                self._ledger.learn_mass_list(facts)
                staging.add_requests(self._requests)
        staging.finish()
        self._read_cards = staging.link_reads()

    async def _ask(self, pull: Pull) -> None:
        telling = asyncio.create_task(_keep_telling(pull))
        try:
            if self._overtaken:
                await pull.links(self._overtaken)
            elif self._plan.refs:
                await pull.cards(self._plan.refs)
            else:
                await pull.full()
        finally:
            telling.cancel()

    def _cause(self, error: BaseException) -> BaseException:
        """The one error to tell: of a group the one that ended it; a plain word for the disk."""
        cause = first_cause(error)
        of_the_disk = isinstance(cause, OSError) and cause.errno in _DISK
        if of_the_disk or isinstance(cause, duckdb.Error):
            return PublishFailed(
                f"{self._path.name} cannot be used: {str(cause).splitlines()[0]}",
                hint="make room on the disk and run linkgraph sync again: what was read is kept",
            )
        return cause


def _told(cause: BaseException) -> str:
    """An error as the ledger keeps it."""
    if isinstance(cause, LinkgraphError):
        return cause.message
    return STOPPED if isinstance(cause, KeyboardInterrupt) else type(cause).__name__


def _moment_of(last: Snapshot | None) -> datetime | None:
    """When the sync of a snapshot began; None where that is not to be known."""
    with contextlib.suppress(SnapshotUnusable, ValueError):
        return datetime.fromisoformat(last.card().taken_at) if last else None
    return None


async def _keep_telling(pull: Pull) -> None:
    """Show progress each second, for as long as this runs: the CRM may ask for minutes of quiet."""
    while True:
        await asyncio.sleep(1)
        pull.tell()
