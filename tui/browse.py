"""Browse: one walks through the graph as through folders, and edits links where one stands.

The trail so far, the card in focus with its links, and the card under the cursor. Every step is
painted at once from what is known and filled in as it is read; nothing here is sent to the CRM.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from linkgraph.errors import LinkgraphError
from linkgraph.model import EntityType, Ref
from linkgraph.plaintext import plain
from queries.accountnames import AccountNames
from tui import cardwords, trail
from tui.cardreading import Beginning, Reading, beginning, names, read
from tui.lines import Lines, spread
from tui.linklist import LinkList
from tui.linkrows import LinkRows, arrange, of_cards, title_of
from tui.modes import ModeScreen
from tui.shown import GLYPHS, PLURALS, name_of
from tui.trail import Crumbs, TrailColumn
from tui.walking import EVERYTHING, Narrowing, Sort, Walking

if TYPE_CHECKING:
    from linkgraph.edits.pending import Pending
    from linkgraph.session import Session
    from queries.cardlines import CardLine
    from queries.running import Stop
    from queries.ways import Ways

#: Where Browse keeps its part of the state.
PART = "browse"
#: Cards that are at hand without being read again, and names before old ones are let go.
_AT_HAND, _NAMES = 48, 30_000
#: Seconds that the cursor rests before a preview is read, and lines before their names are.
_REST, _GLANCE = 0.06, 0.02
_KEEP_SECONDS = 1.0


class BrowseScreen(ModeScreen):
    """The mode in which one walks."""

    MODE = "browse"
    CSS_PATH = "browse.tcss"
    BINDING_GROUP_TITLE = "Browse"
    HELP = """
