"""Writes that are refused, cut short or never answered in time, as accounts may do it."""

import asyncio
from typing import Any

import httpx
import pytest

from linkgraph.simulator import World
from tests.simulator.account import errors_of, served, small_world

FACE = "http://account.test/_simulator"
GOOD = {"entity_id": 2, "to_entity_id": 13, "to_entity_type": "contacts"}
BAD = {"entity_id": 2, "to_entity_id": 999, "to_entity_type": "contacts"}
LAST = {"entity_id": 3, "to_entity_id": 13, "to_entity_type": "contacts"}


def is_linked(world: World, item: dict[str, Any]) -> bool:
    """Whether an item's lead and contact are linked."""
    found = world.links.neighbours("leads", [item["entity_id"]], "contacts") or [[]]
    return item["to_entity_id"] in {linked.id for linked in found[0]}


async def applied(client: httpx.AsyncClient) -> list[bool]:
    """Of each request in the log, whether work of it was done; waits until none is pending."""
    while (await client.get(f"{FACE}/pending")).json() != {"pending": 0}:
        await asyncio.sleep(0.01)
    entries = (await client.get(f"{FACE}/requests")).json()
    return [entry["applied_at"] is not None for entry in entries]


@pytest.mark.parametrize("verb", ["link", "unlink"])
async def test_a_refusal_can_be_plain(verb: str) -> None:
    """An account may refuse a write without a word on which item is bad."""
    world = small_world()
    before = world.to_dict()
    async with served(world, refusals="plain", unlink_absent="400") as client:
        response = await client.post(f"leads/{verb}", json=[GOOD, BAD])

    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert sorted(response.json()) == ["detail", "status", "title", "type"]
    assert before == world.to_dict()


async def test_plain_refusals_are_of_writes_only() -> None:
    """What is wrong with a query is named whatever is said of writes."""
    async with served(small_world(), refusals="plain") as client:
        response = await client.get("leads/links")

    assert errors_of(response) == {"0": [("FieldMissing", "filter.entity_id")]}


@pytest.mark.parametrize("refusals", ["items", "plain"])
async def test_a_refused_link_can_be_half_done(refusals: str) -> None:
    """The items before the first bad one are linked, none after it, and the answer is the 400."""
    world = small_world()
    async with served(world, partial_400=True, refusals=refusals) as client:
        response = await client.post("leads/link", json=[GOOD, BAD, LAST])
        was_applied = await applied(client)

    assert response.status_code == 400
    assert ("validation-errors" in response.json()) == (refusals == "items")
    assert [is_linked(world, item) for item in (GOOD, LAST)] == [True, False]
    assert was_applied == [True]


async def test_a_refused_unlink_can_be_half_done() -> None:
    """The same for unlinking, where unlinking what is not linked is refused."""
    world = small_world()
    first, last = ({**GOOD, "entity_id": 1, "to_entity_id": id_} for id_ in (11, 12))
    async with served(world, partial_400=True, unlink_absent="400") as client:
        response = await client.post("leads/unlink", json=[first, GOOD, last])
        was_applied = await applied(client)

    assert errors_of(response) == {"1": [("NotSupportedChoice", "to_entity_id")]}
    assert [is_linked(world, item) for item in (first, last)] == [False, True]
    assert was_applied == [True]


async def test_nothing_is_done_where_the_first_item_is_bad() -> None:
    """A bad first item leaves nothing to apply, and the log says that nothing was."""
    world = small_world()
    before = world.to_dict()
    async with served(world, partial_400=True) as client:
        await client.post("leads/link", json=[BAD, GOOD])
        was_applied = await applied(client)

    assert was_applied == [False]
    assert before == world.to_dict()


@pytest.mark.parametrize("fate", ["no", "yes", "later"])
async def test_large_writes_time_out(fate: str) -> None:
    """Above a number of items the gateway gives up; the work is lost, done, or done afterwards."""
    world = small_world()
    switches: dict[str, Any] = {"slow_writes_apply": fate, "later_seconds": 0.1}
    async with served(world, max_items_before_504=1, **switches) as client:
        response = await client.post("leads/link", json=[GOOD, LAST])
        was_applied = await applied(client)
        (entry,) = (await client.get(f"{FACE}/requests")).json()
        small = await client.post("leads/unlink", json=[LAST])

    assert (response.status_code, response.text.startswith("<html>")) == (504, True)
    assert was_applied == [fate != "no"]
    if was_applied == [True]:
        assert (entry["applied_at"] > entry["answered_at"]) == (fate == "later")
    assert is_linked(world, GOOD) == (fate != "no")
    assert small.status_code == 204


@pytest.mark.parametrize("fate", ["yes", "later"])
async def test_nobody_hears_a_refusal_that_comes_too_late(fate: str) -> None:
    """A bad item in a write that timed out is not told; nothing of the write is done."""
    world = small_world()
    before = world.to_dict()
    switches: dict[str, Any] = {"slow_writes_apply": fate, "later_seconds": 0}
    async with served(world, max_items_before_504=1, **switches) as client:
        response = await client.post("leads/link", json=[GOOD, BAD])
        was_applied = await applied(client)

    assert (response.status_code, was_applied) == (504, [False])
    assert before == world.to_dict()


async def test_two_companies_in_one_request() -> None:
    """An account that refuses a second company refuses it within one request too."""
    world = small_world()
    items = [
        {"entity_id": 2, "to_entity_id": id_, "to_entity_type": "companies"} for id_ in (21, 22)
    ]
    async with served(world, second_company="refuse") as client:
        both = await client.post("leads/link", json=items)
        twice = await client.post("leads/link", json=[items[0], items[0]])

    assert errors_of(both) == {"1": [("NotSupportedChoice", "to_entity_id")]}
    assert twice.status_code == 200


async def test_two_owners_of_an_element_in_one_request() -> None:
    """An element that may have one owner cannot be given to two by one request."""
    goods = {
        "to_entity_id": 41,
        "to_entity_type": "catalog_elements",
        "metadata": {"catalog_id": 5},
    }
    async with served(small_world()) as client:
        both = [{**goods, "entity_id": 1}, {**goods, "entity_id": 2}]
        response = await client.post("leads/link", json=both)

    assert errors_of(response) == {"1": [("NotSupportedChoice", "to_entity_id")]}
