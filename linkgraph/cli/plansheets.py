"""A plan as a workbook, for whoever has to approve it: summary, changes, impact, what is left out.

Names lead to their cards in the CRM; text is text, as everywhere in `queries.sheets`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from linkgraph.edits.changes import in_words
from linkgraph.model import Ref
from linkgraph.wording import planwords
from queries.sheets import Sheet, write_book

if TYPE_CHECKING:
    from linkgraph.edits.entries import QueuedEdit
    from linkgraph.edits.plan import Plan
    from queries.cardlines import CardLine
    from queries.impact import Impact

Cards = Mapping[Ref, "CardLine"]
_Row = dict[str, Any]

_OWNER, _OTHER = (
    tuple(f"{end}_{part}" for part in ("ref", "name", "url")) for end in ("owner", "other")
)
_SUMMARY = ("part", "number", "what")
_CHANGES = ("what", *_OWNER, *_OTHER, "now", "then", "why", "edits", "queued_by", "origin")
_IMPACT = ("what", "ref", "name", "url", "detail")
_LEFT_OUT = (
    *("what", "number", "edit", *_OWNER, *_OTHER),
    *("when_queued", "now", "why", "queued_by", "origin"),
)


def write_plan_sheets(
    target: Path | BinaryIO,
    plan: Plan,
    cards: Cards,
    impact: Impact | None,
    by: str,
) -> None:
    """Write a plan as a workbook; a path is replaced at once when all is written.

    Args:
        target: where to.
        plan: the plan.
        cards: the lines of the cards it names (`planwords.named`), as far as they are known.
        impact: what it does to the account; None where nothing is mirrored to tell it by.
        by: who planned.

    Raises:
        LinkgraphError: it could not be written (no such folder, no rights, disk full).
    """
    known = {edit.id: edit for edit in plan.edits}
    kinds = [] if impact is None else list(planwords.told(impact))
    age = f"{plan.base_url} · planned by {by}, links as read {plan.made_at:%Y-%m-%d %H:%M:%S} UTC"
    title = f"Plan for {plan.account}"
    sheets = [
        Sheet("Plan", _table(_SUMMARY, _summary(plan, impact, kinds)), title, [age]),
        Sheet("Changes", _table(_CHANGES, _changes(plan, cards, known)), planwords.counts(plan)),
    ]
    if kinds:
        rows = _table(_IMPACT, _impact(kinds, cards))
        sheets.append(Sheet("Impact", rows, "What the plan does to the account"))
    if plan.conflicts or plan.dropped or plan.skipped:
        notes = [f"{words}: {way}" for words, way in planwords.resolving(plan.conflicts)]
        rows = _table(_LEFT_OUT, _left_out(plan, cards))
        title = "Edits that the plan leaves out"
        sheets.append(Sheet("Left out", rows, title, notes if plan.conflicts else ()))
    write_book(target, sheets)


def _summary(plan: Plan, impact: Impact | None, kinds: Sequence[planwords.Told]) -> Iterator[_Row]:
    for (side, kind), own in planwords.groups(plan.changes).items():
        yield {"part": "changes", "number": len(own), "what": f"{side}: to {kind}"}
    for number, what in (
        (len(plan.conflicts), "left out: the link changed since the edit was queued"),
        (len(plan.dropped), "left out: nothing left to do"),
        (len(plan.skipped), "left out: cannot be planned now, still queued"),
    ):
        if number:
            yield {"part": "edits", "number": number, "what": what}
    if impact is None:
        yield {"part": "impact", "what": "not known, as nothing is mirrored yet"}
    elif not kinds:
        yield {"part": "impact", "number": 0, "what": "nobody is left alone, nothing falls apart"}
    for each in kinds:
        yield {"part": "impact", "number": len(each.cards), "what": each.words}
    yield {
        "part": "requests",
        "number": plan.requests.total,
        "what": planwords.requests(plan.requests),
    }
    yield {"part": "fires", "what": planwords.fires(plan)}
    for hook in plan.webhooks or ():
        yield {"part": "fires", "what": hook}
    for warning in plan.warnings:
        yield {"part": "warning", "what": warning}


def _changes(plan: Plan, cards: Cards, edits: Mapping[int, QueuedEdit]) -> Iterator[_Row]:
    for change in plan.changes:
        behind = [edits[number] for number in change.edits if number in edits]
        yield {
            "what": planwords.kind_of(change),
            **_named(change.pair, cards),
            "now": in_words(change.before),
            "then": in_words(change.after),
            "why": change.note,
            "edits": ", ".join(f"#{number}" for number in change.edits),
            **_from(behind),
        }


def _impact(kinds: Sequence[planwords.Told], cards: Cards) -> Iterator[_Row]:
    for each in kinds:
        details = each.details or [""] * len(each.cards)
        for ref, detail in zip(each.cards, details, strict=True):
            yield {"what": each.words, **_card(ref, cards), "detail": detail}


def _left_out(plan: Plan, cards: Cards) -> Iterator[_Row]:
    for conflict in plan.conflicts:
        told = {"when_queued": conflict.then, "now": conflict.now, "why": conflict.reason}
        yield {"what": "conflict", **_edit(conflict.edit, cards), **told}
    for what, found in (("nothing to do", plan.dropped), ("still queued", plan.skipped)):
        for edit, reason in found:
            yield {"what": what, **_edit(edit, cards), "why": reason}


def _edit(edit: QueuedEdit, cards: Cards) -> _Row:
    pair = edit.pair or (edit.edit.a, edit.edit.b)
    return {
        "number": edit.id,
        "edit": str(edit.edit),
        **_named(pair, cards),
        **_from([edit]),
    }


def _from(edits: Sequence[QueuedEdit]) -> _Row:
    """Who queued edits, and where."""
    return {
        "queued_by": ", ".join(dict.fromkeys(edit.by for edit in edits)),
        "origin": ", ".join(dict.fromkeys(str(edit.origin) for edit in edits)),
    }


def _named(pair: tuple[Ref, Ref], cards: Cards) -> _Row:
    return {
        f"{end}_{part}": value
        for end, ref in zip(("owner", "other"), pair, strict=True)
        for part, value in _card(ref, cards).items()
    }


def _card(ref: Ref, cards: Cards) -> _Row:
    card = cards.get(ref)
    told = (None, None) if card is None else (card.name, card.url)
    return {"ref": str(ref), "name": told[0], "url": told[1]}


def _table(names: Sequence[str], rows: Iterable[_Row]) -> pa.Table:
    kinds = [(name, pa.int64() if name == "number" else pa.string()) for name in names]
    return pa.Table.from_pylist(list(rows), pa.schema(kinds))
