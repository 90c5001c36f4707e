"""What a push would do: the plan as it was read live, decided upon, and handed on to the push.

Nothing is sent here. A plan that takes a push back is withdrawn when it is left without a push.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.widgets import Static

from linkgraph.edits.states import State
from linkgraph.errors import QueryStopped
from linkgraph.plaintext import plain
from linkgraph.wording.mirrored import impact_of
from tui.edithints import in_browser
from tui.lacking import otherwise
from tui.modes import ModeScreen
from tui.pairdetail import PairScreen
from tui.planrows import Planned, detail, draw_plan, plan_rows, summary
from tui.rowlist import RowList

if TYPE_CHECKING:
    from linkgraph.edits.plan import Plan
    from linkgraph.edits.queueing import Queued
    from linkgraph.errors import LinkgraphError
    from linkgraph.session import Session
    from queries.impact import Impact
    from queries.running import Stop


class PlanScreen(ModeScreen):
    """One plan, of the queue or of what takes a push back."""

    MODE = "edits"
    CSS_PATH = "plan.tcss"
    HELP = """
# Plan

What a push would do to the links as they are live. Conflicts are edits whose link changed since
they were queued: they are left out until you decide. **P** pushes, after one more question.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("P", "push", "Push…", id="plan.push", tooltip="Send it, after one more question"),
        Binding("p", "plan", "Plan anew", id="plan.again", tooltip="Read what is live again"),
        Binding(
            "K",
            "resolve('keep')",
            "Keep mine",
            id="plan.keep",
            tooltip="Keep the edit in conflict, over what has changed",
        ),
        Binding(
            "D",
            "resolve('drop')",
            "Drop",
            id="plan.drop",
            tooltip="Give the edit in conflict up",
        ),
        Binding(
            "Q",
            "resolve('requeue')",
            "Queue anew",
            id="plan.requeue",
            tooltip="Queue it anew, to be judged by what stands now",
        ),
        Binding("escape", "leave", "Back", id="plan.leave", tooltip="Back to the queue"),
        otherwise("P", "push"),
        otherwise("K,D,Q", "decide"),
    ]
    LACKS: ClassVar[dict[str, str]] = {
        "reading": "what is live is still being read\n→ P pushes once the plan is there",
        "push": "there is no plan with anything to push\n→ p plans again, esc goes to the queue",
        "decide": "no conflict is under the cursor\n→ esc goes to the queue, to drop what waits",
    }

    def __init__(self, *, undo: bool = False, push: int | None = None) -> None:
        """With `undo`, the plan takes a push back: `push`, or the last that did anything."""
        super().__init__()
        self._undo = undo
        self._push = push
        self._planned: Planned | None = None
        self._impact: Impact | None = None
        self._offered = False
        """Whether the footer offers to decide about a conflict."""

    def compose_body(self) -> ComposeResult:
        """The numbers and the changes; or what is to be said in their place."""
        yield Static(id="told", markup=False)
        with Container(id="plan"):
            yield RowList(draw_plan, id="changes")
            with VerticalScroll(id="numbers", can_focus=False):
                yield Static(id="summary", markup=False)

    def on_mount(self) -> None:
        """Plan at once."""
        self.changes.BINDING_GROUP_TITLE = "Plan"
        self.app.snapshot_changed.subscribe(self, lambda _: self.changes.forget_names())
        self.action_plan()

    @property
    def changes(self) -> RowList:
        """The rows of the plan."""
        return self.query_one("#changes", RowList)

    # Planning

    def action_plan(self) -> None:
        """Read what is live, and plan."""
        before = None if self._planned is None else self._planned.plan
        if before is not None:
            self._plan(lambda session: (session.edits.plan_again(before), ()))
        elif self._undo:
            push = self._push
            self._plan(lambda session: session.edits.undo(push))
        else:
            self._plan(lambda session: (session.edits.plan(), ()))

    def _plan(self, make: Callable[[Session], tuple[Plan, tuple[str, ...]]]) -> None:
        self._tell(Text("reading what is live …", self.changes.ink.quiet))
        undo = self._undo
        impossible = () if self._planned is None else self._planned.impossible

        def plan(session: Session, stop: Stop) -> Planned:
            made, told = make(session)
            planned = None if stop.asked else _planned(session, made, told or impossible)
            if stop.asked and undo:
                session.edits.withdraw(made)
            if stop.asked or planned is None:
                raise QueryStopped("left")
            return planned

        self.ask("plan", plan, self._show, self._failed)

    def _show(self, planned: Planned) -> None:
        self._planned, self._impact = planned, None
        self._tell(None)
        if not planned.plan.edits and not planned.conflicts:
            self._tell(_nothing(self.changes.ink, undo=self._undo))
            self._planned = None if not self._undo else planned
        self._draw()
        self.changes.focus()
        self.app.queue_changed.publish(None)
        plan = planned.plan
        if plan.changes:

            def work_out(session: Session, stop: Stop) -> Impact | None:
                return impact_of(session, plan)

            self.ask("impact", work_out, self._show_impact, lambda error: None)

    def _show_impact(self, impact: Impact | None) -> None:
        self._impact = impact
        self._draw()

    def _draw(self) -> None:
        if self._planned is None:
            return
        rows = plan_rows(self._planned, self._impact)
        self.changes.show(rows, empty=Text("\n  Nothing of it is left to do.", "dim"))
        self._draw_summary()
        self.refresh_bindings()

    def _draw_summary(self) -> None:
        if self._planned is None:
            return
        told = summary(
            self._planned,
            self._impact,
            self.changes.ink,
            read_only=self.app.status.read_only,
            short=self.has_class("-narrow"),
        )
        self.query_one("#summary", Static).update(told)

    def on_resize(self, event: events.Resize) -> None:
        """Fewer lines beside it where it is narrow."""
        self.call_after_refresh(self._draw_summary)

    def _failed(self, error: LinkgraphError) -> None:
        told = in_browser(error)
        ink = self.changes.ink
        text = Text.assemble((plain(told.message, 500), ink.trouble))
        if told.hint:
            text.append(f"\n→ {plain(told.hint, 400)}")
        self._tell(text.append("\n\np plans again · esc goes back to the queue", ink.quiet))

    def _tell(self, text: Text | None) -> None:
        """Say something in the plan's place; nothing, and the plan is shown."""
        told = self.query_one("#told", Static)
        told.set_class(text is not None, "-shown")
        told.update(text or "")
        self.query_one("#plan").display = text is None

    # Deciding

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show what makes sense for the plan, and the row under the cursor."""
        if not self.is_mounted:
            return True
        if action == "resolve":
            return bool(self._conflicts())
        if action == "push":
            return (self._planned is not None and bool(self._planned.plan.changes)) or None
        return True

    def lack(self, name: str) -> str:
        """What is missing now."""
        return self.LACKS["reading" if self.is_asking("plan") else name]

    def _conflicts(self) -> list[int]:
        """The conflict under the cursor."""
        row = self.changes.current
        if row is None or not isinstance(row.key, tuple) or row.key[0] != "conflict":
            return []
        return [row.value.id]

    def action_resolve(self, way: str) -> None:
        """Decide about the conflict under the cursor, and plan anew."""
        from linkgraph.edits.editqueue import Resolution

        ids = self._conflicts()
        if not ids or self._planned is None:
            return
        before = self._planned.plan

        def make(session: Session) -> tuple[Plan, tuple[str, ...]]:
            queued: Queued = session.edits.resolve(ids, Resolution(way))
            added = [edit.id for edit in queued.edits]
            return session.edits.plan_again(before, added), ()

        self._plan(make)

    @on(RowList.Highlighted)
    def _on_row(self) -> None:
        if bool(self._conflicts()) != self._offered:
            self._offered = not self._offered
            self.refresh_bindings()

    @on(RowList.Chosen)
    def _open(self, event: RowList.Chosen) -> None:
        """Look at a change, or at the card that is met."""
        if isinstance(event.row.key, tuple) and event.row.key[0] == "impact":
            self.app.open_card(event.row.value.ref)
        elif event.row.refs:
            title, told = detail(event.row, self.changes.ink, self.changes.cards)
            self.app.push_screen(PairScreen(title, event.row.refs, told))

    # Pushing

    def action_push(self) -> None:
        """Ask whether it may be pushed, by another key."""
        planned = self._planned
        if planned is None or not planned.plan.changes:
            return
        if self.app.status.read_only:
            self.app.say(
                "read-only: nothing can be pushed\n→ open the browser without --read-only, or "
                "change the account's settings",
                severity="warning",
            )
            return
        session = self.app.session
        if session is None:
            return
        from tui.pushconfirm import PushConfirm

        settings = session.account.settings

        def answered(yes: bool | None) -> None:
            if yes:
                from tui.push import PushScreen

                self._planned = None  # it is pushed: nothing is withdrawn
                self.app.switch_screen(PushScreen(planned.plan))

        self.app.push_screen(
            PushConfirm(planned.plan, settings.url, settings.confirm_unlinks), answered
        )

    def action_leave(self) -> None:
        """Back to the queue; an undo that was not pushed is withdrawn."""
        planned = self._planned
        if self._undo and planned is not None:
            plan = planned.plan
            app = self.app

            def withdraw(session: Session, stop: Stop) -> None:
                session.edits.withdraw(plan)

            def withdrawn(_: None) -> None:
                app.say("the undo was withdrawn; the queue is as it was before")
                app.queue_changed.publish(None)

            app.ask("withdraw", withdraw, withdrawn, lambda error: app.fail(in_browser(error)))
        self.dismiss()

    def palette(self) -> Iterable[tuple[str, str, Callable[[], object]]]:
        """What can be done with the plan now."""
        if self._planned is not None and self._planned.plan.changes:
            yield "plan: Push", "Send it, after one more question", self.action_push
        yield "plan: Plan anew", "Read what is live again", self.action_plan


def _planned(session: Session, made: Plan, impossible: tuple[str, ...]) -> Planned:
    """A plan with its conflicts, also those of earlier plans, and the requests by what they ask."""
    conflicts = session.edits.list(states=[State.CONFLICT])
    if made.undo_of is not None:
        own = {edit.id for edit in made.edits}
        conflicts = [edit for edit in conflicts if edit.id in own]
    asked = Counter(
        " ".join(request.target.replace("_", " ").split("/")[-2:])
        for request in session.edits.dry_run(made)
        if request.items is not None
    )
    return Planned(made, tuple(conflicts), dict(sorted(asked.items())), impossible)


def _nothing(ink: object, *, undo: bool) -> Text:
    if undo:
        return Text("There is nothing to take back.\n\nesc goes back to the queue")
    return Text(
        "The queue is empty: there is nothing to plan.\n\n"
        "In Browse, a links cards, x unlinks, m makes a contact the main one.\n"
        "esc goes back to the queue"
    )
