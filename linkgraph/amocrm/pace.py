"""The law of the pace, as arithmetic on a small state; no clock, no file, no waiting.

The CRM counts requests as they **arrive**: no more than 7 in any 1.0 s. What is known here is when
a request was sent and when its answer came. Of the time between, the fastest request of its kind
shows how much is inevitable; what a request took longer, its **lateness**, bounds how much later
than the fastest it may have arrived. If `s` is when a request was sent and `e` its lateness, then
two rules hold for one sent at `t`:

- the window: at most `n - 1` earlier ones have `s + e > t - 1.0`. Since no request travels faster
  than the fastest, no eight can then arrive within a second, whatever delays the others met;
- the slots: slots are 1.022 / n seconds apart, which at 7 a second is 146 ms and 6.85 a second
  (design, «Ingest»). A slot that was missed by a few ms may be made up for, never more than
  `CATCH_UP`, so that late timers do not add up and nothing bursts.

While latencies vary by less than 20 ms the slots alone decide; the window rule costs nothing.
A request in flight is taken to be as late as any lately seen, or as its age already shows; one
that was given leave and has not left this machine yet, as if it were to leave now. All lateness
is capped at `MAX_LATENESS`: a server that is slow now and then is not a slow road.
"""

from dataclasses import dataclass

import msgspec

MAX_LATENESS = 0.35
"""Seconds. The promise covers roads that delay a request by 0.3, and machines that add a little."""
CATCH_UP = 0.05
"""Seconds by which a slot may be late without moving the slots after it."""
SLACK = 1.022
"""Slots are this much further apart than the law asks: timers and sockets are not exact."""
MARGIN = 0.008
"""Seconds added to a window: clocks, sockets and the servers' own noise are not exact either."""
HELD_UP = 5.0
"""Seconds for which a request that has leave is expected to leave: a connection takes its time,
and a process that was killed must not hold up the others."""
RECENT = 64
"""Requests remembered."""
DOUBT = 6.0
"""How many times its likely error is added to a lateness that is measured against few answers."""
CAUTIOUS = 30
"""Answers after which the first caution (lateness unknown: take the cap) has faded."""
EPOCH = 60.0
"""Seconds. The fastest of a kind is the fastest of this epoch and the last."""
RECOVERY = 120.0
"""Seconds in which a pace halved by a 429 comes back from 0 to the whole."""
PATIENCE = 3600.0
"""Seconds: the longest wait that a 429 can impose on those who come after."""
SLOWEST = 1 / 16
"""The pace is halved no further than to this share of the rate."""
MAX_KINDS = 32


class Sent(msgspec.Struct, array_like=True, gc=False):
    """A request. `at` is when it was given leave, then when it left; times are in seconds."""

    serial: int
    at: float
    kind: str
    has_left: bool = False
    latency: float | None = None
    """From leaving to the answer; None until then."""


class Fastest(msgspec.Struct, array_like=True, gc=False):
    """The fastest answers of one kind of request, of this epoch and the one before."""

    epoch: int
    latency: float
    count: int
    latency_before: float
    count_before: int

    @property
    def best(self) -> float:
        """The latency, in seconds, that no answer of the kind fell below."""
        return min(self.latency, self.latency_before)

    @property
    def seen(self) -> int:
        """How many answers `best` was chosen from."""
        return self.count + self.count_before


class PaceState(msgspec.Struct):
    """What processes of one account share. All times are on one monotonic clock."""

    serial: int = 0
    next_slot: float = 0.0
    sent: list[Sent] = []
    fastest: dict[str, Fastest] = {}
    answers: int = 0
    factor: float = 1.0
    """Share of the rate right after the last 429."""
    refused_at: float | None = None
    not_before: float = 0.0
    blocked_at: float | None = None


@dataclass(frozen=True, slots=True)
class Law:
    """At most `count` requests in any `window` seconds, evenly."""

    count: int
    window: float

    @classmethod
    def of(cls, rate: float) -> "Law":
        """The law for a rate a second. 3.5 means 3 in any second; 0.5 means 1 in any 2 seconds."""
        if not rate > 0:
            raise ValueError(f"a rate is a positive number of requests a second, not {rate}")
        return cls(int(rate), 1.0) if rate >= 1 else cls(1, 1 / rate)

    def spacing(self, state: PaceState, now: float) -> float:
        """Seconds between slots, wider for a while after a 429."""
        return SLACK * self.window / self.count / factor(state, now)

    def earliest(self, state: PaceState, now: float) -> float:
        """When the next request may go, as far as is known now; it may turn out later."""
        spread = lateness_seen(state)
        ends = sorted((_end(state, one, now, spread) for one in state.sent), reverse=True)
        window = 0.0
        if len(ends) >= self.count:
            window = ends[self.count - 1] + self.window + MARGIN
        return max(state.next_slot, state.not_before, window)

    def take(self, state: PaceState, now: float, kind: str) -> Sent:
        """Record that a request is given leave now."""
        if state.sent and now - state.sent[-1].at > 2 * EPOCH:
            state.answers, state.fastest = 0, {}  # roads change meanwhile
        spacing = self.spacing(state, now)
        state.next_slot = max(state.next_slot, now - min(CATCH_UP, spacing / 3)) + spacing
        state.serial += 1
        one = Sent(state.serial, now, kind)
        state.sent = [*state.sent[1 - RECENT :], one]
        return one


