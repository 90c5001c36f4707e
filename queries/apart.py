"""Why no path joins two cards: too few hops allowed, links left out, or nothing there at all."""

from dataclasses import replace

from linkgraph.index import LinkIndex, Walk
from linkgraph.model import Ref


def why_apart(index: LinkIndex, a: Ref, b: Ref, walk: Walk, max_hops: int | None = None) -> str:
    """The reason, for two cards that `index.path` found no path between with the same arguments.

    Raises:
        InvalidRef: the snapshot has no such card.
    """
    if max_hops is not None:
        path = index.path(a, b, walk)
        if path is not None:
            return f"not within {_hops(max_hops)}: the shortest path has {_hops(len(path))}"
    free = Walk(deleted=walk.deleted)
    if walk != free:
        path = index.path(a, b, free)
        if path is not None:
            return f"not over these links and cards; over all of them it is {_hops(len(path))}"
    sizes = [index.component(card, free, limit=0).total for card in (a, b)]
    reason = f"they are in different components: {_cards(sizes[0])} and {_cards(sizes[1])}"
    if not walk.deleted:
        path = index.path(a, b, replace(free, deleted=True))
        if path is not None:
            reason += f"; over deleted cards it is {_hops(len(path))}"
    return reason


def _hops(count: int) -> str:
    return f"{count:,} hop{'' if count == 1 else 's'}"


def _cards(count: int) -> str:
    return f"{count:,} card{'' if count == 1 else 's'}"
