"""Search as you type: cards by name, phone, e-mail, id or address, best first.

What Enter takes is always of what was typed, and the best of it unless one has moved to another:
pressed before the search is through it waits for that, and whatever is typed after it is held back
and handed on when the search has gone. Cards come in as they are found, on threads.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from linkgraph.errors import InvalidRef, LinkgraphError
from linkgraph.model import EntityType, Ref
from linkgraph.plaintext import plain
from linkgraph.wording.mirrored import card_lines
from tui.calls import Calls
from tui.chips import Chip, Chips
from tui.foundlist import FoundList, Hit
from tui.leaving import Leaving
from tui.searchinput import LONGEST, SearchInput
from tui.searchwords import TAKING, complaint, listed, nothing, told
from tui.shown import GLYPHS, PLURALS, name_of

if TYPE_CHECKING:
    from linkgraph.session import Session
    from queries.cardlines import CardLine
    from queries.lookup import Found
    from queries.running import Stop

#: Most cards that are shown of a search, and of those that were visited.
MOST = 50
_RECENT = 30
#: Seconds without a key before a search begins.
_PAUSE = 0.03


class SearchScreen(Calls, Leaving, ModalScreen[Ref | None]):
    """Finds a card and hands it on; None where one thinks better of it."""

    BINDING_GROUP_TITLE = "Search"
    CSS_PATH = "search.tcss"
    AUTO_FOCUS = ""
    HELP = """