def factor(state: PaceState, now: float) -> float:
    """The share of the rate that is used now: halved by a 429, recovered little by little."""
    if state.refused_at is None:
        return 1.0
    return min(1.0, state.factor + max(0.0, now - state.refused_at) / RECOVERY)


def left(state: PaceState, serial: int, now: float) -> None:
    """Record that a request has left this machine, some while after it was given leave."""
    one = _find(state, serial)
    if one is not None:
        one.at, one.has_left = now, True


def abandoned(state: PaceState, serial: int) -> None:
    """Record that a request ended; one that never left is forgotten."""
    state.sent = [one for one in state.sent if one.serial != serial or one.has_left]


def answered(state: PaceState, serial: int, now: float, kind: str) -> None:
    """Record that a request was answered as asked, as one of `kind`."""
    one = _find(state, serial)
    if one is not None:
        one.latency, one.kind, one.has_left = max(0.0, now - one.at), kind, True
        _learn(state, one, now)


def refused(state: PaceState, sent_at: float, now: float, wait: float) -> None:
    """Record a 429. One that was on its way when the pace was halved does not halve it again."""
    state.not_before = max(state.not_before, now + min(wait, PATIENCE))
    if state.refused_at is None or sent_at > state.refused_at:
        state.factor = max(SLOWEST, factor(state, now) / 2)
        state.refused_at = now


def lateness_seen(state: PaceState) -> float:
    """The greatest lateness of the last answers, and the cap while there are too few to know."""
    unknown = MAX_LATENESS * (1 - state.answers / CAUTIOUS)
    seen = (
        one.latency - state.fastest[one.kind].best
        for one in state.sent
        if one.latency is not None and one.kind in state.fastest
    )
    return min(MAX_LATENESS, max(unknown, max(seen, default=0.0)))


def sane(state: PaceState, now: float) -> bool:
    """Whether a state may be of this boot's clock: nothing in it has yet to happen."""
    past = [one.at for one in state.sent]
    past += [moment for moment in (state.refused_at, state.blocked_at) if moment is not None]
    return all(moment <= now + 0.001 for moment in past) and (
        max(state.next_slot, state.not_before) < now + PATIENCE + 60
    )


def _find(state: PaceState, serial: int) -> Sent | None:
    return next((one for one in reversed(state.sent) if one.serial == serial), None)


def _end(state: PaceState, one: Sent, now: float, spread: float) -> float:
    """The latest moment at which a request can have set out, had it been as fast as any."""
    if not one.has_left and now - one.at < HELD_UP:
        return now + spread
    return one.at + _lateness(state, one, now, spread)


def _lateness(state: PaceState, one: Sent, now: float, spread: float) -> float:
    fastest = state.fastest.get(one.kind)
    took = now - one.at if one.latency is None else one.latency
    if fastest is None:
        return spread
    late = max(0.0, took - fastest.best)
    if one.latency is None:
        late = max(late, spread)
    # The fastest of a few was itself late: of `seen` even delays by about spread / seen.
    return min(MAX_LATENESS, late + DOUBT * spread / fastest.seen)


def _learn(state: PaceState, one: Sent, now: float) -> None:
    epoch = int(now / EPOCH)
    latency = one.latency or 0.0
    known = state.fastest.pop(one.kind, None)
    if known is None or epoch - known.epoch > 1:
        known = Fastest(epoch, latency, 0, latency, 0)
    elif epoch > known.epoch:
        known = Fastest(epoch, latency, 0, known.latency, known.count)
    known.latency = min(known.latency, latency)
    known.count += 1
    state.fastest[one.kind] = known  # put back last: the first is the one longest unused
    while len(state.fastest) > MAX_KINDS:
        state.fastest.pop(next(iter(state.fastest)))
    state.answers = min(state.answers + 1, CAUTIOUS)
