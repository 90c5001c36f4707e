"""Edits that come to nothing where they were made, and matter all the same to what others do."""

import pytest

from linkgraph.edit import Edit
from linkgraph.edits.entries import Origin, QueuedEdit, Source
from linkgraph.edits.live import Live
from linkgraph.edits.planning import Outline, outline
from linkgraph.edits.states import State
from linkgraph.mirror.clock import now
from linkgraph.model import Metadata, Ref

_AT = now()


def _queued(number: int, text: str) -> QueuedEdit:
    return QueuedEdit(
        id=number,
        uuid=str(number),
        edit=Edit.parse(text),
        state=State.QUEUED,
        reason="",
        by="",
        at=_AT,
        origin=Origin(Source.PYTHON),
        updated_by=None,
        snapshot=None,
        base=None,
        seen=None,
        push=None,
    )


def _live(*pairs: str) -> Live:
    told: dict[Ref, dict[Ref, Metadata]] = {}
    for card in ("lead:1", "contact:5", "contact:6"):
        told[Ref.parse(card)] = {}
    for pair in pairs:
        a, b = map(Ref.parse, pair.split())
        told[a][b] = Metadata(is_main=False)
    return Live(told, told)


def _said(found: Outline) -> list[tuple[str, bool]]:
    return [(" ".join(map(str, change.pair)), change.after is not None) for change in found.changes]


@pytest.mark.parametrize(
    ("live", "texts"),
    [
        ((), ("link lead:1 contact:5", "move contact:5 contact:6")),
        (("lead:1 contact:5",), ("move contact:5 contact:6", "link lead:1 contact:5")),
    ],
)
def test_the_edits_of_a_plan_make_it_again(live: tuple[str, ...], texts: tuple[str, ...]) -> None:
    """None is dropped without which the others would do something else."""
    edits = [_queued(number, text) for number, text in enumerate(texts, 1)]
    found = outline(edits, _live(*live))
    used = {edit for change in found.changes for edit in change.edits}
    assert (found.dropped, used) == ((), {edit.id for edit in edits})
    kept = [edit for edit in edits if edit.id in used]
    assert _said(outline(kept, _live(*live))) == _said(found)
