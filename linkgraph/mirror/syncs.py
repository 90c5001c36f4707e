"""What a sync is told to do, what it says it did, and the lock under which snapshots are made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from linkgraph.errors import HomeUnusable, SyncRunning
from linkgraph.mirror.merge import Change
from linkgraph.mirror.pull import Extra
from linkgraph.mirror.snapshots import Snapshot, SnapshotCard
from linkgraph.model import EntityType, Ref


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
    changes: tuple[Change, ...]
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
    overtaken: int = 0
    """Cards whose links a push wrote after this sync had read them, and which could not be read
    again now: the next sync does that."""
    unknown: tuple[Ref, ...] = ()
    """Cards that links name and the snapshot does not have, where they were not asked for."""


#: Seconds for which a sync tries to get the lock: long enough for somebody who just looks at it.
_GLANCE = 0.2


def is_syncing(folder: Path) -> bool:
    """Whether somebody, be it this process, makes snapshots of an account now."""
    lock = FileLock(folder / "sync.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    except OSError:
        return False  # a folder that nobody can write holds no lock either
    lock.release()
    return False


@contextmanager
def sync_lock(folder: Path, *, wait: float = _GLANCE) -> Iterator[None]:
    """Be the only one who makes snapshots of an account; wait at most so many seconds for that.

    Raises:
        SyncRunning: another process does.
        HomeUnusable: the folder cannot be written.
    """
    lock = FileLock(folder / "sync.lock", timeout=wait)
    try:
        lock.acquire()
    except Timeout as error:
        raise SyncRunning(
            "another process is syncing this account",
            hint="wait for it, or stop it: what it read is kept",
        ) from error
    except OSError as error:
        raise HomeUnusable(
            f"{folder} cannot be used: {error.strerror or error}",
            hint="check the disk and the rights of the home",
        ) from error
    try:
        yield
    finally:
        lock.release()
