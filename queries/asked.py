"""What a question may look at, and what one in Python is given and gives back.

A question in Python is a module of this package that begins with a header in `#` comments and has
`answer(asked: Asked) -> Found`.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlalchemy import Engine

from linkgraph.errors import QueryStopped
from linkgraph.model import Ref
from queries.beside import Beside
from queries.cardlines import CardLine, card_lines
from queries.parameters import Value
from queries.running import Running, Stop

if TYPE_CHECKING:
    from linkgraph.index import LinkIndex


@dataclass(frozen=True)
class Sources:
    """A snapshot, as a session or a test has it open."""

    engine: Engine
    open_index: "Callable[[], LinkIndex] | None" = None
    """Gives the snapshot's link index."""
    compare: Callable[[str, str], Engine] | None = None
    """Gives an engine over one kept snapshot (second) with an earlier one (first) as `older`."""
    beside: Beside | None = None
    """Tables that questions in SQL may read beside the snapshot's own."""


@dataclass(frozen=True)
class Found:
    """The answer of a question in Python."""

    table: pa.Table
    """The columns of its header, in their order."""
    cut: pa.Table | None = None
    """All that a hub cap cut, worst first; None: the question has none."""
    note: str = ""
    """What a reader must know beside the rows: that there are more equal paths, or none."""


@dataclass
class Asked:
    """One asking of a question in Python: its parameters, and the snapshot to look at."""

    values: Mapping[str, Value]
    """Every parameter with its value."""
    sources: Sources
    timeout: float | None = None
    stop: Stop = field(default_factory=Stop)

    def __post_init__(self) -> None:
        self._began = time.monotonic()

    @property
    def engine(self) -> Engine:
        """The snapshot."""
        return self.sources.engine

    @property
    def index(self) -> "LinkIndex":
        """The snapshot's link index; built first where it has none."""
        assert self.sources.open_index is not None, "this question looks at the link index"
        return self.sources.open_index()

    def integer(self, name: str) -> int:
        """The value of a parameter that is a whole number."""
        return int(self.values[name])

    def number(self, name: str) -> float:
        """The value of a parameter that is a number."""
        return float(self.values[name])

    def text(self, name: str) -> str:
        """The value of a parameter that is a text."""
        return str(self.values[name])

    def flag(self, name: str) -> bool:
        """The value of a parameter that is yes or no."""
        return bool(self.values[name])

    def card(self, name: str) -> Ref:
        """The value of a parameter that is a card."""
        return Ref.parse(self.text(name))

    def sql(self, text: str, **parameters: Value) -> pa.Table:
        """All rows of a query over the snapshot, which stops when the question is to stop.

        Raises:
            QueryStopped: it timed out or was stopped.
        """
        with self.running(text, parameters) as running:
            return pa.Table.from_batches(running.batches(), running.schema)

    def running(self, text: str, parameters: Mapping[str, Value]) -> Running:
        """A query over the snapshot, to be read as it comes."""
        return Running(
            self.engine,
            text,
            parameters,
            timeout=self.timeout,
            stop=self.stop,
            began=self._began,
            beside=self.sources.beside,
        )

    def lines(self, refs: Iterable[Ref]) -> dict[Ref, CardLine]:
        """Names and addresses of cards, by ref; none is missing."""
        return card_lines(self.engine, refs)

    def go_on(self) -> None:
        """To be called between two long steps: ends here where the question is to stop.

        Raises:
            QueryStopped: it timed out or was stopped.
        """
        if self.stop.asked:
            raise QueryStopped("the query was cancelled")
        if self.timeout is not None and time.monotonic() >= self._began + self.timeout:
            raise QueryStopped(f"the query was stopped after {self.timeout:g} s")
