"""The graph of all links, walked with dicts and queues."""

from collections import deque
from math import ceil

from tests.queries.reference.account import KINDS, Card, Snapshot
from tests.queries.reference.asking import Asking, Expected, Row, named

Graph = dict[Card, set[Card]]

RELATIONS = (
    *("lead_contact", "lead_company", "contact_company", "customer_contact", "customer_company"),
    *("lead_element", "contact_element", "company_element", "customer_element", "other"),
)


def _graph(now: Snapshot, *, elements: bool) -> Graph:
    """What each card is linked to: no deleted cards, and those that only links name."""
    graph: Graph = {one: set() for one in now.cards if one not in now.deleted}
    for link in now.links:
        if link.live:
            graph.setdefault(link.owner, set()).add(link.other)
            graph.setdefault(link.other, set()).add(link.owner)
    if elements:
        return graph
    return {
        one: {other for other in others if other.kind != "element"}
        for one, others in graph.items()
        if one.kind != "element"
    }


def _reached(graph: Graph, start: Card, without: Card | None = None) -> set[Card]:
    met, queue = {start}, deque([start])
    while queue:
        for other in graph[queue.popleft()] - met:
            if other != without:
                met.add(other)
                queue.append(other)
    return met


def _components(graph: Graph) -> list[set[Card]]:
    found: list[set[Card]] = []
    for one in sorted(graph):
        if all(one not in component for component in found):
            found.append(_reached(graph, one))
    return found


def islands(ask: Asking) -> Expected:
    """Connected components."""
    components = _components(_graph(ask.now, elements=ask.values["elements"]))
    rows: list[Row] = []
    for component in sorted(components, key=lambda cards: (-len(cards), min(cards))):
        if len(component) < ask.values["min_size"]:
            continue
        by_kind = {kind: sorted(c for c in component if c.kind == kind) for kind in KINDS}
        firsts = [cards[0] for cards in by_kind.values() if cards]
        rows.append(
            {
                "ref": min(component),
                "size": len(component),
                "leads": len(by_kind["lead"]),
                "customers": len(by_kind["customer"]),
                "contacts": len(by_kind["contact"]),
                "companies": len(by_kind["company"]),
                "elements": len(by_kind["element"]),
                "sample": ", ".join(named(ask.now.name(one), one) for one in firsts),
            }
        )
    return Expected(rows)


def glue(ask: Asking) -> Expected:
    """Cards without which a component falls apart."""
    graph = _graph(ask.now, elements=ask.values["elements"])
    rows: list[Row] = []
    for component in _components(graph):
        for one in component if len(component) >= ask.values["min_size"] else ():
            rest = {card: graph[card] - {one} for card in component - {one}}
            pieces = [len(piece) for piece in _components(rest)]
            if len(pieces) > 1:
                rows.append(
                    {
                        "ref": one,
                        "degree": len(graph[one]),
                        "component_size": len(component),
                        "pieces": len(pieces),
                        "falls_off": sum(pieces) - max(pieces),
                    }
                )
    rows.sort(key=lambda row: (-row["pieces"], -row["falls_off"], row["ref"]))
    return Expected(rows[: ask.values["top"]])


def hubs(ask: Asking) -> Expected:
    """Cards of most links of a relation, among those of their type."""
    degrees: dict[tuple[str, Card], int] = {}
    for link in ask.now.links:
        for end in link.ends if link.live else ():
            key = (link.relation, end)
            degrees[key] = degrees.get(key, 0) + 1
    rows: list[Row] = []
    for (relation, one), degree in degrees.items():
        peers = [
            other_degree
            for (other_relation, other), other_degree in degrees.items()
            if other_relation == relation and other.kind == one.kind
        ]
        at_most = sum(other <= degree for other in peers)
        listed = (
            degree >= ask.values["min_degree"]
            and ask.values["relation"] in ("any", relation)
            and (ask.values["elements"] or one.kind != "element")
            and at_most * 100 >= ask.values["percentile"] * len(peers)
        )
        if listed:
            rank = 1 + sum(other > degree for other in peers)
            rows.append({"ref": one, "relation": relation, "degree": degree, "rank": rank})
    rows.sort(key=lambda row: (-row["degree"], row["relation"], row["ref"]))
    return Expected(rows)


