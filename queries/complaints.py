"""What DuckDB says of a statement, said in one line, with the place."""

import re

from linkgraph.errors import QueryError, QueryForbidden, QueryStopped
from linkgraph.plaintext import plain

_KIND = re.compile(r"^(?:[A-Z][A-Za-z]*(?: [A-Za-z]+){0,3}|INTERRUPT) Error: ")
_PLACE = re.compile(r"\n+LINE (?P<line>\d+): (?P<text>.*)\n(?P<space> *)\^", re.DOTALL)
_HINTS = re.compile(r"\n(?P<hint>(?:Did you mean|Candidate (?:bindings|tables))[^\n]*)")
_ELLIPSIS = "..."
_UNGIVEN = re.compile(r"Values were not provided for .*parameters?: (?P<names>.*)")
_EXCESS = re.compile(r"identifiers of the excess parameters: (?P<names>.*)")


def query_error(complaint: str, sql: str) -> QueryError:
    """DuckDB's complaint about `sql` as an error of ours, with message, hint and position."""
    if "INTERRUPT Error" in complaint:
        return QueryStopped("the query was cancelled")
    text, place = complaint, _PLACE.search(complaint)
    if place is not None:
        text = complaint[: place.start()]
    hint = _HINTS.search(text)
    message = _KIND.sub("", text).partition("\n")[0].strip()
    if "Permission Error" in complaint or "configuration has been locked" in complaint:
        return QueryForbidden(
            f"only the snapshot can be read: {plain(message)}",
            hint="write a SELECT over its tables",
        )
    if "Out of Memory Error" in complaint:
        return QueryError(
            "the query needs more memory than it may take",
            hint="select fewer rows or columns, or allow more memory",
        )
    if (ungiven := _UNGIVEN.search(message)) is not None:
        names = [f"${name.strip()}" for name in ungiven["names"].split(",")]
        return QueryError(
            f"no value was given for {plain(', '.join(names), 200)}",
            hint=f"write it in its place, or give it: -p {plain(names[0][1:], 60)}=VALUE",
        )
    if (excess := _EXCESS.search(message)) is not None:
        return QueryError(
            f"the query has no parameter {plain(excess['names'], 200)}",
            hint="write it as $name where its value is to stand",
        )
    return QueryError(
        plain(message) or "the query failed",
        hint=plain(hint["hint"]) if hint else "",
        position=_position(place, sql) if place else None,
    )


def _position(place: re.Match[str], sql: str) -> int | None:
    """The offset in `sql` of the place under the caret.

    DuckDB shows a piece of the line when the line is long, between ellipses.
    """
    lines = sql.split("\n")
    number = int(place["line"])
    if number > len(lines):
        return None
    line, shown = lines[number - 1], place["text"]
    column = len(place["space"]) - len(f"LINE {number}: ")
    if not line.startswith(shown):
        piece = shown.removeprefix(_ELLIPSIS).removesuffix(_ELLIPSIS)
        start = line.find(piece)
        if start < 0:
            return None
        column += start - (len(_ELLIPSIS) if shown.startswith(_ELLIPSIS) else 0)
    return sum(len(before) + 1 for before in lines[: number - 1]) + min(max(column, 0), len(line))
