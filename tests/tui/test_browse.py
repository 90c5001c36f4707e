"""Browse: walking through the graph, and seeing in place what is queued."""

import shutil
import stat
import threading
from pathlib import Path
from typing import Any, cast

import pytest
from textual.pilot import Pilot

import linkgraph
from linkgraph.model import Ref
from linkgraph.plaintext import plain
from linkgraph.simulator import Simulator
from tests.tui.driving import browsing, screen_text, settled, type_text, until
from tests.tui.homes import copied, session_of
from tests.tui.queueing import queue, states
from tests.tui.worlds import HOSTILE
from tui.browse import BrowseScreen
from tui.lines import Lines

ROOF, ANNA, IVAN = Ref.parse("lead:101"), Ref.parse("contact:201"), Ref.parse("contact:202")
BRIDGE, DAISY, HUB = Ref.parse("contact:203"), Ref.parse("company:301"), Ref.parse("company:399")


def screen(pilot: Pilot[Any]) -> BrowseScreen:
    """The mode on the screen."""
    return cast(BrowseScreen, pilot.app.screen)


def preview(pilot: Pilot[Any]) -> str:
    """What is told of the card under the cursor."""
    return screen(pilot).query_one("#preview", Lines).text


async def go(pilot: Pilot[Any], ref: Ref) -> None:
    """Open a card."""
    screen(pilot).open(ref)
    await settled(pilot)


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, each when all is done that the one before began."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def test_three_steps_and_back(own_home: Path) -> None:
    """Every step shows the links that the index tells, and the way back ends where one stood."""
    async with browsing(own_home) as pilot:
        await go(pilot, ROOF)
        stood = []
        with session_of(own_home) as session:
            for _ in range(3):
                await press(pilot, "down")
                here, links = screen(pilot).here, screen(pilot).links
                assert here is not None
                shown = links.rows.refs(0, len(links.rows))
                assert {*shown} == {*session.index.neighbours(here).refs}
                stood.append((here, links.ref))
                await press(pilot, "right")
        for here, at in reversed(stood):
            await press(pilot, "left")
            assert (screen(pilot).here, screen(pilot).links.ref) == (here, at)


async def test_a_card_and_the_one_under_the_cursor(own_home: Path) -> None:
    """What a card is stands above its links; the one under the cursor is told of beside them."""
    async with browsing(own_home, size=(160, 40)) as pilot:
        await go(pilot, ROOF)
        text = screen_text(pilot.app)

        assert "New · 120,000 · Пётр Sales" in text
        assert "contacts 2 · companies 1 · elements 2" in text
        assert "× 3  price 901" in text
        assert "anna@example.com" in preview(pilot)
        assert "leads 2" in preview(pilot)
        assert "Won deal  won" in preview(pilot)


async def test_history_goes_wherever_one_was(own_home: Path) -> None:
    """Brackets lead back and forward through all cards, however one came to them."""
    async with browsing(own_home) as pilot:
        for ref in (ROOF, BRIDGE, DAISY):
            await go(pilot, ref)
        seen = []
        for key in ("[", "[", "]", "["):
            await press(pilot, {"[": "left_square_bracket", "]": "right_square_bracket"}[key])
            seen.append(screen(pilot).here)

        assert seen == [BRIDGE, ROOF, BRIDGE, ROOF]


async def test_a_hub(hub_home: Path, tmp_path: Path) -> None:
    """Thousands of links: any end of them at once, sorted and narrowed by names that are read."""
    async with browsing(copied(hub_home, tmp_path / "home")) as pilot:
        await go(pilot, HUB)
        links = screen(pilot).links
        await press(pilot, "G")
        assert "Contact 02999" in screen_text(pilot.app)
        await press(pilot, "right", "left")
        assert links.ref == Ref.parse("contact:12999")
        assert "Contact 02999" in screen_text(pilot.app).splitlines()[-3]

        await press(pilot, "o", "o")  # by name, newest first
        assert links.ref == Ref.parse("contact:12999")
        assert links.rows.find(links.ref) == 1

        await press(pilot, "f")
        await type_text(pilot, "t 0012")
        await press(pilot, "enter")
        assert len(links.rows.refs(0, len(links.rows))) == 10
        assert "contacts 10 of 3,000" in screen_text(pilot.app)
        await press(pilot, "escape")
        assert len(links.rows.refs(0, len(links.rows))) == 3_000


