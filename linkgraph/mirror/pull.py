"""Reading an account into staging: all of it, or just some cards.

Walks of all lists and mass lists of the cards they show overlap, so that up to eight requests in
flight hide the latency and the pace is the only limit. What the walks could not prove is completed
afterwards: cards that slipped away or were only named, pairs that one side alone tells.
"""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from linkgraph.amocrm import AmoClient, wire
from linkgraph.errors import ApiError, NotFound, PaymentRequired, RightsMissing
from linkgraph.mirror.clerk import Clerk
from linkgraph.mirror.columns import card_tables, directory_tables
from linkgraph.mirror.ledger import MassListFacts
from linkgraph.mirror.linkreads import LinkReader
from linkgraph.mirror.progress import Phase, Progress, Watcher
from linkgraph.mirror.slots import Slots
from linkgraph.mirror.staging import TABLES, Staging, now
from linkgraph.mirror.walks import Walk
from linkgraph.mirror.witness import Witness
from linkgraph.model import CARD_TYPES, EntityType, Ref, by_type

T = TypeVar("T")

#: In flight at once, as many as httpx serves well (perf, section 2).
CONCURRENCY = 8
#: Cards asked for one by one after the walks; more than that are booked by what the walks showed.
MAX_SINGLE_READS = 300
#: Rounds of reading what the last round's links named.
ROUNDS = 3
#: Events that move cards from page to page (amocrm-api, section 3).
_MOVING = (
    *(f"{name}_deleted" for name in ("lead", "contact", "company", "customer")),
    *(f"{name}_restored" for name in ("lead", "contact", "company")),
    "entity_merged",
)
_NO_ACCESS = (RightsMissing, PaymentRequired, NotFound)


@dataclass(slots=True)
class Extra:
    """Requests beyond the walks and mass lists that every account of this size needs."""

    fixed: int = 0
    """Account, users, pipelines, catalogs and elements, events."""
    speculative: int = 0
    """Pages asked for beyond the end of a list."""
    calibrating: int = 0
    """Sets read twice to learn how the account pages."""
    repairing: int = 0
    """Cards and pages read again, or singly, because something did not agree."""


