"""Walking a list by pages to its end, several pages at once, and noticing when it moved.

Lists tell no total and are paged by number over live data (amocrm-api, section 2): the end is
where no next page is named. Pages beyond the last known one are asked for on speculation while
there is nothing surer to do, so that one long list still fills the pace.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from linkgraph.amocrm import AmoClient, wire
from linkgraph.mirror.clerk import Clerk
from linkgraph.mirror.columns import card_tables
from linkgraph.mirror.slots import Slots
from linkgraph.mirror.staging import PageMark, Staging, now
from linkgraph.model import EntityType

#: Pages asked for at once, the first of them sure to be needed. At 0.6 s an answer and two
#: requests for each 250 cards, 7 requests a second want 2.1 pages in flight.
AHEAD = 4
#: Cards a full page holds.
PAGE = 250
#: A page read this close to a deletion may lie beside the card that slipped through.
SHIFT_WINDOW = timedelta(seconds=60)

OnCards = Callable[[EntityType, Sequence[int]], Awaitable[None]]


class _Page(NamedTuple):
    ids: list[int]
    has_next: bool


class Walk:
    """One list: the cards of a type, or the elements of a catalog."""

    def __init__(
        self,
        client: AmoClient,
        staging: Staging,
        clerk: Clerk,
        slots: Slots,
        on_cards: OnCards,
        entity_type: EntityType,
        catalog_id: int = 0,
    ) -> None:
        self.entity_type = entity_type
        self.catalog_id = catalog_id
        self.speculated = 0
        """Pages asked for beyond the end."""
        self.finished = False
        """Whether the list was walked to its end, in this run or one before."""
        self._client = client
        self._staging = staging
        self._clerk = clerk
        self._slots = slots
        self._on_cards = on_cards

    async def run(self) -> None:
        """Walk from where the last run stopped to the end; `on_cards` gets the ids as they come."""
        start = await self._resume()
        if start is None:
            self.finished = True
            return
        flying: dict[int, asyncio.Task[_Page]] = {}
        try:
            end = await self._find_end(start, flying)
        finally:
            for task in flying.values():
                task.cancel()
            await asyncio.gather(*flying.values(), return_exceptions=True)
        await self._clerk.do(self._staging.mark_last, self.entity_type, self.catalog_id, end)
        self.finished = True

    async def _find_end(self, start: int, flying: dict[int, asyncio.Task[_Page]]) -> int:
        cursor, promised, asked_again = start, False, False
        while True:
            self._launch(cursor, flying)
            page = await flying.pop(cursor)
            if page.ids and (page.has_next or len(page.ids) >= PAGE):
                # A full page without a next one is looked behind: walks were seen cut short.
                promised, asked_again = page.has_next, False
                cursor += 1
                continue
            if not page.ids and promised and not asked_again:
                asked_again = True  # the page before promised more: nothing here is doubtful
                continue
            end = cursor if page.ids else cursor - 1
            beyond = dict(zip(flying, await asyncio.gather(*flying.values()), strict=True))
            if not any(page.ids for page in beyond.values()):
                self.speculated += len(beyond) + (0 if page.ids or cursor == start else 1)
                return end
            cursor, promised = end + 1, True

    def _launch(self, cursor: int, flying: dict[int, asyncio.Task[_Page]]) -> None:
        for number in range(cursor, cursor + AHEAD):
            # Sure work first: speculation only while half of the slots stand idle.
            if number not in flying and (number == cursor or self._slots.idle > AHEAD):
                flying[number] = asyncio.create_task(self._fetch(number))

    async def _resume(self) -> int | None:
        """The page to go on with; None when the walk is done.

        The last page that was read is looked at again: if other cards stand there now, cards
        before it came or went, and what stood behind it may have slipped through.
        """
        marks = await self._clerk.do(self._staging.pages, self.entity_type, self.catalog_id)
        done = [mark for number, mark in enumerate(marks, start=1) if mark.page == number]
        if not done:
            return 1
        if any(mark.is_last for mark in done):
            return None
        before = done[-1]
        page = await self._fetch(before.page)
        same = page.ids and (page.ids[0], page.ids[-1], len(page.ids)) == (
            before.first_id,
            before.last_id,
            before.cards,
        )
        if same:
            return before.page + 1
        await self._clerk.do(self._staging.forget_walk, self.entity_type, self.catalog_id)
        return 1

    async def reread(self, moments: Sequence[datetime]) -> int:
        """Read the pages again that were read close to `moments`; returns how many.

        A card deleted while a list is walked moves all behind it one place forward, so that one
        may slip from a page not yet read onto one already read.
        """
        marks = await self._clerk.do(self._staging.pages, self.entity_type, self.catalog_id)
        moved = {
            number
            for mark in marks
            if any(abs(mark.read_at - moment) <= SHIFT_WINDOW for moment in moments)
            for number in (max(1, mark.page - 1), mark.page)
        }
        async with asyncio.TaskGroup() as group:
            for number in sorted(moved):
                group.create_task(self._fetch(number))
        return len(moved)

    async def _fetch(self, number: int) -> _Page:
        async with self._slots:
            if self.catalog_id:
                found = await self._client.elements(self.catalog_id, number)
                cards, has_next = found.elements, found.has_next
            else:
                listed = await self._client.cards(self.entity_type, number)
                cards, has_next = listed.cards, listed.has_next
            if not cards:
                return _Page([], has_next=False)
            await self._clerk.do(self._stage, number, cards)
        ids = [card.id for card in cards]
        await self._on_cards(self.entity_type, ids)
        return _Page(ids, has_next)

    def _stage(self, number: int, cards: list[wire.Card]) -> None:
        read_at = now()
        mark = PageMark(
            page=number,
            first_id=cards[0].id,
            last_id=cards[-1].id,
            cards=len(cards),
            is_last=False,
            read_at=read_at,
        )
        country = self._staging.run.phone_country
        tables = card_tables(self.entity_type, cards, read_at, country)
        self._staging.put_page(self.entity_type, self.catalog_id, mark, tables)