async def test_filter_by_relation(own_home: Path) -> None:
    """`f` offers the relations there are; escape takes the filter away."""
    async with browsing(own_home) as pilot:
        await go(pilot, ROOF)
        await press(pilot, "f", "down", "down", "enter")
        links = screen(pilot).links
        assert links.rows.refs(0, len(links.rows)) == [DAISY]
        assert "only companies" in screen_text(pilot.app)

        await press(pilot, "escape")
        assert len(links.rows.refs(0, len(links.rows))) == 5


async def test_what_is_queued_is_seen_in_place(own_home: Path) -> None:
    """Links to come, to go and to change have a sign each, on both cards, until dropped."""
    queue(
        own_home,
        "link lead:101 contact:203",
        "unlink lead:101 contact:202",
        "link lead:101 element:7/701 quantity=5",
    )
    async with browsing(own_home) as pilot:
        await go(pilot, ROOF)
        lines = [line[26:] for line in screen_text(pilot.app).splitlines()]

        assert "contacts 2 +1 −1" in lines[4]
        assert any("+  ● Bridge Person" in line for line in lines)
        assert any("−  ● Иван Сидоров" in line for line in lines)
        assert any("~  ○ Tile, red" in line and "× 3 → 5" in line for line in lines)
        await go(pilot, BRIDGE)
        assert "+  ◆ Roof for the office" in screen_text(pilot.app)

        with session_of(own_home) as session:
            for edit in session.edits.list():
                session.edits.drop([edit.id])
        pilot.app.queue_changed.publish(None)  # type: ignore[attr-defined]
        await settled(pilot)
        assert "Roof for the office" not in screen_text(pilot.app).partition("lately")[0]


async def test_marked_links_are_edited_together(own_home: Path) -> None:
    """Space marks, `x` queues for all marked, and what is queued is seen and taken back at once."""
    async with browsing(own_home) as pilot:
        await go(pilot, ROOF)
        await press(pilot, "space", "space", "x")
        await until(pilot, lambda: "contacts 2 −2" in screen_text(pilot.app))
        assert [str(edit) for edit in states(own_home)] == [
            "unlink lead:101 contact:201",
            "unlink lead:101 contact:202",
        ]

        await press(pilot, "u")
        await until(pilot, lambda: "contacts 2 −2" not in screen_text(pilot.app))


async def test_the_path_from_a_pinned_card(own_home: Path) -> None:
    """`p` pins, `P` shows the shortest path, Enter goes along it: the trail is the path."""
    async with browsing(own_home) as pilot:
        await go(pilot, Ref.parse("lead:103"))
        await press(pilot, "p")
        await go(pilot, DAISY)
        await press(pilot, "P")
        assert "2 hops, the only shortest path" in screen_text(pilot.app)

        await press(pilot, "enter")
        assert screen(pilot).walking.way == [Ref.parse("lead:103"), ANNA, DAISY]

        await go(pilot, Ref.parse("lead:104"))
        await press(pilot, "P")
        assert "no path: they are in different components" in screen_text(pilot.app)


async def test_hostile_names_do_no_harm(own_home: Path) -> None:
    """Markup, escape codes, line breaks and a long name are shown plainly wherever they stand."""
    async with browsing(own_home, size=(130, 30)) as pilot:
        await go(pilot, Ref.parse("company:303"))
        text = screen_text(pilot.app)
        for name in HOSTILE:
            assert plain(name)[:20].strip() in text
        for number in range(len(HOSTILE)):
            await go(pilot, Ref.parse(f"contact:{210 + number}"))
            assert f"contact:{210 + number}" in screen_text(pilot.app)
        await go(pilot, Ref.parse("lead:105"))
        await press(pilot, "p")
        await go(pilot, Ref.parse("contact:210"))
        await press(pilot, "P")
        assert HOSTILE[0] in screen_text(pilot.app)


