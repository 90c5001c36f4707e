"""The six link routes of each type (entity-links-api).

Invariant: single and mass routes are one code path; single is the mass of one card.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from linkgraph.simulator.chunks import batches, give_way
from linkgraph.simulator.hal import API, hal, no_items, nothing
from linkgraph.simulator.linkrules import LinkWriter
from linkgraph.simulator.metadata import metadata_as_read
from linkgraph.simulator.problems import Problem, gateway_page
from linkgraph.simulator.query import (
    Page,
    bad_parameter,
    base_of,
    here,
    id_of,
    ids_of,
    on_page,
    page_of,
)
from linkgraph.simulator.relation import Linked
from linkgraph.simulator.requestlog import note_applied
from linkgraph.simulator.running import Running, running_of
from linkgraph.simulator.vocabulary import CARD_TYPES, LISTING_ORDER

Row = tuple[int, str, Linked, bool]
"""A link to be listed: main card, type and end of the other, and whether its owner reports it."""

Write = Callable[[Request, LinkWriter, list[Any]], Response]
"""Does the work of a write and answers it."""


def routes() -> list[Route]:
    """Single and mass list, link and unlink for leads, contacts, companies and customers."""
    return [route for type_ in CARD_TYPES for route in LinkRoutes(type_).routes()]


class LinkRoutes:
    """The routes of one type."""

    def __init__(self, entity_type: str) -> None:
        self.type = entity_type

    def routes(self) -> list[Route]:
        """The six."""
        mass, single = f"{API}/{self.type}", f"{API}/{self.type}/{{id:int}}"
        return [
            Route(f"{mass}/links", self.links, methods=["GET"]),
            Route(f"{mass}/link", self.link, methods=["POST"]),
            Route(f"{mass}/unlink", self.unlink, methods=["POST"]),
            Route(f"{single}/links", self.links, methods=["GET"]),
            Route(f"{single}/link", self.link, methods=["POST"]),
            Route(f"{single}/unlink", self.unlink, methods=["POST"]),
        ]

    async def links(self, request: Request) -> Response:
        """The links of one card or of many."""
        running = running_of(request)
        single = request.path_params.get("id")
        ids = [single] if single else ids_of(request, "filter[entity_id]", running.behaviour)
        if ids is None:
            raise bad_parameter("filter.entity_id", "FieldMissing", "This field is missing.")
        most = running.behaviour.max_ids_before_504
        if most is not None and len(ids) > most:
            return gateway_page(504)
        with running.world.lock:
            known = running.world.cards[self.type].present(ids)
            if len(known) < len(set(ids)) and running.behaviour.unknown_ids == "400":
                raise bad_parameter(
                    "filter.entity_id", "NotSupportedChoice", "The value you selected is not valid."
                )
            rows = _wanted(request, _rows(running, self.type, known))
        return await self._listed(request, running, rows, single is not None)

    async def link(self, request: Request) -> Response:
        """Link cards, all or none of the request."""
        return await self._written(request, self._link)

    async def unlink(self, request: Request) -> Response:
        """Unlink cards, all or none of the request."""
        return await self._written(request, self._unlink)

    def _link(self, request: Request, writer: LinkWriter, items: list[Any]) -> Response:
        running, single = writer.running, writer.entity_id
        links = [self._shown(running, row, False) for row in writer.link(items)]
        path = f"{self.type}/{single}/links" if single else f"{self.type}/links"
        self_ = {"self": {"href": f"{base_of(request)}{API}/{path}"}}
        return hal({"_total_items": len(links), "_links": self_, "_embedded": {"links": links}})

    def _unlink(self, _: Request, writer: LinkWriter, items: list[Any]) -> Response:
        writer.unlink(items)
        return nothing()

    async def _written(self, request: Request, write: Write) -> Response:
        """The answer to a write: in time, or the gateway's while the work goes its own way."""
        running = running_of(request)
        behaviour = running.behaviour
        items = await _items(request, running)

        def work() -> Response:
            writer = LinkWriter(running, self.type, request.path_params.get("id"))
            with running.world.lock:
                try:
                    return write(request, writer, items)
                finally:
                    if writer.has_written:
                        note_applied(request)

        async def unheard() -> None:
            with suppress(Problem):
                work()

        most = behaviour.max_items_before_504
        if most is None or len(items) <= most:
            return work()
        if behaviour.slow_writes_apply == "yes":
            await unheard()
        elif behaviour.slow_writes_apply == "later":
            running.underway.later(behaviour.later_seconds, unheard)
        return gateway_page(504)

    async def _listed(
        self, request: Request, running: Running, rows: Sequence[Row], single: bool
    ) -> Response:
        total = len(rows)
        paged = running.behaviour.mass_list_paged
        page = page_of(request) if paged else Page(1, 50)
        if paged:
            rows = rows[page.first : page.last]
        if not rows:
            return no_items(request, "links")
        # The reference shows page and limit for one card, and the query as sent for many.
        self_ = on_page(request, page.number, page.limit) if single or paged else here(request)
        links = {"self": {"href": self_}}
        if paged and page.last < total:
            links["next"] = {"href": on_page(request, page.number + 1, page.limit)}
        shown = []
        for chunk in batches(rows, 1000):
            shown += [self._shown(running, row, single) for row in chunk]
            await give_way()
        whole = running.behaviour.total_items == "all"
        return hal(
            {
                "_total_items": total if whole else len(rows),
                "_links": links,
                "_embedded": {"links": shown},
            }
        )

    def _shown(self, running: Running, row: Row, single: bool) -> dict[str, Any]:
        id_, to_type, linked, owned = row
        metadata = metadata_as_read(linked)
        if not owned and not running.behaviour.reverse_metadata:
            metadata = None
        end = {"to_entity_id": linked.id, "to_entity_type": to_type, "metadata": metadata}
        return end if single else {"entity_id": id_, "entity_type": self.type, **end}


