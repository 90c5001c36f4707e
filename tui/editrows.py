"""The rows of the queue and of past pushes, and one edit with all that happened to it.

Pure: what is drawn follows from the edit, the names and the width alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.text import Text

from linkgraph.edit import Verb
from linkgraph.edits.changes import in_words
from linkgraph.edits.planning import Conflict
from linkgraph.edits.pushbook import PushState
from linkgraph.edits.states import State
from linkgraph.errors import InvalidRef
from linkgraph.model import Ref
from linkgraph.plaintext import plain
from linkgraph.wording import pushwords
from linkgraph.wording.editwords import sets
from linkgraph.wording.outcomewords import ENDS, PUSH_ENDS
from linkgraph.wording.planwords import SIGNS
from tui.rows import Cards, Ink, Row, column
from tui.shown import age, card_name, name_of

if TYPE_CHECKING:
    from rich.style import Style

    from linkgraph.edits.entries import Event, QueuedEdit
    from linkgraph.edits.pushbook import PushRecord

#: The states in the order in which the queue shows them, what they are called, what there is to do.
GROUPS = {
    State.CONFLICT: ("in conflict", "K keep mine · D drop · Q queue anew; the link changed since"),
    State.UNKNOWN: ("unknown", "D drop · Q queue anew; sent, and no answer was seen"),
    State.FAILED: ("failed", "D drop · Q queue anew; refused, or not so when read back"),
    State.SENT: ("sent", "not read back yet"),
    State.PLANNED: ("planned", "a plan has them; nothing was sent"),
    State.QUEUED: ("queued", "nothing was sent"),
    State.VERIFIED: ("verified", "read back, and so"),
    State.UNDONE: ("undone", "a later push took them back"),
    State.DROPPED: ("dropped", "will not be pushed"),
}
#: States of which the reason is shown below the edit.
_EXPLAINED = (State.CONFLICT, State.UNKNOWN, State.FAILED, State.DROPPED)
_TROUBLED = (State.CONFLICT, State.UNKNOWN, State.FAILED)
_GONE = (State.DROPPED, State.UNDONE)
_REF = re.compile(r"\b(?:lead|customer|contact|company|element):\d+(?:/\d+)?", re.ASCII)
#: Widths of columns, and the least width of a list that has them.
_CARRIES, _WHEN, _BY, _FROM = 18, 8, 10, 22
_WITH_BY, _WITH_FROM = 92, 118


def edit_rows(edits: Iterable[QueuedEdit]) -> list[Row]:
    """The queue by state: a heading each, then its edits in the order in which they were queued."""
    found: dict[State, list[QueuedEdit]] = {}
    for edit in edits:
        found.setdefault(edit.state, []).append(edit)
    rows: list[Row] = []
    for state in GROUPS:
        own = found.get(state, [])
        if own:
            rows.append(Row(None, (state, len(own)), height=1 if not rows else 2))
        for edit in own:
            height = 2 if edit.reason and state in _EXPLAINED else 1
            rows.append(Row(edit.id, edit, (edit.edit.a, edit.edit.b), height))
    return rows


def draw_edit(row: Row, width: int, ink: Ink, cards: Cards, now: datetime) -> list[Text]:
    """A row of `edit_rows`."""
    if row.key is None:
        state, count = row.value
        return heading(*GROUPS[state], count, row.height, ink, troubled=state in _TROUBLED)
    edit: QueuedEdit = row.value
    kind = kind_of(edit)
    style = {"link": ink.added, "change": ink.changed, "unlink": ink.removed}[kind]
    line = Text("  ", no_wrap=True, end="").append(f"{SIGNS[kind]} ", style)
    beside = [column(Text(carried(edit), style), min(_CARRIES, max(8, width // 7)))]
    beside.append(column(Text(age(utc(edit.at), now), ink.quiet), _WHEN))
    if width >= _WITH_BY:
        beside.append(column(Text(plain(edit.by, 40), ink.quiet), _BY))
    if width >= _WITH_FROM:
        beside.append(column(Text(plain(edit.origin, 60), ink.quiet), _FROM))
    room = width - line.cell_len - sum(part.cell_len + 1 for part in beside)
    joint = " → " if edit.edit.verb is Verb.MOVE else " — "
    line.append_text(pair((edit.edit.a, edit.edit.b), room, ink, cards, joint))
    for part in beside:
        line.append(" ").append_text(part)
    if edit.state in _GONE:
        line.stylize(ink.quiet)
    lines = [line]
    if row.height > 1:
        reason = with_names(plain(edit.reason, 400), cards)
        told = Text(no_wrap=True, end="").append("    ↳ ", ink.quiet)
        troubled = ink.changed if edit.state in _TROUBLED else ink.quiet
        lines.append(told.append(reason, troubled))
    return lines


def heading(
    title: str, told: str, count: int | None, height: int, ink: Ink, *, troubled: bool = False
) -> list[Text]:
    """A heading: what follows, how many, and what there is to do about it."""
    line = Text(" ", no_wrap=True, end="")
    counted = title if count is None else f"{title} {count:,}"
    line.append(counted, ink.trouble if troubled else ink.strong)
    line.append(f"  {told}" if told else "", ink.quiet)
    return [Text(), line][2 - height :]


def pair(ends: tuple[Ref, Ref], room: int, ink: Ink, cards: Cards, joint: str = " — ") -> Text:
    """Both cards of a link by glyph and name, in exactly so much room: the shorter gives way."""
    names = [card_name(ref, cards.get(ref)) for ref in ends]
    room = max(room - len(joint), 8)
    half = room // 2
    widths = [min(name.cell_len, half) for name in names]
    widths[0] = max(widths[0], min(names[0].cell_len, room - widths[1]), half)
    widths[1] = room - widths[0]
    first = column(names[0], widths[0])
    return first.append(joint, ink.quiet).append_text(column(names[1], widths[1]))


def kind_of(edit: QueuedEdit) -> str:
    """What an edit does to its link, as far as is known when it is queued: one of `SIGNS`."""
    if edit.edit.verb is Verb.UNLINK:
        return "unlink"
    linked = edit.base is not None and edit.base.link is not None
    return "link" if edit.edit.verb is Verb.LINK and not linked else "change"


def carried(edit: QueuedEdit) -> str:
    """What the link is to carry, in a word."""
    if edit.edit.verb is Verb.MOVE:
        return "all links"
    return "main" if edit.edit.verb is Verb.MAIN else sets(edit.edit.metadata)


def with_names(text: str, cards: Cards) -> str:
    """A sentence of ours in which the refs of cards are followed by their names."""

    def named(found: re.Match[str]) -> str:
        try:
            line = cards.get(Ref.parse(found.group()))
        except InvalidRef:
            return found.group()
        name = plain(line.name, 40) if line is not None and line.name else ""
        return f"{found.group()} «{name}»" if name else found.group()

    return _REF.sub(named, text)


# Pushes


def push_rows(pushes: Iterable[PushRecord]) -> list[Row]:
    """Past pushes, newest first."""
    return [Row(push.id, push) for push in pushes]


def draw_push(row: Row, width: int, ink: Ink, cards: Cards, now: datetime) -> list[Text]:
    """A row of `push_rows`."""
    push: PushRecord = row.value
    line = Text("  ", no_wrap=True, end="").append(f"#{push.id:<4}", ink.accent)
    line.append_text(column(Text(f"{age(utc(push.began_at), now)}", ink.quiet), 9))
    if width >= _WITH_BY:
        line.append_text(column(Text(plain(push.by, 40), ink.quiet), 11))
    told = Text()
    if push.state.value != "done":
        told.append(f"{PUSH_ENDS[push.state]}  ", ink.changed)
    told.append_text(counts(push.counts, ink))
    if push.undo_of is not None:
        told.append(f"  takes back push {push.undo_of}", ink.quiet)
    if push.note:
        told.append(f"  {plain(push.note, 200)}", ink.changed)
    return [line.append_text(told)]


def counts(found: dict[State, int] | object, ink: Ink) -> Text:
    """«12 verified · 1 failed»: how many changes are in each state."""
    parts = []
    names = {**ENDS, State.PLANNED: "not sent", State.SENT: "not verified"}
    for state, name in names.items():
        count = found.get(state, 0) if isinstance(found, dict) else 0
        if count:
            style = ink.good if state is State.VERIFIED else ink.changed
            style = ink.trouble if state in (State.FAILED, State.UNKNOWN) else style
            parts.append(Text(f"{count:,} {name}", style))
    return (
        Text(" · ", ink.quiet).join(parts) if parts else Text("nothing was to be done", ink.quiet)
    )


def told_open(left: PushRecord, ink: Ink) -> Text:
    """That a push stands in the way of all others, and what can be done."""
    text = Text.assemble(("! ", ink.trouble), open_in_words(left))
    text.append("  Nothing else can be pushed before.  ")
    for key, what in (("R", "take it up again"), ("X", "only find out what it did")):
        text.append(key, ink.accent).append(f" {what}   ", ink.quiet)
    return text


def open_in_words(left: PushRecord) -> str:
    """How far a push is that was broken off, or may be under way in another process."""
    if left.state is PushState.RUNNING:
        by = plain(left.by, 40)
        return f"Push {left.id} of {by} is under way in another process, or was killed."
    words = pushwords.broken_off(left)
    return f"{words[0].upper()}{words[1:]}."


def nothing_queued(ink: Ink, *, any_ended: bool) -> Text:
    """What to do where the queue is empty."""
    text = Text.assemble(("\n  Nothing waits to be sent.\n\n", ink.strong))
    for key, what in (
        (
            "1",
            "Browse: a links, x unlinks, m makes a main contact, n sets a quantity",
        ),
        ("2", "Questions: F queues the safe fixes of a question's rows"),
        ("", "linkgraph edits import FILE queues a list"),
    ):
        text.append(f"  {key:>1} ", ink.accent).append(f"{what}\n", ink.quiet)
    text.append("\n  Queued edits stand here until you plan them with ", ink.quiet)
    text.append("p", ink.accent).append(" and push the plan.\n", ink.quiet)
    if any_ended:
        text.append("  What was sent before: ", ink.quiet).append("f", ink.accent)
        text.append(" shows the edits that are done, ", ink.quiet).append("tab", ink.accent)
        text.append(" goes to the pushes.", ink.quiet)
    return text


# One edit


def story(edit: QueuedEdit, events: Sequence[Event], ink: Ink, cards: Cards, now: datetime) -> Text:
    """Everything there is to tell of an edit, in lines; the newest of its history last."""
    return Text("\n").join(_story(edit, events, ink, cards, now))


def _story(
    edit: QueuedEdit, events: Sequence[Event], ink: Ink, cards: Cards, now: datetime
) -> Iterator[Text]:
    def fact(name: str, value: str | Text, style: Style | str = "") -> Text:
        told = value if isinstance(value, Text) else Text(value, style)
        return Text.assemble((f"{name:<13}", ink.quiet)).append_text(told)

    if told := carried(edit):
        yield fact("carries", told)
    yield fact("state", GROUPS[edit.state][0], ink.trouble if edit.state in _TROUBLED else "")
    if edit.state is State.CONFLICT:
        then, is_now = Conflict.sides(edit.reason)
        if then:
            yield fact("when queued", with_names(plain(then, 300), cards))
        yield fact("found live", with_names(plain(is_now, 300), cards), ink.changed)
    elif edit.reason:
        yield fact("why", with_names(plain(edit.reason, 500), cards))
    yield fact("queued by", f"{plain(edit.by, 60)}, {utc(edit.at):%Y-%m-%d %H:%M:%S} UTC")
    yield fact("from", plain(edit.origin, 200))
    if edit.snapshot is not None:
        yield fact("decided upon", f"snapshot {edit.snapshot}{_base(edit)}")
    if edit.updated_by is not None:
        yield fact("written as", f"user {edit.updated_by}")
    if edit.push is not None:
        yield fact("push", f"#{edit.push}")
    yield Text()
    yield Text("history", ink.strong)
    for event in events:
        line = Text.assemble((f"{utc(event.at):%m-%d %H:%M:%S}  ", ink.quiet))
        line.append(f"{event.state.value:<10}", ink.accent)
        line.append(f"{plain(event.by, 20)}  ", ink.quiet)
        yield line.append(with_names(plain(event.note, 500), cards))


def _base(edit: QueuedEdit) -> str:
    if edit.base is None or edit.edit.verb is Verb.MOVE:
        return ""
    slot = ", ".join(map(str, edit.base.slot))
    return f": {in_words(edit.base.link)}" + (f"; place of {slot}" if slot else "")


def title_of(edit: QueuedEdit, cards: Cards) -> str:
    """An edit as a title: number, verb and both names."""
    names = [name_of(ref, cards.get(ref)) for ref in (edit.edit.a, edit.edit.b)]
    return f"#{edit.id} {edit.edit.verb.value}: {names[0]} — {names[1]}"


def utc(moment: datetime) -> datetime:
    """A moment of the journal, which keeps UTC without saying so."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
