"""A question that is answered by yes or no, and never by the key that brought it up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Label, Static

from linkgraph.plaintext import plain
from tui.dialog import Dialog

if TYPE_CHECKING:
    from textual import getters

    from tui.app import LinkgraphApp


class ConfirmScreen(Dialog[bool]):
    """Asks; `y` or the button says yes, `n` and escape say no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes", id="confirm.yes"),
        Binding("n,escape", "dismiss(False)", "No", id="confirm.no"),
    ]
    DEFAULT_CSS = """
    ConfirmScreen {
        & > Vertical { max-width: 90%; border: round $warning; }
        & .title { width: 1fr; text-style: bold; margin-bottom: 1; }
        & .lines { width: 1fr; margin-bottom: 1; }
        & Horizontal { height: auto; width: auto; }
        & Button { margin-right: 2; }
    }
    """

    def __init__(self, title: str, lines: Sequence[str | Text] = (), yes: str = "Yes") -> None:
        """`title` is the question, `lines` what there is to know before it is answered."""
        super().__init__()
        self._title = title
        self._lines = lines
        self._yes = yes

    def compose(self) -> ComposeResult:
        """The question in the middle of the screen."""
        told = Text("\n").join(
            line if isinstance(line, Text) else Text(plain(line, 400)) for line in self._lines
        )
        with Vertical():
            yield Label(Text(plain(self._title, 400)), classes="title")
            if self._lines:
                yield Static(told, classes="lines", markup=False)
            with Horizontal():
                yield Button(Text(f"{self._yes}  y"), variant="warning", id="yes")
                yield Button(Text("No  esc"), id="no")

    def on_mount(self) -> None:
        """Enter says no: a yes is meant."""
        self.query_one("#no", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by the mouse."""
        self.dismiss(event.button.id == "yes")


class QuitScreen(ConfirmScreen):
    """Whether to quit although something is under way; where that ends meanwhile, nothing is asked.

    It goes then without an answer: nobody has said yes, and whatever has ended tells so itself.
    """

    if TYPE_CHECKING:
        app = getters.app(lambda: LinkgraphApp)

    def __init__(self, under_way: Sequence[str]) -> None:
        """`under_way` is what would be broken off, in words."""
        super().__init__(
            _quit(under_way),
            ("It is stopped in good order first, and can be taken up again next time.",),
            "Quit",
        )

    def on_mount(self) -> None:
        """Look whenever something has ended."""
        self.app.status_changed.subscribe(self, lambda _: self._look())

    def _look(self) -> None:
        left = [each.words for each in self.app.under_way.values()]
        if left:
            self.query_one(".title", Label).update(Text(plain(_quit(left), 400)))
        else:
            self.dismiss(None)


def _quit(under_way: Sequence[str]) -> str:
    verb = "is" if len(under_way) == 1 else "are"
    return f"Quit while {' and '.join(under_way)} {verb} under way?"
