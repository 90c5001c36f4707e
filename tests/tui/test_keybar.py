"""The line of keys: it tells those that do something here, and a click presses one."""

from pathlib import Path

from tests.tui.driving import browsing, settled
from tui.keybar import KeyBar
from tui.search import SearchScreen


async def test_a_click_presses_the_key(home: Path) -> None:
    """What is clicked is done; what makes no sense now is dim, and a click on it does nothing."""
    async with browsing(home) as pilot:
        bar = pilot.app.screen.query_one(KeyBar)
        assert " ← Back " in bar.text
        dim = {
            segment.text.strip()
            for segment in bar.render_line(0)
            if segment.style is not None and segment.style.dim
        }
        assert "Back" in dim
        assert "Search" not in dim
        await pilot.click(KeyBar, offset=(bar.text.index("Back"), 0))
        assert pilot.app.screen.query(KeyBar).first() is bar
        await pilot.click(KeyBar, offset=(bar.text.index("Search"), 0))
        await settled(pilot)
        assert isinstance(pilot.app.screen, SearchScreen)


async def test_the_key_under_the_mouse_says_more(home: Path) -> None:
    """A tooltip tells what a key does in more words, and goes with the mouse."""
    async with browsing(home) as pilot:
        bar = pilot.app.screen.query_one(KeyBar)
        await pilot.hover(KeyBar, offset=(bar.text.index("Search"), 0))
        assert bar.tooltip == "Search all cards"
        await pilot.hover("StatusBar")
        assert bar.tooltip is None


async def test_the_line_follows_what_makes_sense(home: Path) -> None:
    """One step in, and there is a way back."""
    async with browsing(home) as pilot:
        bar = pilot.app.screen.query_one(KeyBar)
        await pilot.press("right")
        await settled(pilot)
        dim = [
            segment.text.strip()
            for segment in bar.render_line(0)
            if segment.style is not None and segment.style.dim
        ]
        assert "Back" not in dim
