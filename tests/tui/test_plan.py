"""The plan: what is shown of it, how conflicts are decided, and the question before the push."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from linkgraph.edits.edits import Edits
from linkgraph.edits.states import State
from linkgraph.simulator import Metadata as Carried
from linkgraph.simulator import Simulator
from tests.tui import plans
from tests.tui.driving import browsing, screen_text, settled, until
from tests.tui.queueing import queue, states, still_app
from tui.plan import PlanScreen
from tui.pushconfirm import PushConfirm

Snap = Callable[..., bool]


class Shown(PlanScreen):
    """The plan of `tests.tui.plans`, without a CRM."""

    CSS_PATH = "../../tui/plan.tcss"

    def action_plan(self) -> None:
        """Nothing has to be read."""
        self._show(plans.PLANNED)
        self.stop("impact")
        self._show_impact(plans.IMPACT)


def _planned(screen: Callable[[], Any]) -> Callable[[Pilot[Any]], Any]:
    async def show(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await pilot.app.push_screen(screen())
        await settled(pilot)

    return show


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=str)
def test_a_plan_as_it_looks(home: Path, snap_compare: Snap, size: tuple[int, int]) -> None:
    """Both sides of conflicts, whom it meets, every change by name, requests and webhooks."""
    assert snap_compare(still_app(home), terminal_size=size, run_before=_planned(Shown))


@pytest.mark.parametrize("most", [20, 1], ids=["few unlinks", "many unlinks"])
def test_the_question_before_a_push_as_it_looks(home: Path, snap_compare: Snap, most: int) -> None:
    """It names the account and the numbers; many unlinks have to be typed."""
    ask = _planned(lambda: PushConfirm(plans.PLAN, plans.URL, most))
    assert snap_compare(still_app(home), terminal_size=(80, 24), run_before=ask)


async def test_a_conflict_is_decided_in_each_of_the_three_ways(
    crm: Simulator, tmp_path: Path
) -> None:
    """Keep mine, drop, queue anew: each is planned anew at once; the others stay to be decided."""
    home = tmp_path / "home"
    queue(
        home,
        "link lead:101 element:7/701 quantity=5",
        "link lead:101 element:7/702 quantity=5",
        "unlink lead:101 contact:202",
    )
    crm.world.link("leads", 101, "catalog_elements", 701, 7, Carried(quantity=9.0))
    crm.world.link("leads", 101, "catalog_elements", 702, 7, Carried(quantity=9.0))
    crm.world.link("leads", 101, "contacts", 202, 0, Carried(is_main=1))
    async with browsing(home, mode="edits") as pilot:
        await pilot.press("p")
        await settled(pilot)
        text = screen_text(pilot.app)
        assert "in conflict 3" in text
        assert "decided upon  linked, quantity 3" in text
        assert "live now      linked, quantity 9" in text
        assert "Nothing has to be sent." in text

        await pilot.press("home", "K")
        await settled(pilot)
        text = screen_text(pilot.app)
        assert "in conflict 2" in text
        assert "quantity 9 → 5" in text
        await pilot.press("home", "D")
        await settled(pilot)
        assert "in conflict 1" in screen_text(pilot.app)
        await pilot.press("home", "Q")
        await settled(pilot)
        text = screen_text(pilot.app)
        assert "in conflict" not in text.replace("5 Changes", "")
        assert "was main" in text
        await pilot.press("escape")
        await settled(pilot)
    found = states(home)
    assert found["link lead:101 element:7/701 quantity=5"] is State.PLANNED
    assert found["link lead:101 element:7/702 quantity=5"] is State.DROPPED
    assert found["unlink lead:101 contact:202"] is State.PLANNED


async def test_no_plan_without_an_answer_of_the_crm(own_home: Path) -> None:
    """What failed is told in the plan's place, with a key that tries again."""
    queue(own_home, "link lead:104 contact:201")
    async with browsing(own_home, mode="edits") as pilot:
        await pilot.press("p")
        await until(pilot, lambda: "p plans again" in screen_text(pilot.app))
        assert "127.0.0.1" in screen_text(pilot.app)
        await pilot.press("escape")
        await settled(pilot)
        assert "queued 1" in screen_text(pilot.app)


async def test_an_empty_queue_has_no_plan(own_home: Path) -> None:
    """It is said, with what to do, and nothing can be pushed."""
    async with browsing(own_home, mode="edits") as pilot:
        await pilot.press("p")
        await settled(pilot)
        assert "there is nothing to plan" in screen_text(pilot.app)
        await pilot.press("P")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, PushConfirm)


async def test_a_push_before_there_is_a_plan_is_told_to_wait(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While what is live is read, P says so; where there is nothing to push, that."""
    go_on, plan = threading.Event(), Edits.plan

    def held(edits: Edits, **given: Any) -> Any:
        assert go_on.wait(120)
        return plan(edits, **given)

    monkeypatch.setattr(Edits, "plan", held)
    async with browsing(own_home, mode="edits") as pilot:
        await pilot.press("p", "P")
        await until(pilot, lambda: "P pushes once the plan is there" in screen_text(pilot.app))
        go_on.set()
        await until(pilot, lambda: "there is nothing to plan" in screen_text(pilot.app))
        await settled(pilot)
        await pilot.press("P")
        await until(pilot, lambda: "no plan with anything to push" in screen_text(pilot.app))


async def test_many_unlinks_are_confirmed_by_their_number(home: Path) -> None:
    """Neither y nor enter nor another number is a yes; the number is."""
    answers: list[bool | None] = []
    async with browsing(home, mode="edits") as pilot:
        await pilot.app.push_screen(PushConfirm(plans.MANY, plans.URL, 20), answers.append)
        await settled(pilot)
        await pilot.press("y", "enter", "7", "enter")
        await settled(pilot)
        assert "is not that number; nothing was sent" in screen_text(pilot.app)
        assert answers == []
        await pilot.press("backspace", *"1,204".replace(",", ""), "enter")
        await settled(pilot)
    assert answers == [True]


async def test_read_only_refuses_before_anything(crm: Simulator, tmp_path: Path) -> None:
    """It can be planned and looked at; a push, and taking one back, are refused and seen to be."""
    home = tmp_path / "home"
    queue(home, "link lead:104 contact:201")
    async with browsing(home, mode="edits", read_only=True) as pilot:
        await pilot.press("p")
        await settled(pilot)
        assert "READ-ONLY: a push is refused here" in screen_text(pilot.app)
        await pilot.press("P")
        await until(pilot, lambda: "read-only: nothing can be pushed" in screen_text(pilot.app))
        assert not isinstance(pilot.app.screen, PushConfirm)
    assert not [one for one in crm.requests() if one["method"] == "POST"]
