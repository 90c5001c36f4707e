"""Browse as it looks, at every size that is promised."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from linkgraph.model import Ref
from tests.tui.driving import app_of, settled
from tests.tui.homes import copied, session_of
from tests.tui.queueing import queue

Snap = Callable[..., bool]


def story(card: str, *keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Open a card, if one is named, and press keys."""

    async def run(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        if card:
            pilot.app.screen.open(Ref.parse(card))  # type: ignore[attr-defined]
            await settled(pilot)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)

    return run


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}")
def test_what_is_queued_as_it_looks(
    own_home: Path, snap_compare: Snap, size: tuple[int, int]
) -> None:
    """A lead with links to come, to go and to change, one of them marked, on a trail of two."""
    queue(
        own_home,
        "link lead:101 contact:203",
        "unlink lead:101 contact:202",
        "link lead:101 element:7/701 quantity=5",
    )
    run = story("company:301", "right", "space")

    assert snap_compare(app_of(session_of(own_home)), terminal_size=size, run_before=run)


def test_a_hub_as_it_looks(hub_home: Path, tmp_path: Path, snap_compare: Snap) -> None:
    """In the middle of thousands of links their heading stays above."""
    app = app_of(session_of(copied(hub_home, tmp_path / "home")))

    assert snap_compare(
        app, terminal_size=(120, 40), run_before=story("company:399", "pagedown", "pagedown")
    )


def test_the_start_as_it_looks(own_home: Path, snap_compare: Snap) -> None:
    """A first start shows what there is, and what one may begin with."""
    app = app_of(session_of(own_home))

    assert snap_compare(app, terminal_size=(80, 24), run_before=story(""))


def test_a_path_as_it_looks(own_home: Path, snap_compare: Snap) -> None:
    """The shortest path from the pinned card, over the card in focus."""
    app = app_of(session_of(own_home))

    async def run(pilot: Pilot[Any]) -> None:
        await story("lead:103")(pilot)
        pilot.app.screen.walking = pilot.app.screen.walking.pinned(Ref.parse("lead:103"))  # type: ignore[attr-defined]
        await story("company:301", "P")(pilot)

    assert snap_compare(app, terminal_size=(80, 24), run_before=run)
