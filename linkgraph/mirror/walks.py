"""Walking a list by pages to its end, several pages at once, and noticing when it moved.

Lists tell no total and are paged by number over live data (amocrm-api, section 2): the end is
where no next page is named. Pages beyond the last known one are asked for on speculation while
there is nothing surer to do, so that one long list still fills the pace.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from linkgraph.amocrm import AmoClient, wire
from linkgraph.mirror.clerk import Clerk
from linkgraph.mirror.clock import now
from linkgraph.mirror.columns import card_tables
from linkgraph.mirror.slots import Slots
from linkgraph.mirror.stagedrows import PageMark
from linkgraph.mirror.staging import Staging
from linkgraph.model import EntityType

#: Pages asked for at once, the first of them sure to be needed. At 0.6 s an answer and two
#: requests for each 250 cards, 7 requests a second want 2.1 pages in flight.
AHEAD = 4
#: Places in flight that speculation leaves free. More would starve the pace: four requests are
#: always on the road at 0.6 s an answer, others wait for their turn.
SPARE = 1
#: Cards a full page holds.
PAGE = 250
#: A page read this close to a deletion may lie beside the card that slipped through.
SHIFT_WINDOW = timedelta(seconds=60)

OnCards = Callable[[EntityType, Sequence[int]], None]


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
        self.repeated = 0
        """Pages asked for again, because the list had moved or an answer was doubtful."""
        self.finished = False
        """Whether the list was walked to its end, in this run or one before."""
        self.proved = False
        """Whether the end is beyond doubt: what no page showed is not in the list."""
        self._client = client
        self._staging = staging
        self._clerk = clerk
        self._slots = slots
        self._on_cards = on_cards

    async def run(self) -> None:
        """Walk from where the last run stopped to the end; `on_cards` gets new ids as they come."""
        flying: dict[int, asyncio.Task[_Page]] = {}
        start = await self._resume(flying)
        try:
            end = await self._find_end(start, flying)
        finally:
            for task in flying.values():
                task.cancel()
            await asyncio.gather(*flying.values(), return_exceptions=True)
        await self._clerk.do(self._staging.mark_last, self.entity_type, self.catalog_id, end)
        self.finished = True

    async def _find_end(self, start: int, flying: dict[int, asyncio.Task[_Page]]) -> int:
        """Ask page after page; the number of the last that shows cards, 0 for an empty list."""
        cursor, last = start, start - 1
        promised = again = holes = False
        while True:
            self._launch(cursor, flying)
            page = await flying.pop(cursor)
            if page.ids:
                last, promised, again = cursor, page.has_next, False
                # A full page without a next one is looked behind: walks were seen cut short.
                if page.has_next or len(page.ids) >= PAGE:
                    cursor += 1
                    continue
            elif promised and not again:
                again = True  # the page before promised more: nothing here is doubtful
                self.repeated += 1
                continue
            beyond = await asyncio.gather(*flying.values())
            if not any(found.ids for found in beyond):
                break
            holes = holes or not page.ids
            cursor, promised, again = cursor + 1, True, False
        self.speculated += len(beyond) + (not page.ids)
        self.proved = not holes and not (promised and not page.ids)
        return last

    def _launch(self, cursor: int, flying: dict[int, asyncio.Task[_Page]]) -> None:
        idle = self._slots.idle
        # A list that has shown n pages is trusted with n more, so that short ones cost none.
        for number in range(cursor, cursor + min(AHEAD, cursor)):
            # Sure work first: speculation leaves room for it.
            if number not in flying and (number == cursor or idle > SPARE):
                flying[number] = asyncio.create_task(self._fetch(number))
                idle -= 1

    async def _resume(self, flying: dict[int, asyncio.Task[_Page]]) -> int:
        """The page to go on with, already asked for where a run before had read it.

        The last page that was read is looked at again: if other cards stand there now, cards
        before it came or went, what stood behind it may have slipped through, and the walk begins
        anew. What was staged of it stays, and so do the links that were read.
        """
        marks = await self._clerk.do(self._staging.pages, self.entity_type, self.catalog_id)
        done = [mark for number, mark in enumerate(marks, start=1) if mark.page == number]
        if not done:
            return 1
        before = done[-1]
        self.repeated += 1
        task = asyncio.create_task(self._fetch(before.page))
        page = await task
        if _still_begins_with(page.ids, before):
            flying[before.page] = task
            return before.page
        await self._clerk.do(self._staging.forget_walk, self.entity_type, self.catalog_id)
        return 1

    async def reread(self, moments: Sequence[datetime] | None) -> None:
        """Read the pages again that were read close to `moments`; None: all of them.

        A card deleted while a list is walked moves all behind it one place forward, so that one
        may slip from a page not yet read onto one already read.
        """
        marks = await self._clerk.do(self._staging.pages, self.entity_type, self.catalog_id)
        moved = {
            number
            for mark in marks
            if moments is None
            or any(abs(mark.read_at - moment) <= SHIFT_WINDOW for moment in moments)
            for number in (max(1, mark.page - 1), mark.page)
        }
        self.repeated += len(moved)
        async with asyncio.TaskGroup() as group:
            for number in sorted(moved):
                group.create_task(self._fetch(number))
        if moved:
            last = marks[-1].page
            await self._clerk.do(self._staging.mark_last, self.entity_type, self.catalog_id, last)

    async def _fetch(self, number: int) -> _Page:
        async with self._slots:
            read_at = now()  # not later: a card may change while the answer is on its way
            if self.catalog_id:
                found = await self._client.elements(self.catalog_id, number)
                cards, has_next = found.elements, found.has_next
            else:
                listed = await self._client.cards(self.entity_type, number)
                cards, has_next = listed.cards, listed.has_next
            if not cards:
                return _Page([], has_next=False)
            new = await self._clerk.do(self._stage, number, cards, read_at)
        self._on_cards(self.entity_type, new)
        return _Page([card.id for card in cards], has_next)

    def _stage(self, number: int, cards: list[wire.Card], read_at: datetime) -> list[int]:
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
        return self._staging.put_page(self.entity_type, self.catalog_id, mark, tables)


def _still_begins_with(ids: Sequence[int], mark: PageMark) -> bool:
    """Whether a page shows what it showed before; more behind that are cards that came."""
    if mark.cards == 0:
        return True
    return len(ids) >= mark.cards and (ids[0], ids[mark.cards - 1]) == (mark.first_id, mark.last_id)
