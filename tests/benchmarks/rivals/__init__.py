"""The libraries that the link index is measured against, each in a process of its own.

`measure(folder)` starts `python -m tests.benchmarks.rivals NAME FOLDER` for one engine after the
other over the graph that `GraphWorld.save` wrote there, and holds their answers against each
other: a fast wrong answer is no yardstick. An engine is a module `with_NAME.py` with
`open_graph(world) -> dict[str, Task]`; one that is not installed is skipped.
"""

from tests.benchmarks.rivals.measuring import measure
from tests.benchmarks.rivals.results import Disagreement, RivalResult, TaskResult, agree
from tests.benchmarks.rivals.tasks import ENGINES, TASKS

__all__ = [
    "ENGINES",
    "TASKS",
    "Disagreement",
    "RivalResult",
    "TaskResult",
    "agree",
    "measure",
]
