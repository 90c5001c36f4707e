"""The mode «Edits»: what waits to be sent, what became of the rest, and the way to a push.

It shows the journal and changes nothing but by a call of `session.edits`; whatever anybody queued,
dropped or pushed is read again, and the cursor stays with the edit it was on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from linkgraph.edits.states import OPEN, State
from linkgraph.plaintext import plain
from linkgraph.wording.numbers import counted
from tui.chips import Chip, Chips
from tui.edithints import in_browser
from tui.editkeys import KEYS, LACKS
from tui.editrows import (
    GROUPS,
    draw_edit,
    draw_push,
    edit_rows,
    nothing_queued,
    open_in_words,
    push_rows,
    story,
    title_of,
    told_open,
)
from tui.modes import ModeScreen
from tui.queuereading import ALL, DONE, ENDED, Loaded, read
from tui.rowlist import RowList
from tui.rows import Cards, Ink, Row

if TYPE_CHECKING:
    from linkgraph.edits.entries import Event, QueuedEdit
    from linkgraph.edits.pushbook import PushRecord
    from linkgraph.edits.queueing import Queued
    from linkgraph.errors import LinkgraphError
    from linkgraph.session import Session
    from queries.running import Stop

_DECIDED = (State.CONFLICT, State.FAILED, State.UNKNOWN)


class EditsScreen(ModeScreen):
    """The queue and the pushes."""

    MODE = "edits"
    CSS_PATH = "edits.tcss"
    HELP = """
# Edits

What you queue in Browse, in Questions or with `linkgraph edits import` waits here; nothing is sent
until you push. **p** plans: it reads what is live now and shows exactly what a push would do.
**P** in the plan pushes, after one more question. Every change is read back afterwards.

