"""Which tables can be read at a place of a statement, under which name and with which columns.

Pure, and made for statements that are still being typed: what is not understood is passed over.
Understood are FROM and JOIN with aliases, subqueries, WITH, and the columns that these hand on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from queries.scripts import Kind, Token

#: Words that begin a clause.
CLAUSES = frozenset(
    {"select", "from", "join", "where", "group", "order", "having", "limit", "offset", "on"}
    | {"using", "qualify", "window", "union", "intersect", "except"}
)
_SETS = frozenset({"union", "intersect", "except"})
_QUERIES = frozenset({"select", "with", "from", "values"})
#: Words that may follow a table and are no alias of it.
_AFTER_TABLE = CLAUSES | frozenset(
    {"left", "right", "full", "inner", "outer", "cross", "semi", "anti", "asof", "natural", "as"}
    | {"positional", "pivot", "unpivot", "tablesample", "with", "lateral"}
)
_NO_NAMES = frozenset({"end", "null", "true", "false", "asc", "desc"})
#: Subqueries in subqueries that are looked into.
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type as SQL writes it or nothing, the values of an enumerated one."""

    name: str
    type: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Something with columns that a statement reads, or may read."""

    name: str
    """By which it is called here: its alias, if it has one."""
    columns: tuple[Column, ...]
    told: str = ""
    """What it is by itself: the table's own name."""
    is_read: bool = False
    """Whether it stands in a FROM or JOIN that can be seen from here."""
    is_common: bool = False
    """Whether a WITH made it."""


def sources_at(stream: Sequence[Token], at: int, tables: Mapping[str, Source]) -> list[Source]:
    """What can be read at a token of a statement, the nearest first.

    Args:
        stream: the tokens of one statement.
        at: place of the token; that of the end is one more than the last.
        tables: the snapshot's, by name.
    """
    return _Scopes(stream).at(at, tables)


