"""Turns: who may send a request, and when (the law itself is in `pace`).

One waiter of a process at a time works out the next moment and sleeps until then; the others queue
behind it in order. Nothing is reserved beforehand, so a waiter that is cancelled or killed leaves
nothing behind, and the moment is worked out again on waking, when another process may have used it.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from linkgraph.amocrm import pace, problems
from linkgraph.amocrm.pace import Law, PaceState
from linkgraph.amocrm.pacefile import Memory, PaceFile

LIMIT = 7.0
"""Requests a second that the CRM allows an integration, or on kommo.com an IP
(amocrm-api section 4)."""
_STEP = 0.1
"""Seconds of a longer sleep after which it is seen what happened meanwhile: a block, say."""
_REFUSED_WAIT = 1.0
"""Seconds that all wait after a 429 that names none: the window is then empty."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Leave to send one request, now."""

    serial: int
    at: float
    kind: str


class Pacer:
    """Gives out turns at a rate, together with all pacers that share its file.

    A pacer belongs to one event loop; what it learnt outlives it in the file.

    Args:
        rate: requests a second; no more than that arrive in any second. `math.inf` lifts it, for
            simulated accounts without a limit. Fractions are rounded down (3.5 is 3), below one
            they are one request in so many seconds.
        path: the shared file: one an account, or one a machine where the CRM counts by IP
            (`Address.counts_by_ip`). None: this process alone.
        clock: seconds, monotonic and the same for all processes of the machine.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        rate: float = LIMIT,
        path: Path | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.rate = rate
        self._law = None if math.isinf(rate) and rate > 0 else Law.of(rate)
        self._clock = clock
        self._sleep = sleep
        self._since = clock()
        self._held_until = 0.0
        self._queue = asyncio.Lock()
        self._store: Memory | PaceFile = Memory(clock)
        if path is not None and self._law is not None:
            self._store = PaceFile(path, clock=clock, sleep=sleep)

    def __repr__(self) -> str:
        return f"Pacer(rate={self.rate})"

    @property
    def held_for(self) -> float:
        """Seconds for which the CRM has asked, by a 429, that nothing be sent; 0 as a rule."""
        return max(0.0, self._held_until - self._clock())

    async def turn(self, kind: str = "") -> Turn:
        """Wait for leave to send a request of a kind (requests that take about equally long).

        Raises:
            AccountBlocked: the account was blocked since this pacer was made.
            HomeUnusable: the shared file cannot be used.
        """
        async with self._queue:
            while True:
                turn = await self._store.change(lambda state, now: self._try(state, now, kind))
                if isinstance(turn, Turn):
                    return turn
                await self._sleep(min(turn, _STEP))

    async def left(self, turn: Turn) -> None:
        """Tell that the request has left: connecting, or a busy machine, may have held it up."""
        if self._law is not None:
            await self._store.change(lambda state, now: pace.left(state, turn.serial, now))

    async def abandoned(self, turn: Turn) -> None:
        """Tell that no answer will come; if the request never left, its turn is free again."""
        if self._law is not None:
            await self._store.change(lambda state, now: pace.abandoned(state, turn.serial))

    async def answered(self, turn: Turn, kind: str | None = None) -> None:
        """Tell that a request was answered as asked, as one of `kind` if that differs."""
        if self._law is not None:
            await self._store.change(
                lambda state, now: pace.answered(state, turn.serial, now, kind or turn.kind)
            )

    async def refused(self, turn: Turn, wait: float | None) -> None:
        """Tell of a 429 and the wait, in seconds, that came with it: all wait, at half the pace."""
        wait = _REFUSED_WAIT if wait is None else wait
        await self._store.change(lambda state, now: pace.refused(state, turn.at, now, wait))
        self._held_until = self._clock() + wait

    async def block(self) -> None:
        """Tell that the gateway blocks the account: all that wait, here and elsewhere, give up."""
        await self._store.change(_block)

    async def rest(self, seconds: float) -> None:
        """Sleep, unless the account is or becomes blocked.

        Raises:
            AccountBlocked: as `turn` does.
        """
        while True:
            await self._store.change(self._check)
            if seconds <= 0:
                return
            step = min(seconds, _STEP)
            await self._sleep(step)
            seconds -= step

    def _try(self, state: PaceState, now: float, kind: str) -> Turn | float:
        """A turn if one is due; else the seconds until one may be."""
        self._check(state, now)
        earliest = state.not_before if self._law is None else self._law.earliest(state, now)
        if earliest > now:
            return earliest - now
        serial = 0 if self._law is None else self._law.take(state, now, kind).serial
        return Turn(serial, now, kind)

    def _check(self, state: PaceState, now: float) -> None:
        self._held_until = state.not_before
        if state.blocked_at is not None and state.blocked_at >= self._since:
            raise problems.blocked()


def _block(state: PaceState, now: float) -> None:
    state.blocked_at = now
