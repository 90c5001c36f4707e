"""Edits of a random account, from the queue to the read-back, and the laws that must hold of them.

The laws are checked from what the account was asked and what it was at each reading, and from the
journal; nothing of how a push works is repeated here.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

from linkgraph.accounts import Account as Settled
from linkgraph.accounts import AccountSettings
from linkgraph.edit import Edit, Verb
from linkgraph.edits.edits import Edits, Resolution
from linkgraph.edits.entries import Entry, Origin, QueuedEdit, Source
from linkgraph.edits.known import Known, KnownCard
from linkgraph.edits.plan import Plan
from linkgraph.edits.pushbook import Item, PushBook
from linkgraph.edits.pushes import Pushed, Pushes
from linkgraph.edits.states import State
from linkgraph.errors import LinkgraphError, NothingToPush, PlanStale
from linkgraph.mirror.sync import Plan as MirrorPlan
from linkgraph.model import EntityType, Metadata, Ref
from tests.edits.worlds import (
    ONE_COMPANY,
    Account,
    Pair,
    Read,
    Write,
    carries,
    kind,
)
from tests.edits.worlds import State as Links

HERE = Origin(Source.PYTHON)

#: The states that may follow a state, as the diagram in `states` has it; undo takes back.
FOLLOWS: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.PLANNED, State.CONFLICT, State.DROPPED}),
    State.PLANNED: frozenset(set(State) - {State.UNDONE}),
    State.SENT: frozenset(set(State) - {State.UNDONE, State.DROPPED}),
    State.UNKNOWN: frozenset(set(State) - {State.UNDONE}),
    State.CONFLICT: frozenset({State.QUEUED, State.DROPPED, State.CONFLICT, State.FAILED}),
    State.FAILED: frozenset({State.DROPPED, State.VERIFIED, State.QUEUED, State.UNKNOWN}),
    State.VERIFIED: frozenset({State.UNDONE}),
    State.UNDONE: frozenset(),
    State.DROPPED: frozenset(),
}


class _EditsOverWorld(Edits):
    """Edits that are checked against what the world was when it was last looked at."""

    trial: "Trial"

    def _known(self, entries: Iterable[Entry]) -> Known:
        return self.trial.known

    @cached_property
    def _pushes(self) -> Pushes:
        return Pushes(
            self.account,
            self.journal,
            self._client,
            self._mirror(),
            lambda edits: self.trial.known.cards,
            self.trial.owners,
        )


class Trial:
    """An account, a folder for its journal, and what was done so far."""

    def __init__(
        self,
        account: Account,
        folder: Path,
        cards: Sequence[Ref],
        *,
        batch: int = 3,
        patient: bool = True,
    ) -> None:
        self.account = account
        self.cards = list(cards)
        self.look()
        settings = AccountSettings(account.simulator.url, batch=batch, settle=0.05)
        folder.mkdir(parents=True, exist_ok=True)
        self.edits = _EditsOverWorld(
            Settled("work", settings, folder, folder),
            _nothing_to_open,
            lambda: None,
            client=lambda: account.client(patient=patient),
            mirror=lambda: MirrorPlan(folder, "RU", 3, 1.0),
        )
        self.edits.trial = self
        self.spans: dict[int, list[tuple[float, float]]] = {}
        """When each push was at work."""
        self.queued: set[int] = set()
        """All edits that were ever told of."""

    def close(self) -> None:
        """Let go of the journal."""
        self.edits.close()

    def look(self) -> None:
        """Mirror the account: what is queued from here on is decided upon what stands now."""
        self.seen = self.account.state
        companies: dict[Ref, tuple[Ref, ...]] = {}
        mains: dict[Ref, tuple[Ref, ...]] = {}
        for pair, link in self.seen.items():
            if kind(pair)[1] == "company" and kind(pair)[0] in ONE_COMPANY:
                companies[pair[0]] = (*companies.get(pair[0], ()), pair[1])
            if link.is_main:
                mains[pair[0]] = (*mains.get(pair[0], ()), pair[1])
        here = {ref: KnownCard(None, False, True) for ref in self.cards if self.account.has(ref)}
        self.known = Known(1, here, self.seen, companies, mains)

    def owners(self, elements: Sequence[Ref]) -> Mapping[Ref, Sequence[Ref]]:
        """Who has some elements, by the mirror."""
        return {one: [pair[0] for pair in self.seen if pair[1] == one] for one in elements}

    # What a person does

    def add(self, wanted: Iterable[Edit]) -> None:
        """Queue edits; what is refused at once is left out."""
        queued, _ = self.edits.add_groups([Entry(edit, HERE)] for edit in wanted)
        for part in (queued.edits, queued.replaced, queued.cancelled):
            self.queued |= {one.id for one in part}

    def plan(self) -> Plan | None:
        """Plan, and hold the plan to what was live; None where the CRM did not answer."""
        start = time.monotonic()
        try:
            plan = self.edits.plan()
        except LinkgraphError:
            if self._is_calm:
                raise
            return None
        self._planned(plan, self._reads(start))
        return plan

    def push(self, plan: Plan | None) -> Pushed | None:
        """Push a plan; None where it was refused before anything was sent."""
        if plan is None or not plan.changes:
            return None
        start = time.monotonic()
        sent = len(self.account.writes())
        try:
            pushed = self.edits.push(plan)
        except (PlanStale, NothingToPush):
            assert len(self.account.writes()) == sent
            return None
        except LinkgraphError:
            assert len(self.account.writes()) == sent
            if self._is_calm:
                raise
            return None
        self._ended(pushed, start)
        return pushed

    def resume(self) -> Pushed | None:
        """Take up what was broken off."""
        if self.edits.open_push() is None:
            return None
        start = time.monotonic()
        try:
            pushed = self.edits.resume()
        except LinkgraphError:
            if self._is_calm:
                raise
            return None
        if pushed is not None:
            self._ended(pushed, start)
        return pushed

    def undo(self, push: int | None = None) -> tuple[Plan, tuple[str, ...]]:
        """Plan what takes a push back."""
        start = time.monotonic()
        plan, impossible = self.edits.undo(push)
        self._planned(plan, self._reads(start))
        return plan, impossible

    def finish(self) -> None:
        """Plan and push until nothing is left; what failed or is open is tried again twice."""
        for again in range(3):
            for _ in range(6):
                self.resume()
                plan = self.plan()
                assert plan is not None, "the CRM answers now"
                if not plan.changes:
                    break
                self.push(plan)
            left = self.edits.list(states=(State.FAILED, State.UNKNOWN, State.CONFLICT))
            if again < 2 and left:
                queued = self.edits.resolve([one.id for one in left], Resolution.REQUEUE)
                self.queued |= {one.id for one in (*queued.edits, *queued.replaced)}
        assert self.edits.open_push() is None

    @property
    def _is_calm(self) -> bool:
        return not self.account.simulator.running.faults.rules

    # The laws

    def check(self) -> None:
        """All laws that hold at any moment."""
        self.account.simulator.settle()
        self._no_item_is_sent_blindly()
        self._no_quantity_is_sent_twice()
        self._nothing_is_lost()
        self._only_what_was_asked_for()

    def _reads(self, since: float) -> list[Read]:
        return [read for read in self.account.reads if read.at >= since and read.whole]

    def _planned(self, plan: Plan, reads: list[Read]) -> None:
        """What a plan says of its edits was so when it read."""
        for edit, reason in plan.dropped:
            if reason.startswith("already so") and edit.pair is not None:
                state = _at(_of(reads, edit.pair), edit.pair)
                assert carries(state, _wanted(edit.edit)), (edit, reason, state)
        for conflict in plan.conflicts:
            edit = conflict.edit
            if any(not self.account.has(ref) for ref in (edit.edit.a, edit.edit.b)):
                continue
            assert edit.pair is not None
            read = _of(reads, edit.pair)
            assert read is not None
            assert read.state is not None
            now = read.state.get(edit.pair)
            if edit.edit.verb is Verb.MAIN and now is None:
                continue
            assert edit.base is not None
            same = _bare(now) == _bare(edit.base.link)
            assert not same or set(_slot(edit, read.state)) != set(edit.base.slot), conflict
        for change in plan.changes:
            assert change.before != change.after or change.write != Metadata(), change

    def _ended(self, pushed: Pushed, start: float) -> None:
        """Each change's state after a push is true."""
        push = pushed.outcome.push
        self.spans.setdefault(push, []).append((start, time.monotonic()))
        writes, reads = self._writes_of(push), self._reads(self.spans[push][0][0])
        over = pushed.outcome.state.value in ("done", "stopped")
        for item in pushed.outcome.items:
            own = [write for write in writes if write.pair == item.change.pair]
            self._is_true(item, own, [read for read in reads if _tells(read, item)], over=over)

    def _is_true(self, item: Item, writes: list[Write], reads: list[Read], *, over: bool) -> None:
        pair, wanted = item.change.pair, None if item.change.after is None else item.change.write
        sent = writes[-1].at if writes else 0.0
        later = [read for read in reads if read.at > sent]
        last = later[-1] if later else None
        heard = [
            (one.at, one.whole, _at(one, pair)) for one in self.account.reads if _tells(one, item)
        ]
        told = item.state, item.answer, pair, wanted, writes, heard
        if item.state is State.VERIFIED:
            assert any(carries(_at(read, pair), wanted) for read in later), told
        elif item.state in (State.FAILED, State.UNKNOWN) and over:
            if item.state is State.UNKNOWN:
                assert writes, told
            if item.state is State.FAILED:
                assert last is not None or writes[-1].is_refused, told
            if last is not None:
                assert not carries(_at(last, pair), wanted), told
        elif item.state is State.QUEUED:
            # What was sent all the same was read since, and nothing has come of it.
            shown = [
                read.at for read in reads if _bare(_at(read, pair)) == _bare(item.change.before)
            ]
            theirs = any(note.pair == pair for note in self.account.noted)
            for write in writes:
                assert write.is_refused or theirs or any(write.at < one for one in shown), told
        elif item.state is State.CONFLICT:
            assert all(write.is_refused for write in writes), told
        elif over:
            raise AssertionError(told)

    def _no_item_is_sent_blindly(self) -> None:
        """Between two writes of a link: an answer to the first, or a reading of its owner's."""
        last: dict[Pair, Write] = {}
        for write in self.account.writes():
            before = last.get(write.pair)
            if before is not None:
                assert before.number != write.number, (before, write)
                was_read = any(
                    before.at < read.at < write.at and write.pair[0] in read.cards
                    for read in self.account.reads
                )
                free = before.is_refused or (before.verb != write.verb and before.is_answered)
                assert free or was_read, (before, write)
            last[write.pair] = write

    def _no_quantity_is_sent_twice(self) -> None:
        """Within a push a quantity without an answer is not said again, but after an unlink."""
        for push in self.spans:
            open_since: dict[Pair, Write] = {}
            for write in self._writes_of(push):
                if write.verb == "unlink":
                    open_since.pop(write.pair, None)
                elif "quantity" in write.said:
                    assert write.pair not in open_since, (open_since[write.pair], write)
                    if not write.is_answered:
                        open_since[write.pair] = write

    def _nothing_is_lost(self) -> None:
        """Every edit is there, in one state, and its history leads to it step by step."""
        found = {one.id: one for one in self.edits.list(states=list(State))}
        assert set(found) >= self.queued
        history: dict[int, list[State]] = {}
        for event in self.edits.events():
            history.setdefault(event.edit, []).append(event.state)
        for number, edit in found.items():
            steps = history[number]
            assert steps[0] is State.QUEUED, (edit, steps)
            assert steps[-1] is edit.state, (edit, steps)
            for one, following in pairwise(steps):
                assert following in FOLLOWS[one], (edit, steps)

    def _only_what_was_asked_for(self) -> None:
        """No request names a link that is not among the changes of the push it belongs to."""
        for push in self.spans:
            planned = {item.change.pair for item in self.items(push)}
            assert {write.pair for write in self._writes_of(push)} <= planned

    def items(self, push: int) -> list[Item]:
        """The changes of a push, as the journal has them."""
        return PushBook.of(self.edits.journal, push).items

    def assert_verified_stands(self) -> None:
        """What was verified last of each link is so, where nobody else has touched it since."""
        state = self.account.state
        last: dict[Pair, tuple[Item, float]] = {}
        for push in sorted(self.spans):
            end = self.spans[push][-1][1]
            for item in self.items(push):
                if item.state is State.VERIFIED:
                    last[item.change.pair] = item, end
                else:
                    last.pop(item.change.pair, None)
        touched = {note.pair[0] for note in self.account.noted}
        for pair, (item, _) in last.items():
            if pair[0] in touched or pair[1] in touched:
                continue
            wanted = None if item.change.after is None else item.change.write
            found = state.get(pair)
            if wanted is not None and found is not None and wanted.is_main:
                mains = [
                    far for far in last if far[0] == pair[0] and last[far][0].change.write.is_main
                ]
                wanted = (
                    Metadata(None, wanted.quantity, wanted.price_id) if len(mains) > 1 else wanted
                )
            assert carries(found, wanted), (item, found)

    def _writes_of(self, push: int) -> list[Write]:
        spans = self.spans[push]
        return [
            write
            for write in self.account.writes()
            if any(start <= write.at <= end for start, end in spans)
        ]


