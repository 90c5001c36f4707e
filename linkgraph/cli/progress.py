"""How a sync is watched: a few live lines in a terminal, elsewhere a plain line now and then."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from linkgraph.cli.output import narrate
from linkgraph.model import CARD_TYPES, EntityType
from linkgraph.wording import syncwords
from linkgraph.wording.numbers import clock

if TYPE_CHECKING:
    from linkgraph.mirror.progress import Progress, Watcher

#: Seconds between two plain lines.
LINE_EVERY = 10.0
#: Seconds after which it is worth saying that something takes long.
LATE = 1.0
_FRAMES_A_SECOND = 8


@contextmanager
def shown(*, live: bool | None = None) -> Iterator[Watcher]:
    """A watcher for `Session.sync` that shows what it is told, on stderr."""
    wanted = sys.stderr.isatty() if live is None else live
    if not wanted:
        lines = _Lines()
        yield lines.watch
        return
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    view = _View()
    with Live(
        get_renderable=view.render,
        console=console,
        refresh_per_second=_FRAMES_A_SECOND,
        transient=True,
    ):
        yield view.watch


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Say on a terminal what is being waited for, and how long, once it takes a while."""
    if not sys.stderr.isatty():
        yield
        return
    began = time.monotonic()
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)

    def line() -> Text:
        passed = clock(time.monotonic() - began)
        return Text(f"{what} … {passed} passed; Ctrl-C stops it", style="dim")

    live = Live(get_renderable=line, console=console, refresh_per_second=4, transient=True)
    late = threading.Timer(LATE, live.start)
    late.daemon = True
    late.start()
    try:
        yield
    finally:
        late.cancel()
        late.join()
        live.stop()


class _View:
    """The live lines. Drawn by rich's own thread, from the last progress it was told."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._progress: Progress | None = None

    def watch(self, progress: Progress) -> None:
        self._progress = progress

    def render(self) -> Table:
        grid = Table.grid(padding=(0, 2))
        progress = self._progress
        if progress is None:
            grid.add_row("connecting …")
            return grid
        elapsed = time.monotonic() - self._began
        head = f"{syncwords.doing(progress)} · {progress.requests:,} requests"
        if progress.phase in ("cards and links", "completing"):
            head += f" · {progress.rate:.1f}/s"
        grid.add_row(Text(head, style="bold"))
        grid.add_row(Text(f"{clock(elapsed)} passed{_time(progress)}", style="dim"))
        table = Table.grid(padding=(0, 2))
        for kind in (*CARD_TYPES, EntityType.ELEMENT):
            listed = progress.cards_listed.get(kind, 0)
            if not listed and kind not in progress.walked:
                continue
            table.add_row(
                kind.api_name.replace("_", " "),
                Text(f"{listed:,}{'' if kind in progress.walked else ' …'}", justify="right"),
                "" if kind is EntityType.ELEMENT else _bar(progress, kind),
                ""
                if kind is EntityType.ELEMENT
                else f"links of {progress.cards_read.get(kind, 0):,} read",
            )
        grid.add_row(table)
        return grid


class _Lines:
    """A plain line when a phase begins, and now and then."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._next = 0.0
        self._phase = ""

    def watch(self, progress: Progress) -> None:
        elapsed = time.monotonic() - self._began
        if progress.phase == self._phase and elapsed < self._next:
            return
        self._phase, self._next = progress.phase, elapsed + LINE_EVERY
        listed = sum(progress.cards_listed.values())
        read = sum(progress.cards_read.values())
        narrate(
            f"[{clock(elapsed)}] {syncwords.doing(progress)}: {listed:,} cards listed, "
            f"links of {read:,} read, {progress.requests:,} requests{_time(progress)}"
        )


def _time(progress: Progress) -> str:
    """How long it waits, and how long it takes yet, after a comma each; as far as known."""
    parts = (syncwords.held(progress), syncwords.left(progress))
    return "".join(f", {part}" for part in parts if part)


def _bar(progress: Progress, kind: EntityType, width: int = 24) -> Text:
    expected = progress.expected(kind)
    if not expected:
        return Text("")
    done = min(1.0, progress.cards_read.get(kind, 0) / expected)
    full = int(done * width)
    return Text("━" * full, style="green").append("─" * (width - full), style="dim")
