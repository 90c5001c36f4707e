"""What an asker's process reports, and whether two answers say the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from linkgraph.mirror.schema import literal
from tests.benchmarks.askers.ask import Rows


class Disagreement(AssertionError):
    """Two askers answered a question differently."""


@dataclass(frozen=True)
class Result:
    """One question asked of one asker."""

    seconds: tuple[float, ...] = ()
    """Of each run; none where it was stopped in the first."""
    cpu: tuple[float, ...] = ()
    """Seconds of computing of each run, all threads added."""
    rows: int = 0
    stopped: float | None = None
    """Seconds after which it was stopped."""
    failed: str = ""
    """What the engine said instead of an answer."""
    compared: str = Rows.EACH
    """How its rows are to be held against the library's: one of `Rows`."""

    @property
    def best(self) -> float | None:
        """Seconds of the quickest run."""
        return min(self.seconds, default=None)


@dataclass(frozen=True)
class Report:
    """What one process measured; without any results where its library is missing."""

    name: str
    version: str = ""
    load: float = 0.0
    """Seconds until it could be asked."""
    peak: float = 0.0
    """The most memory that its process held, in MB."""
    missing: str = ""
    """The library that is not installed."""
    died: str = ""
    """The last words of a process that did not come to its end."""
    results: Mapping[str, Result] = field(default_factory=dict)

    @classmethod
    def of_lines(cls, name: str, lines: list[dict[str, Any]], died: str) -> "Report":
        """What a process printed, a question a line and itself last."""
        results = {
            line.pop("question"): Result(
                **{**line, "seconds": tuple(line["seconds"]), "cpu": tuple(line["cpu"])}
            )
            for line in lines
            if "question" in line
        }
        about = next((line for line in lines if "peak" in line), {})
        return cls(name, died=died, results=results, **about)


def compare(question: str, ours: Path, theirs: Path, *, name: str, rows: str = Rows.EACH) -> None:
    """Hold a rival's answer against the library's, in the columns that the rival gives.

    Raises:
        Disagreement: naming the question, the rival, and a row that only one of them has.
    """
    mine = {one.name: one for one in pq.read_schema(ours)}
    columns = pq.read_schema(theirs).names
    unknown = [column for column in columns if column not in mine]
    if unknown:
        raise Disagreement(f"{question}: {name} gives {unknown[0]}, which is no column of it")
    with duckdb.connect() as db:
        types = dict(
            row[:2] for row in db.execute(f"describe from {literal(str(ours))}").fetchall()
        )
        listed = ", ".join(_plain(column, types[column]) for column in columns)
        every = "" if rows == Rows.EACH else "distinct "
        sides = [f"select {every}{listed} from {literal(str(path))}" for path in (ours, theirs)]
        both = [(*sides, "linkgraph"), (*sides[::-1], name)]
        for one, other, who in both[:1] if rows == Rows.WITHIN else both:
            extra = f"({one}) except all ({other})"
            found = db.execute(f"select count(*) from ({extra})").fetchone()
            if found is not None and found[0]:
                row = db.execute(f"{extra} limit 1").fetchone()
                raise Disagreement(
                    f"{question}: only {who} has {found[0]:,} rows, one of them {row} of {columns}"
                )


def _plain(column: str, type_: str) -> str:
    value = f'cast("{column}" as {type_})'
    return f"round({value}, 9)" if type_ == "DOUBLE" else value
