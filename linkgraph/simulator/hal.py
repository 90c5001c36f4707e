"""Answers of application/hal+json.

Invariant: every address in an answer is absolute and on the host that the client called.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from linkgraph.simulator.query import Page, base_of, on_page
from linkgraph.simulator.running import running_of

HAL_JSON = "application/hal+json"

API = "/api/v4"

_encode = msgspec.json.Encoder().encode


def hal(body: dict[str, Any]) -> Response:
    """A 200 with a HAL body."""
    return Response(_encode(body), media_type=HAL_JSON)


def nothing() -> Response:
    """204: the API's way to say that there is none (amocrm-api §1.6)."""
    return Response(status_code=204)


def link_to(request: Request, *path: object) -> dict[str, dict[str, str]]:
    """The `_links` of a card: its own address."""
    return {"self": {"href": "/".join(map(str, (base_of(request) + API, *path)))}}


def list_page(
    request: Request, name: str, items: Sequence[Any], page: Page, *, more: bool, **extra: Any
) -> Response:
    """One page of a list; no total, `next` while there is more (amocrm-api §2)."""
    if not items:
        return no_items(request, name)
    links = {"self": {"href": on_page(request, page.number, page.limit)}}
    if more:
        links["next"] = {"href": on_page(request, page.number + 1, page.limit)}
    if page.number > 1:
        links["first"] = {"href": on_page(request, 1, page.limit)}
        links["prev"] = {"href": on_page(request, page.number - 1, page.limit)}
    return hal({"_page": page.number, "_links": links, "_embedded": {name: items}, **extra})


def no_items(request: Request, name: str) -> Response:
    """A list of nothing: 204, or an empty list where the account does that."""
    if running_of(request).behaviour.empty == "204":
        return nothing()
    self_ = {"self": {"href": on_page(request, 1)}}
    return hal({"_total_items": 0, "_links": self_, "_embedded": {name: []}})
