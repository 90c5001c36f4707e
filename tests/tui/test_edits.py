"""The mode «Edits»: the queue by state, what can be decided there, what it teaches when empty."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from linkgraph.edits.states import State
from tests.tui.driving import browsing, screen_text, settled, until
from tests.tui.homes import session_of
from tests.tui.queueing import fill, queue, stand_still, states, still_app

Snap = Callable[..., bool]


@pytest.fixture
def full_home(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with an edit in every state, all of one moment."""
    stand_still(monkeypatch)
    fill(own_home)
    return own_home


def _line(app: Any, *words: str) -> str:
    """The line of the screen that has all of some words."""
    found = [line for line in screen_text(app).splitlines() if all(word in line for word in words)]
    assert found, f"no line has {words}:\n{screen_text(app)}"
    return found[0]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=str)
def test_the_queue_as_it_looks(full_home: Path, snap_compare: Snap, size: tuple[int, int]) -> None:
    """Every state with its sign, both names, and what there is to do about it."""
    app = still_app(full_home)
    assert snap_compare(app, terminal_size=size, run_before=settled)


def test_an_empty_queue_teaches(home: Path, snap_compare: Snap) -> None:
    """How edits come into it, and what happens then."""
    app = still_app(home)
    assert snap_compare(app, terminal_size=(80, 24), run_before=settled)


async def test_filters_and_the_history_of_an_edit(full_home: Path) -> None:
    """A state can be looked at alone, the done ones too; enter tells all of an edit."""
    async with browsing(full_home, mode="edits") as pilot:
        assert "done 2" in screen_text(pilot.app)
        assert "Крыша для склада" not in screen_text(pilot.app)
        await pilot.press("left")  # from the first filter to the last
        await settled(pilot)
        assert "verified 1" in screen_text(pilot.app)
        assert "↳ replaced by #12" in screen_text(pilot.app)

        await pilot.press("enter")
        await settled(pilot)
        text = screen_text(pilot.app)
        assert "company:302" in text
        assert "read back: not linked" in text
        assert "question leads-without-company" in text
        await pilot.press("enter")  # a card of it opens in Browse
        await settled(pilot)
        assert pilot.app.current_mode == "browse"


async def test_marked_edits_are_dropped_at_once(full_home: Path) -> None:
    """Only those that nothing has left of; what is dropped stays in the journal."""
    async with browsing(full_home, mode="edits") as pilot:
        await pilot.press("escape", "end", "space", "k", "space", "d")
        await settled(pilot)
        await until(pilot, lambda: "2 edits dropped" in screen_text(pilot.app))
        assert "queued 1" in screen_text(pilot.app)
    found = states(full_home)
    assert found["link lead:106 company:302"] is State.DROPPED
    assert found["main lead:101 contact:202"] is State.QUEUED


async def test_what_did_not_come_about_is_decided_upon(full_home: Path) -> None:
    """K keeps a conflict, D gives one up, Q queues a failed edit anew; K is not for those."""
    async with browsing(full_home, mode="edits") as pilot:
        await pilot.press("home", "K")
        await settled(pilot)
        await pilot.press("home", "D")
        await settled(pilot)
        assert "conflict" not in _line(pilot.app, "queued")
        await pilot.press("f", "f")  # unknown comes first, then failed
        await settled(pilot)
        assert "↳ refused: ␛[31m[red]no such card[/x]" in screen_text(pilot.app)
        await pilot.press("K")
        await settled(pilot)
        await pilot.press("Q")
        await settled(pilot)
    found = states(full_home)
    assert found["link lead:101 element:7/702 quantity=4"] is State.QUEUED
    assert found["link lead:105 company:301"] is State.DROPPED
    assert found["link lead:105 contact:202"] is State.QUEUED


async def test_the_cursor_stays_with_its_edit(own_home: Path) -> None:
    """Whatever others queue or drop meanwhile; and what they did is seen without being asked."""
    first, second, third = queue(
        own_home,
        "link lead:104 contact:201",
        "link lead:104 contact:202",
        "link lead:104 contact:203",
    )
    async with browsing(own_home, mode="edits") as pilot:
        screen: Any = pilot.app.screen
        await pilot.press("j")
        with session_of(own_home) as other:
            other.edits.drop([first.id])
            other.edits.link("lead:106", "contact:204")
        pilot.app._lookout.count_edits()  # type: ignore[attr-defined]
        await settled(pilot)
        pilot.app.queue_changed.publish(None)  # type: ignore[attr-defined]
        await settled(pilot)

        assert [row.key for row in screen.queue.rows if row.key] == [second.id, third.id, 4]
        assert screen.queue.current.key == second.id


async def test_thousands_of_edits_are_a_list_like_any(own_home: Path) -> None:
    """All are there, only what is seen is drawn, and its names are read as it comes into view."""
    pairs = [(lead, contact) for lead in range(1000, 1060) for contact in range(5000, 5050)]
    queue(own_home, *(f"link lead:{lead} contact:{contact}" for lead, contact in pairs))
    async with browsing(own_home, mode="edits", size=(80, 24)) as pilot:
        assert "queued 3,000" in screen_text(pilot.app)
        await pilot.press("G")
        await settled(pilot)
        screen: Any = pilot.app.screen

        assert _line(pilot.app, "lead:1059", "contact:5049")
        assert len(screen.queue._drawn) < 700
        assert len(screen.queue.cards) < 1000


async def test_a_click_moves_and_a_second_one_opens(pilot_home: Path) -> None:
    """The mouse does what the keys do."""
    async with browsing(pilot_home, mode="edits") as pilot:
        screen: Any = pilot.app.screen
        await pilot.click("#queue", offset=(10, 2))
        assert screen.queue.current.value.edit.b.id == 202
        await pilot.click("#queue", offset=(10, 2), times=2)
        await settled(pilot)
        assert "history" in screen_text(pilot.app)


@pytest.fixture
def pilot_home(own_home: Path) -> Path:
    """A home with two edits in the queue."""
    queue(own_home, "link lead:104 contact:201", "link lead:104 contact:202")
    return own_home


async def test_a_broken_journal_is_told_and_not_fatal(own_home: Path) -> None:
    """What is wrong with the file stands in a toast; the browser goes on."""
    for file in (own_home / "test").glob("account.sqlite*"):
        file.unlink()
    (own_home / "test" / "account.sqlite").write_bytes(b"no database" * 1000)
    async with browsing(own_home, mode="edits") as pilot:
        await until(pilot, lambda: "account.sqlite" in screen_text(pilot.app))
        await _goes_on(pilot)


async def _goes_on(pilot: Pilot[Any]) -> None:
    await pilot.press("alt+5")
    await settled(pilot)
    assert pilot.app.current_mode == "changes"


async def test_who_may_not_write_to_the_crm_may_still_drop(own_home: Path) -> None:
    """The queue is this machine's: read-only keeps from sending, as on the command line."""
    queue(own_home, "link lead:104 company:301")
    async with browsing(own_home, mode="edits", read_only=True) as pilot:
        await pilot.press("d")
        await until(pilot, lambda: "1 edit dropped" in screen_text(pilot.app))
    assert states(own_home) == {"link lead:104 company:301": State.DROPPED}
