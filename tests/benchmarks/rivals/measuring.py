"""Engines measured one after the other, each in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.rivals.results import RivalResult, agree
from tests.benchmarks.rivals.tasks import ENGINES, TASKS

ROOT = Path(__file__).parents[3]

BUDGET = 15.0
"""Seconds of asking a task: a slow engine answers fewer queries."""


def measure(
    folder: Path,
    names: Sequence[str] = ENGINES,
    tasks: Sequence[str] = TASKS,
    *,
    budget: float = BUDGET,
) -> dict[str, RivalResult]:
    """The figures of each engine over the graph saved in `folder`, by name, their answers equal.

    Raises:
        Disagreement: two engines answered a query differently.
        RuntimeError: an engine's process failed.
    """
    results = {name: _run(folder, name, tasks, budget) for name in names}
    agree(results)
    return results


def _run(folder: Path, name: str, tasks: Sequence[str], budget: float) -> RivalResult:
    command = [sys.executable, "-m", "tests.benchmarks.rivals", name, str(folder), *tasks]
    ended = subprocess.run(
        [*command, "--budget", str(budget)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise RuntimeError(f"{name} failed over {folder}:\n{ended.stderr[-2000:]}")
    # The report is the last line: an engine may have greeted on standard output before it.
    return RivalResult.from_report(json.loads(ended.stdout.splitlines()[-1]))
