"""`linkgraph show REF --depth N`: what lies within N links of a card, as a tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from rich.text import Text

from linkgraph.cli import tables
from linkgraph.cli.lines import name_of, note_of
from linkgraph.cli.output import narrate, write_json
from linkgraph.wording.numbers import counted
from queries.surroundings import Bunch, Surroundings, Twig

Branch: TypeAlias = Twig | Bunch | str

_COLUMNS = ("ref", "depth", "parent", "relation", "is_main", "name", "url")


def tell(found: Surroundings, format_: str | None) -> None:
    """Print the tree in the form that suits stdout, and say how much of what there is it shows."""
    rows = [_row(twig) for twig in found]
    if format_ == "json":
        write_json(_as_json(found, rows))
    elif tables.is_terminal():
        console = tables.terminal()
        for line in _lines(found):
            # A line that went on below its branch would break the tree: names give way.
            line.truncate(console.width, overflow="ellipsis")
            console.print(line, soft_wrap=True)
    else:
        tables.write_rows(_COLUMNS, ([row[name] for name in _COLUMNS] for row in rows))
    levels = " + ".join(f"{count:,}" for count in found.counts)
    said = f"{counted(found.total, 'card')} within {counted(len(found.counts) - 1, 'hop')}"
    said += f" ({levels})" if found.total > 1 else ""
    if found.cut:
        said += f", {len(rows):,} shown; --limit N shows more"
    narrate(said)


def _lines(found: Surroundings) -> Iterator[Text]:
    """The tree from the top down. Not by recursion: it may be deeper than Python's stack."""
    pending: list[tuple[str, str, Branch]] = [("", "", found.middle)]
    while pending:
        start, below, branch = pending.pop()
        yield Text(start, style="dim").append_text(_told(branch))
        branches = _under(branch, found)
        ends = [("├─ ", "│  ")] * (len(branches) - 1) + [("└─ ", "   ")]
        pending += [
            (below + start, below + on, under)
            for (start, on), under in reversed(list(zip(ends, branches, strict=False)))
        ]


def _under(branch: Branch, found: Surroundings) -> list[Branch]:
    """What branches off: kinds of link from a card, cards from a kind of link."""
    if isinstance(branch, str):
        return []
    if isinstance(branch, Bunch):
        rest = branch.total - len(branch.twigs)
        more = [f"… and {rest:,} more"] if rest and branch.twigs else []
        return [*branch.twigs, *more]
    return [*found.bunches.get(branch.card.ref, ())]


def _told(branch: Branch) -> Text:
    if isinstance(branch, str):
        return Text(branch, style="dim")
    if isinstance(branch, Bunch):
        heading = Text(f"{branch.relation} ({branch.total:,})", style="bold")
        return heading if branch.twigs else heading.append(" …", style="dim")
    line = Text("★ " if branch.is_main else "", style="cyan")
    line.append(f"{branch.card.ref}  ", style="cyan")
    return line.append_text(name_of(branch.card)).append_text(note_of(branch.card, branch.links))


def _row(twig: Twig) -> dict[str, Any]:
    card = twig.card
    return {
        "ref": str(card.ref),
        "depth": twig.depth,
        "parent": None if twig.parent is None else str(twig.parent),
        "relation": twig.relation,
        "is_main": twig.is_main,
        "name": card.name,
        "url": card.url,
        "is_deleted": card.is_deleted,
        "is_closed": card.is_closed,
        "is_known": card.is_known,
        "links": twig.links,
    }


def _as_json(found: Surroundings, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "ref": str(found.middle.card.ref),
        "depth": len(found.counts) - 1,
        "total": found.total,
        "counts": found.counts,
        "cut": found.cut,
        "cards": rows,
        "groups": [
            {
                "parent": str(parent),
                "relation": bunch.relation,
                "total": bunch.total,
                "shown": len(bunch.twigs),
            }
            for parent, bunches in found.bunches.items()
            for bunch in bunches
        ],
    }
