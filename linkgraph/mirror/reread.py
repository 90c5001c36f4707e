"""Publishing what a push has read back, so that the graph shows at once what was written.

Only reads are published that are whole, later than the last touch of the card, and later than
what the newest snapshot has of it: a sync may have read the card since.
"""

import contextlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import duckdb

from linkgraph.errors import HomeUnusable, LinkgraphError, PublishFailed, SyncRunning
from linkgraph.mirror.clock import now
from linkgraph.mirror.columns import link_tables
from linkgraph.mirror.ledger import Ledger
from linkgraph.mirror.livelinks import CardLinks
from linkgraph.mirror.overtaken import take_back
from linkgraph.mirror.progress import Progress, Watcher
from linkgraph.mirror.publishing import publish
from linkgraph.mirror.snapshots import Snapshot, Snapshots
from linkgraph.mirror.staging import Run, Staging, discard
from linkgraph.mirror.syncs import Plan, Report, sync_lock
from linkgraph.mirror.witness import Witness
from linkgraph.model import EntityType, Ref


def publish_reads(
    plan: Plan,
    base_url: str,
    reads: Iterable[CardLinks],
    requests: int,
    watch: Watcher = lambda progress: None,
) -> Report | None:
    """Publish links that were read by `read_live`, on top of the newest snapshot.

    Whoever pushes notes the cards first (`Ledger.touch`): where this finds a sync running and
    leaves it at that, the sync finds the note and reads the cards itself.

    Args:
        plan: as for a sync; its `refs` and `max_removals` do not matter: what a push removed was
            meant.
        base_url: the account's address without a trailing slash.
        reads: what was read; what is not whole, or not the newest, is left out.
        requests: how many requests the reads took, for the books.
        watch: shown how far the merge is.

    Returns:
        What was published; its `unknown` names the cards that the snapshot lacks (`sync` them).
        None where nothing was: a sync is running, nothing is mirrored yet, or nothing is newer.

    Raises:
        SnapshotTooNew: a newer linkgraph made the last snapshot.
        PublishFailed: the disk; the last snapshot stands.
        HomeUnusable: the account's folder cannot be written.
    """
    found = [read for read in reads if read.whole]
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(sync_lock(plan.folder))
        except SyncRunning:
            return None
        last = Snapshots(plan.folder).to_go_on_from()
        if last is None or not found:
            return None
        ledger = stack.enter_context(Ledger(plan.folder / "account.sqlite"))
        return _Reread(plan, base_url, found, requests, watch, ledger, last).run()


class _Reread:
    """The state of one publication of reads, under the lock."""

    def __init__(
        self,
        plan: Plan,
        base_url: str,
        reads: list[CardLinks],
        requests: int,
        watch: Watcher,
        ledger: Ledger,
        last: Snapshot,
    ) -> None:
        self._plan = plan
        self._base_url = base_url
        self._reads = reads
        self._requests = requests
        self._watch = watch
        self._ledger = ledger
        self._last = last
        self._path = plan.folder / "staging-push.duckdb"
        self._began = now()
        self._cards = 0
        self._unknown: tuple[Ref, ...] = ()

    def run(self) -> Report | None:
        try:
            self._stage()
            return self._publish() if self._cards else None
        except (duckdb.Error, OSError) as error:
            raise PublishFailed(
                f"{self._path} cannot be written: {str(error).splitlines()[0]}",
                hint="make room on the disk and run linkgraph sync: it reads the cards again",
            ) from error
        finally:
            with contextlib.suppress(OSError):
                discard(self._path)

    def _stage(self) -> None:
        # Dated by its oldest read, so that the staging looks whether the snapshot has newer ones.
        oldest = min(read.read_at for read in self._reads)
        run = Run("push", oldest, self._base_url, self._plan.phone_country)
        with Staging.begin(self._path, run) as staging:
            for kind in EntityType:
                reads = [read for read in self._reads if read.card.type is kind]
                _put(staging, kind, reads)
            witness = Witness(staging, self._last)  # drops what the snapshot has read later
            take_back(staging, self._ledger.touched(oldest))
            self._cards = staging.link_reads()
            self._unknown = tuple(witness.unknown(full=False))
            staging.add_requests(self._requests)
            staging.finish()

    def _publish(self) -> Report:
        run_id = self._ledger.begin_run("push", resumed=False)
        try:
            published = publish(
                replace(self._plan, max_removals=1.0),
                self._path,
                self._last,
                Progress(),
                self._watch,
            )
        except BaseException as error:
            text = error.message if isinstance(error, LinkgraphError) else type(error).__name__
            with contextlib.suppress(HomeUnusable):  # the same full disk, most likely
                self._ledger.end_run(run_id, requests=self._requests, error=text)
            raise
        snapshot, merged = published.snapshot, published.merged
        self._ledger.end_run(run_id, requests=self._requests, snapshot=snapshot.number)
        return Report(
            snapshot=snapshot,
            card=merged.card,
            changes=merged.changes,
            first=False,
            resumed=False,
            cards=self._cards,
            disagreements=merged.disagreements,
            not_whole=merged.not_whole,
            links_expected=merged.links_expected,
            links_received=merged.links_received,
            requests=self._requests,
            seconds=(now() - self._began).total_seconds(),
            index_failed=published.index_failed,
            unknown=self._unknown,
        )


def _put(staging: Staging, kind: EntityType, reads: list[CardLinks]) -> None:
    """Stage the links of cards of one type, those that were read together at once."""
    by_moment: dict[datetime, list[CardLinks]] = {}
    for read in reads:
        by_moment.setdefault(read.read_at, []).append(read)
    for read_at, together in sorted(by_moment.items()):  # of a card read twice, the later stays
        ids = list(dict.fromkeys(read.card.id for read in together))
        links = [link for read in together for link in read.reported]
        tables = link_tables(kind, ids, links, read_at=read_at, whole=True, expected=None)
        staging.put_links(kind, ids, tables)
