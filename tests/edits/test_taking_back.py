"""What was queued can be taken back, and queued again: the queue is as it was, number by number."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkgraph.edit import Edit
from linkgraph.edits import queueing, takingback
from linkgraph.edits.edits import Edits
from linkgraph.edits.entries import Entry
from linkgraph.edits.journal import Journal
from linkgraph.edits.queueing import Queued
from linkgraph.edits.states import OPEN, State
from linkgraph.edits.tables import PUSHES
from linkgraph.errors import UsageError
from linkgraph.mirror.clock import now
from linkgraph.model import Metadata
from tests.edits.queues import HERE, edits_over, entries, people, told
from tests.edits.test_meeting import Outset, commands, outsets

GROUPS = st.lists(st.lists(commands(), min_size=1, max_size=3), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an account."""
    return tmp_path_factory.mktemp("account")


@pytest.fixture(scope="module")
def little(folder: Path) -> Edits:
    """Edits over a little snapshot."""
    return edits_over(folder, people)


@pytest.fixture
def queue(little: Edits, folder: Path) -> Iterator[Edits]:
    """The same, with a journal of its own."""
    yield little
    little.close()
    for file in folder.glob("account.sqlite*"):
        file.unlink()


def _waiting(journal: Journal) -> list[tuple[int, Edit, object]]:
    return [(one.id, one.edit, one.base) for one in journal.edits(states=OPEN)]


@settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), max_examples=8)
@given(outsets(), GROUPS)
def test_all_that_was_queued_can_be_taken_back_and_queued_again(
    outset: Outset, groups: list[list[Edit]]
) -> None:
    """One after the other, there and back and there again: each time all is as it was then."""
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "j.sqlite") as journal:
        done: list[Queued] = []
        was = [_waiting(journal)]
        for group in groups:
            wanted = [[Entry(edit, HERE) for edit in group]]
            queued, _ = queueing.queue_groups(journal, wanted, outset.known)
            if queued.new:
                done.append(queued)
                was.append(_waiting(journal))
        for _ in range(2):
            for place in reversed(range(len(done))):
                takingback.take_back(journal, done[place])
                assert _waiting(journal) == was[place]
            for place, queued in enumerate(done):
                takingback.queue_again(journal, queued)
                assert _waiting(journal) == was[place + 1]
        for place in reversed(range(len(done))):
            takingback.take_back(journal, takingback.last(journal))
            assert _waiting(journal) == was[place]


def test_what_was_replaced_waits_again(queue: Edits) -> None:
    """Under its number, and the history of each edit tells of it."""
    first = queue.link("lead:2", "company:1").edits[0]
    later = queue.link("lead:2", "company:2")

    back = queue.take_back(later)

    assert [one.id for one in back.edits] == [first.id]
    assert told(back.replaced) == ["link lead:2 company:2"]
    assert told(queue.list()) == ["link lead:2 company:1"]
    notes = [event.note for event in queue.events([first.id])]
    assert notes[1] == f"replaced by #{later.edits[0].id}, which names another company"
    assert notes[2].startswith("queued again: what met it was taken back by ")


def test_what_was_cancelled_waits_again(queue: Edits) -> None:
    """An edit that met an earlier one to nothing is taken back: the earlier one stands."""
    queue.link("lead:2", "contact:3")
    both = queue.unlink("lead:2", "contact:3")
    assert queue.list() == []

    queue.take_back(both)
    assert told(queue.list()) == ["link lead:2 contact:3"]

    queue.queue_again(both)
    assert queue.list() == []


def test_what_stood_before_is_not_dropped(queue: Edits) -> None:
    """The same said twice was queued once: taking the second back takes nothing."""
    queue.link("lead:2", "contact:3")
    again = queue.link("lead:2", "contact:3")

    with pytest.raises(UsageError, match="nothing was queued there"):
        queue.take_back(again)

    assert told(queue.list()) == ["link lead:2 contact:3"]


