"""What stands above the links of Browse: of a card its name and state, else how to begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from linkgraph.model import EntityType, Ref
from linkgraph.plaintext import plain
from tui import cardwords
from tui.lines import spread
from tui.linkrows import LinkRows, of_cards, title_of
from tui.shown import GLYPHS, PLURALS
from tui.walking import Narrowing, Sort, Walking

if TYPE_CHECKING:
    from queries.lookup import CardFacts
    from tui.app import LinkgraphApp
    from tui.cardreading import Beginning
    from tui.shelf import Shelf


def card(
    ref: Ref,
    shelf: Shelf,
    facts: CardFacts | None,
    rows: LinkRows | None,
    listing: Text,
    width: int,
) -> list[Text]:
    """The head of a card: name and ref, state, how many links it has and how they are listed."""
    line = shelf.names.get(ref)
    sums = Text() if rows is None else cardwords.sums(rows)
    return [
        spread(cardwords.headline(ref, line), Text.assemble((str(ref), "muted")), width),
        cardwords.state(ref, facts, line, shelf.words),
        spread(sums, listing, width),
    ]


def listing(walking: Walking, marks: int) -> Text:
    """How links are listed, where that is not as usual."""
    narrowing, here, parts = walking.here.narrowing, walking.here.ref, []
    if marks:
        parts.append(f"{marks:,} marked")
    if narrowing.relation and here is not None:
        parts.append(f"only {title_of(narrowing.relation, here.type)}")
    if narrowing.text:
        parts.append(f"«{plain(narrowing.text, 20)}»")
    if walking.sort is Sort.NAME:
        parts.append("by name")
    elif walking.sort is Sort.NEWEST:
        parts.append("newest first")
    return Text.assemble((" · ".join(parts), "accent"))


def nothing(narrowing: Narrowing) -> list[Text]:
    """What stands where there is no link to list."""
    if narrowing:
        return [Text("nothing of that kind"), Text("escape lists all links again")]
    return [Text("no links"), Text("a links it to a card")]


def start(app: LinkgraphApp, beginning: Beginning | None, width: int) -> list[Text]:
    """The head of the start page, or what is missing before one can browse."""
    if app.session is None:
        told = [] if app.problem is None else [app.problem.message, app.problem.hint]
        lines = [Text.assemble((plain(line, 300), "muted")) for line in told]
        return [Text.assemble(("No account yet", "title")), *lines]
    if app.status.mirrored is False:
        return [
            Text.assemble(("Nothing is mirrored yet", "title")),
            Text.assemble(("S mirrors the account; browsing begins when it is done", "muted")),
        ]
    counts = {} if beginning is None else beginning.counts
    sums = Text("   ").join(_count(kind, count, PLURALS[kind]) for kind, count in counts.items())
    if sums.cell_len > width:
        sums = Text("   ").join(_count(kind, count, "") for kind, count in counts.items())
    hint = "/ finds a card by name, phone, e-mail, id or address"
    if len(hint) > width:
        hint = "/ finds a card by name, phone, id…"
    return [Text.assemble(("Start", "title")), sums, Text.assemble((hint, "muted"))]


def _count(kind: EntityType, count: int, word: str) -> Text:
    return Text.assemble(
        (f"{GLYPHS[kind]} ", kind.value), (f"{word} " if word else "", "muted"), f"{count:,}"
    )


def start_rows(beginning: Beginning) -> LinkRows:
    """The cards of the start page, with how many links each has."""
    notes = {
        ref: f"{count:,} link{'' if count == 1 else 's'}" for ref, count in beginning.hubs.items()
    }
    return of_cards("most links", list(beginning.hubs), notes)
