"""Pushes that stop half-way: nothing is lost, and what others do meanwhile is left alone."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from linkgraph.edits import habits
from linkgraph.edits.changes import LINKING, Change, Way
from linkgraph.edits.edits import Resolution
from linkgraph.edits.entries import QueuedEdit
from linkgraph.edits.live import Live
from linkgraph.edits.pushbook import Item, PushBook, PushState
from linkgraph.edits.pushing import PushProgress
from linkgraph.edits.states import State
from linkgraph.edits.verifying import surprises
from linkgraph.model import Metadata, Ref
from linkgraph.session import Session
from linkgraph.simulator import Metadata as Carried
from linkgraph.simulator import Simulator, World, load_world
from tests.edits.played import Played, playing
from tests.edits.worlds import links_of

LINKS = "POST .*/link$"
NOW = {"Retry-After": "0"}


def _link(owner: int, other_kind: str, other: int, **carried: Any) -> Mapping[str, Any]:
    ends = {"entity_type": "leads", "entity_id": owner, "to_entity_type": other_kind}
    return {**ends, "to_entity_id": other, "metadata": carried or None}


def _world() -> World:
    """Lead 1 has two contacts, 2 a main one, 3 to 5 have an element, 10 to 19 a company."""
    return load_world(
        {
            "leads": [{"id": number} for number in range(1, 41)],
            "contacts": [{"id": number} for number in range(101, 121)],
            "companies": [{"id": number} for number in (201, 202, 203)],
            "catalogs": [{"id": 7}],
            "catalog_elements": [{"id": 70, "catalog_id": 7}],
            "links": [
                _link(1, "contacts", 101, main_contact=False),
                _link(1, "contacts", 102, main_contact=False),
                _link(2, "contacts", 103, main_contact=True),
                _link(2, "contacts", 104, main_contact=False),
                _link(2, "contacts", 105, main_contact=False),
                *(_link(n, "catalog_elements", 70, quantity=1, catalog_id=7) for n in (3, 4, 5)),
                *(_link(n, "companies", 201) for n in range(10, 20)),
            ],
        }
    )


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The account, mirrored."""
    with playing(_world, tmp_path_factory.mktemp("played")) as played:
        yield played


@pytest.fixture
def crm(played: Played) -> Iterator[Simulator]:
    """The account as if nobody had asked it anything."""
    with played.fresh() as simulator:
        yield simulator


@pytest.fixture
def session(crm: Simulator, played: Played, tmp_path: Path) -> Iterator[Session]:
    """A session of its account that sends one item in a request."""
    with played.session(tmp_path / "home", batch=1, settle=0.05) as session:
        yield session


def _writes(crm: Simulator) -> int:
    return sum(one["method"] == "POST" for one in crm.requests())


def _after(crm: Simulator, writes: int) -> Callable[[], bool]:
    return lambda: _writes(crm) >= writes


def _is_linked(crm: Simulator, owner: str, other: str) -> bool:
    return (Ref.parse(owner), Ref.parse(other)) in links_of(crm.world)


def _all(session: Session) -> list[QueuedEdit]:
    return session.edits.list(states=list(State))


def test_a_move_is_tried_with_its_links(crm: Simulator, session: Session) -> None:
    """However few of its kind are new: what it leaves is not unlinked among the first few."""
    session.edits.link("lead:6", "contact:110")  # linking a contact is tried with this one
    session.edits.move("lead:1", "lead:7")
    plan = session.edits.plan()
    crm.fault("status", match=LINKS, skip=1, times=None, status=403)
    session.edits.push(plan)
    assert _is_linked(crm, "lead:1", "contact:101")
    assert _is_linked(crm, "lead:1", "contact:102")


def test_undo_leaves_alone_what_the_push_left_to_others(crm: Simulator, session: Session) -> None:
    """A change that was not sent, since another had changed the link, is none to take back."""
    for lead in (3, 4, 5):
        session.edits.link(f"lead:{lead}", "element:7/70", quantity=5)
    broken = session.edits.push(session.edits.plan(), stop=_after(crm, 1)).outcome
    left = broken.those(State.PLANNED)[-1].change.pair
    crm.world.link("leads", left[0].id, "catalog_elements", 70, 7, Carried(quantity=9.0))
    pushed = session.edits.resume()
    assert pushed is not None
    assert [item.change.pair for item in pushed.outcome.those(State.CONFLICT)] == [left]
    plan, impossible = session.edits.undo(broken.push)
    assert (len(plan.changes), impossible) == (2, ())
    assert left not in [change.pair for change in plan.changes]


