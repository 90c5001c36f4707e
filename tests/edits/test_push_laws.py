"""The laws of a push: whatever the account does, what is said of an edit is true.

Random accounts, edits, changes by others, behaviours and faults. `LINKGRAPH_TEST_EXAMPLES` asks for
more examples than a test run has time for.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from linkgraph.edit import Edit, Verb
from linkgraph.edits.entries import Entry
from linkgraph.edits.states import State
from linkgraph.model import Metadata, Ref
from tests.edits.homes import mirrored
from tests.edits.trials import HERE, Trial
from tests.edits.worlds import (
    Account,
    Pair,
    cards,
    edits,
    links,
    outside,
    world_of,
)
from tests.mirror.accounts import assert_mirrors

EXAMPLES = int(os.environ.get("LINKGRAPH_TEST_EXAMPLES", "0"))
SOME = settings(
    deadline=None,
    derandomize=not EXAMPLES,
    suppress_health_check=list(HealthCheck),
    # An account takes too long to be shrunk often.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    print_blob=True,
    database=None,
)
SWITCHES: list[tuple[str, Any]] = [
    ("relink", "500"),
    ("second_company", "refuse"),
    ("quantity", "add"),
    ("unlink_absent", "400"),
    ("refusals", "plain"),
    ("partial_400", True),
    ("drop_every", 1),
    ("drop_every", 2),
    ("drop_every", 4),
    ("max_items_before_504", 0),
    ("max_items_before_504", 1),
    ("max_items_before_504", 3),
    ("slow_writes_apply", "yes"),
    ("slow_writes_apply", "later"),
    ("first_contact_is_main", True),
    ("mass_list_paged", True),
    ("contacts_report_leads", False),
    ("reverse_metadata", True),
    ("empty", "list"),
    ("max_ids_before_504", 1),
    ("max_ids_before_504", 3),
    ("webhooks_allowed", False),
]
#: A few at once: with all of them on no example gets far.
BEHAVIOURS = st.lists(st.sampled_from(SWITCHES), max_size=4).map(
    lambda found: dict(found) | {"later_seconds": 0.02}
)
WRITES, READS = r"^POST .*/(un)?link$", r"^GET .*/links"
_REFUSED = {"headers": {"Retry-After": "0"}}
FAULTS = st.lists(
    st.builds(
        lambda fault, match, skip, times: {**fault, "match": match, "skip": skip, "times": times},
        st.sampled_from(
            [
                {"action": "drop_connection", "when": "before"},
                {"action": "drop_connection", "when": "after"},
                {"action": "drop_connection", "when": "later", "seconds": 0.02},
                {"action": "status", "status": 500},
                {"action": "status", "status": 500, "when": "after"},
                {"action": "status", "status": 502, "when": "after", "body": "html"},
                {"action": "status", "status": 504, "body": "html"},
                {"action": "status", "status": 504, "when": "after", "body": "html"},
                {"action": "status", "status": 504, "when": "later", "seconds": 0.02},
                {"action": "status", "status": 429, **_REFUSED},
                {"action": "status", "status": 403},
                {"action": "status", "status": 403, "body": "html"},
                {"action": "status", "status": 400},
                {"action": "status", "status": 401},
                {"action": "html_503", "when": "before"},
                {"action": "html_503", "when": "after"},
                {"action": "truncate_body"},
                {"action": "break_body"},
            ]
        ),
        st.sampled_from([WRITES, WRITES, WRITES, READS, ""]),
        st.integers(0, 8),
        st.sampled_from([1, 1, 1, 2, 3, 12]),
    ),
    max_size=3,
)


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """One server for all examples; each gives it another world."""
    with Account() as account:
        yield account


def _run(account: Account, data: st.DataObject, *, disturbed: bool) -> None:
    of = data.draw(cards())
    state = data.draw(links(of))
    behaviour: dict[str, Any] = data.draw(BEHAVIOURS) if disturbed else {}
    account.begin(world_of(of, state), **behaviour)
    patient = data.draw(st.integers(0, 3)) > 0
    with TemporaryDirectory() as folder:
        trial = Trial(
            account, Path(folder), of, batch=data.draw(st.integers(1, 6)), patient=patient
        )
        try:
            _work(trial, data, of, list(state), disturbed=disturbed)
            account.simulator.clear_faults()
            account.on_request.clear()
            kept = {
                "relink",
                "second_company",
                "quantity",
                "unlink_absent",
                "first_contact_is_main",
            }
            calm = {name: value for name, value in behaviour.items() if name in kept}
            account.simulator.settle()
            account.simulator.running.behaviour = type(
                account.simulator.running.behaviour
            )().changed({"rate": None, **calm})
            trial.look()
            trial.finish()
            trial.check()
            if patient:
                trial.assert_verified_stands()
        finally:
            trial.close()


def _work(
    trial: Trial, data: st.DataObject, of: list[Ref], among: list[Pair], *, disturbed: bool
) -> None:
    account = trial.account
    wanted = data.draw(edits(of, among))
    trial.add(wanted)
    named = [(one.a, one.b) for one in wanted if one.verb is not Verb.MOVE] + among
    if data.draw(st.booleans()):
        account.do(data.draw(outside(of, named)))
    plan = trial.plan()
    if data.draw(st.integers(0, 7)) == 0:
        account.do(data.draw(outside(of, named)))
    if disturbed:
        for fault in data.draw(FAULTS):
            account.simulator.running.faults.add(fault)
    if data.draw(st.booleans()):
        at = account.requests + data.draw(st.integers(1, 12))
        account.on_request[at] = data.draw(outside(of, named))
    trial.push(plan)
    trial.check()
    if data.draw(st.booleans()):
        trial.add(data.draw(edits(of, among)))
    trial.resume()
    trial.check()


@settings(SOME, max_examples=EXAMPLES or 14)
@given(data=st.data())
def test_what_is_said_of_an_edit_is_true(account: Account, data: st.DataObject) -> None:
    """Whatever fails, and whoever else changes links: the laws of `trials` hold."""
    _run(account, data, disturbed=True)


@settings(SOME, max_examples=EXAMPLES or 10)
@given(data=st.data())
def test_where_nothing_fails_the_laws_hold_too(account: Account, data: st.DataObject) -> None:
    """The same in an account that behaves as it should, where others work as well."""
    _run(account, data, disturbed=False)


@settings(SOME, max_examples=min(EXAMPLES, 100) or 3)
@given(data=st.data())
def test_the_snapshot_after_a_push_equals_the_account(
    account: Account, data: st.DataObject
) -> None:
    """What a push publishes shows every link as it is, also where a part of it failed."""
    of = data.draw(cards())
    state = data.draw(links(of))
    account.begin(world_of(of, state), **data.draw(BEHAVIOURS))
    wanted = data.draw(edits(of, list(state)))
    with TemporaryDirectory() as folder, mirrored(account.simulator, Path(folder)) as session:
        session.edits.add_groups([Entry(edit, HERE)] for edit in wanted)
        plan = session.edits.plan()
        if plan.changes:
            pushed = session.edits.push(plan)
            account.simulator.settle()
            assert pushed.unmirrored == ""
            assert pushed.mirrored is not None
            assert_mirrors(pushed.mirrored.snapshot, account.world)


def test_what_was_unlinked_to_be_linked_anew_does_not_wait_in_the_queue(
    account: Account, tmp_path: Path
) -> None:
    """Stopped between unlinking and linking anew an edit has failed, and undo links it again."""
    lead, element = Ref.parse("lead:1"), Ref.parse("element:9/401")
    before = {(lead, element): Metadata(quantity=2.0, price_id=77)}
    account.begin(world_of([lead, element], before), relink="500")
    trial = Trial(account, tmp_path, [lead, element])
    trial.add([Edit(Verb.LINK, lead, element, Metadata(quantity=5.0))])
    busy = {"status": 429, "headers": {"Retry-After": "0"}}
    account.simulator.fault("status", "^POST .*/link$", skip=1, times=None, **busy)
    pushed = trial.push(trial.plan())
    assert pushed is not None
    assert account.state == {}
    assert [(item.state, "unlinked" in item.answer) for item in pushed.outcome.items] == [
        (State.FAILED, True)
    ]
    account.simulator.clear_faults()
    trial.push(trial.undo(pushed.outcome.push)[0])
    assert account.state == before
    trial.check()
    trial.close()