def _nothing_to_open() -> NoReturn:
    raise AssertionError("there is no snapshot")


def _wanted(edit: Edit) -> Metadata | None:
    if edit.verb is Verb.UNLINK:
        return None
    return Metadata(is_main=True) if edit.verb is Verb.MAIN else edit.metadata


def _tells(read: Read, item: Item) -> bool:
    return item.change.pair[0] in read.cards


def _of(reads: list[Read], pair: Pair) -> Read | None:
    return next((read for read in reversed(reads) if pair[0] in read.cards), None)


def _at(read: Read | None, pair: Pair) -> Metadata | None:
    assert read is not None
    return None if read.state is None else read.state.get(pair)


def _bare(link: Metadata | None) -> tuple[bool, float | None, int] | None:
    return None if link is None else (bool(link.is_main), link.quantity, link.price_id or 0)


def _slot(edit: QueuedEdit, state: Links) -> list[Ref]:
    assert edit.pair is not None
    owner, other = edit.pair
    if edit.edit.verb is Verb.LINK and other.type is EntityType.COMPANY:
        if str(owner.type) not in ONE_COMPANY:
            return []
        return [far[1] for far in state if far[0] == owner and kind(far)[1] == "company"]
    if edit.edit.verb is Verb.MAIN or edit.edit.metadata.is_main:
        return [far[1] for far, link in state.items() if far[0] == owner and link.is_main]
    return []
