"""What a full sync will cost, from what is known before it starts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from linkgraph.mirror.ledger import MassListFacts
from linkgraph.model import CARD_TYPES

#: Requests a second that the pacer reaches at a rate of 7: it keeps 2 % of distance.
_REACHED = 1 / 1.022
_PAGE = 250
#: Account, users, pipelines, catalogs, events, the pages behind the ends of the lists.
_FIXED = 15

FORMULA = "1 request for each 250 cards listed + 1 for each {batch} cards' links + about 15, {pace}"


@dataclass(frozen=True, slots=True)
class Forecast:
    """The cost of a full sync. Without a snapshot to go by only the formula is known."""

    formula: str
    requests: int | None
    seconds: float | None
    """Time at the pace; 0 where none is kept."""
    based_on: int | None
    """The snapshot whose counts were used."""
    rate: float


def forecast(
    cards: Mapping[str, int] | None, snapshot: int | None, facts: MassListFacts, rate: float
) -> Forecast:
    """Reckon a full sync for an account that had `cards` of each type in its last snapshot."""
    batch = min(_PAGE, facts.max_ids)
    pace = "as fast as it answers" if math.isinf(rate) else f"at {rate:g} a second"
    formula = FORMULA.format(batch=batch, pace=pace)
    if cards is None:
        return Forecast(formula, None, None, None, rate)
    counts = [cards.get(entity_type.value, 0) for entity_type in CARD_TYPES]
    elements = cards.get("element", 0)
    requests = _FIXED + -(-elements // _PAGE)
    requests += sum(-(-count // _PAGE) + -(-count // batch) for count in counts)
    return Forecast(formula, requests, requests / (rate * _REACHED), snapshot, rate)
