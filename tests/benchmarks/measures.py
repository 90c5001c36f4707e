"""What a benchmark measures, and how it is shown.

A benchmark is a module of this folder with a docstring and `run(links) -> Iterator[Measure]`.
Absolute times are targets of a quiet machine; the ratio to a yardstick of the same run decides.
"""

import resource
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. `yard` is what the yardstick took in the same run, in the same unit."""

    what: str
    value: float
    unit: str = "s"
    yardstick: str = ""
    yard: float | None = None
    target: float | None = None
    """The figure that it is not to exceed on a quiet machine."""

    @property
    def ratio(self) -> float | None:
        """How many times its yardstick it is."""
        return self.value / self.yard if self.yard else None


class Watch:
    """A stopwatch: `seconds` is set when the `with` block ends."""

    seconds = 0.0


@contextmanager
def timed() -> Iterator[Watch]:
    """Time a block by the wall clock."""
    watch = Watch()
    began = time.perf_counter()
    try:
        yield watch
    finally:
        watch.seconds = time.perf_counter() - began


def peak_memory() -> float:
    """The most memory that this process has held so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def show(title: str, measures: Iterable[Measure], console: Console) -> None:
    """Print a benchmark's figures as a table, each as it comes in."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for name, justify in (("", "left"), ("figure", "right"), ("target", "right")):
        table.add_column(name, justify="left" if justify == "left" else "right")
    table.add_column("yardstick")
    table.add_column("its figure", justify="right")
    table.add_column("ratio", justify="right")
    for measure in measures:
        table.add_row(
            measure.what,
            _figure(measure.value, measure.unit),
            "" if measure.target is None else f"≤ {_figure(measure.target, measure.unit)}",
            measure.yardstick,
            "" if measure.yard is None else _figure(measure.yard, measure.unit),
            _ratio(measure.ratio),
        )
    console.print(table)


def _ratio(ratio: float | None) -> str:
    if ratio is None:
        return ""
    return f"{ratio:.2f} ×" if ratio > 0.1 else f"1/{1 / ratio:,.0f}"


def _figure(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
