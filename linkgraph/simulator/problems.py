"""Bad news in the API's own words: JSON problems, and the gateway's HTML.

Invariant: a `Problem` is raised before anything was changed, except where the account applies the
good part of a bad write (`partial_400`).
"""

import sys
import traceback
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

PROBLEM_JSON = "application/problem+json"

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Large",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}


class ItemError(msgspec.Struct):
    """What is wrong with one item: FieldMissing, InvalidType and so on (amocrm-api §4)."""

    code: str
    path: str
    detail: str


class Problem(Exception):
    """An answer of application/problem+json."""

    def __init__(self, status: int, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.more = more

    def response(self) -> Response:
        """The answer; the one key with a dash is spelt with an underscore in Python."""
        body = {
            **{
                name.replace("validation_errors", "validation-errors"): value
                for name, value in self.more.items()
            },
            "title": TITLES.get(self.status, "Error"),
            "type": f"https://httpstatus.es/{self.status}",
            "status": self.status,
            "detail": self.detail,
        }
        return Response(msgspec.json.encode(body), self.status, media_type=PROBLEM_JSON)


def validation_problem(errors: Mapping[int, list[ItemError]]) -> Problem:
    """The 400 of a write: each bad item by its index as a string (amocrm-api §1.7)."""
    listed = [{"request_id": str(index), "errors": errors[index]} for index in sorted(errors)]
    return Problem(400, "Request validation failed", validation_errors=listed)


def gateway_page(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """What the web server in front of the API says when it answers by itself (amocrm-api §4)."""
    line = f"{status} {TITLES.get(status, 'Error')}"
    html = (
        f"<html>\r\n<head><title>{line}</title></head>\r\n<body>\r\n"
        f"<center><h1>{line}</h1></center>\r\n<hr><center>nginx</center>\r\n"
        "</body>\r\n</html>\r\n"
    )
    return Response(html, status, headers=dict(headers or {}), media_type="text/html")


async def on_problem(_: Request, problem: Exception) -> Response:
    """Answer a raised problem."""
    assert isinstance(problem, Problem)
    return problem.response()


async def on_crash(_: Request, error: Exception) -> Response:
    """Answer a mistake of the simulator itself, and show it to whoever runs it."""
    if not isinstance(error, ConnectionError):
        traceback.print_exception(error, file=sys.stderr)
    return Problem(500, "An unknown error occurred.").response()


async def on_not_found(request: Request, _: Exception) -> Response:
    """Answer a path that is no route."""
    url = request.url.replace(query="")
    return Problem(404, f"Cannot {request.method} {url}!").response()


async def on_bad_method(_request: Request, _: Exception) -> Response:
    """Answer a method that the route does not know."""
    return Problem(405, "Method Not Allowed").response()
