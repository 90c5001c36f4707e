"""What happened in the account, newest first (amocrm-api §3)."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from linkgraph.simulator.events import LINK_TYPES, OTHER_TYPES, Event
from linkgraph.simulator.hal import API, hal, link_to, list_page
from linkgraph.simulator.query import bad_parameter, ids_of, page_of, range_of, values_of
from linkgraph.simulator.running import Running, running_of

LONGEST_PAGE = 100
MOST_IDS = 10
"""`filter[entity_id]` takes up to ten, with exactly one `filter[entity]`."""


def routes() -> list[Route]:
    """The list of events and of their types."""
    return [
        Route(f"{API}/events", events, methods=["GET"]),
        Route(f"{API}/events/types", types, methods=["GET"]),
    ]


async def events(request: Request) -> Response:
    """One page of events."""
    running = running_of(request)
    page = page_of(request, LONGEST_PAGE)
    with running.world.lock:
        found = _wanted(request, running, running.world.events.entries)
    order = request.query_params.get("order[created_at]")
    newest = running.behaviour.events_order == "newest" if order is None else order == "desc"
    found.sort(key=lambda event: (event["created_at"], event["id"]), reverse=newest)
    bodies = [_body(request, running, event) for event in found[page.first : page.last]]
    return list_page(request, "events", bodies, page, more=page.last < len(found))


async def types(request: Request) -> Response:
    """The types of events that the account has."""
    names = (*LINK_TYPES, *OTHER_TYPES)
    listed = [
        {"key": name, "type": index, "lang": name.replace("_", " ")}
        for index, name in enumerate(names, 1)
    ]
    links = link_to(request, "events", "types")
    return hal(
        {"_total_items": len(listed), "_links": links, "_embedded": {"events_types": listed}}
    )


def _wanted(request: Request, running: Running, entries: list[Event]) -> list[Event]:
    types_ = values_of(request, "filter[type]")
    if types_ is not None:
        wanted = {name for value in types_ for name in value.split(",")}
        entries = [event for event in entries if event["type"] in wanted]
    times = range_of(request, "filter[created_at]")
    if times is not None:
        first, last = times.first or 0, times.last if times.last is not None else 2**62
        entries = [event for event in entries if first <= event["created_at"] <= last]
    entities = values_of(request, "filter[entity]")
    if entities is not None:
        entries = [event for event in entries if event["entity_type"] in entities]
    ids = ids_of(request, "filter[entity_id]", running.behaviour)
    if ids is not None:
        if len(ids) > MOST_IDS or len(entities or []) != 1:
            raise bad_parameter(
                "filter.entity_id", "NotSupportedChoice", "Up to 10 ids of one filter[entity]."
            )
        entries = [event for event in entries if event["entity_id"] in ids]
    return list(entries)


def _body(request: Request, running: Running, event: Event) -> Event:
    return {
        **event,
        "account_id": running.world.account_id,
        "_links": link_to(request, "events", event["id"]),
        "_embedded": {"entity": {"id": event["entity_id"]}},
    }
