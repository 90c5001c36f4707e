"""The law of the pace in virtual time: no second sees more than 7 arrive, few slots are lost."""

import heapq
import itertools
import random
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkgraph.amocrm import pace
from linkgraph.amocrm.pace import Law, PaceState


@dataclass
class Road:
    """What lies between the processes and the server; seconds."""

    processes: int = 1
    jitter: float = 0.0
    service: float = 0.6
    noise: float = 0.004
    held_up: float = 0.002
    late_timer: float = 0.002


@dataclass
class Journey:
    """How many requests fared."""

    seconds: float
    arrivals: list[float]

    def busiest(self, window: float = 1.0) -> int:
        """The most arrivals in any sliding window."""
        ends = itertools.count()
        first = next(ends)
        most = 0
        for last, arrival in enumerate(self.arrivals):
            while arrival - self.arrivals[first] >= window:
                first = next(ends)
            most = max(most, last - first + 1)
        return most


def travel(road: Road, count: int, seed: int, rate: float = 7.0) -> Journey:
    """Let processes that share a state send `count` requests, 8 in flight each at most."""
    chance = random.Random(seed)
    law, state = Law.of(rate), PaceState()
    start = 1000.0
    order = itertools.count()
    agenda: list[tuple[float, int, int, int]] = []  # when, tie-break, process, serial (0: a waiter)
    left = [count // road.processes] * road.processes
    flying = [0] * road.processes
    waiting = [False] * road.processes
    arrivals: list[float] = []
    now = start

    def wait(process: int) -> None:
        if waiting[process] or not left[process] or flying[process] == 8:
            return
        waiting[process] = True
        moment = max(now, law.earliest(state, now)) + chance.uniform(0, road.late_timer)
        heapq.heappush(agenda, (moment, next(order), process, 0))

    for process in range(road.processes):
        wait(process)
    while agenda:
        now, _, process, serial = heapq.heappop(agenda)
        if serial < 0:  # a request that has leave is written to its connection
            pace.left(state, -serial, now)
            arrivals.append(now + chance.uniform(0, road.noise) + chance.uniform(0, road.jitter))
            answer = arrivals[-1] + road.service + chance.uniform(0, road.noise)
            heapq.heappush(agenda, (answer, next(order), process, -serial))
        elif serial:
            pace.answered(state, serial, now, "kind")
            flying[process] -= 1
        else:
            waiting[process] = False
            if law.earliest(state, now) <= now:
                sent = law.take(state, now, "kind")
                left[process] -= 1
                flying[process] += 1
                leaves = now + chance.uniform(0, road.held_up)
                heapq.heappush(agenda, (leaves, next(order), process, -sent.serial))
        wait(process)
    return Journey(now - start, sorted(arrivals))


@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("service", [0.02, 0.6])
@settings(max_examples=12, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), jitter=st.sampled_from([0.0, 0.02, 0.1, 0.3]))
def test_no_second_sees_more_than_seven(
    processes: int, service: float, seed: int, jitter: float
) -> None:
    """Whatever delays the requests meet on the way, up to 0.3 s, from however many processes."""
    journey = travel(Road(processes=processes, jitter=jitter, service=service), 120, seed)
    assert journey.busiest() <= 7


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), noise=st.sampled_from([0.02, 0.05, 0.1]))
def test_noise_on_the_way_and_in_the_server_together_break_no_limit(
    seed: int, noise: float
) -> None:
    """The answer's time then tells less of the arrival's; it is still never trusted too far."""
    assert travel(Road(jitter=0.05, noise=noise), 120, seed).busiest() <= 7


