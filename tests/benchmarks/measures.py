"""What a benchmark measures, and how it is shown.

A benchmark is a module of this folder with a docstring and `run(links) -> Iterator[Measure]`.
Absolute times are targets of a quiet machine; the ratio to a yardstick of the same run decides.
"""

import re
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
    rows: int | None = None
    """Rows of the answer that was measured."""
    peak: float | None = None
    """The most memory that the process held, in MB."""
    cpu: float | None = None
    """Seconds that its processors computed, added up, of the run that computed least."""
    yard_cpu: float | None = None
    """The same of the yardstick."""
    at_least: bool = False
    """Whether the yardstick (or, without one, this) was stopped: it would have taken longer."""

    @property
    def ratio(self) -> float | None:
        """How many times its yardstick it is."""
        return self.value / self.yard if self.yard else None


class Watch:
    """A stopwatch: both are set when the `with` block ends."""

    seconds = 0.0
    cpu = 0.0
    """Seconds that this process computed, its threads added up, whatever else was running."""


@contextmanager
def timed() -> Iterator[Watch]:
    """Time a block, by the wall clock and by the processor's."""
    watch = Watch()
    began, computed = time.perf_counter(), time.process_time()
    try:
        yield watch
    finally:
        watch.seconds = time.perf_counter() - began
        watch.cpu = time.process_time() - computed


def peak_memory() -> float:
    """The most memory that this process has held so far, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # what Linux tells by getrusage includes the process that started this one
        found = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE)
        if found is not None:
            return int(found[1]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def show(title: str, measures: Iterable[Measure], console: Console) -> None:
    """Print a benchmark's figures as a table, also of one that fails on its way."""
    found: list[Measure] = []
    try:
        found.extend(measures)
    finally:
        console.print(_table(title, found))


def _table(title: str, measures: list[Measure]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("")
    counted = any(measure.rows is not None for measure in measures)
    for name in (*(["rows"] if counted else []), "figure", "target"):
        table.add_column(name, justify="right")
    table.add_column("yardstick")
    for name in ("its figure", "ratio", *(["memory", "computed"] if counted else [])):
        table.add_column(name, justify="right")
    for measure in measures:
        more = "> " if measure.at_least else ""
        alone = measure.yard is None
        cells = [
            measure.what,
            "" if measure.rows is None else f"{measure.rows:,}",
            (more if alone else "") + _figure(measure.value, measure.unit),
            "" if measure.target is None else f"≤ {_figure(measure.target, measure.unit)}",
            measure.yardstick,
            "" if measure.yard is None else more + _figure(measure.yard, measure.unit),
            ("< " if measure.at_least and not alone else "") + _ratio(measure.ratio),
            "" if measure.peak is None else _figure(measure.peak, "MB"),
            _computed(measure.cpu, measure.yard_cpu),
        ]
        table.add_row(*(cells if counted else [*cells[:1], *cells[2:7]]))
    return table


def _computed(cpu: float | None, yard: float | None) -> str:
    if cpu is None:
        return ""
    return f"{_figure(cpu, 's')} {_ratio(cpu / yard) if yard else '':>7}"


def _ratio(ratio: float | None) -> str:
    if ratio is None:
        return ""
    return f"{ratio:.2f} ×" if ratio > 0.1 else f"1/{1 / ratio:,.0f}"


def _figure(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
