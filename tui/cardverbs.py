"""What can be done with the card in focus and with its links; whatever is edited is queued only.

The letters that edit links take the marked ones, else the one under the cursor. All others are
about the card in focus; on the start page about the one under the cursor.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from linkgraph.model import EntityType, Ref
from tui.browsekeys import IN_FOOTER, LACKS, TOLD, VERBS
from tui.modes import ModeScreen
from tui.shelf import Shelf
from tui.shown import name_of
from tui.walking import Walking

if TYPE_CHECKING:
    from queries.ways import Ways
    from tui.linklist import LinkList


class CardVerbs(ModeScreen):
    """A screen with a card in focus and a list of its links."""

    links: LinkList
    LACKS = LACKS

    def __init__(self) -> None:
        super().__init__()
        self.walking = Walking()
        self.shelf = Shelf()

    @property
    def here(self) -> Ref | None:
        """The card in focus; None on the start page."""
        return self.walking.here.ref

    @property
    def subject(self) -> Ref | None:
        """What keys that are about one card are about: the one in focus, else under the cursor."""
        return self.here or self.links.ref

    @abstractmethod
    def go(self, step: Callable[[Walking], Walking]) -> None:
        """Go where a step leads."""

    @abstractmethod
    def tell_trail(self) -> None:
        """Show where one is, and what is pinned."""

    # Editing

    def action_link_to(self) -> None:
        """Link the marked cards, else the one in focus, to a card that is searched for."""
        cards = [row.ref for row in self.links.chosen] if self.links.marks else [self.subject]
        self.app.editing.link_to([ref for ref in cards if ref is not None])

    def action_unlink(self) -> None:
        """Take links away."""
        pairs = self.pairs()
        if pairs:
            self.app.editing.unlink(pairs)
        else:
            self.app.say("no link is under the cursor\n→ step into a card, and choose one")

    def action_make_main(self) -> None:
        """Make the contact of this link the main one."""
        for owner, contact in self.main_pair():
            self.app.editing.make_main(owner, contact)

    def action_quantity(self) -> None:
        """Set how many of an element are linked."""
        self.app.editing.quantity(self.element_pairs())

    def action_move(self) -> None:
        """Move all links of the card in focus to another."""
        if self.here is not None:
            self.app.editing.move(self.here)

    def pairs(self) -> list[tuple[Ref, Ref]]:
        """The ends of the marked links, else of the one under the cursor."""
        here = self.here
        return [] if here is None else [(here, row.ref) for row in self.links.chosen]

    def main_pair(self) -> list[tuple[Ref, Ref]]:
        """Owner and contact of the link under the cursor, where it may be the main one."""
        here, there = self.here, self.links.ref
        if here is None or there is None:
            return []
        owners = (EntityType.LEAD, EntityType.CUSTOMER)
        pairs = [(here, there), (there, here)]
        return [(a, b) for a, b in pairs if a.type in owners and b.type is EntityType.CONTACT]

    def element_pairs(self) -> list[tuple[Ref, Ref]]:
        """The ends of the chosen links that have a quantity."""
        return [pair for pair in self.pairs() if EntityType.ELEMENT in (end.type for end in pair)]

    # The card as a whole

    def action_pin(self) -> None:
        """Pin the card in focus; once more takes the pin away."""
        ref = self.subject
        if ref is None:
            return
        self.walking = self.walking.pinned(None if ref == self.walking.pin else ref)
        self.tell_trail()
        if self.walking.pin is None:
            self.app.say("no card is pinned any more", timeout=3)
        else:
            self.app.say(f"{self._named(ref)} is pinned\n→ P on another card shows the path to it")

    def action_path(self) -> None:
        """Show how the pinned card is connected with the one in focus."""
        from tui.pathscreen import MOST, PathScreen

        pin, here = self.walking.pin, self.subject
        if pin is None or here is None:
            return

        def chosen(way: tuple[Ref, ...] | None) -> None:
            if way:
                self.go(lambda walking: walking.jump(way))

        def told(ways: Ways) -> None:
            self.shelf.name(ways.cards)
            self.app.push_screen(PathScreen(self._named(pin), self._named(here), ways), chosen)

        self.ask("path", lambda session, stop: session.ways(pin, here, limit=MOST), told)

    def action_picture(self) -> None:
        """Draw what lies around the card, for the web browser."""
        from tui.pictures import drawn

        if (ref := self.subject) is not None:
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
            self.app.say(f"opened in the web browser:\n{where}")
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
        line = self.shelf.names.get(ref)
        if line is None or not line.url:
            self.app.say(f"the address of {ref} in the CRM is not known", severity="warning")
            return ""
        return line.url

    def _named(self, ref: Ref) -> str:
        return name_of(ref, self.shelf.names.get(ref))

    # What makes sense now

    def lack(self, name: str) -> str:
        """What is missing now."""
        if name == "path" and self.walking.pin is not None:
            return self.LACKS["subject"]
        return self.LACKS[name]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim what makes no sense here and now."""
        needs = self.NEEDS.get(action)
        return True if needs is None or needs(self) else None

    NEEDS: ClassVar[dict[str, Callable[[Any], object]]] = {
        "back": lambda screen: screen.walking.can_go_back,
        "earlier": lambda screen: screen.walking.has_earlier,
        "later": lambda screen: screen.walking.has_later,
        "link_to": lambda screen: screen.subject is not None,
        "unlink": lambda screen: screen.here is not None,
        "make_main": lambda screen: screen.main_pair(),
        "quantity": lambda screen: screen.element_pairs(),
        "move": lambda screen: screen.here is not None,
        **dict.fromkeys(
            ("pin", "picture", "reread", "web", "copy_ref", "copy_url"),
            lambda screen: screen.subject is not None,
        ),
        "path": lambda screen: screen.walking.pin is not None and screen.subject is not None,
    }
    """What has to be so for an action to make sense"""

    def tell_keys(self) -> None:
        """Dim the keys in the footer that make no sense, where that has changed."""
        # The footer is made anew for it, which takes longer than a step does.
        able = tuple(bool(self.NEEDS[action](self)) for action in IN_FOOTER if action in self.NEEDS)
        if able != self._able:
            self._able = able
            self.refresh_bindings()

    _able: tuple[bool, ...] = ()

    def palette(self) -> Iterable[tuple[str, str, Callable[[], object]]]:
        """What can be done here and now, by name."""
        for title, action in VERBS:
            if self.check_action(action, ()):
                yield title, TOLD[action], getattr(self, f"action_{action}")
