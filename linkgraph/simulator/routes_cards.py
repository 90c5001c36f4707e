"""Lists of leads, contacts, companies and customers, and one card by id."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from linkgraph.simulator.cards import Card
from linkgraph.simulator.chunks import batches, give_way
from linkgraph.simulator.embedding import embedded_links
from linkgraph.simulator.hal import API, hal, list_page, no_items, nothing
from linkgraph.simulator.query import page_of, words_of
from linkgraph.simulator.running import Running, running_of
from linkgraph.simulator.selection import select
from linkgraph.simulator.vocabulary import CARD_TYPES
from linkgraph.simulator.wire import card_body, deleted_body


def routes() -> list[Route]:
    """A list and a card for each type."""
    return [route for type_ in CARD_TYPES for route in CardRoutes(type_).routes()]


class CardRoutes:
    """The routes of one type."""

    def __init__(self, entity_type: str) -> None:
        self.type = entity_type

    def routes(self) -> list[Route]:
        """The two."""
        return [
            Route(f"{API}/{self.type}", self.page, methods=["GET"]),
            Route(f"{API}/{self.type}/{{id:int}}", self.one, methods=["GET"]),
        ]

    async def page(self, request: Request) -> Response:
        """One page of cards, with the links that `with` asks for."""
        running = running_of(request)
        wanted = page_of(request)
        last = running.behaviour.false_204_after_page
        if last is not None and wanted.number > last:
            return no_items(request, self.type)
        deleted = self.type == "leads" and "only_deleted" in words_of(request, "with")
        with running.world.lock:
            table = running.world.cards[self.type]
            selected = select(request, running, table, self.type, wanted, deleted=deleted)
            cards = [table.card(row) for row in selected.rows]
        bodies: list[dict[str, Any]] = []
        for chunk in batches(cards, 50):
            if deleted:
                bodies += [deleted_body(card, running.world.account_id) for card in chunk]
            else:
                bodies += self._bodies(request, running, chunk)
            await give_way()
        return list_page(request, self.type, bodies, wanted, more=selected.more)

    async def one(self, request: Request) -> Response:
        """One card; 204 where there is none (amocrm-api §1.6)."""
        running = running_of(request)
        with running.world.lock:
            card = running.world.cards[self.type].get(request.path_params["id"])
            return nothing() if card is None else hal(self._bodies(request, running, [card])[0])

    def _bodies(
        self, request: Request, running: Running, cards: Sequence[Card]
    ) -> list[dict[str, Any]]:
        ids = [card["id"] for card in cards]
        with running.world.lock:
            links = embedded_links(
                request, running.world.links, self.type, ids, words_of(request, "with")
            )
        account_id = running.world.account_id
        return [
            card_body(request, self.type, card, account_id, embedded)
            for card, embedded in zip(cards, links, strict=True)
        ]
