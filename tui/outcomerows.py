"""What became of a push as rows: whatever went wrong first, with what the CRM said.

Pure: what is drawn follows from the push, the names and the width alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from linkgraph.edits.pushbook import PushState
from linkgraph.edits.states import State
from linkgraph.plaintext import plain
from linkgraph.wording.numbers import counted
from linkgraph.wording.outcomewords import ENDS, PUSH_ENDS, end_of, tally
from linkgraph.wording.planwords import SIGNS
from queries.health import signed
from tui.editrows import heading, pair, with_names
from tui.planrows import changed, draw_change
from tui.rows import Cards, Ink, Row

if TYPE_CHECKING:
    from linkgraph.edits.pushbook import Item, PushRecord
    from linkgraph.edits.verifying import Surprise
    from linkgraph.wording.mirrored import Compared

#: What is told first, and what there is to do about it.
_ORDER = {
    State.FAILED: "Q in the queue tries them anew, D gives them up",
    State.UNKNOWN: "sent, and no answer was seen; Q in the queue tries them anew",
    State.CONFLICT: "changed by others meanwhile; decide in the queue",
    State.QUEUED: "back in the queue, or waiting for the push to go on",
    State.VERIFIED: "read back, and so",
    State.UNDONE: "a later push took them back",
}
_TROUBLED = (State.FAILED, State.UNKNOWN)
#: Surprises that are shown.
_SURPRISES = 200


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a push that is at its end, or lies broken off."""

    record: PushRecord
    items: Sequence[Item]
    surprises: Sequence[Surprise] = ()
    why: str = ""
    """What stopped it or broke it off."""
    hint: str = ""
    resumed: bool = False
    mirror: str = ""
    """What the mirror made of it."""
    health: Compared | None = None


def outcome_rows(told: Told) -> list[Row]:
    """All changes of a push by what became of them, and what nobody asked for."""
    found: dict[State, list[Item]] = {}
    for item in told.items:
        found.setdefault(end_of(item), []).append(item)
    rows: list[Row] = []
    for state, hint in _ORDER.items():
        if state is State.CONFLICT and told.surprises:
            title = ("surprises", "nobody asked for this", len(told.surprises), True)
            rows.append(Row(None, title, height=2))
            rows += [
                Row(("surprise", number), surprise, surprise.pair, 2)
                for number, surprise in enumerate(told.surprises[:_SURPRISES])
            ]
        own = found.get(state, [])
        if own:
            title = (ENDS[state], hint, len(own), state in _TROUBLED)
            rows.append(Row(None, title, height=2))
        height = 1 if state in (State.VERIFIED, State.UNDONE) else 2
        rows += [
            Row(("item", item.number), item, item.change.pair, height if item.answer else 1)
            for item in own
        ]
    if rows:
        rows[0] = Row(None, rows[0].value)
    return rows


def draw_outcome(row: Row, width: int, ink: Ink, cards: Cards) -> list[Text]:
    """A row of `outcome_rows`."""
    value = row.value
    if isinstance(value, tuple):
        title, told, count, troubled = value
        return heading(title, told, count, row.height, ink, troubled=troubled)
    under = Text(no_wrap=True, end="").append("    ↳ ", ink.quiet)
    if row.key is not None and isinstance(row.key, tuple) and row.key[0] == "surprise":
        line = Text(no_wrap=True, end="").append("  ! ", ink.changed)
        line.append_text(pair(value.pair, width - 4, ink, cards))
        return [line, under.append(with_names(plain(value.told, 400), cards), ink.changed)]
    state = end_of(value)
    line = draw_change(value.change, width, ink, cards)
    if row.height == 1:
        return [line]
    style = ink.trouble if state in _TROUBLED else ink.quiet
    return [line, under.append(with_names(plain(value.answer, 500), cards), style)]


def detail(row: Row, ink: Ink, cards: Cards) -> tuple[str, Text]:
    """A title and all there is to tell of a row."""
    value = row.value
    if isinstance(row.key, tuple) and row.key[0] == "surprise":
        return "Surprise", Text(with_names(plain(value.told, 1000), cards))
    told = changed(value.change, ink, cards)
    told.append("\nanswer  ", ink.quiet).append(with_names(plain(value.answer, 1000), cards))
    return f"Link · {value.change.relation} · {ENDS.get(end_of(value), value.state)}", told


def summary(told: Told, ink: Ink, *, short: bool) -> Text:
    """How it ended, how much of what kind came to what, health before and after."""
    return Text("\n").join(_summary(told, ink, short=short))


def _summary(told: Told, ink: Ink, *, short: bool) -> Iterator[Text]:
    record = told.record
    style = {PushState.DONE: ink.good, PushState.STOPPED: ink.trouble}
    resumed = ", taken up again" if told.resumed else ""
    ended = style.get(record.state, ink.changed)
    yield Text(f"Push {record.id} {PUSH_ENDS[record.state]}{resumed}", ended)
    yield Text(
        f"{record.began_at:%Y-%m-%d %H:%M:%S} UTC, {plain(record.by, 40)}, "
        f"{counted(record.requests, 'request')}",
        ink.quiet,
    )
    if record.undo_of is not None:
        yield Text(f"it takes back push {record.undo_of}", ink.quiet)
    if told.why:
        yield Text(plain(told.why, 500), ink.changed)
    if told.hint:
        yield Text(f"→ {plain(told.hint, 300)}", ink.quiet)
    if not short:
        yield Text()
    yield from _tallied(told.items, ink, short=short)
    if told.health is not None:
        yield from _health(told.health, ink, short=short)
    if told.mirror:
        if not short:
            yield Text()
        yield Text(plain(told.mirror, 400), ink.quiet)


def _tallied(items: Sequence[Item], ink: Ink, *, short: bool) -> Iterator[Text]:
    counts = tally(items)
    if not counts:
        yield Text("nothing was to be done")
        return
    styles = {State.VERIFIED: ink.good, State.FAILED: ink.trouble, State.UNKNOWN: ink.trouble}
    total = {state: sum(own[state] for own in counts.values()) for state in ENDS}
    line = Text(" · ", ink.quiet).join(
        Text(f"{count:,} {ENDS[state]}", styles.get(state, ink.changed))
        for state, count in total.items()
        if count
    )
    yield line
    if short:
        return
    across = max(len(relation) for relation, _ in counts)
    for (relation, kind), own in counts.items():
        row = Text(f"  {SIGNS[kind]} {relation:<{across}} ")
        for state in ENDS:
            if own[state]:
                row.append(f" {own[state]:,} {ENDS[state]}", styles.get(state, ink.changed))
        yield row


def _health(health: Compared, ink: Ink, *, short: bool) -> Iterator[Text]:
    was, now = health.total
    better = {True: ink.good, False: ink.trouble}
    if not short:
        yield Text()
    line = Text.assemble(("Health ", ink.strong)).append(f"{was:,} → {now:,} problems ")
    yield line.append(signed(now - was) or "±0", better[now <= was])
    for words, before, after in health.moved[: 2 if short else 12]:
        moved = Text(f"  {before:,} → {after:,} ", end="")
        moved.append(f"{signed(after - before)} ", better[after <= before])
        yield moved.append(plain(words, 80))
