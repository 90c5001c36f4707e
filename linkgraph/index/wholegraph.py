"""Questions about the whole graph: what is connected, what holds it together, what goes along.

What passes over all links uses scipy, which takes a fifth of a second to import: a process that
only walks does without.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from linkgraph.index import neighbourhoods, reach
from linkgraph.index.graph import Graph, Ints, Lens
from linkgraph.index.overlay import Overlay
from linkgraph.index.structures import Bridges, Component, Components, CutPoints, component
from linkgraph.index.subgraph import links_among
from linkgraph.index.walk import EVERYWHERE, Walk, at_least, type_named, upto
from linkgraph.model import EntityType, Ref

if TYPE_CHECKING:
    import networkx

    from linkgraph.index.biconnectivity import Cuts
    from linkgraph.index.projected import Projection

T = TypeVar("T")
#: How many of the answers that took a pass over the whole graph are kept for the next question.
_KEPT = 4


class WholeGraph(ABC):
    """The half of `LinkIndex` that passes over all links: a second or two at ten million."""

    graph: Graph

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Walk], object] = {}
        self._lock = threading.RLock()

    def cards(self, walk: Walk = EVERYWHERE) -> list[Ref]:
        """All cards that a walk may meet, by type and id."""
        nodes = np.arange(len(self.graph))
        return self.graph.numbering.refs(nodes[self.graph.present(nodes, walk)])

    def meets(self, cards: Iterable[Ref | str], walk: Walk = EVERYWHERE) -> list[bool]:
        """Whether a walk may meet each of some cards, if nobody named them."""
        nodes = np.array([self._node(card) for card in cards], np.int64)
        met: list[bool] = self.graph.present(nodes, walk).tolist()
        return met

    def components(self, walk: Walk = EVERYWHERE) -> Components:
        """The connected components, the largest first; ties by their first card.

        Cards that the walk may not meet are in none.
        """
        return self._once("components", walk, self._components)

    def component(
        self, card: Ref | str, walk: Walk = EVERYWHERE, limit: int | None = None
    ) -> Component:
        """All cards that are connected with a card, itself among them."""
        node = self._node(card)
        if walk == EVERYWHERE and not isinstance(self.graph, Overlay) and self._is_met(node):
            nodes = np.flatnonzero(self.graph.arrays.labels == self.graph.arrays.labels[node])
        else:
            nodes = np.sort(reach.within(self.graph, node, self._lens(walk), None))
        return component(self.graph.numbering, nodes, upto(limit))

    def cut_points(self, walk: Walk = EVERYWHERE, limit: int | None = None) -> CutPoints:
        """Cards without which their component breaks (articulation points).

        Those first without which most cards fall off; ties by more pieces, then by card.
        """
        points = self._cuts(walk).points
        order = np.lexsort((points.node, -points.pieces, -points.falls_off))[: upto(limit)]
        nodes = points.node[order]
        components = self.components(walk)
        figures = np.stack(
            [
                self.graph.degrees(nodes.astype(np.int64)),
                components.sizes[components.labels[nodes]],
                points.pieces[order],
                points.falls_off[order],
            ],
            axis=1,
        ).astype(np.int64)
        return CutPoints(self.graph.numbering, nodes, figures, len(points.node))

    def bridges(self, walk: Walk = EVERYWHERE, limit: int | None = None) -> Bridges:
        """Links without which their component breaks in two; those that cut off most first."""
        found = self._cuts(walk).bridges
        order = np.lexsort((found.b, found.a, -found.falls_off))[: upto(limit)]
        a, b, outer = found.a[order], found.b[order], found.outer[order]
        inner = np.where(outer == a, b, a)
        marks = neighbourhoods.marks_between(
            self.graph, inner.astype(np.int64), outer.astype(np.int64)
        )
        return Bridges(
            self.graph.numbering, inner, outer, marks, found.falls_off[order], len(found.a)
        )

    def pieces_without(
        self, card: Ref | str, walk: Walk = EVERYWHERE, limit: int | None = None
    ) -> list[Component]:
        """What a card's component falls into without it: the pieces, the largest first."""
        from linkgraph.index import connectivity

        node = self._node(card)
        pieces = connectivity.pieces_without(*self.graph.seen_from(walk, node), node)
        bounds = np.cumsum(pieces.sizes)[:-1]
        return [
            component(self.graph.numbering, np.sort(nodes), upto(limit))
            for nodes in np.split(pieces.nodes, bounds)
            if len(nodes)
        ]

    def projection(
        self,
        of: EntityType | str,
        through: EntityType | str,
        via: Iterable[EntityType | str] = (),
        walk: Walk = EVERYWHERE,
        *,
        min_weight: int = 1,
        hub_cap: int | None = 100,
    ) -> "Projection":
        """Pairs of cards of one type that share cards of another: companies by their contacts.

        Cards share what both are linked to, at first hand or over a card of a type in `via`
        (companies and contacts meet over leads: `questions`, touch). What more than `hub_cap`
        cards share is cut, and named in the answer.

        >>> from linkgraph.index import LinkIndex
        >>> index = LinkIndex.of([("lead:1", "contact:10"), ("lead:1", "company:20"),
        ...                       ("contact:10", "company:21")])
        >>> [(str(pair.a), str(pair.b), pair.weight)
        ...  for pair in index.projection("company", "contact", via=["lead"])]
        [('company:20', 'company:21', 1)]
        """
        from linkgraph.index.projected import projection

        return projection(
            self.graph,
            type_named(of),
            type_named(through),
            tuple(map(type_named, [via] if isinstance(via, str) else via)),
            walk,
            min_weight=at_least(1, min_weight, "a weight"),
            hub_cap=None if hub_cap is None else at_least(0, hub_cap, "a hub cap"),
        )

    def to_networkx(
        self, cards: Iterable[Ref | str] | None = None, walk: Walk = EVERYWHERE
    ) -> "networkx.Graph[str]":
        """The graph, or the part among some cards, for networkx: nodes are refs as text.

        Ten million links take networkx some ten gigabytes.
        """
        if cards is None:
            nodes = np.flatnonzero(self.graph.present(np.arange(len(self.graph)), walk))
        else:
            nodes = self._nodes(cards)
        return links_among(self.graph, nodes, self._lens(walk)).to_networkx()

    @abstractmethod
    def _node(self, card: Ref | str) -> int: ...

    def _nodes(self, cards: "Iterable[Ref | str] | Ref | str") -> NDArray[np.int64]:
        """The nodes of cards, ascending and each once; a single card is taken too."""
        several = [cards] if isinstance(cards, Ref | str) else cards
        return np.unique(np.array([self._node(card) for card in several], np.int64))

    @abstractmethod
    def _lens(self, walk: Walk) -> Lens: ...

    def _is_met(self, node: int) -> bool:
        return bool(self.graph.present(np.array([node]), EVERYWHERE)[0])

    def _is_apart(self, a: int, b: int, walk: Walk) -> bool:
        """Whether the stored components already say that nothing joins two nodes."""
        if walk.deleted or isinstance(self.graph, Overlay):
            return False
        labels = self.graph.arrays.labels
        return labels[a] != labels[b] and self._is_met(a) and self._is_met(b)

    def _components(self, walk: Walk) -> Components:
        from linkgraph.index import connectivity

        stored = walk == EVERYWHERE and not isinstance(self.graph, Overlay)
        labels: Ints = (
            self.graph.arrays.labels
            if stored
            else connectivity.label_components(*self.graph.seen_from(walk))
        )
        if not self._lens(walk).meets_all:
            present = self.graph.present(np.arange(len(self.graph)), walk)
            labels = _without_absent(labels, present)
        return Components(self.graph.numbering, labels)

    def _cuts(self, walk: Walk) -> "Cuts":
        from linkgraph.index import biconnectivity

        labels = self.components(walk).labels
        return self._once(
            "cuts", walk, lambda walk: biconnectivity.cuts(*self.graph.seen_from(walk), labels)
        )

    def _once(self, what: str, walk: Walk, find: Callable[[Walk], T]) -> T:
        kept = self._kept.get((what, walk))
        if kept is None:  # who finds an answer need not wait for who is working on another
            with self._lock:
                kept = self._kept.get((what, walk))
                if kept is None:
                    kept = self._kept[what, walk] = find(walk)
                while len(self._kept) > _KEPT:
                    del self._kept[next(iter(self._kept))]
        return kept  # type: ignore[return-value]


def _without_absent(labels: Ints, present: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Ints:
    """Labels with -1 for absent nodes, which stand alone, and no gaps in the numbers."""
    if present.all():
        return labels
    sizes = np.bincount(labels)
    joined = np.count_nonzero(sizes > 1)
    alone = labels >= joined
    alone &= present
    relabelled = labels.copy()
    relabelled[alone] = joined + np.arange(np.count_nonzero(alone))
    relabelled[~present] = -1
    return relabelled
