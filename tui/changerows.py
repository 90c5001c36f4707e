"""Links that came, went or changed as rows: from an answer to `link-changes` to lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from linkgraph.mirror.merge import Change
from linkgraph.model import Metadata, Ref
from linkgraph.plaintext import plain
from linkgraph.wording import changewords, syncwords
from queries.runner import Answer
from tui.chips import Chip
from tui.rows import Cards, Ink, Row, column
from tui.shown import GLYPHS

#: The choice that leaves nothing out.
ANY = "any"
#: From so many cells on the kind of link is told in words.
_WITH_RELATION = 100
_RELATION = 18
#: From so many cells on, what a link carries has so many.
_TOLD = ((150, 40), (100, 28), (70, 18), (0, 10))


@dataclass(frozen=True, slots=True)
class LinkChange:
    """What happened to one link."""

    place: int
    """Its row in the answer."""
    change: str
    """«added», «removed» or «changed»."""
    relation: str
    owner: Ref
    other: Ref
    owner_name: str
    other_name: str
    carried: str
    """What it carries, in words, or what differs."""
    along_with: str
    """The card that came or went with it, in words; mostly empty."""
    fix: str
    """The edit that restores what was; empty where that is not plain."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which changes are listed."""

    change: str = ANY
    relation: str = ANY

    def holds(self, row: Row) -> bool:
        """Whether a row is listed."""
        value: LinkChange = row.value
        return self.change in (ANY, value.change) and self.relation in (ANY, value.relation)


def rows_of(answer: Answer) -> list[Row]:
    """The rows of an answer, in its order."""
    return [_row(place, told) for place, told in enumerate(answer.rows())]


def _row(place: int, told: dict[str, Any]) -> Row:
    owner, other = Ref.parse(told["owner_ref"]), Ref.parse(told["other_ref"])
    old = Metadata(told["old_is_main"], told["old_quantity"], told["old_price"])
    new = Metadata(told["new_is_main"], told["new_quantity"], told["new_price"])
    change = LinkChange(
        place,
        told["change"],
        told["relation"],
        owner,
        other,
        plain(told["owner_name"]) or str(owner),
        plain(told["other_name"]) or str(other),
        changewords.carried(told["change"], old, new),
        told["along_with"] or "",
        told["fix"] or "",
    )
    return Row((told["change"], owner, other), change)


def draw(row: Row, width: int, ink: Ink, cards: Cards) -> Sequence[Text]:
    """A link in a line: what happened, its two cards, what it carries."""
    value: LinkChange = row.value
    style = {"added": ink.added, "removed": ink.removed, "changed": ink.changed}[value.change]
    carried = Text(value.carried)
    if value.along_with:
        carried.append("  " if value.carried else "").append(value.along_with, ink.quiet)
    told = next(cells for least, cells in _TOLD if width >= least)
    room = width - 4 - told - 2
    text = Text("  ", no_wrap=True, end="").append(f"{changewords.SIGNS[value.change]} ", style)
    if width >= _WITH_RELATION:
        text.append(f"{syncwords.relation(value.relation):<{_RELATION}}", ink.quiet)
        room -= _RELATION
    half = max(room // 2, 4)
    name = style if value.change == "removed" else ink.strong
    owner = Text(f"{GLYPHS[value.owner.type]} ").append(value.owner_name, name)
    other = Text(f"{GLYPHS[value.other.type]} ").append(value.other_name, name)
    text.append_text(column(owner, half - 1)).append(" ")
    text.append_text(column(other, room - half)).append("  ")
    return [text.append_text(carried)]


def change_chips(changes: Iterable[Change], relation: str) -> list[Chip]:
    """How many links came, went and changed, of a relation or of all."""
    of = [one for one in changes if relation in (ANY, one.relation)]
    counts = {name: sum(getattr(one, name) for one in of) for name in changewords.SIGNS}
    chips = [Chip(f"change {ANY}", "all changes", sum(counts.values()))]
    return chips + [
        Chip(f"change {name}", f"{sign} {name}", counts[name])
        for name, sign in changewords.SIGNS.items()
    ]


def relation_chips(changes: Iterable[Change], change: str) -> list[Chip]:
    """How many links of each kind came, went or changed."""
    names: Sequence[str] = tuple(changewords.SIGNS) if change == ANY else (change,)
    found = [(one.relation, sum(getattr(one, name) for name in names)) for one in changes]
    chips = [Chip(f"relation {ANY}", "all links", sum(count for _, count in found))]
    return chips + [
        Chip(f"relation {name}", syncwords.relation(name), count) for name, count in found
    ]