def _all_links(now: Snapshot) -> Graph:
    """What each card is linked to, deleted cards too."""
    graph: Graph = {one: set() for one in now.cards}
    for link in now.links:
        graph.setdefault(link.owner, set()).add(link.other)
        graph.setdefault(link.other, set()).add(link.owner)
    return graph


def known(now: Snapshot) -> list[Card]:
    """Every card of the graph: deleted ones too, and those that only links name."""
    return sorted(_all_links(now))


def _metadata(now: Snapshot, a: Card, b: Card) -> Row:
    link = now.link(a, b)
    assert link is not None
    return {"relation": link.relation, "is_main": link.told.main, "quantity": link.told.quantity}


def path(ask: Asking) -> Expected:
    """All shortest paths, found by walking every one of them."""
    now, a, b, most = ask.now, ask.card("a"), ask.card("b"), ask.values["max_degree"]
    graph = _all_links(now)

    def passable(one: Card) -> bool:
        return one not in now.deleted and (not most or len(graph[one]) <= most)

    walks: list[list[Card]] = [[a]]
    met = {a}
    found = [walk for walk in walks if walk[-1] == b]
    for _ in range(ask.values["max_hops"]):
        if found:
            break
        walks = [
            [*walk, other]
            for walk in walks
            if walk[-1] == a or passable(walk[-1])
            for other in graph[walk[-1]] - met
        ]
        met |= {walk[-1] for walk in walks}
        found = [walk for walk in walks if walk[-1] == b]
    rows: list[Row] = []
    for number, walk in enumerate(sorted(found)[: ask.values["paths"]], 1):
        for hop, one in enumerate(walk):
            row: Row = {"relation": None, "is_main": None, "quantity": None}
            row |= _metadata(now, walk[hop - 1], one) if hop else {}
            rows.append({"path": number, "hop": hop, "ref": one} | row)
    return Expected(rows)


def neighbourhood(ask: Asking) -> Expected:
    """What lies around a card, as a tree."""
    now, middle, most = ask.now, ask.card("card"), ask.values["max_degree"]
    graph = _all_links(now)

    def may_be_met(one: Card) -> bool:
        return (
            one not in now.deleted
            and (not most or len(graph[one]) <= most)
            and (ask.values["elements"] or one.kind != "element")
        )

    def links(one: Card) -> int:
        return sum(map(may_be_met, graph[one]))

    no_link: Row = {"relation": None, "is_main": None, "quantity": None}
    rows: list[Row] = [
        {"depth": 0, "ref": middle, "parent_ref": None, "links": links(middle)}
        | {"in_group": None, "at_depth": 1}
        | no_link
    ]
    met, level, listed = {middle}, [middle], [middle]
    for depth in range(1, ask.values["depth"] + 1):
        parents: dict[Card, Card] = {}
        for parent in sorted(level):
            for other in graph[parent] - met:
                if may_be_met(other):
                    parents.setdefault(other, parent)
        met |= set(parents)
        groups: dict[tuple[int, int], list[Card]] = {}
        for one, parent in parents.items():
            if parent in listed:
                relation = RELATIONS.index(_metadata(now, parent, one)["relation"])
                groups.setdefault((listed.index(parent), relation), []).append(one)
        shares = _shares({key: len(cards) for key, cards in groups.items()}, ask)
        chosen: list[Card] = []
        for key in sorted(groups):
            parent = listed[key[0]]
            cards = sorted(
                groups[key], key=lambda c: (_metadata(now, parents[c], c)["is_main"] is not True, c)
            )
            for one in cards[: shares[key]]:
                chosen.append(one)
                rows.append(
                    {"depth": depth, "ref": one, "parent_ref": parent, "links": links(one)}
                    | {"in_group": len(cards), "at_depth": len(parents)}
                    | _metadata(now, parent, one)
                )
        level, listed = list(parents), chosen
    return Expected(rows)


def _shares(sizes: dict[tuple[int, int], int], ask: Asking) -> dict[tuple[int, int], int]:
    """How many places each group gets: the smallest first, so that they leave what they spare."""
    places, shares = ask.values["per_level"], {}
    for waiting, key in zip(
        range(len(sizes), 0, -1), sorted(sizes, key=lambda key: (sizes[key], key)), strict=True
    ):
        shares[key] = min(sizes[key], ceil(places / waiting))
        places -= shares[key]
    return shares