Type a part of a name, five digits of a phone, an e-mail, an id, a ref such as `lead:123`, or paste
a card's address from the CRM. The best card is on top: Enter takes it.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", id="search.close", tooltip="Close the search"),
        Binding(
            "ctrl+t",
            "kind",
            "Kind",
            id="search.kind",
            tooltip="Look for another kind of card",
        ),
    ]

    class Came(Message):
        """Cards were found."""

        def __init__(self, number: int, found: Sequence[Found]) -> None:
            super().__init__()
            self.number = number
            self.found = found

    class Ended(Message):
        """A search is through."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(
        self,
        kinds: Collection[EntityType] | None = None,
        title: str = "Search all cards",
        exclude: Collection[Ref] = (),
        about: Ref | None = None,
    ) -> None:
        """Args:
        kinds: of which the card must be; None for all.
        title: what it is for; `{}` in it stands for the name of `about`.
        exclude: cards that are not to be found.
        about: a card whose name the title tells.
        """
        super().__init__()
        self._kinds = [kind for kind in EntityType if kinds is None or kind in kinds]
        self._title = title
        self._exclude = frozenset(exclude)
        self._about = about
        self._kind: EntityType | None = None
        """The one kind that is looked for; None for all that may be."""
        self._text = ""
        """What the cards that are shown, or are being looked for, are of."""
        self._number = 0
        """Of the search: what came of an earlier one is dropped."""
        self._found: dict[Ref, Hit] = {}
        self._recent: Sequence[Hit] = ()
        self._is_fresh = True
        """Whether the cards that are shown are of the text."""
        self._is_under_way = False
        self._has_moved = False
        self._is_taking = False
        """Whether Enter was pressed before there was a card."""
        self._held: list[events.Key | events.Paste] = []

    def compose(self) -> ComposeResult:
        """What is typed above the cards."""
        with Vertical(id="search"):
            yield SearchInput(self)
            yield Chips()
            yield FoundList()
            yield Static(id="told", markup=False)

    def on_mount(self) -> None:
        """Begin with the cards that were visited."""
        self._entitle(str(self._about) if self._about else "")
        chips = [
            Chip("", "all"),
            *(Chip(one, f"{GLYPHS[one]} {PLURALS[one]}") for one in self._kinds),
        ]
        if len(self._kinds) > 1:
            self.query_one(Chips).add_class("-shown")
            self.query_one(Chips).show(chips, "")
        self._chips = chips
        self._look_back()
        self._show()
        self._focus()

    def _focus(self) -> None:
        """Hand the keys over to the input when those that came earlier are typed."""
        if self.message_queue_size:
            self.call_later(self._focus)
        else:
            self.set_focus(self.query_one(SearchInput))

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Keys that come before the input is there are typed all the same, in order."""
        input_ = self.query_one(SearchInput)
        if input_.has_focus:
            return
        if event.key == "enter":
            event.stop()
            self.take()
        elif event.is_printable and event.character is not None:
            event.stop()
            input_.insert_text_at_cursor(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """As do pastes."""
        self.query_one(SearchInput).on_paste(event)

    def holds(self, event: events.Key | events.Paste) -> bool:
        """Keep what is typed while Enter waits for its card; it is for whoever comes after."""
        if not self._is_taking or (isinstance(event, events.Key) and event.key == "escape"):
            return False
        self._held.append(event)
        return True

    def move(self, by: int) -> None:
        """Move the cursor."""
        cards = self.query_one(FoundList)
        self._has_moved = bool(cards.hits)
        cards.move(by)

    def take(self) -> None:
        """Take the card under the cursor, or the best, as soon as it is there."""
        self._look(self.query_one(SearchInput).value)  # the last keys may not be told of yet
        cards = self.query_one(FoundList)
        ref = cards.current
        is_best = not self._is_under_way or (self._is_fresh and cards.hits[0].is_sure)
        if ref is not None and (is_best or self._has_moved):
            self._hand_on(ref)
        elif self._is_under_way:
            self._is_taking = True
            self._tell()

    def action_leave(self) -> None:
        """Stop waiting; else close."""
        if self._is_taking:
            self._give_up()
            self._tell()
        else:
            self.dismiss(None)

    def action_kind(self) -> None:
        """Look for the next kind."""
        if len(self._kinds) == 1:
            self.app.say(f"only {listed(self._kinds)} can be taken here")
        self.query_one(Chips).step(1)

    @on(Chips.Picked)
    def _picked(self, event: Chips.Picked) -> None:
        self._kind = EntityType(event.key) if event.key else None
        self.query_one(Chips).show(self._chips, event.key)
        self._look(self.query_one(SearchInput).value, again=True)
        self._show()

    @on(FoundList.Clicked)
    def _clicked(self, event: FoundList.Clicked) -> None:
        self._hand_on(event.ref)

    def _hand_on(self, ref: Ref) -> None:
        held = list(self._held)
        self.dismiss(ref)
        for event in held:  # after whatever is done with the card
            again = (
                events.Key(event.key, event.character)
                if isinstance(event, events.Key)
                else events.Paste(event.text)
            )
            self.app.post_message(again)

    def _give_up(self) -> None:
        self._is_taking = False
        self._held.clear()

    # Looking

    @property
    def _wanted(self) -> list[EntityType]:
        return self._kinds if self._kind is None else [self._kind]

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._look(event.input.value)

    def _look(self, text: str, *, again: bool = False) -> None:
        text = text.strip()
        if text == self._text and not again:
            return
        self._text = text
        self._number += 1
        self._found, self._has_moved, self._is_fresh, self._is_under_way = {}, False, True, False
        self._give_up()
        self.stop("search")
        if not text:
            self._show()
        elif not self._resolve(text):
            self._search(text)

    def _resolve(self, text: str) -> bool:
        """Show the card that a ref or an address names, or why it does not, at once."""
        session = self.app.session
        try:
            ref = Ref.parse(text) if session is None else session.ref(text)
        except InvalidRef as error:
            if "://" in text:
                self._complain(error.message, error.hint)
            return "://" in text
        if ref.type not in self._kinds:
            kinds = ", ".join(PLURALS[kind] for kind in self._kinds)
            self._complain(f"{ref} is none of these: {kinds}", "find one of them")
        elif ref in self._exclude:
            self._complain(f"{ref} is the card itself", "find another one")
        else:
            self._found = {ref: Hit(ref)}
            self._show()
            self._look_up(ref)
        return True

    def _look_up(self, ref: Ref) -> None:
        number = self._number

        def named(lines: dict[Ref, CardLine]) -> None:
            if number == self._number and ref in lines:
                self._found = {ref: Hit.of(lines[ref])}
                self._show()

        self.ask("search", lambda session, stop: dict(card_lines(session, [ref])), named)

    def _search(self, text: str) -> None:
        number, kinds = self._number, self._wanted
        self._is_fresh, self._is_under_way = False, True
        self._tell()

        def search(session: Session, stop: Stop) -> None:
            for found in session.search(text[:LONGEST], kinds, MOST, stop):
                self.post_message(self.Came(number, found))

        def failed(error: LinkgraphError) -> None:
            if number == self._number:
                self._is_under_way, self._is_fresh = False, True
                self._give_up()
                self._complain(error.message, error.hint)

        ended = self.Ended(number)
        self.ask("search", search, lambda _: self.post_message(ended), failed, after=_PAUSE)

    @on(Came)
    def _came(self, event: Came) -> None:
        if event.number != self._number:
            return
        hits = [Hit.found(one) for one in event.found if one.ref not in self._exclude]
        self._found = {hit.ref: hit for hit in hits}
        if hits:
            self._is_fresh = True
            self._show()
            if self._is_taking and hits[0].is_sure:
                self._hand_on(hits[0].ref)

    @on(Ended)
    def _ended(self, event: Ended) -> None:
        if event.number != self._number:
            return
        self._is_fresh, self._is_under_way = True, False
        if self._is_taking and self._found:
            self._hand_on(next(iter(self._found)))
            return
        self._give_up()
        self._show()

    def _look_back(self) -> None:
        """Read the names of the cards that were visited, newest first."""
        refs = [ref for ref in self._visited() if ref.type in self._kinds][:_RECENT]
        about = [self._about] if self._about else []
        self._recent = [Hit(ref) for ref in refs]  # to be taken before their names are there

        def named(lines: dict[Ref, CardLine]) -> None:
            self._recent = [Hit.of(lines[ref]) for ref in refs if ref in lines]
            if self._about in lines:
                self._entitle(name_of(self._about, lines[self._about]))
            if not self._text:
                self._show()

        if refs or about:
            self.ask(
                "recent",
                lambda session, stop: dict(card_lines(session, [*refs, *about])),
                named,
                lambda _: None,
            )

    def _visited(self) -> list[Ref]:
        from tui.walking import Walking

        walking = self.app.state.get("browse", Walking)
        here = walking.here.ref if self.app.current_mode == "browse" else None
        return [ref for ref in walking.visited if ref != here and ref not in self._exclude]

    # Showing

    def _show(self) -> None:
        cards = self.query_one(FoundList)
        hits = list(self._found.values())[:MOST]
        if not self._text:
            hits = [hit for hit in self._recent if hit.ref.type in self._wanted]
        if hits:  # until one moves, the cursor stays on top, where the best is
            at = cards.current if self._has_moved else None
            cards.show(hits, self._text, at)
            self._has_moved = at is not None and cards.current == at
        elif not self._is_under_way:
            cards.tell(self._nothing())
        self._tell()

    def _nothing(self) -> list[Text]:
        if self.app.session is None:
            return [Text("there is no account yet", "title")]
        return nothing(self._text, self._wanted, is_narrowed=self._kind is not None)

    def _complain(self, message: str, hint: str) -> None:
        self.query_one(FoundList).tell(complaint(message, hint))
        self._tell()

    def _entitle(self, name: str) -> None:
        title = self._title.replace("{}", plain(name, 60))
        self.query_one("#search").border_title = Text(title)

    def _tell(self) -> None:
        count = len(self.query_one(FoundList).hits)
        said = TAKING
        if not self._is_taking:
            said = told(
                count,
                self._text,
                is_full=count == MOST,
                is_under_way=self._is_under_way,
                has_found=bool(self._found),
                has_kinds=len(self._kinds) > 1,
            )
        self.query_one("#told", Static).update(Text(said, no_wrap=True, overflow="ellipsis"))
