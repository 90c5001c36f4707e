"""The page of a question while one runs through the list."""

import asyncio
from pathlib import Path

from textual.widgets import Static

from linkgraph.plaintext import plain
from tests.tui.driving import browsing, screen_text, settled
from tui.questionpage import QuestionPage


class Lingering(Static):
    """A part that goes only when it is let go."""

    def __init__(self) -> None:
        super().__init__("lingers")
        self.asked = asyncio.Event()
        self.let_go = asyncio.Event()

    async def on_unmount(self) -> None:
        """Wait."""
        self.asked.set()
        await self.let_go.wait()


async def test_a_page_may_be_overtaken_while_it_is_made(home: Path) -> None:
    """Who runs on through the list while a page goes sees the last one; the browser lives on."""
    async with browsing(home, mode="questions") as pilot:
        page = pilot.app.screen.query_one(QuestionPage)
        lingering = Lingering()
        await page.mount(lingering)
        first = page.question
        assert first is not None
        # The app waits for the part that lingers, as for all that goes: no key comes through.
        pilot.app.simulate_key("down")
        await asyncio.wait_for(lingering.asked.wait(), 60)
        page.show(first, {})
        await asyncio.sleep(0.2)  # the page before is overtaken within this, if it can be
        lingering.let_go.set()
        await settled(pilot)

        assert pilot.app.is_running
        assert plain(first.title) in screen_text(pilot.app)
        assert len(page.query(".title")) == 1
