"""One question as an asker puts it, and how it may end without an answer."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa


class Stopped(Exception):
    """It took longer than it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"stopped after {seconds:g} s")
        self.seconds = seconds


class Failed(Exception):
    """The engine cannot: out of memory, most of the time."""


class Rows(StrEnum):
    """How the rows of a rival are held against those of the library."""

    EACH = "each"
    """The same rows, as many times."""
    DISTINCT = "distinct"
    """The same rows, each once: the library has several for what is one to the rival."""
    WITHIN = "within"
    """Every row of the library is one of the rival's: the library lists the first of them only."""


def _as_it_is(answer: Any) -> Any:
    return answer


@dataclass(frozen=True)
class Ask:
    """`ask` is timed; `told` makes its answer a table, and is not."""

    ask: Callable[[], Any]
    told: Callable[[Any], pa.Table] = _as_it_is
    rows: Rows = Rows.EACH


Asks = dict[str, Ask]
