"""The laws of undo: it gives back what a push took, and takes back nothing else.

What the API cannot express is left out of the comparison in one place, `worlds.plain` (a flag that
is missing and one that is false are the same); all else that cannot be given back must be told.
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
from linkgraph.edits.pushes import Pushed
from linkgraph.edits.states import State
from linkgraph.model import Metadata, Ref
from tests.edits.trials import Trial
from tests.edits.worlds import Account, Pair, cards, edits, links, outside, plain, world_of
from tests.edits.worlds import State as Links

EXAMPLES = int(os.environ.get("LINKGRAPH_TEST_EXAMPLES", "0"))
SOME = settings(
    deadline=None,
    derandomize=not EXAMPLES,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    print_blob=True,
    database=None,
)
#: How accounts may take writes for good.
HABITS = st.fixed_dictionaries(
    {
        "relink": st.sampled_from(["ok", "ok", "500"]),
        "quantity": st.sampled_from(["set", "set", "add"]),
        "unlink_absent": st.sampled_from(["204", "400"]),
        "contacts_report_leads": st.booleans(),
    }
)
#: What may go wrong with a push that is then undone.
TROUBLE = st.sampled_from(
    [
        {"action": "drop_connection", "when": "before"},
        {"action": "drop_connection", "when": "after"},
        {"action": "status", "status": 500},
        {"action": "status", "status": 504, "when": "after", "body": "html"},
        {"action": "status", "status": 400},
        {"action": "status", "status": 403},
    ]
)


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """One server for all examples; each gives it another world."""
    with Account() as account:
        yield account


class _Undoing:
    """A random account, a push of random edits, and what stood before and after it."""

    def __init__(self, account: Account, data: st.DataObject, folder: str, **trouble: Any) -> None:
        self.account = account
        self.cards = data.draw(cards())
        self.before: Links = data.draw(links(self.cards))
        switches = data.draw(HABITS)
        account.begin(world_of(self.cards, self.before), **switches, **trouble)
        self.trial = Trial(account, Path(folder), self.cards, batch=data.draw(st.integers(1, 6)))
        self.trial.add(data.draw(edits(self.cards, list(self.before))))

    def push(self, fault: dict[str, Any] | None = None) -> Pushed | None:
        """Plan and push what is queued; None where there was nothing to push."""
        plan = self.trial.plan()
        if fault is not None:
            self.account.simulator.running.faults.add(fault)
        pushed = self.trial.push(plan)
        self.account.simulator.clear_faults()
        pushed = self.trial.resume() or pushed
        self.after = self.account.state
        return pushed

    def undo(self, push: int | None = None) -> tuple[Pushed | None, set[Pair]]:
        """Undo a push; returns the push that did, and the links that were said to stay changed."""
        before, now = self.account.state, self.trial
        plan, impossible = now.undo(push)
        told = {
            pair
            for pair in {*before, *self.before, *self.after}
            if any(text.startswith(f"{pair[0]} – {pair[1]}:") for text in impossible)
        }
        return now.push(plan), told


def _assert_same(found: Links, wanted: Links, *, but: set[Pair]) -> None:
    one, two = plain(found), plain(wanted)
    for pair in (one.keys() | two.keys()) - but:
        assert one.get(pair) == two.get(pair), f"{pair[0]} – {pair[1]}"


@settings(SOME, max_examples=EXAMPLES or 7)
@given(data=st.data())
def test_undo_gives_back_links_and_what_they_carried(account: Account, data: st.DataObject) -> None:
    """Where nobody else worked, the account is what it was; the push's edits say so."""
    with TemporaryDirectory() as folder:
        undoing = _Undoing(account, data, folder)
        pushed = undoing.push()
        if pushed is not None and _did_something(pushed):
            undone, told = undoing.undo(pushed.outcome.push)
            _assert_same(account.state, undoing.before, but=told)
            if undone is not None and not told:
                states = {item.state for item in undone.outcome.items}
                assert states == {State.VERIFIED}, undone.outcome
                items = undoing.trial.items(pushed.outcome.push)
                assert State.VERIFIED not in {item.state for item in items}
        undoing.trial.check()
        undoing.trial.close()


@settings(SOME, max_examples=EXAMPLES or 7)
@given(data=st.data())
def test_undo_of_undo_does_it_again(account: Account, data: st.DataObject) -> None:
    """Undoing an undo leaves the account as the push had left it."""
    with TemporaryDirectory() as folder:
        undoing = _Undoing(account, data, folder)
        pushed = undoing.push()
        undone, told = (None, set[Pair]())
        if pushed is not None and _did_something(pushed):
            undone, told = undoing.undo(pushed.outcome.push)
        if undone is not None and not told:
            _, told = undoing.undo(undone.outcome.push)
            _assert_same(account.state, undoing.after, but=told)
        undoing.trial.check()
        undoing.trial.close()


