"""The mode «changes»: the syncs of the account, and what each did to its links."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.getters import query_one

from linkgraph.errors import LinkgraphError
from linkgraph.plaintext import plain
from linkgraph.wording import syncwords
from queries.timeline import Ending, SyncEntry
from tui import timeline
from tui.lacking import otherwise
from tui.linkchanges import LinkChanges
from tui.modes import ModeScreen
from tui.rowlist import RowList
from tui.timeline import LIVE, Line

if TYPE_CHECKING:
    from linkgraph.mirror.forecast import Forecast
    from linkgraph.mirror.merge import Change
    from linkgraph.session import Session
    from queries.running import Stop

#: Cells of a line of text to read.
_PARAGRAPH = 72
_ELSEWHERE = "another process syncs"
_WHILE_SYNCING = (
    "Go on browsing: the new snapshot appears when it is ready, and where you stand is kept.\n\n"
    "x stops it. What it has read is kept, and the next sync goes on from there."
)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """The timeline as it was read."""

    entries: Sequence[SyncEntry]
    is_syncing: bool
    """Whether somebody syncs now."""
    forecast: Forecast | None
    """What the first sync will cost, where there was none yet."""


class ChangesScreen(ModeScreen):
    """Syncs above, the links that one changed below."""

    MODE = "changes"
    CSS_PATH = "changes.tcss"
    HELP = """
# Changes

Each line is a sync: when it was, how long it took, what it read, and how many links it added,
removed and changed. Beside or below are the links of the sync under the cursor, compared with the
snapshot before it, or with the one that `c` chooses. What a failed read does not prove is no
change.

`enter` goes to the links; there it opens the first card of a link in Browse, `o` the second. `F`
queues the edits that bring back what was; nothing is sent before you push it.

