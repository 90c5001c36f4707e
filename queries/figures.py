"""What problem questions found in a snapshot, in numbers: kept beside it in `Snapshot.cache`.

A snapshot never changes, so what was counted once holds, and the report of the next snapshot
compares itself with it at no cost. A figure counts as long as its question means the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, TypeAlias

import msgspec

import linkgraph
from linkgraph.errors import LinkgraphError
from linkgraph.mirror.snapshots import Snapshot
from queries.question import Question
from queries.wholefiles import whole_file

FILE = "health.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """What one question found."""

    count: int
    """Rows."""
    fixes: int
    """Rows that propose an edit."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the problem questions found in one snapshot."""

    found: Mapping[str, Figure]
    """By the question's name; a comparison with nothing to compare with is not there."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """Why a question could not be answered, by its name."""

    @property
    def problems(self) -> int:
        """Rows of all questions."""
        return sum(figure.count for figure in self.found.values())

    @property
    def fixes(self) -> int:
        """Rows of all questions that propose an edit."""
        return sum(figure.fixes for figure in self.found.values())


def kept(snapshot: Snapshot, questions: Iterable[Question]) -> dict[str, Figure]:
    """The figures kept with a snapshot, by question; of questions that mean the same still.

    Raises:
        SnapshotTooNew, SnapshotUnusable: the snapshot cannot be read.
    """
    entries = _entries(snapshot)
    found = {}
    for question in questions:
        entry = entries.get(question.name)
        if entry is not None and entry.definition == definition(question):
            found[question.name] = Figure(entry.count, entry.fixes)
    return found


def keep(snapshot: Snapshot, figures: Iterable[tuple[Question, Figure]]) -> None:
    """Keep figures with a snapshot, beside those that it has.

    Where the disk does not take them they are counted again next time.
    """
    try:
        entries = _entries(snapshot) | {
            question.name: _Entry(definition(question), figure.count, figure.fixes)
            for question, figure in figures
        }
        content = _File(_FORMAT, linkgraph.__version__, stamp(snapshot), entries)
        snapshot.cache.mkdir(parents=True, exist_ok=True)
        with whole_file(snapshot.cache / FILE) as stream:
            stream.write(msgspec.json.format(msgspec.json.encode(content)))
    except (OSError, LinkgraphError):
        return  # a home that takes no files, or a snapshot that was removed meanwhile


_Number: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class _Entry(msgspec.Struct, frozen=True):
    definition: str
    count: _Number
    fixes: _Number


class _File(msgspec.Struct, frozen=True):
    format: int
    linkgraph: str
    """The version that wrote it last."""
    snapshot: str
    questions: dict[str, _Entry]


def _entries(snapshot: Snapshot) -> dict[str, _Entry]:
    """What is kept; nothing where the file is damaged, or is that of another snapshot."""
    try:
        content = msgspec.json.decode((snapshot.cache / FILE).read_bytes(), type=_File)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return {}
    fits = (content.format, content.snapshot) == (_FORMAT, stamp(snapshot))
    return content.questions if fits else {}


def stamp(snapshot: Snapshot) -> str:
    """What tells a snapshot from one that bore its number before: a killed sync's, say.

    Raises:
        SnapshotTooNew, SnapshotUnusable: the snapshot cannot be read.
    """
    return f"{snapshot.number} {snapshot.card().finished_at}"


def definition(question: Question) -> str:
    """What tells that a question means the same.

    The machinery of one in Python stands in other modules as well, which change by version.
    """
    version = "" if question.module is None else f"\n{linkgraph.__version__}"
    return sha256(f"{question.source}{version}".encode()).hexdigest()
