"""From a closed staging to the snapshot that stands: merge, link index, publication.

The caller holds the sync lock. The snapshot that stands is replaced in a single step, or not at
all; the staging is left as it is.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from linkgraph.errors import TooManyRemovals
from linkgraph.mirror.merge import Merged, merge
from linkgraph.mirror.progress import Progress, Watcher
from linkgraph.mirror.snapshots import INDEX, Snapshot, SnapshotCard, Snapshots
from linkgraph.mirror.staging import Staging
from linkgraph.mirror.syncs import Plan
from linkgraph.model import Ref


@dataclass(frozen=True, slots=True)
class Published:
    """A snapshot that stands now, and what came of its merge."""

    snapshot: Snapshot
    merged: Merged
    index_failed: str


def publish(
    plan: Plan,
    staging: Path,
    last: Snapshot | None,
    progress: Progress,
    watch: Watcher,
    written: Iterable[Ref] = (),
) -> Published:
    """Publish what was staged on top of the last snapshot.

    `written` are cards whose links a push wrote since: what vanished of theirs was meant to.

    Raises:
        TooManyRemovals: see `merge`; the staging is marked with it.
        PublishFailed: the disk; the last snapshot stands.
    """
    publication = _Publication(plan, staging, last, progress, watch, written)
    try:
        return publication.run()
    except TooManyRemovals:
        with Staging.reopen(staging) as refused:
            refused.refuse(plan.max_removals)
        raise


class _Publication:
    """The state of one publication."""

    def __init__(
        self,
        plan: Plan,
        staging: Path,
        last: Snapshot | None,
        progress: Progress,
        watch: Watcher,
        written: Iterable[Ref],
    ) -> None:
        self._plan = plan
        self._staging = staging
        self._last = last
        self._progress = progress
        self._watch = watch
        self._written = written
        self._merged: list[Merged] = []
        self._index_failed = ""

    def run(self) -> Published:
        snapshots = Snapshots(self._plan.folder)
        number = snapshots.next_number()
        self._progress.phase = "merging"
        snapshot = snapshots.publish(
            number, lambda target: self._build(target, number), keep=self._plan.keep
        )
        return Published(snapshot, self._merged[0], self._index_failed)

    def _build(self, target: Path, number: int) -> SnapshotCard:
        merged = merge(
            target,
            self._staging,
            self._last,
            number=number,
            max_removals=self._plan.max_removals,
            written=self._written,
            on_step=self._step,
        )
        self._merged.append(merged)
        self._progress.phase = "publishing"
        self._step("")
        self._build_index(target, merged.card)
        return merged.card

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
