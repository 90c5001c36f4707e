"""One sync from end to end: lock, read, merge, publish, book.

A sync that stops for whatever reason leaves its staging; the next one goes on from there. The
snapshot that stands is replaced in a single step, or not at all.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from linkgraph.amocrm import AmoClient
from linkgraph.errors import ApiError, LinkgraphError, PublishFailed, SyncRunning
from linkgraph.mirror import merge as merging
from linkgraph.mirror.clerk import Clerk
from linkgraph.mirror.ledger import Ledger
from linkgraph.mirror.progress import Progress, Watcher
from linkgraph.mirror.pull import Extra, Pull
from linkgraph.mirror.snapshots import Snapshot, SnapshotCard, Snapshots
from linkgraph.mirror.staging import Run, Staging, discard, now
from linkgraph.mirror.witness import Witness
from linkgraph.model import Ref


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync is to do, as the account's settings have it."""

    folder: Path
    phone_country: str
    keep: int
    max_removals: float
    refs: tuple[Ref, ...] = ()
    """The cards to read; none means all."""


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
    requests: int
    """Requests of this run; `card.requests` counts those of all runs of the sync."""
    seconds: float
    extra: Extra = field(default_factory=Extra)


def sync(client: AmoClient, plan: Plan, watch: Watcher = lambda progress: None) -> Report:
    """Mirror the account that `client` asks, or some of its cards, and publish a snapshot.

    Raises:
        SyncRunning: another process is syncing this account.
        ApiError: the CRM did not answer as it should; what was read is kept.
        TooManyRemovals: see `merge`; what was read is kept.
        PublishFailed: the disk; what was read is kept, and the last snapshot stands.
    """
    try:
        with (
            FileLock(plan.folder / "sync.lock", timeout=0),
            Ledger(plan.folder / "account.sqlite") as ledger,
        ):
            return _Sync(client, plan, ledger, watch).run()
    except Timeout as error:
        raise SyncRunning(
            "another process is syncing this account",
            hint="wait for it, or stop it: what it read is kept",
        ) from error


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

    def run(self) -> Report:
        last = self._snapshots.current()
        staging, resumed = self._open()
        run_id = self._ledger.begin_run(staging.run.kind, resumed=resumed)
        try:
            with staging:
                self._read(staging, last)
            merged, snapshot = self._publish(last)
        except BaseException as error:
            first = _first_cause(error)
            text = first.message if isinstance(first, LinkgraphError) else type(first).__name__
            self._ledger.end_run(run_id, requests=self._client.stats.requests, error=text)
            if first is not error and isinstance(first, LinkgraphError):
                raise first from error
            raise
        self._ledger.end_run(run_id, requests=self._client.stats.requests, snapshot=snapshot.number)
        discard(self._path)
        return Report(
            snapshot=snapshot,
            card=merged.card,
            changes=merged.changes,
            first=merged.first,
            resumed=resumed,
            cards=self._read_cards,
            disagreements=merged.disagreements,
            not_whole=merged.not_whole,
            requests=self._client.stats.requests,
            seconds=(now() - self._began).total_seconds(),
            extra=self._extra,
        )

    def _open(self) -> tuple[Staging, bool]:
        wanted = tuple(str(ref) for ref in self._plan.refs)
        kind = "cards" if wanted else "full"
        url = self._client.address.url
        try:
            found = Staging.resume(self._path, now=now())
            if found is not None:
                if (found.run.kind, found.run.base_url, found.run.wanted) == (kind, url, wanted):
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
        facts = self._ledger.mass_list()
        with Clerk() as clerk:
            pull = Pull(self._client, staging, witness, facts, self._progress, self._watch, clerk)
            try:
                asyncio.run(self._asking(pull))
            finally:
                self._extra = pull.extra
                self._ledger.learn_mass_list(facts)
                staging.add_requests(self._client.stats.requests)
        self._read_cards = staging.link_reads()

    async def _asking(self, pull: Pull) -> None:
        async with self._client:
            if self._plan.refs:
                await pull.cards(self._plan.refs)
            else:
                await pull.full()

    def _publish(self, last: Snapshot | None) -> tuple[merging.Merged, Snapshot]:
        number = (last.number if last else 0) + 1
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
            return results[0].card

        self._progress.phase = "merging"
        snapshot = self._snapshots.publish(number, build, keep=self._plan.keep)
        return results[0], snapshot

    def _step(self, step: str) -> None:
        self._progress.step = step
        self._watch(self._progress)


def _first_cause(error: BaseException) -> BaseException:
    """The error that ended a group of tasks: an API error before all that followed from it."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    causes = [_first_cause(inner) for inner in error.exceptions]
    for cause in causes:
        if isinstance(cause, ApiError) and not cause.retryable:
            return cause
    for cause in causes:
        if isinstance(cause, LinkgraphError):
            return cause
    return causes[0]
