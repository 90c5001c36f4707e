"""From a route to what its answer says: paced, sent, repeated where that is safe, and read.

Invariant: whatever is not the answer asked for leaves here as a typed error.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from linkgraph import errors
from linkgraph.amocrm import bodies, problems, retries
from linkgraph.amocrm.pacing import Pacer
from linkgraph.amocrm.problems import Answer, Redactor
from linkgraph.amocrm.retries import RetryPolicy
from linkgraph.amocrm.routes import Route
from linkgraph.amocrm.stats import Stats
from linkgraph.amocrm.transport import Transport

T = TypeVar("T")


class Exchange:
    """Sends routes through a pacer and a transport, at most `concurrency` at a time."""

    def __init__(
        self,
        transport: Transport,
        pacer: Pacer,
        *,
        concurrency: int,
        policy: RetryPolicy,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._transport = transport
        self._pacer = pacer
        self._places = asyncio.Semaphore(concurrency)
        self._policy = policy
        self._clock = clock
        self._today = today
        self.stats = Stats()
        self.redact = Redactor(transport.token)

    async def ask(
        self, route: Route, read: Callable[[bytes], T], content: bytes | None = None
    ) -> T:
        """Send, repeat as `retries` allows, and read the body of a 200 (or nothing, of a 204).

        Args:
            route: what to ask.
            read: makes sense of the body; raises `bodies.Malformed` where there is none.
            content: the body to send.

        Raises:
            ApiError: the CRM did not do what was asked.
        """

        async def once() -> T:
            return self._read(route, await self._send(route, content), read)

        return await retries.attempt(
            once,
            policy=self._policy,
            writes=route.writes,
            shrinkable=route.shrinkable,
            sleep=self._pacer.rest,
            before_retry=self._count_retry,
        )

    async def _send(self, route: Route, content: bytes | None) -> Answer:
        async with self._places:
            turn = await self._pacer.turn(route.pace_class)
            self.stats.sent(route.kind, self._clock())
            self.stats.in_flight += 1
            try:
                answer = await self._transport.send(route, content, lambda: self._pacer.left(turn))
            except errors.ConnectionFailed:
                await self._pacer.abandoned(turn)
                raise
            finally:
                self.stats.in_flight -= 1
        self.stats.bytes_received += len(answer.body)
        if answer.status in {200, 204}:
            # A 204 is quicker than an answer with something in it, and no measure for it.
            kind = route.pace_class if answer.status == 200 else f"{route.pace_class}:204"
            await self._pacer.answered(turn, kind)
            return answer
        error = problems.from_answer(route, answer, self.redact, now=self._today())
        if isinstance(error, errors.RateLimited):
            self.stats.refused += 1
            await self._pacer.refused(turn, error.retry_after)
        elif isinstance(error, errors.AccountBlocked):
            await self._pacer.block()
        raise error

    def _read(self, route: Route, answer: Answer, read: Callable[[bytes], T]) -> T:
        if answer.status == 200 and answer.is_html:
            raise problems.not_amocrm(route, answer)
        try:
            return read(b"" if answer.status == 204 else answer.body)
        except bodies.Malformed as exc:
            why, truncated = str(exc), exc.truncated
        # Raised out here: the cause quotes the body, which may hold the token.
        raise problems.malformed(route, answer, why, self.redact, retryable=truncated)

    def _count_retry(self, error: errors.ApiError) -> None:
        self.stats.retries += 1