def test_a_company_given_meanwhile_is_not_replaced(crm: Simulator, session: Session) -> None:
    """A push that is taken up again sees that the place is not free any more."""
    for lead in (6, 7, 8):
        session.edits.link(f"lead:{lead}", "company:201")
    session.edits.push(session.edits.plan(), stop=_after(crm, 1))
    crm.world.link("leads", 8, "companies", 202)
    pushed = session.edits.resume()
    assert pushed is not None
    assert pushed.outcome.count(State.CONFLICT) == 1
    assert _is_linked(crm, "lead:8", "company:202")
    assert not _is_linked(crm, "lead:8", "company:201")


def test_what_was_not_answered_is_not_sent_over_the_work_of_others(
    crm: Simulator, session: Session
) -> None:
    """Where it did not arrive and the place was given away meanwhile, its outcome stays open."""
    session.edits.link("lead:6", "company:201")
    plan = session.edits.plan()
    crm.fault("drop_connection", match=LINKS)
    session.edits.push(plan, stop=_after(crm, 1))
    crm.world.link("leads", 6, "companies", 202)
    pushed = session.edits.resume()
    assert pushed is not None
    assert [item.state for item in pushed.outcome.items] == [State.UNKNOWN]
    assert _is_linked(crm, "lead:6", "company:202")
    assert not _is_linked(crm, "lead:6", "company:201")


def test_a_main_contact_given_meanwhile_is_not_replaced(crm: Simulator, session: Session) -> None:
    """Neither is the main contact that somebody else has chosen."""
    session.edits.link("lead:6", "contact:110")
    session.edits.main("lead:2", "contact:104")
    session.edits.push(session.edits.plan(), stop=_after(crm, 1))
    crm.world.link("leads", 2, "contacts", 103, 0, Carried(is_main=0))
    crm.world.link("leads", 2, "contacts", 105, 0, Carried(is_main=1))
    pushed = session.edits.resume()
    assert pushed is not None
    assert pushed.outcome.count(State.CONFLICT) == 1
    assert links_of(crm.world)[Ref.parse("lead:2"), Ref.parse("contact:105")].is_main


def test_that_the_mirror_gets_it_is_told_apart_from_the_reading_back(
    crm: Simulator, session: Session
) -> None:
    """As the last phase, while the snapshot is not there yet; never of a push that broke off."""
    session.edits.link("lead:30", "contact:110")
    told: list[tuple[str, int]] = []

    def watch(progress: PushProgress) -> None:
        current = session.snapshots.current()
        told.append((progress.phase, 0 if current is None else current.number))

    def breaking_off(progress: PushProgress) -> None:
        watch(progress)
        if progress.phase == "reading back":
            crm.fault("status", match="GET ", times=None, status=403, body="html")

    assert session.edits.push(session.edits.plan(), breaking_off).mirrored is None
    assert "publishing" not in dict(told)
    crm.clear_faults()
    told.clear()
    resumed = session.edits.resume(watch)

    assert resumed is not None
    assert resumed.mirrored is not None
    before = resumed.mirrored.snapshot.number - 1
    assert list(dict.fromkeys(told))[-2:] == [("reading back", before), ("publishing", before)]


def test_what_the_first_few_stopped_is_not_sent_by_a_resume(
    crm: Simulator, session: Session
) -> None:
    """Although the push could not even read back, and has to be taken up again."""
    for lead in range(10, 20):
        session.edits.link(f"lead:{lead}", "contact:101")
    plan = session.edits.plan()

    def watch(progress: PushProgress) -> None:
        if progress.phase == "trying a few" and progress.sent:
            crm.world.unlink("leads", 10, "companies", 201)  # an effect that nobody asked for
        if progress.phase == "reading back":
            crm.fault("status", match="GET ", times=None, status=403, body="html")

    outcome = session.edits.push(plan, watch).outcome
    assert outcome.state is PushState.INTERRUPTED
    crm.clear_faults()
    sent = _writes(crm)
    assert session.edits.resume() is not None
    assert _writes(crm) == sent
    told = [one for one in _all(session) if one.state is State.QUEUED]
    assert len(told) == 9
    assert all("effects of their own" in one.reason for one in told)


