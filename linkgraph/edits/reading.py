"""Reading what is live on the cards that edits touch, by the mass lists."""

import asyncio
from collections.abc import Iterable, Sequence

from linkgraph.amocrm import AmoClient
from linkgraph.edits.live import Live
from linkgraph.errors import PaymentRequired, RequestRefused, RightsMissing
from linkgraph.mirror.ledger import MassListFacts
from linkgraph.mirror.livelinks import CardLinks, read_live
from linkgraph.model import EntityType, Ref, by_type

#: Cards asked after one by one, at most; more are asked for by lists of ids.
_SINGLY = 20
_BY_ID = 250


class Reader:
    """Reads links of cards; keeps the last reading of each, for the mirror."""

    def __init__(self, client: AmoClient, facts: MassListFacts) -> None:
        self.last: dict[Ref, CardLinks] = {}
        """The newest reading of every card that was read."""
        self._client = client
        self._facts = facts

    async def links(self, cards: Iterable[Ref]) -> Live:
        """The links of cards as they are now, as both ends tell them.

        Raises:
            ApiError: the CRM did not answer.
        """
        found = await read_live(self._client, cards, self._facts)
        self.last.update(found)
        told = {card: read.links for card, read in found.items()}
        return Live(told, [card for card, read in found.items() if read.whole])

    async def absent(self, cards: Iterable[Ref]) -> set[Ref]:
        """Which of some cards are not in the CRM; those that may not be asked after are left out.

        Raises:
            ApiError: the CRM did not answer.
        """
        missing: list[Ref] = []
        for entity_type, refs in by_type(cards).items():
            if len(refs) > _SINGLY and entity_type is not EntityType.ELEMENT:
                missing += await self._not_listed(entity_type, refs)
            else:
                missing += refs
        answers = await asyncio.gather(*map(self._is_absent, missing))
        return {ref for ref, gone in zip(missing, answers, strict=True) if gone}

    async def _not_listed(self, entity_type: EntityType, refs: Sequence[Ref]) -> list[Ref]:
        """Those that a filtered list does not show: without the add-on that may be all of them."""
        shown: set[int] = set()
        for start in range(0, len(refs), _BY_ID):
            ids = [ref.id for ref in refs[start : start + _BY_ID]]
            try:
                cards = await self._client.cards_by_id(entity_type, ids)
            except (RequestRefused, RightsMissing, PaymentRequired):
                return list(refs)
            shown.update(card.id for card in cards if not card.is_deleted)
        return [ref for ref in refs if ref.id not in shown]

    async def _is_absent(self, ref: Ref) -> bool:
        try:
            card = await self._client.card(ref)
        except (RightsMissing, PaymentRequired):
            return False
        return card is None or bool(card.is_deleted) or card.id != ref.id
