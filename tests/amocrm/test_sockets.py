"""What goes over the wire, seen from the other end of a real socket."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from linkgraph import errors
from linkgraph.amocrm import Address, AmoClient, Pacer
from linkgraph.amocrm.retries import RetryPolicy
from linkgraph.model import EntityType

Answer = Callable[[bytes], bytes]
TOKEN = "a-token-of-the-test"


@asynccontextmanager
async def raw_server(*answers: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers connections in turn with given bytes, and keeps what it was sent."""
    heads: list[bytes] = []
    left: Iterator[bytes] = iter(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(next(left))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", heads


def client(url: str, attempts: int = 1) -> AmoClient:
    """A client of a server on this machine, without a pace."""
    policy = RetryPolicy(attempts=attempts, first_wait=0.001)
    pacer = Pacer(float("inf"))
    return AmoClient(Address.parse(url), TOKEN, pacer=pacer, retry_policy=policy)


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """An HTTP answer after which the connection closes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def test_brackets_stay_literal_on_the_wire() -> None:
    """250 ids of 8 digits make a request line under 8 KB: nothing is percent-encoded."""
    async with raw_server(http(b"", "204 No Content")) as (url, heads), client(url) as one:
        await one.mass_links(EntityType.LEAD, range(20_000_000, 20_000_250))
    line = heads[0].split(b"\r\n")[0]
    assert line.startswith(b"GET /api/v4/leads/links?limit=250&filter[entity_id][]=20000000&filter")
    assert line.count(b"filter[entity_id][]=") == 250
    assert len(line) < 8000
    assert b"%" not in line


async def test_the_token_goes_in_one_header_and_the_client_says_who_it_is() -> None:
    """Bearer, a user agent with the version, and compression."""
    async with raw_server(http(b'{"id":1}')) as (url, heads), client(url) as one:
        await one.account()
    head = heads[0].decode().lower()
    assert head.count(TOKEN) == 1
    assert f"authorization: bearer {TOKEN}\r\n" in head
    assert "user-agent: linkgraph/" in head
    assert "accept-encoding: gzip" in head


async def test_a_redirect_is_not_followed_and_the_token_stays() -> None:
    """Wherever it leads, nothing is sent there."""
    async with (
        raw_server(http(b'{"id":1}')) as (elsewhere, stolen),
        raw_server(http(b"", "302 Found", f"Location: {elsewhere}/api/v4/account")) as (url, heads),
        client(url) as one,
    ):
        with pytest.raises(errors.NotAmoCRM, match="redirect"):
            await one.account()
    assert len(heads) == 1
    assert stolen == []


async def test_a_next_page_elsewhere_gets_nothing() -> None:
    """Another port of the same machine is another origin."""
    async with raw_server() as (elsewhere, stolen):
        body = (
            b'{"_links":{"next":{"href":"%s/api/v4/catalogs?page=2"}},"_embedded":{"catalogs":[]}}'
            % elsewhere.encode()
        )
        async with raw_server(http(body)) as (url, _), client(url) as one:
            with pytest.raises(errors.InvalidAnswer):
                await one.catalogs()
    assert stolen == []


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY", "http_proxy"])
async def test_no_proxy_comes_between_this_machine_and_itself(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment's proxies are for the outside."""
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    async with raw_server(http(b'{"id":1}')) as (url, heads), client(url) as one:
        assert (await one.account()).id == 1
    assert len(heads) == 1


async def test_the_environments_proxy_is_used_for_the_outside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The CRM is reached through it, by CONNECT: it sees the host and never the token."""
    async with raw_server(http(b"", "403 Forbidden")) as (url, heads):
        monkeypatch.setenv("HTTPS_PROXY", url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        async with client("https://example.amocrm.ru") as one:
            with pytest.raises(errors.ConnectionFailed):
                await one.account()
    assert heads[0].startswith(b"CONNECT example.amocrm.ru:443 ")
    assert TOKEN.encode() not in heads[0]


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"garbage\r\n\r\n",
        http(b'{"id":', "200 OK"),
        http(b"not gzip", "200 OK", "Content-Encoding: gzip"),
    ],
    ids=["closed", "cut", "no HTTP", "cut JSON", "bad gzip"],
)
async def test_a_broken_answer_is_asked_for_again(broken: bytes) -> None:
    """Whatever way an answer to a read breaks on the way, the next one counts."""
    async with raw_server(broken, http(b'{"id":1}')) as (url, heads), client(url, 2) as one:
        assert (await one.account()).id == 1
    assert len(heads) == 2


async def test_nobody_at_home_is_said() -> None:
    """A port where nothing listens."""
    async with client("http://127.0.0.1:9") as one:
        with pytest.raises(errors.ConnectionFailed, match=r"127\.0\.0\.1 did not answer") as caught:
            await one.account()
    assert caught.value.hint
