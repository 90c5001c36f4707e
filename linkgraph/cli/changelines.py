"""The changes of a plan in a terminal, by side and kind: the first of each, in columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from linkgraph.cli.lines import name_of
from linkgraph.cli.screen import row
from linkgraph.plaintext import plain
from linkgraph.wording import planwords
from queries.cardlines import CardLine

if TYPE_CHECKING:
    from linkgraph.edits.changes import Change
    from linkgraph.model import Ref

    Cards = Mapping[Ref, CardLine]

#: Changes that are shown.
CHANGES = 40
#: The widest and the narrowest that a name is shown, and the room kept for what a link carries
#: and why.
_NAME, _SHORTEST, _SAID = 28, 6, 30
#: Columns of a change's line that are neither refs nor names: sign, dash and blanks.
_AROUND = 14
#: The two ends of a link: owner and other.
_ENDS = (0, 1)
_COLOURS = {"link": "green", "change": "yellow", "unlink": "red"}
_TITLES = {"link": "to link", "change": "to change", "unlink": "to unlink"}


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
        said = max((_said(change).cell_len for change in found), default=0)
        room = width - sum(self._refs) - min(said, _SAID) - _AROUND
        self._down = room < 2 * _SHORTEST < sum(self._names)
        if self._down:
            self._refs = [max(self._refs)] * 2
        elif sum(self._names) > room:
            half = room // 2
            narrow = min(*self._names, half)
            wide = room - narrow if narrow < half else half
            self._names = [narrow if each == narrow else wide for each in self._names]

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
        said = _said(change, colour)
        if self._down and said:
            yield line
            line = row().append("    ")
        yield line.append_text(said)

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


def _said(change: Change, colour: str = "") -> Text:
    """What a link carries and why it is part of the plan; nothing behind it, that would be cut."""
    told, note = planwords.said(change), plain(change.note, 120)
    between = "  " if told and note else ""
    return Text().append(told, style=colour).append(between).append(note, style="dim")


def _rooms(sizes: Sequence[int], most: int) -> list[int]:
    """How many of each group are shown: the small ones whole, the rest shared out evenly."""
    rooms = [0] * len(sizes)
    order = sorted(range(len(sizes)), key=lambda place: sizes[place])
    for left, place in zip(range(len(sizes), 0, -1), order, strict=True):
        rooms[place] = min(sizes[place], max(-(-most // left), 0))
        most -= rooms[place]
    return rooms
