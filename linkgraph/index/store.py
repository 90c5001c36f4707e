"""Where the index of a snapshot lies: inside its version, or beside it in `index-cache/`.

The sync that publishes a version builds its index with it, and the texts of its cards. What is
missing there or does not fit, the first reader builds into the cache, under a lock, and the others
wait for that; a version itself is never written to.
"""

import os
import shutil
import tempfile
import weakref
from pathlib import Path

from linkgraph.errors import SnapshotUnusable
from linkgraph.index.arrays import Arrays, IndexUnfit
from linkgraph.index.cardtexts import CardTexts
from linkgraph.index.numbering import Numbering
from linkgraph.mirror.snapshots import INDEX, Snapshot, SnapshotCard, fsync, seal

#: The folder inside an index in which the texts of its cards lie.
TEXTS = "texts"


def write(database: Path, folder: Path, card: SnapshotCard) -> None:
    """Build the index of a snapshot's database, and its texts, into `folder`, which must not exist.

    Raises:
        SnapshotUnusable: the tables contradict themselves.
        duckdb.Error, OSError: the disk.
    """
    from linkgraph.index.build import build_from, opened
    from linkgraph.index.buildtexts import build_texts

    with opened(database) as db:
        arrays = build_from(db)
        arrays.save(folder, card)
        build_texts(db, folder / TEXTS, Numbering(arrays.ranges, arrays.offsets), card)


def load(snapshot: Snapshot) -> Arrays:
    """The arrays of a snapshot's index, built first if they are missing or do not fit.

    Raises:
        SnapshotTooNew, SnapshotUnusable: the snapshot cannot be read.
    """
    card = snapshot.card()
    found = _standing(snapshot, card)
    if found is not None:
        return found
    from filelock import FileLock

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
    import duckdb

    from linkgraph.index.build import build  # scipy, which reading does without

    try:
        return build(snapshot.path)
    except (duckdb.Error, ValueError, IndexError) as error:
        raise SnapshotUnusable(
            f"the index of snapshot {snapshot.number} cannot be built: "
            f"{str(error).partition(chr(10))[0]}",
            hint="linkgraph sync makes a new snapshot",
        ) from error


def load_texts(snapshot: Snapshot, numbering: Numbering) -> CardTexts:
    """The texts of a snapshot's cards, built first if they are missing or do not fit.

    `numbering` is that of its index.

    Raises:
        SnapshotTooNew, SnapshotUnusable: the snapshot cannot be read.
    """
    card = snapshot.card()
    found = _standing_texts(snapshot, card, len(numbering))
    if found is not None:
        return found
    from filelock import FileLock

    try:
        snapshot.cache.mkdir(parents=True, exist_ok=True)
        with FileLock(snapshot.cache.with_suffix(".lock")):
            found = _standing_texts(snapshot, card, len(numbering))
            return found or _cached_texts(snapshot, card, numbering)
    except OSError:
        return _passing_texts(snapshot, card, numbering)


def _standing_texts(snapshot: Snapshot, card: SnapshotCard, nodes: int) -> CardTexts | None:
    for folder in (snapshot.folder / INDEX / TEXTS, snapshot.cache / TEXTS):
        try:
            return CardTexts.load(folder, card, nodes)
        except IndexUnfit:
            continue
    return None


def _cached_texts(snapshot: Snapshot, card: SnapshotCard, numbering: Numbering) -> CardTexts:
    place = snapshot.cache / TEXTS
    fresh = snapshot.cache.with_name(f".{snapshot.cache.name}-{TEXTS}-{os.getpid()}")
    try:
        _build_texts(snapshot, fresh, numbering, card)
        seal(fresh)
        shutil.rmtree(place, ignore_errors=True)
        fresh.rename(place)
        fsync(place.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return CardTexts(place, len(numbering))


def _passing_texts(snapshot: Snapshot, card: SnapshotCard, numbering: Numbering) -> CardTexts:
    """Where the home takes no files: they lie elsewhere, as long as this process wants them."""
    folder = Path(tempfile.mkdtemp(prefix="linkgraph-"))
    _build_texts(snapshot, folder / TEXTS, numbering, card)
    texts = CardTexts(folder / TEXTS, len(numbering))
    weakref.finalize(texts, shutil.rmtree, folder, ignore_errors=True)
    return texts


def _build_texts(
    snapshot: Snapshot, folder: Path, numbering: Numbering, card: SnapshotCard
) -> None:
    import duckdb

    from linkgraph.index.build import opened  # scipy and Arrow, which reading does without
    from linkgraph.index.buildtexts import build_texts

    try:
        with opened(snapshot.path) as db:
            build_texts(db, folder, numbering, card)
    except (duckdb.Error, ValueError, IndexError) as error:
        raise SnapshotUnusable(
            f"the texts of snapshot {snapshot.number} cannot be read: "
            f"{str(error).partition(chr(10))[0]}",
            hint="linkgraph sync makes a new snapshot",
        ) from error
