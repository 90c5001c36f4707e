"""Sync while browsing: its progress in the status bar, its end in a toast, the place kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from linkgraph.mirror.syncs import sync_lock
from linkgraph.model import Ref
from linkgraph.simulator import Metadata, Simulator
from linkgraph.syncing import SyncProcess
from tests.tui.driving import browsing, screen_text, settled, until
from tests.tui.homes import ACCOUNT, running_crm
from tui.app import LinkgraphApp

#: Longer than any test takes: what is held up for so long does not come.
LONG = 600
#: So many contacts has the hub: enough that a sync without them is asked about.
HUB = 150


@pytest.fixture(name="world", scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Simulator, Path]]:
    """A running CRM and its mirrored home, for all tests here: each goes on from the last."""
    root = tmp_path_factory.mktemp("sync") / "home"
    with running_crm(root, hub=HUB) as crm:
        yield crm, root


@pytest.fixture(name="crm")
def _crm(world: tuple[Simulator, Path]) -> Iterator[Simulator]:
    """The running CRM, without faults of others."""
    crm, _ = world
    yield crm
    crm.clear_faults()


@pytest.fixture(name="root")
def _root(world: tuple[Simulator, Path]) -> Path:
    """The home of its account."""
    return world[1]


def _app(pilot: Pilot[Any]) -> LinkgraphApp:
    return cast(LinkgraphApp, pilot.app)


async def _ended(pilot: Pilot[Any]) -> None:
    app = _app(pilot)
    await until(pilot, lambda: not app.syncing.is_running, seconds=LONG)
    await settled(pilot)


async def _seen(pilot: Pilot[Any], *texts: str) -> None:
    """Wait until all texts stand on the screen, however wide the gaps within them."""

    def shown() -> bool:
        text = " ".join(screen_text(pilot.app).split())
        return all(" ".join(each.split()) in text for each in texts)

    await until(pilot, shown)


async def test_a_sync_while_browsing(crm: Simulator, root: Path) -> None:
    """What changed in the CRM becomes a new snapshot, told with its numbers, the place kept."""
    async with browsing(root, mode="changes") as pilot:
        app = _app(pilot)
        before = app.status.snapshot or 0
        crm.world.link("leads", 104, "contacts", 202, metadata=Metadata(is_main=1))
        crm.world.unlink("leads", 102, "companies", 302)
        await pilot.press("S")
        await until(pilot, lambda: app.status.sync.startswith("sync "))
        await _seen(pilot, "x Stop the sync")
        await pilot.press("S")
        await _seen(pilot, "already under way")
        await pilot.press("alt+4")
        await settled(pilot)
        await _ended(pilot)
        await until(pilot, lambda: app.status.snapshot == before + 1)

        assert app.current_mode == "edits"
        await _seen(pilot, "lead–contact  +1")
        await _seen(pilot, f"snapshot {before + 1}: ")
        assert app.status.sync == ""
        assert not app.under_way
        await pilot.press("alt+5")
        await settled(pilot)
        await _seen(pilot, "+1  −1", f"Snapshot {before + 1} against {before}")


async def test_a_sync_that_fails(crm: Simulator, root: Path) -> None:
    """Its error is told with what to do next, and stands in the timeline; here of one card."""
    crm.fault("status", "leads", status=401, times=None)
    async with browsing(root, mode="changes") as pilot:
        _app(pilot).start_sync([Ref.parse("lead:102")])
        await until(pilot, lambda: _app(pilot).status.sync.startswith("sync of 1 card"))
        await _ended(pilot)

        await _seen(pilot, "the CRM does not accept the token (401)")
        await _seen(pilot, "→")
        await _seen(pilot, "A sync that failed")
        assert (_runs(pilot)[0].kind, _runs(pilot)[0].snapshot) == ("cards", None)


async def test_a_sync_is_stopped(crm: Simulator, root: Path) -> None:
    """`x` stops it; it is said that the next one goes on from there."""
    async with browsing(root, mode="changes") as pilot:
        crm.clear_requests()
        crm.fault("delay", "links", times=None, seconds=LONG)
        await pilot.press("S")
        await until(pilot, lambda: bool(crm.requests()))
        await pilot.press("x")
        await _ended(pilot)

        await _seen(pilot, "the sync was stopped")
        await _seen(pilot, "goes on from there")
        await _seen(pilot, "A sync that was stopped")


async def test_quitting_stops_the_sync_first(crm: Simulator, root: Path) -> None:
    """It is asked; then the sync ends in good order before the browser does."""
    async with browsing(root, mode="changes") as pilot:
        crm.clear_requests()
        crm.fault("delay", "links", times=None, seconds=LONG)
        await pilot.press("S")
        await until(pilot, lambda: bool(crm.requests()))
        await pilot.press("q")
        await _seen(pilot, "Quit while the sync is under way?")
        await pilot.press("y")
        await until(pilot, lambda: not pilot.app.is_running)

        assert _runs(pilot)[0].error == "stopped"


async def test_a_sync_that_breaks_unforeseen_has_ended(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours is told, and does not keep the browser from being left."""

    def broken(*given: object, **more: object) -> None:
        raise ZeroDivisionError("unforeseen")

    monkeypatch.setattr(SyncProcess, "start", broken)
    async with browsing(own_home) as pilot:
        await pilot.press("S")
        await until(pilot, lambda: "linkgraph has a fault" in screen_text(pilot.app))
        await _ended(pilot)

        assert _app(pilot).under_way == {}


async def test_many_removals_are_asked_about(crm: Simulator, root: Path) -> None:
    """Nothing pops up under one's fingers: `S` shows the numbers, `y` publishes."""
    for contact in range(10_000, 10_000 + HUB):
        crm.world.unlink("contacts", contact, "companies", 399)
    async with browsing(root, mode="edits") as pilot:
        app = _app(pilot)
        before = app.status.snapshot or 0
        await pilot.press("S")
        await _ended(pilot)
        await _seen(pilot, f"would remove {HUB} of")
        assert app.status.sync == "sync waits for an answer: S"
        assert app.status.snapshot == before

        await pilot.press("S")
        await _seen(pilot, "Publish a snapshot without all these links?")
        await _seen(pilot, f"contact–company   −{HUB} of")
        await pilot.press("y")
        await _ended(pilot)
        await until(pilot, lambda: app.status.snapshot == before + 1)
        assert app.status.sync == ""


async def test_another_process_syncs(crm: Simulator, root: Path) -> None:
    """It is said so for as long as it does, and no longer."""
    async with browsing(root, mode="edits") as pilot:
        app = _app(pilot)
        with sync_lock(root / ACCOUNT):
            await pilot.press("S")
            await _ended(pilot)
            await _seen(pilot, "its snapshot appears here by itself")
            assert app.status.sync == "another process syncs"
        await until(pilot, lambda: app.status.sync == "")


def _runs(pilot: Pilot[Any]) -> Any:
    session = _app(pilot).session
    assert session is not None
    return session.runs()
