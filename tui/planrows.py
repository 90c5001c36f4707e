"""A plan as rows: conflicts first, then whom it meets, then every link that changes, then the rest.

Pure: what is drawn follows from the plan, the names and the width alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from linkgraph.edits.changes import in_words
from linkgraph.edits.entries import QueuedEdit
from linkgraph.edits.planning import Conflict
from linkgraph.edits.states import State
from linkgraph.plaintext import plain
from linkgraph.wording import planwords
from linkgraph.wording.numbers import counted, duration
from tui.editrows import GROUPS, carried, heading, kind_of, pair, with_names
from tui.rows import Cards, Ink, Row, column
from tui.shown import card_name

if TYPE_CHECKING:
    from rich.style import Style

    from linkgraph.edits.changes import Change
    from linkgraph.edits.plan import Plan
    from linkgraph.model import Ref
    from queries.impact import Impact

#: Cards of one kind of impact that are shown.
_CARDS = 12
_KINDS = {"link": "to link", "change": "to change", "unlink": "to unlink"}
#: The least and the most room for what a link carries, and why the change is part of the plan.
_SAID, _TOLD = 16, 48


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what is shown beside it."""

    plan: Plan
    conflicts: tuple[QueuedEdit, ...]
    """All that wait for a decision, of this plan and of earlier ones."""
    requests: Mapping[str, int]
    """What a push would send, by what it asks."""
    impossible: tuple[str, ...] = ()
    """What an undo cannot take back."""


@dataclass(frozen=True, slots=True)
class _Heading:
    title: str
    told: str = ""
    count: int | None = None
    troubled: bool = False


@dataclass(frozen=True, slots=True)
class _Met:
    """A card that the plan has an impact on."""

    ref: Ref
    detail: str


def plan_rows(planned: Planned, impact: Impact | None = None) -> list[Row]:
    """All rows of a plan; its impact where it is known by now."""
    rows = [row for part in _parts(planned, impact) for row in part]
    if rows and rows[0].key is None:
        rows[0] = Row(None, rows[0].value, height=1)
    return rows


def _parts(planned: Planned, impact: Impact | None) -> Iterator[list[Row]]:
    plan = planned.plan
    yield _conflict_rows(planned.conflicts)
    if planned.impossible:
        title = _Heading("cannot be taken back", count=len(planned.impossible), troubled=True)
        told = [Row(("impossible", n), text) for n, text in enumerate(planned.impossible)]
        yield [_head(title), *told]
    yield _impact_rows(impact)
    for (side, kind), changes in planwords.groups(plan.changes).items():
        title = _Heading(f"{side}: {len(changes):,} {_KINDS[kind]}")
        yield [_head(title), *(Row(("change", each.pair), each, each.pair) for each in changes)]
    for words, hint, left in (
        ("nothing left to do", "dropped from the queue", plan.dropped),
        ("cannot be planned now", "still queued", plan.skipped),
    ):
        rows = [Row((words, edit.id), (edit, why), _ends(edit), 2) for edit, why in left]
        if rows:
            yield [_head(_Heading(words, hint, len(left))), *rows]


def _conflict_rows(conflicts: Iterable[QueuedEdit]) -> list[Row]:
    rows = [Row(("conflict", edit.id), edit, _ends(edit), 3) for edit in conflicts]
    if not rows:
        return []
    return [_head(_Heading(*GROUPS[State.CONFLICT], len(rows), troubled=True)), *rows]


def _impact_rows(impact: Impact | None) -> list[Row]:
    if impact is None:
        return []
    rows: list[Row] = []
    for each in planwords.told(impact):
        words = each.words.partition(" ")[2]
        rows.append(_head(_Heading(each.words, "impact")))
        details = list(each.details) or [""] * len(each.cards)
        rows += [
            Row(("impact", words, ref), _Met(ref, detail), (ref,))
            for ref, detail in list(zip(each.cards, details, strict=False))[:_CARDS]
        ]
        if len(each.cards) > _CARDS:
            rows.append(Row(None, f"… and {len(each.cards) - _CARDS:,} more"))
    return rows


def _head(value: _Heading) -> Row:
    return Row(None, value, height=2)


def _ends(edit: QueuedEdit) -> tuple[Ref, Ref]:
    return edit.pair or (edit.edit.a, edit.edit.b)


