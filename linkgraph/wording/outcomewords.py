"""What became of a push, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from linkgraph.edits.pushbook import PushState
from linkgraph.edits.states import State
from linkgraph.wording import planwords
from linkgraph.wording.numbers import counted

if TYPE_CHECKING:
    from linkgraph.edits.pushbook import Item
    from linkgraph.edits.pushing import Outcome
    from linkgraph.model import Ref

#: The states in which a change may end, in the order in which they are shown, and their names.
ENDS = {
    State.VERIFIED: "verified",
    State.FAILED: "failed",
    State.UNKNOWN: "unknown",
    State.CONFLICT: "conflict",
    State.QUEUED: "not sent",
    State.UNDONE: "undone",
}
#: What is said of changes that ended in a state that wants a person.
TROUBLE = {
    State.FAILED: "failed",
    State.UNKNOWN: "have an unknown outcome",
    State.CONFLICT: "were changed by others meanwhile",
}
#: How a push has ended.
PUSH_ENDS = {
    PushState.DONE: "is done",
    PushState.STOPPED: "stopped early",
    PushState.INTERRUPTED: "was broken off",
    PushState.RUNNING: "is under way",
}
#: Changes that are under way still, of a push that was broken off.
_UNDER_WAY = {State.PLANNED: State.QUEUED, State.SENT: State.UNKNOWN}


def named(outcome: Outcome) -> list[Ref]:
    """All cards that an outcome names, each once."""
    refs = [end for item in outcome.items for end in item.change.pair]
    refs += [end for surprise in outcome.surprises for end in surprise.pair]
    return list(dict.fromkeys(refs))


def end_of(item: Item) -> State:
    """How a change ended: one of `ENDS`, also where its push was broken off."""
    return _UNDER_WAY.get(item.state, item.state)


def trouble(state: State, count: int) -> str:
    """«1 change failed», «2 changes were changed by others meanwhile»."""
    words = TROUBLE[state]
    if count == 1:
        words = words.replace("have ", "has ").replace("were ", "was ")
    return f"{counted(count, 'change')} {words}"


def tally(items: Iterable[Item]) -> dict[tuple[str, str], Counter[State]]:
    """How many changes of each relation and kind (`planwords.SIGNS`) came to what, in order."""
    counts: dict[tuple[str, str], Counter[State]] = {}
    for item in items:
        key = str(item.change.relation), planwords.kind_of(item.change)
        counts.setdefault(key, Counter())[end_of(item)] += 1
    return dict(sorted(counts.items()))
