"""Random little accounts: links of all relations, deleted cards, closed leads, and walks."""

from dataclasses import dataclass

import networkx as nx
from hypothesis import strategies as st

from linkgraph.index import LinkIndex, Walk
from linkgraph.model import EntityType, Link, Metadata, Ref, Relation

REFS = st.builds(
    lambda entity_type, id_, catalog: Ref(
        entity_type, id_, catalog if entity_type is EntityType.ELEMENT else 0
    ),
    st.sampled_from(EntityType),
    st.integers(1, 6),
    st.sampled_from([0, 7, 9]),
)
#: Any two cards may turn up linked, a card with itself too: the CRM may grow relations.
LINKS = st.builds(
    lambda a, b, is_main: Link.between(a, b, Metadata(is_main=is_main)),
    REFS,
    REFS,
    st.sampled_from([None, True, False]),
)
WALKS = st.builds(
    Walk,
    relations=st.none() | st.frozensets(st.sampled_from(Relation), min_size=1),
    skip=st.frozensets(st.sampled_from(EntityType), max_size=2),
    max_degree=st.none() | st.integers(0, 5),
    deleted=st.booleans(),
    closed=st.booleans(),
)


@dataclass(frozen=True)
class Account:
    """A little account, as plain values."""

    links: tuple[Link, ...]
    cards: frozenset[Ref]
    deleted: frozenset[Ref]
    closed: frozenset[Ref]

    @property
    def all_cards(self) -> list[Ref]:
        """Every card, linked or not, in the order of nodes."""
        ends = {end for link in self.links for end in (link.owner, link.other)}
        known = self.cards | self.deleted | self.closed | ends
        return sorted(known, key=lambda ref: (ref.type.rank, ref.catalog_id, ref.id))

    def index(self) -> LinkIndex:
        """Its index."""
        return LinkIndex.of(self.links, self.cards, deleted=self.deleted, closed=self.closed)

    def graph(self, walk: Walk, *ends: Ref) -> "nx.Graph[Ref]":
        """The graph that a walk sees, with the cards it was asked for: the obvious way."""
        whole: nx.Graph[Ref] = nx.Graph()
        whole.add_nodes_from(self.all_cards)
        for link in self.links:
            whole.add_edge(link.owner, link.other, link=link)
        degrees = {ref: len(whole[ref]) for ref in whole}
        seen = whole.copy()
        for ref in self.all_cards:
            hub = walk.max_degree is not None and degrees[ref] > walk.max_degree
            deleted = ref in self.deleted and not walk.deleted
            closed = ref in self.closed and not walk.closed
            if ref not in ends and (hub or deleted or closed or ref.type in walk.skip):
                seen.remove_node(ref)
        if walk.relations is not None:
            seen.remove_edges_from(
                [
                    (link.owner, link.other)
                    for _, _, link in list(seen.edges(data="link"))
                    if link.relation not in walk.relations
                ]
            )
        return seen


def _account(
    links: list[Link], cards: frozenset[Ref], deleted: frozenset[Ref], closed: frozenset[Ref]
) -> Account:
    unique = {(link.owner, link.other): link for link in links}
    leads = frozenset(ref for ref in closed if ref.type is EntityType.LEAD)
    return Account(tuple(unique.values()), cards, deleted, leads)


ACCOUNTS = st.builds(
    _account,
    st.lists(LINKS, max_size=40),
    st.frozensets(REFS, min_size=1, max_size=4),
    st.frozensets(REFS, max_size=3),
    st.frozensets(REFS, max_size=6),
)
