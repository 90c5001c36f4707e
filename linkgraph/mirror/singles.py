"""Reading cards one by one: those that a list should have shown, or that only links name.

What is not there any more is marked gone, what may not be read is marked unreadable; neither is
ever taken for the other.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Literal

from linkgraph.amocrm import AmoClient
from linkgraph.errors import PaymentRequired, RightsMissing
from linkgraph.mirror.clerk import Clerk
from linkgraph.mirror.clock import now
from linkgraph.mirror.columns import card_tables
from linkgraph.mirror.slots import Slots
from linkgraph.mirror.staging import Staging
from linkgraph.model import EntityType, Ref

#: Cards asked for one by one at a time; what is to become of more is told by the caller.
MAX_SINGLE_READS = 300

Rest = Literal["all", "gone", "keep"]
"""What becomes of cards beyond the limit: asked about too, believed gone, or let be."""


class SingleReader:
    """Asks for cards by their refs and stages what comes."""

    def __init__(
        self,
        client: AmoClient,
        staging: Staging,
        clerk: Clerk,
        slots: Slots,
        on_cards: Callable[[EntityType, Sequence[int]], None],
    ) -> None:
        self.asked = 0
        """Requests so far."""
        self._client = client
        self._staging = staging
        self._clerk = clerk
        self._slots = slots
        self._on_cards = on_cards

    async def missed(self, refs: Sequence[Ref], *, rest: Rest) -> list[Ref]:
        """Ask for cards that were known, and mark those gone that are not there.

        Returns those that are not there.
        """
        asked = refs if rest == "all" else refs[:MAX_SINGLE_READS]
        absent, refused = await self._ask_all(asked)
        if rest == "gone":
            absent += refs[len(asked) :]
        await self._clerk.do(self._staging.put_gone, absent)
        await self._unreadable(refused, "no rights")
        return absent

    async def named(self, refs: Sequence[Ref], closed: frozenset[EntityType]) -> None:
        """Ask for cards that only links name; those of `closed` types are unreadable unasked."""
        shut = [ref for ref in refs if ref.type in closed]
        nameless = [ref for ref in refs if ref.type is EntityType.ELEMENT and not ref.catalog_id]
        left_out = {*shut, *nameless}
        open_ = [ref for ref in refs if ref not in left_out]
        absent, refused = await self._ask_all(open_[:MAX_SINGLE_READS])
        await self._unreadable([*shut, *refused], "no rights")
        await self._unreadable(
            [ref for ref in nameless if ref.type not in closed], "unknown catalog"
        )
        await self._unreadable(absent, "not found")
        await self._unreadable(open_[MAX_SINGLE_READS:], "not asked")

    async def _ask_all(self, refs: Sequence[Ref]) -> tuple[list[Ref], list[Ref]]:
        """Stage what is there; returns what is not, and what may not be read."""
        async with asyncio.TaskGroup() as group:
            tasks = [(ref, group.create_task(self._ask(ref))) for ref in refs]
        absent = [ref for ref, task in tasks if task.result() == "absent"]
        refused = [ref for ref, task in tasks if task.result() == "refused"]
        return absent, refused

    async def _ask(self, ref: Ref) -> Literal["staged", "absent", "refused"]:
        self.asked += 1
        async with self._slots:
            read_at = now()
            try:
                card = await self._client.card(ref)
            except (RightsMissing, PaymentRequired):
                return "refused"
        if card is None or card.is_deleted or card.id != ref.id:
            return "absent"
        if ref.type is EntityType.ELEMENT:
            card.catalog_id = ref.catalog_id
        country = self._staging.run.phone_country
        tables = await self._clerk.do(card_tables, ref.type, [card], read_at, country)
        new = await self._clerk.do(self._staging.put_cards, ref.type, ref.catalog_id, tables)
        self._on_cards(ref.type, new)
        return "staged"

    async def _unreadable(self, refs: Sequence[Ref], reason: str) -> None:
        await self._clerk.do(self._staging.put_unreadable, refs, reason, now())
