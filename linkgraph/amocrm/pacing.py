"""First form: slots in memory; the shared file comes next."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from linkgraph.amocrm import problems


class Pacer:
    def __init__(
        self,
        rate: float = 7.0,
        path: Path | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.rate = rate
        self._clock = clock
        self._sleep = sleep
        self._next = 0.0
        self._lock = asyncio.Lock()
        self._blocked = False

    def _check(self) -> None:
        if self._blocked:
            raise problems.blocked()

    async def turn(self) -> int:
        async with self._lock:
            self._check()
            while (wait := self._next - self._clock()) > 0:
                await self._sleep(wait)
                self._check()
            self._next = max(self._next, self._clock()) + 1.022 / self.rate
            return 0

    async def answered(self, turn: int, kind: str) -> None: ...

    async def refused(self, turn: int, wait: float | None) -> None:
        self._next = self._clock() + (wait or 1.0)

    async def block(self) -> None:
        self._blocked = True

    async def rest(self, seconds: float) -> None:
        await self._sleep(seconds)
        self._check()
