"""What became of a push of `tests.cli.plans`; run as a program it shows it."""

from linkgraph.cli import pushlines
from linkgraph.edits.pushbook import Item, PushState
from linkgraph.edits.pushes import Pushed
from linkgraph.edits.pushing import Outcome
from linkgraph.edits.states import State
from linkgraph.edits.verifying import Surprise
from linkgraph.errors import LinkgraphError
from linkgraph.wording.mirrored import Compared
from queries.figures import Figure, Figures
from tests.cli.conftest import HOSTILE
from tests.cli.plans import CARDS, CHANGES, ref

STATES = (
    (State.VERIFIED, "read back: linked, main"),
    (State.VERIFIED, "read back: not linked"),
    (State.FAILED, f"refused: {HOSTILE}"),
    (State.CONFLICT, "changed by others while the push lay broken off"),
    (State.UNKNOWN, "no answer came; read back: linked, quantity 1"),
    (State.QUEUED, "not sent, the push stopped"),
)
OUTCOME = Outcome(
    push=7,
    state=PushState.STOPPED,
    items=tuple(
        Item(change, state, answer=answer)
        for change, (state, answer) in zip(CHANGES, STATES, strict=True)
    ),
    surprises=(Surprise((ref("lead:1"), ref("contact:10")), "is linked now, unasked"),),
    error=LinkgraphError("the CRM refuses all writes (403)", hint="ask an administrator"),
    resumed=False,
    requests=19,
)
PUSHED = Pushed(OUTCOME, None, "a sync\x1b[31m is in the way")
HEALTH = Compared(
    Figures({"orphan-contacts": Figure(12, 0), "hubs": Figure(3, 0), "old": Figure(1, 0)}),
    Figures({"orphan-contacts": Figure(9, 0), "hubs": Figure(3, 0)}),
    {"orphan-contacts": "contacts linked to nothing"},
)


if __name__ == "__main__":
    pushlines.write(PUSHED, CARDS, HEALTH)
