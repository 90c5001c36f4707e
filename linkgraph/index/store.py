"""Where the index of a snapshot lies: inside its version, or beside it in `index-cache/`.

The sync that publishes a version builds its index with it. If it is missing there or does not fit,
the first reader builds it into the cache, under a lock, and the others wait for that; a version
itself is never written to.
"""

import os
import shutil
from pathlib import Path

import duckdb
from filelock import FileLock

from linkgraph.errors import SnapshotUnusable
from linkgraph.index.arrays import Arrays, IndexUnfit
from linkgraph.mirror.snapshots import INDEX, Snapshot, SnapshotCard, fsync, seal


def write(database: Path, folder: Path, card: SnapshotCard) -> None:
    """Build the index of a snapshot's database into `folder`, which must not exist yet.

    Raises:
        SnapshotUnusable: the tables contradict themselves.
        duckdb.Error, OSError: the disk.
    """
    from linkgraph.index.build import build

    build(database).save(folder, card)


def load(snapshot: Snapshot) -> Arrays:
    """The arrays of a snapshot's index, built first if they are missing or do not fit.

    Raises:
        SnapshotTooNew, SnapshotUnusable: the snapshot cannot be read.
    """
    card = snapshot.card()
    found = _standing(snapshot, card)
    if found is not None:
        return found
    try:
        snapshot.cache.parent.mkdir(exist_ok=True)
        with FileLock(snapshot.cache.with_suffix(".lock")):
            # Whoever held the lock before may have built it.
            return _standing(snapshot, card) or _cached(snapshot, card)
    except OSError:
        return _built(snapshot)  # a home that takes no files: it is kept in memory


def _standing(snapshot: Snapshot, card: SnapshotCard) -> Arrays | None:
    for folder in (snapshot.folder / INDEX, snapshot.cache):
        try:
            return Arrays.load(folder, card)
        except IndexUnfit:
            continue
    return None


def _cached(snapshot: Snapshot, card: SnapshotCard) -> Arrays:
    """Build the index into the cache; what stood there did not fit."""
    arrays = _built(snapshot)
    fresh = snapshot.cache.with_name(f".{snapshot.cache.name}-{os.getpid()}")
    try:
        arrays.save(fresh, card)
        seal(fresh)
        shutil.rmtree(snapshot.cache, ignore_errors=True)
        fresh.rename(snapshot.cache)
        fsync(snapshot.cache.parent)
        return Arrays.load(snapshot.cache, card)
    except (OSError, IndexUnfit):
        return arrays  # the disk is full, say: good enough for this process
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _built(snapshot: Snapshot) -> Arrays:
    from linkgraph.index.build import build  # scipy, which reading does without

    try:
        return build(snapshot.path)
    except (duckdb.Error, ValueError, IndexError) as error:
        raise SnapshotUnusable(
            f"the index of snapshot {snapshot.number} cannot be built: "
            f"{str(error).partition(chr(10))[0]}",
            hint="linkgraph sync makes a new snapshot",
        ) from error
