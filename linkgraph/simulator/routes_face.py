"""The simulator's own face: what was asked of it, and how it is to behave.

Invariant: none of this is counted, logged or limited, and none of it wants a token.
"""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from linkgraph.simulator.behaviour import BehaviourError
from linkgraph.simulator.faults import FaultError
from linkgraph.simulator.hal import nothing
from linkgraph.simulator.problems import Problem
from linkgraph.simulator.running import running_of

FACE = "/_simulator"


def routes() -> list[Route]:
    """Requests, what is pending, state, behaviour, faults."""
    return [
        Route(f"{FACE}/requests", requests, methods=["GET", "DELETE"]),
        Route(f"{FACE}/pending", pending, methods=["GET"]),
        Route(f"{FACE}/state", state, methods=["GET"]),
        Route(f"{FACE}/behaviour", behaviour, methods=["GET", "PATCH"]),
        Route(f"{FACE}/faults", faults, methods=["GET", "PATCH", "DELETE"]),
    ]


async def requests(request: Request) -> Response:
    """Every request so far; DELETE forgets them."""
    log = running_of(request).log
    if request.method == "DELETE":
        log.clear()
        return nothing()
    return _json(log.entries())


async def pending(request: Request) -> Response:
    """How many requests there are whose work is not done: 0 when the world stands still."""
    return _json({"pending": running_of(request).underway.pending})


async def state(request: Request) -> Response:
    """The whole world as a world file."""
    return _json(running_of(request).world.to_dict())


async def behaviour(request: Request) -> Response:
    """The switches; PATCH with some of them sets those."""
    running = running_of(request)
    if request.method == "PATCH":
        changes = await _body(request)
        if not isinstance(changes, dict):
            raise Problem(400, "expected an object of switches")
        try:
            running.behaviour = running.behaviour.changed(changes)
        except BehaviourError as error:
            raise Problem(400, str(error)) from error
    return _json(running.behaviour)


async def faults(request: Request) -> Response:
    """The rules; PATCH with one rule adds it, with a list puts that in their place."""
    running = running_of(request)
    if request.method == "DELETE":
        running.faults.replace([])
        return nothing()
    if request.method == "PATCH":
        rules = await _body(request)
        try:
            if isinstance(rules, list):
                running.faults.replace(rules)
            else:
                running.faults.add(rules)
        except FaultError as error:
            raise Problem(400, str(error)) from error
    return _json(running.faults.rules)


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")


async def _body(request: Request) -> Any:
    try:
        return msgspec.json.decode(await request.body())
    except msgspec.DecodeError as error:
        raise Problem(400, "Request body is not valid JSON") from error
