"""The account's webhooks, as an integration may list them.

Invariant: webhooks are listed and never called: nothing leaves the simulator.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from linkgraph.simulator.hal import API, hal, no_items
from linkgraph.simulator.problems import Problem
from linkgraph.simulator.running import running_of

Record = dict[str, Any]

WEBHOOK: Record = {
    "created_at": 1546300800,
    "updated_at": 1546300800,
    "created_by": 0,
    "disabled": False,
    "settings": ["update_lead"],
}
"""What a webhook has of which a world file names only the destination."""


def routes() -> list[Route]:
    """The list; subscribing is not simulated."""
    return [Route(f"{API}/webhooks", webhooks, methods=["GET"])]


async def webhooks(request: Request) -> Response:
    """All webhooks, or those of one exact address; for administrators only."""
    running = running_of(request)
    if not running.behaviour.webhooks_allowed:
        raise Problem(403, "Not enough rights to call this method")
    wanted = request.query_params.get("filter[destination]")
    account_id = running.world.account_id
    bodies = [
        {"id": number, "account_id": account_id, "sort": number, **WEBHOOK, **record}
        for number, record in enumerate(running.world.webhooks, 1)
        if wanted in (None, record["destination"])
    ]
    if not bodies:
        return no_items(request, "webhooks")
    return hal({"_total_items": len(bodies), "_embedded": {"webhooks": bodies}})
