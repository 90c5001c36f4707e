"""One line of a card's links as it is painted: a heading, or a link with what it carries.

Every line is exactly as wide as it is told to be; in a narrow one the price goes first, then
the id, and the name is cut last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from linkgraph.model import EntityType, Ref
from linkgraph.plaintext import plain
from tui.lines import fit
from tui.linkrows import Heading, LinkRow
from tui.shown import GLYPHS

if TYPE_CHECKING:
    from linkgraph.model import Metadata
    from queries.cardlines import CardLine
    from queries.cardlinks import CardLink

#: The theme's style by what is painted: «heading», «muted», «mark», «star», a type of card, ….
Styles: TypeAlias = Callable[[str], Style]
#: Cells before a name: cursor, mark, sign, star, type, and two between.
_BEFORE = 7
_SIGNS = {"added": "+", "removed": "−", "changed": "~"}
#: Cells that a name has before anything else stands beside it.
_NAMED = 12
#: From these widths on a line has room for the id beside other things, and for the price.
_ROOMY, _WIDE = 50, 60


def paint_heading(heading: Heading, width: int, base: Style, of: Styles) -> Strip:
    """A heading: the type, what the cards are, how many there are, and how many will be."""
    style = base + of("heading")
    segments = [Segment(" ", base)]
    if heading.kind is not None:
        segments.append(Segment(f"{GLYPHS[heading.kind]} ", base + of(heading.kind.value)))
    counts = f" {heading.total:,}" if heading.total else ""
    if heading.total and heading.listed not in (heading.total, heading.total + heading.added):
        counts = f" {heading.listed:,} of {heading.total:,}"
    segments.append(Segment(heading.title, style))
    segments.append(Segment(counts, base + of("muted")))
    if heading.added:
        segments.append(Segment(f" +{heading.added:,}", base + of("added")))
    if heading.removed:
        removed = base + of("removed") + Style(strike=False)
        segments.append(Segment(f" −{heading.removed:,}", removed))
    return Strip(segments).adjust_cell_length(width, base)


def paint_link(
    row: LinkRow,
    known: CardLine | None,
    width: int,
    base: Style,
    of: Styles,
    *,
    here: bool,
    marked: bool,
) -> Strip:
    """A link as its card, with what is told of both.

    Args:
        row: the link.
        known: its card, if its name has come.
        width: cells of the line.
        base: what the line is written on; under the cursor the cursor's.
        of: the theme's styles.
        here: whether the cursor is on it.
        marked: whether it is marked.
    """
    muted = base if here else base + of("muted")
    kind = row.pending.kind if row.pending is not None else ""
    name_style = base if not kind else base + of(kind)
    if known is None or not known.name:
        name, name_style = str(row.ref), name_style if kind else muted
    else:
        name = plain(known.name)
        if not kind and known.is_deleted:
            name_style = base + of("gone")
    note = row.note or ("" if known is None else known.note())
    right = _right(row, plain(note), width)
    name_width = width - _BEFORE - cell_len(right)
    name = fit(name, min(cell_len(name), name_width))
    star = row.pending.metadata.is_main if row.pending else row.link and row.link.is_main
    segments = [
        Segment("▌" if here else " ", base + of("mark")),
        Segment("✓" if marked else " ", base + of("mark")),
        Segment(_SIGNS.get(kind, " "), name_style + Style(strike=False)),
        Segment("★ " if star else "  ", base + of("star")),
        Segment(f"{GLYPHS[row.ref.type]} ", base + of(row.ref.type.value)),
        Segment(name, name_style),
        Segment(" " * (name_width - cell_len(name)), base),
        Segment(right, muted),
    ]
    return Strip(segments).adjust_cell_length(width, base)


def _id_of(ref: Ref) -> str:
    return f"{ref.catalog_id}/{ref.id}" if ref.type is EntityType.ELEMENT else str(ref.id)


def _right(row: LinkRow, note: str, width: int) -> str:
    """What stands at the right of a name; the id where there is room, or nothing else to tell."""
    quantity = _carried(row, lambda carried: carried.quantity, "× {:.15g}")
    price = _carried(row, lambda carried: carried.price_id or None, "price {}")
    parts = [quantity, price if width >= _WIDE else "", note]
    if width >= _ROOMY or not any(parts):
        parts.append(f"{_id_of(row.ref):>9}")
    told = "  ".join(filter(None, parts))
    return f"  {fit(told, min(cell_len(told), max(width - _BEFORE - _NAMED - 3, 0)))} "


def _carried(row: LinkRow, of: Callable[[CardLink | Metadata], object], form: str) -> str:
    """One thing that a link carries; where it changes, what it was and what it will be."""
    before = None if row.link is None else of(row.link)
    after = before
    if row.pending is not None and row.pending.kind != "removed":
        after = of(row.pending.metadata)
    told = "" if before is None else form.format(before)
    if after == before or after is None:
        return told
    new = form.format(after)
    return new if before is None else f"{told} → {new.split()[-1]}"
