"""Long answers in short pieces of work.

Invariant: the event loop is never held for long, so that the arrival of the next request is
noted when it arrives and not when the answer before it is finished: the rate limit counts
arrivals, and a few dozen milliseconds make eight of seven.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in order, `size` at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


async def give_way() -> None:
    """Let whatever has arrived be noted."""
    await asyncio.sleep(0)
