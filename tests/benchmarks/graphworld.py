"""The graph that the link index and its rivals are measured on: integer arrays and drawn queries.

Cards are numbered by type and then id (elements by catalog and id), as the index numbers them, so
that a node means the same card to every engine. The arrays are saved to a folder, one `.npy` each,
from which processes map them.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from linkgraph.model import EntityType, Ref
from linkgraph.simulator import ENTITY_TYPES, World, generate

Nodes = NDArray[np.int32]
Longs = NDArray[np.int64]

LINKS_PER_LEAD = 3.5
"""A little denser than the generator's own 3.1, whose giant component holds 89 % of the cards."""

LEAST_SHARE = 0.9
"""Of the cards, in the giant component: two random ones are then nearly always connected."""

QUERIES = 200
_CATALOG_STEP = 1 << 40
"""More than any id: a catalog and an id in it become one number."""


@dataclass(frozen=True)
class GraphWorld:
    """Every card a node, every link a pair of nodes, and what is to be asked of them."""

    pairs: Nodes
    """2 × links: both ends of each link, owner first; no pair twice, in either order."""
    indptr: Nodes
    indices: Nodes
    """With `indptr` the links from both ends; each node's neighbours ascend."""
    starts: Nodes
    """The first node of each type, in the order of `EntityType`, and the number of nodes."""
    ids: Longs
    catalogs: Longs
    """The catalog of each element, from `starts[4]` on."""
    giant: NDArray[np.float64]
    """The share of the cards in the largest component (one number)."""
    ends: Nodes
    """queries × 2: random cards of the giant component, three links or more apart."""
    cards: Nodes
    """Random cards with at least one link, for their neighbours and what is three links away."""

    @property
    def nodes(self) -> int:
        """How many cards there are."""
        return len(self.ids)

    @property
    def links(self) -> int:
        """How many links there are."""
        return int(self.pairs.shape[1])

    def ref(self, node: int) -> Ref:
        """The card of a node."""
        kind = int(np.searchsorted(self.starts, node, "right")) - 1
        catalog = self.catalogs[node - self.starts[4]] if kind == 4 else 0
        return Ref(list(EntityType)[kind], int(self.ids[node]), int(catalog))

    def neighbours(self, node: int) -> Nodes:
        """The nodes linked to one, ascending."""
        found: Nodes = self.indices[self.indptr[node] : self.indptr[node + 1]]
        return found

    def save(self, folder: Path) -> None:
        """Write each array to `folder`, which is made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        for field in fields(self):
            np.save(folder / f"{field.name}.npy", getattr(self, field.name))

    @classmethod
    def load(cls, folder: Path) -> "GraphWorld":
        """Map what `save` wrote: what an engine does not look at takes no memory of its process."""
        names = [field.name for field in fields(cls)]
        return cls(**{name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in names})


def graph_world(links: int, seed: int = 1) -> tuple[World, GraphWorld]:
    """The generator's account of `links` links, and its graph."""
    world = generate(links, seed, links_per_lead=LINKS_PER_LEAD)
    return world, graph_of(world, seed)


def graph_of(world: World, seed: int = 1) -> GraphWorld:
    """The graph of an account, with queries drawn by `seed`.

    Raises:
        ValueError: the largest component holds too few of the cards to draw pairs from.
    """
    columns = {kind: world.card_columns(kind.api_name) for kind in EntityType}
    keys = {kind: _keys(found["id"], found.get("catalog_id")) for kind, found in columns.items()}
    starts = np.cumsum([0, *(len(found) for found in keys.values())]).astype(np.int32)
    pairs = _pairs(world, keys, starts)
    matrix = _symmetric(pairs, int(starts[-1]))
    labels: Nodes = connected_components(matrix, directed=False)[1]
    sizes = np.bincount(labels)
    share = sizes.max() / len(labels)
    if share < LEAST_SHARE:
        raise ValueError(f"the giant component holds {share:.1%} of the cards: too few")
    rng = np.random.default_rng([seed, len(labels)])
    linked = np.flatnonzero(np.diff(matrix.indptr))
    return GraphWorld(
        pairs=pairs,
        indptr=matrix.indptr,
        indices=matrix.indices,
        starts=starts,
        ids=np.concatenate([found["id"] for found in columns.values()]),
        catalogs=columns[EntityType.ELEMENT]["catalog_id"],
        giant=np.array(share),
        ends=_far_pairs(rng, matrix, np.flatnonzero(labels == sizes.argmax())),
        cards=rng.choice(linked, QUERIES).astype(np.int32),
    )


def _keys(ids: Longs, catalogs: Longs | None) -> Longs:
    """What identifies the cards of a type, ascending as their nodes do."""
    keys = ids if catalogs is None else catalogs * _CATALOG_STEP + ids
    assert (np.diff(keys) > 0).all()
    return keys


def _pairs(world: World, keys: dict[EntityType, Longs], starts: Nodes) -> Nodes:
    links = world.link_columns()
    pairs = np.empty((2, len(links["entity_id"])), np.int32)
    for row, side in enumerate(("entity", "to_entity")):
        for (kind, known), start in zip(keys.items(), starts[:-1].tolist(), strict=True):
            here = links[f"{side}_type"] == ENTITY_TYPES.index(kind.api_name)
            catalogs = links["catalog_id"][here] if kind is EntityType.ELEMENT else None
            wanted = links[f"{side}_id"][here]
            wanted = wanted if catalogs is None else catalogs * _CATALOG_STEP + wanted
            found = known.searchsorted(wanted)
            assert (known[found] == wanted).all()
            pairs[row, here] = start + found
    return pairs


def _symmetric(pairs: Nodes, nodes: int) -> csr_array:
    rows, others = np.concatenate([pairs, pairs[::-1]], axis=1)
    ones = np.ones(len(rows), np.int8)
    matrix = csr_array((ones, (rows, others)), shape=(nodes, nodes))
    matrix.sort_indices()
    # A pair twice would be one entry here and two links to an engine that takes the pairs.
    assert matrix.nnz == len(rows)
    assert matrix.indices.dtype == np.int32
    return matrix


def _far_pairs(rng: np.random.Generator, matrix: csr_array, giant: NDArray[np.intp]) -> Nodes:
    """Pairs of nodes that are neither linked nor have a neighbour in common."""
    found: list[tuple[int, int]] = []
    while len(found) < QUERIES:
        one, other = map(int, rng.choice(giant, 2))
        near, far = (
            matrix.indices[matrix.indptr[node] : matrix.indptr[node + 1]] for node in (one, other)
        )
        if one != other and other not in near and not np.intersect1d(near, far).size:
            found.append((one, other))
    return np.array(found, np.int32)
