"""A plan as text: for a person by side and verb with its impact, in a pipe as tab-separated lines.

Of many changes a person sees the first of each kind; a pipe gets them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from linkgraph.cli import planwords, tables
from linkgraph.cli.lines import name_of
from linkgraph.cli.output import counted
from linkgraph.edits.changes import Change
from linkgraph.model import Ref
from linkgraph.plaintext import plain
from queries.cardlines import CardLine

if TYPE_CHECKING:
    from linkgraph.edits.entries import QueuedEdit
    from linkgraph.edits.plan import Plan
    from linkgraph.edits.planning import Conflict
    from queries.impact import Impact

Cards = Mapping[Ref, CardLine]

#: Changes that are shown, and of other lists the first so many.
CHANGES, OTHERS = 40, 8
#: The widest and the narrowest that a name is shown, and the room kept for what a link carries.
_NAME, _SHORTEST, _SAID = 28, 6, 22
#: Columns of a change's line that are neither refs nor names: sign, dash and blanks.
_AROUND = 14
#: The two ends of a link: owner and other.
_ENDS = (0, 1)
_COLOURS = {"link": "green", "change": "yellow", "unlink": "red"}
_TITLES = {"link": "to link", "change": "to change", "unlink": "to unlink"}
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


def print_lines(lines: Iterator[Text]) -> None:
    """Print lines in a terminal: rows are cut, sentences wrapped, commands left whole.

    A row is a text of `no_wrap`, a command one that ignores overflow: the terminal breaks it, so
    that it can be copied.
    """
    console = tables.terminal()
    for line in lines:
        if line.no_wrap:
            line.truncate(console.width, overflow="ellipsis")
        console.print(line, soft_wrap=bool(line.no_wrap) or line.overflow == "ignore")


def row() -> Text:
    """An empty line of a list, which is cut where the terminal ends."""
    return Text(no_wrap=True)


def command(text: str, indent: str = "    ") -> Text:
    """A line with a command to copy."""
    return Text(f"{indent}{text}", style="dim", overflow="ignore")


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


def changes(
    found: Sequence[Change], cards: Cards, width: int, most: int = CHANGES
) -> Iterator[Text]:
    """The first changes of each side and kind, a line each under its heading."""
    grouped = planwords.groups(found)
    rooms = _rooms([len(own) for own in grouped.values()], most)
    shown = [own[:room] for own, room in zip(grouped.values(), rooms, strict=True)]
    column = _Columns([change for own in shown for change in own], cards, width)
    for ((side, kind), own), part in zip(grouped.items(), shown, strict=True):
        yield Text()
        yield Text(f"{side.capitalize()}: {len(own):,} {_TITLES[kind]}", style="bold")
        for change in part:
            yield from column.lines(change, kind)
    if left := len(found) - sum(rooms):
        yield Text()
        yield Text(f"… and {left:,} more (linkgraph edits plan -o plan.xlsx)", style="dim")


class _Columns:
    """How wide each part of a change's line is; where that is too narrow, a card a line."""

    def __init__(self, found: Sequence[Change], cards: Cards, width: int) -> None:
        self._cards = cards
        self._refs = [
            max((len(str(change.pair[end])) for change in found), default=0) for end in _ENDS
        ]
        self._names = [
            max((self._name(change.pair[end]).cell_len for change in found), default=0)
            for end in _ENDS
        ]
        said = max((len(planwords.said(change)) for change in found), default=0)
        room = width - sum(self._refs) - min(said, _SAID) - _AROUND
        self._down = room < 2 * _SHORTEST < sum(self._names)
        if self._down:
            self._refs = [max(self._refs)] * 2
        elif sum(self._names) > room:
            narrow = min(*self._names, room // 2)
            self._names = [narrow if each == narrow else room - narrow for each in self._names]

    def lines(self, change: Change, kind: str) -> Iterator[Text]:
        """A change: sign, both cards with their names, what the link carries, and why."""
        colour = _COLOURS[kind]
        line = row().append("  ").append(planwords.SIGNS[kind], style=colour).append(" ")
        self._card(line, change, 0)
        if self._down:
            yield line
            line = row().append("    ")
        else:
            line.append("— ", style="dim")
        self._card(line, change, 1)
        told = planwords.said(change)
        if self._down and (told or change.note):
            yield line
            line = row().append("    ")
        line.append(told, style=colour).append("  " if told else "")
        yield line.append(plain(change.note, 120), style="dim")

    def _card(self, line: Text, change: Change, end: int) -> None:
        """One end of the link; in a line of its own its name is as long as it is."""
        ref = change.pair[end]
        line.append(f"{ref!s:<{self._refs[end]}}  ", style="cyan")
        name = self._name(ref)
        if not self._down:
            name.truncate(self._names[end], overflow="ellipsis", pad=True)
        line.append_text(name).append("  ")

    def _name(self, ref: Ref) -> Text:
        return name_of(self._cards.get(ref) or CardLine(ref, is_known=False), _NAME)


def _rooms(sizes: Sequence[int], most: int) -> list[int]:
    """How many of each group are shown: the small ones whole, the rest shared out evenly."""
    rooms = [0] * len(sizes)
    order = sorted(range(len(sizes)), key=lambda place: sizes[place])
    for left, place in zip(range(len(sizes), 0, -1), order, strict=True):
        rooms[place] = min(sizes[place], max(-(-most // left), 0))
        most -= rooms[place]
    return rooms


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
