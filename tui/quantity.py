"""Asks how many of a catalog element are linked, and at which price."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from linkgraph.model import MAX_ID
from linkgraph.plaintext import plain
from linkgraph.wording.mirrored import card_lines
from tui.calls import Calls
from tui.leaving import Leaving
from tui.shown import name_of

if TYPE_CHECKING:
    from linkgraph.model import Ref
    from queries.cardlines import CardLine

_NO_PRICE = "none"


@dataclass(frozen=True, slots=True)
class Carried:
    """What a link is to carry; None leaves what it carries."""

    quantity: float | None = None
    price_id: int | None = None
    """Id of a price field of the catalog; 0 takes the price away."""


class QuantityScreen(Calls, Leaving, ModalScreen[Carried | None]):
    """A quantity and a price; Enter in either takes both, None where one thinks better of it."""

    BINDING_GROUP_TITLE = "Quantity"
    CSS_PATH = "quantity.tcss"
    AUTO_FOCUS = "#quantity"
    HELP = """
The quantity is a number above 0: `2`, `2.5` or `2,5`. The price is the id of one of the catalog's
price fields, or `none` to take it away. What is left empty stays as it is.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="quantity.close", tooltip="Change nothing"),
    ]

    def __init__(self, title: str, about: Sequence[Ref] = (), now: Carried | None = None) -> None:
        """Args:
        title: of what it asks; each `{}` in it stands for the name of a card.
        about: those cards.
        now: what the link carries, as far as it is one link.
        """
        super().__init__()
        self._title = title
        self._about = about
        self._now = now or Carried()

    def compose(self) -> ComposeResult:
        """Two fields, and what is wrong with them."""
        quantity, price = self._now.quantity, self._now.price_id
        with Vertical():
            yield Label(self._told_title({}), classes="title")
            with Horizontal():
                yield Label("quantity", classes="name")
                yield Input(
                    "" if quantity is None else f"{quantity:.15g}",
                    placeholder="as it is",
                    id="quantity",
                )
            with Horizontal():
                yield Label("price", classes="name")
                yield Input(
                    str(price) if price else "",
                    placeholder="as it is, a field's id, or none",
                    id="price",
                )
            yield Static(id="wrong", markup=False)
            yield Static("enter queues it · tab: price · esc changes nothing", id="keys")

    def on_mount(self) -> None:
        """A digit takes the place of what there is."""
        self.query_one("#quantity", Input).action_select_all()
        about = self._about
        if about:  # what is typed at once is for this: their names may come later
            self.ask(
                "names",
                lambda session, stop: card_lines(session, about),
                self._entitle,
                lambda _: None,
            )

    def _entitle(self, lines: Mapping[Ref, CardLine]) -> None:
        self.query_one(".title", Label).update(self._told_title(lines))

    def _told_title(self, lines: Mapping[Ref, CardLine]) -> Text:
        names = [plain(name_of(ref, lines.get(ref)), 60) for ref in self._about]
        return Text(plain(self._title.format(*names), 400))

    def on_input_changed(self, event: Input.Changed) -> None:
        """What was wrong is being mended."""
        event.stop()
        self.query_one("#wrong", Static).update("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand on both, where they can be."""
        event.stop()
        try:
            carried = Carried(
                quantity_of(self.query_one("#quantity", Input).value),
                price_of(self.query_one("#price", Input).value),
            )
        except ValueError as error:
            self.query_one("#wrong", Static).update(Text(str(error)))
            return
        self.dismiss(carried)


def quantity_of(text: str) -> float | None:
    """A quantity as it is typed; None where nothing is.

    Raises:
        ValueError: it is none; its text says so to a person.
    """
    word = text.strip().replace(",", ".")
    if not word:
        return None
    try:
        quantity = float(word)
    except ValueError:
        quantity = math.nan
    if not (math.isfinite(quantity) and quantity > 0) or not word.isascii() or "_" in word:
        raise ValueError(f"«{plain(text.strip(), 30)}» is no quantity: give a number above 0")
    return quantity


def price_of(text: str) -> int | None:
    """The id of a price field as it is typed: 0 for none; None where nothing is.

    Raises:
        ValueError: it is neither; its text says so to a person.
    """
    word = text.strip().lower()
    if not word:
        return None
    if word == _NO_PRICE:
        return 0
    if not (word.isascii() and word.isdigit() and len(word) < 20 and 0 < int(word) <= MAX_ID):
        raise ValueError(f"«{plain(word, 30)}» is no price field: give its id, or {_NO_PRICE}")
    return int(word)
