"""One sync from end to end: lock, read, merge, publish, book.

A sync that stops for whatever reason leaves its staging; the next one goes on from there. The
snapshot that stands is replaced in a single step, or not at all.
"""

import asyncio
import contextlib
import errno
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from linkgraph.amocrm import AmoClient
from linkgraph.errors import (
    HomeUnusable,
    LinkgraphError,
    NothingMirrored,
    PublishFailed,
    SyncRunning,
    TooManyRemovals,
)
from linkgraph.mirror import merge as merging
from linkgraph.mirror.causes import first_cause
from linkgraph.mirror.clerk import Clerk
from linkgraph.mirror.clock import now
from linkgraph.mirror.ledger import Ledger
from linkgraph.mirror.progress import Progress, Watcher
from linkgraph.mirror.pull import Extra, Pull
from linkgraph.mirror.snapshots import INDEX, Snapshot, SnapshotCard, Snapshots
from linkgraph.mirror.staging import Run, Staging, discard
from linkgraph.mirror.witness import Witness
from linkgraph.model import EntityType, Ref

#: What a disk or its rights can refuse.
_DISK = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM}
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync is to do, as the account's settings have it."""

    folder: Path
    phone_country: str
    keep: int
    max_removals: float
    refs: tuple[Ref, ...] = ()
    """The cards to read; none means all."""
    build_index: Callable[[Path, Path, SnapshotCard], None] | None = None
    """Writes the link index of a snapshot's database, closed, into a folder of the new version."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a sync did."""

    snapshot: Snapshot
    card: SnapshotCard
    changes: tuple[merging.Change, ...]
    first: bool
    resumed: bool
    cards: int
    disagreements: int
    not_whole: int
    links_expected: int | None
    """Links that the mass lists announced, both sides counted; None where they announce none."""
    links_received: int
    """Links that came."""
    requests: int
    """Requests of this run; `card.requests` counts those of all runs of the sync."""
    seconds: float
    extra: Extra = field(default_factory=Extra)
    unproved: tuple[EntityType, ...] = ()
    """Types whose list ended in doubt (an empty page where one was promised): nothing of them was
    believed gone, and cards at the end may be missing."""
    absent: tuple[Ref, ...] = ()
    """Cards that were asked for by name and are not in the CRM."""
    index_failed: str = ""
    """Why the link index was not built with the snapshot; the first reader builds it then."""


def sync(client: AmoClient, plan: Plan, watch: Watcher = lambda progress: None) -> Report:
    """Mirror the account that `client` asks, or some of its cards, and publish a snapshot.

    Raises:
        SyncRunning: another process is syncing this account.
        NothingMirrored: single cards were asked for before there is a mirror.
        SnapshotTooNew: a newer linkgraph made the last snapshot.
        ApiError: the CRM did not answer as it should; what was read is kept.
        TooManyRemovals: see `merge`; what was read is kept.
        PublishFailed: the disk; what was read is kept, and the last snapshot stands.
    """
    lock = FileLock(plan.folder / "sync.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise SyncRunning(
            "another process is syncing this account",
            hint="wait for it, or stop it: what it read is kept",
        ) from error
    except OSError as error:
        raise HomeUnusable(
            f"{plan.folder} cannot be used: {error.strerror or error}",
            hint="check the disk and the rights of the home",
        ) from error
    try:
        with Ledger(plan.folder / "account.sqlite") as ledger:
            return _Sync(client, plan, ledger, watch).run()
    finally:
        lock.release()


