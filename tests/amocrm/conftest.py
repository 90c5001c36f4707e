"""A client whose server is a function, and whose waits take no time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from linkgraph.amocrm import Address, AmoClient, Pacer

Handler = Callable[[httpx.Request], httpx.Response]
Open = Callable[..., AbstractAsyncContextManager[AmoClient]]
DATA = Path(__file__).with_name("data")
TOKEN = "eyJ0eXAiOiJKV1QifQ.eyJleHAiOjE5MDAwMDAwMDB9.c2lnbmF0dXJl"


class Clock:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> Clock:
    """A clock of the test's own."""
    return Clock()


@pytest.fixture
def open_client(clock: Clock) -> Open:
    """Opens a client of example.amocrm.ru whose server is a handler."""

    @asynccontextmanager
    async def opened(handler: Handler, **options: Any) -> AsyncIterator[AmoClient]:
        pacer = options.pop("pacer", None) or Pacer(float("inf"), clock=clock, sleep=clock.sleep)
        async with AmoClient(
            options.pop("address", Address.parse("example.amocrm.ru")),
            options.pop("token", TOKEN),
            pacer=pacer,
            transport=httpx.MockTransport(handler),
            **options,
        ) as client:
            yield client

    return opened


@pytest.fixture
def example() -> Callable[[str], bytes]:
    """The bodies of the reference's examples, by name."""
    return lambda name: (DATA / f"{name}.json").read_bytes()


@pytest.fixture
def token() -> str:
    """The token that clients of `open_client` carry."""
    return TOKEN