@pytest.mark.parametrize("state", [State.SENT, State.VERIFIED, State.FAILED, State.UNKNOWN])
def test_what_was_sent_is_not_taken_back(queue: Edits, state: State) -> None:
    """Of many, one that was sent keeps all of them where they are, and one is told what to do."""
    queued = queue.add(entries("link lead:2 contact:3; link lead:3 contact:3"))
    queue.journal.move([queued.edits[1].id], state, "", push=4)

    with pytest.raises(UsageError, match=f"#2 was taken up by push 4 meanwhile: it is {state}"):
        queue.take_back(queued)

    assert [one.state for one in queue.list(states=list(State))] == [State.QUEUED, state]


def test_what_a_push_has_under_way_is_not_taken_back(queue: Edits) -> None:
    """Although it is not sent yet: it is about to be."""
    queued = queue.link("lead:2", "contact:3")
    with queue.journal.file.writing() as connection:
        row = {"uuid": "u", "began_at": now(), "by": "me", "state": "running"}
        connection.execute(PUSHES.insert(), [row])
        queue.journal.move([1], State.PLANNED, "about to", push=1, on=connection)

    with pytest.raises(UsageError, match="#1 was taken up by push 1"):
        queue.take_back(queued)


def test_what_another_has_replaced_is_not_taken_back(queue: Edits) -> None:
    """The later edit says what is wanted now."""
    queued = queue.link("lead:2", "company:1")
    queue.link("lead:2", "company:2")

    with pytest.raises(UsageError, match="#1 was replaced by #2"):
        queue.take_back(queued)


def test_nothing_comes_back_beside_what_others_have_queued(queue: Edits) -> None:
    """Neither what was replaced, nor what was taken back."""
    queue.link("lead:2", "company:1")
    replacing = queue.add(entries("unlink lead:2 company:1; link lead:2 company:2"))
    queue.drop([one.id for one in replacing.edits])
    queue.link("lead:2", "company:3")
    with pytest.raises(UsageError, match="#1 cannot wait again: #4 is queued for the same"):
        queue.take_back(replacing)

    contact = queue.link("lead:3", "contact:1", main=True)
    queue.take_back(contact)
    queue.link("lead:3", "contact:2", main=True)
    with pytest.raises(UsageError, match="#5 cannot wait again: another edit is queued for"):
        queue.queue_again(contact)


def test_what_is_dropped_already_does_not_keep_the_rest(queue: Edits) -> None:
    """A plan has found one to be so already, or a person has dropped it."""
    queued = queue.add(entries("link lead:2 contact:3; link lead:3 contact:3"))
    queue.drop([1])

    queue.take_back(queued)

    assert queue.list() == []


def test_only_what_was_taken_back_is_queued_again(queue: Edits) -> None:
    """Neither what waits, nor what a person has dropped since."""
    queued = queue.link("lead:2", "contact:3")
    with pytest.raises(UsageError, match="#1 is queued by now"):
        queue.queue_again(queued)

    queue.drop([1])
    with pytest.raises(UsageError, match="#1 is dropped by now"):
        queue.queue_again(queued)


def test_a_conflict_that_waits_again_is_planned_anew(queue: Edits) -> None:
    """Upon what it was decided upon."""
    first = queue.link("lead:1", "element:4521/7", quantity=3).edits[0]
    assert first.base is not None
    queue.journal.move([first.id], State.CONFLICT, "was 2.5, is 9 now")
    later = queue.link("lead:1", "element:4521/7", quantity=4)

    (again,) = queue.take_back(later).edits

    assert (again.id, again.state, again.base) == (first.id, State.QUEUED, first.base)
    assert again.edit.metadata == Metadata(quantity=3)


def test_the_last_queueing_is_found_in_the_journal(queue: Edits, folder: Path) -> None:
    """By another process: all that was queued at once, with what it replaced; then the one before;
    what others queued is theirs."""
    queue.link("lead:2", "company:1")
    queue.add(entries("link lead:2 company:2; link lead:3 contact:3"))
    queue.close()
    with Journal(folder / "account.sqlite", by="somebody else") as other:
        other.add(entries("link lead:3 contact:1"), 7)

    queue.take_back(queue.last_queued())
    assert set(told(queue.list())) == {"link lead:2 company:1", "link lead:3 contact:1"}
    queue.take_back(queue.last_queued())
    assert told(queue.list()) == ["link lead:3 contact:1"]
    with pytest.raises(UsageError, match="nothing was queued that could be taken back"):
        queue.last_queued()