class _Sync:
    """The state of one sync that holds the lock."""

    def __init__(self, client: AmoClient, plan: Plan, ledger: Ledger, watch: Watcher) -> None:
        self._client = client
        self._plan = plan
        self._ledger = ledger
        self._watch = watch
        self._progress = Progress()
        self._snapshots = Snapshots(plan.folder)
        self._began = now()
        # A sync of named cards does not touch a full one that was stopped half-way.
        name = "staging-cards.duckdb" if plan.refs else "staging.duckdb"
        self._path = plan.folder / name
        self._extra = Extra()
        self._unproved: tuple[EntityType, ...] = ()
        self._absent: tuple[Ref, ...] = ()
        self._read_cards = 0
        self._index_failed = ""

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
            merged, snapshot = self._publish(last)
        except BaseException as error:
            cause = self._cause(error)
            text = cause.message if isinstance(cause, LinkgraphError) else type(cause).__name__
            with contextlib.suppress(HomeUnusable):  # the same full disk, most likely
                self._ledger.end_run(run_id, requests=self._client.stats.requests, error=text)
            if cause is error:
                raise
            raise cause from None if isinstance(error, BaseExceptionGroup) else error
        discard(self._path)
        self._ledger.end_run(run_id, requests=self._client.stats.requests, snapshot=snapshot.number)
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
            requests=self._client.stats.requests,
            seconds=(now() - self._began).total_seconds(),
            extra=self._extra,
            unproved=self._unproved,
            absent=self._absent,
            index_failed=self._index_failed,
        )

    def _open(self) -> tuple[Staging, bool]:
        wanted = tuple(str(ref) for ref in self._plan.refs)
        kind = "cards" if wanted else "full"
        url = self._client.address.url
        try:
            found = Staging.resume(self._path, now=now())
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
            return
        facts = self._ledger.mass_list()
        pull = None
        try:
            with Clerk() as clerk:
                pull = Pull(
                    self._client, staging, witness, facts, self._progress, self._watch, clerk
                )
                asyncio.run(self._asking(pull))
        finally:
            # The clerk's thread has ended: nobody else is using the staging now.
            if pull is not None:
                self._extra, self._unproved = pull.extra, pull.unproved
                self._absent = pull.absent
            with contextlib.suppress(HomeUnusable, duckdb.Error):  # else the first error is lost
                self._ledger.learn_mass_list(facts)
                staging.add_requests(self._client.stats.requests)
        staging.finish()
        self._read_cards = staging.link_reads()

    async def _asking(self, pull: Pull) -> None:
        async with self._client:
            telling = asyncio.create_task(_keep_telling(pull))
            try:
                if self._plan.refs:
                    await pull.cards(self._plan.refs)
                else:
                    await pull.full()
            finally:
                telling.cancel()

    def _publish(self, last: Snapshot | None) -> tuple[merging.Merged, Snapshot]:
        number = self._snapshots.next_number()
        results: list[merging.Merged] = []

        def build(target: Path) -> SnapshotCard:
            results.append(
                merging.merge(
                    target,
                    self._path,
                    last,
                    number=number,
                    max_removals=self._plan.max_removals,
                    on_step=self._step,
                )
            )
            self._progress.phase = "publishing"
            self._step("")
            self._build_index(target, results[0].card)
            return results[0].card

        self._progress.phase = "merging"
        try:
            snapshot = self._snapshots.publish(number, build, keep=self._plan.keep)
        except TooManyRemovals:
            with Staging.reopen(self._path) as staging:
                staging.refuse(self._plan.max_removals)
            raise
        return results[0], snapshot

    def _build_index(self, database: Path, card: SnapshotCard) -> None:
        """Lay the link index beside the database, as far as that goes.

        It can be made at any time from what is published: nothing of it may cost the snapshot.
        """
        if self._plan.build_index is None:
            return
        folder = database.with_name(INDEX)
        self._step("link index")
        try:
            self._plan.build_index(database, folder, card)
        except Exception as error:  # whatever it is: an hour of reading is not lost over it
            shutil.rmtree(folder, ignore_errors=True)
            self._index_failed = str(error).partition("\n")[0] or type(error).__name__

    def _step(self, step: str) -> None:
        self._progress.step = step
        self._watch(self._progress)

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


async def _keep_telling(pull: Pull) -> None:
    """Show progress each second, for as long as this runs: the CRM may ask for minutes of quiet."""
    while True:
        await asyncio.sleep(1)
        pull.tell()
