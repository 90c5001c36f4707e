"""Problem bodies of any kind: always one typed error, short, plain and with a remedy."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkgraph import errors
from linkgraph.amocrm.problems import MAX_PROBLEMS, Answer, Redactor, from_answer
from linkgraph.amocrm.routes import Route
from linkgraph.plaintext import plain

ROUTE = Route("leads/links", "GET", "/api/v4/leads/links?filter[entity_id][]=123456789")
REDACT = Redactor("a-secret-token")

_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
_body = st.binary(max_size=60) | st.dictionaries(
    st.sampled_from(["title", "detail", "status", "hint", "retry_after", "validation-errors"]),
    _value | st.lists(st.dictionaries(st.sampled_from(["request_id", "errors", "code"]), _value)),
).map(lambda body: json.dumps(body).encode())


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    status=st.integers(300, 599),
    body=_body,
    retry_after=st.text(max_size=30)
    | st.sampled_from(["Thu, 01 Jan 99999 12:00:00 GMT", "9" * 30, "Thu, 99 Foo 2026 99:99:99 X"]),
    location=st.text(max_size=30),
)
def test_whatever_comes_becomes_one_typed_error(
    status: int, body: bytes, retry_after: str, location: str
) -> None:
    """No body and no header breaks the reading of an error, or makes it longer than a few lines."""
    answer = Answer(status, body, retry_after=retry_after, location=location)
    error = from_answer(ROUTE, answer, REDACT)
    assert error.status == status
    assert error.hint
    assert len(error.message) < 1500
    assert plain(error.message, 2000) == error.message
    assert "123456789" not in error.message
    if isinstance(error, errors.RateLimited):
        assert error.retry_after is None or 0 <= error.retry_after < 1e12


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("1" * 400, id="huge"),
        *["1e400", "-1", "NaN", '"NaN"', "[]", "{}", '""'],
    ],
)
def test_a_wait_that_is_no_number_is_none(number: str) -> None:
    """Only a finite number of seconds is a wait."""
    error = from_answer(ROUTE, Answer(429, f'{{"retry_after": {number}}}'.encode()), REDACT)
    assert isinstance(error, errors.RateLimited)
    assert error.retry_after is None


def test_a_retry_after_alone_is_a_problem_body_too() -> None:
    """The one key that matters is read, whatever else is missing."""
    error = from_answer(ROUTE, Answer(429, b'{"retry_after": 7}'), REDACT)
    assert isinstance(error, errors.RateLimited)
    assert error.retry_after == 7


def test_a_thousand_validation_errors_stay_few() -> None:
    """The first fifty are kept, the first three shown, the rest counted."""
    listed: list[dict[str, Any]] = [
        {
            "request_id": str(item),
            "errors": [{"code": "NotSupportedChoice", "path": "to_entity_id"}],
        }
        for item in range(1000)
    ]
    body = json.dumps({"title": "Bad Request", "validation-errors": listed}).encode()
    error = from_answer(ROUTE, Answer(400, body), REDACT)
    assert isinstance(error, errors.RequestRefused)
    assert [problem.item for problem in error.problems] == list(range(MAX_PROBLEMS))
    assert "and 47 more" in error.message


def test_a_refusal_is_told_from_a_block_by_its_problem_body() -> None:
    """403 with the API's own words is about rights; anything else is the gateway."""
    problem = b'{"title": "Forbidden", "status": 403, "detail": "No rights"}'
    assert isinstance(from_answer(ROUTE, Answer(403, problem), REDACT), errors.RightsMissing)
    for body in (b"", b"<html>403 Forbidden</html>", b'{"error": 1}', b"[]", b'{"tit'):
        assert isinstance(from_answer(ROUTE, Answer(403, body), REDACT), errors.AccountBlocked)


def test_the_redactor_keeps_its_secret() -> None:
    """Not even its own repr shows the token."""
    assert "secret" not in repr(REDACT)
    assert REDACT("Bearer a-secret-token!") == "Bearer [token]!"
