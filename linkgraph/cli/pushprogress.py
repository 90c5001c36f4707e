"""How a push is watched: live lines in a terminal, elsewhere a plain line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from linkgraph.cli.output import narrate
from linkgraph.cli.progress import LINE_EVERY
from linkgraph.wording import pushwords
from linkgraph.wording.numbers import clock

if TYPE_CHECKING:
    from linkgraph.edits.plan import Forecast
    from linkgraph.edits.pushing import PushProgress

Watch: TypeAlias = "Callable[[PushProgress], None]"

_FRAMES_A_SECOND = 8
_BAR = 24


@contextmanager
def shown(expected: Forecast | None = None, *, live: bool | None = None) -> Iterator[Watch]:
    """A watcher for a push that shows on stderr what it is told.

    Args:
        expected: the requests that it will take if nothing goes wrong, to tell what is left.
        live: whether to draw lines over and over; None where stderr is a terminal.
    """
    wanted = sys.stderr.isatty() if live is None else live
    if not wanted:
        yield _Lines(expected).watch
        return
    view = _View(expected)
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    with Live(
        get_renderable=view.render,
        console=console,
        refresh_per_second=_FRAMES_A_SECOND,
        transient=True,
    ):
        yield view.watch


class _View:
    """The live lines. Drawn by rich's own thread, from the last progress it was told."""

    def __init__(self, expected: Forecast | None) -> None:
        self._began = time.monotonic()
        self._expected = expected
        self._progress: PushProgress | None = None

    def watch(self, progress: PushProgress) -> None:
        self._progress = progress

    def render(self) -> Table:
        grid = Table.grid()
        progress = self._progress
        if progress is None:
            grid.add_row("connecting …")
            return grid
        grid.add_row(Text(pushwords.doing(progress), style="bold"))
        passed = f"{clock(time.monotonic() - self._began)} passed"
        told = f"{passed}{_rest(progress, self._expected)}; Ctrl-C stops between requests"
        grid.add_row(Text(told, style="dim"))
        full = _BAR * progress.sent // max(progress.changes, 1)
        bar = Text("━" * full, style="green").append("─" * (_BAR - full), style="dim")
        grid.add_row(bar.append(f"  {progress.sent:,} of {progress.changes:,} links sent"))
        return grid


class _Lines:
    """A plain line when a phase begins, and now and then."""

    def __init__(self, expected: Forecast | None) -> None:
        self._began = time.monotonic()
        self._expected = expected
        self._next = 0.0
        self._phase = ""

    def watch(self, progress: PushProgress) -> None:
        passed = time.monotonic() - self._began
        if progress.phase == self._phase and passed < self._next:
            return
        self._phase, self._next = progress.phase, passed + LINE_EVERY
        sent = f"{progress.sent:,} of {progress.changes:,} links sent"
        narrate(
            f"[{clock(passed)}] {pushwords.doing(progress)}, {sent}"
            f"{_rest(progress, self._expected)}"
        )


def _rest(progress: PushProgress, expected: Forecast | None) -> str:
    told = (pushwords.held(progress), pushwords.left_of(progress, expected))
    return "".join(f", {each}" for each in told if each)
