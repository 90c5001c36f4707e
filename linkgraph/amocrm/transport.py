"""HTTP: one request out, one bounded answer back, to one origin only.

Invariant: the token is in the request's headers and nowhere else. Errors of the HTTP library hold
the request with its headers, so they are described and dropped, never chained.
"""

from collections.abc import Awaitable, Callable
from importlib.metadata import version
from types import TracebackType

import httpx

from linkgraph import errors
from linkgraph.amocrm.address import Address
from linkgraph.amocrm.problems import Answer, name_of
from linkgraph.amocrm.routes import Route
from linkgraph.plaintext import plain

MAX_BODY = 64 * 1024 * 1024
"""Bytes of a body after decompression; a page of 250 cards has well under one million."""
TIMEOUT = httpx.Timeout(60.0, connect=10.0, pool=None)
"""The gateway gives up before this and says so with 504."""
_BROKEN = (httpx.TransportError, httpx.DecodingError)


class Transport:
    """A connection pool to an account's origin. Use as an async context manager.

    Raises:
        SettingsError: the token holds characters that no token has.
    """

    def __init__(
        self,
        address: Address,
        token: str,
        *,
        concurrency: int,
        transport: httpx.AsyncBaseTransport | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        self._address = address
        self._max_body = max_body
        self.token = _checked(token)
        self._http = httpx.AsyncClient(
            headers={
                "Authorization": f"Bearer {self.token}",
                "User-Agent": f"linkgraph/{version('linkgraph')}",
                "Accept": "application/hal+json, application/problem+json, application/json",
            },
            follow_redirects=False,
            timeout=TIMEOUT,
            limits=httpx.Limits(
                max_connections=concurrency,
                max_keepalive_connections=concurrency,
                keepalive_expiry=30.0,
            ),
            # Proxies of the environment are for the outside; what runs on this machine is near.
            trust_env=not address.is_loopback,
            transport=transport,
        )

    def __repr__(self) -> str:
        return f"Transport({self._address.url!r})"

    async def __aenter__(self) -> "Transport":
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._http.__aexit__(kind, error, traceback)

    async def send(
        self, route: Route, content: bytes | None, left: Callable[[], Awaitable[None]]
    ) -> Answer:
        """Send one request and read its whole answer; `left` is told when it has been written.

        Raises:
            ConnectionFailed: no answer, or one cut short.
            InvalidAnswer: a body larger than this program is willing to read.
        """
        url = self._address.url + route.target
        if not self._address.holds(url):
            raise errors.InvalidAnswer(
                "a request would leave the account's origin, and was not sent",
                request=name_of(route),
            )
        headers = {} if content is None else {"Content-Type": "application/json"}
        failure = ""
        written = False

        async def trace(event: str, _: object) -> None:
            nonlocal written
            if event.endswith(".send_request_body.complete"):
                written = True
                await left()

        try:
            async with self._http.stream(
                route.method, url, content=content, headers=headers, extensions={"trace": trace}
            ) as response:
                if not written:  # a transport that does not tell
                    await left()
                return Answer(
                    status=response.status_code,
                    body=await self._body(route, response),
                    content_type=response.headers.get("content-type", "").lower(),
                    retry_after=response.headers.get("retry-after", ""),
                    location=response.headers.get("location", ""),
                )
        except _BROKEN as exc:
            failure = _described(exc)
        # Raised out here so that the library's error, which holds the headers, is not its context.
        raise errors.ConnectionFailed(
            f"{self._address.host} did not answer: {plain(failure, 200)}",
            request=name_of(route),
            hint="check the network and the address; nothing that was fetched so far is lost",
        )

    async def _body(self, route: Route, response: httpx.Response) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > self._max_body:
                error = errors.InvalidAnswer(
                    f"the answer is larger than {self._max_body // 2**20} MB and was not read on",
                    request=name_of(route),
                    status=response.status_code,
                    hint="ask for fewer cards at once",
                )
                error.retryable = False
                raise error
            chunks.append(chunk)
        return b"".join(chunks)


def _checked(token: str) -> str:
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise errors.SettingsError(
            "the token holds characters that no token has" if token else "the token is empty",
            hint="copy it again, whole and without line breaks, from the integration's settings",
        )
    return token


def _described(exc: Exception) -> str:
    if isinstance(exc, httpx.ConnectTimeout):
        return "no connection within 10 s"
    if isinstance(exc, httpx.TimeoutException):
        return "no answer within 60 s"
    words = str(exc).strip()
    return words or type(exc).__name__
