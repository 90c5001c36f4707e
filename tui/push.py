"""A push while it runs, and what came of it.

It runs in a thread of its own whatever mode is open; the screen cannot be left before it is at its
end, only the mode. A stop takes effect between two requests, and the push can be taken up again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widgets import Static

from linkgraph.edits.pushbook import PushState
from linkgraph.edits.states import State
from linkgraph.errors import LinkgraphError
from linkgraph.plaintext import plain
from linkgraph.wording.mirrored import compared, figures_of
from linkgraph.wording.outcomewords import ENDS, PUSH_ENDS
from tui.edithints import in_browser
from tui.lacking import otherwise
from tui.modes import ModeScreen
from tui.outcome import OutcomeView, undo
from tui.outcomerows import Told
from tui.pushlook import Look, drawn, in_status
from tui.status import UnderWay

if TYPE_CHECKING:
    from linkgraph.edits.plan import Plan
    from linkgraph.edits.pushbook import PushRecord
    from linkgraph.edits.pushes import Pushed
    from linkgraph.edits.pushing import PushProgress
    from linkgraph.session import Session
    from linkgraph.wording.mirrored import Compared
    from queries.figures import Figures
    from queries.running import Stop

    _Came: TypeAlias = tuple[Pushed | None, PushRecord | None]

_UNDER_WAY = "push"
_EVERY_SECONDS = 0.25


class PushScreen(ModeScreen):
    """One push, from its first request to its outcome."""

    MODE = "edits"
    CSS_PATH = "push.tcss"
    HELP = """
# A push