@pytest.mark.parametrize("service", [0.02, 0.6])
@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), held_up=st.sampled_from([0.05, 0.3, 1.0, 2.0]))
def test_a_request_counts_from_when_it_leaves(service: float, seed: int, held_up: float) -> None:
    """A slow connection or a busy machine between the leave and the leaving breaks no limit."""
    journey = travel(Road(held_up=held_up, service=service), 80, seed)
    assert journey.busiest() <= 7


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize(
    ("jitter", "noise", "late_timer"),
    [(0.0, 0.004, 0.002), (0.0, 0.015, 0.002), (0.0, 0.004, 0.03)],
    ids=["calm", "noisy", "late timers"],
)
def test_on_a_calm_road_nearly_every_slot_is_used(
    processes: int, jitter: float, noise: float, late_timer: float
) -> None:
    """1.05 x N/7 s + 4 x latency is kept with room to spare; late timers do not add up."""
    road = Road(processes=processes, jitter=jitter, noise=noise, late_timer=late_timer)
    journey = travel(road, 300, seed=1)
    assert journey.seconds <= 1.03 * 300 / 7 + 2 * road.service
    assert journey.busiest() <= 7


def test_a_jittery_road_costs_no_more_than_it_must() -> None:
    """With 0-300 ms before arrival 6.09 a second is the most that is safe; 5.7 is reached."""
    journey = travel(Road(jitter=0.3, noise=0.0, held_up=0.0), 300, seed=1)
    assert 300 / (journey.seconds - 0.75) >= 5.7


def test_nothing_bursts() -> None:
    """Two requests are never sent less than 90 ms apart, not even to make up for lost time."""
    journey = travel(Road(noise=0.0, held_up=0.0, late_timer=0.2), 100, seed=3)
    assert min(b - a for a, b in itertools.pairwise(journey.arrivals)) > 0.09


@pytest.mark.parametrize(
    ("rate", "count", "window"), [(7, 7, 1), (3.5, 3, 1), (1, 1, 1), (0.5, 1, 2), (20, 20, 1)]
)
def test_other_rates_keep_their_own_law(rate: float, count: int, window: float) -> None:
    """People who share the budget set a lower rate: no sliding window has more than that."""
    journey = travel(Road(jitter=0.1), 40, seed=5, rate=rate)
    assert journey.busiest(window) <= count
    assert journey.seconds <= 1.25 * 40 * window / count + 2


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_rate_is_a_positive_number(rate: float) -> None:
    """There is no pace of nothing a second."""
    with pytest.raises(ValueError, match="positive"):
        Law.of(rate)


def test_a_refusal_halves_the_pace_once_and_it_comes_back_slowly() -> None:
    """The answers that were on their way when the first 429 came do not halve it again."""
    law, state = Law.of(7), PaceState()
    usual = law.spacing(state, 0.0)
    pace.refused(state, sent_at=9.9, now=10.0, wait=1.0)
    pace.refused(state, sent_at=9.8, now=10.1, wait=1.0)
    assert law.spacing(state, 10.1) == pytest.approx(2 * usual, rel=0.01)
    assert state.not_before == pytest.approx(11.1)
    assert 1.2 * usual < law.spacing(state, 40.0) < 2 * usual
    assert law.spacing(state, 75.0) == usual
    pace.refused(state, sent_at=75.0, now=75.6, wait=0.0)
    pace.refused(state, sent_at=76.0, now=76.6, wait=0.0)
    assert law.spacing(state, 76.6) == pytest.approx(4 * usual, rel=0.05)


def test_the_pace_never_stops_altogether() -> None:
    """A hundred refusals slow it down to a sixteenth and no further."""
    state = PaceState()
    for moment in range(100):
        pace.refused(state, sent_at=moment, now=moment + 0.5, wait=0.0)
    assert pace.factor(state, 99.5) >= pace.SLOWEST


def test_the_state_stays_small() -> None:
    """Requests and kinds of request are forgotten, so that the file has room for them all."""
    law, state = Law.of(7), PaceState()
    for moment in range(300):
        sent = law.take(state, float(moment), f"kind {moment}")
        pace.answered(state, sent.serial, moment + 0.5, sent.kind)
    assert len(state.sent) == pace.RECENT
    assert len(state.fastest) == pace.MAX_KINDS
