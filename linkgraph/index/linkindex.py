"""The link index of a snapshot: all links in memory-mapped arrays, asked by card.

Everything takes a card as a `Ref` or as text («lead:1»), and a `Walk` that says which links and
cards count. Answers that may be long take a `limit`; what was cut says how many there are.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from linkgraph.errors import InvalidRef
from linkgraph.index import neighbourhoods, paths, reach, store
from linkgraph.index.graph import Bytes, Graph, Ints, Lens
from linkgraph.index.marks import main_of, relation_of
from linkgraph.index.numbering import Nodes, Numbering
from linkgraph.index.overlay import Change, Overlay
from linkgraph.index.results import (
    Common,
    Hop,
    Neighbourhood,
    Neighbours,
    Path,
    Paths,
)
from linkgraph.index.subgraph import LinkList, links_among
from linkgraph.index.walk import EVERYWHERE, Walk, at_least, upto
from linkgraph.index.wholegraph import WholeGraph
from linkgraph.mirror.snapshots import Snapshot
from linkgraph.model import Link, Ref

Card = Ref | str
_NODES_AT_ONCE = 1 << 19


class LinkIndex(WholeGraph):
    """All cards and links of a snapshot, for walking. Safe to share between threads.

    >>> index = LinkIndex.of([("lead:1", "contact:10"), ("lead:1", "contact:11"),
    ...                       ("lead:2", "contact:11"), ("lead:1", "company:20")])
    >>> print(index.path("lead:2", "company:20"))
    lead:2 — contact:11 — lead:1 — company:20
    >>> [str(neighbour.ref) for neighbour in index.neighbours("lead:1")]
    ['contact:10', 'contact:11', 'company:20']
    """

    def __init__(self, graph: Graph, ref: Callable[[str], Ref] = Ref.parse) -> None:
        super().__init__()
        self.graph = graph
        self._read = ref
        self._lenses: dict[Walk, Lens] = {}
        self._everywhere = graph.lens(EVERYWHERE)

    @classmethod
    def open(cls, snapshot: Snapshot, ref: Callable[[str], Ref] = Ref.parse) -> "LinkIndex":
        """The index of a snapshot, mapped; built first if it is missing or does not fit.

        Args:
            snapshot: The snapshot.
            ref: Makes a card of a text; a session's refuses the addresses of other accounts.

        Raises:
            SnapshotTooNew, SnapshotUnusable: the snapshot cannot be read.
        """
        arrays = store.load(snapshot)
        return cls(Graph(arrays, Numbering(arrays.ranges, arrays.offsets)), ref)

    @classmethod
    def of(
        cls,
        links: Iterable[Link | tuple[Card, Card]],
        cards: Iterable[Card] = (),
        *,
        deleted: Iterable[Card] = (),
        closed: Iterable[Card] = (),
    ) -> "LinkIndex":
        """The index of some links, in memory, and of cards that may have none.

        Of a link that comes twice the last one stands.
        """
        from linkgraph.index.fewlinks import arrays_of  # scipy, as above

        arrays = arrays_of(
            map(_link, links), map(_ref, cards), map(_ref, deleted), map(_ref, closed)
        )
        return cls(Graph(arrays, Numbering(arrays.ranges, arrays.offsets)))

    def __len__(self) -> int:
        """How many cards there are, those among them that only links name."""
        return len(self.graph)

    def __contains__(self, card: object) -> bool:
        try:
            ref = self._read(card) if isinstance(card, str) else card
        except InvalidRef:
            return False
        return isinstance(ref, Ref) and self.graph.numbering.find(ref) >= 0

    # Around a card

    def degree(self, card: Card, walk: Walk = EVERYWHERE) -> int:
        """How many cards a card is linked to.

        Raises:
            InvalidRef: the snapshot has no such card; all that take a card raise it.
        """
        return len(self._around(self._node(card), walk)[0])

    def busiest(self, limit: int) -> dict[Ref, int]:
        """The cards with the most links, each with how many; the most first, then by ref.

        Deleted cards are left out, their links are counted. A glance at the whole graph: who asks
        by relation or compares asks the question «hubs».
        """
        nodes, counts = np.empty(0, np.int64), np.empty(0, np.int64)
        for start in range(0, len(self), _NODES_AT_ONCE):
            some = np.arange(start, min(start + _NODES_AT_ONCE, len(self)))
            degrees = self.graph.degrees(some)
            least = counts[-1] if len(counts) >= limit else 1
            keep = degrees >= least
            some, degrees = some[keep], degrees[keep]
            present = self.graph.present(some, EVERYWHERE)
            nodes = np.concatenate([nodes, some[present]])
            counts = np.concatenate([counts, degrees[present]])
            order = np.lexsort((nodes, -counts))[:limit]
            nodes, counts = nodes[order], counts[order]
        return dict(zip(self.refs(nodes), counts.tolist(), strict=True))

    def neighbours(
        self, card: Card, walk: Walk = EVERYWHERE, limit: int | None = None
    ) -> Neighbours:
        """The cards that a card is linked to, by type and id."""
        nodes, marks = self._around(self._node(card), walk)
        limit = upto(limit)
        return Neighbours(self.graph.numbering, nodes[:limit], marks[:limit], len(nodes))

    def neighbourhood(
        self, card: Card, depth: int, walk: Walk = EVERYWHERE, limit: int | None = None
    ) -> Neighbourhood:
        """What lies within `depth` hops, as a tree: each card with the one it was met from."""
        node, limit = self._node(card), upto(limit)
        at_least(0, depth, "a depth")
        levels = neighbourhoods.levels(self.graph, node, self._lens(walk), depth)
        sizes = [len(level.nodes) for level in levels]
        nodes = np.concatenate([level.nodes for level in levels])[:limit]
        parents = np.concatenate([level.parents for level in levels])[:limit]
        depths = np.repeat(np.arange(len(levels), dtype=np.int32), sizes)[:limit]
        marks = neighbourhoods.marks_between(self.graph, parents, nodes)
        numbering = self.graph.numbering
        return Neighbourhood(numbering, nodes, parents, depths, marks, tuple(sizes))

    def within(self, card: Card, depth: int, walk: Walk = EVERYWHERE) -> Nodes:
        """The nodes within `depth` hops, itself first: `refs` makes cards of them."""
        at_least(0, depth, "a depth")
        return reach.within(self.graph, self._node(card), self._lens(walk), depth)

    def refs(self, nodes: Nodes) -> list[Ref]:
        """The cards of nodes."""
        return self.graph.numbering.refs(nodes)

    # Between two cards

    def path(
        self, a: Card, b: Card, walk: Walk = EVERYWHERE, max_hops: int | None = None
    ) -> Path | None:
        """A shortest path; None where there is none (of at most `max_hops` links).

        Both ends are always there; the cards between are those that the walk may meet.
        """
        start, end = self._node(a), self._node(b)
        if self._is_apart(start, end, walk):
            return None
        nodes = paths.shortest(self.graph, start, end, self._lens(walk), max_hops)
        return None if nodes is None else self._path(nodes)

    def paths(
        self,
        a: Card,
        b: Card,
        walk: Walk = EVERYWHERE,
        max_hops: int | None = None,
        limit: int = 10,
    ) -> Paths:
        """All shortest paths: how many, and the first of them by type and id of their cards."""
        start, end = self._node(a), self._node(b)
        at_least(0, limit, "a limit")
        if self._is_apart(start, end, walk):
            return Paths((), 0, None)
        lens = self._lens(walk)
        ways = paths.all_shortest(self.graph, start, end, lens, max_hops, limit)
        if ways is None:
            return Paths((), 0, None)
        return Paths(tuple(map(self._path, ways.first)), ways.count, ways.length)

    def common_neighbours(
        self, a: Card, b: Card, walk: Walk = EVERYWHERE, limit: int | None = None
    ) -> Common:
        """What two cards are both linked to, and how alike that makes them."""
        of_a, _ = self._around(self._node(a), walk)
        of_b, _ = self._around(self._node(b), walk)
        shared = np.intersect1d(of_a, of_b, assume_unique=True)
        either = len(of_a) + len(of_b) - len(shared)
        jaccard = len(shared) / either if either else 0.0
        return Common(tuple(self.refs(shared[: upto(limit)])), len(shared), jaccard)

    def links_among(self, cards: Iterable[Card], walk: Walk = EVERYWHERE) -> LinkList:
        """The links that have both ends among some cards."""
        return links_among(self.graph, self._nodes(cards), self._lens(walk))

    # What if

    def what_if(
        self,
        add: Iterable[Link | tuple[Card, Card]] = (),
        remove: Iterable[Link | tuple[Card, Card]] = (),
    ) -> "LinkIndex":
        """The index as it would be with some links removed, then some added.

        The arrays stay as they are: only the touched rows are written anew. Cards that only an
        added link names are there too, and come after all others wherever an answer has an order.
        A link added that is there already takes the main flag of the one added.

        >>> index = LinkIndex.of([("lead:1", "contact:10"), ("lead:2", "contact:11")])
        >>> index.path("lead:1", "lead:2") is None
        True
        >>> after = index.what_if(add=[("lead:1", "contact:11")])
        >>> print(after.path("lead:1", "lead:2"))
        lead:1 — contact:11 — lead:2
        """
        changes = [Change(_link(each, self._read), False) for each in remove]
        changes += [Change(_link(each, self._read), True) for each in add]
        if isinstance(self.graph, Overlay):  # one layer, however often one asks on
            overlay = Overlay(self.graph.base, [*self.graph.changes, *changes])
        else:
            overlay = Overlay(self.graph, changes)
        return LinkIndex(overlay, self._read)

    # Within

    def _node(self, card: Card) -> int:
        return self.graph.numbering.node(card if isinstance(card, Ref) else self._read(card))

    def _lens(self, walk: Walk) -> Lens:
        if walk is EVERYWHERE:  # to hash a walk takes longer than to look up a card
            return self._everywhere
        lens = self._lenses.get(walk)
        if lens is None:
            if len(self._lenses) > 64:
                self._lenses.clear()
            lens = self._lenses[walk] = self.graph.lens(walk)
        return lens

    def _around(self, node: int, walk: Walk) -> tuple[Ints, Bytes]:
        nodes, marks = self.graph.row(node)
        lens = self._lens(walk)
        if lens.is_plain:
            return nodes, marks
        keep = np.ones(len(nodes), np.bool_)
        admitted = self.graph.admitted(nodes, marks, lens)
        if admitted is not None:
            keep &= admitted
        if lens.max_degree is not None:
            keep &= self.graph.degrees(nodes.astype(np.int64)) <= lens.max_degree
        keep |= nodes == node  # linked to itself: it was asked for, so it is there
        if lens.links is not None:
            keep &= lens.links.take(marks)
        return nodes[keep], marks[keep]

    def _path(self, nodes: Sequence[int]) -> Path:
        start, *refs = self.graph.numbering.refs(np.array(nodes))
        hops = []
        for near, far, ref in zip(nodes, nodes[1:], refs, strict=False):
            row, marks = self.graph.row(near)
            mark = marks.item(row.searchsorted(far))
            hops.append(Hop(relation_of(mark), main_of(mark), ref))
        return Path(start, tuple(hops))


def _link(link: Link | tuple[Card, Card], read: Callable[[str], Ref] = Ref.parse) -> Link:
    if isinstance(link, Link):
        return Link.between(link.owner, link.other, link.metadata)
    a, b = (card if isinstance(card, Ref) else read(card) for card in link)
    return Link.between(a, b)


def _ref(card: Card) -> Ref:
    return card if isinstance(card, Ref) else Ref.parse(card)
