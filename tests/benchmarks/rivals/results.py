"""What an engine's process reports, and whether engines agree."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.benchmarks.rivals.tasks import TASKS, Answer


class Disagreement(AssertionError):
    """Two engines answered one query differently."""


@dataclass(frozen=True)
class TaskResult:
    """The times of a task's queries, in the order they were asked, and the answers to them."""

    nanoseconds: list[int]
    answers: list[Answer]

    @property
    def n(self) -> int:
        """How many queries there was time for."""
        return len(self.nanoseconds)

    @property
    def median(self) -> float:
        """Seconds that half of the queries took at most."""
        return float(np.median(self.nanoseconds)) / 1e9

    @property
    def p99(self) -> float:
        """Seconds that all but one query in a hundred took at most."""
        return float(np.percentile(self.nanoseconds, 99)) / 1e9


@dataclass(frozen=True)
class RivalResult:
    """One engine's figures; without any where its library is missing."""

    name: str
    version: str = ""
    load: float = 0.0
    """Seconds from the arrays to a graph that can be asked."""
    peak: float = 0.0
    """The most memory that its process held, in MB."""
    tasks: dict[str, TaskResult] = field(default_factory=dict)
    missing: str = ""
    """The library that is not installed."""

    @classmethod
    def from_report(cls, report: Mapping[str, Any]) -> "RivalResult":
        """What a process printed."""
        tasks = {name: TaskResult(**found) for name, found in report["tasks"].items()}
        return cls(**{**report, "tasks": tasks})


def agree(results: Mapping[str, RivalResult]) -> None:
    """Hold all answers against each other, query by query, as far as each engine got.

    Raises:
        Disagreement: naming both engines, the task, the query and what they said.
    """
    for task in TASKS:
        first: dict[int, tuple[str, Answer]] = {}
        for name, result in results.items():
            for about in ("path", "distance") if task == "distance" else (task,):
                if about in result.tasks:
                    _compare(first, name, about, result.tasks[about].answers)


def _compare(
    first: dict[int, tuple[str, Answer]], name: str, task: str, answers: list[Answer]
) -> None:
    for number, said in enumerate(answers):
        other, known = first.setdefault(number, (name, said))
        if said != known:
            raise Disagreement(f"{task}, query {number}: {name} says {said}, {other} says {known}")
