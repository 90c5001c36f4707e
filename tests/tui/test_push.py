"""Pushes from the browser, against a running CRM: verified, failed, stopped, taken up, undone."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from textual.pilot import Pilot

from linkgraph.edits.edits import Edits
from linkgraph.edits.plan import Forecast
from linkgraph.edits.pushing import PushProgress
from linkgraph.edits.states import State
from linkgraph.simulator import Simulator
from tests.tui import plans
from tests.tui.driving import browsing, screen_text, settled, until
from tests.tui.homes import ACCOUNT, session_of
from tests.tui.queueing import queue, states, still_app
from tui.outcome import OutcomeScreen
from tui.push import PushScreen

Snap = Callable[..., bool]


async def _plan_and_push(pilot: Pilot[Any]) -> None:
    await pilot.press("p")
    await settled(pilot)
    await pilot.press("P")
    await settled(pilot)
    await pilot.press("y")


def _held_at_the_first_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[threading.Event, threading.Event]:
    """Hold a push where its first request was answered; set when it is there, and to let it go."""
    sent, go_on = threading.Event(), threading.Event()
    watch = PushScreen._watch

    def held(screen: PushScreen, progress: PushProgress) -> None:
        watch(screen, progress)
        if progress.sent and not go_on.is_set():
            sent.set()
            assert go_on.wait(120)

    monkeypatch.setattr(PushScreen, "_watch", held)
    return sent, go_on


async def test_what_was_queued_is_pushed_verified_and_seen_and_taken_back(
    crm: Simulator, tmp_path: Path
) -> None:
    """Queue, plan, push; the next snapshot has it; z plans the opposite, and that is pushed too."""
    home = tmp_path / "home"
    before = crm.world.to_dict()["links"]
    queue(
        home,
        "link lead:104 contact:202 main=yes",
        "unlink lead:102 contact:203",
        "link lead:101 element:7/701 quantity=5",
    )
    async with browsing(home, mode="edits") as pilot:
        app: Any = pilot.app
        await _plan_and_push(pilot)
        await until(pilot, lambda: "Push 1 is done" in screen_text(app))
        await settled(pilot)
        text = screen_text(app)
        assert "3 verified" in text
        assert "snapshot 2 has what was read back" in text
        assert "Health" in text
        assert app.status.snapshot == 2
        assert app.session.cards(["lead:104"])
        assert [found.ref.id for found in _links(app, "lead:104")] == [202]
        assert app.under_way == {}

        await pilot.press("z")
        await settled(pilot)
        assert "Plan that takes back push 1" in screen_text(app)
        await pilot.press("P")
        await settled(pilot)
        await pilot.press("y")
        await until(pilot, lambda: "Push 2 is done" in screen_text(app))
        await settled(pilot)
        assert "it takes back push 1" in screen_text(app)
        await pilot.press("escape")
        await settled(pilot)
        assert "takes back push 1" in screen_text(app)
        assert "3 undone" in screen_text(app)
    assert _pairs(crm.world.to_dict()["links"]) == _pairs(before)


def _links(app: Any, card: str) -> list[Any]:
    links = app.session.links(app.session.ref(card))
    return [links[place] for place in range(len(links))]


def _pairs(links: list[dict[str, Any]]) -> list[str]:
    return sorted(
        f"{one['entity_type']} {one['entity_id']} {one['to_entity_type']} {one['to_entity_id']} "
        f"{sorted((key, value) for key, value in (one['metadata'] or {}).items() if value)}"
        for one in links
    )


async def test_an_edit_that_the_crm_refuses_is_told_with_its_words(
    crm: Simulator, tmp_path: Path
) -> None:
    """It alone fails and stands first; the queue offers to try it anew."""
    home = tmp_path / "home"
    queue(home, "link lead:104 contact:202", "link lead:106 contact:204")
    async with browsing(home, mode="edits") as pilot:
        await pilot.press("p")
        await settled(pilot)
        crm.world.remove_card("contacts", 204)
        await pilot.press("P")
        await settled(pilot)
        await pilot.press("y")
        await until(pilot, lambda: "Push 1 is done" in screen_text(pilot.app))
        await settled(pilot)
        text = screen_text(pilot.app)
        assert "failed 1" in text
        assert text.index("failed 1") < text.index("verified 1")
        assert "↳" in text
        await pilot.press("escape")
        await settled(pilot)
        assert "D drop · Q queue anew; refused" in screen_text(pilot.app)
    assert states(home)["link lead:106 contact:204"] is State.FAILED


async def test_a_push_is_stopped_between_requests_and_taken_up_again(
    crm: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other modes tell how far it is; escape stops it; the queue says so; R goes on to the end."""
    home = tmp_path / "home"
    queue(home, "unlink lead:102 contact:203", "link lead:104 contact:202")
    sent, go_on = _held_at_the_first_answer(monkeypatch)
    async with browsing(home, mode="edits") as pilot:
        app: Any = pilot.app
        await _plan_and_push(pilot)
        await until(pilot, sent.is_set)
        await pilot.press("alt+5")
        await until(pilot, lambda: "push: trying a few 1/2" in screen_text(app))
        await pilot.press("alt+4")
        await until(pilot, lambda: "1 of 2 links sent" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: "stopping after the requests" in screen_text(app))
        go_on.set()
        await until(pilot, lambda: "Push 1 was broken off" in screen_text(app))
        await settled(pilot)
        assert "R in the queue takes it up again" in screen_text(app)

        await pilot.press("escape")
        await settled(pilot)
        assert "! Push 1 of" in screen_text(app)
        assert "1 change sent and not verified, 1 not sent" in screen_text(app)
        await pilot.press("R")
        await settled(pilot)
        assert "1 change will be sent in account test" in screen_text(app)
        await pilot.press("y")
        await until(pilot, lambda: "Push 1 is done, taken up again" in screen_text(app))
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert "! Push 1" not in screen_text(app)
    assert set(states(home).values()) == {State.VERIFIED}


