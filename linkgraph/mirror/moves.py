"""Cards that were deleted, restored or merged while lists were walked, as the events tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from linkgraph.amocrm import AmoClient, wire
from linkgraph.errors import NotFound, PaymentRequired, RequestRefused, RightsMissing
from linkgraph.model import CARD_TYPES, EntityType, Ref

#: Pages of events looked through; where there are more, every list is to be read again.
EVENT_PAGES = 10
#: Seconds by which the CRM's clock may be behind ours.
CLOCKS_APART = 60
#: Events that move cards from page to page (amocrm-api, section 3).
_MOVING = (
    *(f"{name}_deleted" for name in ("lead", "contact", "company", "customer")),
    *(f"{name}_restored" for name in ("lead", "contact", "company")),
    "entity_merged",
)


@dataclass(frozen=True, slots=True)
class Moves:
    """What moved. Empty where the token's user may not read events: the next sync finds it."""

    events: Sequence[wire.Event]
    all_told: bool
    """False where there were more events than were looked through."""
    requests: int

    def moments(self, entity_type: EntityType) -> list[datetime]:
        """When cards of a type moved (UTC, without a zone)."""
        return [
            datetime.fromtimestamp(event.created_at, UTC).replace(tzinfo=None)
            for event in self.events
            if event.created_at is not None and _kind(event) is entity_type
        ]

    def cards(self) -> list[Ref]:
        """The cards that moved, each once; elements are not among them."""
        moved = [
            Ref(kind, event.entity_id)
            for event in self.events
            if event.entity_id and (kind := _kind(event)) is not None and kind in CARD_TYPES
        ]
        return list(dict.fromkeys(moved))


async def moves_since(client: AmoClient, began: datetime) -> Moves:
    """Ask for what moved since a walk began (UTC, without a zone)."""
    since = int(began.replace(tzinfo=UTC).timestamp()) - CLOCKS_APART
    events: list[wire.Event] = []
    requests, more = 0, True
    try:
        while more and requests < EVENT_PAGES:
            requests += 1
            answer = await client.events(_MOVING, since=since, page=requests)
            events += answer.events
            more = answer.has_next
    except (RightsMissing, PaymentRequired, NotFound, RequestRefused):
        return Moves([], all_told=True, requests=requests)
    return Moves(events, all_told=not more, requests=requests)


def _kind(event: wire.Event) -> EntityType | None:
    return EntityType.from_api(event.entity_type or "")
