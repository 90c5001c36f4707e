"""The events of a link or unlink, and what else it stirs.

Invariant: events name the two ends only, never quantity or main flag (amocrm-api §3).
"""

from typing import Any

from linkgraph.simulator.itemcheck import Item
from linkgraph.simulator.running import Running
from linkgraph.simulator.vocabulary import ELEMENTS, SINGULAR

End = tuple[str, int, int]
"""Type, id and catalog of one end."""


def tell(running: Running, verb: str, entity_type: str, item: Item, at: int) -> None:
    """Note that two cards were `linked` or `unlinked`, on one side or on both."""
    first: End = (entity_type, item.id, 0)
    second: End = (item.to_type, item.to_id, item.catalog_id)
    sides = [(first, second), (second, first)]
    for of, other in sides if running.behaviour.event_sides == "both" else sides[:1]:
        _tell_one(running, verb, of, other, at, item.updated_by)
    if running.behaviour.updated_at_moves:
        for type_, id_, _ in (first, second):
            if type_ != ELEMENTS:
                running.world.cards[type_].touch(id_, at)


def _tell_one(running: Running, verb: str, of: End, other: End, at: int, by: int) -> None:
    behaviour = running.behaviour
    named: dict[str, Any] = {"type": SINGULAR[other[0]], "id": other[1]}
    if other[2]:
        named["catalog_id"] = other[2]
    value = [{"link": {"entity": named}}]
    is_typed = behaviour.event_types == "typed" and other[0] != ELEMENTS
    in_before = verb == "unlinked" and behaviour.unlink_value == "before"
    running.world.events.add(
        f"{SINGULAR[other[0]]}_{verb}" if is_typed else f"entity_{verb}",
        f"catalog_{of[2]}" if of[2] else SINGULAR[of[0]],
        of[1],
        at=at,
        by=by,
        before=value if in_before else [],
        after=[] if in_before else value,
    )
