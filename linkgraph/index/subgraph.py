"""A part of the graph: the links among some cards, as a table and for networkx."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from linkgraph.errors import UsageError
from linkgraph.index.graph import Bytes, Graph, Lens, Longs
from linkgraph.index.marks import main_of, relation_of
from linkgraph.index.numbering import Nodes, Numbering
from linkgraph.index.tables import Tabular, card_columns, link_columns
from linkgraph.model import Link, Metadata, Ref

if TYPE_CHECKING:
    import networkx
    import pyarrow as pa


class LinkList(Tabular):
    """Links among some cards, owner first, by owner and other end."""

    def __init__(
        self, numbering: Numbering, cards: Longs, owners: Nodes, others: Nodes, marks: Bytes
    ) -> None:
        self._numbering, self._cards = numbering, cards
        self._owners, self._others, self._marks = owners, others, marks

    def __len__(self) -> int:
        return len(self._owners)

    def __iter__(self) -> Iterator[Link]:
        """The links, without the metadata that the index does not keep: quantity and price."""
        owners, others = self._numbering.refs(self._owners), self._numbering.refs(self._others)
        for owner, other, mark in zip(owners, others, self._marks.tolist(), strict=True):
            yield Link(owner, other, Metadata(is_main=main_of(mark)))

    @property
    def refs(self) -> list[Ref]:
        """The cards, those without a link among them."""
        return self._numbering.refs(self._cards)

    def to_arrow(self) -> pa.Table:
        """Columns from_ref, …, to_ref, …, relation, is_main."""
        import pyarrow as pa

        return pa.table(
            card_columns(self._numbering, self._owners, "from_")
            | card_columns(self._numbering, self._others, "to_")
            | link_columns(self._marks)
        )

    def to_networkx(self) -> networkx.Graph[str]:
        """A networkx graph: nodes are refs as text with their type, edges know their relation.

        Raises:
            UsageError: networkx is not installed.
        """
        try:
            import networkx
        except ImportError:
            raise UsageError("networkx is not installed", hint="pip install networkx") from None
        graph: networkx.Graph[str] = networkx.Graph()
        graph.add_nodes_from((str(ref), {"type": str(ref.type)}) for ref in self.refs)
        table = self.to_arrow()
        ends = zip(table["from_ref"].to_pylist(), table["to_ref"].to_pylist(), strict=True)
        marks = self._marks.tolist()
        known = {
            mark: {"relation": str(relation_of(mark)), "is_main": main_of(mark)}
            for mark in set(marks)
        }
        graph.add_edges_from((a, b, known[mark]) for (a, b), mark in zip(ends, marks, strict=True))
        return graph


def links_among(graph: Graph, nodes: Longs, lens: Lens) -> LinkList:
    """The links that have both ends among `nodes`, which ascend."""
    spread = graph.spread(graph.frontier(nodes), lens, with_marks=True)
    assert spread.marks is not None
    once = spread.sources <= spread.targets
    place = nodes.searchsorted(spread.targets)
    place[place == len(nodes)] = 0
    once &= nodes[place] == spread.targets if len(nodes) else False
    near, far = spread.sources[once], spread.targets[once].astype(np.int64)
    # Types are numbered owner first; only cards that an overlay adds come after all others.
    late = _comes_after(graph.numbering, near, far)
    owners, others = np.where(late, far, near), np.where(late, near, far)
    return LinkList(graph.numbering, nodes, owners, others, spread.marks[once])


def _comes_after(numbering: Numbering, near: Nodes, far: Nodes) -> NDArray[np.bool_]:
    """Where the first of two cards comes after the second by type, catalog and id."""
    later = np.zeros(len(near), np.bool_)
    same = np.ones(len(near), np.bool_)
    ours, theirs = numbering.columns(near), numbering.columns(far)
    for place in range(len(ours)):
        ahead = np.sign(np.subtract(ours[place], theirs[place], dtype=np.int64))
        later |= same & (ahead > 0)
        same &= ahead == 0
    return later
