"""The examples of entity-links-api, served word for word by a world that holds them."""

from typing import Any

import httpx

from linkgraph.simulator import load_world
from tests.simulator.account import example, links_of, served

HOST = "http://account.test"


def world_of(links: list[dict[str, Any]], lead: int | None = None) -> dict[str, Any]:
    """A world file that holds the links of an example and their cards."""
    whole = [{"entity_id": lead, "entity_type": "leads", **link} for link in links]
    ends = {(one["to_entity_type"], one["to_entity_id"]) for one in whole}
    elements = [one for one in whole if one["to_entity_type"] == "catalog_elements"]
    catalogs = {one["metadata"]["catalog_id"] for one in elements}
    return {
        "leads": [{"id": id_} for id_ in sorted({one["entity_id"] for one in whole})],
        "contacts": [{"id": id_} for type_, id_ in sorted(ends) if type_ == "contacts"],
        "companies": [{"id": id_} for type_, id_ in sorted(ends) if type_ == "companies"],
        "catalogs": [{"id": id_} for id_ in sorted(catalogs)],
        "catalog_elements": [
            {"id": one["to_entity_id"], "catalog_id": one["metadata"]["catalog_id"]}
            for one in elements
        ],
        "links": whole,
    }


def at(host: str, body: Any) -> Any:
    """A body with its own address moved to `host`."""
    href = body["_links"]["self"]["href"]
    path = href[href.index("/api/") :]
    return {**body, "_links": {"self": {"href": host + path}}}


async def test_list_of_one_card() -> None:
    """The links of one lead are answered exactly as the reference shows."""
    shown = example("list")
    world = load_world(world_of(shown["_embedded"]["links"], lead=7593303))
    async with served(world) as client:
        response = await client.get("leads/7593303/links")

    assert at(HOST, shown) == response.json()
    assert response.headers["content-type"] == "application/hal+json"


async def test_mass_list() -> None:
    """The links of two leads are answered exactly as the reference shows."""
    shown = example("mass-list")
    world = load_world(world_of(shown["_embedded"]["links"]))
    async with served(world) as client:
        response = await client.get(
            "leads/links?filter[entity_id][]=7593303&filter[entity_id][]=7593305"
        )

    assert at(HOST, shown) == response.json()
    assert response.headers["content-type"] == "application/hal+json"


async def write(request: str, answer: str, path: str, lead: int | None) -> None:
    asked, shown = example(request), example(answer)
    world = world_of(shown["_embedded"]["links"]) | {"links": []}
    async with served(load_world(world)) as client:
        response = await client.post(f"{path}/link", json=asked)
        links = links_of(await client.get(f"leads/{lead or 14158851}/links"))

    assert at(HOST, shown) == response.json()
    assert response.headers["content-type"] == "application/hal+json"
    assert links[0]["metadata"] == {"quantity": 1, "catalog_id": 1026}


async def test_link() -> None:
    """Linking to one lead is asked and answered as the reference shows, and done."""
    await write("link-request", "link", "leads/14158851", 14158851)


async def test_mass_link() -> None:
    """Linking to several leads is asked and answered as the reference shows, and done."""
    await write("mass-link-request", "mass-link", "leads", None)


async def test_unlink() -> None:
    """Unlinking answers 204 without a body and leaves nothing behind."""
    world = load_world(world_of(example("link")["_embedded"]["links"]))
    async with served(world) as client:
        response = await client.post("leads/14158851/unlink", json=example("unlink-request"))
        after = await client.get("leads/14158851/links")

    assert (response.status_code, response.content) == (204, b"")
    assert after.status_code == 204


async def test_mass_unlink() -> None:
    """Mass unlinking takes the reference's request."""
    world = load_world(world_of(example("mass-link")["_embedded"]["links"]))
    async with served(world) as client:
        response: httpx.Response = await client.post(
            "leads/unlink", json=example("mass-unlink-request")
        )
        left = links_of(await client.get("leads/links?filter[entity_id][0]=14158852"))

    assert response.status_code == 204
    assert [one["to_entity_id"] for one in left] == [457282]
