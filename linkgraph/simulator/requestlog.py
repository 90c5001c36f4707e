"""Every request the account got, for whoever tests a client.

Invariant: no header is kept, and of bodies only the items of link writes, so that a token cannot
be read here and every item can be followed from request to request.
"""

import time
from collections import deque
from typing import Any, TypedDict

import msgspec
from starlette.requests import Request
from starlette.types import Scope

LONGEST = 1_000_000
"""Requests kept; older ones are forgotten."""


class LoggedRequest(TypedDict):
    """One request."""

    time: float
    """Arrival by the wall clock, in seconds."""
    monotonic: float
    """Arrival by the monotonic clock, in seconds: what the rate limit goes by."""
    method: str
    path: str
    query: str
    """The query as it was sent, without the question mark."""
    status: int | None
    """The status answered; None while under way and where the connection was dropped."""
    answered_at: float | None
    """When the status was sent, by the monotonic clock; None where there is none."""
    items: list[Any] | None
    """The items of a link or unlink as they were sent; None for any other request, and where the
    body is no JSON list."""
    applied_at: float | None
    """When the work of a link or unlink was done, by the monotonic clock: the whole of it or, where
    a refusal came late, the part before the bad item. None where nothing was done (yet)."""


class RequestLog:
    """Requests in the order they arrived."""

    def __init__(self) -> None:
        self._entries: deque[LoggedRequest] = deque(maxlen=LONGEST)

    def arrived(self, method: str, path: str, query: str, arrival: float) -> LoggedRequest:
        """Note a request; its status is filled in when it is answered."""
        entry = LoggedRequest(
            time=time.time() - (time.monotonic() - arrival),
            monotonic=arrival,
            method=method,
            path=path,
            query=query,
            status=None,
            answered_at=None,
            items=None,
            applied_at=None,
        )
        self._entries.append(entry)
        return entry

    def entries(self) -> list[LoggedRequest]:
        """A copy of the log, oldest first."""
        return [entry.copy() for entry in list(self._entries)]

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()


def attach(scope: Scope, entry: LoggedRequest) -> None:
    """Let the routes find the entry of the request that they serve."""
    Request(scope).state.logged = entry


def note_applied(request: Request) -> None:
    """Note that the work of the request was done just now."""
    entry: LoggedRequest = request.state.logged
    entry["applied_at"] = time.monotonic()


def items_of(body: bytes) -> list[Any] | None:
    """The items of a link write; None where the body is no JSON list."""
    try:
        items = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None
    return items if isinstance(items, list) else None