● kept · ○ removed since, for newer ones · ✗ failed · ◌ stopped or broken off
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("S", "app.sync", "Sync now", id="changes.sync", tooltip="Mirror the account now"),
        Binding(
            "x",
            "stop",
            "Stop the sync",
            id="changes.stop",
            tooltip="Stop the sync under way; the next one goes on from there",
        ),
        Binding(
            "c",
            "compare",
            "Compare with",
            id="changes.compare",
            tooltip="Choose the earlier snapshot to compare with",
        ),
        otherwise("x", "stop"),
        otherwise("c", "compare"),
    ]
    LACKS: ClassVar[dict[str, str]] = {
        "stop": "no sync of this browser is under way\n→ S begins one",
        "compare": "there is no other earlier snapshot to compare this one with\n"
        "→ go to a newer sync whose snapshot is kept",
    }

    syncs = query_one("#timeline", RowList)
    detail = query_one("#detail", LinkChanges)

    def __init__(self) -> None:
        super().__init__()
        self._loaded: _Loaded | None = None
        self._counts: dict[tuple[int, int], Sequence[Change] | None] = {}
        self._since: dict[int, int] = {}
        self._shown: tuple[object, ...] = ()
        self._live = ""

    def compose_body(self) -> ComposeResult:
        """Syncs, and the links that the one under the cursor changed."""
        with Container(id="changes"):
            yield RowList(timeline.draw, id="timeline")
            yield LinkChanges(id="detail")

    def on_mount(self) -> None:
        """Read the timeline, now and whenever a sync has come or gone."""
        self.syncs.BINDING_GROUP_TITLE = "Syncs"
        self.syncs.focus()
        self.app.snapshot_changed.subscribe(self, lambda _: self._load())
        self.app.status_changed.subscribe(self, lambda _: self._follow_sync())
        self._live = self.app.syncing.line
        self._load()

    def on_screen_resume(self) -> None:
        """See what happened meanwhile: other processes sync too."""
        if self._loaded is not None:
            self._load()

    # The timeline

    def _load(self) -> None:
        def read(session: Session, stop: Stop) -> _Loaded:
            entries = session.timeline()
            mirrored = any(entry.number is not None for entry in entries)
            forecast = None if mirrored else session.forecast()
            return _Loaded(entries, session.is_syncing(), forecast)

        self.ask("timeline", read, self._take, self._cannot)

    def _take(self, loaded: _Loaded) -> None:
        self._loaded = loaded
        self._show_lines()
        self._show_entry()
        self._count()

    @property
    def _top(self) -> Hashable | None:
        """The key of the newest sync in the list that has ended."""
        keys = (row.key for row in self.syncs.rows)
        return next((key for key in keys if key not in (None, LIVE)), None)

    def _cannot(self, error: LinkgraphError) -> None:
        hint = f"\n  → {plain(error.hint, 300)}" if error.hint else ""
        self.set_class(True, "-alone")
        self.syncs.show([], empty=Text(f"\n  {plain(error.message, 300)}{hint}"))

    def _lines(self, loaded: _Loaded) -> list[Line]:
        now, live = self.app.now(), self._live
        entries = list(loaded.entries)
        is_open = bool(entries) and entries[0].ending is Ending.OPEN
        if not live and is_open and loaded.is_syncing:
            live = _ELSEWHERE
        if live and is_open:
            entries.pop(0)
        lines = [Line(None, now, running=live)] if live else []
        for entry in entries:
            counts = self._counts.get((entry.before or 0, entry.number or 0))
            lines.append(Line(entry, now, counts))
        return lines

    def _show_lines(self) -> None:
        if self._loaded is None:
            return
        lines = self._lines(self._loaded)
        self.set_class(not lines, "-alone")
        top, current = self._top, self.syncs.current
        self.syncs.show(timeline.rows_of(lines), empty=self._nothing_yet(self._loaded))
        if self._top is not None and (current is None or current.key == top):
            self.syncs.go_to(self._top)  # who looked at the newest looks at the newest

    def _nothing_yet(self, loaded: _Loaded) -> Text:
        text = Text("\n  Nothing is mirrored yet.\n\n", no_wrap=True)
        text.append("  S mirrors the account: all its cards and links, into this machine.\n")
        text.append("  A sync that is stopped goes on later from where it was.\n\n")
        for line in syncwords.cost(loaded.forecast) if loaded.forecast else ():
            for part in wrap(line.strip(), _PARAGRAPH):
                text.append(f"  {part}\n", "dim")
        return text

    def _follow_sync(self) -> None:
        """Show how far a sync is, and read the timeline anew when one has begun or ended."""
        line = self.app.syncing.line
        if line == self._live:
            return
        turned = bool(line) is not bool(self._live)
        self._live = line
        if line:
            self._show_lines()
        if turned:
            self.refresh_bindings()
            self._load()

    def _count(self) -> None:
        """Count what the syncs changed, one after the other, the newest first."""
        entries = self._loaded.entries if self._loaded else ()
        pairs = [
            (entry.before, entry.number)
            for entry in entries
            if entry.before is not None and entry.number is not None
        ]
        missing = [pair for pair in pairs if pair not in self._counts]
        if not missing:
            return
        since, until = missing[0]

        def count(session: Session, stop: Stop) -> Sequence[Change]:
            return session.change_counts(since, until, stop=stop)

        def counted(changes: Sequence[Change] | None) -> None:
            self._counts[since, until] = changes
            self._show_lines()
            self._count()

        self.ask("count", count, counted, lambda error: counted(None))

    # What one sync changed

    @property
    def entry(self) -> SyncEntry | None:
        """The sync under the cursor; None for one that is under way."""
        row = self.syncs.current
        return None if row is None else row.value.entry

    @property
    def since(self) -> int | None:
        """What the sync under the cursor is compared with."""
        entry = self.entry
        if entry is None or entry.number is None or entry.before is None:
            return None
        chosen = self._since.get(entry.number)
        kept = {one.number for one in self._earlier()}
        return chosen if chosen in kept else entry.before

    @on(RowList.Highlighted, "#timeline")
    def _moved(self) -> None:
        self._show_entry()

    def _show_entry(self) -> None:
        """Show the sync under the cursor, unless it is shown already."""
        entry, since = self.entry, self.since
        wanted = (entry and entry.key, since, entry and entry.is_kept)
        if wanted == self._shown or self._loaded is None:
            return
        self._shown = wanted
        self.refresh_bindings()
        if entry is None:
            self.detail.explain(Text("A sync is under way", "bold"), _WHILE_SYNCING)
            return
        head = timeline.headline(entry, since, self.app.now())
        if since is not None and entry.number is not None:
            self.detail.compare(head, since, entry.number)
        elif self.app.session is not None:
            keep = self.app.session.account.settings.keep
            self.detail.explain(head, timeline.reason(entry, keep))

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what makes sense here."""
        if action == "stop":
            return self.app.syncing.is_running
        if action == "compare":
            return len(self._earlier()) > 1
        return True

    @on(RowList.Chosen, "#timeline")
    def _enter_links(self) -> None:
        if self.detail.compared is not None and self.detail.links.rows:
            self.detail.links.focus()

    @on(LinkChanges.Left)
    def _leave_links(self) -> None:
        self.syncs.focus()

    def action_stop(self) -> None:
        """Stop the sync under way."""
        self.app.stop_sync()

    def action_compare(self) -> None:
        """Choose the earlier snapshot."""
        from tui.comparing import ComparingScreen

        entry = self.entry
        if entry is None or entry.number is None:
            return
        number = entry.number

        def chosen(since: int | None) -> None:
            if since is not None:
                self._since[number] = since
                self._show_entry()

        screen = ComparingScreen(number, self._earlier(), self.since, self.app.now())
        self.app.push_screen(screen, chosen)

    def _earlier(self) -> list[SyncEntry]:
        """The kept snapshots before the one under the cursor."""
        entry = self.entry
        if entry is None or entry.number is None or not entry.is_kept or self._loaded is None:
            return []
        return [
            one
            for one in self._loaded.entries
            if one.is_kept and one.number is not None and one.number < entry.number
        ]

    def palette(self) -> Iterable[tuple[str, str, Callable[[], object]]]:
        """What can be done with the sync and the links under the cursor."""
        if self.app.syncing.is_running:
            yield "mirror: Stop the sync", "The next one goes on from there", self.action_stop
        if len(self._earlier()) > 1:
            yield (
                "changes: Compare with another snapshot",
                "Choose the earlier snapshot",
                self.action_compare,
            )
        yield from self.detail.palette()
