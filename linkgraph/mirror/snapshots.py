"""Snapshots on disk: found, opened by number, published in one step, removed when old.

A snapshot is a folder `versions/000123` that never changes once it has that name; `current`
points to the newest. One writer publishes; any number of readers resolve `current`, open what it
pointed to and keep it. The order of steps and its proofs are in the design page, «One writer».
"""

import contextlib
import errno
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from linkgraph.errors import NothingMirrored, PublishFailed, SnapshotTooNew, SnapshotUnusable
from linkgraph.mirror.schema import SCHEMA_VERSION, literal

DATABASE = "mirror.duckdb"
#: The folder inside a version in which its link index lies.
INDEX = "index"
#: The folder of the account for what is made of snapshots after they were published.
CACHE = "index-cache"
_NUMBER = re.compile(r"\d{6,}")


@dataclass(frozen=True, slots=True)
class SnapshotCard:
    """What `snapshot.json` beside the database says, so that `status` opens no database."""

    schema_version: int
    number: int
    kind: str
    base_url: str
    account_name: str
    taken_at: str
    finished_at: str
    requests: int
    cards: dict[str, int]
    edges: dict[str, int]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published snapshot. `path` is resolved: it goes on naming the same data."""

    number: int
    folder: Path

    @property
    def path(self) -> Path:
        """The DuckDB file; open it read-only."""
        return self.folder / DATABASE

    @property
    def cache(self) -> Path:
        """A folder for what is made of it later; it goes with the snapshot."""
        return self.folder.parent.parent / CACHE / self.folder.name

    def card(self) -> SnapshotCard:
        """What is known of it without opening it.

        Raises:
            SnapshotTooNew: a newer linkgraph made it.
            SnapshotUnusable: it is damaged.
        """
        try:
            content = json.loads((self.folder / "snapshot.json").read_text(encoding="utf-8"))
            version = int(content["schema_version"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._unusable(error) from error
        if version > SCHEMA_VERSION:
            raise self._too_new(version)
        try:
            return SnapshotCard(**content)
        except TypeError as error:
            raise self._unusable(error) from error

    def opens(self) -> bool:
        """Whether its database can be read.

        Raises:
            SnapshotTooNew: it can, but a newer linkgraph made it.
        """
        import duckdb  # which reading what stands beside the database does without

        try:
            with duckdb.connect() as db:
                db.execute(f"attach {literal(str(self.path))} as snapshot (read_only)")
                row = db.execute("select schema_version from snapshot.meta").fetchone()
        except duckdb.Error:
            return False
        if row is not None and row[0] > SCHEMA_VERSION:
            raise self._too_new(row[0])
        return row is not None

    def _too_new(self, version: int) -> SnapshotTooNew:
        return SnapshotTooNew(
            f"snapshot {self.number} was made by a newer linkgraph "
            f"(tables version {version}, this one reads {SCHEMA_VERSION})",
            hint="update linkgraph, or sync into another home",
        )

    def _unusable(self, error: Exception) -> SnapshotUnusable:
        if not self.folder.exists():
            return SnapshotUnusable(
                f"snapshot {self.number} was removed: newer ones took its place",
                hint="open the account again to read the newest",
            )
        return SnapshotUnusable(
            f"snapshot {self.number} in {self.folder} cannot be read: {error}",
            hint="linkgraph sync makes a new one",
        )


class Snapshots:
    """The snapshots of one account's folder."""

    def __init__(self, folder: Path) -> None:
        self._versions = folder / "versions"
        self._current = folder / "current"
        self._cache = folder / CACHE

    def current(self) -> Snapshot | None:
        """The newest snapshot; None before the first sync.

        A reader may meet the very moment of a publication, so one that has just vanished is
        looked up again.
        """
        for _ in range(3):
            target = self._pointer()
            if target is None:
                return None
            if _NUMBER.fullmatch(target.name) and (target / DATABASE).exists():
                return Snapshot(int(target.name), target)
        raise SnapshotUnusable(
            f"{self._current} points to {target}, which holds no snapshot",
            hint="linkgraph sync makes a new one",
        )

    def to_go_on_from(self) -> Snapshot | None:
        """The newest snapshot that opens, for a sync to build on; None where there is none.

        Raises:
            SnapshotTooNew: a newer linkgraph made it; going on would lose what that one keeps.
        """
        try:
            standing = self.current()
        except SnapshotUnusable:
            standing = None
        older = [
            snapshot
            for snapshot in reversed(self.all())
            if standing is None or snapshot.number < standing.number
        ]
        for snapshot in [standing, *older] if standing else older:
            with contextlib.suppress(SnapshotUnusable):
                snapshot.card()  # a damaged one is no matter, one too new is
            if snapshot.opens():
                return snapshot
        return None

    def next_number(self) -> int:
        """The number after the newest snapshot's."""
        try:
            standing = self.current()
        except SnapshotUnusable:
            standing = None
        numbers = [snapshot.number for snapshot in ([standing] if standing else self.all())]
        return max(numbers, default=0) + 1

    def require(self) -> Snapshot:
        """The newest snapshot.

        Raises:
            NothingMirrored: there is none yet.
        """
        snapshot = self.current()
        if snapshot is None:
            raise NothingMirrored(
                "nothing is mirrored yet", hint="mirror the account first: linkgraph sync"
            )
        return snapshot

    def all(self) -> list[Snapshot]:
        """Every snapshot kept, oldest first."""
        if not self._versions.is_dir():
            return []
        return sorted(
            (
                Snapshot(int(folder.name), folder.resolve())
                for folder in self._versions.iterdir()
                if _NUMBER.fullmatch(folder.name) and (folder / DATABASE).exists()
            ),
            key=lambda snapshot: snapshot.number,
        )

    def publish(self, number: int, build: Callable[[Path], SnapshotCard], *, keep: int) -> Snapshot:
        """Build a snapshot in a private folder and make it the current one in a single step.

        `build` gets the path of the database to write and returns what `snapshot.json` is to
        say. Whatever happens before the last step, readers go on seeing the snapshot before.
        The caller holds the sync lock.

        Raises:
            PublishFailed: the disk is full or cannot be written; nothing changed.
        """
        import duckdb

        temporary = self._versions / ".tmp"
        target = self._versions / f"{number:06d}"
        try:
            self._versions.mkdir(exist_ok=True)
            self._sweep()
            temporary.mkdir()
            card = build(temporary / DATABASE)
            if (temporary / (DATABASE + ".wal")).exists():
                raise PublishFailed(
                    "the new snapshot was not closed cleanly", hint="run linkgraph sync again"
                )
            with open(temporary / "snapshot.json", "w", encoding="utf-8") as file:
                json.dump(asdict(card), file)
            seal(temporary)
            temporary.rename(target)
            fsync(self._versions)
            self._point_to(target)
        except (OSError, duckdb.Error) as error:
            shutil.rmtree(temporary, ignore_errors=True)
            raise _publish_failed(error) from error
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        self._remove_old(keep)
        return Snapshot(number, target.resolve())

    def _pointer(self) -> Path | None:
        try:
            if self._current.is_symlink():
                return (self._current.parent / os.readlink(self._current)).resolve()
            return (self._current.parent / self._current.read_text(encoding="utf-8")).resolve()
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise SnapshotUnusable(
                f"{self._current} cannot be read: {error}", hint="linkgraph sync makes a new one"
            ) from error

    def _point_to(self, target: Path) -> None:
        relative = target.relative_to(self._current.parent)
        fresh = self._current.with_name("current.new")
        fresh.unlink(missing_ok=True)
        try:
            fresh.symlink_to(relative, target_is_directory=True)
        except (OSError, NotImplementedError) as error:
            if getattr(error, "errno", None) == errno.ENOSPC:
                raise
            # Where symlinks are not to be had, a one-line file points.
            fresh.write_text(relative.as_posix(), encoding="utf-8")
            fsync(fresh)
        fresh.replace(self._current)
        fsync(self._current.parent)

    def _sweep(self) -> None:
        """Remove what a killed publication left: never a folder that a reader could have found."""
        for path in self._versions.iterdir():
            if path.name == ".tmp" or path.name.startswith(".trash"):
                shutil.rmtree(path, ignore_errors=True)
        self._sweep_cache()
        try:
            standing = self.current()
        except SnapshotUnusable:
            standing = None
        for snapshot in self.all():
            # Renamed, but killed before `current` moved; without `current` any of them may count.
            if standing is not None and snapshot.number > standing.number:
                self._discard(snapshot.folder)

    def _sweep_cache(self) -> None:
        """Remove what was made of snapshots that are gone."""
        standing = {snapshot.folder.name for snapshot in self.all()}
        for path in self._cache.glob("*"):
            if path.is_dir() and path.name not in standing:
                shutil.rmtree(path, ignore_errors=True)
            elif path.stem not in standing:  # its lock
                path.unlink(missing_ok=True)

    def _remove_old(self, keep: int) -> None:
        for snapshot in self.all()[: -max(keep, 1)]:
            self._discard(snapshot.folder)
        self._sweep_cache()

    def _discard(self, folder: Path) -> None:
        trash = self._versions / f".trash-{folder.name}"
        try:
            folder.rename(trash)
        except OSError:
            return  # a system that keeps open files from being renamed: next time
        shutil.rmtree(trash, ignore_errors=True)


def seal(folder: Path) -> None:
    """Make the files of a folder read-only and put them, and it, on the disk for good.

    Whoever renames the folder after that syncs the one that it stands in.
    """
    for path in folder.iterdir():
        if path.is_dir():
            seal(path)
        else:
            path.chmod(0o444)
            fsync(path)
    fsync(folder)


def fsync(path: Path) -> None:
    """Put a file, or the names in a folder, on the disk for good."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _publish_failed(error: Exception) -> PublishFailed:
    text = str(error)
    full = getattr(error, "errno", None) in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} or (
        "No space left" in text or "File too large" in text or "disk quota" in text.lower()
    )
    if full:
        return PublishFailed(
            "the disk is full: the new snapshot could not be written, the last one stands",
            hint="make room and run linkgraph sync again: nothing has to be read anew",
        )
    first_line = text.strip().splitlines()[0] if text.strip() else type(error).__name__
    return PublishFailed(
        f"the new snapshot could not be written, the last one stands: {first_line}",
        hint="run linkgraph sync again: what was read is kept",
    )
