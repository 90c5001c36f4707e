"""A plan and its impact, with everything in them that can be shown.

Run as a program it shows one of them: `python -m tests.cli.plans plan|empty|many`.
"""

import sys
from dataclasses import replace
from datetime import datetime

from linkgraph.cli import planlines
from linkgraph.edit import Edit
from linkgraph.edits.changes import LINKING, Change, Way
from linkgraph.edits.entries import Base, Origin, QueuedEdit, Source
from linkgraph.edits.plan import Forecast, Plan
from linkgraph.edits.planning import Conflict
from linkgraph.edits.states import State
from linkgraph.model import Metadata, Ref
from queries.cardlines import CardLine
from queries.impact import Impact, MainMove
from queries.parting import Piece, Split
from tests.cli.conftest import HOSTILE

URL = "https://small.amocrm.ru"
MADE_AT = datetime.fromisoformat("2026-03-01T09:30:00")


def ref(text: str) -> Ref:
    """A card."""
    return Ref.parse(text)


def card(text: str, name: str | None) -> CardLine:
    """A card's line, with its address."""
    return CardLine(ref(text), name, URL + ref(text).path())


def queued(number: int, text: str) -> QueuedEdit:
    """An edit that Anna queued."""
    origin = Origin(Source.QUESTION, "leads-without-company")
    return QueuedEdit(
        number, f"u{number}", Edit.parse(text), State.QUEUED, "", "anna", MADE_AT, origin
    )


def change(
    number: int,
    pair: str,
    before: Metadata | None,
    after: Metadata | None,
    way: Way,
    note: str = "",
) -> Change:
    """A change that one edit wants, of the same number."""
    owner, other = map(ref, pair.split())
    return Change(
        number,
        (owner, other),
        before,
        after,
        after or Metadata(),
        way,
        LINKING,
        (number,),
        None,
        note,
    )


LINKED, MAIN = Metadata(), Metadata(is_main=True)
CHANGES = (
    change(1, "lead:1234567 contact:7654321", None, MAIN, Way.LINK),
    change(2, "lead:1 company:20", LINKED, None, Way.UNLINK, "makes room for company:21"),
    change(3, "lead:1 company:21", None, LINKED, Way.LINK),
    change(4, "lead:1 contact:10", MAIN, Metadata(is_main=False), Way.RELINK),
    change(
        5,
        "lead:3 element:7/70",
        Metadata(quantity=1),
        Metadata(quantity=2.5, price_id=11),
        Way.REPLACE,
    ),
    change(6, "contact:10 company:20", None, LINKED, Way.LINK),
)
CARDS = {
    line.ref: line
    for line in (
        card("lead:1", "Сделка"),
        card("lead:3", HOSTILE),
        card("contact:10", "Анна"),
        card("contact:7654321", "=1+1"),
        card("company:20", "ООО «Ромашка»"),
        card("company:21", "株式会社テスト株式会社テスト"),
    )
}
PLAN = Plan(
    account="small",
    base_url=URL,
    made_at=MADE_AT,
    edits=tuple(queued(number, "link lead:1 contact:10") for number in range(1, 10)),
    changes=CHANGES,
    dropped=((queued(7, "link lead:1 contact:11"), "already so: linked"),),
    conflicts=(
        Conflict(queued(8, "main lead:3 contact:12"), "linked, main", "not linked", Base(None)),
    ),
    skipped=((queued(9, "unlink lead:9 contact:11"), "the links of lead:9 could not be read"),),
    warnings=(f"newer than the snapshot: {HOSTILE}",),
    cards=(),
    absent=frozenset(),
    requests=Forecast(12, 3, 2.2),
    webhooks=("hooks.example/links",),
)
IMPACT = Impact(
    leads_without_contact=(ref("lead:1"),),
    orphans=tuple(ref(f"contact:{number}") for number in (10, 11, 12, 13)),
    main_flags_moved=(MainMove(ref("lead:3"), ref("contact:10"), ref("contact:12")),),
    splits=(Split(1204, (Piece(1200, ref("lead:1")), Piece(4, ref("lead:3")))),),
)
MANY = replace(
    PLAN,
    changes=(
        *CHANGES,
        *(
            change(100 + number, f"contact:{number} company:{number}", None, LINKED, Way.LINK)
            for number in range(1, 10_001)
        ),
    ),
)
EMPTY = replace(
    PLAN,
    changes=(),
    conflicts=(),
    dropped=(),
    skipped=(),
    warnings=(),
    requests=Forecast(0, 0, 0.0),
    webhooks=(),
)


def main(what: str) -> None:
    """Show one of them on stdout."""
    planlines.write({"plan": PLAN, "empty": EMPTY, "many": MANY}[what], CARDS, IMPACT)


if __name__ == "__main__":
    main(sys.argv[1])