@settings(SOME, max_examples=EXAMPLES or 7)
@given(data=st.data())
def test_undo_leaves_alone_what_others_have_changed_since(
    account: Account, data: st.DataObject
) -> None:
    """A link that somebody else has touched since stays as they left it; the others come back."""
    with TemporaryDirectory() as folder:
        undoing = _Undoing(account, data, folder)
        pushed = undoing.push()
        if pushed is not None and _did_something(pushed):
            changed = [item.change.pair for item in pushed.outcome.items]
            account.do(data.draw(outside(undoing.cards, changed)))
            theirs = account.state
            touched = {note.pair for note in account.noted}
            undoing.undo(pushed.outcome.push)
            now = plain(account.state)
            for pair in touched:
                assert now.get(pair) == plain(theirs).get(pair), pair
        undoing.trial.check()
        undoing.trial.close()


@settings(SOME, max_examples=EXAMPLES or 8)
@given(data=st.data(), fault=TROUBLE, skip=st.integers(0, 5), lossy=st.booleans())
def test_undo_after_a_failure_takes_back_what_was_done(
    account: Account, data: st.DataObject, fault: dict[str, Any], skip: int, lossy: bool
) -> None:
    """After a push that went wrong half-way, undo leaves the account as it was before it."""
    with TemporaryDirectory() as folder:
        undoing = _Undoing(account, data, folder, drop_every=3 if lossy else None)
        pushed = undoing.push({**fault, "match": "^POST", "skip": skip, "times": 2})
        account.simulator.behave(drop_every=None)
        if pushed is not None and _did_something(pushed):
            _, told = undoing.undo(pushed.outcome.push)
            _assert_same(account.state, undoing.before, but=told)
        undoing.trial.check()
        undoing.trial.close()


def test_a_company_that_another_edit_unlinks_is_no_surprise(
    account: Account, tmp_path: Path
) -> None:
    """Unlinking the old company and linking the new one by two edits is tried and done as one."""
    of = [Ref.parse(text) for text in ("contact:101", "contact:102", "company:201", "company:202")]
    first, second, old, new = of
    account.begin(world_of(of, {(first, old): Metadata(), (second, old): Metadata()}))
    trial = Trial(account, tmp_path, of)
    for contact in (second, first):
        trial.add([Edit(Verb.UNLINK, contact, old), Edit(Verb.LINK, contact, new)])
    pushed = trial.push(trial.plan())
    assert pushed is not None
    assert pushed.outcome.error is None
    assert account.state == {(first, new): Metadata(), (second, new): Metadata()}
    trial.close()


def test_what_the_api_cannot_give_back_is_told(account: Account, tmp_path: Path) -> None:
    """Of two companies, and of two main contacts, undo gives back one and names the other."""
    names = ("lead:1", "contact:101", "contact:102", "contact:103", "company:201", "company:202")
    of = [Ref.parse(text) for text in (*names, "company:203", "element:9/401")]
    lead, one, two, three, old, older, new, element = of
    before = {
        (lead, one): Metadata(is_main=True),
        (lead, two): Metadata(is_main=True),
        (lead, three): Metadata(is_main=False),
        (lead, old): Metadata(),
        (lead, older): Metadata(),
        (lead, element): Metadata(),
    }
    account.begin(world_of(of, before))
    trial = Trial(account, tmp_path, of)
    trial.add([Edit(Verb.MAIN, lead, three), Edit(Verb.LINK, lead, new)])
    trial.add([Edit(Verb.UNLINK, lead, element)])
    trial.push(trial.plan())
    plan, impossible = trial.undo()
    trial.push(plan)
    assert sorted(impossible) == [
        "lead:1 – company:202: only one of several companies can be linked",
        "lead:1 – contact:102: only one of several contacts can be main",
        "lead:1 – element:9/401: linked anew it gets a quantity",
    ]
    expected = {pair: link for pair, link in before.items() if pair[1] != older}
    expected |= {(lead, two): Metadata(is_main=False), (lead, element): Metadata(quantity=1.0)}
    assert plain(account.state) == plain(expected)
    trial.close()


def _did_something(pushed: Pushed) -> bool:
    return any(item.state is not State.QUEUED for item in pushed.outcome.items)
