"""Reading a query string the way the API's PHP does: brackets, pages, ranges.

Invariant: a value of the wrong type is a `Problem` 400, never a crash.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

from starlette.requests import Request

from linkgraph.simulator.behaviour import Behaviour
from linkgraph.simulator.problems import ItemError, Problem, validation_problem

DEFAULT_LIMIT = 50
LONGEST_PAGE = 250

_INDEX = re.compile(r"\[\w*\]")


class Page(NamedTuple):
    """Which part of a list is asked for."""

    number: int
    limit: int

    @property
    def first(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * self.limit

    @property
    def last(self) -> int:
        """Rows up to the end of this page."""
        return self.number * self.limit


class Range(NamedTuple):
    """A closed range of times; None is open."""

    first: int | None
    last: int | None


def bad_parameter(path: str, code: str, detail: str) -> Problem:
    """The 400 about one parameter of a query."""
    return validation_problem({0: [ItemError(code, path, detail)]})


def page_of(request: Request, longest: int = LONGEST_PAGE) -> Page:
    """`page` and `limit`; a limit above the longest falls back to 50, as accounts do."""
    number = _integer(request, "page", 1)
    limit = _integer(request, "limit", DEFAULT_LIMIT)
    return Page(max(number, 1), limit if 1 <= limit <= longest else DEFAULT_LIMIT)


def values_of(request: Request, name: str) -> list[str] | None:
    """A parameter in any of its forms: `name`, `name[]`, `name[0]`; None where there is none."""
    values = [
        value
        for key, value in request.query_params.multi_items()
        if key == name or (key.startswith(name) and _INDEX.fullmatch(key, len(name)))
    ]
    return values or None


def ids_of(request: Request, name: str, behaviour: Behaviour) -> list[int] | None:
    """Ids in the three bracket forms (amocrm-api §1.5); None where the filter is missing."""
    values = values_of(request, name)
    if values is None:
        return None
    ids = []
    for value in values:
        if "," in value and behaviour.comma_ids == "ignore":
            continue
        if not re.fullmatch(r"\d{1,18}", value):
            raise bad_parameter(_dotted(name), "InvalidType", "This value should be of type int.")
        ids.append(int(value))
    return ids


def id_of(request: Request, name: str) -> int | None:
    """One id, or None."""
    return _integer(request, name, None)


def range_of(request: Request, name: str) -> Range | None:
    """`name[from]` and `name[to]`; a scalar is where the range begins (amocrm-api §3)."""
    first = _integer(request, f"{name}[from]", _integer(request, name, None))
    last = _integer(request, f"{name}[to]", None)
    return None if first is None and last is None else Range(first, last)


def words_of(request: Request, name: str) -> list[str]:
    """A list joined by commas, as `with` is."""
    return [word for word in request.query_params.get(name, "").split(",") if word]


def base_of(request: Request) -> str:
    """The address of the account as the client called it."""
    return f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}"


def here(request: Request) -> str:
    """The request's own address, its brackets readable as in the reference's examples."""
    query = request.url.query.replace("%5B", "[").replace("%5D", "]")
    address = base_of(request) + request.url.path
    return f"{address}?{query}" if query else address


def on_page(request: Request, number: int, limit: int | None = None) -> str:
    """The address of another page of the same query; `limit` is added where it is to be shown."""
    items = [item for item in request.query_params.multi_items() if item[0] != "page"]
    if limit is not None:
        items = [item for item in items if item[0] != "limit"] + [("limit", str(limit))]
    query = "&".join(_pairs([("page", str(number)), *items]))
    return f"{base_of(request)}{request.url.path}?{query}"


def _pairs(items: Iterable[tuple[str, str]]) -> Iterable[str]:
    return (f"{quote(key, safe='[]')}={quote(value, safe=',')}" for key, value in items)


def _integer(request: Request, name: str, default: int | None) -> int:
    value = request.query_params.get(name)
    if value is None or value == "":
        return default  # type: ignore[return-value]
    if not re.fullmatch(r"-?\d{1,18}", value):
        raise bad_parameter(_dotted(name), "InvalidType", "This value should be of type int.")
    return int(value)


def _dotted(name: str) -> str:
    return name.replace("][", ".").replace("[", ".").replace("]", "")
