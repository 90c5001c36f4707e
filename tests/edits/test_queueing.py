"""What is queued is checked at once, against the snapshot and against what is queued already."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from linkgraph.edit import Edit
from linkgraph.edits.edits import Edits
from linkgraph.edits.entries import Base, Pair
from linkgraph.edits.known import known
from linkgraph.edits.states import State
from linkgraph.errors import InvalidEdit, InvalidRef
from linkgraph.model import Metadata
from tests.edits.queues import card, edits_over, entries, entry, people, told
from tests.queries.conftest import World


@pytest.fixture(name="edits")
def _edits(tmp_path: Path) -> Iterator[Edits]:
    edits = edits_over(tmp_path / "work", people)
    yield edits
    edits.close()


def test_an_edit_stands_with_what_it_was_decided_upon(edits: Edits) -> None:
    """Who held the place is kept, so that the plan can tell whether it is still so."""
    queued = edits.link("contact:3", "https://example.amocrm.ru/leads/detail/1", main=True)

    (one,) = queued.edits
    assert str(one.edit) == "link lead:1 contact:3 main=yes"
    assert one.base == Base(None, (card("contact", 1),))
    assert (one.state, one.snapshot) == (State.QUEUED, 7)
    assert told(edits.list()) == ["link lead:1 contact:3 main=yes"]
    (link,) = edits.unlink("lead:1", "element:4521/7").edits
    assert link.base == Base(Metadata(quantity=2.5))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("main lead:2 contact:1", InvalidEdit),
        ("link lead:9 contact:1", InvalidRef),
        ("link lead:1 element:4521/7 quantity=0", InvalidEdit),
        ("link lead:1 element:4521/7 quantity=-1", InvalidEdit),
        ("link lead:1 element:4521/7 main=yes", InvalidEdit),
        ("link lead:1 contact:3 quantity=2", InvalidEdit),
        ("link lead:1 company:2 price=11", InvalidEdit),
        ("link contact:1 company:2 main=yes", InvalidEdit),
        ("link lead:1 element:0/7", InvalidRef),
    ],
)
def test_what_cannot_be_is_refused_with_a_hint(
    edits: Edits, text: str, error: type[Exception]
) -> None:
    """And nothing of its batch is queued; the bad one is told by its number."""
    with pytest.raises(error) as caught:
        edits.add([entry(text)])
    with pytest.raises(InvalidEdit, match=r"1 of 2 .*: 2: ") as of_two:
        edits.add([entry("link lead:1 contact:3"), entry(text)])

    assert getattr(caught.value, "hint", "")
    assert of_two.value.hint
    assert edits.list() == []


def test_a_program_can_ask_for_no_link_that_cannot_be(edits: Edits) -> None:
    """The checks are those of a text that is read."""
    asked: list[Callable[[], object]] = [
        lambda: edits.link("lead:1", "lead:2"),
        lambda: edits.link("lead:1", card("contact", -5)),
        lambda: edits.link("lead:1", card("contact", 2**63)),
        lambda: edits.link("lead:1", "element:4521/7", quantity=float("nan")),
        lambda: edits.link("lead:1", "element:4521/7", price=-1),
        lambda: edits.link("lead:1", "contact:2", updated_by=0),
        lambda: edits.move("lead:1", "contact:2"),
        lambda: edits.move("lead:1", "lead:1"),
    ]
    for ask in asked:
        with pytest.raises((InvalidEdit, InvalidRef)):
            ask()
    assert edits.list() == []


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("link lead:77 contact:1", "lead:77 is not in snapshot 7"),
        ("move contact:1 contact:88", "contact:88 is not in snapshot 7"),
        ("unlink lead:2 contact:1", "are not linked in snapshot 7"),
        ("link lead:1 contact:1 main=yes", "are linked, main already"),
        ("link lead:1 company:2", "has company:1 «company no 1»: a lead has one company"),
        ("link contact:1 company:2", "a contact has one company"),
        ("link lead:3 element:4533/7", "may be linked to one card only, and lead:2"),
    ],
)
def test_what_the_plan_will_settle_is_a_warning(edits: Edits, text: str, warning: str) -> None:
    """It is queued: the snapshot may be older than what a person knows."""
    queued = edits.add([entry(text)])

    assert [warning in one for one in queued.warnings] == [True]
    assert told(edits.list()) == [text]


def test_without_a_snapshot_nothing_is_known(tmp_path: Path) -> None:
    """Everything is queued, with one warning for all of it."""
    edits = edits_over(tmp_path / "work", None)

    queued = edits.add(entries("main lead:1 contact:1; unlink lead:2 contact:2"))

    assert [one.base for one in queued.edits] == [None, None]
    assert ["no snapshot" in one for one in queued.warnings] == [True]
    edits.close()


def test_a_check_queues_nothing(edits: Edits) -> None:
    """It says of each edit what queueing would say."""
    good, warned, bad = edits.check(
        entries("link lead:1 contact:3; link lead:1 company:3; main lead:3 contact:1")
    )

    assert (good.error, good.warnings) == (None, ())
    assert warned.error is None
    assert warned.warnings
    assert isinstance(bad.error, InvalidEdit)
    assert edits.list(states=list(State)) == []


def test_main_may_follow_the_link_it_needs(edits: Edits) -> None:
    """In one batch or after it: the two are one edit then."""
    queued = edits.add(entries("link lead:2 contact:1; main lead:2 contact:1"))

    assert told(queued.edits) == ["link lead:2 contact:1 main=yes"]


def test_what_was_pushed_since_counts_for_more_than_the_snapshot(edits: Edits) -> None:
    """A link, a company and a main flag that went over to another."""
    engine = edits._engine()
    asked = [
        Edit.parse(text)
        for text in ("main lead:1 contact:2", "unlink lead:1 contact:1", "link lead:1 company:3")
    ]
    pushed: dict[Pair, Metadata | None] = {
        (card("lead", 1), card("contact", 3)): Metadata(is_main=True),
        (card("lead", 1), card("company", 1)): None,
        (card("lead", 1), card("company", 2)): Metadata(),
        (card("lead", 1), card("contact", 2)): None,
    }

    facts = known(engine, 7, asked, pushed)

    assert facts.base_of(asked[0]) == Base(None, (card("contact", 3),))
    assert facts.base_of(asked[1]) == Base(Metadata(is_main=False))
    assert facts.base_of(asked[2]) == Base(None, (card("company", 2),))


def test_a_link_is_known_not_to_be_where_its_owner_was_read_whole(tmp_path: Path) -> None:
    """Else nothing is held against what is live."""

    def fill(world: World) -> None:
        world.card("lead:1")
        world.card("contact:1", links_whole=True)

    edits = edits_over(tmp_path / "work", fill)

    (one,) = edits.link("lead:1", "contact:1").edits

    assert one.base is None
    edits.close()
