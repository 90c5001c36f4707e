"""The two cards of a link, and everything there is to tell of it; enter opens a card in Browse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Label, Static

from linkgraph.model import Ref
from tui.calls import Calls
from tui.dialog import Dialog
from tui.rowlist import RowList
from tui.rows import Cards, Ink, Row
from tui.shown import card_name


class PairScreen(Calls, Dialog[None]):
    """Cards, and what is told of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", id="pair.close"),
        Binding("ctrl+down", "scroll(3)", "Down", show=False),
        Binding("ctrl+up", "scroll(-3)", "Up", show=False),
    ]
    DEFAULT_CSS = """
    PairScreen {
        & > Vertical { width: 96; max-height: 92%; }
        & .title { text-style: bold; margin-bottom: 1; }
        & RowList { height: 2; background: $surface; }
        & VerticalScroll { height: auto; max-height: 24; margin-top: 1; }
        & .keys { color: $text-muted; margin-top: 1; }
    }
    PairScreen.-short VerticalScroll { max-height: 11; }
    """

    def __init__(self, title: str, refs: Sequence[Ref], told: Text | None = None) -> None:
        """`title` is plain text of ours; `told` what stands below the cards, if it is known."""
        super().__init__()
        self._title = title
        self._refs = tuple(refs)
        self._told = told or Text()

    def compose(self) -> ComposeResult:
        """A title, the cards, what is told."""
        with Vertical():
            yield Label(Text(self._title), classes="title")
            yield RowList(_draw, id="cards")
            with VerticalScroll(can_focus=True):
                yield Static(self._told, id="told", markup=False)
            yield Static("enter opens the card in Browse · esc closes", classes="keys")

    def on_mount(self) -> None:
        """The cards first: enter opens one."""
        self.cards.show([Row(ref, ref, (ref,)) for ref in self._refs])
        self.cards.focus()

    @property
    def cards(self) -> RowList:
        """The cards."""
        return self.query_one("#cards", RowList)

    def tell(self, text: Text) -> None:
        """Put other words below the cards."""
        self.query_one("#told", Static).update(text)

    def action_scroll(self, by: int) -> None:
        """Scroll what is told."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

    @on(RowList.Chosen)
    def _open(self, event: RowList.Chosen) -> None:
        self.dismiss()
        self.app.open_card(event.row.value)


def _draw(row: Row, width: int, ink: Ink, cards: Cards) -> list[Text]:
    name = card_name(row.value, cards.get(row.value))
    return [Text("  ").append_text(name).append(f"  {row.value}", ink.quiet)]
