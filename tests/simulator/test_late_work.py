"""Answers and work that part ways: what was done, when, and what the client was told of it."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from linkgraph.simulator import Simulator, World
from tests.simulator.account import client_of, served, small_world

FACE = "http://account.test/_simulator"
ITEM = {"to_entity_id": 13, "to_entity_type": "contacts"}
NEVER = 3600.0
"""Seconds that no test waits for."""


def is_linked(world: World) -> bool:
    """Whether the item of these tests is linked to lead 2."""
    return world.links.neighbours("leads", [2], "contacts") != [[]]


def until(done: Callable[[], object]) -> None:
    """Wait for what another thread does; half a minute is for a machine that is very busy."""
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_connection_dropped_before_the_work_is_done() -> None:
    """The client sees a broken connection at once; the work is done some seconds later."""
    world = small_world()
    with Simulator(world) as simulator, client_of(simulator) as client:
        simulator.fault("drop_connection", "POST .*/link", when="later", seconds=0.3)
        with pytest.raises(httpx.RemoteProtocolError):
            client.post("leads/2/link", json=[ITEM])
        simulator.settle()
        (entry,) = simulator.requests()

    assert is_linked(world)
    assert entry["applied_at"] is not None
    assert entry["applied_at"] >= entry["monotonic"] + 0.3
    assert (entry["status"], entry["answered_at"]) == (None, None)


def test_pending_work_is_given_up_at_the_end() -> None:
    """A simulator that ends does not wait for late work, and does not do it either."""
    world = small_world()
    with Simulator(world) as simulator, client_of(simulator) as client:
        simulator.fault("drop_connection", "POST .*/link", when="later", seconds=NEVER)
        with pytest.raises(httpx.RemoteProtocolError):
            client.post("leads/2/link", json=[ITEM])
        pending = client.get(f"{simulator.url}/_simulator/pending").json()
        with pytest.raises(TimeoutError):
            simulator.settle(0)

    assert pending == {"pending": 1}
    assert simulator.running.underway.pending == 0
    assert not is_linked(world)


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ({"action": "status", "status": 504, "body": "html"}, 504),
        ({"action": "status", "status": 500}, 500),
        ({"action": "html_503"}, 503),
    ],
    ids=["504", "500", "503"],
)
async def test_error_before_the_work_is_done(rule: dict[str, Any], status: int) -> None:
    """An error can be told at once, and the work be done after it."""
    world = small_world()
    async with served(world) as client:
        await client.patch(f"{FACE}/faults", json={**rule, "when": "later", "seconds": 0.5})
        response = await client.post("leads/2/link", json=[ITEM])
        while (await client.get(f"{FACE}/pending")).json() != {"pending": 0}:
            await asyncio.sleep(0.01)
        (entry,) = (await client.get(f"{FACE}/requests")).json()

    assert [response.status_code, entry["status"]] == [status, status]
    assert is_linked(world)
    assert entry["answered_at"] < entry["applied_at"]


@pytest.mark.parametrize("action", ["delay", "truncate_body", "break_body"])
async def test_not_every_fault_can_be_later(action: str) -> None:
    """What needs the work for its answer cannot answer first: the rule is refused."""
    async with served(small_world()) as client:
        rule = {"action": action, "when": "later"}
        response = await client.patch(f"{FACE}/faults", json=rule)

    assert response.status_code == 400
    assert action in response.json()["detail"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_delayed_answer(when: str) -> None:
    """The log tells a write that is in flight from one that is applied but unanswered."""
    world = small_world()
    with Simulator(world) as simulator, client_of(simulator) as client:
        simulator.fault("delay", "POST .*/link", when=when, seconds=NEVER)
        with pytest.raises(httpx.ReadTimeout):
            client.post("leads/2/link", json=[ITEM], timeout=httpx.Timeout(30, read=0.1))
        until(lambda: simulator.requests() and (when == "before" or is_linked(world)))
        until(lambda: simulator.running.underway.pending == (when == "before"))
        (entry,) = simulator.requests()

    assert is_linked(world) == (when == "after")
    assert (entry["applied_at"] is not None) == (when == "after")
    assert entry["status"] is None


def test_delayed_answer_comes() -> None:
    """An answer that was held back is the one that would have come at once."""
    with Simulator(small_world(), rate=None) as simulator, client_of(simulator) as client:
        at_once = client.get("leads/1/links")
        simulator.fault("delay", when="after", seconds=0.1)
        held_back = client.get("leads/1/links")

    assert held_back.content == at_once.content
    assert held_back.headers["content-type"] == at_once.headers["content-type"]
    assert held_back.elapsed.total_seconds() >= 0.1


def test_work_outlives_its_client() -> None:
    """A write that arrived whole is done, also where its client left before that."""
    world = small_world()
    with Simulator(world) as simulator, client_of(simulator) as client:
        simulator.fault("delay", "POST .*/link", seconds=0.5)
        with pytest.raises(httpx.ReadTimeout):
            client.post("leads/2/link", json=[ITEM], timeout=httpx.Timeout(30, read=0.1))
        until(simulator.requests)
        simulator.settle()

    assert is_linked(world)


async def test_the_log_keeps_the_items_of_link_writes() -> None:
    """Items are logged as they were sent, also those of a request that was refused."""
    item = {**ITEM, "entity_id": 2, "metadata": {"is_main": True}}
    async with served(small_world()) as client:
        await client.post("leads/link", json=[item])
        await client.post("leads/2/unlink", json=[ITEM])
        await client.post("leads/link", json=[item], headers={"Authorization": "Bearer no"})
        await client.post("leads/link", json=[{**item, "entity_id": 999}])
        await client.post("leads/link", content=b"[{")
        await client.post("leads/link", json={"not": "a list"})
        await client.get("leads/links?filter[entity_id][]=2")
        entries = (await client.get(f"{FACE}/requests")).json()

    assert [(entry["status"], entry["items"]) for entry in entries] == [
        (200, [item]),
        (204, [ITEM]),
        (401, [item]),
        (400, [{**item, "entity_id": 999}]),
        (400, None),
        (400, None),
        (204, None),
    ]
    assert [entry["applied_at"] is not None for entry in entries] == [True, True] + [False] * 5


def test_many_items_arrive_whole() -> None:
    """A body that comes in many pieces is logged and worked on as one."""
    items = [{**ITEM, "entity_id": 2}] * 250
    world = small_world()
    with Simulator(world, rate=None) as simulator, client_of(simulator) as client:
        response = client.post("leads/link", json=items)
        (entry,) = simulator.requests()

    assert response.status_code == 200
    assert entry["items"] == items