`+` links, `~` changes what a link carries, `−` unlinks.
"""
    BINDINGS: ClassVar[list[BindingType]] = KEYS
    LACKS = LACKS

    def __init__(self) -> None:
        super().__init__()
        self._shown = ALL
        self._open: PushRecord | None = None
        self._told: tuple[int, int] = (-1, -1)
        self._offered: tuple[bool | None, ...] = ()

    def compose_body(self) -> ComposeResult:
        """The queue, the pushes, and where there is room one edit's history."""
        yield Static(id="open-push", markup=False)
        yield Chips(id="filters")
        with Horizontal(id="edits"):
            with Vertical(id="lists"):
                yield RowList(self._draw_edit, id="queue", marks=True)
                yield Static("Pushes", id="pushes-title", classes="-hidden", markup=False)
                yield RowList(self._draw_push, id="pushes")
            with VerticalScroll(id="beside", can_focus=False):
                yield Static(id="beside-title", markup=False)
                yield Static(id="beside-story", markup=False)

    def on_mount(self) -> None:
        """Read the queue now, and whenever somebody changed it."""
        self.queue.BINDING_GROUP_TITLE = "Queue"
        self.pushes.BINDING_GROUP_TITLE = "Pushes"
        self.app.queue_changed.subscribe(self, lambda _: self.reload())
        self.app.status_changed.subscribe(self, lambda _: self._status())
        self.app.snapshot_changed.subscribe(self, lambda _: self._new_snapshot())
        self.queue.focus()
        self.reload()

    def on_screen_resume(self) -> None:
        """Whatever happened while another mode was open is shown."""
        self.reload()

    @property
    def queue(self) -> RowList:
        """The edits."""
        return self.query_one("#queue", RowList)

    @property
    def pushes(self) -> RowList:
        """The pushes."""
        return self.query_one("#pushes", RowList)

    # Reading

    def reload(self) -> None:
        """Read the queue and the pushes again."""
        shown = self._shown
        known = {ref for ref in self.queue.cards}

        def call(session: Session, stop: Stop) -> Loaded:
            return read(session, shown, known)

        self.ask("queue", call, self._show, self._failed)

    def _status(self) -> None:
        """Another process queued or pushed something, or a push of ours goes on."""
        status = self.app.status
        if (status.waiting, status.conflicts) != self._told and self.is_current:
            self._told = status.waiting, status.conflicts
            self.reload()
        self._tell_open()

    def _new_snapshot(self) -> None:
        self.queue.forget_names()
        self.reload()

    def _failed(self, error: LinkgraphError) -> None:
        self.app.fail(in_browser(error))

    def _show(self, loaded: Loaded) -> None:
        self._open = loaded.open_push
        states = loaded.counts
        ended = sum(states.get(state, 0) for state in ENDED)
        chips = [Chip(ALL, "all", sum(states.values()) - ended)]
        chips += [
            Chip(state.value, state.value, states[state], troubled=state in _DECIDED)
            for state in GROUPS
            if state not in ENDED and states.get(state)
        ]
        if ended:
            chips.append(Chip(DONE, "done", ended))
        if self._shown not in {chip.key for chip in chips}:
            self._shown = ALL
            self.reload()
            return
        self.query_one("#filters", Chips).show(chips, self._shown)
        empty = nothing_queued(self.queue.ink, any_ended=bool(ended))
        self.queue.show(edit_rows(loaded.edits), loaded.cards, empty=empty)
        self.pushes.show(push_rows(loaded.pushes))
        for name in ("#pushes-title", "#pushes"):
            self.query_one(name).set_class(not loaded.pushes, "-hidden")
        self._tell_open()
        self._offer()

    def _tell_open(self) -> None:
        """Say at the top that a push was broken off, and what to do."""
        banner = self.query_one("#open-push", Static)
        left = self._open if not self.app.under_way.get("push") else None
        banner.set_class(left is not None, "-shown")
        if left is not None:
            banner.update(told_open(left, self.queue.ink))

    def _draw_edit(self, row: Row, width: int, ink: Ink, cards: Cards) -> list[Text]:
        return draw_edit(row, width, ink, cards, self.app.now())

    def _draw_push(self, row: Row, width: int, ink: Ink, cards: Cards) -> list[Text]:
        return draw_push(row, width, ink, cards, self.app.now())

    # One edit beside the queue

    def _offer(self) -> None:
        """Have the footer drawn anew where other keys make sense now."""
        offered = tuple(
            self.check_action(action, parameters)
            for action, parameters in (
                ("drop", ()),
                ("resolve", ("keep",)),
                ("resolve", ("drop",)),
                ("undo", ()),
                ("resume", ()),
            )
        )
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    @on(RowList.Highlighted, "#queue")
    def _beside(self, event: RowList.Highlighted) -> None:
        self._offer()
        edit = event.row.value if event.row is not None else None
        beside = self.query_one("#beside")
        if edit is None or not beside.display:
            self.query_one("#beside-title", Static).update("")
            self.query_one("#beside-story", Static).update("")
            return

        def read(session: Session, stop: Stop) -> list[Event]:
            return session.edits.events([edit.id])

        def show(events: list[Event]) -> None:
            told = story(edit, events, self.queue.ink, self.queue.cards, self.app.now())
            title = Text(plain(title_of(edit, self.queue.cards), 300))
            self.query_one("#beside-title", Static).update(title)
            self.query_one("#beside-story", Static).update(told)

        self.ask("beside", read, show, lambda error: None, after=0.06)

    @on(RowList.Chosen, "#queue")
    def _open_edit(self, event: RowList.Chosen) -> None:
        from tui.editdetail import EditDetail

        self.app.push_screen(EditDetail(event.row.value))

    @on(RowList.Chosen, "#pushes")
    def _open_push(self, event: RowList.Chosen) -> None:
        from tui.outcome import OutcomeScreen

        self.app.push_screen(OutcomeScreen(event.row.value))

    @on(Chips.Picked)
    def _filter(self, event: Chips.Picked) -> None:
        self._shown = event.key
        self.queue.clear_marks()
        self.reload()

    # What can be done

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show what makes sense for what is marked, or under the cursor."""
        if not self.is_mounted:
            return True
        if action == "drop":
            return self._of(OPEN) != [] or None
        if action == "resolve":
            keep = parameters == ("keep",)
            return bool(self._of((State.CONFLICT,) if keep else _DECIDED))
        if action == "undo":
            return bool(self.pushes.rows)
        if action in ("resume", "settle"):
            return self._open is not None and "push" not in self.app.under_way
        return True

    def lack(self, name: str) -> str:
        """What is missing now."""
        if name == "resume" and "push" in self.app.under_way:
            name = "pushing"
        return self.LACKS[name]

    def _of(self, states: Collection[State]) -> list[QueuedEdit]:
        """The chosen edits that are in one of some states."""
        edits: list[QueuedEdit] = [row.value for row in self.queue.chosen]
        return [edit for edit in edits if edit.state in states]

    def action_plan(self) -> None:
        """Plan the queue against what is live."""
        from tui.plan import PlanScreen

        self.app.push_screen(PlanScreen())

    def action_filter(self, by: int) -> None:
        """Show the edits of another state."""
        self.query_one("#filters", Chips).step(by)

    def action_clear(self) -> None:
        """Take the marks off; where there are none, the filter."""
        if not self.queue.clear_marks() and self._shown != ALL:
            self._shown = ALL
            self.reload()

    def action_drop(self) -> None:
        """Take edits out of the queue."""
        ids = [edit.id for edit in self._of(OPEN)]
        if not ids:
            return

        def drop(session: Session, stop: Stop) -> list[QueuedEdit]:
            return session.edits.drop(ids)

        def dropped(edits: list[QueuedEdit]) -> None:
            self._changed(f"{counted(len(edits), 'edit')} dropped; the journal keeps them")

        self.ask("change", drop, dropped, self._failed)

    def action_resolve(self, way: str) -> None:
        """Decide about edits in conflict, failed or unknown."""
        from linkgraph.edits.editqueue import Resolution

        keep = way == Resolution.KEEP
        ids = [edit.id for edit in self._of((State.CONFLICT,) if keep else _DECIDED)]
        if not ids:
            return

        def resolve(session: Session, stop: Stop) -> Queued:
            return session.edits.resolve(ids, Resolution(way))

        def resolved(queued: Queued) -> None:
            done = "dropped" if way == Resolution.DROP else "queued again; p plans them"
            self._changed(f"{counted(len(ids), 'edit')} {done}")

        self.ask("change", resolve, resolved, self._failed)

    def action_undo(self) -> None:
        """Plan what takes back the push under the cursor, else the last that did anything."""
        from tui.plan import PlanScreen

        if self.app.status.read_only:
            self.app.say(
                "read-only: no push can be taken back\n→ open the browser without --read-only",
                severity="warning",
            )
            return
        row = self.pushes.current if self.pushes.has_focus else None
        self.app.push_screen(PlanScreen(undo=True, push=None if row is None else row.value.id))

    def action_resume(self) -> None:
        """Take up the push again that was broken off; asks first."""
        left = self._open
        if left is None:
            return
        from tui.confirming import ConfirmScreen
        from tui.push import PushScreen

        if self._refused():
            return
        waiting = left.counts.get(State.PLANNED, 0)
        lines = [
            open_in_words(left),
            f"{counted(waiting, 'change')} will be sent in account {self.app.status.account}.",
            "X instead finds out what was done, and sends nothing more.",
        ]

        def answered(yes: bool | None) -> None:
            if yes:
                self.app.push_screen(PushScreen(None))

        self.app.push_screen(
            ConfirmScreen(f"Take push {left.id} up again?", lines, "Go on"), answered
        )

    def action_settle(self) -> None:
        """Find out what became of a push that was broken off; nothing more is sent."""
        from tui.push import PushScreen

        if self._open is not None and not self._refused():
            self.app.push_screen(PushScreen(None, settle_only=True))

    def _refused(self) -> bool:
        """Whether nothing may be written; says so."""
        if self.app.status.read_only:
            self.app.say(
                "read-only: a push cannot be taken up again here\n"
                "→ open the browser without --read-only",
                severity="warning",
            )
        return self.app.status.read_only

    def _changed(self, told: str) -> None:
        self.queue.clear_marks()
        self.app.say(told)
        self.app.queue_changed.publish(None)

    def palette(self) -> Iterable[tuple[str, str, Callable[[], object]]]:
        """What can be done with the queue now."""
        yield "edits: Plan", "Read what is live, and show what a push would do", self.action_plan
        if self._of(OPEN):
            yield "edits: Drop", "Take the chosen edits out of the queue", self.action_drop
        if self.pushes.rows:
            yield "pushes: Undo", "Plan what takes a push back", self.action_undo
        if self._open is not None:
            yield "pushes: Take up again", "Go on with the one broken off", self.action_resume
            yield "pushes: Settle only", "Find out what it did; send nothing", self.action_settle
