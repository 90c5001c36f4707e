"""Changes as write requests: which go together, in which order, and how many requests that makes.

Invariant: all changes of one owner go in one batch where they fit one, so that batches that are
under way at the same time do not touch the same card.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from linkgraph.amocrm import largest_batch
from linkgraph.edits.changes import LEAVING, LINKING, SINGLE_COMPANY, Change
from linkgraph.model import EntityType, Ref, by_type

T = TypeVar("T")


class Turn(NamedTuple):
    """Changes that may go together: one phase, one verb, one side."""

    phase: int
    step: int
    """In the linking phase: 0 for unlinking what is to be linked anew, 1 for linking."""
    verb: str
    side: EntityType


def turn_of(change: Change, step: int = 0) -> Turn:
    """When a change has its turn; `step` counts the steps of its way."""
    verb = change.way.steps[step]
    last = change.phase == LINKING and verb == "link"
    return Turn(change.phase, int(last), verb, change.side)


def turns(changes: Iterable[Change]) -> dict[Turn, list[Change]]:
    """Every turn of some changes, in the order in which they are taken."""
    found: dict[Turn, list[Change]] = defaultdict(list)
    for change in changes:
        for step in range(len(change.way.steps)):
            found[turn_of(change, step)].append(change)
    return dict(sorted(found.items(), key=lambda item: _order(item[0])))


def batches(items: Sequence[T], size: int, owner: Callable[[T], Ref]) -> Iterator[list[T]]:
    """Cut items into batches of at most `size`, those of one owner together where they fit."""
    by_owner: dict[Ref, list[T]] = defaultdict(list)
    for item in items:
        by_owner[owner(item)].append(item)
    batch: list[T] = []
    for group in by_owner.values():
        if batch and len(batch) + len(group) > size >= len(group):
            yield batch
            batch = []
        for item in group:
            if len(batch) == size:
                yield batch
                batch = []
            batch.append(item)
    if batch:
        yield batch


def count_requests(changes: Iterable[Change], size: int) -> int:
    """Write requests that changes take when nothing goes wrong."""
    return sum(
        sum(1 for _ in batches(found, size, lambda change: change.pair[0]))
        for found in turns(changes).values()
    )


def lists(cards: Iterable[Ref], max_ids: int) -> Iterator[tuple[EntityType, list[int]]]:
    """The mass lists that read the links of cards: a type, and the ids that fit one request."""
    for entity_type, refs in by_type(cards).items():
        if entity_type is EntityType.ELEMENT:
            continue
        ids, start = [ref.id for ref in refs], 0
        while start < len(ids):
            size = largest_batch(entity_type, ids, start, max_ids=max_ids)
            yield entity_type, ids[start : start + size]
            start += size


def canary(
    changes: Sequence[Change], size: int, known: frozenset[object] = frozenset()
) -> list[Change]:
    """A few changes to try first: each way in each relation once, with what they depend on.

    Args:
        changes: all that are to be made.
        size: edits at most.
        known: kinds of change (`kind_of`) that were tried already.
    """
    groups: dict[object, list[Change]] = defaultdict(list)
    for change in changes:
        for group in (*_groups(change), *change.edits):
            groups[group].append(change)
    seen, edits = set(known), set[int]()
    chosen: dict[int, Change] = {}
    for change in changes:
        if kind_of(change) in seen or len(edits) == size:
            continue
        together = _with_dependants(change, groups, most=size)
        wanted = {edit for one in together for edit in one.edits}
        if together and len(edits | wanted) <= size:
            edits |= wanted
            chosen.update({one.number: one for one in together})
            seen.update(map(kind_of, together))
    return [chosen[number] for number in sorted(chosen)]


def kind_of(change: Change) -> object:
    """What sort of change it is, as far as the CRM may treat it in a way of its own."""
    write = change.write
    said = write.is_main is not None, write.quantity is not None, write.price_id is not None
    return change.way, change.relation, said


def _groups(change: Change) -> list[object]:
    """What a change is tried together with, all of one owner: what its edits make, and its company.

    One company gives way to another, whether one edit says both or two.
    """
    owner, other = change.pair
    found: list[object] = [(edit, owner) for edit in change.edits]
    if other.type is EntityType.COMPANY and owner.type in SINGLE_COMPANY:
        found.append(owner)
    return found


def _with_dependants(
    change: Change, groups: Mapping[object, Sequence[Change]], most: int
) -> list[Change]:
    """A change with those that it is tried together with; nothing where they are too many.

    What a move leaves goes with all that the move links, wherever that is: it comes after it.
    """
    found = [groups[group] for group in _groups(change)]
    if max(map(len, found), default=0) <= most:
        leaving = (one for group in found for one in group if one.phase == LEAVING)
        found += [groups[edit] for edit in dict.fromkeys(e for one in leaving for e in one.edits)]
    if max(map(len, found), default=0) > most:
        return []
    return list({one.number: one for group in found for one in group}.values())


def _order(turn: Turn) -> tuple[int, int, int]:
    return turn.phase, turn.step, turn.side.rank
