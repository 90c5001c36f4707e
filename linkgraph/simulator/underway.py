"""Work that is not done yet: of requests under way, and of those answered before their work.

Invariant: work is counted from its request's arrival until it is done or given up, whatever the
client was told and whether it is still there: where nothing is pending the world stands still.
"""

import asyncio
from collections.abc import Awaitable, Callable


class Underway:
    """The requests whose work has yet to be done."""

    def __init__(self) -> None:
        self._open: set[object] = set()

    @property
    def pending(self) -> int:
        """How many there are."""
        return len(self._open)

    def begin(self) -> object:
        """Count a request; `done` takes what this returns."""
        request = object()
        self._open.add(request)
        return request

    def done(self, request: object) -> None:
        """Count a request no more; saying so twice does no harm."""
        self._open.discard(request)

    def later(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        """Do `work` in so many seconds, whatever becomes of the request that asked for it.

        It is given up when the event loop ends: `asyncio.run` cancels what is left and waits.
        """

        async def late() -> None:
            await asyncio.sleep(seconds)
            await work()

        # Held here, as a task that nobody holds may be thrown away in the middle.
        task = asyncio.create_task(late())
        self._open.add(task)
        task.add_done_callback(self.done)