async def test_a_card_that_is_not_there(own_home: Path) -> None:
    """A card that the snapshot has not is said to be missing, with what to do about it."""
    async with browsing(own_home) as pilot:
        await go(pilot, Ref.parse("lead:999"))
        text = screen_text(pilot.app)
        assert "snapshot 1 has no lead:999" in text
        assert "r reads it from the CRM now, ← goes back" in text

        await press(pilot, "left")
        assert "Start" in screen_text(pilot.app)


async def test_the_start_page(own_home: Path) -> None:
    """A first start shows what there is and how to find it; Enter begins to walk."""
    async with browsing(own_home) as pilot:
        text = screen_text(pilot.app)
        assert "/ finds a card by name, phone, e-mail, id or address" in text
        assert "◆ 6   ▲ 1   ● 11   ■ 3   ○ 2" in text
        assert "7 links" in text

        await press(pilot, "enter")
        assert screen(pilot).here == Ref.parse("company:303")


async def test_one_comes_back_to_where_one_was(own_home: Path) -> None:
    """The trail, the card under the cursor, pin and sorting outlive the browser."""
    async with browsing(own_home) as pilot:
        await go(pilot, ROOF)
        await press(pilot, "p", "o", "down", "right", "down", "q")
        before = screen(pilot).walking
    async with browsing(own_home) as pilot:
        assert screen(pilot).here == IVAN
        assert screen(pilot).links.ref == DAISY
        assert screen(pilot).walking.pin == ROOF
        assert screen(pilot).walking.way == before.way
        assert screen(pilot).walking.sort == before.sort


async def test_by_the_mouse(own_home: Path) -> None:
    """A click moves the cursor, a double click steps in, a click on the trail goes back."""
    async with browsing(own_home) as pilot:
        await go(pilot, ROOF)
        links = screen(pilot).links
        await pilot.click(links, offset=(10, 2))
        await settled(pilot)
        assert links.ref == IVAN

        await pilot.click(links, offset=(10, 1), times=2)
        await settled(pilot)
        assert screen(pilot).here == ANNA

        await pilot.click("#trail", offset=(4, 2))
        await settled(pilot)
        assert screen(pilot).here == ROOF


async def test_a_newer_snapshot_appears_where_one_stands(crm: Simulator, tmp_path: Path) -> None:
    """The new snapshot comes up under the same card, with the cursor on the same link."""
    home = tmp_path / "home"
    async with browsing(home) as pilot:
        await go(pilot, ROOF)
        await press(pilot, "down")

        def sync() -> None:
            with linkgraph.open(home=home) as session:
                session.edits.link("lead:101", "contact:203")
                session.edits.push(session.edits.plan())
                session.sync()

        thread = threading.Thread(target=sync)
        thread.start()
        await until(pilot, lambda: not thread.is_alive())
        pilot.app.look_for_snapshot()  # type: ignore[attr-defined]
        await settled(pilot)

        assert "contacts 3 ·" in screen_text(pilot.app)
        assert "Bridge Person" in screen_text(pilot.app)
        assert (screen(pilot).here, screen(pilot).links.ref) == (ROOF, IVAN)


async def test_pages_open_in_the_web_browser(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`w` opens the card's page, `v` a picture that is a file; without a browser both are told."""
    opened = tmp_path / "opened"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" >> {opened}\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    async with browsing(own_home) as pilot:
        await go(pilot, ROOF)
        for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
            monkeypatch.delenv(name, raising=False)
        await press(pilot, "w")
        assert "there is no web browser here" in screen_text(pilot.app)

        monkeypatch.setenv("BROWSER", f"{script} %s")
        await press(pilot, "w", "v")
        page, picture = opened.read_text().split()
        assert page.endswith("/leads/detail/101")
        assert picture.startswith("file://")
        drawn = Path(picture.removeprefix("file://"))
        assert "Roof for the office" in drawn.read_text()
        assert drawn.parent.stat().st_mode & 0o077 == 0
        shutil.rmtree(drawn.parent)


async def test_refs_and_addresses_are_copied(own_home: Path) -> None:
    """`y` copies the ref of the card in focus, `Y` its address."""
    async with browsing(own_home) as pilot:
        await go(pilot, ROOF)
        await press(pilot, "y")
        assert pilot.app.clipboard == "lead:101"
        await press(pilot, "Y")
        assert pilot.app.clipboard.endswith("/leads/detail/101")