def _rows(running: Running, entity_type: str, ids: Sequence[int]) -> list[Row]:
    """Links card by card, and of each card in the order of the reference's examples."""
    columns = []
    for to_type in LISTING_ORDER:
        from_contact = (entity_type, to_type) == ("contacts", "leads")
        if from_contact and not running.behaviour.contacts_report_leads:
            continue
        found = running.world.links.neighbours(entity_type, ids, to_type)
        if found is not None:
            owned = (entity_type, to_type) in running.world.links.relations
            columns.append((to_type, owned, found))
    return [
        (id_, to_type, linked, owned)
        for number, id_ in enumerate(ids)
        for to_type, owned, found in columns
        for linked in found[number]
    ]


def _wanted(request: Request, rows: list[Row]) -> list[Row]:
    """Filters: the type without the id is ignored, as accounts do (amocrm-api §1.1)."""
    to_id, catalog_id = (
        id_of(request, "filter[to_entity_id]"),
        id_of(request, "filter[to_catalog_id]"),
    )
    to_type = request.query_params.get("filter[to_entity_type]")
    if to_id is not None and to_type:
        rows = [row for row in rows if row[1] == to_type and row[2].id == to_id]
    if catalog_id is not None:
        rows = [row for row in rows if row[2].catalog_id == catalog_id]
    return rows


async def _items(request: Request, running: Running) -> list[Any]:
    """The body of a write: a JSON array, also for one item (amocrm-api §1.1)."""
    body = await request.body()
    try:
        items = msgspec.json.decode(body) if body.strip() else []
    except msgspec.DecodeError as error:
        raise Problem(400, "Request body is not valid JSON") from error
    if not items:
        raise Problem(400, "Request data can not be empty")
    if not isinstance(items, list):
        raise bad_parameter("", "InvalidType", "This value should be of type array.")
    if len(items) > running.behaviour.max_write:
        raise Problem(422, f"Limit {running.behaviour.max_write} per page")
    return items
