"""Browse: one walks through the graph as through folders, and edits links where one stands.

The trail so far, the card in focus with its links, and the card under the cursor. A card that was
looked at before is painted at once, another when it is read; nothing here is sent to the CRM.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from linkgraph.errors import LinkgraphError
from linkgraph.model import Ref
from linkgraph.plaintext import plain
from queries.accountnames import AccountNames
from tui import browsehead, trail
from tui.browsekeys import KEYS
from tui.cardreading import Beginning, Reading, beginning, names, read
from tui.cardverbs import CardVerbs
from tui.lines import Lines
from tui.linklist import LinkList
from tui.linkrows import LinkRows, arrange, title_of
from tui.preview import Preview
from tui.trail import Crumbs, TrailColumn
from tui.walking import EVERYTHING, Narrowing, Sort, Walking

if TYPE_CHECKING:
    from textual.timer import Timer

    from linkgraph.edits.pending import Pending
    from linkgraph.session import Session
    from queries.cardlines import CardLine
    from queries.lookup import CardFacts
    from queries.running import Stop

#: Where Browse keeps its part of the state.
PART = "browse"
#: Seconds in which links that were listed are painted; what is read meanwhile would hold it up.
_PAINTED = 0.04
#: Seconds that lines are on the screen before their names are read.
_GLANCE = 0.02
#: Seconds in which a card is mostly read: till then what was before stays, for to paint that there
#: is nothing yet takes longer than to read.
_AWHILE = 0.1
#: With more links than this they are shown before they are sorted by names that have to be read.
_MANY = 1_000


class BrowseScreen(CardVerbs):
    """The mode in which one walks."""

    MODE = "browse"
    CSS_PATH = "browse.tcss"
    BINDING_GROUP_TITLE = "Browse"
    HELP = """
