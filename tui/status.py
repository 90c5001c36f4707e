"""What every mode tells at its foot, and what must not end unawares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Status:
    """What the status bar tells; whoever changes it publishes `LinkgraphApp.status_changed`."""

    account: str = ""
    snapshot: int | None = None
    taken_at: datetime | None = None
    mirrored: bool | None = None
    """Whether there is a snapshot; None before that is known. Screens read nothing before."""
    opening: str = ""
    """What takes so long before a snapshot can be looked at; empty where nothing does."""
    waiting: int = 0
    """Edits that wait to be pushed."""
    conflicts: int = 0
    read_only: bool = False
    sync: str = ""
    """What a sync under way has come to; empty where none is."""
    push: str = ""
    """The same of a push."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Something that must not end unawares when the browser is quit."""

    words: str
    """What it is: «push 3»."""
    stop: Callable[[], None]
    """Ask it to end soon, in good order; it goes from `LinkgraphApp.under_way` when it has."""
