"""What the journal holds, as values: edits with their history, and where they came from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from linkgraph.edit import Edit, Verb
from linkgraph.edits.states import State
from linkgraph.model import Metadata, Ref

#: The two ends of a link, owner first.
Pair = tuple[Ref, Ref]


def pair_of(a: Ref, b: Ref) -> Pair:
    """The pair of two cards, whichever way they come."""
    first = (a.type.rank, a.catalog_id, a.id) <= (b.type.rank, b.catalog_id, b.id)
    return (a, b) if first else (b, a)


class Source(StrEnum):
    """Where an edit was queued."""

    COMMAND = "command"
    BROWSER = "browser"
    QUESTION = "question"
    FILE = "file"
    PYTHON = "python"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an edit came from, in a word and, if there is more to tell, in a few."""

    source: Source
    detail: str = ""
    """The question's name, the file and its line, the push that is undone."""

    def __str__(self) -> str:
        return f"{self.source} {self.detail}".rstrip()


@dataclass(frozen=True, slots=True)
class Base:
    """How things stood when an edit was queued: what it was decided upon."""

    link: Metadata | None
    """What the link carried; None: the two were not linked."""
    slot: tuple[Ref, ...] = ()
    """Who held the place that the edit gives to another: the companies that the single-company
    owner had, or the main contact. Empty where nobody did, and where no place is at stake."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An edit that is to be queued."""

    edit: Edit
    origin: Origin
    updated_by: int | None = None
    """The CRM user in whose name it is written."""
    base: Base | None = None
    """None: not known, so that whatever is live is taken for it."""
    uuid: str = ""
    """Of an edit that comes from elsewhere; else a new one is given."""


@dataclass(frozen=True, slots=True)
class QueuedEdit:
    """An edit of the journal, as it stands now."""

    id: int
    uuid: str
    edit: Edit
    state: State
    reason: str
    """Why it is in that state, for a person."""
    by: str
    at: datetime
    """When it was queued (UTC)."""
    origin: Origin
    updated_by: int | None = None
    snapshot: int | None = None
    """The number of the snapshot it was decided upon."""
    base: Base | None = None
    seen: Base | None = None
    """What a plan found instead, for one that is in conflict."""
    push: int | None = None
    """The last push that took it up."""

    @property
    def pair(self) -> Pair | None:
        """The link that it is about; None for a move, which is about many."""
        return None if self.edit.verb is Verb.MOVE else pair_of(self.edit.a, self.edit.b)


@dataclass(frozen=True, slots=True)
class Event:
    """One step in the life of an edit."""

    edit: int
    at: datetime
    state: State
    by: str
    push: int | None
    note: str
