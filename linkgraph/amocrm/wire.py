"""What the API sends and takes, as typed structs.

They accept all that the reference and its examples show: missing, null and unknown keys included.
What the API says is kept, not judged: unknown entity types stay raw strings, a missing flag stays
None. Bodies of unexpected but readable shape (numbers as strings, `[]` for an empty object, as PHP
writes it) are mended in a second, slower attempt, so that the usual body pays nothing for them.
"""

from linkgraph.amocrm.wire_account import (
    Account,
    Catalog,
    Event,
    EventPage,
    EventType,
    Pipeline,
    Status,
    User,
    UserRights,
    Webhook,
)
from linkgraph.amocrm.wire_cards import (
    Card,
    CardPage,
    ElementPage,
    EmbeddedCard,
    Tag,
)
from linkgraph.amocrm.wire_links import (
    Link,
    LinkItem,
    LinkItemMetadata,
    LinkMetadata,
    LinkSet,
)

__all__ = [
    "Account",
    "Card",
    "CardPage",
    "Catalog",
    "ElementPage",
    "EmbeddedCard",
    "Event",
    "EventPage",
    "EventType",
    "Link",
    "LinkItem",
    "LinkItemMetadata",
    "LinkMetadata",
    "LinkSet",
    "Pipeline",
    "Status",
    "Tag",
    "User",
    "UserRights",
    "Webhook",
]
