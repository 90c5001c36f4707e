"""The account mirrored while one browses: a sync in a process of its own, told in the status bar.

The event loop waits for nothing here: a thread listens to the process and leaves the newest word
behind; a timer shows it. What a sync publishes is found as every newer snapshot is.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from linkgraph.errors import LinkgraphError, SyncRunning, SyncStopped, TooManyRemovals
from linkgraph.plaintext import plain
from linkgraph.wording import syncwords
from linkgraph.wording.numbers import counted

if TYPE_CHECKING:
    from textual.timer import Timer

    from linkgraph.accounts import Account
    from linkgraph.mirror.progress import Progress
    from linkgraph.mirror.sync import Report
    from linkgraph.model import Ref
    from linkgraph.session import Session
    from linkgraph.syncing import SyncProcess
    from queries.running import Stop
    from tui.app import LinkgraphApp

#: What a sync is called in `LinkgraphApp.under_way`.
NAME = "sync"
#: Seconds between two looks at how far it is.
_SHOW_EVERY = 0.25
#: Seconds between two looks whether another process still syncs.
_LOOK_EVERY = 2.0
_ELSEWHERE = "another process syncs"
_ASKS = "sync waits for an answer: S"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a sync is to do."""

    account: Account
    read_only: bool
    refs: tuple[Ref, ...]
    accept_removals: bool = False


