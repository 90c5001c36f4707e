"""A part of the graph: what lies around a card, its component, or the ways between two cards.

Pictures and graph files are made of parts. The nearest cards come first, so that a part that is
cut keeps what matters most.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypedDict

from linkgraph.errors import InvalidParameter, LinkgraphError
from linkgraph.index import LinkIndex, Walk
from linkgraph.index.walk import EVERYWHERE
from linkgraph.model import Ref
from linkgraph.pictures.drawing import Shape
from linkgraph.plaintext import plain
from queries.apart import why_apart

#: How many shortest paths are gone through, unless another number is asked for.
PATHS = 120
#: How many links a neighbourhood goes out, unless another number is asked for.
DEPTH = 2


class PartOf(TypedDict, total=False):
    """What a part is of: exactly one of `around`, `component` and `path`, and how far it goes."""

    around: Ref | str
    """What lies within `depth` links of this card"""
    depth: int
    """2 unless said otherwise"""
    component: Ref | str
    """All that is connected with this card"""
    path: tuple[Ref | str, Ref | str]
    """The shortest paths between these two"""
    walk: Walk
    """Which links and cards count"""
    limit: int
    """Cards at most, the nearest first"""


@dataclass(frozen=True, slots=True)
class Part:
    """Some cards of a graph, the nearest first."""

    shape: Shape
    focus: tuple[Ref, ...]
    """The one card, or the two, that it is about"""
    rings: dict[Ref, int]
    """How many links each card is away from the first"""
    total: int
    """How many cards there are, or shortest paths, listed or not"""
    listed: int
    """How many of those are listed"""
    depth: int = 0
    """How far a neighbourhood goes"""

    @property
    def cut(self) -> bool:
        """Whether some are not listed."""
        return self.total > self.listed


def chosen(index: LinkIndex, asked: PartOf, ref: Callable[[Ref | str], Ref]) -> Part | None:
    """The part that was asked for; None where none of the three was named.

    Args:
        index: Of the snapshot.
        asked: What it is of.
        ref: Makes a card of what a person wrote.

    Raises:
        InvalidRef: the snapshot has no such card.
        InvalidParameter: two of the three were named, or something else; or the depth or the
            limit is none.
        LinkgraphError: no path joins the two cards.
    """
    if strange := set(asked) - set(PartOf.__annotations__):
        raise InvalidParameter(
            f"a part of the graph has no {plain(min(strange), 40)!r}",
            hint=f"it has: {', '.join(PartOf.__annotations__)}",
        )
    given = [name for name in ("around", "component", "path") if asked.get(name) is not None]
    if len(given) > 1:
        raise InvalidParameter(
            f"{' and '.join(given)} were both given", hint="a part of the graph is of one of them"
        )
    walk, limit = asked.get("walk", EVERYWHERE), asked.get("limit")
    if limit is not None and limit < 1:
        raise InvalidParameter(
            f"{limit} cards are no part of a graph", hint="give a limit of 1 or more"
        )
    match given:
        case ["around"]:
            return around(index, ref(asked["around"]), asked.get("depth", DEPTH), walk, limit)
        case ["component"]:
            return component(index, ref(asked["component"]), walk, limit)
        case ["path"]:
            a, b = map(ref, asked["path"])
            return between(index, a, b, walk, limit)
    return None


def around(index: LinkIndex, card: Ref, depth: int, walk: Walk, limit: int | None = None) -> Part:
    """What lies within `depth` links of a card.

    Raises:
        InvalidRef: the snapshot has no such card.
        InvalidParameter: the depth is negative.
    """
    if depth < 0:
        raise InvalidParameter(
            f"nothing lies within {depth} links", hint="give a depth of 1 or more"
        )
    found = index.neighbourhood(card, depth, walk, limit)
    rings = {step.ref: step.depth for step in found}
    return Part("neighbourhood", (card,), rings, found.total, len(rings), depth)


def component(index: LinkIndex, card: Ref, walk: Walk, limit: int | None = None) -> Part:
    """All that is connected with a card.

    Raises:
        InvalidRef: the snapshot has no such card.
    """
    found = index.neighbourhood(card, len(index), walk, limit)  # no way is longer than that
    rings = {step.ref: step.depth for step in found}
    return Part("component", (card,), rings, found.total, len(rings))


def between(index: LinkIndex, a: Ref, b: Ref, walk: Walk, limit: int | None = None) -> Part:
    """The shortest paths between two cards: as many whole ones as `limit` cards have room for.

    The first path is there whatever the limit.

    Raises:
        InvalidRef: the snapshot has no such card.
        LinkgraphError: no path joins them.
    """
    found = index.paths(a, b, walk, limit=limit or PATHS)
    if not found:
        raise LinkgraphError(
            f"no path joins {a} and {b}: {why_apart(index, a, b, walk)}",
            hint=f"what lies around one of them: --around {a}",
        )
    rings: dict[Ref, int] = {}
    listed = 0
    for path in found:
        more = {ref: hop for hop, ref in enumerate(path.refs) if ref not in rings}
        if listed and limit is not None and len(rings) + len(more) > limit:
            break
        rings |= more
        listed += 1
    nearest = sorted(rings, key=lambda ref: rings[ref])
    return Part("path", (a, b), {ref: rings[ref] for ref in nearest}, found.total, listed)


def everything(index: LinkIndex, walk: Walk) -> list[Ref] | None:
    """All cards that a walk may meet; None where types and deletion alone tell which these are."""
    if walk == Walk(relations=walk.relations, skip=walk.skip, deleted=walk.deleted):
        return None
    return index.cards(walk)


def walk_words(walk: Walk) -> list[str]:
    """What a walk leaves out, in words."""
    words = []
    if walk.relations is not None:
        words.append(f"over {_listed(walk.relations)} only")
    if walk.skip:
        words.append(f"without {_listed(kind.api_name.replace('_', ' ') for kind in walk.skip)}")
    if walk.max_degree is not None:
        words.append(f"without cards of more than {walk.max_degree:,} links")
    if not walk.closed:
        words.append("without closed leads")
    if walk.deleted:
        words.append("with deleted cards")
    return words


def _listed(words: Iterable[str]) -> str:
    *most, last = sorted(words)
    return f"{', '.join(most)} and {last}" if most else last