**Browse** walks the graph as one walks through folders. In the middle is the card in focus with its
links; step in with `→`, back with `←`. Letters that edit links take the marked ones, else the one
under the cursor; what they queue is shown here and sent only from **Edits**.
"""
    BINDINGS: ClassVar[list[BindingType]] = KEYS
    NEEDS: ClassVar[dict[str, Callable[[BrowseScreen], object]]] = {
        **CardVerbs.NEEDS,
        "narrow": lambda screen: screen.here is not None,
        "sort": lambda screen: screen.here is not None,
    }

    def __init__(self) -> None:
        super().__init__()
        self.links = LinkList(id="links")
        self.reading: Reading | None = None
        """Of the card in focus, once it is read"""
        self._pending: Mapping[Ref, Pending] = {}
        self._is_listed = False
        """Whether the list is that of the card in focus"""
        self._blank: Timer | None = None
        """Paints that there is nothing yet, if it takes a while"""

    def compose_body(self) -> ComposeResult:
        """Three columns; where there is little room the first one is a line."""
        yield Crumbs(id="crumbs")
        with Horizontal(id="columns"):
            yield TrailColumn(id="trail")
            with Vertical(id="focus"):
                yield Lines(id="head")
                yield self.links
            yield Preview(self.shelf)

    def on_mount(self) -> None:
        """Go to where one was."""
        self.links.names = self.shelf.names
        self.walking = self.app.state.get(PART, Walking)
        self.links.focus()
        self.app.snapshot_changed.subscribe(self, self._snapshot_changed)
        self.app.queue_changed.subscribe(self, lambda _: self._queue_changed())
        self.app.status_changed.subscribe(self, lambda _: self._status_changed())
        if self.app.status.mirrored:
            self._read_words()
        self._enter()

    def on_resize(self) -> None:
        """Cut lines anew."""
        self.call_after_refresh(self.tell)

    def open(self, ref: Ref) -> None:
        """Go to a card from elsewhere: a new trail begins."""
        self.go(lambda walking: walking.jump([ref]))

    # Walking

    def action_step_in(self) -> None:
        """Go to the card under the cursor."""
        if (ref := self.links.ref) is not None:
            self.go(lambda walking: walking.step_in(ref))
        elif self._is_listed:
            self.app.say("no card is under the cursor\n→ / searches for one")

    def action_back(self) -> None:
        """Go back along the trail."""
        self.go(Walking.back)

    def action_earlier(self) -> None:
        """Go back in the history."""
        self.go(Walking.earlier)

    def action_later(self) -> None:
        """Go forward in the history."""
        self.go(Walking.later)

    @on(LinkList.Entered)
    def _entered(self, event: LinkList.Entered) -> None:
        self.go(lambda walking: walking.step_in(event.ref))

    @on(trail.Chosen)
    def _step_chosen(self, event: trail.Chosen) -> None:
        self.go(lambda walking: walking.back(event.back))

    @on(trail.Wanted)
    def _card_wanted(self, event: trail.Wanted) -> None:
        self.open(event.ref)

    def go(self, step: Callable[[Walking], Walking]) -> None:
        """Go where a step leads; where the cursor stands here is noted first."""
        standing = self._standing()
        there = step(standing)
        if (there.trails, there.place) != (standing.trails, standing.place):
            self.walking = there
            self._enter()

    def _standing(self) -> Walking:
        return self.walking.stand(*self.links.at) if self._is_listed else self.walking

    def _enter(self) -> None:
        """Show the card that one is at: what is known at once, then the rest."""
        self.reading, self._pending, self._is_listed = None, {}, False
        self.links.marks.clear()
        for lane in ("card", "facts", "pending", "arrange", "names"):
            self.stop(lane)
        ref = self.here
        reading = None if ref is None else self.shelf.card(ref)
        self.links.empty = []
        self.links.clear()
        self._paint_nothing_yet()
        if self.app.status.mirrored:
            if ref is None:
                self._ask_beginning()
            else:
                self._ask_pending(ref)
                if reading is not None:
                    self._pending = reading.pending
                    self._read(reading)
                else:
                    self._ask_card(ref)

    def _paint_nothing_yet(self) -> None:
        """Show that one has gone on, unless a list comes before."""

        def paint() -> None:
            self.links.refresh()
            self.query_one(Preview).look_at(None)
            self.tell()

        self._stand()
        self.is_settling = bool(self.app.status.mirrored)
        self._blank = self.set_timer(_AWHILE, paint)

    def _stand(self) -> None:
        """There is something to show."""
        self.is_settling = False
        if self._blank is not None:
            self._blank.stop()
            self._blank = None

    # Reading

    def _ask_card(self, ref: Ref) -> None:
        near, known = self.walking.here.at, self.shelf.names
        self.ask(
            "card",
            lambda session, stop: read(session, stop, ref, near=near, known=known),
            self._read,
            self._failed,
        )

    def _read(self, reading: Reading) -> None:
        self.reading = reading
        self.shelf.put(reading)
        self._arrange()
        if reading.facts is None:
            self._ask_facts(reading)

    def _ask_facts(self, reading: Reading) -> None:
        """Read a card's fields: one looks at its links first, and those come without the tables."""

        def told(facts: CardFacts) -> None:
            self.reading = replace(reading, facts=facts)
            self.shelf.put(self.reading)
            self.tell()

        ref = reading.links.ref
        self.ask("facts", lambda session, stop: session.card(ref), told, after=_PAINTED)

    def _failed(self, error: LinkgraphError) -> None:
        self._stand()
        self.reading, self._is_listed = None, False
        told = [error.message, f"→ {error.hint}" if error.hint else ""]
        told += ["r reads it from the CRM now, ← goes back"]
        self.links.empty = [Text(plain(line, 300)) for line in told if line]
        self.links.show(LinkRows())
        self.query_one(Preview).look_at(None)
        self.tell()

    def _ask_beginning(self) -> None:
        def told(found: Beginning) -> None:
            self.shelf.beginning = found
            self.shelf.name(found.lines)
            self._listed(browsehead.start_rows(found))

        if self.shelf.beginning is not None:
            told(self.shelf.beginning)
        else:
            self.ask("card", beginning, told, self._failed)

    def _ask_pending(self, ref: Ref) -> None:
        def pending(session: Session, stop: Stop) -> Mapping[Ref, Pending]:
            return session.pending(ref)

        def told(found: Mapping[Ref, Pending]) -> None:
            if found != self._pending:
                self._pending = found
                if self.reading is not None:
                    self._arrange()

        self.ask("pending", pending, told)

    def _arrange(self) -> None:
        """List the links of the card in focus, with what is pending, as they are wanted."""
        assert self.reading is not None
        links, pending = self.reading.links, self._pending
        narrowing, sort = self.walking.here.narrowing, self.walking.sort
        if sort is Sort.USUAL and not narrowing.text:
            self._listed(arrange(links, pending, narrowing))
            return
        if not self._is_listed and len(links) > _MANY:  # something to look at meanwhile
            self._listed(arrange(links, pending, Narrowing(narrowing.relation)))
        known = dict(self.shelf.names)

        def arranged(session: Session, stop: Stop) -> tuple[LinkRows, Mapping[Ref, CardLine]]:
            fresh: Mapping[Ref, CardLine] = {}
            if narrowing.text or sort is Sort.NAME:
                refs = dict.fromkeys([*(link.ref for link in links), *pending])
                fresh = names(session, stop, (ref for ref in refs if ref not in known))
            return arrange(links, pending, narrowing, sort, known | {**fresh}), fresh

        def told(found: tuple[LinkRows, Mapping[Ref, CardLine]]) -> None:
            rows, fresh = found
            self.shelf.name(fresh)
            self._listed(rows)

        self.ask("arrange", arranged, told)

    def _listed(self, rows: LinkRows) -> None:
        self._stand()
        step = self.walking.here
        self.links.empty = [] if len(rows) else browsehead.nothing(step.narrowing)
        if self._is_listed:
            self.links.keep(rows)
        else:
            self._is_listed = True
            self.links.show(rows, step.at, step.rise)
        self.tell()
        self._read_names()
        self._look()

    @on(LinkList.Seen)
    def _read_names(self) -> None:
        known = self.shelf.names
        wanted = [*self.links.in_sight(), *trail.named(self.walking)]
        missing = [ref for ref in wanted if ref not in known]
        if not missing or not self.app.status.mirrored:
            return

        def told(found: Mapping[Ref, CardLine]) -> None:
            self.shelf.name(found)
            self.links.named(found)
            self.tell()

        self.ask("names", lambda session, stop: names(session, stop, missing), told, after=_GLANCE)

    @on(LinkList.Moved)
    def _look(self) -> None:
        self.app.state.put(PART, self._standing())
        self.query_one(Preview).look_at(self.links.ref)

    # What others change

    def _snapshot_changed(self, session: Session) -> None:
        """Read everything again; where one stands is kept."""
        self.walking = self._standing()
        self.shelf.forget()
        self._read_words()
        if self.here is None:
            self._ask_beginning()
        else:
            self._ask_pending(self.here)
            self._ask_card(self.here)

    def _read_words(self) -> None:
        def told(words: AccountNames) -> None:
            self.shelf.words = words
            self.tell()
            self.query_one(Preview).look_again()

        self.ask("words", lambda session, stop: session.account_names(), told, after=_PAINTED)

    def _queue_changed(self) -> None:
        self.shelf.forget_queue()
        if self.reading is not None:
            self.shelf.put(self.reading)
        if self.here is not None and self.app.status.mirrored:
            self._ask_pending(self.here)
        self.query_one(Preview).look_again()

    def _status_changed(self) -> None:
        if not self.app.status.mirrored:
            self.tell()

    # Saying where one is

    def tell(self) -> None:
        """Paint the head and the trail."""
        head = self.query_one("#head", Lines)
        if self.here is None or not self.app.status.mirrored:
            head.show(browsehead.start(self.app, self.shelf.beginning, head.size.width))
        else:
            head.show(
                browsehead.card(
                    self.here,
                    self.shelf,
                    None if self.reading is None else self.reading.facts,
                    self.links.rows if self._is_listed else None,
                    browsehead.listing(self.walking, len(self.links.marks)),
                    head.size.width,
                )
            )
        self.tell_trail()
        self.tell_keys()

    def tell_trail(self) -> None:
        """Show where one is, and what is pinned."""
        self.app.state.put(PART, self._standing())
        self.query_one(TrailColumn).tell(self.walking, self.shelf.names)
        self.query_one(Crumbs).tell(self.walking, self.shelf.names)

    @on(LinkList.Marked)
    def _marked(self) -> None:
        self.tell()

    # Listing

    def action_narrow(self) -> None:
        """List only some links."""
        from tui.narrowing import NarrowingScreen

        if self.reading is not None:
            links = self.reading.links
            relations = [
                (word, title_of(word, links.ref.type), count) for word, count in links.relations
            ]
            screen = NarrowingScreen(relations, self.walking.here.narrowing)
            self.app.push_screen(screen, self._narrow)

    def _narrow(self, narrowing: Narrowing | None) -> None:
        if narrowing is not None and self.reading is not None:
            self.walking = self.walking.narrow(narrowing)
            self._arrange()

    def action_sort(self) -> None:
        """Sort links another way."""
        self.walking = self.walking.sorted_by(self.walking.sort.next)
        if self.reading is not None:
            self._arrange()
        self.tell()

    def action_clear(self) -> None:
        """Take the marks away; where there are none, the filter."""
        if self.links.marks:
            self.links.unmark()
        elif self.walking.here.narrowing:
            self._narrow(EVERYTHING)
