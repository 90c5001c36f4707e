"""The API's paths and queries, as strings that go on the wire as they stand.

Query strings are built here and not by the HTTP library, which would percent-encode brackets:
250 ids would then burst the 8 KB request line that gateways allow (perf section 2).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from linkgraph.model import CARD_TYPES, EntityType, Ref

PREFIX = "/api/v4"
PAGE_LIMIT = 250
"""Entities a page: the most that a list gives (amocrm-api section 2)."""
EVENTS_LIMIT = 100
"""Events a page: asking for more silently gives 50 (amocrm-api section 3)."""
MAX_TARGET_BYTES = 7500
"""Bytes of path and query that fit a request line of 8 KB with room to spare."""

#: Every link that a card of a type can embed. Companies come with leads and contacts unasked
#: (amocrm-api section 2).
EMBEDS = {
    EntityType.LEAD: "contacts,catalog_elements",
    EntityType.CONTACT: "leads,customers,catalog_elements",
    EntityType.COMPANY: "contacts,leads,customers,catalog_elements",
    EntityType.CUSTOMER: "contacts,companies,catalog_elements",
}


@dataclass(frozen=True, slots=True)
class Route:
    """One request to make: a kind for the counts and the pace, a method, a target."""

    kind: str
    """What sort of request it is, such as `leads` or `leads/links`; never holds ids."""
    method: str
    target: str
    """Path and query, exactly as they go on the wire."""
    asked: int = 1
    """How many cards it asks about: a list of ids can be made shorter, and takes its time."""

    @property
    def path(self) -> str:
        """The path alone."""
        return self.target.partition("?")[0]

    @property
    def writes(self) -> bool:
        """Whether the request changes the account."""
        return self.method != "GET"

    @property
    def shrinkable(self) -> bool:
        """Whether the caller can ask the same in smaller parts."""
        return self.asked > 1

    @property
    def pace_class(self) -> str:
        """Requests that take the server about equally long, for the pacer's sense of lateness."""
        return f"{self.kind}#{self.asked.bit_length()}"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def account(with_: Iterable[str]) -> Route:
    """The account itself; `with_` names additions such as is_api_filter_enabled."""
    extra = ",".join(with_)
    query = f"?with={quote(extra, safe=',')}" if extra else ""
    return Route("account", "GET", f"{PREFIX}/account{query}")


def users() -> Route:
    """The first page of the account's users."""
    return Route("users", "GET", f"{PREFIX}/users?page=1&limit={PAGE_LIMIT}")


def pipelines() -> Route:
    """All pipelines with their statuses; never paged."""
    return Route("pipelines", "GET", f"{PREFIX}/leads/pipelines")


def webhooks() -> Route:
    """The account's webhooks; never paged."""
    return Route("webhooks", "GET", f"{PREFIX}/webhooks")


def cards(entity_type: EntityType, page: int, limit: int, *, ordered: bool = True) -> Route:
    """A page of a type's cards by id, with the links that they embed.

    Not `ordered`: in the server's own order, for those of its lists that take none.
    """
    name = _card_name(entity_type)
    order = "&order[id]=asc" if ordered else ""
    query = f"page={page}&limit={limit}{order}&with={EMBEDS[entity_type]}"
    return Route(name, "GET", f"{PREFIX}/{name}?{query}")


def card(ref: Ref) -> Route:
    """One card, an element too."""
    if ref.type is EntityType.ELEMENT:
        return Route("element", "GET", f"{PREFIX}/catalogs/{ref.catalog_id}/elements/{ref.id}")
    name = _card_name(ref.type)
    return Route(ref.type.value, "GET", f"{PREFIX}/{name}/{ref.id}?with={EMBEDS[ref.type]}")


