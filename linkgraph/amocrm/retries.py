"""When the same request may be sent again, and after what wait.

Reads are repeated after 5xx, broken connections and cut answers. Writes are repeated after one
thing only: 429, which says that nothing was done (design, «Edits»). What else becomes of a write
without an answer is for the caller to find out by reading.
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

from linkgraph import errors

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently. Waits are in seconds."""

    attempts: int = 6
    first_wait: float = 0.5
    first_wait_refused: float = 1.0
    """The first wait after a 429 that names none: the CRM's own window is one second long."""
    max_wait: float = 30.0
    max_asked_wait: float = 900.0
    """The longest wait that a server may ask for; beyond it the error goes to the caller."""
    gateway_timeouts: int = 2
    """Attempts that may end in 504 where asking for less is the better cure (mass lists)."""


async def attempt(
    send: Callable[[], Awaitable[T]],
    *,
    policy: RetryPolicy,
    writes: bool,
    shrinkable: bool,
    sleep: Sleep,
    before_retry: Callable[[errors.ApiError], None],
    jitter: Callable[[], float] = random.random,
) -> T:
    """Send until it succeeds, the error is final, or the attempts are used up.

    Args:
        send: one attempt.
        policy: the limits.
        writes: whether the request changes the account.
        shrinkable: whether the caller can ask for less, so that a second 504 is final.
        sleep: the wait between attempts; may raise to end it all (the account was blocked).
        before_retry: told of each error that is about to be retried.
        jitter: 0 to 1, so that processes do not come back in step.

    Raises:
        ApiError: the last attempt's.
    """
    timeouts = 0

    def again(error: BaseException) -> bool:
        nonlocal timeouts
        if isinstance(error, errors.RateLimited):
            return (error.retry_after or 0.0) <= policy.max_asked_wait
        if writes or not isinstance(error, errors.ApiError):
            return False
        if isinstance(error, errors.GatewayTimeout) and shrinkable:
            timeouts += 1
            return timeouts < policy.gateway_timeouts
        return error.retryable

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        refused = isinstance(error, errors.RateLimited)
        if isinstance(error, errors.RateLimited) and error.retry_after is not None:
            return error.retry_after + 0.1 * jitter()
        first = policy.first_wait_refused if refused else policy.first_wait
        wait = min(policy.max_wait, first * 2.0 ** (state.attempt_number - 1))
        return wait * (0.75 + 0.5 * jitter())

    def told(state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, errors.ApiError):
            before_retry(error)

    retrying = tenacity.AsyncRetrying(
        stop=tenacity.stop_after_attempt(policy.attempts),
        retry=tenacity.retry_if_exception(again),
        wait=wait,
        sleep=sleep,
        before_sleep=told,
        reraise=True,
    )
    return await retrying(send)