**Browse** walks the graph as one walks through folders. In the middle is the card in focus with its
links; step in with `→`, back with `←`. Letters that edit links take the marked ones, else the one
under the cursor; what they queue is shown here and sent only from **Edits**.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "right",
            "step_in",
            "Step in",
            tooltip="Go to the card under the cursor",
            id="browse.step-in",
        ),
        Binding("enter,l", "step_in", "Step in", show=False, id="browse.step-in-too"),
        Binding("left", "back", "Back", tooltip="Go back along the trail", id="browse.back"),
        Binding("backspace,h", "back", "Back", show=False, id="browse.back-too"),
        Binding(
            "left_square_bracket",
            "earlier",
            "Earlier",
            show=False,
            tooltip="Where you were before, however you left it",
            id="browse.earlier",
        ),
        Binding(
            "right_square_bracket",
            "later",
            "Later",
            show=False,
            tooltip="Forward again in the history",
            id="browse.later",
        ),
        Binding("f", "narrow", "Filter", tooltip="List only some links", id="browse.filter"),
        Binding(
            "o", "sort", "Sort", show=False, tooltip="Sort links another way", id="browse.sort"
        ),
        Binding("a", "link_to", "Link to…", tooltip="Queue links to a card", id="browse.link"),
        Binding("x", "unlink", "Unlink", tooltip="Queue taking links away", id="browse.unlink"),
        Binding(
            "m",
            "make_main",
            "Make main",
            show=False,
            tooltip="Queue making this the main contact",
            id="browse.main",
        ),
        Binding(
            "n",
            "quantity",
            "Quantity",
            show=False,
            tooltip="Queue another quantity of elements",
            id="browse.quantity",
        ),
        Binding(
            "M",
            "move",
            "Move all",
            show=False,
            tooltip="Queue moving all links of the card in focus to another",
            id="browse.move",
        ),
        Binding("p", "pin", "Pin", show=False, tooltip="Pin the card in focus", id="browse.pin"),
        Binding(
            "P",
            "path",
            "Path",
            show=False,
            tooltip="How the pinned card is connected with this one",
            id="browse.path",
        ),
        Binding(
            "v",
            "picture",
            "Picture",
            show=False,
            tooltip="Draw what lies around, in the web browser",
            id="browse.picture",
        ),
        Binding(
            "r",
            "reread",
            "Re-read",
            show=False,
            tooltip="Read the card in focus from the CRM now",
            id="browse.reread",
        ),
        Binding(
            "w",
            "web",
            "In the CRM",
            show=False,
            tooltip="Open the card in the CRM",
            id="browse.web",
        ),
        Binding("y", "copy_ref", "Copy ref", show=False, tooltip="Copy the ref", id="browse.ref"),
        Binding(
            "Y",
            "copy_url",
            "Copy address",
            show=False,
            tooltip="Copy the card's address in the CRM",
            id="browse.url",
        ),
        Binding(
            "escape",
            "clear",
            "Clear",
            show=False,
            tooltip="Take away the marks, then the filter",
            id="browse.clear",
        ),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.walking = Walking()
        self.names: dict[Ref, CardLine] = {}
        """What is known of cards, of whichever list"""
        self._at_hand: OrderedDict[Ref, Reading] = OrderedDict()
        self._words = AccountNames()
        self._reading: Reading | None = None
        """Of the card in focus, once it is read"""
        self._beginning: Beginning | None = None
        self._pending: Mapping[Ref, Pending] = {}
        self._problem: LinkgraphError | None = None
        """Why the card in focus cannot be shown"""

    def compose_body(self) -> ComposeResult:
        """Three columns; where there is little room the first one is a line."""
        yield Crumbs(id="crumbs")
        with Horizontal(id="columns"):
            yield TrailColumn(id="trail")
            with Vertical(id="focus"):
                yield Lines(id="head")
                yield LinkList(id="links")
            yield Lines(id="preview")

    def on_mount(self) -> None:
        """Go to where one was."""
        self.links = self.query_one(LinkList)
        self.links.names = self.names
        self.walking = self.app.state.get(PART, Walking)
        self.links.focus()
        self.app.snapshot_changed.subscribe(self, self._snapshot_changed)
        self.app.queue_changed.subscribe(self, lambda _: self._queue_changed())
        self.app.status_changed.subscribe(self, lambda _: self._status_changed())
        self.set_interval(_KEEP_SECONDS, self._keep)
        self._enter()

    def on_unmount(self) -> None:
        """Keep where one is."""
        self._keep()

    def on_resize(self) -> None:
        """Cut lines anew."""
        self.call_after_refresh(self._tell)

    def open(self, ref: Ref) -> None:
        """Go to a card from elsewhere: a new trail begins."""
        self._go(lambda walking: walking.jump([ref]))

    @property
    def here(self) -> Ref | None:
        """The card in focus; None on the start page."""
        return self.walking.here.ref

    @property
    def subject(self) -> Ref | None:
        """What keys that are about one card are about: the one in focus, else under the cursor."""
        return self.here or self.links.ref

    # Walking

    def action_step_in(self) -> None:
        """Go to the card under the cursor."""
        ref = self.links.ref
        if ref is not None:
            self._go(lambda walking: walking.step_in(ref))

    def action_back(self) -> None:
        """Go back along the trail."""
        self._go(Walking.back)

    def action_earlier(self) -> None:
        """Go back in the history."""
        self._go(Walking.earlier)

    def action_later(self) -> None:
        """Go forward in the history."""
        self._go(Walking.later)

    @on(LinkList.Entered)
    def _entered(self, event: LinkList.Entered) -> None:
        self._go(lambda walking: walking.step_in(event.ref))

    @on(trail.Chosen)
    def _step_chosen(self, event: trail.Chosen) -> None:
        self._go(lambda walking: walking.back(event.back))

    @on(trail.Wanted)
    def _card_wanted(self, event: trail.Wanted) -> None:
        self.open(event.ref)

    def _go(self, step: Callable[[Walking], Walking]) -> None:
        standing = self.walking.stand(*self.links.at) if len(self.links.rows) else self.walking
        there = step(standing)
        if (there.trail, there.place) == (standing.trail, standing.place):
            return
        self.walking = there
        self._enter()

    def _enter(self) -> None:
        """Show the card that one is at: what is known at once, then the rest."""
        self._reading, self._pending, self._problem = None, {}, None
        self.links.marks.clear()
        self.links.show(LinkRows())
        self.links.empty = []
        for lane in ("card", "pending", "arrange", "names", "preview"):
            self.stop(lane)
        self._preview_nothing()
        ref = self.here
        if self.app.status.mirrored and ref is not None:
            self._pending_of(ref)
            if (reading := self._at_hand.get(ref)) is not None:
                self._at_hand.move_to_end(ref)
                self._pending = reading.pending
                self._read(reading)
            else:
                self._ask_card(ref)
        elif self.app.status.mirrored:
            self._ask_beginning()
        self._tell()
        self._tell_keys()

    # Reading

    def _ask_card(self, ref: Ref) -> None:
        near, known = self.walking.here.at, self.names.keys() - self._asides()
        self.ask(
            "card",
            lambda session, stop: read(session, stop, ref, near=near, known=known),
            self._read,
            self._failed,
        )

    def _read(self, reading: Reading) -> None:
        self._reading = reading
        self._remember(reading)
        self._arrange()

    def _failed(self, error: LinkgraphError) -> None:
        self._problem = error
        self.links.empty = [Text(plain(error.message, 300))]
        if error.hint:
            self.links.empty.append(Text(f"→ {plain(error.hint, 300)}"))
        self.links.empty.append(Text("r reads it from the CRM now, ← goes back"))
        self.links.show(LinkRows())
        self._preview_nothing()
        self._tell()

    def _ask_beginning(self) -> None:
        def told(found: Beginning) -> None:
            self._beginning = found
            self.names.update(found.lines)
            at, rise = self.walking.here.at, self.walking.here.rise
            notes = {
                ref: f"{count:,} link{'' if count == 1 else 's'}"
                for ref, count in found.hubs.items()
            }
            self.links.show(of_cards("most links", list(found.hubs), notes), at, rise)
            self._tell()
            self._preview()

        if self._beginning is not None:
            told(self._beginning)
        self.ask("card", beginning, told, self._failed)

    def _pending_of(self, ref: Ref) -> None:
        def pending(session: Session, stop: Stop) -> Mapping[Ref, Pending]:
            return session.edits.pending(ref)

        def told(found: Mapping[Ref, Pending]) -> None:
            if found != self._pending:
                self._pending = found
                if self._reading is not None:
                    self._arrange()

        self.ask("pending", pending, told)

    def _arrange(self) -> None:
        """List the links of the card in focus, with what is pending, as they are wanted."""
        reading, step, sort = self._reading, self.walking.here, self.walking.sort
        assert reading is not None
        links, pending, narrowing = reading.links, self._pending, step.narrowing
        relation = Narrowing(narrowing.relation)
        if sort is Sort.USUAL and not narrowing.text:
            self._listed(arrange(links, pending, narrowing))
            return
        if not len(self.links.rows) and len(links) > 1_000:  # something to look at meanwhile
            self._listed(arrange(links, pending, relation))
        known = dict(self.names)

        def arranged(session: Session, stop: Stop) -> tuple[LinkRows, dict[Ref, CardLine]]:
            fresh: dict[Ref, CardLine] = {}
            if narrowing.text or sort is Sort.NAME:
                refs = dict.fromkeys([*(link.ref for link in links), *pending])
                fresh = names(session, stop, (ref for ref in refs if ref not in known))
            return arrange(links, pending, narrowing, sort, known | fresh), fresh

        def told(found: tuple[LinkRows, dict[Ref, CardLine]]) -> None:
            rows, fresh = found
            self.names.update(fresh)
            self._listed(rows)

        self.ask("arrange", arranged, told)

    def _listed(self, rows: LinkRows) -> None:
        step = self.walking.here
        self.links.empty = [] if len(rows) else self._empty()
        if len(self.links.rows):
            self.links.keep(rows)
        else:
            self.links.show(rows, step.at, step.rise)
        self._tell()
        self._read_names()
        self._preview()
        self._tell_keys()

    def _empty(self) -> list[Text]:
        if self.walking.here.narrowing:
            return [Text("nothing of that kind"), Text("escape lists all links again")]
        return [Text("no links"), Text("a links it to a card")]

    @on(LinkList.Seen)
    def _read_names(self) -> None:
        missing = [ref for ref in self.links.in_sight() if ref not in self.names]
        missing += [ref for ref in self._asides() if ref not in self.names]
        if not missing or not self.app.status.mirrored:
            return

        def told(found: Mapping[Ref, CardLine]) -> None:
            self.names.update(found)
            self.links.refresh()
            self._tell_trail()

        self.ask("names", lambda session, stop: names(session, stop, missing), told, after=_GLANCE)

    def _asides(self) -> set[Ref]:
        """Cards that are named beside the list: on the trail, pinned, of lately."""
        pin = self.walking.pin
        return {*self.walking.way, *trail.lately(self.walking), *([] if pin is None else [pin])}

    def _remember(self, reading: Reading) -> None:
        if len(self.names) > _NAMES:
            self.names.clear()
        self.names.update(reading.lines)
        self._at_hand[reading.links.ref] = reading
        while len(self._at_hand) > _AT_HAND:
            self._at_hand.popitem(last=False)

    # The card under the cursor

    @on(LinkList.Moved)
    def _preview(self) -> None:
        ref = self.links.ref
        if ref is None:
            self.stop("preview")
            self._preview_nothing()
            return
        reading = self._at_hand.get(ref)
        if reading is not None:
            self.stop("preview")
            self._show_preview(reading)
            return
        self.query_one("#preview", Lines).show([cardwords.headline(ref, self.names.get(ref))])

        def told(reading: Reading) -> None:
            self._remember(reading)
            self._show_preview(reading)

        def failed(error: LinkgraphError) -> None:
            headline = cardwords.headline(ref, self.names.get(ref))
            told = Text(plain(error.message, 200), "muted")
            self.query_one("#preview", Lines).show([headline, Text(), told])

        self.ask(
            "preview",
            lambda session, stop: read(session, stop, ref, overlaid=True),
            told,
            failed,
            after=_REST,
        )

    def _preview_nothing(self) -> None:
        self.query_one("#preview", Lines).show([])

    def _show_preview(self, reading: Reading) -> None:
        preview = self.query_one("#preview", Lines)
        width, height = preview.size
        ref, facts = reading.links.ref, reading.facts
        lines = [cardwords.headline(ref, facts.line)]
        lines.append(Text(str(ref), "muted"))
        lines.append(Text())
        told = cardwords.details(facts, self._words, self.app.now())
        if not facts.line.is_known:
            lines.append(Text("links name it, no list showed it", "warn"))
        rows = arrange(reading.links, reading.pending)
        room = height - len(lines) - 1
        most = max(room - max(3 * len(rows.groups), room // 2), 3)
        lines += told[:most]
        lines.append(Text())
        if rows.groups:
            lines += cardwords.few_links(rows, self.names, height - len(lines), width)
        else:
            lines.append(Text("no links", "muted"))
        preview.show(lines[:height])

    # What others change

    def _snapshot_changed(self, session: Session) -> None:
        """Read everything again; where one stands is kept."""
        self._at_hand.clear()
        self.names.clear()
        self._beginning = None

        def told(words: AccountNames) -> None:
            self._words = words
            self._tell()
            if (ref := self.links.ref) is not None and ref in self._at_hand:
                self._show_preview(self._at_hand[ref])

        self.ask("words", lambda session, stop: session.account_names(stop), told)
        if len(self.links.rows):
            self.walking = self.walking.stand(*self.links.at)
        self._problem = None
        if self.here is None:
            self._ask_beginning()
        else:
            self._pending_of(self.here)
            self._ask_card(self.here)

    def _queue_changed(self) -> None:
        self._at_hand.clear()
        if self._reading is not None:
            self._remember(self._reading)
        if self.here is not None and self.app.status.mirrored:
            self._pending_of(self.here)
        self._preview()

    def _status_changed(self) -> None:
        if self.app.status.mirrored is not True:
            self._tell()

    def _keep(self) -> None:
        at = self.walking
        if len(self.links.rows) and self._reading is not None:
            at = at.stand(*self.links.at)
        if at != self._kept:
            self._kept = at
            self.app.state.put(PART, at)

    _kept: Walking | None = None

    # Saying where one is

    def _tell(self) -> None:
        """Paint the head and the trail."""
        head = self.query_one("#head", Lines)
        width = max(head.size.width, 20)
        ref = self.here
        if ref is None or not self.app.status.mirrored:
            head.show(self._start_head())
        else:
            line = self.names.get(ref)
            facts = None if self._reading is None else self._reading.facts
            told = Text() if self._problem else cardwords.state(ref, facts, line, self._words)
            sums = Text() if self._reading is None else cardwords.sums(self.links.rows)
            head.show(
                [
                    spread(cardwords.headline(ref, line), Text(str(ref), "muted"), width),
                    told,
                    spread(sums, self._listing(), width),
                ]
            )
        self._tell_trail()

    def _tell_trail(self) -> None:
        self.query_one(TrailColumn).tell(self.walking, self.names)
        self.query_one(Crumbs).tell(self.walking, self.names)

    def _listing(self) -> Text:
        """How the links are listed, where that is not as usual."""
        narrowing, parts = self.walking.here.narrowing, []
        if self.links.marks:
            parts.append(f"{len(self.links.marks):,} marked")
        if narrowing.relation and self.here is not None:
            parts.append(f"only {title_of(narrowing.relation, self.here.type)}")
        if narrowing.text:
            parts.append(f"«{plain(narrowing.text, 20)}»")
        if self.walking.sort is not Sort.USUAL:
            parts.append(f"by {self.walking.sort.value}".replace("by newest", "newest"))
        return Text(" · ".join(parts), "accent")

    def _start_head(self) -> list[Text]:
        app = self.app
        if app.session is None:
            problem = app.problem
            told = (
                [] if problem is None else [Text(plain(problem.message)), Text(plain(problem.hint))]
            )
            return [Text("No account yet", "title"), *told]
        if app.status.mirrored is False:
            return [
                Text("Nothing is mirrored yet", "title"),
                Text("S mirrors the account; browsing begins when it is done", "muted"),
            ]
        counts = [] if self._beginning is None else self._beginning.counts.items()
        parts = [
            Text.assemble((f"{GLYPHS[kind]} ", kind.value), f"{count:,} ", (PLURALS[kind], "muted"))
            for kind, count in counts
            if count
        ]
        return [
            Text("Start", "title"),
            Text("  ").join(parts),
            Text("/ finds a card by name, phone, e-mail, id or address", "muted"),
        ]

    # Listing

    def action_narrow(self) -> None:
        """List only some links."""
        from tui.narrowing import NarrowingScreen

        reading = self._reading
        if reading is None:
            return
        kind = reading.links.ref.type
        relations = [(word, title_of(word, kind), count) for word, count in reading.links.relations]
        now = self.walking.here.narrowing
        self.app.push_screen(NarrowingScreen(relations, now), self._narrow)

    def _narrow(self, narrowing: Narrowing | None) -> None:
        if narrowing is not None and self._reading is not None:
            self.walking = self.walking.narrow(narrowing)
            self._arrange()

    def action_sort(self) -> None:
        """Sort links another way."""
        self.walking = self.walking.sorted_by(self.walking.sort.next)
        if self._reading is not None:
            self._arrange()
        self._tell()

    def action_clear(self) -> None:
        """Take the marks away; where there are none, the filter."""
        if self.links.marks:
            self.links.unmark()
        elif self.walking.here.narrowing:
            self._narrow(EVERYTHING)

    @on(LinkList.Marked)
    def _marked(self) -> None:
        self._tell()

    # Editing: everything is queued, nothing is sent

    def action_link_to(self) -> None:
        """Link the marked cards, else the one in focus, to a card that is searched for."""
        cards = [row.ref for row in self.links.chosen] if self.links.marks else [self.subject]
        self._editing.link_to([ref for ref in cards if ref is not None])

    def action_unlink(self) -> None:
        """Take links away."""
        self._editing.unlink(self._pairs())

    def action_make_main(self) -> None:
        """Make the contact of this link the main one."""
        if pairs := self._main_pairs():
            self._editing.make_main(*pairs[0])

    def action_quantity(self) -> None:
        """Set how many of an element are linked."""
        self._editing.quantity(self._element_pairs())

    def action_move(self) -> None:
        """Move all links of the card in focus to another."""
        if self.here is not None:
            self._editing.move(self.here)

    @property
    def _editing(self) -> Any:
        return self.app.editing

    def _pairs(self) -> list[tuple[Ref, Ref]]:
        here = self.here
        return [] if here is None else [(here, row.ref) for row in self.links.chosen]

    def _main_pairs(self) -> list[tuple[Ref, Ref]]:
        """Owner and contact, of the link under the cursor where one may be the main contact."""
        here, there = self.here, self.links.ref
        if here is None or there is None:
            return []
        pairs = [(here, there), (there, here)]
        owners = (EntityType.LEAD, EntityType.CUSTOMER)
        return [(a, b) for a, b in pairs if a.type in owners and b.type is EntityType.CONTACT]

    def _element_pairs(self) -> list[tuple[Ref, Ref]]:
        return [
            pair for pair in self._pairs() if EntityType.ELEMENT in (each.type for each in pair)
        ]

    # The card as a whole

    def action_pin(self) -> None:
        """Pin the card in focus; once more takes the pin away."""
        ref = self.subject
        if ref is None:
            return
        self.walking = self.walking.pinned(None if ref == self.walking.pin else ref)
        self._tell_trail()
        if self.walking.pin is None:
            self.app.say("no card is pinned any more")
        else:
            self.app.say(f"{self._named(ref)} is pinned\n→ P on another card shows the path to it")

    def action_path(self) -> None:
        """Show how the pinned card is connected with the one in focus."""
        from tui.pathscreen import MOST, PathScreen

        pin, here = self.walking.pin, self.subject
        if pin is None or here is None:
            self.app.say("no card is pinned\n→ p pins the card in focus", severity="warning")
            return

        def chosen(way: tuple[Ref, ...] | None) -> None:
            if way:
                self._go(lambda walking: walking.jump(way))

        def told(ways: Ways) -> None:
            self.names.update(ways.cards)
            self.app.push_screen(PathScreen(pin, here, ways), chosen)

        self.ask("path", lambda session, stop: session.ways(pin, here, limit=MOST), told)

    def action_picture(self) -> None:
        """Draw what lies around the card, for the web browser."""
        from tui.pictures import drawn

        if (ref := self.subject) is None:
            return
        self.app.say(f"drawing what lies around {self._named(ref)} …", timeout=3)
        self.ask("picture", lambda session, stop: drawn(session, ref), self._opened)

    def action_web(self) -> None:
        """Open the card's page in the CRM."""
        from tui.webpages import open_page

        if url := self._url():
            self.ask("web", lambda session, stop: (open_page(url), url), self._opened)

    def _opened(self, told: tuple[bool, str]) -> None:
        opened, where = told
        if opened:
            self.app.say(f"opened in the web browser: {where}")
        else:
            self.app.say(f"there is no web browser here; open it elsewhere:\n{where}", timeout=15)

    def action_reread(self) -> None:
        """Read the card from the CRM now."""
        if (ref := self.subject) is not None:
            self.app.start_sync([ref])

    def action_copy_ref(self) -> None:
        """Copy the ref."""
        if (ref := self.subject) is not None:
            self._copy(str(ref))

    def action_copy_url(self) -> None:
        """Copy the card's address in the CRM."""
        if url := self._url():
            self._copy(url)

    def _copy(self, text: str) -> None:
        self.app.copy_to_clipboard(text)
        self.app.say(f"copied: {text}", timeout=3)

    def _url(self) -> str:
        """The address of the card; nothing, which is told, where it has none."""
        ref = self.subject
        if ref is None:
            return ""
        line = self.names.get(ref)
        if line is None or not line.url:
            self.app.say(f"the address of {ref} in the CRM is not known", severity="warning")
            return ""
        return line.url

    def _named(self, ref: Ref) -> str:
        return name_of(ref, self.names.get(ref))

    # What makes sense now

    def _tell_keys(self) -> None:
        # The footer is made anew for it, which takes longer than a step: only where it changes.
        able = tuple(bool(needs(self)) for needs in self._needs.values())
        if able != self._able:
            self._able = able
            self.refresh_bindings()

    _able: tuple[bool, ...] = ()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim what makes no sense here and now."""
        del parameters
        needs = self._needs.get(action)
        return True if needs is None or needs(self) else None

    _needs: ClassVar[dict[str, Callable[[BrowseScreen], object]]] = {
        "back": lambda screen: screen.walking.can_go_back,
        "earlier": lambda screen: screen.walking.has_earlier,
        "later": lambda screen: screen.walking.has_later,
        "narrow": lambda screen: screen._reading is not None,
        "sort": lambda screen: screen._reading is not None,
        "link_to": lambda screen: screen.subject is not None,
        "unlink": lambda screen: screen._pairs(),
        "path": lambda screen: screen.walking.pin is not None,
        "make_main": lambda screen: screen._main_pairs(),
        "quantity": lambda screen: screen._element_pairs(),
        "move": lambda screen: screen.here is not None,
    }

    def palette(self) -> Iterable[tuple[str, str, Callable[[], object]]]:
        """What can be done here and now, by name."""
        for title, told, action in _VERBS:
            if self.check_action(action, ()):
                yield title, told, getattr(self, f"action_{action}")


#: What the palette offers: title, what it does, action.
_VERBS = (
    ("link: Link to a card", "Queue a link of the marked cards, or of the one here", "link_to"),
    ("link: Unlink", "Queue taking away the marked links, or this one", "unlink"),
    ("link: Make main contact", "Queue making this the main contact", "make_main"),
    ("link: Set quantity", "Queue another quantity of elements", "quantity"),
    ("card: Move all links", "Queue moving all links of the card here to another", "move"),
    ("card: Pin", "Pin the card here, or take its pin away", "pin"),
    ("card: Path from the pinned card", "How the two are connected", "path"),
    ("card: Draw its neighbourhood", "Open a picture in the web browser", "picture"),
    ("card: Read again now", "Read it from the CRM", "reread"),
    ("card: Open in the CRM", "Open its page in the web browser", "web"),
    ("card: Copy ref", "Copy the ref", "copy_ref"),
    ("card: Copy address", "Copy its address in the CRM", "copy_url"),
    ("list: Filter links", "List only some of them", "narrow"),
    ("list: Sort links", "By name, newest first, main first", "sort"),
    ("trail: Back", "Go back along the trail", "back"),
    ("trail: Earlier", "Where you were before", "earlier"),
    ("trail: Later", "Forward again in the history", "later"),
)
