"""Killed at any moment, a push is taken up again, and the account ends as if nothing had been."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from linkgraph.edits.editqueue import Resolution
from linkgraph.edits.edits import Edits
from linkgraph.edits.live import Live
from linkgraph.edits.pushbook import PushBook, PushState
from linkgraph.edits.states import State
from linkgraph.model import Ref
from linkgraph.session import Session
from linkgraph.simulator import Simulator
from tests.edits.kills import (
    NAMED,
    READS,
    WRITES,
    Aim,
    Kill,
    Pushers,
    Stage,
    stage_of,
)
from tests.edits.killworld import SETTLE, fresh, links_of, set_up, world
from tests.edits.sentagain import quantities_sent_blindly, sent_again_unread

KILLS = 100
OF_EACH = 10
#: Runs after which a stage that was not hit often enough will not be.
MOST_RUNS = 90
#: A held request must be done before a settled reading, and be held for long enough to be hit.
HELD = SETTLE * 0.8
#: What may follow upon a state; an edit of several links is in that of the least settled.
FOLLOWS = {
    State.QUEUED: {State.PLANNED, State.DROPPED},
    State.PLANNED: {State.PLANNED, State.SENT, State.QUEUED},
    State.SENT: {State.PLANNED, State.UNKNOWN, State.VERIFIED, State.FAILED, State.QUEUED},
    State.UNKNOWN: {State.SENT, State.PLANNED, State.VERIFIED, State.DROPPED},
    State.FAILED: {State.DROPPED},
    State.VERIFIED: {State.UNDONE},
    State.UNDONE: set(),
    State.DROPPED: set(),
}


@dataclass(frozen=True, slots=True)
class End:
    """What a queue has come to."""

    links: dict[tuple[Any, ...], dict[str, Any]]
    states: dict[tuple[Ref, Ref], State]
    """What became of the edits of each two cards; there is one that was not queued anew."""
    before: Live
    """The cards as the first push found them."""
    requeued: tuple[int, ...]


class Account:
    """The account, its queue, and how it ends where nobody kills anything."""

    def __init__(self, simulator: Simulator, folder: Path) -> None:
        self.simulator = simulator
        self.folder = folder
        self.template = set_up(simulator, folder)
        self.start = links_of(simulator)
        home = fresh(simulator, self.template, folder / "unbroken")
        self.unbroken = finish(simulator, home)
        undo_all(simulator, home, self.start)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_at_a_hundred_moments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """However often a push is killed: no edit lost, nothing sent blindly, the end as unbroken."""
    with Simulator(world(), rate=None) as simulator:
        hit, runs = _kill(Account(simulator, tmp_path), KILLS, OF_EACH)
    with capsys.disabled():  # the histogram is to be seen
        print(f"\n{hit.total()} kills in {runs} runs:")  # noqa: T201
        for stage in Stage:
            print(f"  {stage:24}{hit[stage]:4}  {'#' * hit[stage]}")  # noqa: T201
    assert all(hit[stage] >= OF_EACH for stage in NAMED)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_where_linking_again_is_refused(tmp_path: Path) -> None:
    """The same where a link must be unlinked to carry something else: it is never left behind."""
    with Simulator(world(), rate=None, relink="500") as simulator:
        _kill(Account(simulator, tmp_path), kills=6, of_each=1)


def _kill(account: Account, kills: int, of_each: int) -> tuple[Counter[Stage], int]:
    """Kill pushes until there were so many kills, in all and of each named stage."""
    hit: Counter[Stage] = Counter()
    runs = 0
    with Pushers() as pushers:
        while hit.total() < kills or any(hit[stage] < of_each for stage in NAMED):
            assert runs < MOST_RUNS, f"kills by stage: {dict(hit)}"
            aims = _aims(random.Random(runs), hit)
            hit.update(_one_run(account, pushers, aims, runs))
            runs += 1
    return hit, runs


def _aims(chance: random.Random, hit: Counter[Stage]) -> list[Aim]:
    """Six to nine kills of one queue, three of them at what was hit least.

    What a queue is brought to its end with, and held to, costs as much as some kills.
    """
    least = sorted(NAMED, key=lambda stage: (hit[stage], chance.random()))
    wanted = [*least[:3], *chance.choices(list(Stage), k=6)]
    if chance.random() < 0.2:
        wanted.insert(0, Stage.PLANNING)
    # In the order in which a push comes by, so that there is something left to hit.
    order = (Stage.PLANNING, Stage.PLANNED)
    last = (Stage.READ_BACK, Stage.PUBLISHING)
    wanted = sorted(
        wanted[: chance.randint(6, 9)], key=lambda stage: (stage in last, stage not in order)
    )
    return [_aim(chance, stage, 25 if place == 0 else 5) for place, stage in enumerate(wanted)]


def _aim(chance: random.Random, stage: Stage, writes: int) -> Aim:
    """When to kill so that a stage is likely hit, where so many requests are still to be sent."""

    def held(match: str, when: str, skip: int) -> dict[str, Any]:
        times = chance.randint(1, 4)
        fault = {"action": "delay", "match": match, "when": when, "skip": skip}
        return {**fault, "seconds": HELD, "times": times}

    soon = chance.uniform(0, 0.02)
    match stage:
        case Stage.PLANNED:
            return Aim(halt="trying a few:1")
        case Stage.MARKED:
            return Aim(halt=f"marked:{chance.randint(1, 1 + writes // 2)}")
        case Stage.IN_FLIGHT:
            return Aim(fault=held(WRITES, "before", chance.randint(0, writes)), seconds=soon)
        case Stage.UNANSWERED | Stage.UNREAD:
            return Aim(fault=held(WRITES, "after", chance.randint(0, writes)), seconds=soon)
        case Stage.READ_BACK if chance.random() < 0.5:
            return Aim(fault=held(READS, "after", 0), after_a_write=True, seconds=soon)
        case Stage.READ_BACK:
            last = held(READS, "before", chance.randint(0, 3))
            return Aim(halt="reading back:1", fault=last, seconds=soon)
        case Stage.PLANNING:
            return Aim(fault=held(READS, "before", chance.randint(0, 7)), seconds=soon)
        case Stage.PUBLISHING:
            return Aim(halt="reading back:2", seconds=chance.uniform(0, 0.5))
        case Stage.SETTLING:
            return Aim(halt="settling:1", seconds=chance.uniform(0, 3 * SETTLE))
        case _:
            return Aim(seconds=chance.uniform(0, 3))


def _one_run(account: Account, pushers: Pushers, aims: Sequence[Aim], number: int) -> list[Stage]:
    """Kill the pushes of one queue, bring it to its end, and hold that to every promise."""
    simulator = account.simulator
    home = fresh(simulator, account.template, account.folder / f"run{number}")
    kills: list[Kill] = []
    for aim in aims:
        kill = pushers.kill(home, aim, simulator)
        if kill is None:
            break
        kills.append(kill)
    end = finish(simulator, home)
    assert end.links == account.unbroken.links
    assert end.states == account.unbroken.states
    for card in account.unbroken.before.cards:
        assert end.before.told_by(card) == account.unbroken.before.told_by(card)
    with Session.open(home=home) as session:
        assert_told(session.edits, end)
    log = simulator.requests()
    if number % 5 == 0:
        undo_all(simulator, home, account.start)
    assert sent_again_unread(simulator.requests()) == []
    return [stage_of(kill, log) for kill in kills]


def finish(simulator: Simulator, home: Path) -> End:
    """Take up what was broken off and push until nothing is left, as the owner of the queue."""
    requeued: list[int] = []
    with Session.open(home=home) as session:
        edits = session.edits
        taken_up = edits.resume()
        if taken_up is not None:
            assert (taken_up.outcome.error, taken_up.outcome.surprises) == (None, ())
        assert quantities_sent_blindly(simulator.requests()) == []
        for _ in range(5):
            stuck = edits.list(states=[State.UNKNOWN])
            requeued += [one.id for one in stuck]
            if stuck:
                edits.resolve([one.id for one in stuck], Resolution.REQUEUE)
            plan = edits.plan()
            assert (plan.conflicts, plan.skipped) == ((), ())
            if not plan.changes:
                break
            pushed = edits.push(plan)
            assert (pushed.outcome.error, pushed.outcome.surprises) == (None, ())
        else:
            raise AssertionError("five pushes were not enough")
        simulator.settle()
        assert {one.state for one in edits.pushes()} == {PushState.DONE}
        states = {
            (one.edit.a, one.edit.b): one.state
            for one in edits.journal.edits()
            if one.id not in requeued
        }
        first = PushBook.of(edits.journal, 1).cards("before")
        return End(links_of(simulator), states, first, tuple(requeued))


def undo_all(simulator: Simulator, home: Path, start: dict[tuple[Any, ...], Any]) -> None:
    """Take back every push of a home, the last one first; the world is as it was."""
    with Session.open(home=home) as session:
        edits = session.edits
        done = [one.id for one in edits.pushes() if State.VERIFIED in one.counts]
        for push in done:
            plan, impossible = edits.undo(push)
            assert (plan.conflicts, impossible) == ((), ())
            outcome = edits.push(plan).outcome
            assert (outcome.state, outcome.surprises) == (PushState.DONE, ())
    assert links_of(simulator) == start


def assert_told(edits: Edits, end: End) -> None:
    """Every edit's story is whole: from queued, step by step, to the state that it is in."""
    stories: dict[int, list[State]] = {}
    for event in edits.events():
        stories.setdefault(event.edit, []).append(event.state)
    for edit in edits.journal.edits():
        story = stories[edit.id]
        assert (story[0], story[-1]) == (State.QUEUED, edit.state), edit
        for was, became in pairwise(story):
            assert became in FOLLOWS[was], (edit, story)
        if edit.id in end.requeued:
            assert edit.state is State.DROPPED
