"""What a request passes before and after the routes: log, limits, token, faults, latency.

Invariant: every request to the API is in the log, with the moment it arrived and the status it
was answered with, before anything else is decided. A link write that arrived whole is worked on
whether its client is still there or not.
"""

import asyncio
import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from linkgraph.simulator.connection import arrival_of, drop_connection
from linkgraph.simulator.faults import Fault
from linkgraph.simulator.hal import API, nothing
from linkgraph.simulator.problems import Problem, gateway_page
from linkgraph.simulator.requestlog import LoggedRequest, attach, items_of
from linkgraph.simulator.routes_face import FACE
from linkgraph.simulator.running import Running

LONGEST_REQUEST_LINE = 8192
"""The usual buffer of the web server in front (amocrm-api §1.4)."""


class Gate:
    """Middleware around all routes."""

    def __init__(self, app: ASGIApp, running: Running) -> None:
        self._app = app
        self._running = running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http" or scope["path"].startswith(FACE):
            await self._app(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        entry = self._running.log.arrived(scope["method"], scope["path"], query, arrival_of(scope))
        attach(scope, entry)
        work = self._running.underway.begin()
        try:
            await self._admitted(scope, receive, _noting(entry, send), entry, work)
        finally:
            self._running.underway.done(work)

    async def _admitted(
        self, scope: Scope, receive: Receive, send: Send, entry: LoggedRequest, work: object
    ) -> None:
        """Refuse, spoil or serve; which of them is decided in the order of arrival."""
        response = self._refused(scope, entry)
        fault = None if response else self._running.faults.firing(_line(scope))
        if _is_link_write(scope):
            body = await _whole_body(receive)
            if body is None:
                return
            entry["items"] = items_of(body)
            receive = _again(body, receive)
        if response is not None:
            await response(scope, receive, send)
        elif fault is None:
            await self._served(scope, receive, send)
        else:
            await self._spoilt(fault, scope, receive, send, work)

    def _refused(self, scope: Scope, entry: LoggedRequest) -> Response | None:
        """The answer to a request that does not reach the routes."""
        behaviour, window = self._running.behaviour, self._running.window
        most = behaviour.forbidden_after
        if most is not None and window.refused >= most:
            return gateway_page(403)
        if not window.admit(entry["monotonic"], behaviour.rate):
            return self._too_many()
        raw_path = scope.get("raw_path") or scope["path"].encode()
        target = len(raw_path) + len(scope["query_string"]) + 1
        if len(scope["method"]) + target + len("  HTTP/1.1\r\n") > LONGEST_REQUEST_LINE:
            return gateway_page(414)
        header = Request(scope).headers.get("authorization", "")
        kind, _, token = header.partition(" ")
        if kind.lower() != "bearer" or not self._running.takes(token.strip()):
            return Problem(401, "Invalid user name or password").response()
        if scope["path"].startswith(f"{API}/customers") and self._running.customers_are_off:
            if behaviour.customers_off == 204:
                return nothing()
            return Problem(behaviour.customers_off, "Customers are switched off").response()
        return None

    def _too_many(self) -> Response:
        behaviour = self._running.behaviour
        if behaviour.rate_429 == "html":
            response = gateway_page(429)
        else:
            problem = Problem(429, "Request limit exceeded", retry_after=behaviour.retry_after)
            response = problem.response()
        if behaviour.retry_after_header:
            response.headers["Retry-After"] = str(behaviour.retry_after)
        return response

    async def _served(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._running.behaviour.latency:
            await asyncio.sleep(self._running.behaviour.latency)
        await self._app(scope, receive, send)

    async def _spoilt(
        self, fault: Fault, scope: Scope, receive: Receive, send: Send, work: object
    ) -> None:
        if fault.action == "delay" and fault.when == "before":
            await asyncio.sleep(fault.seconds)
            await self._served(scope, receive, send)
            return
        if fault.when == "later":
            # A body of its own: dropping the connection listens to the same client.
            own = _again(await _whole_body(receive) or b"", receive)
            self._running.underway.later(fault.seconds, lambda: self._worked(scope, own))
        body = b""
        if fault.when == "after" or fault.action in ("truncate_body", "break_body"):
            start, body = await self._worked(scope, receive)
        self._running.underway.done(work)
        if fault.action == "delay":
            await asyncio.sleep(fault.seconds)
            await send(start)
            await send({"type": "http.response.body", "body": body})
        elif fault.action == "drop_connection":
            await drop_connection(scope, receive)
        elif fault.action == "break_body":
            await send(start)
            await send(_half(body))
            await drop_connection(scope, receive)
        elif fault.action == "truncate_body":
            cut = body[: len(body) // 2]
            media_type = dict(start["headers"]).get(b"content-type", b"text/plain").decode()
            await Response(cut, start["status"], media_type=media_type)(scope, receive, send)
        else:
            await _failure(fault)(scope, receive, send)

    async def _worked(self, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
        """Do the work and keep the answer from the client."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._served(scope, receive, keep)
        return messages[0], b"".join(message.get("body", b"") for message in messages[1:])


def _noting(entry: LoggedRequest, send: Send) -> Send:
    """A `send` that notes the status in the log."""

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            entry["status"] = message["status"]
            entry["answered_at"] = time.monotonic()
        await send(message)

    return answer


def _is_link_write(scope: Scope) -> bool:
    path: str = scope["path"]
    return scope["method"] == "POST" and path.endswith(("/link", "/unlink"))


async def _whole_body(receive: Receive) -> bytes | None:
    """The body of a request; None where the client left before it was all there."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body which was read already, once, and then goes on."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again


def _half(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}


def _failure(fault: Fault) -> Response:
    status = 503 if fault.action == "html_503" else fault.status
    if fault.action == "html_503" or fault.body == "html":
        return gateway_page(status, fault.headers)
    if fault.body == "empty":
        return Response(status_code=status, headers=fault.headers)
    response = Problem(status, "A scripted fault").response()
    response.headers.update(fault.headers)
    return response


def _line(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{scope['method']} {scope['path']}" + (f"?{query}" if query else "")