class Pull:
    """One pull. `full` or `cards` fills the staging; `extra` tells what it cost beyond the bulk."""

    def __init__(
        self,
        client: AmoClient,
        staging: Staging,
        witness: Witness,
        facts: MassListFacts,
        progress: Progress,
        watch: Watcher,
        clerk: Clerk,
    ) -> None:
        self.extra = Extra()
        self._client = client
        self._staging = staging
        self._witness = witness
        self._progress = progress
        self._watch = watch
        self._clerk = clerk
        self._slots = Slots(CONCURRENCY)
        self._reader = LinkReader(client, staging, clerk, facts, self._slots, self._count_links)
        self._waiting: dict[EntityType, list[int]] = {kind: [] for kind in CARD_TYPES}
        self._reads: asyncio.TaskGroup | None = None

    async def full(self) -> None:
        """Read every card and every link that is not staged yet."""
        progress = self._progress
        account = await self._account()
        catalogs = await self._directory()
        types = [
            kind
            for kind in CARD_TYPES
            if kind is not EntityType.CUSTOMER
            or account.customers_mode not in {"unavailable", "disabled"}
        ]
        for kind in TABLES:
            progress.cards_listed[kind] = await self._clerk.do(self._staging.count, kind)
        await self._phase("cards and links")
        walks = [self._walk(kind) for kind in types]
        shelves = [self._walk(EntityType.ELEMENT, catalog.id) for catalog in catalogs]
        async with asyncio.TaskGroup() as self._reads:
            for kind in CARD_TYPES:
                unread = [int(i) for i in await self._clerk.do(self._staging.unread, kind)]
                progress.cards_read[kind] = progress.cards_listed[kind] - len(unread)
                self._queue(kind, unread)
            await self._settle(*(self._run_walk(walk) for walk in [*walks, *shelves]))
            progress.walked.update(CARD_TYPES)
            for kind in CARD_TYPES:
                self._flush(kind)
        self.extra.speculative = sum(walk.speculated for walk in [*walks, *shelves])
        await self._phase("completing")
        await self._settle(self._repair_moved(walks))
        # Only a list that was walked to its end tells that a card is missing from it.
        for walk in walks:
            if walk.finished:
                gone = await self._clerk.do(self._witness.vanished, walk.entity_type)
                refs = [Ref(walk.entity_type, card_id) for card_id in gone]
                await self._settle(self._ask_for(refs, gone=True))
        seen = [walk.catalog_id for walk in shelves if walk.finished]
        gone_elements = await self._clerk.do(self._witness.vanished_elements, seen)
        await self._settle(self._ask_for(gone_elements, gone=True))
        await self._complete(full=True)
        self.extra.calibrating = self._reader.calibrating

    async def cards(self, refs: Sequence[Ref]) -> None:
        """Read just these cards and their links; an element by those that had it."""
        await self._phase("cards and links")
        elements = [ref for ref in refs if ref.type is EntityType.ELEMENT]
        owners = [
            owner
            for element in elements
            for owner in await self._clerk.do(self._witness.owners, element)
        ]
        wanted = [ref for ref in dict.fromkeys([*refs, *owners])]
        await self._settle(self._ask_for(wanted, gone=True, limit=None))
        self.extra.repairing = 0  # these were what was asked for
        await self._phase("completing")
        await self._complete(full=False)

    # The parts of a full pull

    async def _account(self) -> wire.Account:
        await self._phase("account")
        account = await self._client.account()
        self.extra.fixed += 1
        await self._clerk.do(self._staging.put_account, account.id, account.name)
        return account

    async def _directory(self) -> list[wire.Catalog]:
        users, pipelines, catalogs = await asyncio.gather(
            self._optional(self._client.users()),
            self._optional(self._client.pipelines()),
            self._optional(self._client.catalogs()),
        )
        self.extra.fixed += 3
        await self._clerk.do(
            self._staging.put_directory, directory_tables(users, pipelines, catalogs)
        )
        return catalogs or []

    async def _optional(self, question: Awaitable[T]) -> T | None:
        """What can be done without, where the token's user may not ask for it."""
        try:
            return await question
        except _NO_ACCESS:
            return None

    def _walk(self, kind: EntityType, catalog_id: int = 0) -> Walk:
        return Walk(
            self._client, self._staging, self._clerk, self._slots, self._found, kind, catalog_id
        )

    async def _run_walk(self, walk: Walk) -> None:
        try:
            await walk.run()
        except (PaymentRequired, RightsMissing, NotFound) as error:
            # Customers and catalogs may be switched off or out of reach; the other three may not.
            if walk.entity_type not in {EntityType.CUSTOMER, EntityType.ELEMENT}:
                raise
            self._progress.step = f"no {walk.entity_type.api_name}: {error.message}"
        self._progress.walked.add(walk.entity_type)
        self._tell()

    async def _found(self, kind: EntityType, ids: Sequence[int]) -> None:
        listed = self._progress.cards_listed
        listed[kind] = listed.get(kind, 0) + len(ids)
        if kind is not EntityType.ELEMENT:
            self._queue(kind, ids)
        self._tell()

    def _queue(self, kind: EntityType, ids: Sequence[int]) -> None:
        """Put cards in line for their links; every batch that is full goes at once."""
        waiting = self._waiting[kind]
        waiting += ids
        start = 0
        while (size := self._reader.batch_size(kind, waiting, start)) < len(waiting) - start:
            self._send(kind, waiting[start : start + size])
            start += size
        del waiting[:start]

    def _flush(self, kind: EntityType) -> None:
        waiting, self._waiting[kind] = self._waiting[kind], []
        while waiting:
            size = self._reader.batch_size(kind, waiting, 0)
            self._send(kind, waiting[:size])
            del waiting[:size]

    def _send(self, kind: EntityType, ids: list[int]) -> None:
        assert self._reads is not None  # only called while the group is open
        self._reads.create_task(self._reader.read(kind, ids))

    async def _repair_moved(self, walks: Sequence[Walk]) -> None:
        """Read again where cards were deleted or restored while the lists were walked."""
        began = int(self._staging.run.started_at.replace(tzinfo=UTC).timestamp())
        moments: dict[EntityType, list[datetime]] = {}
        try:
            page, more = 1, True
            while more and page <= 10:
                answer = await self._client.events(_MOVING, since=began - 60, page=page)
                self.extra.fixed += 1
                for event in answer.events:
                    kind = EntityType.from_api(event.entity_type or "")
                    if kind is not None and event.created_at is not None:
                        moment = datetime.fromtimestamp(event.created_at, UTC)
                        moments.setdefault(kind, []).append(moment.replace(tzinfo=None))
                page, more = page + 1, answer.has_next
        except ApiError as error:
            if not isinstance(error, _NO_ACCESS):
                raise
        for walk in walks:
            if walk.entity_type in moments:
                self.extra.repairing += await walk.reread(moments[walk.entity_type])

    # What the walks could not prove

    async def _complete(self, *, full: bool) -> None:
        """Read what was only named, and what two witnesses told differently."""
        for _ in range(ROUNDS):
            await self._read_unread()
            unknown = await self._clerk.do(self._witness.unknown, full=full)
            if not unknown:
                break
            await self._settle(self._ask_for(unknown, gone=False))
        await self._read_unread()
        await self._read_again(await self._clerk.do(self._witness.one_sided))
        await self._read_again(await self._clerk.do(self._witness.unconfirmed))
        # What is told differently even so is not held against the cards' links.
        await self._clerk.do(self._staging.doubt, await self._clerk.do(self._witness.unconfirmed))

    async def _read_unread(self) -> None:
        async with asyncio.TaskGroup() as self._reads:
            for kind in CARD_TYPES:
                unread = [int(i) for i in await self._clerk.do(self._staging.unread, kind)]
                self._queue(kind, unread)
                self._flush(kind)

    async def _read_again(self, refs: Sequence[Ref]) -> None:
        self.extra.repairing += len(refs) // 250 + bool(refs)
        async with asyncio.TaskGroup() as self._reads:
            for kind, cards in by_type(refs).items():
                self._progress.cards_read[kind] = max(
                    0, self._progress.cards_read.get(kind, 0) - len(cards)
                )
                self._queue(kind, [ref.id for ref in cards])
                self._flush(kind)

    async def _ask_for(
        self, refs: Sequence[Ref], *, gone: bool, limit: int | None = MAX_SINGLE_READS
    ) -> None:
        """Read cards one by one. Those that are not there are gone, or only named by links."""
        asked = [ref for ref in refs if ref.type is not EntityType.ELEMENT or ref.catalog_id]
        nameless = [ref for ref in refs if ref not in set(asked)]
        rest = [] if limit is None else asked[limit:]
        asked = asked if limit is None else asked[:limit]
        self.extra.repairing += len(asked)
        async with asyncio.TaskGroup() as group:
            tasks = [(ref, group.create_task(self._ask(ref))) for ref in asked]
        absent = [ref for ref, task in tasks if task.result() is None]
        refused = [ref for ref, task in tasks if task.result() is False]
        if gone:
            # The walks went to the end without these; a few are asked about, the rest believed.
            await self._clerk.do(self._staging.put_gone, [*absent, *rest])
        else:
            await self._clerk.do(self._staging.put_unreadable, absent, "not found", now())
            await self._clerk.do(self._staging.put_unreadable, rest, "not asked", now())
        await self._clerk.do(self._staging.put_unreadable, nameless, "unknown catalog", now())
        await self._clerk.do(self._staging.put_unreadable, refused, "no rights", now())

    async def _ask(self, ref: Ref) -> bool | None:
        """True: staged; None: there is no such card; False: it may not be read."""
        async with self._slots:
            try:
                card = await self._client.card(ref)
            except (RightsMissing, PaymentRequired):
                return False
        if card is None or card.is_deleted:
            return None
        if ref.type is EntityType.ELEMENT:
            card.catalog_id = ref.catalog_id
        country = self._staging.run.phone_country
        tables = await self._clerk.do(card_tables, ref.type, [card], now(), country)
        await self._clerk.do(self._staging.put_cards, ref.type, ref.catalog_id, tables)
        listed = self._progress.cards_listed
        listed[ref.type] = listed.get(ref.type, 0) + 1
        return True

    # Progress

    async def _settle(self, *work: Awaitable[None]) -> None:
        """Wait for all; the first error ends the others."""
        async with asyncio.TaskGroup() as group:
            for item in work:
                group.create_task(_awaiting(item))

    async def _phase(self, phase: Phase) -> None:
        self._progress.phase = phase
        self._tell()

    def _count_links(self, kind: EntityType, cards: int, links: int) -> None:
        read = self._progress.cards_read
        read[kind] = read.get(kind, 0) + cards
        self._progress.links += links
        self._tell()

    def _tell(self) -> None:
        stats = self._client.stats
        self._progress.requests = stats.requests
        self._progress.rate = stats.rate(time.monotonic())
        self._watch(self._progress)


async def _awaiting(item: Awaitable[None]) -> None:
    await item
