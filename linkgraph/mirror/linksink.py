"""Where a reader of links puts what it has read: a sync into its staging, a push into memory."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from linkgraph.amocrm import wire
from linkgraph.mirror.clerk import Clerk
from linkgraph.mirror.clock import now
from linkgraph.mirror.columns import link_tables
from linkgraph.mirror.staging import Staging
from linkgraph.model import EntityType, Ref


class LinkSink(Protocol):
    """Takes the links of cards as they are read. A card may come again: the later holds."""

    async def put(
        self,
        entity_type: EntityType,
        ids: Sequence[int],
        links: Sequence[wire.Link],
        *,
        read_at: datetime,
        whole: bool,
        expected: int | None,
    ) -> None:
        """Take all links of the cards `ids`.

        Args:
            entity_type: the type of the cards.
            ids: the cards that were asked about, also those that have no links.
            links: what came, verbatim.
            read_at: a moment before the request was sent (UTC, without a zone): a link written
                while it was under way does not count as read.
            whole: whether nothing is missing, by the rules of `LinkReader`.
            expected: how many links were announced for all these cards; None: that was not told.
        """

    async def unreadable(self, refs: Sequence[Ref], reason: str) -> None:
        """Take that the links of these cards could not be read, and why; `put` told of them."""


class StagingSink:
    """Puts links into the staging of a sync."""

    def __init__(self, staging: Staging, clerk: Clerk) -> None:
        self._staging = staging
        self._clerk = clerk

    async def put(
        self,
        entity_type: EntityType,
        ids: Sequence[int],
        links: Sequence[wire.Link],
        *,
        read_at: datetime,
        whole: bool,
        expected: int | None,
    ) -> None:
        """Stage the links and the marks of the cards, in one transaction."""

        def stage() -> None:
            tables = link_tables(
                entity_type, ids, links, read_at=read_at, whole=whole, expected=expected
            )
            self._staging.put_links(entity_type, ids, tables)

        await self._clerk.do(stage)

    async def unreadable(self, refs: Sequence[Ref], reason: str) -> None:
        """Stage why cards could not be read."""
        await self._clerk.do(self._staging.put_unreadable, refs, reason, now())