async def test_who_quits_while_a_push_runs_is_asked_and_loses_nothing(
    crm: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stops between two requests before the browser is left; the next one can settle it (X)."""
    home = tmp_path / "home"
    queue(home, "unlink lead:102 contact:203", "link lead:104 contact:202")
    sent, go_on = _held_at_the_first_answer(monkeypatch)
    async with browsing(home, mode="edits") as pilot:
        await _plan_and_push(pilot)
        await until(pilot, sent.is_set)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: "Quit while a push is under way?" in screen_text(pilot.app))
        await pilot.press("y")
        go_on.set()
        await until(pilot, lambda: not pilot.app.is_running)
    with session_of(home) as session:
        left = session.edits.open_push()
        assert left is not None
        assert left.counts == {State.PLANNED: 1, State.SENT: 1}
    async with browsing(home, mode="edits") as pilot:
        assert "! Push 1 of" in screen_text(pilot.app)
        await pilot.press("X")
        await until(pilot, lambda: "Push 1 is done" in screen_text(pilot.app))
        await settled(pilot)
        assert "verified 1" in screen_text(pilot.app)
        assert "not sent 1" in screen_text(pilot.app)
    found = states(home)
    assert found["unlink lead:102 contact:203"] is State.VERIFIED
    assert found["link lead:104 contact:202"] is State.QUEUED


async def test_who_is_asked_about_quitting_is_not_asked_on_when_the_push_is_done(
    crm: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The question goes by itself and the outcome is told; nobody is put out of the browser."""
    home = tmp_path / "home"
    queue(home, "unlink lead:102 contact:203")
    sent, go_on = _held_at_the_first_answer(monkeypatch)
    async with browsing(home, mode="edits") as pilot:
        app: Any = pilot.app
        await _plan_and_push(pilot)
        await until(pilot, sent.is_set)
        await pilot.press("q")
        await until(pilot, lambda: "Quit while a push is under way?" in screen_text(app))
        go_on.set()
        await until(pilot, lambda: isinstance(app.screen, PushScreen))
        await settled(pilot)

        assert app.is_running
        assert "push 1 is done: 1 verified" in _words(app)
        assert "Push 1 is done" in _words(app)


def _words(app: Any) -> str:
    return " ".join(screen_text(app).replace("▌", " ").split())


async def test_one_push_at_a_time(crm: Simulator, tmp_path: Path) -> None:
    """Where another process pushes, it is said, with what to do; nothing is sent."""
    home = tmp_path / "home"
    queue(home, "link lead:104 contact:202")
    with FileLock(home / ACCOUNT / "push.lock"):
        async with browsing(home, mode="edits") as pilot:
            await _plan_and_push(pilot)
            await until(pilot, lambda: "Not pushed: another process" in screen_text(pilot.app))
            assert "wait for it" in screen_text(pilot.app)
            await settled(pilot)
            await pilot.press("escape")
            await settled(pilot)
            assert "planned 1" in screen_text(pilot.app)
    assert not [one for one in crm.requests() if one["method"] == "POST"]


async def test_a_push_that_breaks_unforeseen_can_be_left(
    crm: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours ends the push on the screen too: one goes back to the queue, and can quit."""
    home = tmp_path / "home"
    queue(home, "link lead:104 contact:202")

    def broken(*given: object) -> None:
        raise ZeroDivisionError("unforeseen")

    monkeypatch.setattr(Edits, "push", broken)
    async with browsing(home, mode="edits") as pilot:
        app: Any = pilot.app
        await _plan_and_push(pilot)
        await until(pilot, lambda: "broken off by a fault" in screen_text(app))
        await settled(pilot)
        assert app.under_way == {}
        await pilot.press("escape")
        await settled(pilot)
        assert "planned 1" in screen_text(app)


async def test_a_plan_that_is_stale_is_not_pushed(crm: Simulator, tmp_path: Path) -> None:
    """What changed is told, nothing is sent, and one key plans anew."""
    home = tmp_path / "home"
    queue(home, "link lead:104 contact:202")
    async with browsing(home, mode="edits") as pilot:
        await pilot.press("p")
        await settled(pilot)
        crm.world.link("leads", 104, "contacts", 202)
        await pilot.press("P")
        await settled(pilot)
        await pilot.press("y")
        await until(pilot, lambda: "Not pushed" in screen_text(pilot.app))
        assert "p plans anew" in screen_text(pilot.app)
        await settled(pilot)
        await pilot.press("p")
        await settled(pilot)
        assert "already so" in screen_text(pilot.app)
    assert not [one for one in crm.requests() if one["method"] == "POST"]


async def test_an_undo_that_is_left_is_withdrawn(crm: Simulator, tmp_path: Path) -> None:
    """What it replaced in the queue waits again, and nothing of it is sent."""
    home = tmp_path / "home"
    queue(home, "link lead:104 contact:202")
    with session_of(home) as session:
        await _in_thread(lambda: session.edits.push(session.edits.plan()))
    queue(home, "main lead:104 contact:202")
    async with browsing(home, mode="edits") as pilot:
        await pilot.press("tab", "z")
        await settled(pilot)
        assert "takes back push 1" in screen_text(pilot.app)
        await pilot.press("escape")
        await settled(pilot)
        assert "queued 1" in screen_text(pilot.app)
    found = states(home)
    assert found["main lead:104 contact:202"] is State.QUEUED
    assert found["unlink lead:104 contact:202"] is State.DROPPED


async def test_an_undo_that_is_left_before_it_is_planned_is_withdrawn_too(
    crm: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Escape does not wait for the CRM, and what comes of the asking afterwards is dropped."""
    home = tmp_path / "home"
    queue(home, "link lead:104 contact:202")
    with session_of(home) as session:
        await _in_thread(lambda: session.edits.push(session.edits.plan()))
    queue(home, "main lead:104 contact:202")
    made, go_on, undo = threading.Event(), threading.Event(), Edits.undo

    def held(edits: Edits, push: int | None = None) -> Any:
        """Hold the undo when it is planned, until the test lets it go on."""
        planned = undo(edits, push)
        made.set()
        assert go_on.wait(120)
        return planned

    monkeypatch.setattr(Edits, "undo", held)
    async with browsing(home, mode="edits") as pilot:
        await pilot.press("z")
        await until(pilot, made.is_set)
        assert "reading what is live" in screen_text(pilot.app)
        await pilot.press("escape")
        await settled(pilot)
        go_on.set()
        wanted = State.QUEUED, State.DROPPED
        await until(
            pilot,
            lambda: (
                wanted
                == (
                    states(home)["main lead:104 contact:202"],
                    states(home)["unlink lead:104 contact:202"],
                )
            ),
        )


async def _in_thread(call: Callable[[], object]) -> None:
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()


async def test_that_the_mirror_gets_what_was_read_back_is_a_phase_of_its_own(
    crm: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown below what is done by then, and told in every mode, until the snapshot is there."""
    home = tmp_path / "home"
    queue(home, "unlink lead:102 contact:203")
    publishing, go_on = threading.Event(), threading.Event()
    watch = PushScreen._watch

    def held(screen: PushScreen, progress: PushProgress) -> None:
        watch(screen, progress)
        if progress.phase == "publishing":
            publishing.set()
            assert go_on.wait(120)

    monkeypatch.setattr(PushScreen, "_watch", held)
    async with browsing(home, mode="edits") as pilot:
        app: Any = pilot.app
        await _plan_and_push(pilot)
        await until(pilot, publishing.is_set)
        await until(pilot, lambda: "▸ publishing" in screen_text(app))
        assert "✓ reading back" in screen_text(app)
        assert "the mirror gets what was read back, as a new snapshot" in screen_text(app)
        assert app.status.push == "push: publishing 1/1"
        assert app.status.snapshot == 1
        go_on.set()
        await until(pilot, lambda: app.status.snapshot == 2)


class Under(PushScreen):
    """A push that is under way for ever."""

    CSS_PATH = "../../tui/push.tcss"

    def _begin(self) -> None:
        """Nothing is sent."""
        self._plan = replace(plans.PLAN, requests=Forecast(180, 220, 60.0))
        self._began = self.app.now() - timedelta(seconds=31)
        self._progress = PushProgress("sending", 11_000, 4_321, 158, 12.0)


class Ended(OutcomeScreen):
    """A push at its end, with all that can be told of one."""

    CSS_PATH = "../../tui/push.tcss"

    def _begin(self) -> None:
        """Nothing has to be read."""
        self._show(list(plans.ITEMS))
        self._view.show(plans.TOLD)


def _screen(make: Callable[[], Any]) -> Callable[[Pilot[Any]], Any]:
    async def show(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await pilot.app.push_screen(make())
        await settled(pilot)

    return show


def test_a_push_under_way_as_it_looks(home: Path, snap_compare: Snap) -> None:
    """Its phase, how far it is, how long it still takes, and that the CRM asked for a pause."""
    show = _screen(lambda: Under(plans.PLAN))
    assert snap_compare(still_app(home), terminal_size=(80, 24), run_before=show)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
def test_an_outcome_as_it_looks(home: Path, snap_compare: Snap, size: tuple[int, int]) -> None:
    """Failures first with the CRM's words, surprises, what came of each kind, and health."""
    show = _screen(lambda: Ended(plans.RECORD))
    assert snap_compare(still_app(home), terminal_size=size, run_before=show)
