"""One engine asked every query: `python -m tests.benchmarks.rivals NAME FOLDER [TASK …]`.

It prints one JSON object: what `RivalResult.from_report` reads.
"""

import argparse
import gc
import json
import sys
import time
from importlib import import_module, metadata
from pathlib import Path

from tests.benchmarks.graphworld import GraphWorld
from tests.benchmarks.measures import peak_memory, timed
from tests.benchmarks.rivals.measuring import BUDGET
from tests.benchmarks.rivals.tasks import TASKS, VARIANTS, Answer, Task, answer, queries

LEAST = 5
"""Queries that even the slowest engine answers."""


def run(name: str, folder: Path, tasks: list[str], budget: float) -> dict[str, object]:
    """Open the graph in the engine `name` and ask it what it can answer of `tasks`."""
    world = GraphWorld.load(folder)
    try:
        module = import_module(f"tests.benchmarks.rivals.with_{name}")
    except ModuleNotFoundError as error:
        if (error.name or "tests").startswith("tests"):
            raise
        return {"name": name, "missing": error.name or name, "tasks": {}}
    with timed() as watch:
        able = module.open_graph(world)
    # The graph stays: the collector need not look through its objects between two queries.
    gc.collect()
    gc.freeze()
    found = {
        task: _asked(world, task, able[task], budget)
        for task in (*TASKS, *VARIANTS)
        if VARIANTS.get(task, task) in tasks and task in able
    }
    return {
        "name": name,
        "version": _version(name),
        "load": watch.seconds,
        "peak": peak_memory(),
        "tasks": found,
    }


def _asked(world: GraphWorld, name: str, task: Task, budget: float) -> dict[str, object]:
    """Time each query by itself, after one more that is not counted."""
    name = VARIANTS.get(name, name)
    asked = queries(world, name)
    whole = not asked[0]
    if not whole:
        task.ask(*asked[-1])
    nanoseconds: list[int] = []
    answers: list[Answer] = []
    for query in asked:
        began = time.perf_counter_ns()
        native = task.ask(*query)
        nanoseconds.append(time.perf_counter_ns() - began)
        answers.append(answer(world, name, query, task.told(native)))
        if sum(nanoseconds) > budget * 1e9 and (whole or len(answers) >= LEAST):
            break
    return {"nanoseconds": nanoseconds, "answers": answers}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def main() -> None:
    """Read the command line and print the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.rivals", description=__doc__)
    parser.add_argument("name", help="the engine, as in with_NAME.py")
    parser.add_argument("folder", type=Path, help="where GraphWorld.save wrote the graph")
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=", ".join(TASKS))
    parser.add_argument("--budget", type=float, default=BUDGET, help="seconds of asking a task")
    given = parser.parse_args()
    report = run(given.name, given.folder, given.tasks or list(TASKS), given.budget)
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
