"""Answers that are not what was asked for, as typed errors.

Each error names the request (method and path, never the ids), the status and the remedy. Whatever
the server wrote is foreign text: redacted, made plain, cut. No header is ever quoted.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from linkgraph import errors
from linkgraph.amocrm.routes import Route
from linkgraph.plaintext import plain

MAX_PROBLEMS = 50
"""Validation errors kept of one refusal; a request has at most 250 items."""
_DETAIL = 300
_MAX_TEXT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, stripped of the HTTP library: the client's inner parts talk in these."""

    status: int
    body: bytes
    content_type: str = ""
    retry_after: str = ""
    location: str = ""

    @property
    def is_html(self) -> bool:
        """Whether it is a page for people, as gateways and other sites send.

        The content type alone does not tell: PHP sends an empty body as text/html.
        """
        start = self.body[:64].lstrip()[:1]
        return start == b"<" or ("html" in self.content_type and start not in {b"", b"{", b"["})


@dataclass(frozen=True, slots=True)
class Redactor:
    """Takes the token out of whatever a server may have echoed."""

    token: str

    def __call__(self, text: str) -> str:
        return text.replace(self.token, "[token]") if self.token else text

    def __repr__(self) -> str:
        return "Redactor()"


def from_answer(
    route: Route, answer: Answer, redact: Redactor, *, now: datetime | None = None
) -> errors.ApiError:
    """The error that an answer other than 200 and 204 stands for."""
    problem = _problem(answer)
    said = _said(problem, redact)
    status = answer.status
    request = name_of(route)
    if status == 429:
        return errors.RateLimited(
            _message("too many requests", said),
            request=request,
            hint="the budget is 7 requests a second, shared by all that use this integration: "
            "lower the rate, or let the others finish",
            retry_after=retry_after(answer, _object(answer), now or datetime.now(UTC)),
        )
    if status in {400, 422}:
        problems = tuple(_field_problems(problem, redact))
        return errors.RequestRefused(
            _message(f"the CRM refused the request with {status}", said, problems),
            request=request,
            status=status,
            hint="nothing of the request was applied; correct the items named and ask again",
            problems=problems,
        )
    if 300 <= status < 400:
        where = plain(redact(re.sub(r"[?#].*", "", answer.location)), 80)
        return errors.NotAmoCRM(
            f"the address sends elsewhere ({status} to «{where}»), and a token follows no redirect",
            request=request,
            status=status,
            hint="check the account's address: it may have been renamed",
        )
    if status in {404, 405} and problem is None:
        return not_amocrm(route, answer)
    if status == 403 and problem is None:
        return blocked(route)
    kind, message, hint = _BY_STATUS.get(status, _ODD if status < 500 else _FAILED)
    return kind(_message(f"{message} ({status})", said), request=request, status=status, hint=hint)


def blocked(route: Route | None = None) -> errors.AccountBlocked:
    """The gateway shut the door (amocrm-api section 4): why, and what to do."""
    return errors.AccountBlocked(
        "the CRM's gateway blocks this account's API (403 without a reason), as it does after "
        "repeated breaches of its limits; all requests were stopped",
        request=name_of(route) if route else "",
        status=403,
        hint="do not try again, it prolongs the block: stop whatever else uses the API, and ask "
        "the CRM's support to lift it",
    )


def not_amocrm(route: Route, answer: Answer) -> errors.NotAmoCRM:
    """Something answers at the address, and it is not the API."""
    return errors.NotAmoCRM(
        f"what answers at this address is not amoCRM's API: {_sort_of(answer)} came back "
        f"({answer.status})",
        request=name_of(route),
        status=answer.status,
        hint="check the account's address; behind a proxy or a login page the API is out of reach",
    )


def malformed(
    route: Route, answer: Answer, why: str, redact: Redactor, *, retryable: bool
) -> errors.InvalidAnswer:
    """A 200 whose body cannot be read."""
    error = errors.InvalidAnswer(
        plain(redact(why), _DETAIL),
        request=name_of(route),
        status=answer.status,
        hint="ask again; if it stays, the API has changed or a proxy alters its answers",
    )
    error.retryable = retryable
    return error


def name_of(route: Route) -> str:
    """Method and path, short enough for a line."""
    return plain(str(route), 80)


