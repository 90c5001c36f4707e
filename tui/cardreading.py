"""What Browse reads of the session: a card with its links and the first names, all in a thread.

What is read here is handed over whole and never changes; nothing here knows a widget.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from linkgraph.errors import QueryStopped
from linkgraph.model import EntityType, Ref

if TYPE_CHECKING:
    from linkgraph.edits.pending import Pending
    from linkgraph.session import Session
    from queries.cardlines import CardLine
    from queries.cardlinks import CardLinks
    from queries.lookup import CardFacts
    from queries.running import Stop

#: Names that are read at once, and those of each relation that a preview may show.
WINDOW, FIRST = 120, 12
#: Names a query, where all of many are wanted: it can be stopped between two.
_MANY = 2_000
#: Cards with the most links that one may start from.
HUBS = 30


@dataclass(frozen=True, slots=True)
class Reading:
    """A card as the snapshot has it, with its name and those of some of its neighbours."""

    facts: CardFacts | None
    """None where only links and names were read"""
    links: CardLinks
    lines: Mapping[Ref, CardLine]
    pending: Mapping[Ref, Pending] = field(default_factory=dict)
    """What the queue would do to its links, as of then"""


def read(
    session: Session,
    stop: Stop,
    ref: Ref,
    *,
    near: Ref | None = None,
    known: Collection[Ref] = (),
    whole: bool = False,
) -> Reading:
    """Read a card's links and the names that are seen first.

    Args:
        session: Of the account.
        stop: Ends it early.
        ref: The card.
        near: The neighbour whose own neighbours in the list are named too.
        known: Cards whose names need not be read.
        whole: Whether to read its fields too, and what the queue would do.

    Raises:
        InvalidRef: the snapshot has no such card.
        QueryStopped: it was stopped.
    """
    links = session.links(ref)
    _go_on(stop)
    wanted = dict.fromkeys([ref, *_first(links, near)])
    lines = session.cards(one for one in wanted if one not in known)
    if not whole:
        return Reading(None, links, lines)
    _go_on(stop)
    facts = session.card(ref)
    _go_on(stop)
    pending = session.pending(ref)
    more = [one for one in pending if one not in lines and one not in known]
    if more:
        lines = lines | session.cards(more[:WINDOW])
    return Reading(facts, links, lines, pending)


def _first(links: CardLinks, near: Ref | None) -> Iterable[Ref]:
    """The neighbours that are seen first: at the cursor, and at the head of each relation."""
    place = links.place_of(near) if near is not None else 0
    start = max((place or 0) - WINDOW // 2, 0)
    places = range(start, min(start + WINDOW, len(links)))
    yield from (links[place].ref for place in places)
    for relation, _ in links.relations:
        yield from (links[place].ref for place in islice(links.of(relation), FIRST))


def names(session: Session, stop: Stop, refs: Iterable[Ref]) -> dict[Ref, CardLine]:
    """The lines of however many cards.

    Raises:
        QueryStopped: it was stopped.
    """
    wanted: list[Ref] = list(refs)
    found: dict[Ref, CardLine] = {}
    for start in range(0, len(wanted), _MANY):
        _go_on(stop)
        found |= session.cards(wanted[start : start + _MANY])
    return found


@dataclass(frozen=True, slots=True)
class Beginning:
    """What there is to start from: how many cards, and those with the most links."""

    counts: Mapping[EntityType, int]
    hubs: Mapping[Ref, int]
    """With how many links, the most first"""
    lines: Mapping[Ref, CardLine]


def beginning(session: Session, stop: Stop) -> Beginning:
    """Read what the start page shows.

    Raises:
        QueryStopped: it was stopped.
    """
    told = session.snapshot.card().cards
    counts = {kind: told.get(kind.api_name, told.get(kind.value, 0)) for kind in EntityType}
    hubs = session.index.busiest(HUBS)
    _go_on(stop)
    return Beginning(counts, hubs, session.cards(hubs))


def _go_on(stop: Stop) -> None:
    if stop.asked:
        raise QueryStopped("it was overtaken")
