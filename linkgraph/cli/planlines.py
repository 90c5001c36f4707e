"""A plan as text: for a person by side and verb with its impact, in a pipe as tab-separated lines.

Of many changes a person sees the first of each kind; a pipe gets them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from linkgraph.cli import tables
from linkgraph.cli.changelines import changes
from linkgraph.cli.screen import command, print_lines, row
from linkgraph.model import Ref
from linkgraph.plaintext import plain
from linkgraph.wording import planwords
from linkgraph.wording.numbers import counted

if TYPE_CHECKING:
    from linkgraph.edits.entries import QueuedEdit
    from linkgraph.edits.plan import Plan
    from linkgraph.edits.planning import Conflict
    from queries.cardlines import CardLine
    from queries.impact import Impact

    Cards = Mapping[Ref, CardLine]

#: Of edits that are left out, and of webhooks, the first so many.
OTHERS = 8
_NAME = 28
_HEADER = ("what", "owner", "owner_name", "other", "other_name", "now", "then", "edits", "why")


def write(plan: Plan, cards: Cards, impact: Impact | None) -> None:
    """Write a plan to stdout, in the form that suits it.

    Args:
        plan: the plan.
        cards: the lines of the cards it names (`planwords.named`), as far as they are known.
        impact: what it does to the account; None where nothing is mirrored to tell it by.
    """
    if not tables.is_terminal():
        tables.write_rows(_HEADER, _plain_lines(plan, cards))
        return
    print_lines(_lines(plan, cards, impact, tables.terminal().width))


def _lines(plan: Plan, cards: Cards, impact: Impact | None, width: int) -> Iterator[Text]:
    yield Text(_heading(plan), style="dim")
    yield Text(planwords.counts(plan), style="bold")
    yield from changes(plan.changes, cards, width)
    yield from _conflicts(plan.conflicts, cards)
    yield from _left_out("nothing left to do", plan.dropped)
    yield from _left_out("cannot be planned now, still queued", plan.skipped)
    if plan.changes:
        yield from impact_lines(impact, cards)
        yield from _push(plan)
    if plan.warnings:
        yield Text()
    for warning in plan.warnings:
        yield Text().append("warning: ", "yellow").append(plain(warning, 300))


def _heading(plan: Plan) -> str:
    undoing = "" if plan.undo_of is None else f" that takes back push {plan.undo_of}"
    read = f"links as read {plan.made_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{plain(plan.account, 60)} · plan{undoing} · {read}"


def _conflicts(conflicts: Sequence[Conflict], cards: Cards) -> Iterator[Text]:
    """Edits whose links changed, both states of each, and the three ways out."""
    if not conflicts:
        return
    yield Text()
    be = "is" if len(conflicts) == 1 else "are"
    yield Text(
        f"{counted(len(conflicts), 'edit')} {be} left out: the link changed since it was queued",
        style="bold red",
    )
    for conflict in conflicts[:OTHERS]:
        line = row().append("  ! ", "red").append(f"#{conflict.edit.id} ", style="dim")
        line.append(str(conflict.edit.edit), "cyan")
        names = [cards[ref].name for ref in _pair(conflict.edit) if ref in cards]
        if told := " — ".join(plain(name, _NAME) for name in names if name):
            line.append(f"  {told}")
        yield line
        for moment, state in (("when queued", conflict.then), ("now", conflict.now)):
            yield row().append(f"      {moment:<13}", "dim").append(plain(state, 200))
    yield from _more(len(conflicts) - OTHERS, "linkgraph edits list --state conflict")
    for words, way in planwords.resolving(conflicts):
        yield Text(f"  {words}")
        yield command(way)


def _left_out(why: str, found: Sequence[tuple[QueuedEdit, str]]) -> Iterator[Text]:
    if not found:
        return
    yield Text()
    have = "" if not why.startswith("nothing") else "has " if len(found) == 1 else "have "
    yield Text(f"{counted(len(found), 'edit')} {have}{why}", style="bold")
    for edit, reason in found[:OTHERS]:
        line = row().append("  ").append(f"#{edit.id} ", style="dim").append(str(edit.edit), "cyan")
        yield line.append(f"  {plain(reason, 200)}")
    yield from _more(len(found) - OTHERS, "linkgraph edits plan -o plan.xlsx")


def impact_lines(impact: Impact | None, cards: Cards) -> Iterator[Text]:
    """What a plan does to the account, a line a kind, with the first cards that it meets."""
    yield Text()
    if impact is None:
        yield Text("Impact: not known, as nothing is mirrored yet", style="bold")
        return
    kinds = list(planwords.told(impact))
    nothing = "" if kinds else ": nobody is left alone, nothing falls apart or grows together"
    yield Text(f"Impact{nothing}", style="bold")
    for each in kinds:
        line = row().append(f"  {each.words}: ")
        details = each.details or [""] * len(each.cards)
        for place, (ref, detail) in enumerate(zip(each.cards[:3], details, strict=False)):
            line.append("; " if place else "").append(str(ref), style="cyan")
            if name := plain(cards[ref].name if ref in cards else None, _NAME).strip():
                line.append(f" {name}")
            line.append(f" ({detail})" if detail else "", style="dim")
        if len(each.cards) > 3:
            line.append(f" and {len(each.cards) - 3:,} more", style="dim")
        yield line


def _push(plan: Plan) -> Iterator[Text]:
    """What a push of it sends, and what that sets going."""
    yield Text()
    yield Text().append("A push sends ", "bold").append(planwords.requests(plan.requests))
    yield Text(planwords.fires(plan))
    hooks = plan.webhooks or ()
    for hook in hooks[:OTHERS]:
        yield row().append(f"  {plain(hook, 200)}", "dim")
    yield from _more(len(hooks) - OTHERS, "")


def _more(count: int, where: str) -> Iterator[Text]:
    if count > 0:
        yield Text(f"  … and {count:,} more{f' ({where})' if where else ''}", style="dim")


def _pair(edit: QueuedEdit) -> tuple[Ref, Ref]:
    return edit.pair or (edit.edit.a, edit.edit.b)


def _plain_lines(plan: Plan, cards: Cards) -> Iterator[list[Any]]:
    """A line for each change, and for each edit that comes to none."""
    from linkgraph.edits.changes import in_words

    for change in plan.changes:
        states = [in_words(change.before), in_words(change.after)]
        numbers = " ".join(map(str, change.edits))
        kind = planwords.kind_of(change)
        yield [kind, *_told(change.pair, cards), *states, numbers, change.note]
    for conflict in plan.conflicts:
        states = [conflict.now, str(conflict.edit.edit)]
        yield [
            "conflict",
            *_told(_pair(conflict.edit), cards),
            *states,
            conflict.edit.id,
            conflict.reason,
        ]
    for what, found in (("dropped", plan.dropped), ("skipped", plan.skipped)):
        for edit, reason in found:
            yield [what, *_told(_pair(edit), cards), "", str(edit.edit), edit.id, reason]


def _told(pair: tuple[Ref, Ref], cards: Cards) -> list[str]:
    """Both refs, each with its name."""
    return [
        text for ref in pair for text in (str(ref), (cards[ref].name or "") if ref in cards else "")
    ]
