"""Ten thousand edits cost the requests that the formula says, and hardly one more."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import pytest

from linkgraph.amocrm import largest_batch
from linkgraph.edit import Edit
from linkgraph.edits.entries import Entry, Origin, Source
from linkgraph.edits.pushbook import PushState
from linkgraph.edits.states import State
from linkgraph.model import CARD_TYPES, EntityType, Ref
from linkgraph.session import Session
from linkgraph.simulator import LoggedRequest, Simulator, generate
from tests.edits.homes import mirrored
from tests.edits.mixed import Linked, links_of, mixed_edits

BATCH = 50
Verb = tuple[EntityType, str]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a plan and its push may take, worked out from what they did to the world."""

    lists: int
    """Mass lists to read every touched card once; a list is of one type, so each type's last one
    may be less than full."""
    writes: int
    changes: int

    @property
    def requests(self) -> int:
        """The formula of the design: plan, check, verification, and the writes."""
        return 3 * self.lists + self.writes


def cost(edits: Iterable[Edit], before: Linked, after: Linked) -> Cost:
    """The formula, from the world alone: nothing of the plan is taken on its word."""
    written: Counter[Verb] = Counter()
    touched = {ref for edit in edits for ref in (edit.a, edit.b)}
    for owner, far in _pairs(before) | _pairs(after):
        was, now = before.get(owner, {}).get(far), after.get(owner, {}).get(far)
        if was == now or _stepped_down(owner, far, before, after):
            continue
        written[owner.type, "unlink" if now is None else "link"] += 1
        touched |= {owner, far}
    cards = [ref for ref in touched if ref.type is not EntityType.ELEMENT]
    ids = {kind: [ref.id for ref in cards if ref.type is kind] for kind in CARD_TYPES}
    lists = sum(
        ceil(len(some) / largest_batch(kind, some, 0)) for kind, some in ids.items() if some
    )
    writes = sum(ceil(count / BATCH) for count in written.values())
    return Cost(lists, writes, written.total())


def _pairs(links: Linked) -> set[tuple[Ref, Ref]]:
    return {
        (near, far)
        for near, fars in links.items()
        for far in fars
        if near.type.rank < far.type.rank
    }


def _stepped_down(owner: Ref, far: Ref, before: Linked, after: Linked) -> bool:
    """Whether a contact lost the main flag to another one: no request names that."""
    was, now = before.get(owner, {}).get(far), after.get(owner, {}).get(far)
    if was is None or now is None or not was.get("main_contact") or now.get("main_contact"):
        return False
    return any(
        link.get("main_contact")
        for other, link in after[owner].items()
        if other.type is EntityType.CONTACT and other != far
    )


def _pushed(session: Session, simulator: Simulator, edits: list[Edit]) -> list[LoggedRequest]:
    """Queue, plan and push; every request from the plan on."""
    queued = session.edits.add([Entry(edit, Origin(Source.PYTHON)) for edit in edits])
    assert len(queued.edits) == len(edits)
    simulator.clear_requests()
    plan = session.edits.plan()
    assert [*plan.conflicts, *plan.dropped, *plan.skipped] == []
    pushed = session.edits.push(plan)
    assert pushed.outcome.state is PushState.DONE
    assert {item.state for item in pushed.outcome.items} == {State.VERIFIED}
    return simulator.requests()


def _told(log: list[LoggedRequest]) -> str:
    kinds = Counter((entry["method"], entry["path"].rpartition("/")[2]) for entry in log)
    return ", ".join(f"{count} {verb} {path}" for (verb, path), count in kinds.most_common())


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_requests_of_ten_thousand_edits(tmp_path: Path) -> None:
    """At most 1.05 of: every touched card read thrice, every side's links and unlinks in fifties;
    of each verb and relation some, moves and company changes too.

    Beyond the formula come the first few with their reading back, the list of webhooks, and the
    unlinks of moves, which wait for their links. Taken as one division over all types, which no
    request can do, the formula allows this account 466 requests, and it takes 467.
    """
    with Simulator(generate(40_000, seed=3), rate=None) as simulator:
        edits = mixed_edits(simulator.world, 10_000)
        before = links_of(simulator.world)
        with mirrored(simulator, tmp_path) as session:
            log = _pushed(session, simulator, edits)
        allowed = cost(edits, before, links_of(simulator.world))
    assert allowed.changes > 10_000
    assert {entry["status"] for entry in log} <= {200, 204}
    writes = [entry for entry in log if entry["method"] == "POST"]
    assert sum(len(entry["items"] or ()) for entry in writes) == allowed.changes
    assert max(len(entry["items"] or ()) for entry in writes) == BATCH
    assert len(log) <= 1.05 * allowed.requests, f"{allowed}: {_told(log)}"


@pytest.mark.slow
def test_a_push_keeps_the_pace(tmp_path: Path) -> None:
    """At the CRM's own rate: nothing is refused, and no second holds more than seven requests."""
    with Simulator(generate(3_000, seed=3), rate=None) as simulator:
        edits = mixed_edits(simulator.world, 300)
        with mirrored(simulator, tmp_path, rate=7.0) as session:
            simulator.behave(rate=7)
            log = _pushed(session, simulator, edits)
    assert len(log) > 20
    assert 429 not in {entry["status"] for entry in log}
    arrivals = [entry["monotonic"] for entry in log]
    assert max(sum(one <= at < one + 1.0 for at in arrivals) for one in arrivals) <= 7
