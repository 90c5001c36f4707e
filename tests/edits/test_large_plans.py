"""Plans of many edits, and of one edit that changes many links: work grows as they do.

Counted are lines of code that are run, not seconds: four times the links must not take much more
than four times the lines.
"""

import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from types import FrameType
from typing import Any

import pytest

from linkgraph.edit import Edit, Verb
from linkgraph.edits.batches import canary, count_requests
from linkgraph.edits.entries import Origin, QueuedEdit, Source
from linkgraph.edits.live import Live
from linkgraph.edits.planning import moved_along, outline
from linkgraph.edits.pushbook import Item
from linkgraph.edits.states import State
from linkgraph.edits.undo import inverse
from linkgraph.edits.verifying import surprises
from linkgraph.model import EntityType, Metadata, Ref

Links = list[tuple[Ref, Ref, Metadata]]
Shape = Callable[[int], tuple[list[Edit], Links]]
FEW, TIMES = 60, 4


def _lead(number: int) -> Ref:
    return Ref(EntityType.LEAD, number)


def _contact(number: int) -> Ref:
    return Ref(EntityType.CONTACT, number)


def _element(number: int) -> Ref:
    return Ref(EntityType.ELEMENT, number, 4521)


def _hub_moves(size: int) -> tuple[list[Edit], Links]:
    """One contact of many leads goes to another."""
    links = [(_lead(n), _contact(1), Metadata(is_main=True)) for n in range(size)]
    return [Edit(Verb.MOVE, _contact(1), _contact(2))], links


def _elements_move(size: int) -> tuple[list[Edit], Links]:
    """One lead with many elements goes to another."""
    links = [(_lead(1), _element(n), Metadata(quantity=2.0)) for n in range(size)]
    return [Edit(Verb.MOVE, _lead(1), _lead(2))], links


def _many_move(size: int) -> tuple[list[Edit], Links]:
    """Many contacts go to as many others."""
    links = [(_lead(n), _contact(n), Metadata(is_main=True)) for n in range(size)]
    return [Edit(Verb.MOVE, _contact(n), _contact(size + n)) for n in range(size)], links


def _linked_and_moved_on(size: int) -> tuple[list[Edit], Links]:
    """Many leads get a contact, which a last edit moves on."""
    edits = [Edit(Verb.LINK, _lead(n), _contact(1)) for n in range(size)]
    return [*edits, Edit(Verb.MOVE, _contact(1), _contact(2))], []


def _one_owner(size: int) -> tuple[list[Edit], Links]:
    """One lead loses all of its many contacts."""
    links = [(_lead(1), _contact(n), Metadata(is_main=n == 0)) for n in range(size)]
    return [Edit(Verb.UNLINK, _lead(1), _contact(n)) for n in range(size)], links


def _quantities(size: int) -> tuple[list[Edit], Links]:
    """One lead has another quantity of each of its many elements."""
    links = [(_lead(1), _element(n), Metadata(quantity=2.0)) for n in range(size)]
    edits = [Edit(Verb.LINK, _lead(1), _element(n), Metadata(quantity=3.0)) for n in range(size)]
    return edits, links


SHAPES = (_hub_moves, _elements_move, _many_move, _linked_and_moved_on, _one_owner, _quantities)


@pytest.mark.parametrize("shape", SHAPES)
def test_work_grows_as_the_links_do(shape: Shape) -> None:
    """Planning, choosing what to try first, counting requests, looking for surprises and undoing:
    none takes more than its share, whether the links are of one card or of many."""
    small, large = _lines_run(*shape(FEW)), _lines_run(*shape(FEW * TIMES))
    for name, lines in large.items():
        assert lines < 1.5 * TIMES * small[name] + 2_000, name


def _lines_run(edits: list[Edit], links: Links) -> dict[str, int]:
    queued = [_queued(number, edit) for number, edit in enumerate(edits)]
    live = _live(links, [ref for edit in edits for ref in (edit.a, edit.b)])
    found: dict[str, int] = {}

    def counted(work: Callable[[], Any]) -> Any:
        result, found[work.__name__] = _counting(work)
        return result

    def planning() -> Any:
        moved_along(queued, live)
        return outline(queued, live)

    changes = counted(planning).changes
    assert len(changes) >= FEW
    items = [Item(change, State.VERIFIED) for change in changes]

    def trying() -> None:
        canary(changes, 10)

    def batching() -> None:
        count_requests(changes, 50)

    def looking() -> None:
        surprises(live, live, items)

    def undoing() -> None:
        inverse(1, items, live, live)

    for work in (trying, batching, looking, undoing):
        counted(work)
    return found


def _counting(work: Callable[[], Any]) -> tuple[Any, int]:
    """What it returns, and how many lines of Python it ran."""
    lines = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        result = work()
    finally:
        sys.settrace(before)
    return result, lines


def _queued(number: int, edit: Edit) -> QueuedEdit:
    here = Origin(Source.PYTHON)
    return QueuedEdit(number, str(number), edit, State.QUEUED, "", "me", datetime(2026, 1, 1), here)  # noqa: DTZ001


def _live(links: Links, others: Iterable[Ref]) -> Live:
    told: dict[Ref, dict[Ref, Metadata]] = {ref: {} for ref in others}
    for owner, other, carried in links:
        told.setdefault(owner, {})[other] = carried
        if other.type is not EntityType.ELEMENT:
            told.setdefault(other, {})[owner] = carried
    return Live(told, told)
