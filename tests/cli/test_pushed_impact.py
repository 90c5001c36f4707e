"""A plan and its push from end to end: what the impact foretells is what the next snapshot has."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import linkgraph
from linkgraph.accounts import AccountSettings
from linkgraph.cli import planlines, pushlines
from linkgraph.edits.plan import Plan
from linkgraph.edits.pushes import Pushed
from linkgraph.edits.states import State
from linkgraph.model import EntityType, Ref
from linkgraph.session import Session
from linkgraph.settings import Home
from linkgraph.simulator import Simulator, load_world
from linkgraph.wording import outcomewords, planwords
from queries.impact import Impact
from tests.cli.conftest import WORLD

#: Beside the account of `WORLD` two little islands.
ISLANDS: dict[str, Any] = {
    "leads": [{"id": 6, "name": "Одна"}, {"id": 7, "name": "Другая"}],
    "contacts": [{"id": 15, "name": "Дарья"}, {"id": 16, "name": "Егор"}],
    "links": [
        {
            "entity_type": "leads",
            "entity_id": lead,
            "to_entity_type": "contacts",
            "to_entity_id": to,
        }
        for lead, to in ((6, 15), (7, 16))
    ],
}
TOGETHER: dict[str, Any] = {name: [*cards, *ISLANDS.get(name, ())] for name, cards in WORLD.items()}
LEAD, CUSTOMER, CONTACT, COMPANY, _ = EntityType


@dataclass(frozen=True)
class Story:
    """One plan, its impact, its push, and the snapshots before and after it."""

    plan: Plan
    impact: Impact
    pushed: Pushed
    before: Session
    after: Session


@pytest.fixture(name="story", scope="module")
def _story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    root = tmp_path_factory.mktemp("pushed") / "home"
    with Simulator(load_world(TOGETHER), rate=None) as crm:
        settings = AccountSettings(crm.url, rate=float("inf"), settle=0)
        Home(root).add("small", settings, crm.token)
        with linkgraph.open(home=root) as session:
            session.sync()
        with linkgraph.open(home=root) as before, linkgraph.open(home=root) as after:
            edits = before.edits
            edits.unlink("lead:4", "contact:14")  # its only contact
            edits.unlink("lead:5", "contact:14")  # and the contact's last link
            edits.link("lead:1", "company:20")  # in place of the hub
            edits.main("lead:1", "contact:11")  # moves the flag
            edits.link("lead:1", "contact:15")  # joins an island to the mainland
            edits.unlink("lead:7", "contact:16")  # and parts another
            edits.unlink("contact:13", "company:21")  # parts the hub from the mainland
            edits.link("lead:1", "element:7/70", quantity=5)
            edits.unlink("lead:1", "contact:14")  # nothing left to do
            plan = edits.plan()
            impact = before.impact(planwords.deltas(plan))
            yield Story(plan, impact, edits.push(plan), before, after)


def rows(session: Session, question: str, column: str, kind: EntityType, **more: bool) -> set[Ref]:
    """The cards that a question lists."""
    return {Ref(kind, row[column]) for row in session.ask(question, more).rows()}


@pytest.mark.parametrize(
    ("question", "column", "kind"),
    [
        ("leads-without-contact", "lead_id", LEAD),
        ("orphan-contacts", "contact_id", CONTACT),
        ("orphan-companies", "company_id", COMPANY),
    ],
)
def test_whom_it_leaves_alone(story: Story, question: str, column: str, kind: EntityType) -> None:
    """The cards that a question lists after the push and not before it, and no others."""
    was, now = (rows(each, question, column, kind) for each in (story.before, story.after))
    told = story.impact.leads_without_contact if kind is LEAD else story.impact.orphans

    assert story.after.snapshot.number == story.before.snapshot.number + 1
    assert now - was == {ref for ref in told if ref.type is kind}


def test_what_it_joins_and_parts(story: Story) -> None:
    """The islands of the snapshot after the push have the sizes that were foretold."""
    was, now = (
        sorted(row["size"] for row in each.ask("islands", min_size=1).rows())
        for each in (story.before, story.after)
    )
    for split in story.impact.splits:
        assert split.size in was
    for merge in story.impact.merges:
        assert merge.size in now
    assert story.impact.splits
    assert story.impact.merges
    assert sum(was) == sum(now)


def test_main_flags(story: Story) -> None:
    """The flag that the CRM moved by itself was foretold."""
    (move,) = story.impact.main_flags_moved
    mains = {
        neighbour.ref for neighbour in story.after.index.neighbours(move.owner) if neighbour.is_main
    }

    assert str(move.was) == "contact:10"
    assert mains == {move.now} == {Ref.parse("contact:11")}


def test_what_is_shown(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    """The plan and the push of a real account, in a pipe: all changes, each verified."""
    planlines.write(story.plan, story.before.cards(planwords.named(story.plan, None)), None)
    planned = capsys.readouterr().out.splitlines()
    pushlines.write(story.pushed, story.after.cards(outcomewords.named(story.pushed.outcome)))
    pushed = capsys.readouterr().out.splitlines()

    assert len(pushed) == 1 + len(story.plan.changes)
    assert len(planned) == 1 + len(story.plan.changes) + len(story.plan.dropped)
    assert {line.split("\t")[0] for line in pushed[1:]} == {State.VERIFIED.value}
