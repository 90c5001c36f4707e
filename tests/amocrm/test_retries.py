"""How long to wait after a refusal: whose word counts, and when to give up."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

import httpx
import pytest

from linkgraph import errors
from linkgraph.amocrm.problems import Answer, retry_after
from linkgraph.model import EntityType

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
Open = Callable[..., Any]


class Clock(Protocol):
    """A clock that moves when somebody sleeps."""

    now: float
    slept: list[float]


@pytest.mark.parametrize(
    ("header", "body", "seconds"),
    [
        ("2", {"retry_after": 300}, 2),
        ("2.5", None, 2.5),
        ("Thu, 01 Jan 2026 12:00:07 GMT", None, 7),
        ("Thu, 01 Jan 2026 11:00:00 GMT", None, 0),
        ("soon", {"retry_after": 300}, 300),
        ("", {"retry_after": "45"}, 45),
        ("", {"retry_after": None}, None),
        ("", {"retry_after": "inf"}, None),
        ("", {"retry_after": -1}, None),
        ("", {"title": "Too Many Requests"}, None),
        ("", None, None),
        ("-5", None, None),
    ],
)
def test_the_header_counts_then_the_body(
    header: str, body: dict[str, Any] | None, seconds: float | None
) -> None:
    """Seconds or an HTTP date; what cannot be a wait is none (amocrm-api section 4)."""
    assert retry_after(Answer(429, b"", retry_after=header), body, NOW) == seconds


async def refused_then_fine(
    open_client: Open, clock: Clock, *refusals: httpx.Response
) -> tuple[float, int]:
    """Seconds waited, and requests sent, until an answer came."""
    answers = [*refusals, httpx.Response(204)]
    asked = 0

    def server(_: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return answers.pop(0)

    began = clock.now
    async with open_client(server) as client:
        await client.cards(EntityType.LEAD, 1)
        assert client.stats.refused == len(refusals)
    return clock.now - began, asked


async def test_the_wait_that_was_asked_for_is_kept(open_client: Open, clock: Clock) -> None:
    """By the header, by the body, and not by much more."""
    waited, _ = await refused_then_fine(
        open_client, clock, httpx.Response(429, headers={"retry-after": "20"}, html="<h1>")
    )
    assert 20 <= waited <= 21
    waited, _ = await refused_then_fine(
        open_client, clock, httpx.Response(429, json={"title": "x", "retry_after": 300})
    )
    assert 300 <= waited <= 301


async def test_without_a_word_the_waits_grow(open_client: Open, clock: Clock) -> None:
    """HTML and no header, as amoCRM's gateway answers: 1, 2, 4 s, give or take a quarter."""
    refusals = [httpx.Response(429, html="<h1>429</h1>") for _ in range(3)]
    waited, asked = await refused_then_fine(open_client, clock, *refusals)
    assert 0.75 * 7 <= waited <= 1.25 * 7
    assert asked == 4


async def test_a_wait_beyond_patience_is_handed_on(open_client: Open, clock: Clock) -> None:
    """An hour is for a person to decide on."""
    began = clock.now
    with pytest.raises(errors.RateLimited) as caught:
        await refused_then_fine(
            open_client, clock, httpx.Response(429, headers={"retry-after": "3600"})
        )
    assert caught.value.retry_after == 3600
    assert clock.now == began
