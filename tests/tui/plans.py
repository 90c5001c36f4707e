"""A plan of the small world, and what became of a push of it, with all that can be shown."""

from dataclasses import replace

from linkgraph.edit import Edit
from linkgraph.edits.changes import FREEING, LINKING, Change, Way
from linkgraph.edits.entries import Origin, QueuedEdit, Source
from linkgraph.edits.plan import Forecast, Plan
from linkgraph.edits.pushbook import Item, PushRecord, PushState
from linkgraph.edits.states import State
from linkgraph.edits.verifying import Surprise
from linkgraph.model import Metadata, Ref
from linkgraph.wording.mirrored import Compared
from queries.figures import Figure, Figures
from queries.impact import Impact, MainMove
from queries.parting import Piece, Split
from tests.tui.queueing import AT, BY
from tests.tui.worlds import HOSTILE
from tui.outcomerows import Told
from tui.planrows import Planned

URL = "https://small.amocrm.ru"


def ref(text: str) -> Ref:
    """A card."""
    return Ref.parse(text)


def edit(number: int, text: str, state: State = State.QUEUED, reason: str = "") -> QueuedEdit:
    """An edit that somebody queued in the browser."""
    return QueuedEdit(
        number, f"u{number}", Edit.parse(text), state, reason, BY, AT, Origin(Source.BROWSER)
    )


def change(
    number: int, pair: str, before: Metadata | None, after: Metadata | None, note: str = ""
) -> Change:
    """A change that one edit wants, of the same number."""
    owner, other = map(ref, pair.split())
    way = Way.LINK if before is None else Way.RELINK
    way = Way.UNLINK if after is None else way
    phase = FREEING if after is None else LINKING
    write = after or Metadata()
    return Change(number, (owner, other), before, after, write, way, phase, (number,), None, note)


CHANGES = (
    change(1, "lead:104 contact:201", None, Metadata(is_main=True)),
    change(2, "lead:106 contact:204", None, Metadata()),
    change(3, "lead:105 company:302", None, Metadata(), "makes room for company:302"),
    change(4, "lead:101 element:7/701", Metadata(None, 3.0, 901), Metadata(None, 5.0, 901)),
    change(5, "lead:101 contact:202", Metadata(is_main=False), Metadata(is_main=True)),
    change(6, "lead:102 contact:203", Metadata(is_main=True), None),
    change(7, "customer:401 company:301", Metadata(), None, "moves to company:302"),
)
CONFLICTS = (
    edit(
        8,
        "link lead:101 element:7/702 quantity=4",
        State.CONFLICT,
        "was linked, quantity 1.5 when it was queued, is linked, quantity 9 now",
    ),
    edit(
        9,
        "link lead:105 company:301",
        State.CONFLICT,
        "was free when it was queued, is taken by company:303 now",
    ),
)
PLAN = Plan(
    account="test",
    base_url=URL,
    made_at=AT,
    edits=(
        *(
            edit(each.number, _text)
            for each, _text in zip(
                CHANGES,
                (
                    "link lead:104 contact:201 main=yes",
                    "link lead:106 contact:204",
                    "link lead:105 company:302",
                    "link lead:101 element:7/701 quantity=5",
                    "main lead:101 contact:202",
                    "unlink lead:102 contact:203",
                    "unlink customer:401 company:301",
                ),
                strict=True,
            )
        ),
        *CONFLICTS,
    ),
    changes=CHANGES,
    dropped=((edit(10, "link lead:103 contact:201"), "already so: linked, main"),),
    conflicts=(),
    skipped=(
        (
            edit(11, "unlink company:303 contact:212"),
            "the links of company:303 could not be read whole",
        ),
    ),
    warnings=("newer than the snapshot, and there: contact:999",),
    cards=(),
    absent=frozenset(),
    requests=Forecast(9, 5, 2.0),
    webhooks=("hooks.example.com/crm/…", f"[red]{HOSTILE[3]}"),
)
IMPACT = Impact(
    leads_without_contact=(ref("lead:102"),),
    main_flags_moved=(MainMove(ref("lead:101"), ref("contact:201"), ref("contact:202")),),
    splits=(Split(21, (Piece(18, ref("lead:101")), Piece(3, ref("lead:102")))),),
)
PLANNED = Planned(
    PLAN,
    CONFLICTS,
    {"customers unlink": 1, "leads link": 3, "leads unlink": 1},
    ("lead:101 – element:7/702: linked anew it gets a quantity",),
)

_ENDS = (
    (State.VERIFIED, "read back: linked, main"),
    (State.FAILED, f"refused: {HOSTILE[3]} {HOSTILE[0]}"),
    (State.UNKNOWN, "no answer came; read back: not linked"),
    (State.VERIFIED, "read back: linked, quantity 5"),
    (State.CONFLICT, "changed by others while the push lay broken off"),
    (State.VERIFIED, "read back: not linked"),
    (State.QUEUED, "not sent, the push stopped"),
)
ITEMS = tuple(
    Item(each, state, answer=answer) for each, (state, answer) in zip(CHANGES, _ENDS, strict=True)
)
RECORD = PushRecord(
    7, AT, AT, BY, PushState.STOPPED, None, 19, "", dict.fromkeys((state for state, _ in _ENDS), 1)
)
TOLD = Told(
    RECORD,
    ITEMS,
    (Surprise((ref("lead:101"), ref("company:302")), "is linked now, unasked"),),
    why="the CRM refuses all writes (403)",
    hint="ask an administrator",
    mirror="the mirror does not have it yet (a sync is in the way); S syncs",
    health=Compared(
        Figures({"orphan-contacts": Figure(12, 0), "hubs": Figure(3, 0)}),
        Figures({"orphan-contacts": Figure(9, 0), "hubs": Figure(3, 0)}),
        {"orphan-contacts": "contacts linked to nothing"},
    ),
)
MANY = replace(
    PLAN,
    changes=tuple(change(n, f"lead:{n} contact:{n}", Metadata(), None) for n in range(1, 1205)),
)
