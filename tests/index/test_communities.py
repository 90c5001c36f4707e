"""Communities: planted ones are found, the same ones everywhere, as good as another library's."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from linkgraph.index.communities import communities

NODES = 14
LINKS = st.lists(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.floats(0.01, 100)),
    max_size=60,
)
Graph = tuple[int, NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def graph(links: list[tuple[int, int, float]]) -> Graph:
    columns = np.array(links, np.float64).reshape(-1, 3)
    return NODES, columns[:, 0].astype(np.int64), columns[:, 1].astype(np.int64), columns[:, 2]


def random_graph(seed: int, *, groups: int = 0) -> Graph:
    """Some hundred nodes without repeated pairs; with `groups`, most pairs lie within one."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(150, 500))
    a, b = np.sort(rng.integers(0, n, (2, 4 * n)), axis=0)
    kept = a < b
    if groups:
        kept &= (a % groups == b % groups) | (rng.random(len(a)) < 0.05)
    a, b = np.unique(np.stack([a[kept], b[kept]]), axis=1)
    return n, a, b, rng.integers(1, 5, len(a)).astype(np.float64)


def as_networkx(n: int, a: NDArray[np.int64], b: NDArray[np.int64], w: NDArray[np.float64]) -> Any:
    made = nx.Graph()
    made.add_nodes_from(range(n))
    made.add_weighted_edges_from(zip(a.tolist(), b.tolist(), w.tolist(), strict=True))
    return made


def members(labels: NDArray[np.int32]) -> list[set[int]]:
    """The nodes of each label, in the order of the labels."""
    return [set(np.flatnonzero(labels == label).tolist()) for label in range(labels.max() + 1)]


@pytest.mark.parametrize("seed", range(3))
def test_planted_groups_are_found(seed: int) -> None:
    """Groups with many pairs inside and few between come out exactly."""
    rng = np.random.default_rng(seed)
    n, groups = 300, 10
    a, b = np.triu_indices(n, 1)
    chance = np.where(a % groups == b % groups, 0.7, 0.01)
    kept = rng.random(len(a)) < chance

    labels = communities(n, a[kept], b[kept], np.ones(kept.sum()), seed=seed)

    assert members(labels) == [set(range(group, n, groups)) for group in range(groups)]


@pytest.mark.parametrize("groups", [0, 6])
@pytest.mark.parametrize("seed", range(4))
def test_modularity_holds_against_louvain(seed: int, groups: int) -> None:
    """On random graphs the modularity is at least what networkx finds, less two per cent."""
    made = random_graph(seed, groups=groups)
    theirs = as_networkx(*made)

    ours = nx.community.modularity(theirs, members(communities(*made)))

    louvain = nx.community.louvain_communities(theirs, seed=seed)
    assert ours >= 0.98 * nx.community.modularity(theirs, louvain)


@given(LINKS, st.integers(0, 3), st.sampled_from([0.3, 1.0, 4.0]))
def test_labels_are_ordered_and_communities_hold_together(
    links: list[tuple[int, int, float]], seed: int, resolution: float
) -> None:
    """Labels run from 0 by size, then by lowest node; every community is connected."""
    n, a, b, weight = graph(links)

    labels = communities(n, a, b, weight, seed=seed, resolution=resolution)

    assert labels.dtype == np.int32
    found = members(labels)
    assert sorted(node for group in found for node in group) == list(range(n))
    assert found == sorted(found, key=lambda group: (-len(group), min(group)))
    joined = as_networkx(n, a, b, weight)
    assert all(nx.is_connected(joined.subgraph(group)) for group in found)


@given(LINKS, st.randoms(use_true_random=False))
def test_the_order_of_pairs_makes_no_difference(
    links: list[tuple[int, int, float]], random: Random
) -> None:
    """Pairs shuffled, and each put the other way round at will, give the same labels."""
    links = [(a, b, float(round(weight) + 1)) for a, b, weight in links]
    turned = [(b, a, w) if random.random() < 0.5 else (a, b, w) for a, b, w in links]
    random.shuffle(turned)

    assert communities(*graph(turned)).tolist() == communities(*graph(links)).tolist()


SCRIPT = """
import hashlib
from tests.index.test_communities import random_graph
from linkgraph.index.communities import communities
print(hashlib.sha256(communities(*random_graph(5), seed=3).tobytes()).hexdigest())
"""


def test_a_seed_gives_the_same_labels_in_every_process() -> None:
    """Neither a new process nor how Python hashes makes a difference."""
    answers = Counter(
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
        ).stdout
        for hash_seed in ("0", "1", "2")
    )

    assert len(answers) == 1


def test_nodes_without_pairs_stand_alone() -> None:
    """Nobody is forced into a group, and a pair of a node with itself is no company."""
    one = np.array([1, 3])

    labels = communities(5, one, np.array([4, 3]), np.array([2, 7]))

    assert labels.tolist() == [1, 0, 2, 3, 0]


@pytest.mark.parametrize("n", [0, 1, 3])
def test_no_pairs_at_all(n: int) -> None:
    """An account without a single pair has as many communities as nodes."""
    none = np.empty(0, np.int32)

    assert communities(n, none, none, none).tolist() == list(range(n))


def test_resolution_decides_how_fine() -> None:
    """A higher resolution takes apart what a lower one holds together."""
    ring = nx.ring_of_cliques(12, 4)
    a, b = np.array(ring.edges).T
    weight = np.ones(len(a))

    coarse, middle, fine = (
        communities(48, a, b, weight, resolution=resolution).max() + 1
        for resolution in (0.1, 1.0, 20.0)
    )

    assert coarse < middle < fine


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"b": np.array([1, 2])}, "no pairs with weights"),
        ({"b": np.array([3])}, "none of 3 nodes"),
        ({"a": np.array([-1])}, "none of 3 nodes"),
        ({"weight": np.array([0])}, "a weight is not above 0"),
        ({"weight": np.array([np.nan])}, "a weight is not above 0"),
        ({"seed": -1}, "seed is 0 or more"),
        ({"resolution": 0.0}, "resolution is above 0"),
        ({"resolution": float("nan")}, "resolution is above 0"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any], told: str) -> None:
    """Ends that are no nodes, weights that do not hold together: named, not guessed at."""
    given: dict[str, Any] = {
        "n": 3,
        "a": np.array([0]),
        "b": np.array([1]),
        "weight": np.array([1.0]),
    }

    with pytest.raises(ValueError, match=told):
        communities(**(given | wrong))