# Drawing


def draw_plan(row: Row, width: int, ink: Ink, cards: Cards) -> list[Text]:
    """A row of `plan_rows`."""
    value = row.value
    if isinstance(value, _Heading):
        return heading(
            value.title, value.told, value.count, row.height, ink, troubled=value.troubled
        )
    if isinstance(value, _Met):
        return [_drawn_met(value, ink, cards)]
    if isinstance(value, str):
        return [_line("    ").append(plain(value, 300), ink.quiet)]
    if isinstance(value, tuple):
        edit, why = value
        return _drawn_left(edit, why, width, ink, cards)
    if isinstance(value, QueuedEdit):
        return _drawn_conflict(value, width, ink, cards)
    return [draw_change(value, width, ink, cards)]


def draw_change(change: Change, width: int, ink: Ink, cards: Cards, sign: str = "") -> Text:
    """One link that changes: sign, both cards, what it carries, and why."""
    kind = planwords.kind_of(change)
    style = {"link": ink.added, "change": ink.changed, "unlink": ink.removed}[kind]
    line = _line("  ").append(f"{sign or planwords.SIGNS[kind]} ", style)
    said, note = planwords.said(change), with_names(plain(change.note, 120), cards)
    told = Text().append(said, style).append("  " if said and note else "").append(note, ink.quiet)
    told_width = min(_TOLD, max(_SAID, width // 4))
    room = width - line.cell_len - told_width - 1
    line.append_text(pair(change.pair, room, ink, cards)).append(" ")
    return line.append_text(column(told, told_width))


def _drawn_met(met: _Met, ink: Ink, cards: Cards) -> Text:
    line = _line("    ").append_text(card_name(met.ref, cards.get(met.ref)))
    return line.append(f"  {with_names(met.detail, cards)}" if met.detail else "", ink.quiet)


def _drawn_left(edit: QueuedEdit, why: str, width: int, ink: Ink, cards: Cards) -> list[Text]:
    line = _edit_line(edit, "·", ink.quiet, width, ink, cards)
    line.stylize(ink.quiet)
    return [line, _line("    ↳ ").append(with_names(plain(why, 300), cards), ink.quiet)]


def _drawn_conflict(edit: QueuedEdit, width: int, ink: Ink, cards: Cards) -> list[Text]:
    """What was decided upon, and below it what is live now."""
    then, now = (with_names(plain(side, 300), cards) for side in Conflict.sides(edit.reason))
    first = _edit_line(edit, "!", ink.trouble, width, ink, cards)
    return [
        first,
        _line("      ").append("decided upon  ", ink.quiet).append(then or "not told"),
        _line("      ").append("live now      ", ink.quiet).append(now, ink.changed),
    ]


def _edit_line(
    edit: QueuedEdit, sign: str, style: Style, width: int, ink: Ink, cards: Cards
) -> Text:
    told = ", ".join(filter(None, (kind_of(edit), carried(edit))))
    line = _line("  ").append(f"{sign} ", style)
    told_width = min(_TOLD, max(_SAID, width // 4))
    line.append_text(pair(_ends(edit), width - 5 - told_width, ink, cards)).append(" ")
    return line.append_text(column(Text(told, ink.quiet), told_width))


def _line(start: str = "") -> Text:
    return Text(start, no_wrap=True, end="")


def detail(row: Row, ink: Ink, cards: Cards) -> tuple[str, Text]:
    """A title and all there is to tell of a row that is about two cards."""
    value = row.value
    if isinstance(value, tuple):
        edit, why = value
        return f"Edit #{edit.id} · {edit.edit.verb}", Text(with_names(plain(why, 500), cards))
    if isinstance(value, QueuedEdit):
        then, now = Conflict.sides(value.reason)
        told = Text.assemble(("decided upon  ", ink.quiet)).append(
            with_names(plain(then, 500), cards)
        )
        told.append("\nlive now      ", ink.quiet)
        return f"Edit #{value.id} · in conflict", told.append(with_names(plain(now, 500), cards))
    return f"Link · {value.relation}", changed(value, ink, cards)


def changed(change: Change, ink: Ink, cards: Cards) -> Text:
    """What a change does to its link, by which edits, and why."""
    told = Text.assemble(("now     ", ink.quiet)).append(f"{in_words(change.before)}\n")
    told.append("then    ", ink.quiet).append(f"{in_words(change.after)}\n")
    told.append("by      ", ink.quiet).append(f"{' then '.join(change.way.steps)}")
    told.append("\nedits   ", ink.quiet).append(", ".join(f"#{each}" for each in change.edits))
    if change.note:
        told.append("\nwhy     ", ink.quiet).append(with_names(plain(change.note, 300), cards))
    return told


# What stands beside it


def summary(
    planned: Planned, impact: Impact | None, ink: Ink, *, read_only: bool, short: bool
) -> Text:
    """The numbers of a plan, what a push of it sends and sets going, and what to mind."""
    return Text("\n").join(_summary(planned, impact, ink, read_only=read_only, short=short))


def _summary(
    planned: Planned, impact: Impact | None, ink: Ink, *, read_only: bool, short: bool
) -> Iterator[Text]:
    plan = planned.plan
    if read_only:
        yield Text("READ-ONLY: a push is refused here", ink.trouble)
    taken = "" if plan.undo_of is None else f" that takes back push {plan.undo_of}"
    yield Text.assemble((f"Plan{taken}", ink.strong)).append(
        f"  as read {plan.made_at:%H:%M:%S} UTC", ink.quiet
    )
    yield from _numbers(plan, ink, short=short)
    if not plan.changes:
        yield Text("Nothing has to be sent.", ink.strong)
    else:
        yield from _push(planned, ink, short=short)
    yield from _told_impact(plan, impact, ink, short=short)
    if plan.warnings and not short:
        yield Text()
    for warning in plan.warnings:
        yield Text.assemble(("! ", ink.changed)).append(plain(warning, 300))


def _numbers(plan: Plan, ink: Ink, *, short: bool) -> Iterator[Text]:
    """How many links of each relation are made, changed and taken away."""
    styles = {"link": ink.added, "change": ink.changed, "unlink": ink.removed}
    found: dict[str, dict[str, int]] = {}
    for change in plan.changes:
        own = found.setdefault(str(change.relation), dict.fromkeys(styles, 0))
        own[planwords.kind_of(change)] += 1
    total = {kind: sum(own[kind] for own in found.values()) for kind in styles}
    line = Text()
    for kind, style in styles.items():
        if total[kind]:
            line.append(f"{planwords.SIGNS[kind]} {total[kind]:,} {_KINDS[kind]}   ", style)
    if total and any(total.values()):
        yield line
    if short or not found:
        return
    yield Text()
    across = max(map(len, found))
    for relation, own in sorted(found.items()):
        row = Text(f"  {relation:<{across}}")
        for kind, style in styles.items():
            told = f"{planwords.SIGNS[kind]}{own[kind]:,}" if own[kind] else ""
            row.append(f" {told:>6}", style)
        yield row


def _push(planned: Planned, ink: Ink, *, short: bool) -> Iterator[Text]:
    plan = planned.plan
    told = plan.requests
    if not short:
        yield Text()
    lasting = f"about {duration(told.seconds)} at the account's pace"
    yield (
        Text.assemble(("A push sends ", ink.strong))
        .append(f"{counted(told.total, 'request')}", ink.strong)
        .append(f", {lasting}")
    )
    if not short:
        yield Text(f"  {told.reads:>6,}  to read", ink.quiet)
        for what, count in planned.requests.items():
            yield Text(f"  {count:>6,}  {what}", ink.quiet)
    yield Text(planwords.fires(plan), ink.quiet)
    for hook in (plan.webhooks or ())[: 2 if short else 8]:
        yield Text(f"  {plain(hook, 200)}", ink.quiet)


def _told_impact(plan: Plan, impact: Impact | None, ink: Ink, *, short: bool) -> Iterator[Text]:
    kinds = [] if impact is None else list(planwords.told(impact))
    if impact is None or not plan.changes or (short and kinds):
        return
    if not short:
        yield Text()
    if not kinds:
        yield Text("Impact: nobody is left alone, nothing falls apart", ink.quiet)
        return
    yield Text("Impact", ink.strong)
    for each in kinds:
        yield Text(f"  {each.words}")
