"""A small account for the tests, and a client that is let in."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from linkgraph.simulator import Behaviour, Simulator, World, create_app, load_world, make_token

EXAMPLES = Path(__file__).parents[1] / "data" / "entity-links"

SMALL: dict[str, Any] = {
    "account": {"id": 77, "name": "Small"},
    "leads": [{"id": 1, "name": "One"}, {"id": 2}, {"id": 3, "price": 5}],
    "contacts": [{"id": 11}, {"id": 12}, {"id": 13}],
    "companies": [{"id": 21}, {"id": 22}],
    "customers": [{"id": 31}],
    "catalogs": [{"id": 4, "name": "Goods"}, {"id": 5, "can_link_multiple": False}],
    "catalog_elements": [
        {"id": 41, "catalog_id": 4},
        {"id": 42, "catalog_id": 4},
        {"id": 41, "catalog_id": 5},
    ],
    "links": [
        {
            "entity_type": "leads",
            "entity_id": 1,
            "to_entity_type": "contacts",
            "to_entity_id": 11,
            "metadata": {"main_contact": True},
        },
        {
            "entity_type": "leads",
            "entity_id": 1,
            "to_entity_type": "contacts",
            "to_entity_id": 12,
            "metadata": {"main_contact": False},
        },
        {
            "entity_type": "leads",
            "entity_id": 1,
            "to_entity_type": "companies",
            "to_entity_id": 21,
            "metadata": None,
        },
        {
            "entity_type": "contacts",
            "entity_id": 11,
            "to_entity_type": "companies",
            "to_entity_id": 21,
        },
    ],
}


def small_world() -> World:
    """A fresh copy of the small account."""
    return load_world(msgspec.json.decode(msgspec.json.encode(SMALL)))


def example(name: str) -> Any:
    """An example of entity-links-api, its missing commas mended."""
    return msgspec.json.decode((EXAMPLES / f"{name}.json").read_bytes())


@asynccontextmanager
async def served(world: World, **switches: Any) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of the account in-process, with a good token and no rate limit."""
    app = create_app(world, Behaviour(rate=None).changed(switches))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://account.test/api/v4/",
        headers={"Authorization": f"Bearer {make_token(world.account_id)}"},
    ) as client:
        yield client


def client_of(simulator: Simulator) -> httpx.Client:
    """A client of the account over a real socket, with a good token."""
    return httpx.Client(
        base_url=f"{simulator.url}/api/v4/",
        headers={"Authorization": f"Bearer {simulator.token}"},
    )


def links_of(response: httpx.Response) -> list[dict[str, Any]]:
    """The links in an answer; none in a 204."""
    if response.status_code == 204:
        return []
    assert response.status_code == 200, response.text
    links: list[dict[str, Any]] = response.json()["_embedded"]["links"]
    return links


def errors_of(response: httpx.Response) -> dict[str, list[tuple[str, str]]]:
    """The complaints of a 400: code and path by item."""
    assert response.status_code == 400, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: Mapping[str, Any] = response.json()
    return {
        one["request_id"]: [(error["code"], error["path"]) for error in one["errors"]]
        for one in body["validation-errors"]
    }


def ends(response: httpx.Response) -> list[tuple[str, int]]:
    """The far ends of the links in an answer."""
    return [(one["to_entity_type"], one["to_entity_id"]) for one in links_of(response)]
