"""The browser itself: its modes, the session in use, and what every screen may ask of it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.notifications import Notify
from textual.screen import Screen
from textual.signal import Signal

from linkgraph.errors import LinkgraphError
from linkgraph.plaintext import plain
from tui.calls import Calls, Desk
from tui.faults import Faults
from tui.inorder import InOrder
from tui.lookout import Lookout
from tui.modes import TITLES, ModeScreen
from tui.state import FILE, State
from tui.status import Status, UnderWay
from tui.themes import DARK, THEMES

if TYPE_CHECKING:
    from linkgraph.model import Ref
    from linkgraph.session import Session
    from tui.editing import Editing
    from tui.syncing import Syncing

_SAVE_SECONDS = 1.0
_AGE_SECONDS = 30.0
#: After so long a new screen has made all that it keeps.
_SETTLED_SECONDS = 2.0
#: How grave a toast is.
_WEIGHTS = {"information": 0, "warning": 1, "error": 2}


def _browse() -> Screen[Any]:
    from tui.browse import BrowseScreen

    return BrowseScreen()


def _questions() -> Screen[Any]:
    from tui.questions import QuestionsScreen

    return QuestionsScreen()


def _sql() -> Screen[Any]:
    from tui.sql import SqlScreen

    return SqlScreen()


def _edits() -> Screen[Any]:
    from tui.edits import EditsScreen

    return EditsScreen()


def _changes() -> Screen[Any]:
    from tui.changes import ChangesScreen

    return ChangesScreen()


class LinkgraphApp(Calls, Faults, InOrder):
    """The terminal browser of one account."""

    TITLE = "linkgraph"
    CSS_PATH = "app.tcss"
    MODES: ClassVar[dict[str, Any]] = {
        "browse": _browse,
        "questions": _questions,
        "sql": _sql,
        "edits": _edits,
        "changes": _changes,
    }
    DEFAULT_MODE = "browse"
    # Textual declares these without saying that they are the class's.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (160, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012
    NOTIFICATION_TIMEOUT = 6
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(
                f"{number},alt+{number}",
                f"mode('{name}')",
                title,
                show=False,
                tooltip=f"Go to {title}",
                id=f"mode.{name}",
            )
            for number, (name, title, _) in enumerate(TITLES, 1)
        ),
        # While one types, a digit is text, and most terminals cannot tell alt with a digit.
        *(
            Binding(
                f"alt+{letter}",
                f"mode('{name}')",
                title,
                show=False,
                priority=True,
                tooltip=f"Go to {title}",
                id=f"mode.{name}.typing",
            )
            for name, title, letter in TITLES
        ),
        Binding("slash", "search", "Search", tooltip="Search all cards", id="app.search"),
        Binding(
            "u",
            "take_back",
            "Take back",
            show=False,
            id="app.take-back",
            tooltip="Take the last queueing back",
        ),
        Binding(
            "U",
            "queue_again",
            "Queue again",
            show=False,
            id="app.queue-again",
            tooltip="Queue again what was taken back",
        ),
        Binding("S", "sync", "Sync", show=False, tooltip="Mirror the account now", id="app.sync"),
        Binding(
            "question_mark",
            "help",
            "Help",
            key_display="?",
            id="app.help",
            tooltip="Show every key that works here",
        ),
        Binding("q,ctrl+q", "quit", "Quit", tooltip="Leave the browser", id="app.quit"),
    ]

    def __init__(
        self,
        session: Session | None,
        problem: LinkgraphError | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        owns_process: bool = False,
    ) -> None:
        """Args:
        session: of the account to browse, unopened; None where there is none.
        problem: why there is no account.
        now: the clock.
        owns_process: whether the process is the browser's: it then settles its garbage collector.
        """
        self._owns_process = owns_process
        self.state = State(None if session is None else session.account.folder / FILE)
        if self.state.mode in self.MODES:
            self.DEFAULT_MODE = self.state.mode  # type: ignore[misc]
        super().__init__()
        self._opened_modes = {self.DEFAULT_MODE}
        self.desk = Desk(session)
        self._lookout = Lookout(self)
        self.problem = problem
        self.now = now
        self.status = Status()
        self.under_way: dict[str, UnderWay] = {}
        self.queue_changed: Signal[None] = Signal(self, "queue changed")
        self.snapshot_changed: Signal[Session] = Signal(self, "snapshot changed")
        self.status_changed: Signal[None] = Signal(self, "status changed")
        if session is not None:
            self.fault_folder = session.account.folder
            self.status.account = session.account.name
            self.status.read_only = session.read_only
        for theme in THEMES:
            self.register_theme(theme)
        chosen = self.state.theme
        self.theme = chosen if chosen in self.available_themes else DARK.name

    @property
    def session(self) -> Session | None:
        """The session in use now; it is replaced when a newer snapshot appears."""
        return self.desk.session

    @property
    def editing(self) -> Editing:
        """What queues edits, and takes them back."""
        from tui.editing import Editing

        if self._editing is None:
            self._editing = Editing(self)
        return self._editing

    @property
    def syncing(self) -> Syncing:
        """What mirrors the account while one browses."""
        from tui.syncing import Syncing

        if self._syncing is None:
            self._syncing = Syncing(self)
        return self._syncing

    _editing: Editing | None = None
    _syncing: Syncing | None = None

    def on_mount(self) -> None:
        """Begin to look for what others do: newer snapshots, edits in the queue."""
        self.theme_changed_signal.subscribe(self, lambda theme: self._keep_theme(theme.name))
        if self.session is None:
            from tui.welcome import WelcomeScreen

            self.push_screen(WelcomeScreen(self.problem))
            return
        self._lookout.begin()
        self.set_interval(_SAVE_SECONDS, self.state.save)
        self.set_interval(_AGE_SECONDS, lambda: self.status_changed.publish(None))

    def on_unmount(self) -> None:
        """However it ends, nothing goes on behind it."""
        self.desk.close()

    # What screens ask

    def open_mode(self, name: str, then: Callable[[Any], object] | None = None) -> None:
        """Go to a mode, and go on with its screen.

        Args:
            name: one of `modes.TITLES`.
            then: is handed the mode's screen once it stands.
        """
        if name == self.current_mode and then is not None:
            then(self.screen_stack[0])  # now: the next key is meant for what it shows
            return
        self.is_opening = True
        self.run_worker(self._open_mode(name, then), group="mode")

    def open_card(self, ref: Ref) -> None:
        """Go to Browse with a card in focus."""
        self.open_mode("browse", lambda screen: screen.open(ref))

    def open_sql(self, text: str) -> None:
        """Go to SQL with a statement in the editor."""
        self.open_mode("sql", lambda screen: screen.carry(text))

    def start_sync(self, refs: Sequence[Ref] = ()) -> None:
        """Mirror the account, or some cards, while one goes on browsing."""
        self.syncing.start(refs)

    def stop_sync(self) -> None:
        """Stop the sync under way; the next one goes on where it was."""
        self.syncing.stop()

    def say(
        self, text: str, *, title: str = "", severity: str = "information", timeout: float = 6
    ) -> None:
        """Tell something in a toast, plainly; severity is «information», «warning» or «error».

        It takes the place of what was told before, unless that was graver: toasts lie over what
        one works on, so that only errors may pile up.
        """
        lines = "\n".join(plain(line, 500) for line in text.split("\n"))
        self.notify(
            lines,
            title=plain(title, 80),
            severity=severity,  # type: ignore[arg-type]
            timeout=timeout,
            markup=False,
        )

    def fail(self, error: LinkgraphError) -> None:
        """Tell what failed, and what to do next."""
        hint = f"\n→ {plain(error.hint, 400)}" if error.hint else ""
        self.say(f"{plain(error.message, 500)}{hint}", severity="error", timeout=10)

    def look_for_snapshot(self) -> None:
        """Go over to the newest snapshot, if there is a newer one than this session's."""
        self._lookout.look_for_snapshot()

    def on_notify(self, event: Notify) -> None:
        """Take away what the toast that comes now takes the place of."""
        weight = _WEIGHTS[event.notification.severity]
        for told in list(self._notifications):
            if told.severity != "error" and _WEIGHTS[told.severity] <= weight:
                self._unnotify(told, refresh=False)  # the new one is shown at once

    # Actions

    def action_mode(self, name: str) -> None:
        """Go to a mode."""
        self.open_mode(name)

    def action_search(self) -> None:
        """Search all cards, and open the one that is chosen."""
        from tui.search import SearchScreen

        def chosen(ref: Ref | None) -> None:
            if ref is not None:
                self.open_card(ref)

        self.push_screen(SearchScreen(), chosen)

    def action_take_back(self) -> None:
        """Take the last queueing back."""
        self.editing.take_back()

    def action_queue_again(self) -> None:
        """Queue again what was taken back last."""
        self.editing.queue_again()

    def action_sync(self) -> None:
        """Mirror the account now."""
        self.start_sync()

    def action_help(self) -> None:
        """Show every key that works here."""
        from tui.help import HelpScreen

        self.push_screen(HelpScreen(self.screen))

    async def action_quit(self) -> None:
        """Leave; asks first where something is under way that would be broken off."""
        if not self.under_way:
            self._leave()
            return
        from tui.confirming import QuitScreen

        def answered(yes: bool | None) -> None:
            if yes:
                for each in list(self.under_way.values()):
                    each.stop()
                self.set_interval(0.1, self._leave_when_idle)

        words = [each.words for each in self.under_way.values()]
        self.push_screen(QuitScreen(words), answered)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the palette offers: the modes, what the screen can do now, and the usual."""
        for name, title, _ in TITLES:
            yield SystemCommand(
                f"mode: {title}", f"Go to {title}", lambda name=name: self.open_mode(name)
            )
        if isinstance(screen, ModeScreen):
            for title, told, act in screen.palette():
                yield SystemCommand(_unmarked(title), _unmarked(told), act)
        yield SystemCommand("cards: Search", "Find a card by name, phone, id…", self.action_search)
        yield SystemCommand("mirror: Sync now", "Mirror the whole account", self.action_sync)
        yield SystemCommand("view: Change theme", "Choose colours", self.action_change_theme)
        yield SystemCommand("help: Keys", "Show every key that works here", self.action_help)
        yield SystemCommand("app: Quit", "Leave the browser", self.action_quit)

    # Within

    def on_ready(self) -> None:
        """The first screen stands."""
        self._spare_collector()

    def _spare_collector(self) -> None:
        """Leave what there is by now to the end: modules, styles, screens that stand.

        To look through it for garbage takes 50 ms, and falls on a step in every ten.
        """
        if self._owns_process:
            gc.disable()
            self.set_timer(_SETTLED_SECONDS, _freeze)

    async def _open_mode(self, name: str, then: Callable[[Any], object] | None) -> None:
        is_new = name not in self._opened_modes
        try:
            await self.switch_mode(name)
        finally:
            self.is_opening = False
        if is_new:
            self._opened_modes.add(name)
            self._spare_collector()
        self.state.mode = name
        screen = self.screen_stack[0]
        if then is not None:
            screen.call_later(then, screen)

    def _keep_theme(self, name: str) -> None:
        self.state.theme = name

    def _leave_when_idle(self) -> None:
        if not self.under_way:
            self._leave()

    def _leave(self) -> None:
        self.state.save()
        self.desk.close()
        self.exit()


def _freeze() -> None:
    gc.freeze()
    gc.enable()


def _unmarked(text: str) -> str:
    """A text as the palette shows it plainly: it takes it for markup, and a mistake in it is fatal.

    Questions of a person's own bring titles along that may be anything.
    """
    return plain(text, 300).replace("[", "\\[")
