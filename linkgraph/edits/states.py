"""The states of an edit, and of each change that a push makes for it.

queued ──plan──▶ planned ──▶ sent ──▶ verified ──▶ undone
  │ ▲               │         ├─────▶ failed
  │ └── stopped ────┘         └─────▶ unknown
  ├──plan──▶ conflict
  └────────▶ dropped          (replaced, cancelled, already so, taken back, or by a person)

What was replaced, cancelled or taken back is queued again when that is taken back (`takingback`).
"""

from collections.abc import Iterable
from enum import StrEnum


class State(StrEnum):
    """What has become of an edit."""

    QUEUED = "queued"
    PLANNED = "planned"
    """A plan holds it; nothing was sent."""
    SENT = "sent"
    """Marked before its request left: it may have arrived."""
    VERIFIED = "verified"
    """Read back, and so."""
    FAILED = "failed"
    """Refused, or read back and not so."""
    CONFLICT = "conflict"
    """What it is about changed since it was queued: a person decides."""
    UNKNOWN = "unknown"
    """Sent, without an answer, and reading did not show it either."""
    UNDONE = "undone"
    """Was verified, and a later push took it back."""
    DROPPED = "dropped"
    """Will not be pushed: replaced, cancelled, already so, taken back, or dropped by a person."""


#: States of edits that a person may still change: nothing of them has left.
OPEN = (State.QUEUED, State.PLANNED, State.CONFLICT)
#: States that a push leaves behind when it is broken off.
UNSETTLED = (State.PLANNED, State.SENT, State.UNKNOWN)
#: What an edit is while its changes are in several states: the first of these that one is in.
_WEIGHT = (
    State.UNKNOWN,
    State.SENT,
    State.PLANNED,
    State.CONFLICT,
    State.FAILED,
    State.QUEUED,
    State.VERIFIED,
    State.UNDONE,
    State.DROPPED,
)


def together(states: Iterable[State]) -> State:
    """The state of an edit, from those of its changes."""
    found = set(states)
    return next(state for state in _WEIGHT if state in found)
