"""The pictures of the browser that the README shows, made by doing what they show.

`python -m tests.screens` makes them anew, on the account of `linkgraph demo --size 5k`.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

import linkgraph
from linkgraph.model import EntityType
from tests.readme import ROOT
from tests.running import running_account
from tests.tui.driving import app_of, settled, type_text
from tui.app import LinkgraphApp

DOCS = ROOT / "docs"
_SIZE = (120, 34)
_LEAD = "lead:1026042"

Story = Callable[[Pilot[None]], Awaitable[None]]


async def _press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def _browse(pilot: Pilot[None]) -> None:
    """A lead among its links, three of them about to change."""
    await _press(pilot, "slash")
    await type_text(pilot, _LEAD)
    await settled(pilot)
    await _press(pilot, "enter")


async def _questions(pilot: Pilot[None]) -> None:
    """Which companies share contacts."""
    await _press(pilot, "2", "f")
    await type_text(pilot, "share")
    await _press(pilot, "enter")


async def _plan(pilot: Pilot[None]) -> None:
    """What a push of the queue would do."""
    await _press(pilot, "4", "p")


#: The picture, how its screen is come to, and whether the queue holds the edits that it shows.
STORIES: dict[str, Story] = {
    "browse.svg": _browse,
    "questions.svg": _questions,
    "browser-plan.svg": _plan,
}


def _queue(home: Path) -> None:
    """One edit of each kind at the lead, and a few that have more to tell."""
    with linkgraph.open(home=home) as session:
        edits = session.edits
        links = session.links(session.ref(_LEAD))
        own = [links[place] for place in range(len(links))]
        contacts = [link for link in own if link.ref.type is EntityType.CONTACT]
        elements = [link for link in own if link.ref.type is EntityType.ELEMENT]
        edits.unlink(_LEAD, contacts[-1].ref)
        edits.link(_LEAD, "contact:2028649")
        edits.link(_LEAD, elements[0].ref, quantity=6)
        edits.link("lead:1048452", "company:2505708")
        answer = session.ask("leads-without-main-contact")
        session.queue_fixes([answer])


async def _picture(home: Path, story: Story) -> str:
    app: LinkgraphApp = app_of(linkgraph.open(home=home))
    async with app.run_test(size=_SIZE) as pilot:
        await settled(pilot)
        await story(pilot)
        await settled(pilot)
        return app.export_screenshot(title="linkgraph")


def main() -> None:
    """Make every picture."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        with running_account(home):
            _queue(home)
            for name, story in STORIES.items():
                (DOCS / name).write_text(asyncio.run(_picture(home, story)), encoding="utf-8")


if __name__ == "__main__":
    main()
