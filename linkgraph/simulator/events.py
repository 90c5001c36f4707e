"""What happened in the account, as GET /events tells it (amocrm-api §3).

Invariant: events are kept in the order they happened; ids grow with it.
"""

from collections.abc import Iterable
from typing import Any

Event = dict[str, Any]

LINK_TYPES = (
    "entity_linked",
    "entity_unlinked",
    *(
        f"{one}_{verb}"
        for one in ("lead", "contact", "company", "customer")
        for verb in ("linked", "unlinked")
    ),
)
"""The ten documented link events; which of them an account emits is unknown."""

OTHER_TYPES = (
    *(
        f"{one}_{verb}"
        for one in ("lead", "contact", "company", "customer")
        for verb in ("added", "deleted")
    ),
    "lead_restored",
    "contact_restored",
    "company_restored",
    "entity_merged",
)

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class EventLog:
    """The account's events, oldest first."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.entries: list[Event] = list(events)

    def add(
        self,
        type_: str,
        entity_type: str,
        entity_id: int,
        *,
        at: int,
        by: int = 0,
        after: list[Event] | None = None,
        before: list[Event] | None = None,
    ) -> None:
        """Tell of something that happened to a card; `entity_type` is singular."""
        self.entries.append(
            {
                "id": _event_id(at, len(self.entries)),
                "type": type_,
                "entity_id": entity_id,
                "entity_type": entity_type,
                "created_by": by,
                "created_at": at,
                "value_after": after or [],
                "value_before": before or [],
            }
        )


def _event_id(at: int, serial: int) -> str:
    """26 characters that sort by time, as the documented ids do."""
    number = (at << 80) | serial
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))
