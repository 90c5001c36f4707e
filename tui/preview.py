"""The card under the cursor: its fields, phones and e-mails, and its links by relation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from linkgraph.errors import LinkgraphError
from linkgraph.model import Ref
from linkgraph.plaintext import plain
from tui import cardwords
from tui.calls import Calls
from tui.cardreading import Reading, read
from tui.lines import Lines
from tui.linkrows import arrange

if TYPE_CHECKING:
    from queries.lookup import CardFacts
    from tui.shelf import Shelf

#: Seconds that the cursor rests on a card before it is read.
_REST = 0.06


class Preview(Calls, Lines):
    """Says at once what is at hand, and the rest when it is read; never more than has room."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__(id="preview")
        self._shelf = shelf
        self._ref: Ref | None = None

    def look_at(self, ref: Ref | None) -> None:
        """Show a card; None shows nothing."""
        self._ref = ref
        self.stop("preview")
        reading = None if ref is None else self._shelf.card(ref)
        if ref is None:
            self.show([])
        elif reading is not None and reading.facts is not None:
            self._tell(reading, reading.facts)
        else:
            names = self._shelf.names
            self.show([cardwords.headline(ref, names.get(ref)), Text.assemble((str(ref), "muted"))])
            self.ask(
                "preview",
                lambda session, stop: read(session, stop, ref, known=names, whole=True),
                self._read,
                self._failed,
                after=_REST,
            )

    def look_again(self) -> None:
        """Show the same card as it is told by now."""
        self.look_at(self._ref)

    def on_resize(self) -> None:
        """More or less has room now."""
        self.look_again()

    def _read(self, reading: Reading) -> None:
        self._shelf.put(reading)
        if reading.links.ref == self._ref and reading.facts is not None:
            self._tell(reading, reading.facts)

    def _failed(self, error: LinkgraphError) -> None:
        if self._ref is not None:
            headline = cardwords.headline(self._ref, self._shelf.names.get(self._ref))
            self.show([headline, Text(), Text.assemble((plain(error.message, 200), "muted"))])

    def _tell(self, reading: Reading, facts: CardFacts) -> None:
        height = self.size.height
        lines = [
            cardwords.headline(reading.links.ref, facts.line),
            Text.assemble((str(reading.links.ref), "muted")),
        ]
        if not facts.line.is_known:
            lines.append(Text.assemble(("links name it, no list showed it", "warn")))
        lines.append(Text())
        rows = arrange(reading.links, reading.pending)
        details = cardwords.details(facts, self._shelf.words, self.app.now())
        room = height - len(lines) - 1
        # Links matter more than fields: a few lines of each relation are theirs.
        lines += details[: max(room - max(3 * len(rows.groups), room // 2), 3)]
        lines.append(Text())
        if rows.groups:
            lines += cardwords.few_links(rows, self._shelf.names, height - len(lines))
        else:
            lines.append(Text.assemble(("no links", "muted")))
        self.show(lines[:height])
