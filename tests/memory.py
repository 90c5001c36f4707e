"""What a call takes of memory: a text that is cut before it is looked through is never copied."""

import tracemalloc
from collections.abc import Callable

#: Far more than a line of text takes, far less than a text of a megabyte.
LITTLE = 100_000


def peak_of(call: Callable[[], object]) -> int:
    """The most bytes that Python held at once for a call, over what it held before."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
