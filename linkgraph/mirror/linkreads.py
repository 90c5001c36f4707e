"""Reading the links of many cards, and proving that what came is whole.

How mass lists page is not documented (amocrm-api, section 1.4), so nothing is taken on trust:
what was announced is compared with what came, a count that looks like a page's limit is read
again in halves, and an account that has not shown how it pages has one large set read in small
ones too. What cannot be proved whole is marked so, and nothing of it is ever removed.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from linkgraph.amocrm import AmoClient, largest_batch, wire
from linkgraph.errors import (
    ApiError,
    GatewayTimeout,
    InvalidAnswer,
    NotAmoCRM,
    NotFound,
    RequestRefused,
    RequestTooLong,
    RightsMissing,
)
from linkgraph.mirror.clock import now
from linkgraph.mirror.ledger import MassListFacts
from linkgraph.mirror.linksink import LinkSink
from linkgraph.mirror.slots import Slots
from linkgraph.model import EntityType, Ref

#: Counts that are the default or the greatest limit of some list of this API.
LIMITS = frozenset({50, 100, 250, 500, 1000})
#: A set of so many links is large enough to show a cap.
LARGE = 100
#: In how many parts a large set is read again, once an account.
PARTS = 5

_Key = tuple[int | None, str, int, int | None]
_TOO_MUCH = (GatewayTimeout, RequestTooLong, InvalidAnswer)
_REFUSED = (RequestRefused, RightsMissing, NotFound)


class LinkReader:
    """Reads links into a sink. `slots` bounds what is in flight over all readers and walks."""

    def __init__(
        self,
        client: AmoClient,
        sink: LinkSink,
        facts: MassListFacts,
        slots: Slots,
        on_read: Callable[[EntityType, int, int], None],
    ) -> None:
        self.facts = facts
        self.calibrating = 0
        """Requests spent on finding out how the account pages."""
        self.repairing = 0
        """Requests made because a larger or an earlier one was not enough."""
        self._client = client
        self._sink = sink
        self._slots = slots
        self._on_read = on_read
        self._calibration = asyncio.Lock()
        self._answered: set[EntityType] = set()
        self._forbidden: set[EntityType] = set()

    def batch_size(self, entity_type: EntityType, ids: Sequence[int], start: int) -> int:
        """How many ids from `start` on fit one request of this account."""
        return largest_batch(entity_type, ids, start, max_ids=self.facts.max_ids)

    async def read(self, entity_type: EntityType, ids: Sequence[int]) -> None:
        """Read the links of the cards `ids`, in as few requests as prove them whole."""
        if entity_type in self._forbidden:
            await self._put(entity_type, ids, [], read_at=now(), whole=False)
            refs = [Ref(entity_type, card_id) for card_id in ids]
            await self._sink.unreadable(refs, "no rights")
            return
        try:
            async with self._slots:
                read_at = now()  # not later: a link may be written while the answer is on its way
                answer = None
                # Less may have been learned to be possible since it was queued.
                if len(ids) <= self.facts.max_ids:
                    answer = await self._client.mass_links(entity_type, ids)
        except NotAmoCRM:
            raise
        except _TOO_MUCH as error:
            await self._read_less(entity_type, ids, error, read_at)
            return
        except _REFUSED as error:
            await self._read_around(entity_type, ids, error, read_at)
            return
        if answer is None:
            await self._read_parts(entity_type, ids, self.facts.max_ids)
            return
        self._answered.add(entity_type)
        count = len(answer.links)
        if count >= LARGE and not self.facts.checked:
            async with self._calibration:
                if not self.facts.checked:
                    await self._calibrate(entity_type, ids, answer)
            if len(ids) > self.facts.max_ids:
                await self._read_parts(entity_type, ids, self.facts.max_ids)
                return
        if self._lacks(answer, count):
            await self._read_doubted(entity_type, ids, answer, read_at)
            return
        if answer.pages == 1:
            self.facts.largest_without_next = max(self.facts.largest_without_next, count)
        await self._put(
            entity_type,
            ids,
            answer.links,
            read_at=read_at,
            whole=True,
            expected=_announced(answer),
        )

    def _lacks(self, answer: wire.LinkSet, count: int) -> bool:
        """Whether more was announced than came, or as many came as a silent cap may let through."""
        if answer.total_items is not None and answer.total_items > count:
            return True
        if answer.pages > 1:
            return False
        cap = self.facts.cap
        return (cap is not None and count >= cap) or (
            count in LIMITS and count >= self.facts.largest_without_next
        )

    async def _read_doubted(
        self, entity_type: EntityType, ids: Sequence[int], answer: wire.LinkSet, read_at: datetime
    ) -> None:
        """A set that may be cut: in halves; a single card by its own list."""
        if len(ids) > 1:
            await self._read_parts(entity_type, ids, (len(ids) + 1) // 2)
            return
        self.repairing += 1
        async with self._slots:
            own = await self._client.card_links(Ref(entity_type, ids[0]))
        links = {_key(link): link for link in [*answer.links, *own.links]}
        announced = max(answer.total_items or 0, own.total_items or 0)
        await self._put(
            entity_type,
            ids,
            list(links.values()),
            read_at=read_at,
            whole=announced <= len(links),
            expected=announced or None,
        )

    async def _read_less(
        self, entity_type: EntityType, ids: Sequence[int], error: ApiError, read_at: datetime
    ) -> None:
        """The server could not answer so much at once: remember that, and ask for half."""
        if len(ids) == 1:
            await self._put(entity_type, ids, [], read_at=read_at, whole=False)
            return
        half = (len(ids) + 1) // 2
        if not isinstance(error, InvalidAnswer):
            self.facts.max_ids = max(1, min(self.facts.max_ids, half))
        await self._read_parts(entity_type, ids, half)

    async def _read_around(
        self, entity_type: EntityType, ids: Sequence[int], error: ApiError, read_at: datetime
    ) -> None:
        """Some id is not to be read: find it by halves, and read all the others."""
        if isinstance(error, NotFound) and len(ids) > 1:
            raise error  # the route itself is missing: no smaller set will help
        if len(ids) == 1:
            if isinstance(error, RightsMissing) and entity_type not in self._answered:
                # Not one card of this type could be asked about: none of the others need be.
                self._forbidden.add(entity_type)
            reason = "no rights" if isinstance(error, RightsMissing) else "not found"
            await self._put(entity_type, ids, [], read_at=read_at, whole=False)
            await self._sink.unreadable([Ref(entity_type, ids[0])], reason)
            return
        await self._read_parts(entity_type, ids, (len(ids) + 1) // 2)

    async def _read_parts(self, entity_type: EntityType, ids: Sequence[int], size: int) -> None:
        for start in range(0, len(ids), size):
            self.repairing += 1
            await self.read(entity_type, ids[start : start + size])

    async def _calibrate(
        self, entity_type: EntityType, ids: Sequence[int], answer: wire.LinkSet
    ) -> None:
        """Find out whether a large answer is whole, by asking for the same in small sets."""
        if answer.pages > 1 or len(ids) == 1:
            # It pages by links and says so; or there is nothing smaller to compare with.
            self.facts.checked = answer.pages > 1
            return
        size = -(-len(ids) // PARTS)
        parts = [ids[start : start + size] for start in range(0, len(ids), size)]
        self.calibrating += len(parts)
        asked = (self._part(entity_type, part) for part in parts)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        small: set[_Key] = set()
        for part in answers:
            if isinstance(part, (*_TOO_MUCH, *_REFUSED)):
                return  # another large set will tell
            if isinstance(part, BaseException):
                raise part
            small.update(_key(link) for link in part.links)
        if small - {_key(link) for link in answer.links}:
            self.facts.max_ids = min(self.facts.max_ids, max(1, size))
            self.facts.cap = len(answer.links)
        self.facts.checked = True

    async def _part(self, entity_type: EntityType, ids: Sequence[int]) -> wire.LinkSet:
        async with self._slots:
            return await self._client.mass_links(entity_type, ids)

    async def _put(
        self,
        entity_type: EntityType,
        ids: Sequence[int],
        links: Sequence[wire.Link],
        *,
        read_at: datetime,
        whole: bool,
        expected: int | None = None,
    ) -> None:
        await self._sink.put(
            entity_type, ids, links, read_at=read_at, whole=whole, expected=expected
        )
        self._on_read(entity_type, len(ids), len(links))


def _announced(answer: wire.LinkSet) -> int | None:
    """How many links were announced: pages may each announce their own (amocrm-api, 1.4)."""
    if answer.total_items is None or answer.pages <= 1:
        return answer.total_items
    return max(answer.total_items, len(answer.links))


def _key(link: wire.Link) -> _Key:
    catalog_id = link.metadata.catalog_id if link.metadata else None
    return link.entity_id, link.to_entity_type, link.to_entity_id, catalog_id
