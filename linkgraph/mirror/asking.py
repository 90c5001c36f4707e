"""A client in use over several stretches of asking, with plain work between them.

A client opens once and belongs to the event loop in which it was opened: this keeps both.
"""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeVar

from linkgraph.amocrm import AmoClient

T = TypeVar("T")


class Asking:
    """Asks a client, which is opened for the first question and closed at the end."""

    def __init__(self, client: AmoClient) -> None:
        self.client = client
        self._runner = asyncio.Runner()
        self._open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if self._open:
                self._runner.run(self.client.__aexit__(exc_type, exc, traceback))
        finally:
            self._runner.close()

    def run(self, question: Callable[[], Awaitable[T]]) -> T:
        """Ask, with the client open, and return the answer."""
        return self._runner.run(self._opened(question))

    async def _opened(self, question: Callable[[], Awaitable[T]]) -> T:
        if not self._open:
            await self.client.__aenter__()
            self._open = True
        return await question()
