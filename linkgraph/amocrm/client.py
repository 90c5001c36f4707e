"""The API of one account, as typed methods.

Invariants: the token goes to the account's origin and nowhere else, not into errors, logs or
reprs either; no redirect is followed; a read-only client refuses every write before it leaves;
all requests go through the pacer.
"""

import dataclasses
from collections.abc import AsyncIterator, Iterable, Sequence
from types import TracebackType
from typing import TypeVar

import httpx
import msgspec

from linkgraph import errors
from linkgraph.amocrm import bodies, problems, routes, wire
from linkgraph.amocrm.address import Address
from linkgraph.amocrm.exchange import Exchange
from linkgraph.amocrm.pacing import Pacer
from linkgraph.amocrm.retries import RetryPolicy
from linkgraph.amocrm.routes import Route, largest_batch, request_target_for_mass_links
from linkgraph.amocrm.stats import Stats
from linkgraph.amocrm.transport import MAX_BODY, Transport
from linkgraph.model import EntityType, Ref

__all__ = ["AmoClient", "largest_batch", "request_target_for_mass_links"]

T = TypeVar("T")
MAX_PAGES = 10_000
"""Pages that one answer may be spread over, against a server that never says the last."""


class AmoClient:
    """One account's API. Use as an async context manager.

    Args:
        address: where the account is; the only origin that sees the token.
        token: a long-lived or OAuth access token.
        pacer: when requests may go; share one among clients of an account (or its file).
        read_only: refuse every write.
        concurrency: requests in flight at most; httpx slows down past 8 (perf section 2).
        transport: an httpx transport in place of the network, for tests.
        retry_policy: how often and how patiently to try again.
        max_body: bytes of an answer that are read at most.

    All methods raise `errors.ApiError` where the CRM does not do what was asked, and
    `errors.AccountBlocked` at once, for all that wait too, when the gateway blocks the account.
    """

    def __init__(
        self,
        address: Address,
        token: str,
        *,
        pacer: Pacer,
        read_only: bool = False,
        concurrency: int = 8,
        transport: httpx.AsyncBaseTransport | None = None,
        retry_policy: RetryPolicy | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        self.address = address
        self._unordered: set[EntityType] = set()
        self.read_only = read_only
        self.pacer = pacer
        self._transport = Transport(
            address, token, concurrency=concurrency, transport=transport, max_body=max_body
        )
        self._exchange = Exchange(
            self._transport, pacer, concurrency=concurrency, policy=retry_policy or RetryPolicy()
        )

    @property
    def stats(self) -> Stats:
        """What was asked so far."""
        return self._exchange.stats

    def __repr__(self) -> str:
        return f"AmoClient({self.address.url!r}, read_only={self.read_only})"

    async def __aenter__(self) -> "AmoClient":
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._transport.__aexit__(kind, error, traceback)

    # Reading the account

    async def account(self, with_: Iterable[str] = ("is_api_filter_enabled",)) -> wire.Account:
        """The account that the token belongs to.

        Raises:
            NotAmoCRM: what answers is no account.
        """
        route = routes.account(with_)
        account = await self._exchange.ask(route, bodies.account)
        if account is None:
            raise problems.not_amocrm(route, problems.Answer(200, b"{}"))
        return account

    async def users(self) -> list[wire.User]:
        """All users of the account.

        Raises:
            RightsMissing, PaymentRequired: the token's user may not list them; a caller that can
                do without names goes on.
        """
        found: list[wire.User] = []
        async for answer in self._pages(routes.users(), bodies.Users):
            found += (answer.embedded and answer.embedded.users) or []
        return found

    async def pipelines(self) -> list[wire.Pipeline]:
        """All pipelines, with their statuses."""
        answer = await self._list(routes.pipelines(), bodies.Pipelines)
        return (answer.embedded and answer.embedded.pipelines) or []

    async def webhooks(self) -> list[wire.Webhook]:
        """The account's webhooks, which changes of cards and links may call.

        Raises:
            RightsMissing, PaymentRequired: the token's user may not list them.
        """
        answer = await self._list(routes.webhooks(), bodies.Webhooks)
        return (answer.embedded and answer.embedded.webhooks) or []

    # Reading cards

    async def cards(
        self, entity_type: EntityType, page: int, limit: int = routes.PAGE_LIMIT
    ) -> wire.CardPage:
        """A page of a type's cards by id, each with the links that it can embed.

        Customers have no documented order (amocrm-api section 2): where one is refused, they come
        in the CRM's own.
        """
        ordered = entity_type not in self._unordered
        try:
            route = routes.cards(entity_type, page, limit, ordered=ordered)
            answer = await self._list(route, bodies.Cards)
        except errors.RequestRefused:
            if entity_type is not EntityType.CUSTOMER or not ordered:
                raise
            self._unordered.add(entity_type)
            return await self.cards(entity_type, page, limit)
        found = answer.embedded.all if answer.embedded else []
        return wire.CardPage(cards=found, page=page, has_next=answer.next is not None)

    async def card(self, ref: Ref) -> wire.Card | None:
        """One card, an element too; None where there is none (404, 204)."""
        try:
            return await self._exchange.ask(routes.card(ref), _card)
        except errors.NotFound:
            return None

    async def cards_by_id(self, entity_type: EntityType, ids: Sequence[int]) -> list[wire.Card]:
        """Cards by their ids, where the account has the filter add-on.

        An account without it may ignore the filter: then only cards of the first page come, and
        the caller checks that what came was asked for.
        """
        if not ids:
            return []
        route = routes.cards_by_id(entity_type, ids)
        wanted = set(ids)
        found: list[wire.Card] = []
        async for answer in self._pages(route, bodies.Cards):
            found += answer.embedded.all if answer.embedded else []
            if any(card.id not in wanted for card in found):
                break  # not filtered: the other pages are the rest of the account
        return found

    async def catalogs(self) -> list[wire.Catalog]:
        """All catalogs."""
        found: list[wire.Catalog] = []
        async for answer in self._pages(routes.catalogs(), bodies.Catalogs):
            found += (answer.embedded and answer.embedded.catalogs) or []
        return found

    async def elements(
        self, catalog_id: int, page: int, limit: int = routes.PAGE_LIMIT
    ) -> wire.ElementPage:
        """A page of a catalog's elements, each with its catalog's id."""
        answer = await self._list(routes.elements(catalog_id, page, limit), bodies.Cards)
        found = answer.embedded.all if answer.embedded else []
        for card in found:
            card.catalog_id = card.catalog_id or catalog_id
        return wire.ElementPage(elements=found, page=page, has_next=answer.next is not None)

    # Reading links

    async def card_links(self, ref: Ref) -> wire.LinkSet:
        """The links of one card, all pages."""
        return await self._links(routes.card_links(ref), ref.type, (ref.id,))

    async def mass_links(self, entity_type: EntityType, ids: Sequence[int]) -> wire.LinkSet:
        """The links of many cards of a type, all pages.

        Raises:
            GatewayTimeout, RequestTooLong: ask about fewer at once (`routes.largest_batch`).
        """
        if not ids:
            return wire.LinkSet(links=[], total_items=0, pages=0, requested=())
        return await self._links(routes.mass_links(entity_type, ids), entity_type, tuple(ids))

    # Writing links

    def require_writes(self, what: str) -> None:
        """Refuse `what` where nothing may be written.

        Raises:
            ReadOnly: the client is read-only.
        """
        if self.read_only:
            raise errors.ReadOnly(
                f"nothing may be written here: {what} was not sent",
                hint="read-only was said by the account's settings, by --read-only or by "
                "LINKGRAPH_READ_ONLY",
            )

    async def link(self, ref: Ref, items: Sequence[wire.LinkItem]) -> wire.LinkSet:
        """Link one card to others; returns what the CRM says is linked now.

        Raises:
            ReadOnly: the client is read-only; nothing was sent.
            RequestRefused: nothing was applied; `problems` names the items.
            ServerFailed, ConnectionFailed, InvalidAnswer: the outcome is unknown: read the links.
        """
        route = routes.write_links(ref, "link")
        return await self._write(route, items, ref.type, ref.id)

    async def unlink(self, ref: Ref, items: Sequence[wire.LinkItem]) -> None:
        """Unlink one card from others; raises as `link` does."""
        route = routes.write_links(ref, "unlink")
        await self._write(route, [item.unlinking() for item in items], ref.type, ref.id)

    async def mass_link(
        self, entity_type: EntityType, items: Sequence[wire.LinkItem]
    ) -> wire.LinkSet:
        """Link many cards of a type, each item with its `entity_id`; raises as `link` does."""
        route = routes.write_mass_links(entity_type, "link")
        return await self._write(route, items, entity_type)

    async def mass_unlink(self, entity_type: EntityType, items: Sequence[wire.LinkItem]) -> None:
        """Unlink many cards of a type; raises as `link` does."""
        route = routes.write_mass_links(entity_type, "unlink")
        await self._write(route, [item.unlinking() for item in items], entity_type)

    # Reading events

    async def events(
        self,
        types: Iterable[str],
        since: int | None = None,
        until: int | None = None,
        page: int = 1,
    ) -> wire.EventPage:
        """A page of the events of some types, created from `since` to `until` (Unix seconds)."""
        answer = await self._list(routes.events(types, since, until, page), bodies.Events)
        found = (answer.embedded and answer.embedded.events) or []
        return wire.EventPage(events=found, page=page, has_next=answer.next is not None)

    async def event_types(self) -> list[wire.EventType]:
        """The event types that the account has."""
        answer = await self._list(routes.event_types(), bodies.EventTypes)
        return (answer.embedded and answer.embedded.events_types) or []

    # From routes to answers

    async def _links(
        self, route: Route, entity_type: EntityType, ids: tuple[int, ...]
    ) -> wire.LinkSet:
        found = wire.LinkSet(links=[], total_items=None, pages=0, requested=ids)
        async for answer in self._pages(route, bodies.Links):
            if found.pages == 0:
                found.total_items = answer.total_items
            found.pages += 1
            found.links += (answer.embedded and answer.embedded.links) or []
        _name_owner(found.links, entity_type, ids[0] if len(ids) == 1 else None)
        if any(link.entity_id is None for link in found.links):
            raise self._not_understood(route, "the answer does not say whose links it holds")
        return found

    async def _write(
        self,
        route: Route,
        items: Sequence[wire.LinkItem],
        entity_type: EntityType,
        entity_id: int | None = None,
    ) -> wire.LinkSet:
        self.require_writes(problems.name_of(route))
        if not items:
            raise ValueError("a write needs items")
        answer = await self._exchange.ask(
            route, lambda body: bodies.envelope(body, bodies.Links), msgspec.json.encode(items)
        )
        links = (answer.embedded and answer.embedded.links) or []
        _name_owner(links, entity_type, entity_id)
        listed = answer.embedded and answer.embedded.errors
        asked = (item.entity_id for item in items if item.entity_id is not msgspec.UNSET)
        return wire.LinkSet(
            links=links,
            total_items=answer.total_items,
            pages=1,
            requested=tuple(dict.fromkeys(asked)) if entity_id is None else (entity_id,),
            problems=tuple(problems.field_problems(listed, self._exchange.redact)),
        )

    async def _list(self, route: Route, embedded: type[T]) -> bodies.Envelope[T]:
        answer = await self._exchange.ask(route, lambda body: bodies.envelope(body, embedded))
        if answer.next is not None:
            self._following(route, answer.next)
        return answer

    async def _pages(self, route: Route, embedded: type[T]) -> AsyncIterator[bodies.Envelope[T]]:
        seen = {route.target}
        for _ in range(MAX_PAGES):
            answer = await self._list(route, embedded)
            yield answer
            if answer.next is None:
                return
            route = self._following(route, answer.next)
            if route.target in seen:
                break
            seen.add(route.target)
        raise self._not_understood(route, "the answer's pages lead in a circle, or never end")

    def _following(self, route: Route, address: str) -> Route:
        """The route of a `next` link, which must be the same list's, asked of the own origin."""
        target = self.address.target_at_home(address)
        if target is None or target.partition("?")[0] != route.path:
            raise self._not_understood(
                route, "the next page is on another site or another list, and was not followed"
            )
        return dataclasses.replace(route, target=target)

    def _not_understood(self, route: Route, why: str) -> errors.InvalidAnswer:
        answer = problems.Answer(200, b"")
        return problems.malformed(route, answer, why, self._exchange.redact, retryable=False)


def _card(body: bytes) -> wire.Card | None:
    return bodies.decode(body, wire.Card) if body.strip() else None


def _name_owner(links: list[wire.Link], entity_type: EntityType, entity_id: int | None) -> None:
    """Fill in the side that was asked, which single lists leave out (entity-links-api)."""
    for link in links:
        if link.entity_type is None:
            link.entity_type = entity_type.api_name
        if link.entity_id is None:
            link.entity_id = entity_id
