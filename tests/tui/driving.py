"""Browsers driven as a person drives them: keys go in, the screen's text comes out."""

import asyncio
import sys
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.worker import WorkerState

from linkgraph.errors import NothingMirrored
from linkgraph.session import Session
from tests.tui.homes import session_of
from tui.app import LinkgraphApp
from tui.calls import GROUP

#: How long after its snapshot a browser's clock stands still: ages read the same each time, and by
#: half an hour they are not on the edge to the next.
LATER = timedelta(hours=2, minutes=30)


def app_of(session: Session, mode: str = "browse") -> LinkgraphApp:
    """A browser of an account, its clock two hours after the snapshot was taken."""
    try:
        now = session.taken_at + LATER
    except NothingMirrored:
        now = datetime(2026, 1, 1, tzinfo=UTC)
    app = LinkgraphApp(session, now=lambda: now)
    if mode != "browse":
        app.DEFAULT_MODE = mode  # type: ignore[misc]
        app._current_mode, app._screen_stacks = mode, {mode: []}
    return app


@asynccontextmanager
async def browsing(
    home: Path,
    *,
    mode: str = "browse",
    size: tuple[int, int] = (120, 40),
    read_only: bool = False,
    **more: Any,
) -> AsyncIterator[Pilot[None]]:
    """A browser of a home's account in a terminal of `size`, when it has come to rest."""
    app = app_of(session_of(home, read_only=read_only), mode)
    async with app.run_test(size=size, notifications=True, **more) as pilot:
        await settled(pilot)
        yield pilot
        await settled(pilot)


async def settled(pilot: Pilot[Any], seconds: float = 60) -> None:
    """Wait until no call is under way and everything is painted."""
    deadline = asyncio.get_running_loop().time() + seconds
    quiet = 0
    while quiet < 3:  # an answer may ask for more
        await pilot.pause()
        busy = [
            worker
            for worker in pilot.app.workers
            if worker.group.startswith((GROUP, "mode"))
            and worker.state in (WorkerState.PENDING, WorkerState.RUNNING)
        ]
        quiet = 0 if busy else quiet + 1
        if busy:
            late = asyncio.get_running_loop().time() >= deadline
            assert not late, f"still busy: {busy}\n{_stacks()}"
            await asyncio.sleep(0.01)


def _stacks() -> str:
    """Where every thread of this process is."""
    return "\n".join(
        "".join(traceback.format_stack(frame)) for frame in sys._current_frames().values()
    )


async def until(pilot: Pilot[Any], true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is so; fails when it never is."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not true():
        assert asyncio.get_running_loop().time() < deadline, (
            f"it never came; on the screen:\n{screen_text(pilot.app)}"
        )
        await pilot.pause(0.02)


def screen_text(app: Any) -> str:
    """What stands on the screen, a line a row, without colours."""
    return "\n".join(
        "".join(segment.text for segment in strip).rstrip()
        for strip in app.screen._compositor.render_strips()
    )


async def type_text(pilot: Pilot[Any], text: str) -> None:
    """Type a text, a key a letter."""
    names = {" ": "space", "@": "at", "+": "plus", "-": "minus", ".": "full_stop", "/": "slash"}
    names |= {":": "colon", "_": "underscore"}
    await pilot.press(*(names.get(letter, letter) for letter in text))
