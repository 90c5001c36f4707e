"""What the account itself is: settings, users, pipelines, catalogs."""

from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from linkgraph.simulator.cards import CardTable
from linkgraph.simulator.hal import API, hal, link_to, list_page, no_items, nothing
from linkgraph.simulator.query import ids_of, page_of, words_of
from linkgraph.simulator.running import running_of
from linkgraph.simulator.wire import element_body

Record = dict[str, Any]

ACCOUNT: Record = {
    "name": "Simulated account",
    "subdomain": "simulator",
    "created_at": 1546300800,
    "created_by": 0,
    "updated_at": 1546300800,
    "updated_by": 0,
    "current_user_id": 0,
    "country": "RU",
    "currency": "RUB",
    "currency_symbol": "₽",
    "is_unsorted_on": True,
    "mobile_feature_version": 0,
    "is_loss_reason_enabled": True,
    "is_helpbot_enabled": False,
    "is_technical_account": False,
    "contact_name_display_order": 1,
}
"""Keys that the official client reads without a guard (amocrm-api §6)."""

ACCOUNT_WITH: Record = {
    "amojo_id": "00000000-0000-4000-8000-000000000001",
    "version": 12,
    "drive_url": "http://localhost",
}
"""Keys that only `with` brings."""

CATALOG: Record = {
    "name": "",
    "created_by": 0,
    "updated_by": 0,
    "created_at": 0,
    "updated_at": 0,
    "sort": 10,
    "type": "regular",
    "can_add_elements": True,
    "can_show_in_cards": True,
    "can_link_multiple": True,
    "can_be_deleted": True,
    "sdk_widget_code": None,
}

PIPELINE: Record = {
    "name": "",
    "sort": 1,
    "is_main": False,
    "is_unsorted_on": True,
    "is_archive": False,
}

STATUS: Record = {"name": "", "sort": 10, "is_editable": True, "color": "#fffeb2", "type": 0}

USER: Record = {"name": "", "email": "", "lang": "ru", "rights": {"is_admin": True}}


def routes() -> list[Route]:
    """Everything but cards, links, events and webhooks."""
    catalog = f"{API}/catalogs/{{catalog_id:int}}"
    table: dict[str, Callable[[Request], Any]] = {
        f"{API}/account": account,
        f"{API}/users": users,
        f"{API}/users/{{id:int}}": user,
        f"{API}/leads/pipelines": pipelines,
        f"{API}/leads/pipelines/{{id:int}}": pipeline,
        f"{API}/catalogs": catalogs,
        catalog: one_catalog,
        f"{catalog}/elements": elements,
        f"{catalog}/elements/{{id:int}}": element,
    }
    return [Route(path, endpoint, methods=["GET"]) for path, endpoint in table.items()]


async def account(request: Request) -> Response:
    """The account's settings."""
    running = running_of(request)
    more = {**ACCOUNT_WITH, "is_api_filter_enabled": running.behaviour.filter_addon}
    asked = words_of(request, "with")
    return hal(
        {
            **ACCOUNT,
            "id": running.world.account_id,
            **running.world.account,
            "customers_mode": running.customers_mode,
            **{name: value for name, value in more.items() if name in asked},
            "_links": link_to(request, "account"),
        }
    )


async def users(request: Request) -> Response:
    """The account's users."""
    bodies = [_user(request, one) for one in running_of(request).world.users]
    return _listed(request, "users", bodies)


async def user(request: Request) -> Response:
    """One user."""
    return _one(request, running_of(request).world.users, _user)


async def pipelines(request: Request) -> Response:
    """All pipelines with their statuses, on one page."""
    bodies = [_pipeline(request, one) for one in running_of(request).world.pipelines]
    if not bodies:
        return no_items(request, "pipelines")
    links = link_to(request, "leads", "pipelines")
    return hal({"_total_items": len(bodies), "_links": links, "_embedded": {"pipelines": bodies}})


async def pipeline(request: Request) -> Response:
    """One pipeline."""
    return _one(request, running_of(request).world.pipelines, _pipeline)


async def catalogs(request: Request) -> Response:
    """The account's lists."""
    bodies = [_catalog(request, one) for one in running_of(request).world.catalogs]
    return _listed(request, "catalogs", bodies)


async def one_catalog(request: Request) -> Response:
    """One list."""
    return _one(request, running_of(request).world.catalogs, _catalog, "catalog_id")


async def elements(request: Request) -> Response:
    """One page of a catalog's elements."""
    running = running_of(request)
    page = page_of(request)
    table = _elements(request)
    ids = ids_of(request, "filter[id]", running.behaviour)
    account_id = running.world.account_id
    with running.world.lock:
        rows: Sequence[int] = range(len(table))
        if ids is not None and running.behaviour.filter_addon:
            rows = table.rows_of(ids).tolist()
        bodies = [
            element_body(request, table.card(row), request.path_params["catalog_id"], account_id)
            for row in rows[page.first : page.last]
        ]
    return list_page(request, "elements", bodies, page, more=page.last < len(rows))


async def element(request: Request) -> Response:
    """One element."""
    world = running_of(request).world
    card = _elements(request).get(request.path_params["id"])
    if card is None:
        return nothing()
    return hal(element_body(request, card, request.path_params["catalog_id"], world.account_id))


def _elements(request: Request) -> CardTable:
    tables = running_of(request).world.elements
    return tables.get(request.path_params["catalog_id"]) or CardTable.of([])


def _listed(request: Request, name: str, bodies: Sequence[Record]) -> Response:
    page = page_of(request)
    shown = bodies[page.first : page.last]
    return list_page(request, name, shown, page, more=page.last < len(bodies))


def _one(
    request: Request,
    records: Sequence[Record],
    body: Callable[[Request, Record], Record],
    name: str = "id",
) -> Response:
    id_ = request.path_params[name]
    found = [record for record in records if record.get("id") == id_]
    return hal(body(request, found[0])) if found else nothing()


def _user(request: Request, record: Record) -> Record:
    return {**USER, **record, "_links": link_to(request, "users", record.get("id"))}


def _catalog(request: Request, record: Record) -> Record:
    account_id = running_of(request).world.account_id
    links = link_to(request, "catalogs", record["id"])
    return {**CATALOG, **record, "account_id": account_id, "_links": links}


def _pipeline(request: Request, record: Record) -> Record:
    account_id = running_of(request).world.account_id
    path = "leads", "pipelines", record.get("id")
    own = {name: value for name, value in record.items() if name != "statuses"}
    statuses = [
        {
            **STATUS,
            **status,
            "pipeline_id": record.get("id"),
            "account_id": account_id,
            "_links": link_to(request, *path, "statuses", status.get("id")),
        }
        for status in record.get("statuses", [])
    ]
    return {
        **PIPELINE,
        **own,
        "account_id": account_id,
        "_links": link_to(request, *path),
        "_embedded": {"statuses": statuses},
    }
