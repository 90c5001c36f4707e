"""Plans that meet what is not as it was thought to be: nothing of the queue is lost over it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from linkgraph.edits import habits, planfile
from linkgraph.edits.edits import Resolution
from linkgraph.edits.planning import Conflict
from linkgraph.edits.states import State
from linkgraph.errors import PlanStale
from linkgraph.model import Ref
from linkgraph.session import Session
from linkgraph.simulator import Metadata as Carried
from linkgraph.simulator import Simulator, World, load_world
from tests.edits.homes import account_of
from tests.edits.played import Played, playing
from tests.edits.worlds import links_of


def _link(kind: str, owner: int, other_kind: str, other: int, **carried: Any) -> Mapping[str, Any]:
    ends = {"entity_type": kind, "entity_id": owner, "to_entity_type": other_kind}
    return {**ends, "to_entity_id": other, "metadata": carried or None}


def _world() -> World:
    """Leads with contacts and an element, a contact with a company, and 700 leads of no concern."""
    return load_world(
        {
            "leads": [{"id": number} for number in (*range(1, 41), *range(1001, 1701))],
            "contacts": [{"id": number} for number in range(101, 121)],
            "companies": [{"id": number} for number in (201, 202)],
            "catalogs": [{"id": 7}],
            "catalog_elements": [{"id": 70, "catalog_id": 7}],
            "links": [
                _link("leads", 1, "contacts", 101, main_contact=False),
                _link("leads", 2, "contacts", 102, main_contact=False),
                _link("leads", 1, "catalog_elements", 70, quantity=1, catalog_id=7),
                _link("contacts", 103, "companies", 201),
                _link("leads", 3, "contacts", 199, main_contact=False),  # which is not there
            ],
            "webhooks": [
                {"destination": "https://me:pass@hooks.example/links?token=Secret1"},
                {
                    "destination": "https://hooks.example/services/T0Secret/B1/XSecretXSecretXSecretX"
                },
                {"destination": "https://[Secret/"},
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
    """A session of its account."""
    with played.session(tmp_path / "home") as session:
        yield session


def _is_linked(crm: Simulator, owner: str, other: str) -> bool:
    return (Ref.parse(owner), Ref.parse(other)) in links_of(crm.world)


def test_a_move_that_is_stopped_leaves_a_contact_its_company(
    crm: Simulator, session: Session
) -> None:
    """The company is linked to the other contact first; until then it stays where it was."""
    session.edits.move("contact:103", "contact:105")
    plan = session.edits.plan()
    headers = {"Retry-After": "0"}
    crm.fault("status", match="POST .*/link$", times=None, status=429, headers=headers)
    session.edits.push(plan)
    assert _is_linked(crm, "contact:103", "company:201")
    crm.clear_faults()
    assert session.edits.push(session.edits.plan()).outcome.is_clean
    assert _is_linked(crm, "contact:105", "company:201")
    assert not _is_linked(crm, "contact:103", "company:201")


@pytest.mark.parametrize("unknown_ids", ["ignore", "400"])
def test_a_link_to_a_card_that_is_gone_can_be_taken_away(
    crm: Simulator, session: Session, unknown_ids: str
) -> None:
    """That the card is not in the CRM is why the link is to go, and no conflict."""
    crm.behave(unknown_ids=unknown_ids)
    session.edits.unlink("lead:3", "contact:199")
    plan = session.edits.plan()
    assert plan.conflicts == ()
    assert session.edits.push(plan).outcome.is_clean
    assert not _is_linked(crm, "lead:3", "contact:199")


def test_an_undo_tells_of_a_conflict_every_time_it_is_asked_for(
    crm: Simulator, session: Session
) -> None:
    """Not only the first time, after which the conflict stands in the queue."""
    session.edits.link("lead:1", "element:7/70", quantity=5)
    session.edits.push(session.edits.plan())
    crm.world.link("leads", 1, "catalog_elements", 70, 7, Carried(quantity=9.0))
    for _ in range(2):
        plan, _ = session.edits.undo(1)
        assert [conflict.now for conflict in plan.conflicts] == ["linked, quantity 9"]
        assert plan.changes == ()


def test_an_undo_that_is_not_pushed_costs_no_edit(session: Session) -> None:
    """What its edits had replaced in the queue is queued anew when it is withdrawn."""
    session.edits.link("lead:4", "contact:101")
    session.edits.push(session.edits.plan())
    session.edits.main("lead:4", "contact:101")
    plan, _ = session.edits.undo()
    session.edits.withdraw(plan)
    assert [str(one.edit) for one in session.edits.list()] == ["main lead:4 contact:101"]


def test_an_undo_can_be_planned_again_and_withdrawn_by_anybody(
    crm: Simulator, session: Session
) -> None:
    """Its conflicts are decided upon one by one; no session has to be the one that began it."""
    session.edits.link("lead:4", "contact:101")
    session.edits.link("lead:1", "element:7/70", quantity=5)
    session.edits.push(session.edits.plan())
    crm.world.link("leads", 1, "catalog_elements", 70, 7, Carried(quantity=9.0))
    session.edits.main("lead:4", "contact:101")
    plan, _ = session.edits.undo()
    (conflict,) = plan.conflicts
    session.edits.resolve([conflict.edit.id], Resolution.KEEP)
    with session.anew() as another:
        again = another.edits.plan_again(plan)
        assert (len(again.changes), again.conflicts) == (len(plan.changes) + 1, ())
        assert again.undo_of == plan.undo_of
        another.edits.withdraw(again)
    assert [str(one.edit) for one in session.edits.list()] == ["main lead:4 contact:101"]


def test_both_states_of_a_conflict_can_be_told_from_its_reason(
    crm: Simulator, session: Session
) -> None:
    """The journal keeps the sentence alone; a reason of another kind is what is told of now."""
    session.edits.link("lead:1", "element:7/70", quantity=5)
    crm.world.link("leads", 1, "catalog_elements", 70, 7, Carried(quantity=9.0))
    (conflict,) = session.edits.plan().conflicts
    (edit,) = session.edits.list(states=[State.CONFLICT])
    assert Conflict.sides(edit.reason) == (conflict.then, conflict.now)
    assert Conflict.sides("changed by others") == ("", "changed by others")


def test_a_place_that_was_given_up_is_no_conflict(crm: Simulator, session: Session) -> None:
    """By one's own earlier push, say: nobody loses what the edit takes."""
    session.edits.unlink("contact:103", "company:201")
    session.edits.link("contact:103", "company:202")
    session.edits.push(session.edits.plan(first=1))
    plan = session.edits.plan()
    assert plan.conflicts == ()
    assert session.edits.push(plan).outcome.is_clean
    assert _is_linked(crm, "contact:103", "company:202")


