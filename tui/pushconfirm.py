"""The question before a push: it names the account and the numbers, and takes another key.

Above the account's `confirm_unlinks` the number of unlinks has to be typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label, Static

from linkgraph.plaintext import plain
from linkgraph.wording import planwords
from linkgraph.wording.numbers import counted
from tui.dialog import Dialog

if TYPE_CHECKING:
    from linkgraph.edits.plan import Plan


class PushConfirm(Dialog[bool]):
    """Asks whether a plan may be pushed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "agree", "Push", id="push.yes"),
        Binding("n,escape", "dismiss(False)", "No", id="push.no"),
    ]
    DEFAULT_CSS = """
    PushConfirm {
        & > Vertical { max-height: 92%; border: round $warning; }
        & .title { text-style: bold; margin-bottom: 1; }
        & #told { height: auto; margin-bottom: 1; }
        & #wrong { height: auto; color: $error; display: none; }
        & Input { width: 30; margin-bottom: 1; }
        & Horizontal { height: auto; }
        & Button { margin-right: 2; }
    }
    """

    def __init__(self, plan: Plan, url: str, most_unlinks: int) -> None:
        """Args:
        plan: what is to be pushed.
        url: the account's address.
        most_unlinks: more unlinks than these have to be confirmed by their number.
        """
        super().__init__()
        self._plan = plan
        self._url = url
        self._many = plan.unlinks > most_unlinks

    def compose(self) -> ComposeResult:
        """The account, the numbers, what it sets going, and how to say yes."""
        plan = self._plan
        title = "Push to" if plan.undo_of is None else f"Take push {plan.undo_of} back in"
        with Vertical():
            yield Label(
                Text(f"{title} account {plain(plan.account, 60)}?  {plain(self._url, 80)}"),
                classes="title",
            )
            yield Static(self._told(), id="told", markup=False)
            if self._many:
                yield Label(Text(f"Type the number of unlinks ({plan.unlinks:,}) to push them:"))
                yield Input(id="number", restrict=r"[0-9 ,]*", max_length=12)
                yield Static(id="wrong", markup=False)
            with Horizontal():
                key = "enter" if self._many else "y"
                yield Button(Text(f"Push  {key}"), variant="warning", id="yes")
                yield Button(Text("No  esc"), id="no")

    def _told(self) -> Text:
        plan = self._plan
        lines = [
            Text(f"{counted(plan.links, 'link')} to make or change"),
            Text(f"{counted(plan.unlinks, 'link')} to take away"),
            Text(planwords.requests(plan.requests)),
            Text(planwords.fires(plan)),
        ]
        return Text("\n").join(lines)

    def on_mount(self) -> None:
        """Enter says no, unless a number is typed: a yes is meant."""
        if self._many:
            self.query_one(Input).focus()
        else:
            self.query_one("#no", Button).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A number that has to be typed is not to be had by a key."""
        return not (action == "agree" and self._many)

    def action_agree(self) -> None:
        """Push."""
        self.dismiss(True)

    @on(Input.Submitted)
    def _typed(self) -> None:
        typed = self.query_one(Input).value.replace(",", "").replace(" ", "")
        if typed == str(self._plan.unlinks):
            self.dismiss(True)
            return
        wrong = self.query_one("#wrong", Static)
        wrong.display = True
        wrong.update(f"«{plain(typed, 20)}» is not that number; nothing was sent")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by the mouse."""
        if event.button.id != "yes":
            self.dismiss(False)
        elif self._many:
            self._typed()
        else:
            self.dismiss(True)
