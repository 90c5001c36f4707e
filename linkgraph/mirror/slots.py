"""What is in flight, over all parts of a pull together."""

import asyncio
from types import TracebackType

#: In flight at once, as many as httpx serves well (perf, section 2).
CONCURRENCY = 8


class Slots:
    """A bound on concurrent requests that also tells how many places stand idle."""

    def __init__(self, limit: int) -> None:
        self.idle = limit
        self._free = asyncio.Semaphore(limit)

    async def __aenter__(self) -> None:
        await self._free.acquire()
        self.idle -= 1

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.idle += 1
        self._free.release()