It checks that what is live is as planned, tries a few edits of each kind, sends the rest in batches
and reads every touched card back. **escape** stops it between two requests: nothing is lost, and
**R** in the queue takes it up again. Other modes can be used meanwhile.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape",
            "stop",
            "Stop",
            id="push.stop",
            tooltip="Stop between two requests; it can be taken up again",
        ),
        Binding("ctrl+c", "stop", "Stop", show=False, tooltip="Stop between two requests"),
        Binding("z", "undo", "Undo", id="push.undo", tooltip="Plan what takes it back"),
        Binding("p", "plan", "Plan anew", id="push.plan", tooltip="Plan the queue again"),
        Binding("escape", "leave", "Back", id="push.leave", tooltip="Back to the queue"),
        otherwise("z", "undo"),
        otherwise("p", "plan"),
    ]
    LACKS: ClassVar[dict[str, str]] = {
        "running": "the push is under way\n→ esc stops it between two requests",
        "undo": "nothing of this push can be taken back here\n→ esc goes back to the queue",
        "plan": "this push is at its end\n→ esc goes back to the queue, p plans there",
    }

    def __init__(self, plan: Plan | None, *, settle_only: bool = False) -> None:
        """Args:
        plan: what was approved; None takes up the push that was broken off.
        settle_only: of that, only find out what became of it.
        """
        super().__init__()
        self._plan = plan
        self._settle_only = settle_only
        self._progress: PushProgress | None = None
        self._stopping = False
        self._is_running = True
        self._failure: LinkgraphError | None = None
        self._told: Told | None = None
        self._before: Figures | None = None
        self._ticks: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """How far it is; then what came of it."""
        yield Static(id="far", markup=False)
        yield OutcomeView(id="outcome")

    def on_mount(self) -> None:
        """Begin at once: it was asked for, and confirmed."""
        self._began = self.app.now()
        self.app.under_way[_UNDER_WAY] = UnderWay("a push", self.action_stop)
        self._ticks = self.set_interval(_EVERY_SECONDS, self._tick)
        self._begin()
        self._tick()

    def _begin(self) -> None:
        plan, settle_only = self._plan, self._settle_only
        if plan is not None:
            # Beside the push: what it reads is the snapshot of before, whatever is published.
            self.ask("figures", figures_of, self._counted, lambda error: None)

        def run(session: Session, stop: Stop) -> _Came:
            def stopped() -> bool:
                return stop.asked or self._stopping

            edits = session.edits
            if plan is not None:
                pushed: Pushed | None = edits.push(plan, self._watch, stopped)
            else:
                pushed = edits.resume(self._watch, stopped, settle_only=settle_only)
            if pushed is None:
                return None, None
            number = pushed.outcome.push
            return pushed, next(each for each in edits.pushes() if each.id == number)

        def carry_out(session: Session, stop: Stop) -> _Came | Exception:
            try:
                return run(session, stop)
            except Exception as error:
                return error  # whatever it is: a push that never ends could not be left

        def came(result: _Came | Exception) -> None:
            if isinstance(result, LinkgraphError):
                self._failed(result)
            elif isinstance(result, Exception):
                self.app.broke(result)
                self._failed(
                    LinkgraphError(
                        "the push was broken off by a fault of linkgraph",
                        hint="the queue tells what it did: R there takes it up again",
                    )
                )
            else:
                self._ended(result)

        self.ask("push", carry_out, came, self._failed)

    def _watch(self, progress: PushProgress) -> None:
        """Told in the push's thread; shown when the screen is drawn next."""
        self._progress = replace(progress)

    # While it runs

    def _tick(self) -> None:
        if not self._is_running:
            return
        expected = None if self._plan is None else self._plan.requests
        look = Look(
            self._title(),
            self._progress,
            expected,
            (self.app.now() - self._began).total_seconds(),
            resumed=self._plan is None,
            stopping=self._stopping,
        )
        far = self.query_one("#far", Static)
        far.update(drawn(look, self.size.width - 4, self._view.rows.ink))
        words = "push: connecting"
        if self._progress is not None:
            words = in_status(self._progress, expected, stopping=self._stopping)
        if words != self.app.status.push:
            self.app.status.push = words
            self.app.status_changed.publish(None)

    def _title(self) -> str:
        account = f"account {self.app.status.account}"
        if self._plan is None:
            what = "Settling a push" if self._settle_only else "Taking a push up again"
            return f"{what} in {account}"
        if self._plan.undo_of is not None:
            return f"Taking push {self._plan.undo_of} back in {account}"
        return f"Pushing to {account} · {plain(self._plan.base_url, 80)}"

    @property
    def _view(self) -> OutcomeView:
        return self.query_one(OutcomeView)

    def on_resize(self, event: events.Resize) -> None:
        """Draw it for the new width."""
        self._tick()

    # When it is at its end

    def _end(self) -> None:
        self._is_running = False
        if self._ticks is not None:
            self._ticks.stop()
        self.app.under_way.pop(_UNDER_WAY, None)
        self.app.status.push = ""
        self.app.status_changed.publish(None)
        self.app.queue_changed.publish(None)
        self.app.look_for_snapshot()
        self.refresh_bindings()

    def _ended(self, result: _Came) -> None:
        pushed, record = result
        if pushed is not None and pushed.mirrored is not None:
            self.app.syncing.told(pushed.mirrored.snapshot.number)
        self._end()
        if pushed is None or record is None:
            self.app.say("no push is broken off: there is nothing to take up")
            self.dismiss()
            return
        self._told = _told(pushed, record)
        self.add_class("-ended")
        self._view.show(self._told)
        if self.is_current:
            self._view.rows.focus()
        if self.app.screen is not self:  # also below a question, which may go for it
            self._say(self._told)
        self._compare()
        self.refresh_bindings()

    def _failed(self, error: LinkgraphError) -> None:
        self._end()
        self._failure = told = in_browser(error)
        ink = self._view.rows.ink
        text = Text.assemble(("Not pushed: ", ink.trouble)).append(plain(told.message, 500))
        if told.hint:
            text.append(f"\n→ {plain(told.hint, 400)}", ink.quiet)
        text.append("\n\np plans the queue again · esc goes back to it", ink.quiet)
        self.query_one("#far", Static).update(text)
        if not self.is_current:
            self.app.fail(told)

    def _say(self, told: Told) -> None:
        """Tell the outcome where another mode is open, or something lies above it."""
        counts = told.record.counts
        parts = [f"{counts[state]:,} {name}" for state, name in ENDS.items() if counts.get(state)]
        clean = told.record.state is PushState.DONE and set(counts) <= {State.VERIFIED}
        where = "" if self.is_current else "\n→ 4 shows it"
        self.app.say(
            f"push {told.record.id} {PUSH_ENDS[told.record.state]}: {', '.join(parts)}{where}",
            severity="information" if clean else "warning",
        )

    def _counted(self, figures: Figures | None) -> None:
        self._before = figures
        self._compare()

    def _compare(self) -> None:
        """Count the problems again once the push is at its end, and those of before are known."""
        before, told = self._before, self._told
        if before is None or told is None or told.health is not None:
            return

        def count(session: Session, stop: Stop) -> Compared | None:
            with session.anew() as fresh:
                return compared(fresh, before, stop)

        def show(health: Compared | None) -> None:
            self._told = replace(told, health=health)
            self._view.show(self._told)

        self.ask("health", count, show, lambda error: None)

    # What can be done

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Stop while it runs; the rest when it is at its end."""
        if action == "stop":
            return self._is_running
        if action == "leave":
            return not self._is_running
        if action == "plan":
            return self._failure is not None
        if action == "undo":
            return self._can_undo()
        return True

    def lack(self, name: str) -> str:
        """What is missing now."""
        return self.LACKS["running" if self._is_running else name]

    def _can_undo(self) -> bool:
        record = None if self._told is None else self._told.record
        if record is None or record.state not in (PushState.DONE, PushState.STOPPED):
            return False
        return bool(record.counts.get(State.VERIFIED))

    def action_stop(self) -> None:
        """Stop between two requests."""
        self._stopping = True
        self._tick()

    def action_leave(self) -> None:
        """Back to the queue."""
        self.dismiss()

    def action_plan(self) -> None:
        """Plan the queue again."""
        from tui.plan import PlanScreen

        self.app.switch_screen(PlanScreen())

    def action_undo(self) -> None:
        """Plan what takes it back."""
        if self._told is not None and self._can_undo():
            undo(self, self._told.record.id)

    def palette(self) -> Iterable[tuple[str, str, Callable[[], object]]]:
        """What can be done with the push."""
        if self._is_running:
            yield "push: Stop", "Stop between two requests", self.action_stop
        if self._can_undo():
            yield "push: Undo", "Plan what takes it back", self.action_undo


def _told(pushed: Pushed, record: PushRecord) -> Told:
    """A push that has just ended, as it is shown."""
    outcome = pushed.outcome
    error = None if outcome.error is None else in_browser(outcome.error)
    hint = "" if error is None else error.hint
    if outcome.state is PushState.INTERRUPTED:
        hint = "R in the queue takes it up again, X only finds out what it did"
        mirror = ""
    elif pushed.mirrored is not None:
        mirror = f"snapshot {pushed.mirrored.snapshot.number} has what was read back"
    elif pushed.unmirrored:
        mirror = f"the mirror does not have it yet ({pushed.unmirrored}); S syncs"
    else:
        mirror = "no snapshot was published; a sync that is running brings it, else S syncs"
    return Told(
        record,
        outcome.items,
        outcome.surprises,
        "" if error is None else error.message,
        hint,
        outcome.resumed,
        mirror,
    )
