"""Every request the account got, for whoever tests a client.

Invariant: no header and no body is kept, so a token cannot be read here.
"""

import time
from collections import deque
from typing import TypedDict

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
        )
        self._entries.append(entry)
        return entry

    def entries(self) -> list[LoggedRequest]:
        """A copy of the log, oldest first."""
        return [entry.copy() for entry in list(self._entries)]

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()
