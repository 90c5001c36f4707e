"""The links that cards carry in lists (`with`, amocrm-api §2).

Invariant: each kind of link is looked up once for a whole page.
"""

from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request

from linkgraph.simulator.hal import API
from linkgraph.simulator.links import LinkStore
from linkgraph.simulator.metadata import metadata_as_read
from linkgraph.simulator.query import base_of
from linkgraph.simulator.relation import Linked
from linkgraph.simulator.vocabulary import ALWAYS_EMBEDDED, ELEMENTS, WITH_LINKS

Show = Callable[[Linked], dict[str, Any]]


def embedded_links(
    request: Request, links: LinkStore, entity_type: str, ids: Sequence[int], asked: Sequence[str]
) -> list[dict[str, list[dict[str, Any]]]]:
    """For each card what `_embedded` says of its links: unasked ones first."""
    types = [*ALWAYS_EMBEDDED[entity_type]]
    types += [type_ for type_ in WITH_LINKS[entity_type] if type_ in asked]
    found: list[dict[str, list[dict[str, Any]]]] = [{} for _ in ids]
    for to_type in types:
        show = _show(base_of(request), entity_type, to_type)
        neighbours = links.neighbours(entity_type, ids, to_type) or []
        for card, linked in zip(found, neighbours, strict=True):
            card[to_type] = [show(one) for one in linked]
    return found


def _show(base: str, entity_type: str, to_type: str) -> Show:
    address = f"{base}{API}/{to_type}/"
    has_main = to_type == "contacts" and entity_type in ("leads", "customers")

    def element(linked: Linked) -> dict[str, Any]:
        href = f"{base}{API}/catalogs/{linked.catalog_id}/elements/{linked.id}"
        return {
            "id": linked.id,
            "metadata": metadata_as_read(linked),
            "_links": {"self": {"href": href}},
        }

    def contact(linked: Linked) -> dict[str, Any]:
        is_main = linked.metadata.is_main == 1
        return {"id": linked.id, "is_main": is_main, "_links": _self(address, linked)}

    def card(linked: Linked) -> dict[str, Any]:
        return {"id": linked.id, "_links": _self(address, linked)}

    if to_type == ELEMENTS:
        return element
    return contact if has_main else card


def _self(address: str, linked: Linked) -> dict[str, dict[str, str]]:
    return {"self": {"href": f"{address}{linked.id}"}}