class _Scopes:
    def __init__(self, stream: Sequence[Token]) -> None:
        self._stream = stream
        self._closing: dict[int, int] = {}
        opened: list[int] = []
        for number in range(len(stream)):
            if self._is(number, "("):
                opened.append(number)
            elif self._is(number, ")") and opened:
                self._closing[opened.pop()] = number

    def at(self, at: int, tables: Mapping[str, Source]) -> list[Source]:
        known = dict(tables)
        found: list[Source] = []
        for begin, end in self._around(at):
            common = self._common(begin, end, known, 0)
            known |= common
            read = [replace(one, is_read=True) for one in self._read(begin, end, known, 0, at)]
            found = [*read, *common.values(), *found]
        return found

    def _around(self, at: int) -> list[tuple[int, int]]:
        """The queries around a token, the outermost first."""
        end = len(self._stream)
        around = [(0, end)]
        for opening in range(min(at, end)):
            closing = self._closing.get(opening, end)
            if self._is(opening, "(") and closing >= at and self._word(opening + 1) in _QUERIES:
                around.append((opening + 1, closing))
        return around[-_DEEPEST:]

    def _common(
        self, begin: int, end: int, known: Mapping[str, Source], depth: int
    ) -> dict[str, Source]:
        """What the WITH at the beginning of a query makes."""
        found: dict[str, Source] = {}
        if self._word(begin) != "with" or depth > _DEEPEST:
            return found
        place = begin + (2 if self._word(begin + 1) == "recursive" else 1)
        while place < end and (name := self._name(place)):
            place, renamed = self._names_in_brackets(place + 1)
            while place < end and self._word(place) in ("as", "not", "materialized"):
                place += 1
            if not self._is(place, "("):
                break
            closing = self._closing.get(place, end)
            columns = self._output(place + 1, closing, {**known, **found}, depth + 1)
            found[name.lower()] = Source(name, _renamed(columns, renamed), "with", is_common=True)
            place = closing + 1
            if not self._is(place, ","):
                break
            place += 1
        return found

    def _read(
        self, begin: int, end: int, known: Mapping[str, Source], depth: int, at: int = -1
    ) -> list[Source]:
        """What a query reads; of queries joined by UNION that around `at`, else the first."""
        found: list[Source] = []
        clause, place = "", begin
        while place < end:
            word = self._word(place)
            if word in _SETS:
                if at <= place:
                    break
                found, clause = [], ""
            elif word in ("from", "join"):
                clause = "from"
                place, read = self._table(place + 1, end, known, depth)
                found += read
                continue
            elif word in CLAUSES:
                clause = word
            elif self._is(place, ",") and clause == "from":
                place, read = self._table(place + 1, end, known, depth)
                found += read
                continue
            place = self._closing.get(place, place) + 1
        return found

    def _table(
        self, place: int, end: int, known: Mapping[str, Source], depth: int
    ) -> tuple[int, list[Source]]:
        """The table that stands at a place, and where to go on."""
        if self._word(place) == "lateral":
            place += 1
        columns: tuple[Column, ...] = ()
        name = ""
        if self._is(place, "("):
            closing = self._closing.get(place, end)
            if self._word(place + 1) not in _QUERIES:
                return closing + 1, self._read(place, closing, known, depth)
            if depth < _DEEPEST:
                columns = self._output(place + 1, closing, known, depth + 1)
            place = closing + 1
        else:
            name = self._name(place)
            if not name or self._word(place) in _AFTER_TABLE:
                return place, []
            while self._is(place + 1, ".") and self._name(place + 2):
                place, name = place + 2, self._name(place + 2)
            place += 1
            if self._is(place, "("):  # a function
                place = self._closing.get(place, end) + 1
            elif name.lower() in known:
                columns = known[name.lower()].columns
        told = name
        if self._word(place) == "as":
            place += 1
        if place < end and self._name(place) and self._word(place) not in _AFTER_TABLE:
            name = self._name(place)
            place += 1
        place, renamed = self._names_in_brackets(place)
        return place, [Source(name, _renamed(columns, renamed), told)] if name else []

    def _output(
        self, begin: int, end: int, known: Mapping[str, Source], depth: int
    ) -> tuple[Column, ...]:
        """The columns that a query hands on."""
        known = {**known, **self._common(begin, end, known, depth)}
        read = self._read(begin, end, known, depth)
        place = begin
        while place < end and self._word(place) != "select":
            place = self._closing.get(place, place) + 1
        if place >= end:
            return tuple(column for source in read for column in source.columns)
        return tuple(
            column for item in self._items(place + 1, end) for column in self._made(item, read)
        )

    def _items(self, place: int, end: int) -> Iterator[list[int]]:
        """The places of the tokens of each item of a SELECT, without what is in brackets."""
        item: list[int] = []
        while place < end and self._word(place) not in CLAUSES:
            if self._is(place, ","):
                yield item
                item = []
            elif self._word(place) not in ("distinct", "all"):
                item.append(place)
            place = self._closing.get(place, place) + 1
        yield item

    def _made(self, item: list[int], read: list[Source]) -> Iterator[Column]:
        """The columns that one item of a SELECT makes."""
        if not item:
            return
        if self._is(item[0], "*"):
            yield from (column for source in read for column in source.columns)
            return
        if len(item) > 2 and self._is(item[1], ".") and self._is(item[2], "*"):
            owner = self._name(item[0]).lower()
            yield from (c for one in read if one.name.lower() == owner for c in one.columns)
            return
        name = self._name(item[-1])
        if not name or self._word(item[-1]) in _NO_NAMES:
            return
        whole = len(item) == 1 or (len(item) == 3 and self._is(item[1], "."))
        columns = (column for source in read for column in source.columns if whole)
        yield next((one for one in columns if one.name == name.lower()), Column(name))

    def _names_in_brackets(self, place: int) -> tuple[int, list[str]]:
        """The names of `(a, b)` at a place, and where to go on; nothing of a query in brackets."""
        if not self._is(place, "(") or self._word(place + 1) in _QUERIES:
            return place, []
        closing = self._closing.get(place, len(self._stream))
        names = [self._name(n) for n in range(place + 1, closing) if self._name(n)]
        return closing + 1, names

    def _is(self, place: int, sign: str) -> bool:
        one = self._stream[place] if 0 <= place < len(self._stream) else None
        return one is not None and one.kind is Kind.SIGN and one.text == sign

    def _word(self, place: int) -> str:
        """The keyword at a place; nothing where something else stands."""
        one = self._stream[place] if 0 <= place < len(self._stream) else None
        return one.text if one is not None and one.kind is Kind.KEYWORD else ""

    def _name(self, place: int) -> str:
        """The word at a place, be it a keyword or not."""
        one = self._stream[place] if 0 <= place < len(self._stream) else None
        return one.text if one is not None and one.kind in (Kind.NAME, Kind.KEYWORD) else ""


def _renamed(columns: tuple[Column, ...], names: list[str]) -> tuple[Column, ...]:
    if not names:
        return columns
    rest = columns[len(names) :]
    kept = [replace(one, name=name) for name, one in zip(names, columns, strict=False)]
    made = [Column(name) for name in names[len(columns) :]]
    return (*kept, *made, *rest)
