"""The exact requests that a push of a plan would send, when nothing goes wrong."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from linkgraph.amocrm import request_target_for_mass_links
from linkgraph.amocrm.routes import write_mass_links
from linkgraph.edits.batches import batches, canary, lists, turns
from linkgraph.edits.changes import Change, Way
from linkgraph.edits.plan import CANARY, Plan
from linkgraph.edits.sending import item_of
from linkgraph.model import Ref


@dataclass(frozen=True, slots=True)
class Request:
    """One request."""

    method: str
    target: str
    """Path and query."""
    items: Sequence[Any] | None = None
    """The body of a write: an array of items."""


def requests(plan: Plan, batch: int, max_ids: int) -> Iterator[Request]:
    """The requests of a push in their order: check, a few first, the rest, reading back.

    Args:
        plan: the plan.
        batch: items in a write.
        max_ids: cards in a mass list.
    """
    if not plan.changes:
        return
    tried = canary(plan.changes, CANARY)
    rest = [change for change in plan.changes if change not in tried]
    yield from _lists(plan.cards, max_ids)
    yield from _writes([change for change in tried if change.way is not Way.RELINK], batch)
    yield from _writes([change for change in tried if change.way is Way.RELINK], batch)
    if rest:
        if tried:
            yield from _lists([ref for change in tried for ref in change.pair], max_ids)
        yield from _writes(rest, batch)
    yield from _lists(plan.cards, max_ids)


def _writes(changes: Sequence[Change], batch: int) -> Iterator[Request]:
    for turn, found in turns(changes).items():
        route = write_mass_links(turn.side, turn.verb)
        for part in batches(found, batch, lambda change: change.pair[0]):
            items = [item_of(change, turn.verb) for change in part]
            yield Request(route.method, route.target, msgspec.to_builtins(items))


def _lists(cards: Iterable[Ref], max_ids: int) -> Iterator[Request]:
    for entity_type, ids in lists(cards, max_ids):
        yield Request("GET", request_target_for_mass_links(entity_type, ids))
