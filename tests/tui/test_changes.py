"""Changes: the syncs as a timeline, the links that each changed, and the way back."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from linkgraph.accounts import AccountSettings
from linkgraph.errors import Removal, TooManyRemovals
from linkgraph.mirror.progress import Progress
from linkgraph.model import CARD_TYPES, EntityType
from linkgraph.settings import Home
from tests.tui.changing import make_changed_home
from tests.tui.driving import app_of, browsing, screen_text, settled, until
from tests.tui.homes import ACCOUNT, copied, session_of
from tui import linkchanges
from tui.changes import ChangesScreen
from tui.syncing import Wanted


@pytest.fixture(name="changed_home", scope="session")
def _changed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with four syncs of a world that changed. Not to be changed."""
    return make_changed_home(tmp_path_factory.mktemp("changed") / "home")


def _screen(pilot: Pilot[Any]) -> ChangesScreen:
    screen = pilot.app.screen
    assert isinstance(screen, ChangesScreen)
    return screen


async def _pressed(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def _seen(pilot: Pilot[Any], *texts: str) -> None:
    """Wait until all texts stand on the screen, however wide the gaps within them."""

    def shown() -> bool:
        text = " ".join(screen_text(pilot.app).split())
        return all(" ".join(each.split()) in text for each in texts)

    await until(pilot, shown)


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
        await _pressed(pilot, "down", "down", "down")
        await _seen(
            pilot,
            "Snapshot 3 against 2",
            "all changes 7   + added 2   − removed 3   ~ changed 2",
            "~ lead–element      ◆ Roof for the office",
            "× 3 → × 7",
            "[/x] closing [b",
            "deleted card",
        )
        await _pressed(pilot, "enter", "t")
        await _seen(pilot, "all links 2", "■ Steel & Sons")
        assert "× 3 → × 7" not in screen_text(pilot.app)

        await _pressed(pilot, "escape", "f", "f", "f", "f")
        await _seen(pilot, "× 3 → × 7", "all changes 2   + added 0   − removed 1   ~ changed 1")


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
        await _pressed(pilot, "down", "c")
        await _seen(pilot, "Compare snapshot 4 with")
        await _pressed(pilot, "down", "enter")
        await _seen(pilot, "Snapshot 4 against 2", "all changes 8")


async def test_more_links_than_are_listed(
    changed_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many are left out is said, and narrowing finds those too."""
    monkeypatch.setattr(linkchanges, "MOST", 3)
    async with browsing(changed_home, mode="changes") as pilot:
        await _pressed(pilot, "down", "down", "down", "enter")
        await _seen(pilot, "4 more links", "linkgraph changes --since 2 --until 3")
        await _pressed(pilot, "t", "t")
        await _seen(pilot, "Nails [kg]")
        assert "more link" not in screen_text(pilot.app)
        await _pressed(pilot, "escape")
        await _seen(pilot, "4 more links")


async def test_what_was_is_queued(changed_home: Path, tmp_path: Path) -> None:
    """`F` queues the inverse of the marked links; what has no plain way back is told."""
    home = copied(changed_home, tmp_path / "home")
    async with browsing(home, mode="changes") as pilot:
        await _pressed(pilot, "down", "down", "down", "enter")
        await _pressed(pilot, "space", "space", "end", "k", "space", "F")
        await _seen(pilot, "queued: 2 edits", "1 link without a plain way back")
        session = _screen(pilot).app.session
        assert session is not None
        assert sorted(str(one.edit) for one in session.edits.list()) == [
            "unlink lead:104 company:302",
            "unlink lead:104 contact:202",
        ]


async def test_read_only_queues_nothing(changed_home: Path) -> None:
    """It is refused before anything is done."""
    async with browsing(changed_home, mode="changes", read_only=True) as pilot:
        await _pressed(pilot, "down", "enter", "F")
        await _seen(pilot, "this account is read-only: nothing is queued")


async def test_what_cannot_be_compared_says_why(changed_home: Path) -> None:
    """Removed snapshots, the oldest and failed syncs tell the reason and the remedy."""
    async with browsing(changed_home, mode="changes", size=(80, 24)) as pilot:
        await _pressed(pilot, "down", "down")
        await _seen(pilot, "S syncs again")
        await _pressed(pilot, "down", "down")
        await _seen(pilot, "the oldest snapshot that is kept")
        await _pressed(pilot, "down")
        await _seen(pilot, "This snapshot was removed", "`keep`")


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
        assert screen.detail.links.has_focus


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_picture_of_changes(changed_home: Path, snap_compare: Any, size: tuple[int, int]) -> None:
    """The timeline with the links that a sync changed."""

    async def story(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await _pressed(pilot, "down", "down", "down", "enter", "down", "space")
        await _seen(pilot, "all changes 7", "+2  −3  ~2")

    app = app_of(session_of(changed_home), "changes")
    assert snap_compare(app, terminal_size=size, run_before=story)


def test_picture_of_a_sync_under_way(changed_home: Path, snap_compare: Any) -> None:
    """How far it is stands above the timeline and in the status bar, a key to stop it below."""

    async def story(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        app = _screen(pilot).app
        assert app.session is not None
        counts = {EntityType.LEAD: 1_450, EntityType.CONTACT: 1_450}
        progress = Progress("cards and links", last_counts=dict.fromkeys(CARD_TYPES, 0) | counts)
        progress.cards_listed = {EntityType.LEAD: 1_450, EntityType.CONTACT: 500}
        progress.cards_read, progress.rate = {EntityType.LEAD: 1_204}, 6.5
        app.syncing._wanted = Wanted(app.session.account, False, ())
        app.syncing._progress = progress
        app.syncing._show()
        await settled(pilot)
        await _pressed(pilot, "home")
        await _seen(pilot, "x Stop the sync", "Go on browsing")

    assert snap_compare(app_of(session_of(changed_home), "changes"), run_before=story)


def test_picture_of_the_question_about_removals(changed_home: Path, snap_compare: Any) -> None:
    """What would be gone, in numbers, before anybody publishes it."""

    async def story(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        app = _screen(pilot).app
        assert app.session is not None
        removals = (Removal("lead_contact", 1_240, 3_100), Removal("contact_company", 700, 2_000))
        refused = TooManyRemovals("this sync would remove very many", removals=removals)
        app.syncing._refused = Wanted(app.session.account, False, ()), refused
        app.start_sync()
        await settled(pilot)
        await _seen(pilot, "1,240 of 3,100 links (40%)")

    assert snap_compare(app_of(session_of(changed_home), "changes"), run_before=story)


def test_picture_of_nothing_mirrored(tmp_path: Path, snap_compare: Any) -> None:
    """An account that was never synced: what to do, and what it costs."""
    Home(tmp_path).add(ACCOUNT, AccountSettings("https://example.amocrm.ru"), "token")

    async def story(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await _seen(pilot, "Nothing is mirrored yet.", "S mirrors the account", "cost: 1 request")

    app = app_of(session_of(tmp_path), "changes")
    assert snap_compare(app, terminal_size=(80, 24), run_before=story)


async def test_the_first_snapshot_teaches(home: Path) -> None:
    """One snapshot: it is said what later ones will tell."""
    async with browsing(home, mode="changes") as pilot:
        await _seen(pilot, "Every later sync tells here", "S syncs now")