def cards_by_id(entity_type: EntityType, ids: Sequence[int]) -> Route:
    """Cards by their ids: works only where the account has the filter add-on."""
    name = _card_name(entity_type)
    wanted = "".join(f"&filter[id][]={card_id}" for card_id in ids)
    query = f"limit={PAGE_LIMIT}&order[id]=asc&with={EMBEDS[entity_type]}{wanted}"
    return Route(f"{name}/by-id", "GET", f"{PREFIX}/{name}?{query}", asked=len(ids))


def catalogs() -> Route:
    """The first page of the account's catalogs."""
    return Route("catalogs", "GET", f"{PREFIX}/catalogs?page=1&limit={PAGE_LIMIT}")


def elements(catalog_id: int, page: int, limit: int) -> Route:
    """A page of a catalog's elements. No order is documented, so none is asked for."""
    query = f"page={page}&limit={limit}"
    return Route("elements", "GET", f"{PREFIX}/catalogs/{catalog_id}/elements?{query}")


def card_links(ref: Ref) -> Route:
    """The links of one card."""
    name = _card_name(ref.type)
    target = f"{PREFIX}/{name}/{ref.id}/links?limit={PAGE_LIMIT}"
    return Route(f"{ref.type.value}/links", "GET", target)


def mass_links(entity_type: EntityType, ids: Sequence[int]) -> Route:
    """The links of many cards of a type."""
    kind = f"{_card_name(entity_type)}/links"
    target = request_target_for_mass_links(entity_type, ids)
    return Route(kind, "GET", target, asked=len(ids))


def request_target_for_mass_links(entity_type: EntityType, ids: Iterable[int]) -> str:
    """Path and query of a mass list: `filter[entity_id][]=1&…`, the one documented spelling.

    `limit=250` comes first because a server that pages would else give 50 links a page
    (amocrm-api section 1.4).
    """
    name = _card_name(entity_type)
    wanted = "".join(f"&filter[entity_id][]={card_id}" for card_id in ids)
    return f"{PREFIX}/{name}/links?limit={PAGE_LIMIT}{wanted}"


_BYTES_AN_ID = len("&filter[entity_id][]=")


def largest_batch(
    entity_type: EntityType,
    ids: Sequence[int],
    start: int,
    *,
    max_ids: int = PAGE_LIMIT,
    max_bytes: int = MAX_TARGET_BYTES,
) -> int:
    """How many ids from `start` on fit one mass list: at least 1 while any are left."""
    room = max_bytes - len(request_target_for_mass_links(entity_type, ()))
    count = 0
    for card_id in ids[start : start + max_ids]:
        room -= _BYTES_AN_ID + len(str(card_id))
        if room < 0 and count:
            break
        count += 1
    return count


def write_links(ref: Ref, verb: str) -> Route:
    """`link` or `unlink` of one card."""
    target = f"{PREFIX}/{_card_name(ref.type)}/{ref.id}/{verb}"
    return Route(f"{ref.type.value}/{verb}", "POST", target)


def write_mass_links(entity_type: EntityType, verb: str) -> Route:
    """`link` or `unlink` of many cards of a type."""
    name = _card_name(entity_type)
    return Route(f"{name}/{verb}", "POST", f"{PREFIX}/{name}/{verb}")


def events(types: Iterable[str], since: int | None, until: int | None, page: int) -> Route:
    """A page of events of the given types, created within [since, until] (Unix seconds)."""
    query = f"page={page}&limit={EVENTS_LIMIT}"
    if since is not None:
        query += f"&filter[created_at][from]={since}"
    if until is not None:
        query += f"&filter[created_at][to]={until}"
    query += "".join(f"&filter[type][]={quote(name, safe='')}" for name in types)
    return Route("events", "GET", f"{PREFIX}/events?{query}")


def event_types() -> Route:
    """The event types that the account has."""
    return Route("events/types", "GET", f"{PREFIX}/events/types")


def _card_name(entity_type: EntityType) -> str:
    if entity_type not in CARD_TYPES:
        raise ValueError(f"{entity_type} has no such route: its owners tell its links")
    return entity_type.api_name