@pytest.mark.parametrize("verb", ["link", "move"])
def test_a_company_that_made_room_is_not_forgotten(
    crm: Simulator, session: Session, verb: str
) -> None:
    """Where the next company could not be linked the edit has failed, and undo gives it back."""
    if verb == "link":
        session.edits.link("lead:10", "company:202")
    else:
        session.edits.move("company:201", "company:202")
    plan = session.edits.plan()
    crm.fault("status", match=LINKS, times=None, status=429, headers=NOW)
    push = session.edits.push(plan).outcome.push
    crm.clear_faults()
    gone = [n for n in range(10, 20) if not _is_linked(crm, f"lead:{n}", "company:201")]
    assert gone
    assert {one.state for one in session.edits.list()} == {State.FAILED}
    assert "made room for it" in session.edits.list()[0].reason
    undone, _ = session.edits.undo(push)
    assert session.edits.push(undone).outcome.is_clean
    assert all(_is_linked(crm, f"lead:{n}", "company:201") for n in range(10, 20))
    session.edits.resolve([session.edits.list()[0].id], Resolution.REQUEUE)
    assert session.edits.push(session.edits.plan()).outcome.is_clean
    assert _is_linked(crm, "lead:10", "company:202")


def test_settling_alone_does_not_call_failed_what_may_still_come(
    crm: Simulator, session: Session
) -> None:
    """What a killed push had sent, and is not so when it is read, is unknown."""
    session.edits.link("lead:6", "contact:110")
    plan = session.edits.plan()
    crm.fault("drop_connection", match=LINKS)
    push = session.edits.push(plan, stop=_after(crm, 1)).outcome.push
    book = PushBook.of(session.edits.journal, push)
    book.mark(book.items, State.SENT, "")  # as a kill leaves it
    pushed = session.edits.resume(settle_only=True)
    assert pushed is not None
    assert [item.state for item in pushed.outcome.items] == [State.UNKNOWN]


@pytest.mark.parametrize("status", [500, 504])
def test_an_outage_leaves_nothing_said_that_is_not_known(
    crm: Simulator, session: Session, status: int
) -> None:
    """What was sent is unknown, looked after or not; and of sizes nothing is learned."""
    for lead in range(1, 41):
        session.edits.link(f"lead:{lead}", "contact:120")
    settings = replace(session.account.settings, batch=8)
    with Session(replace(session.account, settings=settings)) as larger:
        plan = larger.edits.plan()
        crm.fault("status", match="POST ", times=None, status=status)
        outcome = larger.edits.push(plan).outcome
    assert outcome.state is PushState.STOPPED
    sent = [item for item in outcome.items if item.tries]
    assert {item.state for item in sent if item.tries == 1} == {State.UNKNOWN}
    assert all(str(status) in item.answer for item in sent)
    assert habits.known(session.edits.journal).max_items is None


def test_links_that_one_end_alone_tells_are_no_surprise() -> None:
    """Where that end is not among the first few, nothing is known of the link, and nothing said."""
    lead, first, other = map(Ref.parse, ("lead:1", "contact:1", "contact:2"))
    linked = Metadata()
    before = Live({lead: {}, first: {}, other: {lead: linked}}, [lead, first, other])
    after = Live({lead: {first: linked}, first: {lead: linked}}, [lead, first])
    change = Change(0, (lead, first), None, linked, Metadata(), Way.LINK, LINKING, (1,))
    assert surprises(before, after, [Item(change, State.SENT)]) == []


def test_a_refused_quantity_teaches_nothing_of_linking_again(
    crm: Simulator, session: Session
) -> None:
    """What unlinking and linking anew does not cure was not the linking again; all is restored."""
    session.edits.link("lead:3", "element:7/70", quantity=9)
    plan = session.edits.plan()
    crm.fault("status", match=LINKS, status=400, times=2)

    pushed = session.edits.push(plan)

    assert State.FAILED in {item.state for item in pushed.outcome.items}
    assert habits.known(session.edits.journal).relink_refused is False
    assert links_of(crm.world)[Ref.parse("lead:3"), Ref.parse("element:7/70")] == Metadata(
        quantity=1
    )


def test_a_move_leaves_nothing_behind_a_link_that_was_lost(
    crm: Simulator, session: Session
) -> None:
    """Links that were accepted and lost are noticed before the old ones are unlinked."""
    session.edits.move("lead:2", "lead:20")
    plan = session.edits.plan()
    crm.behave(drop_every=1)

    pushed = session.edits.push(plan)

    assert not [one for one in crm.requests() if one["path"].endswith("/unlink")]
    assert {item.state for item in pushed.outcome.items} == {State.FAILED, State.QUEUED}
