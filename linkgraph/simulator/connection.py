"""Closing a client's socket without an answer.

Invariant: the client sees a broken connection, never an error page.
"""

import asyncio
import time
from typing import Any

from starlette.types import Receive, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

TRANSPORT = "linkgraph.simulator.transport"
ARRIVAL = "linkgraph.simulator.arrival"


class DroppableProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, which hands the socket and the hour on to the application."""

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        scope: Any = self.scope
        extensions = scope.setdefault("extensions", {})
        extensions[TRANSPORT] = self.transport
        extensions[ARRIVAL] = time.monotonic()


def arrival_of(scope: Scope) -> float:
    """When a request arrived, by the monotonic clock: its first byte, where that is known."""
    arrival: float = scope.get("extensions", {}).get(ARRIVAL) or time.monotonic()
    return arrival


async def drop_connection(scope: Scope, receive: Receive) -> None:
    """Close the socket under a request; without a socket, fail as one would."""
    transport: asyncio.Transport | None = scope.get("extensions", {}).get(TRANSPORT)
    if transport is None:
        raise ConnectionResetError("the simulator dropped the connection")
    # Closing sends what was written before it; there is nothing to wait for otherwise.
    transport.close()
    # The server would make up an answer if the application ended before it noticed the loss.
    while (await receive())["type"] != "http.disconnect":
        pass
