"""The links of some cards as they are now, read without a staging: for a plan, and after a push.

The very code that proves a sync's reads whole proves these. Nothing here is kept: who wants it in
the mirror hands the answers on (`reread.publish_reads`).
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from linkgraph.amocrm import AmoClient, wire
from linkgraph.mirror.causes import first_cause
from linkgraph.mirror.columns import told_links
from linkgraph.mirror.ledger import MassListFacts
from linkgraph.mirror.linkreads import LinkReader
from linkgraph.mirror.slots import CONCURRENCY, Slots
from linkgraph.model import CARD_TYPES, EntityType, Metadata, Ref, by_type


@dataclass(frozen=True, slots=True)
class CardLinks:
    """What the link routes of one card tell now.

    A card that is not there may be told without links like one that has none: the routes do not
    say which it is.
    """

    card: Ref
    reported: tuple[wire.Link, ...]
    """The links of this card, verbatim."""
    links: Mapping[Ref, Metadata]
    """By far end, what the link carries as this side tells it. An element that came without its
    catalog stands in catalog 0. Types that this version does not know are left out."""
    whole: bool
    """Whether nothing is missing, by the rules of `LinkReader`."""
    read_at: datetime
    """A moment before the first request for them was sent (UTC, without a zone)."""
    unreadable: str = ""
    """«no rights» or «not found» where that is why nothing was read. Neither whole nor unreadable:
    the CRM did not answer, or not with all."""


async def read_live(
    client: AmoClient,
    cards: Iterable[Ref],
    facts: MassListFacts,
    on_read: Callable[[int], None] = lambda cards: None,
) -> dict[Ref, CardLinks]:
    """Read the links of cards, each once, in batches as large as the account bears.

    Args:
        client: open; the caller closes it.
        cards: leads, customers, contacts, companies; elements are left out, since their links are
            told by their owners.
        facts: what is known of how the account pages; what is learned is written into it, for the
            caller to keep (`Ledger.learn_mass_list`).
        on_read: told how many cards more were read.

    Raises:
        ApiError: the CRM did not do what was asked; the answers that came are lost.
    """
    found = _InMemory()
    reader = LinkReader(
        client, found, facts, Slots(CONCURRENCY), lambda kind, cards, links: on_read(cards)
    )
    try:
        async with asyncio.TaskGroup() as group:
            for kind, refs in by_type(cards).items():
                ids = [ref.id for ref in refs] if kind in CARD_TYPES else []
                start = 0
                while start < len(ids):
                    size = reader.batch_size(kind, ids, start)
                    group.create_task(reader.read(kind, ids[start : start + size]))
                    start += size
    except BaseExceptionGroup as error:
        failure = first_cause(error)
    else:
        return found.read
    # Out here, so that the group, and what its tasks hold, is not the error's context.
    raise failure


@dataclass(slots=True)
class _InMemory:
    """A sink that keeps what was read, by card."""

    read: dict[Ref, CardLinks] = field(default_factory=dict)

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
        """Keep the links of the cards."""
        reported: dict[int, list[wire.Link]] = {card_id: [] for card_id in ids}
        for link in links:
            if link.entity_id in reported:
                reported[link.entity_id].append(link)
        for card_id, told in reported.items():
            ref = Ref(entity_type, card_id)
            ends = {
                Ref(to_type, to_id, catalog_id): Metadata(*carried)
                for (_, to_type, catalog_id, to_id), carried in told_links([card_id], told).items()
            }
            self.read[ref] = CardLinks(ref, tuple(told), ends, whole, read_at)

    async def unreadable(self, refs: Sequence[Ref], reason: str) -> None:
        """Keep why nothing was read."""
        for ref in refs:
            self.read[ref] = replace(self.read[ref], unreadable=reason)
