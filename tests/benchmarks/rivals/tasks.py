"""What every engine is asked, and the one plain form in which answers are compared."""

import hashlib
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.graphworld import GraphWorld

ENGINES = ("networkit", "igraph", "rustworkx", "scipy", "networkx", "duckdb", "ladybug")
"""Fast ones first, so that a disagreement names the slow one as the odd one out."""

TASKS = ("path", "distance", "three_hops", "neighbours", "components", "cut_points", "bridges")
"""`distance` is there for engines that are quicker when they need not say which way a path goes."""

VARIANTS = {
    "restricted_path": "distance",
    "three_hops_tree": "three_hops",
    "neighbour_refs": "neighbours",
}
"""What only linkgraph is asked, and the task whose queries and form of answer it has."""

Answer = int | list[Any]
"""What is compared: small, and the same after a trip through JSON."""


def _as_it_is(answer: Any) -> Any:
    return answer


@dataclass(frozen=True)
class Task:
    """One thing an engine can do: `ask` is timed, `told` makes its answer plain and is not.

    Plain is, for a path, the nodes from end to end; for neighbours, three hops and cut points the
    nodes, without the one asked about; for components their sizes; for bridges rows of two nodes.
    """

    ask: Callable[..., Any]
    told: Callable[[Any], Any] = _as_it_is


Tasks = dict[str, Task]


def queries(world: GraphWorld, task: str) -> list[tuple[int, ...]]:
    """The arguments of a task, call by call; what is about the whole graph has none."""
    if task in ("path", "distance"):
        return [tuple(ends) for ends in world.ends.tolist()]
    if task in ("three_hops", "neighbours"):
        return [(card,) for card in world.cards.tolist()]
    return [()] * 3


def answer(world: GraphWorld, task: str, query: tuple[int, ...], plain: Any) -> Answer:
    """What is compared of a plain answer.

    Raises:
        ValueError: a path that does not lead from one end to the other by links.
    """
    if task == "path":
        return _length(world, query, [int(node) for node in plain])
    if task == "distance":
        return int(plain)
    if task in ("three_hops", "neighbours"):
        nodes = _nodes(plain)
        return [len(nodes), int(nodes.sum())]
    if task == "bridges":
        ends = np.sort(np.asarray(plain, np.int64).reshape(-1, 2), axis=1)
        return _digest(ends[:, 0] * world.nodes + ends[:, 1])
    return _digest(_nodes(plain))


def _nodes(plain: Any) -> NDArray[np.int64]:
    if isinstance(plain, np.ndarray):
        return plain.astype(np.int64)
    return np.fromiter(plain, np.int64)


def _digest(numbers: NDArray[np.int64]) -> Answer:
    return [len(numbers), hashlib.sha256(np.sort(numbers).tobytes()).hexdigest()[:16]]


def _length(world: GraphWorld, ends: tuple[int, ...], path: list[int]) -> int:
    linked = all(after in world.neighbours(before) for before, after in itertools.pairwise(path))
    if not linked or (path[0], path[-1]) != ends:
        raise ValueError(f"{path} does not lead from {ends[0]} to {ends[1]} by links")
    return len(path) - 1


def walk(neighbours: Callable[[int], Iterable[int]], start: int, hops: int = 3) -> set[int]:
    """The nodes within `hops` links of `start`, without it.

    Measured to be the quickest way for every engine that has quick neighbours: their own calls
    look at the whole graph first, or at each node in turn.
    """
    seen, edge = {start}, {start}
    for _ in range(hops):
        found: set[int] = set()
        for node in edge:
            found.update(neighbours(node))
        edge = found - seen
        seen |= edge
    seen.discard(start)
    return seen
