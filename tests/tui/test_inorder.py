"""Keys that come faster than the screen: each meets what the one before it has brought about."""

from pathlib import Path

from textual import events
from textual.widgets import Input

from tests.tui.driving import browsing, settled, until
from tests.tui.homes import ACCOUNT
from tests.tui.test_editing import waiting
from tui.app import LinkgraphApp
from tui.browse import BrowseScreen
from tui.state import FILE
from tui.walking import Trail


def burst(app: LinkgraphApp, *parts: str) -> None:
    """Keys, and pastes of what is longer than the name of a key, all at once."""
    for part in parts:
        if ":" in part:
            app.post_message(events.Paste(part))
        else:
            app.post_message(events.Key(part, part if len(part) == 1 else None))


async def test_an_edit_is_typed_in_one_go(own_home: Path) -> None:
    """From the search to the queue, with a question in between, without a look at the screen."""
    async with browsing(own_home) as pilot:
        app: LinkgraphApp = pilot.app  # type: ignore[assignment]
        address = "http://127.0.0.1/catalogs/7/detail/702"
        burst(app, "slash", "lead:104", "enter", "a", address, "enter", "4", "enter")
        burst(app, "slash", "lead:103", "enter", "a", "contact:204", "enter", "3")

        await until(pilot, lambda: app.current_mode == "sql")
        await until(pilot, lambda: len(waiting(own_home)) == 2)

    assert waiting(own_home) == [
        "link lead:104 element:7/702 quantity=4",
        "link lead:103 contact:204",
    ]


async def test_what_does_not_end_holds_up_nothing_for_long(own_home: Path) -> None:
    """A key that is never done with lets the others through after a while."""
    async with browsing(own_home) as pilot:
        app: LinkgraphApp = pilot.app  # type: ignore[assignment]
        app._is_on_its_way = True
        app._set_out = float("-inf")
        burst(app, "4")

        await until(pilot, lambda: app.current_mode == "edits")


async def test_keys_wait_for_the_card_that_is_stepped_into(own_home: Path) -> None:
    """Three steps typed ahead, through cards not read before, end where slow ones do."""
    keys = ("right", "down", "right", "down", "right")
    trails: list[Trail] = []
    for at_once in (True, False):
        async with browsing(own_home) as pilot:
            app: LinkgraphApp = pilot.app  # type: ignore[assignment]
            screen = app.screen
            assert isinstance(screen, BrowseScreen)
            if at_once:
                burst(app, *keys)
                await until(pilot, lambda screen=screen: len(screen.walking.trail) == 4)  # type: ignore[misc]
            else:
                for key in keys:
                    await pilot.press(key)
                    await settled(pilot)
            trails.append(screen.walking.trail)
        (own_home / ACCOUNT / FILE).unlink(missing_ok=True)  # it is begun anew
    assert [step.ref for step in trails[0]] == [step.ref for step in trails[1]]


async def test_a_mode_and_its_filter_are_typed_ahead(own_home: Path) -> None:
    """A digit, the letter that goes to the filter and what is looked for, all in one go."""
    async with browsing(own_home) as pilot:
        app: LinkgraphApp = pilot.app  # type: ignore[assignment]
        burst(app, "2", "f", *"hubs")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await settled(pilot)
        assert isinstance(app.focused, Input)
        assert app.focused.value == "hubs"
