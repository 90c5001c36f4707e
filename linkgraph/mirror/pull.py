"""Reading an account into staging: all of it, or just some cards.

Walks of all lists and mass lists of the cards they show overlap, so that up to eight requests in
flight hide the latency and the pace is the only limit. What the walks could not prove is completed
afterwards: cards that slipped away or were only named, pairs that one side alone tells.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from linkgraph.amocrm import AmoClient, wire
from linkgraph.errors import (
    AccountBlocked,
    ApiError,
    NotAmoCRM,
    NotFound,
    PaymentRequired,
    RightsMissing,
)
from linkgraph.mirror.clerk import Clerk
from linkgraph.mirror.columns import directory_tables
from linkgraph.mirror.ledger import MassListFacts
from linkgraph.mirror.linkreads import LinkReader
from linkgraph.mirror.linksink import StagingSink
from linkgraph.mirror.moves import moves_since
from linkgraph.mirror.overtaken import Touched, forget_old_witness, overtaken_in_staging
from linkgraph.mirror.progress import Phase, Progress, Watcher
from linkgraph.mirror.singles import SingleReader
from linkgraph.mirror.slots import CONCURRENCY, Slots
from linkgraph.mirror.stagedrows import TABLES
from linkgraph.mirror.staging import Staging
from linkgraph.mirror.walks import Walk
from linkgraph.mirror.witness import Witness
from linkgraph.model import CARD_TYPES, EntityType, Ref, by_type

T = TypeVar("T")

#: Rounds of reading what the last round's links named.
ROUNDS = 3
#: Rounds of reading again what a push wrote to since it was read.
ROUNDS_AFTER_PUSHES = 5
_NO_ACCESS = (RightsMissing, PaymentRequired, NotFound)
_MAY_BE_OFF = frozenset({EntityType.CUSTOMER, EntityType.ELEMENT})
#: How a feature that is off may answer: none is documented as the one (amocrm-api, section 2).
_OFF = frozenset({400, 402, 403, 404, 405, 422, 425, 426})


@dataclass(slots=True)
class Extra:
    """Requests beyond the walks and mass lists that every account of this size needs."""

    fixed: int = 0
    """Account, users, pipelines, catalogs, events."""
    speculative: int = 0
    """Pages asked for beyond the end of a list."""
    calibrating: int = 0
    """Sets read twice to learn how the account pages."""
    repairing: int = 0
    """Cards, sets and pages read again, or singly, because something did not agree."""


class Pull:
    """One pull. `full`, `cards` or `links` fills the staging; `extra` tells what it cost beyond
    the bulk. `touched` tells which cards' links were written since a moment."""

    def __init__(
        self,
        client: AmoClient,
        staging: Staging,
        witness: Witness,
        facts: MassListFacts,
        progress: Progress,
        watch: Watcher,
        clerk: Clerk,
        touched: Callable[[datetime], Touched],
    ) -> None:
        self.unproved: tuple[EntityType, ...] = ()
        """Types whose lists ended in doubt: nothing is believed gone of them."""
        self.absent: tuple[Ref, ...] = ()
        """Cards that were asked for by name and are not in the CRM."""
        self._fixed = 0
        self._again = 0
        self._client = client
        self._staging = staging
        self._witness = witness
        self._progress = progress
        self._watch = watch
        self._clerk = clerk
        self._touched = touched
        self._slots = Slots(CONCURRENCY)
        sink = StagingSink(staging, clerk)
        self._reader = LinkReader(client, sink, facts, self._slots, self._count_links)
        self._singles = SingleReader(client, staging, clerk, self._slots, self._found)
        self._walks: list[Walk] = []
        self._closed: frozenset[EntityType] = frozenset()
        self._waiting: dict[EntityType, list[int]] = {kind: [] for kind in CARD_TYPES}
        self._reads: asyncio.TaskGroup | None = None

    @property
    def extra(self) -> Extra:
        """What was asked so far beyond the bulk."""
        return Extra(
            fixed=self._fixed,
            speculative=sum(walk.speculated for walk in self._walks),
            calibrating=self._reader.calibrating,
            repairing=self._again
            + self._reader.repairing
            + self._singles.asked
            + sum(walk.repeated for walk in self._walks),
        )

    async def full(self) -> None:
        """Read every card and every link that is not staged yet."""
        for kind in TABLES:
            self._progress.cards_listed[kind] = await self._clerk.do(self._staging.count, kind)
        self._phase("cards and links")
        async with self._reading():
            for kind in CARD_TYPES:
                unread = await self._queue_unread(kind)
                self._progress.cards_read[kind] = self._progress.cards_listed[kind] - unread
            # Nothing waits for what it does not need: each answer takes about four turns.
            async with asyncio.TaskGroup() as group:
                customers = group.create_task(self._walk_customers())
                for kind in CARD_TYPES:
                    if kind is not EntityType.CUSTOMER:
                        group.create_task(self._run_walk(self._walk(kind)))
                elements = group.create_task(self._walk_catalogs())
            account, catalogs = customers.result(), elements.result()
            self._progress.walked.update(CARD_TYPES)
            for kind in CARD_TYPES:
                self._flush(kind)
            await self._repair_moved()
        self._phase("completing")
        await self._close_out_of_reach(account, catalogs)
        await self._miss(catalogs)
        await self._complete(full=True)
        await self._follow_pushes(full=True)
        self.unproved = tuple(
            dict.fromkeys(walk.entity_type for walk in self._walks if not walk.proved)
        )

    async def cards(self, refs: Sequence[Ref]) -> None:
        """Read just these cards and their links; an element by those that had it."""
        self._phase("account")
        account = await self._account()
        await self._close_out_of_reach(account, [])
        self._phase("cards and links")
        wanted = [ref for ref in dict.fromkeys(refs) if ref.type not in self._closed]
        self.absent = tuple(await self._singles.missed(wanted, rest="all"))
        self._singles.asked = 0  # these were what was asked for
        async with self._reading():
            for element in [ref for ref in wanted if ref.type is EntityType.ELEMENT]:
                for owner in await self._clerk.do(self._witness.owners, element):
                    self._waiting[owner.type].append(owner.id)
            for kind, waiting in self._waiting.items():
                await self._queue_unread(kind)
                waiting[:] = dict.fromkeys(waiting)
        self._phase("completing")
        await self._complete(full=False)
        await self._follow_pushes(full=False)

    async def links(self, refs: Sequence[Ref]) -> None:
        """Read just the links of these cards; the cards themselves are in the last snapshot."""
        self._phase("account")
        await self._close_out_of_reach(await self._account(), [])
        self._phase("cards and links")
        async with self._reading():
            for kind, cards in by_type(refs).items():
                self._queue(kind, [ref.id for ref in cards])
        self._phase("completing")
        await self._complete(full=False)
        await self._follow_pushes(full=False)

    # The parts of a full pull

    async def _account(self) -> wire.Account:
        self._fixed += 1
        account = await self._client.account()
        await self._clerk.do(self._staging.put_account, account.id, account.name)
        return account

    async def _walk_customers(self) -> wire.Account:
        """Customers, where the account has them; returns what it says of itself."""
        account = await self._account()
        if not _customers_are_off(account):
            await self._run_walk(self._walk(EntityType.CUSTOMER))
        return account

    async def _walk_catalogs(self) -> list[wire.Catalog] | None:
        """The directory, and the elements of every catalog that it names."""
        catalogs = await self._directory()
        shelves = [self._walk(EntityType.ELEMENT, catalog.id) for catalog in catalogs or ()]
        await _together(*(self._run_walk(shelf) for shelf in shelves))
        return catalogs

    async def _directory(self) -> list[wire.Catalog] | None:
        """Users, pipelines and catalogs; the catalogs are returned, None where they are closed."""
        self._fixed += 3
        users, pipelines, catalogs = await asyncio.gather(
            self._optional(self._client.users()),
            self._optional(self._client.pipelines()),
            self._optional(self._client.catalogs()),
        )
        tables = directory_tables(users, pipelines, catalogs)
        await self._clerk.do(self._staging.put_directory, tables)
        return catalogs

    async def _optional(self, question: Awaitable[T]) -> T | None:
        """What can be done without, where the token's user may not ask for it."""
        try:
            return await question
        except _NO_ACCESS:
            return None

    def _walk(self, kind: EntityType, catalog_id: int = 0) -> Walk:
        walk = Walk(
            self._client, self._staging, self._clerk, self._slots, self._found, kind, catalog_id
        )
        self._walks.append(walk)
        return walk

    async def _run_walk(self, walk: Walk) -> None:
        try:
            await walk.run()
        except ApiError as error:
            # Customers and catalogs may be switched off or out of reach; the other three may not.
            if walk.entity_type not in _MAY_BE_OFF or error.status not in _OFF or _ends_all(error):
                raise
            self._progress.step = f"no {walk.entity_type.api_name}: {error.message}"
        if walk.entity_type is not EntityType.ELEMENT:
            self._progress.walked.add(walk.entity_type)
        self.tell()

    async def _close_out_of_reach(
        self, account: wire.Account, catalogs: list[wire.Catalog] | None
    ) -> None:
        """Note which types this account keeps to itself now: they are not missing for that."""
        closed = set[EntityType]()
        refused = (walk.entity_type for walk in self._walks if not walk.finished)
        if _customers_are_off(account) or EntityType.CUSTOMER in refused:
            closed.add(EntityType.CUSTOMER)
        if catalogs is None:
            closed.add(EntityType.ELEMENT)
        self._closed = frozenset(closed)
        await self._clerk.do(self._staging.put_closed, sorted(closed))

    async def _repair_moved(self) -> None:
        """Read again where cards were deleted or restored while the lists were walked."""
        moves = await moves_since(self._client, self._staging.run.started_at)
        self._fixed += moves.requests
        for walk in self._walks:
            moments = moves.moments(walk.entity_type)
            if not moves.all_told:
                await walk.reread(None)
            elif moments:
                await walk.reread(moments)
        staged = await self._clerk.do(self._staging.staged, moves.cards())
        await self._singles.missed(staged, rest="keep")

    async def _miss(self, catalogs: list[wire.Catalog] | None) -> None:
        """Ask after the cards that finished walks should have shown and did not."""
        for walk in self._walks:
            if walk.finished:
                missed = await self._clerk.do(
                    self._witness.missed, walk.entity_type, walk.catalog_id
                )
                await self._singles.missed(missed, rest="gone" if walk.proved else "keep")
        if catalogs is not None:
            listed = [catalog.id for catalog in catalogs]
            orphans = await self._clerk.do(self._witness.without_catalog, listed)
            await self._singles.missed(orphans, rest="keep")

    # What the walks could not prove

    async def _complete(self, *, full: bool) -> None:
        """Read what was only named, and what two witnesses told differently."""
        for _ in range(ROUNDS):
            await self._read_unread()
            unknown = await self._clerk.do(self._witness.unknown, full=full, closed=self._closed)
            if not unknown:
                break
            await self._singles.named(unknown, self._closed)
        await self._read_unread()
        await self._read_again(await self._clerk.do(self._witness.one_sided))
        if touched := await self._touched_meanwhile():
            await self._clerk.do(forget_old_witness, self._staging, touched)
        doubtful = await self._clerk.do(self._witness.unconfirmed)
        if doubtful:
            # The link may have gone between the two readings: hear both witnesses again.
            await self._singles.missed(doubtful, rest="keep")
            await self._read_again(doubtful)
            # What is told differently even so is not held against the cards' links.
            doubtful = await self._clerk.do(self._witness.unconfirmed)
            await self._clerk.do(self._staging.doubt, doubtful)

    async def _follow_pushes(self, *, full: bool) -> None:
        """Read again what a push wrote to since it was read, till there is no such card.

        What the push changed by the way (a company that was replaced) the other side tells.
        """
        for _ in range(ROUNDS_AFTER_PUSHES):
            overtaken = await self._overtaken()
            if not overtaken:
                return
            await self._read_again(overtaken)
            await self._complete(full=full)
        await self._clerk.do(self._staging.doubt, await self._overtaken())

    async def _overtaken(self) -> list[Ref]:
        touched = await self._touched_meanwhile()
        return await self._clerk.do(overtaken_in_staging, self._staging, touched)

    async def _touched_meanwhile(self) -> Touched:
        return await self._clerk.do(self._touched, self._staging.run.started_at)

    async def _read_unread(self) -> None:
        async with self._reading():
            for kind in CARD_TYPES:
                await self._queue_unread(kind)

    async def _read_again(self, refs: Sequence[Ref]) -> None:
        async with self._reading():
            for kind, cards in by_type(refs).items():
                read = self._progress.cards_read
                read[kind] = max(0, read.get(kind, 0) - len(cards))
                self._again += self._queue(kind, [ref.id for ref in cards])
                self._again += self._flush(kind)

    # Cards waiting for their links

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[None]:
        """While open, cards that are found are read too; all are when it closes."""
        async with asyncio.TaskGroup() as self._reads:
            try:
                yield
                for kind in CARD_TYPES:
                    self._flush(kind)
            finally:
                self._reads = None

    def _found(self, kind: EntityType, ids: Sequence[int]) -> None:
        listed = self._progress.cards_listed
        listed[kind] = listed.get(kind, 0) + len(ids)
        if kind is not EntityType.ELEMENT:
            self._queue(kind, ids)
        self.tell()

    async def _queue_unread(self, kind: EntityType) -> int:
        unread = await self._clerk.do(self._staging.unread, kind)
        self._queue(kind, unread.tolist())
        return len(unread)

    def _queue(self, kind: EntityType, ids: Sequence[int]) -> int:
        """Put cards in line for their links; every batch that is full goes at once."""
        if self._reads is None:
            return 0  # found later: `unread` tells of them
        waiting = self._waiting[kind]
        waiting += ids
        start = sent = 0
        while (size := self._reader.batch_size(kind, waiting, start)) < len(waiting) - start:
            self._start(self._reads, kind, waiting[start : start + size])
            start += size
            sent += 1
        del waiting[:start]
        return sent

    def _flush(self, kind: EntityType) -> int:
        waiting, self._waiting[kind] = self._waiting[kind], []
        if not waiting or self._reads is None:
            return 0
        self._start(self._reads, kind, waiting)  # one batch: `_queue` sent the rest
        return 1

    def _start(self, reads: asyncio.TaskGroup, kind: EntityType, ids: Sequence[int]) -> None:
        reading = self._reader.read(kind, ids)
        try:
            reads.create_task(reading)
        except RuntimeError:
            # The group is ending for an error that is told of; before Python 3.13 it leaves what
            # it does not take to complain of never having been awaited.
            reading.close()
            raise

    # Progress

    def _phase(self, phase: Phase) -> None:
        self._progress.phase = phase
        self.tell()

    def _count_links(self, kind: EntityType, cards: int, links: int) -> None:
        read = self._progress.cards_read
        read[kind] = read.get(kind, 0) + cards
        self._progress.links += links
        self.tell()

    def tell(self) -> None:
        """Show how far it is; also called while nothing happens, since a wait is news too."""
        stats = self._client.stats
        self._progress.requests = stats.requests
        self._progress.rate = stats.rate(time.monotonic())
        self._progress.held_for = self._client.pacer.held_for
        self._watch(self._progress)


def _ends_all(error: ApiError) -> bool:
    """Whether an error is about the whole account, whatever was asked for."""
    return isinstance(error, AccountBlocked | NotAmoCRM)


def _customers_are_off(account: wire.Account) -> bool:
    return account.customers_mode in {"unavailable", "disabled"}


async def _together(*work: Awaitable[None]) -> None:
    """Wait for all; the first error ends the others."""

    async def awaited(item: Awaitable[None]) -> None:
        await item

    async with asyncio.TaskGroup() as group:
        for item in work:
            group.create_task(awaited(item))
