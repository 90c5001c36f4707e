"""Paths as they are drawn in a terminal: along a line, or downwards where that is too narrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from linkgraph.cli import tables
from linkgraph.cli.lines import NAME, name_of, note_of, ref_of, relation_text

if TYPE_CHECKING:
    from linkgraph.index.results import Hop, Path
    from linkgraph.model import Ref
    from queries.cardlines import CardLine

#: Names in a line are cut to this rather than to turn downwards.
_SHORT = 24
#: What stays of a name, however narrow the terminal.
_SHORTEST = 8


def print_paths(
    paths: Sequence[Path], cards: Mapping[Ref, CardLine], links: Mapping[Ref, int]
) -> None:
    """Draw paths: all of them along lines, or all downwards.

    Args:
        paths: From the same card to the same card.
        cards: The lines of all their cards.
        links: How many links each of these has.
    """
    console = tables.terminal()
    drawn = _along(paths, cards, links, console.width)
    if drawn is None:
        drawn = [list(_down(path, cards, links, console.width)) for path in paths]
    for place, lines in enumerate(drawn):
        if place:
            console.print()
        for line in lines:
            console.print(line, soft_wrap=True)


def _along(
    paths: Sequence[Path], cards: Mapping[Ref, CardLine], links: Mapping[Ref, int], width: int
) -> list[list[Text]] | None:
    """Two lines a path, names above refs; None where they do not fit even with short names."""
    for most in (NAME, _SHORT):
        drawn = [_two_lines(path, cards, links, most) for path in paths]
        if max(line.cell_len for lines in drawn for line in lines) <= width:
            return drawn
    return None


def _two_lines(
    path: Path, cards: Mapping[Ref, CardLine], links: Mapping[Ref, int], most: int
) -> list[Text]:
    """Names joined by links, and below each name its ref."""
    above, below = Text(), Text()
    hops: list[Hop | None] = [*path.hops, None]
    for ref, hop in zip(path.refs, hops, strict=True):
        name, under = name_of(cards[ref], most), ref_of(cards[ref], links[ref])
        above.append_text(name)
        below.append_text(under)
        if hop is None:
            break
        longer = max(under.cell_len - name.cell_len, 0)
        line = f" {'─' * (2 + longer)} {relation_text(hop.relation, hop.is_main)} ── "
        above.append(line, style="dim")
        below.append(" " * (above.cell_len - below.cell_len))
    return [above, below]


def _down(
    path: Path, cards: Mapping[Ref, CardLine], links: Mapping[Ref, int], width: int
) -> Iterator[Text]:
    """A card a line, and between two of them the link."""
    widest = max(len(str(ref)) for ref in path.refs)
    hops: list[Hop | None] = [None, *path.hops]
    for ref, hop in zip(path.refs, hops, strict=True):
        if hop is not None:
            yield Text(f" │ {relation_text(hop.relation, hop.is_main)}", style="dim")
        line = Text(f"{ref!s:<{widest}}  ", style="cyan")
        room = max(width - line.cell_len, _SHORTEST)
        yield line.append_text(_named(cards[ref], links[ref], room))


def _named(card: CardLine, links: int, room: int) -> Text:
    """A name and its note: the name gives way first, and then the note."""
    after, name = note_of(card, links), name_of(card)
    name.truncate(max(room - after.cell_len, _SHORTEST), overflow="ellipsis")
    named = Text().append_text(name).append_text(after)
    named.truncate(room, overflow="ellipsis")
    return named