class Syncing:
    """The sync that the browser runs: at most one."""

    def __init__(self, app: LinkgraphApp) -> None:
        self._app = app
        self._wanted: Wanted | None = None
        self._process: SyncProcess | None = None
        self._stopping = False
        self._progress: Progress | None = None
        self._timer: Timer | None = None
        self._others: Timer | None = None
        self._refused: tuple[Wanted, TooManyRemovals] | None = None
        self._told = -1

    @property
    def is_running(self) -> bool:
        """Whether a sync of the browser's own is under way."""
        return self._wanted is not None

    @property
    def asks(self) -> bool:
        """Whether a sync has ended with a question that is not answered yet."""
        return self._refused is not None

    def tells_of(self, number: int) -> bool:
        """Whether the toast about a snapshot is said here, with what the sync did."""
        return self.is_running or number == self._told

    def told(self, number: int) -> None:
        """A snapshot is told of already, by what has published it."""
        self._told = number

    # What the app asks

    def start(self, refs: Sequence[Ref] = ()) -> None:
        """Mirror the account, or some cards; ask first what the last one left to be answered."""
        session = self._app.session
        if session is None:
            self._app.say("there is no account to mirror yet\n→ linkgraph account add NAME --url …")
        elif self.is_running:
            self._app.say(f"{self.line}: already under way")
        elif self._refused is not None and not refs:
            self._ask(*self._refused)
        else:
            self._begin(Wanted(session.account, session.read_only, tuple(refs)))

    def stop(self) -> None:
        """Stop the sync; what was read is kept, and the next one goes on from there."""
        self._stopping = True
        if self._process is not None:
            self._process.stop()

    @property
    def line(self) -> str:
        """How far it is, in a line; empty where nothing is under way."""
        if self._wanted is None:
            return ""
        if self._stopping:
            return "sync stops"
        return syncwords.in_a_line(self._progress, len(self._wanted.refs))

    # The process

    def _begin(self, wanted: Wanted) -> None:
        from tui.status import UnderWay

        self._wanted, self._progress, self._refused = wanted, None, None
        self._stopping = False
        self._watch_others(False)
        self._app.under_way[NAME] = UnderWay("the sync", self.stop)
        self._timer = self._app.set_interval(_SHOW_EVERY, self._show)
        self._show()
        # No thread of a pool: a pool waits for its threads when the program ends.
        threading.Thread(target=self._listen, args=(wanted,), name=NAME, daemon=True).start()

    def _listen(self, wanted: Wanted) -> None:
        """In a thread of its own: run the process to its end."""
        from linkgraph.syncing import SyncProcess

        def watch(progress: Progress) -> None:
            self._progress = progress

        end: Report | LinkgraphError
        try:
            with SyncProcess.start(
                wanted.account,
                wanted.refs,
                accept_removals=wanted.accept_removals,
                read_only=wanted.read_only,
            ) as process:
                self._process = process
                if self._stopping:
                    process.stop()
                end = process.watch(watch)
        except LinkgraphError as error:
            end = error
        except Exception as error:  # whatever it is: a sync that never ends cannot be quit
            self._app.call_later(self._app.broke, error)
            end = SyncStopped("the sync ended by a fault of linkgraph", hint="S syncs again")
        self._app.call_later(self._ended, wanted, end)

    def _show(self) -> None:
        # A last tick of the timer may come after the end.
        if self.is_running and self.line != self._app.status.sync:
            self._say_standing(self.line)

    # Its end

    def _ended(self, wanted: Wanted, end: Report | LinkgraphError) -> None:
        self._wanted = self._process = None
        if self._timer is not None:
            self._timer.stop()
        self._app.under_way.pop(NAME, None)
        app = self._app
        self._say_standing("")
        if isinstance(end, TooManyRemovals):
            self._refused = wanted, end
            self._say_standing(_ASKS)
            app.say(f"{end.message}\n→ S shows what, and asks", severity="warning", timeout=15)
        elif isinstance(end, SyncRunning):
            app.say(f"{end.message}\n→ its snapshot appears here by itself", severity="warning")
            self._watch_others(True)
        elif isinstance(end, SyncStopped) and self._stopping:
            app.say(f"{end.message}\n→ {end.hint}")
        elif isinstance(end, LinkgraphError):
            app.fail(end)
        else:
            self._tell(end)
        # A sync that failed on its way may have published before.
        app.look_for_snapshot()

    def _tell(self, report: Report) -> None:
        """Say what a sync did."""
        self.told(report.snapshot.number)
        lines = [syncwords.published(report)]
        if not report.first:
            moved = [(one.relation, syncwords.signed(one)) for one in report.changes]
            moved = [(name, counts) for name, counts in moved if counts]
            lines += [f"{syncwords.relation(name)}  {counts}" for name, counts in moved[:4]]
            if len(moved) > 4:
                lines.append(f"and {counted(len(moved) - 4, 'more relation')}")
            lines.append("→ 5 shows what changed" if moved else "no link changed")
        caveats = syncwords.caveats(report)
        severity = "warning" if caveats else "information"
        self._app.say("\n".join([*lines, *caveats]), severity=severity, timeout=10)

    # What it asks

    def _ask(self, wanted: Wanted, error: TooManyRemovals) -> None:
        from tui.confirming import ConfirmScreen

        rows = syncwords.removals(error)
        width = max((len(name) for name, _ in rows), default=0)
        lines: list[str | Text] = [Text(f"{name:<{width}}   −{told}") for name, told in rows]
        lines += [
            "",
            "Nothing was published yet: the last snapshot stands.",
            "What was read is kept; to publish it asks the CRM nothing",
            "more, and changes nothing there.",
        ]

        def answered(yes: bool | None) -> None:
            self._refused = None
            self._say_standing("")
            if yes:
                self._begin(Wanted(wanted.account, wanted.read_only, wanted.refs, True))
            else:
                self._app.say("not published\n→ S reads the account anew")

        title = "Publish a snapshot without all these links?"
        self._app.push_screen(ConfirmScreen(title, lines, "Publish"), answered)

    # Others

    def _watch_others(self, watch: bool) -> None:
        """Say that another process syncs, for as long as one does."""
        if self._others is not None:
            self._others.stop()
            self._others = None
        self._say_standing(_ELSEWHERE if watch else "")
        if watch:
            self._others = self._app.set_interval(_LOOK_EVERY, self._look_at_others)

    def _look_at_others(self) -> None:
        def look(session: Session, stop: Stop) -> bool:
            return session.is_syncing()

        def looked(is_syncing: bool) -> None:
            if not is_syncing and self._others is not None:
                self._watch_others(False)
                self._app.look_for_snapshot()

        self._app.ask("others' sync", look, looked)

    def _say_standing(self, words: str) -> None:
        self._app.status.sync = plain(words)
        self._app.status_changed.publish(None)