def retry_after(answer: Answer, body: dict[str, Any] | None, now: datetime) -> float | None:
    """The wait that was asked for, in seconds: the header (seconds or a date), then the body."""
    header = answer.retry_after.strip()
    if header:
        if re.fullmatch(r"\d{1,9}(?:\.\d*)?", header):
            return float(header)
        try:
            moment = parsedate_to_datetime(header)
        except ValueError:
            moment = None
        if moment is not None:
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return max(0.0, (moment - now).total_seconds())
    try:
        seconds = float((body or {})["retry_after"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and 0 <= seconds < 1e9 else None


_Sort = tuple[type[errors.ApiError], str, str]
_BY_STATUS: dict[int, _Sort] = {
    401: (
        errors.Unauthorized,
        "the CRM does not accept the token",
        "it may be wrong, expired or revoked, or belong to another account: make a new one in the "
        "integration's settings and run «linkgraph account add» again",
    ),
    402: (
        errors.PaymentRequired,
        "the account is unpaid, or its plan does not include this",
        "see the account's billing page",
    ),
    403: (
        errors.RightsMissing,
        "the token's user may not do this",
        "give the user the rights in the CRM, or use the token of one who has them",
    ),
    404: (errors.NotFound, "there is no such thing", "check the id; it may have been deleted"),
    405: (errors.NotFound, "the API has no such request", "this account may lack the feature"),
    413: (errors.RequestTooLong, "the request is too large", "ask for fewer cards at once"),
    414: (errors.RequestTooLong, "the request is too long", "ask for fewer cards at once"),
    504: (
        errors.GatewayTimeout,
        "the CRM took too long to answer",
        "ask for fewer cards at once",
    ),
}
_FAILED: _Sort = (errors.ServerFailed, "the CRM failed", "try again in a while")
_ODD: _Sort = (
    errors.InvalidAnswer,
    "the CRM answered with a status that its reference does not know",
    "try again in a while",
)


def _problem(answer: Answer) -> dict[str, Any] | None:
    """The body as a problem document, None where it is none (HTML, nothing, other JSON)."""
    body = _object(answer)
    known = ("title", "detail", "status", "type", "hint", "validation-errors")
    return body if body is not None and any(key in body for key in known) else None


def _object(answer: Answer) -> dict[str, Any] | None:
    try:
        body = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _said(problem: dict[str, Any] | None, redact: Redactor) -> str:
    """The server's own words: the detail, with the title where it adds something."""
    if problem is None:
        return ""
    texts = [problem.get("title"), problem.get("detail"), problem.get("hint")]
    words = [redact(text[:_MAX_TEXT]) for text in texts if isinstance(text, str) and text]
    return plain(": ".join(dict.fromkeys(words)), _DETAIL)


def _message(message: str, said: str, problems: tuple[errors.FieldProblem, ...] = ()) -> str:
    parts = [message, *([f"«{said}»"] if said else []), *(str(one) for one in problems[:3])]
    more = f"; and {len(problems) - 3} more" if len(problems) > 3 else ""
    return "; ".join(parts) + more


def _field_problems(
    problem: dict[str, Any] | None, redact: Redactor
) -> Iterable[errors.FieldProblem]:
    """The validation errors, item by item (amocrm-api section 1.7: `request_id` is the index)."""
    return field_problems((problem or {}).get("validation-errors"), redact)


def field_problems(listed: Any, redact: Redactor) -> list[errors.FieldProblem]:
    """Read a list of validation errors, whatever it holds; at most `MAX_PROBLEMS`."""
    found: list[errors.FieldProblem] = []
    for entry in listed if isinstance(listed, list) else []:
        inner = entry.get("errors") if isinstance(entry, dict) else None
        for one in inner if isinstance(inner, list) else [entry]:
            if len(found) == MAX_PROBLEMS:
                return found
            if isinstance(one, dict):
                found.append(
                    errors.FieldProblem(
                        item=_index(entry.get("request_id")),
                        code=_text(one.get("code"), redact),
                        path=_text(one.get("path"), redact),
                        detail=_text(one.get("detail"), redact),
                    )
                )
    return found


def _index(value: Any) -> int | None:
    return int(value) if re.fullmatch(r"\d{1,6}", str(value), re.ASCII) else None


def _text(value: Any, redact: Redactor) -> str:
    if isinstance(value, list):
        value = ".".join(str(part) for part in value[:10])
    return plain(redact(str(value)[:_MAX_TEXT]), 120) if value is not None else ""


def _sort_of(answer: Answer) -> str:
    if answer.is_html:
        return "a web page"
    return "something else" if answer.body.strip() else "nothing"
