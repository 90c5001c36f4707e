"""How two cards are connected: the shortest paths, one at a time; Enter goes along one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from linkgraph.model import Ref
from tui.dialog import Dialog
from tui.shown import card_name

if TYPE_CHECKING:
    from linkgraph.index.results import Hop, Path
    from queries.ways import Ways
    from tui.app import LinkgraphApp

#: Shortest paths that can be looked at, where there are many.
MOST = 20


class PathScreen(Dialog[tuple[Ref, ...]]):
    """A shortest path, a card a line; answers with the cards up to the chosen one."""

    BINDING_GROUP_TITLE = "Path"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close", id="path.close"),
        Binding("right,l", "turn(1)", "Next path", id="path.next"),
        Binding("left,h", "turn(-1)", "Path before", id="path.before"),
        Binding("j", "cursor(1)", "Down", show=False, id="path.down"),
        Binding("k", "cursor(-1)", "Up", show=False, id="path.up"),
    ]
    DEFAULT_CSS = """
    PathScreen {
        & .title { text-style: bold; width: 100%; }
        & .told { color: $text-muted; width: 100%; margin-bottom: 1; }
        & OptionList, & OptionList:focus {
            height: auto; max-height: 100%; border: none; padding: 0; background: transparent;
        }
    }
    """

    def __init__(self, start: str, end: str, ways: Ways) -> None:
        """`start` and `end` are what the two cards are called."""
        super().__init__()
        self._ends = start, end
        self._ways = ways
        self._number = 0

    def compose(self) -> ComposeResult:
        """What was found, and the first path."""
        from queries.ways import in_words

        with Vertical():
            yield Label(Text("  →  ".join(self._ends)), classes="title")
            yield Label(Text(in_words(self._ways.found, self._ways.why)), classes="told")
            yield OptionList()

    def on_mount(self) -> None:
        """Show the first path."""
        self._show()

    def action_turn(self, by: int) -> None:
        """Look at another path of the same length."""
        if len(self._ways.found) > 1:
            self._number = (self._number + by) % len(self._ways.found)
            self._show()
        else:
            app: LinkgraphApp = self.app  # type: ignore[assignment]
            app.say("there is no other path as short as this one", timeout=3)

    def action_cursor(self, by: int) -> None:
        """Go up or down."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if by > 0 else options.action_cursor_up()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to that card, by this way."""
        event.stop()
        path = self._ways.found[self._number]
        self.dismiss(tuple(path.refs[: event.option_index + 1]))

    def _show(self) -> None:
        found = self._ways.found
        options = self.query_one(OptionList)
        options.clear_options()
        options.display = bool(found)
        if not found:
            return
        path: Path = found[self._number]
        hops: list[Hop | None] = [None, *path.hops]
        options.add_options(
            Option(self._stop(ref, hop)) for ref, hop in zip(path.refs, hops, strict=True)
        )
        options.highlighted = len(path.refs) - 1
        if len(found) > 1:
            told = self.query_one(".told", Label)
            from queries.ways import in_words

            words = in_words(found, self._ways.why)
            told.update(Text(f"{words}; ← → {self._number + 1} of {len(found)}"))

    def _stop(self, ref: Ref, hop: Hop | None) -> Text:
        text = Text()
        if hop is not None:
            kind = str(hop.relation).replace("_", " – ")
            text.append(f"│ {kind}{' ★' if hop.is_main else ''}\n", "dim")
        text.append_text(card_name(ref, self._ways.cards.get(ref)))
        links = self._ways.links.get(ref, 0)
        return text.append(f"   {ref}, {links:,} link{'' if links == 1 else 's'}", "dim")
