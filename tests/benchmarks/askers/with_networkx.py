"""networkx: what somebody writes in an afternoon, an hour after exporting the account.

One graph, a card a node `(rank of its type, id)`, what is asked of a card in its attributes, the
relation in the links'. Questions are comprehensions and the library's own algorithms.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import Any

import networkx
import pyarrow as pa
import pyarrow.parquet as pq

from tests.benchmarks.askers.account import Account
from tests.benchmarks.askers.ask import Ask, Asks, Rows

TYPES = ("lead", "customer", "contact", "company", "element")
LEAD, CUSTOMER, CONTACT, COMPANY, ELEMENT = range(5)
RELATIONS = (
    *("lead_contact", "lead_company", "contact_company", "customer_contact", "customer_company"),
    *(f"{owner}_element" for owner in TYPES[:4]),
)
Node = tuple[int, int]
Answer = Iterable[tuple[Any, ...]]


def open_account(account: Account, timeout: float) -> Asks:
    """The graph, and a function for each question that a script would try."""
    graph = _load(account)
    one, two = (
        (TYPES.index(kind), int(id_))
        for kind, id_ in (account.cards[name].split(":") for name in ("card_a", "card_b"))
    )

    def path() -> Answer:
        found = networkx.bidirectional_shortest_path(graph, one, two)
        return [(hop,) for hop in range(len(found))]

    return {
        "companies-sharing-contacts": _ask(
            lambda: _sharing(graph), "company_a_id", "company_b_id", "shared"
        ),
        "leads-without-contact": _ask(
            lambda: [
                (node[1],)
                for node in _live(graph, LEAD)
                if not graph.nodes[node]["is_incoming"]
                and not any(other[0] == CONTACT for other in graph[node])
            ],
            "lead_id",
        ),
        "orphan-contacts": _ask(
            lambda: [(node[1],) for node in _live(graph, CONTACT) if not graph[node]],
            "contact_id",
        ),
        "hubs": _ask(lambda: _hubs(graph), "ref", "relation", "degree"),
        "islands": _ask(
            lambda: _islands(graph),
            *("ref", "size", "leads", "customers", "contacts", "companies"),
        ),
        "glue": _ask(
            lambda: _glue(graph),
            *("ref", "degree", "component_size", "pieces"),
            rows=Rows.WITHIN,
        ),
        "path": _ask(path, "hop", rows=Rows.DISTINCT),
    }


def _ask(work: Callable[[], Answer], *columns: str, rows: Rows = Rows.EACH) -> Ask:
    def told(answer: Answer) -> pa.Table:
        rows = list(answer)
        return pa.table({name: [row[at] for row in rows] for at, name in enumerate(columns)})

    return Ask(work, told, rows)


def _load(account: Account) -> networkx.Graph:
    graph = networkx.Graph()
    for rank, kind in enumerate(TYPES):
        names = ["id", "is_card"]
        names += ["is_deleted"] if rank != ELEMENT else []
        names += ["is_incoming"] if rank == LEAD else []
        cards = pq.read_table(account.graph(kind), columns=names).to_pylist()
        graph.add_nodes_from(((rank, card.pop("id")), card) for card in cards)
    for relation in RELATIONS:
        owner, other = (TYPES.index(kind) for kind in relation.split("_"))
        links = pq.read_table(account.graph(relation), columns=["from", "to"])
        ends = zip(links["from"].to_pylist(), links["to"].to_pylist(), strict=True)
        graph.add_edges_from((((owner, one), (other, two)) for one, two in ends), relation=relation)
    return graph


def _live(graph: networkx.Graph, rank: int) -> Iterator[Node]:
    for node, card in graph.nodes(data=True):
        if node[0] == rank and card["is_card"] and not card["is_deleted"]:
            yield node


def _ref(node: Node) -> str:
    if node[0] == ELEMENT:
        return f"element:{node[1] >> 32}/{node[1] & 0xFFFFFFFF}"
    return f"{TYPES[node[0]]}:{node[1]}"


def _sharing(graph: networkx.Graph) -> Answer:
    pairs: Counter[tuple[int, int]] = Counter()
    for node in graph:
        if node[0] != CONTACT:
            continue
        touched = set()
        for other in graph[node]:
            if other[0] == COMPANY:
                touched.add(other[1])
            elif other[0] != ELEMENT:
                touched.update(far[1] for far in graph[other] if far[0] == COMPANY)
        if 2 <= len(touched) <= 50:
            pairs.update(combinations(sorted(touched), 2))
    return [(*pair, shared) for pair, shared in pairs.items() if shared >= 2]


def _hubs(graph: networkx.Graph) -> Answer:
    degrees = Counter(
        (node, relation) for *ends, relation in graph.edges(data="relation") for node in ends
    )
    return [
        (_ref(node), relation, degree)
        for (node, relation), degree in degrees.items()
        if degree >= 100 and node[0] != ELEMENT
    ]


def _without_elements(graph: networkx.Graph) -> networkx.Graph:
    return graph.subgraph([node for node in graph if node[0] != ELEMENT])


def _islands(graph: networkx.Graph) -> Answer:
    found = []
    for island in networkx.connected_components(_without_elements(graph)):
        if len(island) >= 2:
            types = Counter(node[0] for node in island)
            found.append((_ref(min(island)), len(island), *(types[rank] for rank in range(4))))
    return found


def _glue(graph: networkx.Graph) -> Answer:
    cards = _without_elements(graph).copy()
    found = []
    for island in networkx.connected_components(cards):
        if len(island) >= 100:
            blocks = Counter(
                node
                for block in networkx.biconnected_components(cards.subgraph(island))
                for node in block
            )
            found += [
                (_ref(node), cards.degree(node), len(island), pieces)
                for node, pieces in blocks.items()
                if pieces > 1
            ]
    return found
