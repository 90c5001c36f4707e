"""The queue in its journal: what meets, what a push has, what a person drops and resolves."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert

from linkgraph.edits.edits import Edits, Resolution
from linkgraph.edits.entries import Base, QueuedEdit
from linkgraph.edits.states import State
from linkgraph.edits.tables import PUSHES
from linkgraph.errors import UsageError
from linkgraph.mirror.clock import now
from linkgraph.model import Metadata
from tests.edits.queues import card, edits_over, entries, entry, people, told

ALL = list(State)


@pytest.fixture(name="edits")
def _edits(tmp_path: Path) -> Iterator[Edits]:
    edits = edits_over(tmp_path / "work", people)
    yield edits
    edits.close()


def push(edits: Edits, *ids: int, state: str = "running") -> int:
    """Let a push take edits up, as far as the journal shows it."""
    with edits.journal.file.writing() as connection:
        row = insert(PUSHES).values(uuid=f"{ids}{state}", began_at=now(), by="x", state=state)
        number = connection.execute(row).inserted_primary_key
        assert number is not None
        edits.journal.move(ids, State.PLANNED, "taken up", push=number[0], on=connection)
    return int(number[0])


def of(edits: Edits, number: int) -> QueuedEdit:
    """An edit by its number."""
    (one,) = edits.journal.edits(ids=[number])
    return one


def reasons(edits: Edits) -> dict[int, tuple[str, str]]:
    """State and reason of every edit."""
    return {one.id: (one.state.value, one.reason) for one in edits.list(states=ALL)}


def test_unlinking_what_was_to_be_linked_leaves_nothing(edits: Edits) -> None:
    """Both are dropped, and both tell of the other."""
    edits.link("lead:1", "contact:3")
    queued = edits.unlink("lead:1", "contact:3")

    assert (queued.edits, [one.id for one in queued.cancelled]) == ((), [2])
    assert [one.reason for one in queued.replaced] == ["cancelled by #2"]
    assert reasons(edits) == {
        1: ("dropped", "cancelled by #2"),
        2: ("dropped", "cancelled with #1"),
    }
    notes = [(event.edit, event.state.value, event.note) for event in edits.events(None)]
    assert notes == [
        (1, "queued", "from python, against snapshot 7"),
        (2, "queued", "from python, against snapshot 7"),
        (1, "dropped", "cancelled by #2"),
        (2, "dropped", "cancelled with #1"),
    ]


def test_linking_what_was_to_be_unlinked_leaves_nothing(edits: Edits) -> None:
    """Unless it is to carry something else: then it is linked again."""
    edits.unlink("lead:1", "contact:1")
    edits.link("lead:1", "contact:1")
    assert edits.list() == []

    edits.unlink("lead:1", "element:4521/7")
    queued = edits.link("lead:1", "element:4521/7", quantity=4)
    assert told(edits.list()) == ["link lead:1 element:4521/7 quantity=4"]
    assert [one.reason for one in queued.replaced] == [f"replaced by #{queued.edits[0].id}"]


def test_what_the_later_does_not_name_is_taken_over(edits: Edits) -> None:
    """Quantity first, price later: one edit with both."""
    edits.link("lead:1", "element:4521/7", quantity=2, updated_by=5)
    edits.link("lead:1", "element:4521/7", price=11)

    (one,) = edits.list()
    assert str(one.edit) == "link lead:1 element:4521/7 quantity=2 price=11"
    assert one.updated_by == 5


def test_another_main_contact_takes_the_flag_alone(edits: Edits) -> None:
    """The other one is linked still, by an edit of its own."""
    edits.link("lead:1", "contact:3", main=True)
    queued = edits.main("lead:1", "contact:2")

    assert told(queued.edits) == ["main lead:1 contact:2", "link lead:1 contact:3"]
    assert [one.reason for one in queued.replaced] == ["replaced by #3, without the main flag"]
    assert edits.main("lead:1", "contact:1").replaced[0].edit.b == card("contact", 2)
    assert told(edits.list()) == ["link lead:1 contact:3", "main lead:1 contact:1"]


def test_another_company_replaces_the_first(edits: Edits) -> None:
    """One company is all that a lead may have."""
    edits.link("lead:2", "company:1")
    queued = edits.link("lead:2", "company:2")

    assert [one.reason for one in queued.replaced] == [
        "replaced by #2, which names another company"
    ]
    assert told(edits.list()) == ["link lead:2 company:2"]


def test_the_same_again_is_the_one_that_stands(edits: Edits) -> None:
    """Whoever it comes from, unless it is to be written in another name."""
    (first,) = edits.link("lead:1", "contact:3").edits

    assert edits.link("contact:3", "lead:1").edits == (first,)
    (other,) = edits.link("lead:1", "contact:3", updated_by=7).edits
    assert (other.id, other.updated_by) == (2, 7)
    assert told(edits.list()) == ["link lead:1 contact:3"]


@pytest.mark.parametrize("state", ["running", "interrupted"])
def test_what_a_push_has_is_not_touched(edits: Edits, state: str) -> None:
    """What is queued meanwhile stands behind it, and counts nothing as known."""
    (first,) = edits.link("lead:1", "contact:3").edits
    number = push(edits, first.id, state=state)

    queued = edits.unlink("lead:1", "contact:3")

    assert [(one.id, one.base) for one in queued.edits] == [(2, None)]
    assert of(edits, first.id).state is State.PLANNED
    with pytest.raises(UsageError, match=f"push {number} has it under way"):
        edits.drop([first.id])
    assert [one.id for one in edits.drop(None)] == [2]
    assert of(edits, first.id).state is State.PLANNED


def test_what_a_push_gave_back_meets_what_was_queued_meanwhile(edits: Edits) -> None:
    """The next edit that is queued finds the earlier one overtaken, and says so."""
    edits.link("lead:1", "contact:3")
    push(edits, 1)
    edits.unlink("lead:1", "contact:3")
    edits.journal.move([1], State.QUEUED, "the push was stopped")

    queued = edits.link("lead:1", "contact:2", main=True)

    assert [(one.id, one.reason) for one in queued.replaced] == [(1, "replaced by #2")]
    assert [one.id for one in edits.list()] == [2, 3]


def test_a_move_back_cancels_the_move(edits: Edits) -> None:
    """And a move elsewhere replaces it."""
    edits.move("contact:1", "contact:2")
    assert [one.reason for one in edits.move("contact:1", "contact:3").replaced] == [
        "replaced by #2"
    ]
    assert edits.move("contact:3", "contact:1").edits == ()
    assert edits.list() == []


def test_an_edit_from_elsewhere_comes_once(edits: Edits) -> None:
    """It is known by its uuid, whatever has become of it since."""
    (first,) = edits.link("lead:1", "contact:3").edits
    edits.drop([first.id])
    brought = entry("link lead:1 contact:3")
    queued = edits.add([replace(brought, uuid=first.uuid), replace(brought, uuid="another")])

    assert [(one.uuid, one.state) for one in queued.edits] == [
        (first.uuid, State.DROPPED),
        ("another", State.QUEUED),
    ]


def test_only_what_was_not_sent_can_be_dropped(edits: Edits) -> None:
    """Of several, all or none."""
    edits.add(entries("link lead:1 contact:3; link lead:2 contact:3"))
    edits.journal.move([2], State.SENT, "sent")

    for wrong in ([1, 2], [1, 99]):
        with pytest.raises(UsageError) as caught:
            edits.drop(wrong)
        assert caught.value.hint
    assert of(edits, 1).state is State.QUEUED
    assert told(edits.drop([1])) == ["link lead:1 contact:3"]
    assert of(edits, 1).reason.startswith("dropped by ")


def test_a_conflict_is_kept_dropped_or_queued_anew(edits: Edits) -> None:
    """Kept: upon what the plan saw. Anew: upon whatever stands at the next plan."""
    seen = Base(Metadata(is_main=True))
    edits.add(entries("link lead:1 contact:3; link lead:2 contact:3; link lead:3 contact:3"))
    for number in (1, 2, 3):
        edits.journal.conflict(number, seen, "was not linked when it was queued, is linked now")
    assert of(edits, 1).seen == seen

    (kept,) = edits.resolve([1], Resolution.KEEP).edits
    (dropped,) = edits.resolve([2], Resolution.DROP).replaced
    anew = edits.resolve([3], Resolution.REQUEUE)

    assert (kept.id, kept.state, kept.base, kept.seen) == (1, State.QUEUED, seen, None)
    assert (dropped.id, dropped.state) == (2, State.DROPPED)
    assert [(one.id, one.base, one.origin) for one in anew.edits] == [
        (4, None, of(edits, 3).origin)
    ]
    assert [(one.id, one.reason) for one in anew.replaced] == [(3, "queued again as #4")]
    assert [one.id for one in edits.list()] == [1, 4]


def test_a_failed_edit_can_be_queued_anew(edits: Edits) -> None:
    """It takes the place of what was queued for the same link since."""
    edits.link("lead:1", "contact:3")
    edits.journal.move([1], State.FAILED, "refused")
    edits.unlink("lead:1", "contact:3")

    anew = edits.resolve([1], Resolution.REQUEUE)

    assert told(edits.list()) == ["link lead:1 contact:3"]
    assert [(one.id, one.reason) for one in anew.replaced] == [
        (1, "queued again as #3"),
        (2, "replaced by #3"),
    ]


def test_a_way_out_is_refused_where_there_is_nothing_to_resolve(edits: Edits) -> None:
    """A failed edit saw nothing to be kept; a queued one waits for its plan."""
    edits.add(entries("link lead:1 contact:3; link lead:2 contact:3"))
    edits.journal.move([1], State.FAILED, "refused")

    for number, way in ((1, Resolution.KEEP), (2, Resolution.DROP), (9, Resolution.REQUEUE)):
        with pytest.raises(UsageError):
            edits.resolve([number], way)


def test_an_edit_in_conflict_is_pointed_to(edits: Edits) -> None:
    """Who asks for the same again is told what it waits for."""
    edits.link("lead:1", "contact:3")
    edits.journal.conflict(1, Base(Metadata()), "changed")

    queued = edits.link("lead:1", "contact:3")

    assert [one.id for one in queued.edits] == [1]
    assert "linkgraph edits resolve 1" in queued.warnings[0]


def test_groups_are_queued_whole_or_not_at_all(edits: Edits) -> None:
    """A bad one stops no other, but those that counted on it."""
    queued, refused = edits.add_groups(
        [
            entries("unlink lead:1 company:1; link lead:1 company:2"),
            entries("link lead:2 contact:1; link lead:9 contact:1"),
            entries("main lead:2 contact:1"),
            entries("link lead:3 contact:3"),
        ]
    )

    assert sorted(refused) == [1, 2]
    assert told(queued.edits) == [
        "unlink lead:1 company:1",
        "link lead:1 company:2",
        "link lead:3 contact:3",
    ]


def test_several_processes_queue_at_once(edits: Edits, tmp_path: Path) -> None:
    """None overlooks what another has queued: of one pair a single edit stands, all are told of."""
    edits.journal  # noqa: B018  the file is made once, before they meet
    script = (
        "import sys; from pathlib import Path\n"
        "from tests.edits.queues import edits_over, entry\n"
        "edits = edits_over(Path(sys.argv[1]), None)\n"
        "for number in range(20):\n"
        "    edits.add([entry(f'link lead:1 element:4521/7 quantity={sys.argv[2]}{number}'),\n"
        "        entry(f'link lead:{sys.argv[2]}{number} contact:1')])\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "work"), str(number)])
        for number in (1, 2, 3)
    ]
    assert [one.wait() for one in running] == [0, 0, 0]

    everything = edits.list(states=ALL)
    standing = edits.list()
    assert len(everything) == 120
    assert len(standing) == 61
    assert len({one.pair for one in standing}) == 61
    assert {event.edit for event in edits.events(None)} == {one.id for one in everything}


def test_ten_thousand_edits_are_queued_together(edits: Edits) -> None:
    """In order, each standing for itself."""
    wanted = [entry(f"link lead:{number} contact:{number}") for number in range(10, 10_010)]

    queued = edits.add(wanted)

    assert [one.edit for one in queued.edits] == [one.edit for one in wanted]