def test_a_stale_plan_of_somebody_else_costs_no_edit_of_ones_own(
    crm: Simulator, played: Played, session: Session, tmp_path: Path
) -> None:
    """What its edits had replaced in the queue is queued anew when the plan is refused."""
    with played.session(tmp_path / "theirs") as theirs:
        theirs.edits.unlink("lead:1", "contact:101")
        theirs.edits.unlink("lead:2", "contact:102")
        planfile.write(theirs.edits.plan(), tmp_path / "plan.json", "somebody")
    session.edits.main("lead:1", "contact:101")
    crm.world.unlink("leads", 2, "contacts", 102)
    with pytest.raises(PlanStale):
        session.edits.plan_of(planfile.read(tmp_path / "plan.json"))
    standing = session.edits.list()
    assert [str(one.edit) for one in standing] == ["main lead:1 contact:101"]
    assert standing[0].state is State.QUEUED


def test_asking_after_cards_without_the_filter_add_on_does_not_read_the_whole_account(
    crm: Simulator, tmp_path: Path
) -> None:
    """A list that ignores its filter is left after the first page."""
    crm.behave(filter_addon=False)
    with Session(account_of(crm, tmp_path / "home")) as session:  # no snapshot: none is known
        for number in range(1, 31):
            session.edits.link(f"lead:{number}", "contact:101")
        plan = session.edits.plan()
    assert len(plan.changes) == 29  # one is linked already
    walked = [one for one in crm.requests() if one["path"] == "/api/v4/leads"]
    assert len(walked) == 1


def test_a_plan_counts_with_what_writes_the_account_answers(
    crm: Simulator, session: Session
) -> None:
    """Where larger ones were not answered in time, the plan and the dry run show more of them."""
    habits.learn(session.edits.journal, max_items=5)
    for number in range(1, 31):
        session.edits.link(f"lead:{number}", "contact:120")
    plan = session.edits.plan()
    shown = [list(one.items) for one in session.edits.dry_run(plan) if one.items is not None]
    session.edits.push(plan)
    sent = [one["items"] for one in crm.requests() if one["method"] == "POST"]
    assert plan.requests.writes == len(sent)
    assert sorted(map(str, shown)) == sorted(map(str, sent))


def test_a_plan_names_webhooks_without_their_keys(session: Session) -> None:
    """Many services have their secret in the path: only plain words of it are shown."""
    session.edits.link("lead:1", "contact:120")
    hooks = session.edits.plan().webhooks
    assert hooks is not None
    assert hooks[:2] == ("hooks.example/links", "hooks.example/services/…/…/…")
    assert "Secret" not in str(hooks)
