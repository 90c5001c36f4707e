"""Screens that are left: once, and no other than the one that was answered."""

from pathlib import Path

from tests.tui.driving import browsing, settled
from tui.browse import BrowseScreen
from tui.confirming import ConfirmScreen


async def test_a_second_answer_is_none(home: Path) -> None:
    """Of two quick clicks on a button the second answers nothing and takes no screen away."""
    async with browsing(home) as pilot:
        answers: list[bool | None] = []
        asking = ConfirmScreen("Really?")
        await pilot.app.push_screen(asking, answers.append)
        asking.dismiss(True)
        asking.dismiss(True)
        await settled(pilot)

        assert answers == [True]
        assert isinstance(pilot.app.screen, BrowseScreen)


async def test_an_answer_that_comes_in_another_mode_waits(home: Path) -> None:
    """What ends while another mode is open takes none of its screens; it goes on the way back."""
    async with browsing(home) as pilot:
        answers: list[bool | None] = []
        asking = ConfirmScreen("Really?")
        await pilot.app.push_screen(asking, answers.append)
        await pilot.press("alt+s")
        await settled(pilot)
        asking.dismiss(True)
        await settled(pilot)
        assert pilot.app.current_mode == "sql"
        assert answers == []

        await pilot.press("alt+r")
        await settled(pilot)
        assert answers == [True]
        assert isinstance(pilot.app.screen, BrowseScreen)
