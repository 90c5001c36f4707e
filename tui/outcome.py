"""What became of a push, change by change; for one that just ended and for any of the past."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from linkgraph.edits.pushbook import OPEN_PUSHES
from linkgraph.edits.states import State
from tui.edithints import in_browser
from tui.modes import ModeScreen
from tui.outcomerows import Told, detail, draw_outcome, outcome_rows, summary
from tui.pairdetail import PairScreen
from tui.rowlist import RowList

if TYPE_CHECKING:
    from linkgraph.edits.pushbook import Item, PushRecord
    from linkgraph.session import Session
    from queries.running import Stop


class OutcomeView(Widget):
    """The changes of a push in a list, and beside it (above it where it is narrow) its sum."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._told: Told | None = None

    def compose(self) -> ComposeResult:
        """The list and the sum."""
        yield RowList(draw_outcome, id="items")
        with VerticalScroll(can_focus=False):
            yield Static(id="sum", markup=False)

    def on_mount(self) -> None:
        """Names are those of the newest snapshot."""
        self.rows.BINDING_GROUP_TITLE = "Push"

    @property
    def rows(self) -> RowList:
        """The changes."""
        return self.query_one("#items", RowList)

    def show(self, told: Told) -> None:
        """Show what is known of a push."""
        self._told = told
        self.rows.show(outcome_rows(told), empty=Text("\n  It had nothing to do.", "dim"))
        self.on_resize(None)

    def on_resize(self, event: events.Resize | None) -> None:
        """Fewer lines above it where it is narrow."""
        if self._told is not None:
            short = self.screen.has_class("-narrow")
            self.query_one("#sum", Static).update(summary(self._told, self.rows.ink, short=short))

    @on(RowList.Chosen)
    def _open(self, event: RowList.Chosen) -> None:
        title, told = detail(event.row, self.rows.ink, self.rows.cards)
        self.app.push_screen(PairScreen(title, event.row.refs, told))


class OutcomeScreen(ModeScreen):
    """A push of the past."""

    MODE = "edits"
    CSS_PATH = "push.tcss"
    HELP = """
# A push

Every change that it made or tried, with what the CRM said and what was read back.
**z** plans what takes it back; nothing of that is sent without another question.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("z", "undo", "Undo", id="outcome.undo", tooltip="Plan what takes it back"),
        Binding("escape", "dismiss", "Back", id="outcome.leave", tooltip="Back to the queue"),
    ]

    def __init__(self, push: PushRecord) -> None:
        """`push` is the push as it was listed."""
        super().__init__()
        self._push = push
        self._items: list[Item] = []

    def compose_body(self) -> ComposeResult:
        """The outcome."""
        yield OutcomeView(id="outcome")

    def on_mount(self) -> None:
        """Read the push's changes."""
        self._begin()

    def _begin(self) -> None:
        number = self._push.id

        def read(session: Session, stop: Stop) -> list[Item]:
            return session.edits.changes(number)

        self.ask("push", read, self._show, lambda error: self.app.fail(in_browser(error)))

    def _show(self, items: list[Item]) -> None:
        self._items = items
        self._view.show(Told(self._push, items, why=self._push.note))
        self._view.rows.focus()
        self.refresh_bindings()

    @property
    def _view(self) -> OutcomeView:
        return self.query_one(OutcomeView)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing of what was never done can be taken back."""
        if action == "undo":
            return self._can_undo() or None
        return True

    def _can_undo(self) -> bool:
        done = any(item.state is State.VERIFIED for item in self._items)
        return done and self._push.state not in OPEN_PUSHES

    def action_undo(self) -> None:
        """Plan what takes it back."""
        if self._can_undo():
            undo(self, self._push.id)

    def palette(self) -> Iterable[tuple[str, str, Callable[[], object]]]:
        """What can be done with the push."""
        if self._can_undo():
            yield "push: Undo", "Plan what takes it back", self.action_undo


def undo(screen: ModeScreen, push: int) -> None:
    """Go from a push's outcome to the plan that takes it back; refused where it is read-only."""
    from tui.plan import PlanScreen

    if screen.app.status.read_only:
        screen.app.say(
            "read-only: no push can be taken back\n→ open the browser without --read-only",
            severity="warning",
        )
        return
    screen.app.switch_screen(PlanScreen(undo=True, push=push))
