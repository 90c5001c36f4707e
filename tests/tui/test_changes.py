"""Changes: the syncs as a timeline, the links that each changed, and the way back."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.changing import make_changed_home
from tests.tui.driving import browsing, screen_text, settled, until
from tui.changes import ChangesScreen


@pytest.fixture(name="changed_home", scope="session")
def _changed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with four syncs of a world that changed. Not to be changed."""
    return make_changed_home(tmp_path_factory.mktemp("changed") / "home")


def _screen(pilot: Pilot[Any]) -> ChangesScreen:
    screen = pilot.app.screen
    assert isinstance(screen, ChangesScreen)
    return screen


async def _pressed(pilot: Pilot[Any], *keys: str) -> str:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)
    return screen_text(pilot.app)


async def test_the_timeline_tells_what_every_sync_did(changed_home: Path) -> None:
    """Number, age, duration, kind and counts; a failure with its error, newest first."""
    async with browsing(changed_home, mode="changes") as pilot:
        lines = screen_text(pilot.app).split("\n")
        told = [line.split() for line in lines[2:8]]

    assert [words[-1] for words in told[:2]] == ["stopped", "−1"]
    assert "the CRM does not accept the token (401)" in lines[4]
    assert told[3][-3:] == ["+2", "−3", "~2"]
    assert lines[6].endswith("the oldest that is kept")
    assert lines[7].endswith("not kept")
    assert [words[1] for words in (told[1], told[3], told[4], told[5])] == ["4", "3", "2", "1"]


async def test_what_a_sync_changed_is_listed(changed_home: Path) -> None:
    """Sign, both cards by name, what the link carries or what differs; narrowed by two keys."""
    async with browsing(changed_home, mode="changes") as pilot:
        text = await _pressed(pilot, "down", "down", "down")
        assert "Snapshot 3 against 2" in text
        assert "all changes 7   + added 2   − removed 3   ~ changed 2" in text
        assert "~ lead–element      ◆ Roof for the office" in text
        assert "× 3 → × 7" in text
        assert "deleted card" in text

        text = await _pressed(pilot, "enter", "t")
        assert "all links 2" in text
        assert "■ Steel & Sons" in text
        assert "× 3 → × 7" not in text

        text = await _pressed(pilot, "escape", "f", "f", "f", "f")
        assert "× 3 → × 7" in text
        assert "all changes 2   + added 0   − removed 1   ~ changed 1" in text


async def test_a_link_opens_in_browse(changed_home: Path) -> None:
    """Enter opens the owner, `o` the card at the other end."""
    async with browsing(changed_home, mode="changes") as pilot:
        opened: list[str] = []
        pilot.app.open_card = lambda ref: opened.append(str(ref))  # type: ignore[attr-defined]
        await _pressed(pilot, "down", "enter", "enter", "o")

    assert opened == ["lead:102", "company:302"]


async def test_another_snapshot_to_compare_with(changed_home: Path) -> None:
    """`c` offers the kept ones before this; the comparison is then with the chosen one."""
    async with browsing(changed_home, mode="changes") as pilot:
        text = await _pressed(pilot, "down", "c")
        assert "Compare snapshot 4 with" in text
        text = await _pressed(pilot, "down", "enter")

        assert "Snapshot 4 against 2" in text
        assert "all changes 8" in text


async def test_what_cannot_be_compared_says_why(changed_home: Path) -> None:
    """Removed snapshots, the oldest and failed syncs tell the reason and the remedy."""
    async with browsing(changed_home, mode="changes", size=(80, 24)) as pilot:
        assert "S syncs again" in await _pressed(pilot, "down", "down")
        assert "the oldest snapshot that is kept" in await _pressed(pilot, "down", "down")
        assert "`keep`" in await _pressed(pilot, "down")


async def test_the_first_snapshot_teaches(home: Path) -> None:
    """There is nothing to compare yet: it is said what later syncs will tell."""
    async with browsing(home, mode="changes") as pilot:
        assert "Every later sync tells here" in screen_text(pilot.app)


async def test_where_one_stood_is_kept(changed_home: Path) -> None:
    """A timeline that is read anew leaves the cursor on its sync, and on its link."""
    async with browsing(changed_home, mode="changes") as pilot:
        await _pressed(pilot, "down", "down", "down", "enter", "down")
        screen = _screen(pilot)
        before = screen.detail.links.current
        screen.app.snapshot_changed.publish(screen.app.session)  # type: ignore[arg-type]
        await settled(pilot)

        assert screen.entry is not None
        assert screen.entry.number == 3
        assert screen.detail.links.current is before
        await until(pilot, lambda: screen.detail.links.has_focus)
